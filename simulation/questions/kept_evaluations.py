"""Evaluations of a search, kept as they come: one that was interrupted goes on with what it has found."""

from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from simulation.forecast.run_store import RunStore

R = TypeVar("R")
MOST = 2**63 - 1


class KeptEvaluations(Generic[R]):
    """Results of one kind, a dataclass of arrays or numbers, by what was evaluated. `folder`: None keeps nothing."""

    def __init__(self, folder: Path | None, key: str, kind: type[R]) -> None:
        self._store = RunStore(folder, key, kind) if folder else None
        self._found: dict[int, R] = self._store.load(MOST) if self._store else {}
        self._new: dict[int, R] = {}

    def get(self, *what: object) -> R | None:
        return self._found.get(_number(what))

    def require(self, *what: object) -> R:
        """Raises `LookupError` where it was not evaluated: a mean of the others would look like an answer."""
        found = self.get(*what)
        if found is None:
            raise LookupError(f"not evaluated: {what}")
        return found

    def add(self, result: R, *what: object) -> None:
        self._found[_number(what)] = self._new[_number(what)] = result

    def save(self) -> None:
        """Write what was added since the last time; raises `OSError` where the disk does not take it."""
        if self._store:
            self._store.keep(self._new)
        self._new = {}


def _number(what: tuple[object, ...]) -> int:
    """A number of 56 bits for what was evaluated, by its `repr`."""
    return int.from_bytes(sha256(repr(what).encode()).digest()[:7])
