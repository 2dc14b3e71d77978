"""Runs that were computed before are kept on disk and never computed again.

They lie in one folder per scenario, seed, mode and state of this program, in blocks of up to `BLOCK` runs, as arrays
without any code in them. The folder is bounded: what was not used for longest goes first. A block that cannot be read
counts as not there.
"""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

BLOCK = 100
MOST_BYTES = 600_000_000
LIBRARIES = ("numpy", "numba", "scipy", "simpy", "networkx", "holidays", "pydantic")
"""What the results of a run depend on besides our own source."""

R = TypeVar("R")


class RunStore(Generic[R]):
    """The kept runs of one kind, a dataclass of arrays, for one key."""

    def __init__(self, folder: Path, key: str, kind: type[R]) -> None:
        self.folder = folder / key
        self._kind, self._root = kind, folder

    def load(self, most: int) -> dict[int, R]:
        """The kept runs with a number below `most`."""
        found: dict[int, R] = {}
        for path in sorted(self.folder.glob(f"{self._kind.__name__}-*.npz")):
            if int(path.stem.split("-")[1]) < most:
                found |= {number: run for number, run in self._read(path) if number < most}
        if found:
            with suppress(OSError):
                os.utime(self.folder)
        return found

    def keep(self, runs: Mapping[int, R]) -> None:
        """Keep runs, and make room; raises `OSError` where the disk does not take them."""
        numbers = sorted(runs)
        if not numbers:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(numbers), BLOCK):
            self._write({number: runs[number] for number in numbers[first : first + BLOCK]})
        make_room(self._root, MOST_BYTES, self.folder)

    def _read(self, path: Path) -> Iterator[tuple[int, R]]:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                numbers = stored["numbers"].tolist()
                columns = [stored[field.name] for field in fields(self._kind)]  # type: ignore[arg-type]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            with suppress(OSError):
                path.unlink()
            return
        for n, number in enumerate(numbers):
            yield number, self._kind(*(column[n] for column in columns))

    def _write(self, runs: Mapping[int, R]) -> None:
        arrays: dict[str, Any] = {"numbers": np.array(list(runs))}
        for field in fields(self._kind):  # type: ignore[arg-type]
            arrays[field.name] = np.stack([getattr(run, field.name) for run in runs.values()])
        name = f"{self._kind.__name__}-{min(runs):07}-{max(runs):07}.npz"
        handle, part = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)
            Path(part).replace(self.folder / name)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise


def make_key(digest: str, mode: str, seed: int) -> str:
    """A name for all that decides what the runs of a scenario give."""
    return sha256(f"{digest}/{mode}/{seed}/{hash_program()}".encode()).hexdigest()[:32]


@cache
def hash_program() -> str:
    """Of everything in this program that a run is computed with, and of the libraries beneath it."""
    package = Path(__file__).parents[1]
    rooms = [path for path in package.rglob("*.py") if path.parent.name not in {"charts", "report", "answers"}]
    content = [path.read_bytes() for path in sorted([*rooms, package.parent / "workflow/organisation/working_days.py"])]
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return sha256(b"\0".join([libraries.encode(), *content])).hexdigest()


def make_room(folder: Path, most_bytes: int, kept: Path) -> None:
    """Remove the folders that were not used for longest until all have at most so many bytes; `kept` stays."""
    entries = sorted((entry for entry in folder.iterdir() if entry.is_dir()), key=_get_age, reverse=True)
    total = sum(map(_measure_size, entries))
    for entry in entries:
        if total <= most_bytes:
            return
        if entry != kept:
            total -= _measure_size(entry)
            shutil.rmtree(entry, ignore_errors=True)


def _get_age(entry: Path) -> float:
    with suppress(OSError):
        return -entry.stat().st_mtime
    return 0.0


def _measure_size(entry: Path) -> int:
    return sum(_size(path) for path in entry.iterdir()) if entry.exists() else 0


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
