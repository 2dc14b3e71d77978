"""Content-addressed store on disk: a file lies under its SHA-256 and is never overwritten (TR-03138 A.T.4).

Writing: a new file in the store, fsync, link to its name without overwriting, fsync of the folder, read back from disk
and compare; only then does the call return, and only then may an event name the hash. So an orphan is possible and
harmless, a missing file is not possible. Rejected bytes go to quarantine in the same way.

    eva-content-1.txt                 says all this to whoever finds the folder
    objects/ab/cd/<sha256>            the bytes, nothing else
    quarantine/ab/cd/<sha256>         rejected bytes, with <sha256>.1.json, ….2.json: name, reason, time
    incoming/                         files in the making
    fixity/ab                         when the objects beginning with ab were last read and compared

An archive reads it with `sha256sum` and nothing of ours (after OCFL: complete, parsable, robust).
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from shutil import disk_usage
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.file_io import drop_cache, hash_rest, open_to_sync, protect, storage_errors
from scanning.storage.held_files import HeldFiles
from workflow.engine.store.durable_files import make_folder, sync, sync_path, write_atomically
from workflow.errors import Corrupted, NotFound

_ABOUT = """\
eva content store, layout 1

objects/ab/cd/<sha256>      a file's bytes; its name is the SHA-256 of its content (check: sha256sum)
quarantine/ab/cd/<sha256>   bytes that were refused; <sha256>.1.json, … say when, under which name and why
incoming/                   files in the making; may be deleted when nothing runs
fixity/ab                   when the objects beginning with ab were last checked

