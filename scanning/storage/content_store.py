"""Content-addressed store on disk: a file lies under its SHA-256 and is never overwritten (TR-03138 A.T.4).

Writing: a new file in the store, fsync, link to its name without overwriting, fsync of the folder, read back from disk
and compare; only then is there an answer, and only then may an event name the hash. So an orphan is possible and
harmless, a missing file is not possible. What is refused goes to quarantine in the same way.

    eva-content-1.txt                 says all this to whoever finds the folder
    objects/ab/cd/<sha256>            the bytes, nothing else
    quarantine/ab/cd/<sha256>         refused bytes, with <sha256>.1.json, ….2.json: name, reason, time
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

from scanning.rejection import Reason, Refused
from scanning.storage.durable_files import drop_cache, hashed, make_folder, replace, sync, sync_folder, told
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
"""Told the name of each step of writing as it is reached; tests stop the process there."""


_GRAVE = "erase-"
"""Begins the name of a file about to be erased."""


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


def quiet(_step: str) -> None:
    """Says nothing."""


class ContentStore:
    """The store on disk; safe to use from many threads and processes."""

    def __init__(self, root: Path, at: Step = quiet) -> None:
        self.root = root
        self.at = at
        self._synced: set[Path] = set()
        """Folders that this process knows to be durable."""
        with told():
            for folder in ("objects", "quarantine", "incoming", "fixity"):
                make_folder(root / folder)
            about = root / "eva-content-1.txt"
            if not about.exists():
                replace(about, _ABOUT.encode())
            for grave in (root / "incoming").glob(f"{_GRAVE}*"):  # whoever was about to erase it did not come to it
                self._restored(grave, self._object(grave.name.removeprefix(_GRAVE)))

    def receive(self, source: Iterable[bytes], limit: int, name: str = "", now: datetime | None = None) -> Incoming:
        """Write bytes to a file in the making, synced and hashed.

        More than `limit` bytes are refused (`too_big`); what arrived is kept in quarantine with as much as there is.
        """
        with told(), self._new_file() as file:
            digest, size = sha256(), 0
            for block in source:
                digest.update(block)
                size += len(block)
                file.write(block)
                if size > limit:
                    break
            sync(file)
        incoming = Incoming(Path(file.name), digest.hexdigest(), size)
        self.at("received")
        if size > limit:
            refused = Refused(Reason.TOO_BIG, f"> {limit} bytes")
            if now is not None:
                self.quarantine(incoming, name, refused, now)
            raise refused
        return incoming

    def working_folder(self) -> Path:
        """Path of a new empty file in the making, for somebody else to write to; then `adopt` it."""
        with told(), self._new_file() as file:
            return Path(file.name)

    def adopt(self, path: Path) -> Incoming:
        """A file that was written into the store by somebody else: synced and hashed."""
        with told(), path.open("rb") as file:
            os.fsync(file.fileno())
            digest, size = hashed(file)
        return Incoming(path, digest, size)

    def keep(self, incoming: Incoming) -> Evidence:
        """Give a file its name: linked without overwriting, both synced, read back and compared.

        Raises `Corrupted` where it reads back as something else, `StoreFull`, `StoreUnavailable`; then it is not there,
        or not to be relied on.
        """
        return self._settle(incoming, self._object(incoming.sha256))

    def put(self, data: bytes) -> Evidence:
        """Store bytes."""
        return self.keep(self.receive((data,), len(data)))

    def quarantine(self, incoming: Incoming, name: str, refused: Refused, now: datetime) -> str:
        """Keep refused bytes with hash, original name, reason and time; each refusal has a note."""
        place = self._place("quarantine", incoming.sha256)
        self._settle(incoming, place)
        note = {"name": name, "reason": refused.reason, "detail": refused.detail, "time": now.isoformat(),
                "size": incoming.size}  # fmt: skip
        with told():
            self._noted(place, json.dumps(note, ensure_ascii=False, indent=1).encode())
        refused.sha256 = incoming.sha256
        self.at("quarantined")
        return incoming.sha256

    def discard(self, incoming: Incoming) -> None:
        """Forget a file in the making; only where its bytes are kept elsewhere."""
        incoming.path.unlink(missing_ok=True)

    def has(self, digest: str) -> bool:
        """Whether there is such a file."""
        return self._object(digest).is_file()

    def path(self, digest: str) -> Path:
        """Where the bytes lie, to be read only; `NotFound`."""
        place = self._object(digest)
        if not place.is_file():
            raise NotFound("file", digest)
        return place

    def read(self, digest: str) -> bytes:
        """The bytes, compared with their hash; `NotFound`, `Corrupted`."""
        with told():
            data = self.path(digest).read_bytes()
        if sha256(data).hexdigest() != digest:
            raise Corrupted(0, f"file {digest} is not what was written")
        return data

    def erase(self, digest: str, grace: float = 0.0) -> bool:
        """Delete a file for good, as retention or A.AM.VT.H.3 (intermediate results) asks; whether it was deleted.

        A file that was stored, or stored once more, within `grace` seconds stays: an event may be about to name it.
        """
        place = self._object(digest)
        grave = self.root / "incoming" / f"{_GRAVE}{digest}"
        with told():
            try:
                if self._now() - place.stat().st_mtime < grace:
                    return False
                place.rename(grave)
            except FileNotFoundError:
                return False
            found = grave.stat()  # perhaps stored once more just now: renaming has set ctime, storing mtime
            if found.st_ctime - found.st_mtime < grace:
                self._restored(grave, place)
                return False
            grave.unlink()
            sync_folder(place.parent)
        return True

    def free(self) -> int:
        """Bytes of room on the disk."""
        return disk_usage(self.root).free

    def _now(self) -> float:
        """The time by the clock of the file system."""
        with self._new_file() as file:
            found = os.fstat(file.fileno()).st_mtime
        Path(file.name).unlink()
        return found

    def quarantined(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Hash and notes of what was refused."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in sorted((self.root / "quarantine").rglob("*.json")):
            found.setdefault(path.name[:64], []).append(json.loads(path.read_bytes()))
        yield from found.items()

    def sweep(self, older_than: datetime, now: datetime) -> list[str]:
        """Move files in the making that nobody finished to quarantine (`interrupted`); their hashes.

        Whoever sent them had no answer and sends them again; until then the bytes are kept.
        """
        found = []
        for path in sorted((self.root / "incoming").iterdir()):
            if path.stat().st_mtime < older_than.timestamp():
                refused = Refused(Reason.INTERRUPTED)
                found.append(self.quarantine(self.adopt(path), path.name, refused, now))
        return found

    def _object(self, digest: str) -> Path:
        return self._place("objects", digest)

    def _place(self, kind: str, digest: str) -> Path:
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise NotFound("file", digest)
        return self.root / kind / digest[:2] / digest[2:4] / digest

    def _new_file(self) -> IO[bytes]:
        return NamedTemporaryFile(dir=self.root / "incoming", delete=False)

    def _settle(self, incoming: Incoming, place: Path) -> Evidence:
        """Link, sync, read back. A file already there is marked as stored anew, synced, read and compared."""
        with told():
            self._folder(place.parent)
            incoming.path.chmod(0o440)
            file = self._linked(incoming.path, place)
            with file:
                self.at("linked")
                sync_folder(place.parent)
                self.at("folder_synced")
                os.fsync(file.fileno())
                drop_cache(file)
                digest, size = hashed(file)
        if digest != incoming.sha256:
            raise Corrupted(0, f"file {incoming.sha256} reads back as {digest}")
        self.at("read_back")
        incoming.path.unlink(missing_ok=True)
        return Evidence(incoming.sha256, size, file_synced=True, folder_synced=True, read_back_sha256=digest)

    @staticmethod
    def _linked(source: Path, place: Path) -> IO[bytes]:
        """The file under its name, opened; again from the start where somebody erases it meanwhile."""
        while True:
            with suppress(FileExistsError):
                os.link(source, place)
            with suppress(FileNotFoundError):
                os.utime(place)
                return place.open("rb")

    @staticmethod
    def _restored(grave: Path, place: Path) -> None:
        with suppress(FileExistsError):
            os.link(grave, place)
        sync_folder(place.parent)
        grave.unlink(missing_ok=True)

    def _noted(self, place: Path, note: bytes) -> None:
        """Put a note beside a refused file, under the next free number."""
        with self._new_file() as file:
            file.write(note)
            sync(file)
        for number in count(1):
            with suppress(FileExistsError):
                os.link(file.name, place.with_name(f"{place.name}.{number}.json"))
                break
        sync_folder(place.parent)
        Path(file.name).unlink()

    def _folder(self, folder: Path) -> None:
        """A folder, and those above it, durable: made by this process or by another that may not have synced it yet."""
        if folder in self._synced:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
            sync_folder(above)
        self._synced.add(folder)
