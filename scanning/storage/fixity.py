"""Fixity: reading every stored file again and comparing it with its name, on demand and in turns (A.T.4, A.IS.1).

Every difference is in one of three lists: changed, missing, untracked. The store is read in 256 parts
by the first two digits of the hash; each part remembers when it was last read, so a schedule reads the oldest first and
the age of the oldest check is known.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from scanning.storage.content_store import ContentStore
from scanning.storage.file_io import drop_cache, hash_rest, storage_errors
from workflow.engine.store.durable_files import write_atomically
from workflow.errors import StoreFull

PARTS = tuple(f"{number:02x}" for number in range(256))


class Fixity(NamedTuple):
    """What a check found; hashes, or paths within the store for what has no right name."""

    checked: int
    changed: tuple[str, ...]
    """Not what was written, or not readable; in quarantine too."""
    missing: tuple[str, ...]
    """Expected and not there."""
    untracked: tuple[str, ...]
    """There and not expected: orphans of interrupted work, or put there by somebody."""

    @property
    def intact(self) -> bool:
        """Whether everything expected is there, unchanged; orphans do no harm."""
        return not self.changed and not self.missing


def check(
    store: ContentStore, expected: Iterable[str], now: datetime, parts: Sequence[str] = PARTS,
    allowed: Container[str] = frozenset(), progress: Callable[[str], None] = lambda _: None,
) -> Fixity:  # fmt: skip
    """Read some parts of the store, or all, against the hashes that the log names; `allowed` may be there or not.

    `progress` is called with each part before it is read.
    """
    wanted: dict[str, set[str]] = {part: set() for part in parts}
    for digest in expected:
        if digest[:2] in wanted:
            wanted[digest[:2]].add(digest)
    checked, changed, missing, untracked = 0, [], [], []
    for part in parts:
        progress(part)
        seen = set()
        for path in _list_files(store.root / "objects" / part):
            name = path.name
            if path.is_symlink() or not path.is_file() or path != store.root / "objects" / part / name[2:4] / name:
                untracked.append(str(path.relative_to(store.root)))
                continue
            seen.add(name)
            checked += 1
            if not has_hash(path, name):
                changed.append(name)
            elif name not in wanted[part] and name not in allowed:
                untracked.append(name)
        missing += sorted(wanted[part] - seen)
        for path in _list_files(store.root / "quarantine" / part):
            if path.suffix != ".json":
                checked += 1
                if not has_hash(path, path.name):
                    changed.append(str(path.relative_to(store.root)))
        if (store.root / "objects" / part).is_dir():
            with (
                suppress(StoreFull),
                storage_errors(),
            ):  # on a full disk files are read all the same, and again next time
                write_atomically(store.root / "fixity" / part, now.isoformat())
    if set(parts) == set(PARTS):
        untracked += _list_misplaced(store)
    return Fixity(checked, tuple(changed), tuple(missing), tuple(untracked))


def read_check_times(store: ContentStore) -> dict[str, datetime | None]:
    """Time at which each part that holds files was last read; None where it never was."""
    found: dict[str, datetime | None] = {}
    for part in PARTS:
        if (store.root / "objects" / part).is_dir():
            note = store.root / "fixity" / part
            found[part] = datetime.fromisoformat(note.read_text(encoding="ascii")) if note.is_file() else None
    return found


def find_oldest_check(store: ContentStore) -> datetime | None:
    """Time of the oldest check: every file was read then or later. None where some file never was."""
    times = list(read_check_times(store).values())
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def list_due_parts(store: ContentStore, now: datetime, every: timedelta) -> list[str]:
    """Parts not read for `every`, those read longest ago first; a schedule passes them to `check`."""
    times = read_check_times(store)
    late = [part for part, time in times.items() if time is None or now - time >= every]
    return sorted(late, key=lambda part: (times[part] is not None, times[part] or now, part))


def has_hash(path: Path, digest: str) -> bool:
    """Whether a file's bytes, read from the disk, have that SHA-256; not where it cannot be read."""
    try:
        with path.open("rb") as file:
            drop_cache(file)
            return hash_rest(file)[0] == digest
    except OSError:
        return False


def _list_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _list_misplaced(store: ContentStore) -> list[str]:
    """Paths of files where the layout of the store has none."""
    places = {"objects", "quarantine", "incoming", "fixity", "eva-content-1.txt"}
    found = [path for path in store.root.iterdir() if path.name not in places]
    for kind in ("objects", "quarantine"):
        found += [path for path in (store.root / kind).iterdir() if path.name not in PARTS or not path.is_dir()]
    found += list((store.root / "incoming").iterdir())
    return sorted(str(path.relative_to(store.root)) for path in found)