Which file belongs to what stands in the event log.
Welche Datei wozu gehört, steht im Ereignisprotokoll.
"""

Step = Callable[[str], None]
"""Called with the name of each step of writing as it is reached; tests stop the process there."""

_ERASING = "erase-"
"""Prefix of the name of a file about to be erased."""


class Incoming(NamedTuple):
    """A file received and synced, not yet under its name."""

    path: Path
    sha256: str
    size: int


class Evidence(NamedTuple):
    """That a file is durably there: what was written, what was synced, and what was read back from the disk."""

    sha256: str
    size: int
    file_synced: bool
    folder_synced: bool
    read_back_sha256: str


def ignore_step(_step: str) -> None:
    """Does nothing at any step."""


class ContentStore:
    """The store on disk; safe to use from many threads and processes."""

    def __init__(self, root: Path, on_step: Step = ignore_step) -> None:
        self.root = root
        self.on_step = on_step
        self.held = HeldFiles(root)
        self._synced: set[Path] = set()
        """Folders that this process knows to be durable."""
        with storage_errors():
            for folder in ("objects", "quarantine", "incoming", "fixity"):
                make_folder(root / folder)
            about = root / "eva-content-1.txt"
            if not about.exists():
                write_atomically(about, _ABOUT)
            for moved in (root / "incoming").glob(f"{_ERASING}*"):  # left by a process that ended before it erased them
                self._restore(moved, self._object(moved.name.removeprefix(_ERASING)))

    def receive(self, source: Iterable[bytes], limit: int, name: str = "", now: datetime | None = None) -> Incoming:
        """Write bytes to a file in the making, synced and hashed.

        Raises `FileRejected` (`too_big`) beyond `limit` bytes; with `now`, what has arrived goes to quarantine.
        `StoreFull` where the disk has no room, or too much lies in quarantine.
        """
        self.held.check_room()
        with storage_errors(), self._new_file() as file:
            digest, size = sha256(), 0
            for block in source:
                digest.update(block)
                size += len(block)
                file.write(block)
                if size > limit:
                    break
            sync(file)
        incoming = Incoming(Path(file.name), digest.hexdigest(), size)
        self.on_step("received")
        if size > limit:
            rejected = FileRejected(RejectionReason.TOO_BIG, f"> {limit} bytes")
            if now is not None:
                self.quarantine(incoming, name, rejected, now)
            raise rejected
        return incoming

    def new_draft(self) -> Path:
        """Path of a new empty file in `incoming/` for a reader process to write to; then `adopt` it."""
        with storage_errors(), self._new_file() as file:
            return Path(file.name)

    def adopt(self, path: Path) -> Incoming:
        """Sync and hash a file that a reader process has written to a draft."""
        with storage_errors(), open_to_sync(path) as file:
            os.fsync(file.fileno())
            digest, size = hash_rest(file)
        return Incoming(path, digest, size)

    def keep(self, incoming: Incoming) -> Evidence:
        """Give a file its name: linked without overwriting, file and folder synced, read back and compared.

        Raises `Corrupted` where other bytes are read back, `StoreFull`, `StoreUnavailable`; then no event may name it.
        """
        return self._link_and_verify(incoming, self._object(incoming.sha256))

    def put(self, data: bytes) -> Evidence:
        """Store bytes; as `receive` and `keep`."""
        return self.keep(self.receive((data,), len(data)))

    def quarantine(self, incoming: Incoming, name: str, rejected: FileRejected, now: datetime) -> str:
        """Keep rejected bytes, and a note with name, reason and time for each rejection; their SHA-256."""
        place = self._place("quarantine", incoming.sha256)
        self.held.add(incoming.size)
        self._link_and_verify(incoming, place)
        note = {"name": name, "reason": rejected.reason, "detail": rejected.detail, "time": now.isoformat(),
                "size": incoming.size}  # fmt: skip
        with storage_errors():
            self._write_note(place, json.dumps(note, ensure_ascii=False, indent=1).encode())
        rejected.sha256 = incoming.sha256
        self.on_step("quarantined")
        return incoming.sha256

    def discard(self, incoming: Incoming) -> None:
        """Delete a draft whose bytes are kept elsewhere."""
        incoming.path.unlink(missing_ok=True)

    def has(self, digest: str) -> bool:
        return self._object(digest).is_file()

    def path(self, digest: str) -> Path:
        """Where the bytes lie, to be read only; `NotFound`."""
        place = self._object(digest)
        if not place.is_file():
            raise NotFound("file", digest)
        return place

    def read(self, digest: str) -> bytes:
        """The bytes, compared with their hash; `NotFound`, `Corrupted`."""
        with storage_errors():
            data = self.path(digest).read_bytes()
        if sha256(data).hexdigest() != digest:
            raise Corrupted(
                0, f"file {digest} is not what was written", f"die Datei {digest} ist nicht, was geschrieben wurde"
            )
        return data

    def erase(self, digest: str, grace: float = 0.0) -> bool:
        """Delete a file for good, as retention or A.AM.VT.H.3 (intermediate results) demands; whether it was deleted.

        A file that was stored, or stored again, within `grace` seconds stays: an event may be about to name it.
        """
        place = self._object(digest)
        moved = self.root / "incoming" / f"{_ERASING}{digest}"
        with storage_errors():
            try:
                if self._now() - place.stat().st_mtime < grace:
                    return False
                place.rename(moved)
            except FileNotFoundError:
                return False
            if self._now() - moved.stat().st_mtime < grace:  # stored again just now
                self._restore(moved, place)
                return False
            moved.unlink()
            sync_path(place.parent)
        return True

    def free(self) -> int:
        return disk_usage(self.root).free

    def _now(self) -> float:
        """The time by the clock of the file system."""
        with self._new_file() as file:
            found = os.fstat(file.fileno()).st_mtime
        Path(file.name).unlink()
        return found

    def quarantined(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Hash of each rejected file with its notes."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in sorted((self.root / "quarantine").rglob("*.json")):
            found.setdefault(path.name[:64], []).append(json.loads(path.read_bytes()))
        yield from found.items()

    def quarantine_unfinished(self, older_than: datetime, now: datetime) -> list[str]:
        """Move drafts that were never finished to quarantine (`interrupted`); their hashes.

        Their sender got no result and will send them again; until then the bytes are kept.
        """
        found = []
        for path in sorted((self.root / "incoming").iterdir()):
            if path.stat().st_mtime < older_than.timestamp():
                rejected = FileRejected(RejectionReason.INTERRUPTED)
                found.append(self.quarantine(self.adopt(path), path.name, rejected, now))
        return found

    def _object(self, digest: str) -> Path:
        return self._place("objects", digest)

    def _place(self, kind: str, digest: str) -> Path:
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise NotFound("file", digest)
        return self.root / kind / digest[:2] / digest[2:4] / digest

    def _new_file(self) -> IO[bytes]:
        return NamedTemporaryFile(dir=self.root / "incoming", delete=False)

    def _link_and_verify(self, incoming: Incoming, place: Path) -> Evidence:
        """Link, sync, read back. A file already there is marked as stored anew, synced, read and compared."""
        with storage_errors():
            self._make_durable(place.parent)
            protect(incoming.path)
            file = self._link(incoming.path, place)
            with file:
                self.on_step("linked")
                sync_path(place.parent)
                self.on_step("folder_synced")
                os.fsync(file.fileno())
                drop_cache(file)
                digest, size = hash_rest(file)
        if digest != incoming.sha256:
            raise Corrupted(
                0,
                f"file {incoming.sha256} reads back as {digest}",
                f"die Datei {incoming.sha256} liest sich zurück als {digest}",
            )
        self.on_step("read_back")
        incoming.path.unlink(missing_ok=True)
        return Evidence(incoming.sha256, size, file_synced=True, folder_synced=True, read_back_sha256=digest)

    @staticmethod
    def _link(source: Path, place: Path) -> IO[bytes]:
        """The file under its name, opened; tried again where another process erases it meanwhile."""
        while True:
            with suppress(FileExistsError):
                os.link(source, place)
            with suppress(FileNotFoundError):
                os.utime(place)
                return open_to_sync(place)

    @staticmethod
    def _restore(moved: Path, place: Path) -> None:
        with suppress(FileExistsError):
            os.link(moved, place)
        sync_path(place.parent)
        moved.unlink(missing_ok=True)

    def _write_note(self, place: Path, note: bytes) -> None:
        """Write a note beside a rejected file, under the next free number."""
        with self._new_file() as file:
            file.write(note)
            sync(file)
        for number in count(1):
            with suppress(FileExistsError):
                os.link(file.name, place.with_name(f"{place.name}.{number}.json"))
                break
        sync_path(place.parent)
        Path(file.name).unlink()

    def _make_durable(self, folder: Path) -> None:
        """Make and sync a folder and those above it; another process may have made them and not synced them yet."""
        if folder in self._synced:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
            sync_path(above)
        self._synced.add(folder)
