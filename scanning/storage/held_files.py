"""Rejected and unfinished files: how much room they take, a bound for it, a list of them, and deleting them.

Nothing is dropped by itself: paper may pass the scanner only once, so somebody looks before rejected bytes go. Where
they take too much room, no further file is taken in until somebody has looked.
"""

import time
from collections.abc import Iterator
from json import loads
from pathlib import Path
from shutil import disk_usage
from typing import Any, NamedTuple

from workflow.engine.store.durable_files import sync_path
from workflow.errors import NotFound, StoreFull

MOST = 20 * 2**30
"""Bytes; on a small disk a tenth of it."""
COUNTED_EVERY = 30.0
"""Seconds for which a count holds."""


class Usage(NamedTuple):
    files: int
    bytes: int


class Rejected(NamedTuple):
    """A file in quarantine with the notes of each time that it was rejected."""

    sha256: str
    size: int
    notes: list[dict[str, Any]]


class HeldFiles:
    """Quarantine and `incoming/` of the store in a folder."""

    def __init__(self, root: Path, most: int | None = None) -> None:
        self._root = root
        self._most = most
        self._counted = -COUNTED_EVERY
        self._bytes = 0

    @property
    def most(self) -> int:
        """How many bytes may lie there."""
        return self._most if self._most is not None else min(MOST, disk_usage(self._root).total // 10)

    def check_room(self) -> None:
        """Raise `StoreFull` where too much lies there."""
        if time.monotonic() - self._counted >= COUNTED_EVERY:
            self._bytes = self.measure("quarantine").bytes + self.measure("incoming").bytes
            self._counted = time.monotonic()
        if self._bytes > self.most:
            raise StoreFull(
                f"rejected and unfinished files take {self._bytes:,} bytes, at most {self.most:,} are allowed; look at "
                "them (eva product quarantine)",
                "Abgewiesene und unfertige Dateien nehmen zu viel Platz ein",
            )

    def add(self, size: int) -> None:
        """Count what was written since the last count."""
        self._bytes += size

    def measure(self, kind: str) -> Usage:
        """Room that `quarantine` or `incoming` takes."""
        sizes = [size for path in (self._root / kind).rglob("*") if (size := _size(path)) is not None]
        return Usage(len(sizes), sum(sizes))

    def list_rejected(self) -> Iterator[Rejected]:
        """What is in quarantine, by hash."""
        for path in sorted((self._root / "quarantine").glob("*/*/*")):
            if path.suffix != ".json":
                notes = sorted(path.parent.glob(f"{path.name}.*.json"), key=lambda note: int(note.suffixes[0][1:]))
                yield Rejected(path.name, _size(path) or 0, [loads(note.read_bytes()) for note in notes])

    def delete(self, digest: str) -> None:
        """Delete a rejected file and its notes for good; `NotFound`."""
        place = self._root / "quarantine" / digest[:2] / digest[2:4] / digest
        if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not place.is_file():
            raise NotFound("file in quarantine", digest)
        for path in (*place.parent.glob(f"{digest}.*.json"), place):
            path.unlink(missing_ok=True)
        sync_path(place.parent)
        self._counted = -COUNTED_EVERY


def _size(path: Path) -> int | None:
    """None for a folder, and for what has gone meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else None
    except FileNotFoundError:
        return None
