"""Content-addressed store on disk: a file lies under its SHA-256 and is never overwritten (TR-03138 A.T.4).

Writing: a new file in the store, fsync, link to its name without overwriting, fsync of the folder, read back from disk
and compare; only then is there an answer, and only then may an event name the hash. So an orphan is possible and
harmless, a missing file is not possible. What is refused goes to quarantine in the same way.

    eva-content-1.txt                 says all this to whoever finds the folder
    objects/ab/cd/<sha256>            the bytes, nothing else
    quarantine/ab/cd/<sha256>         refused bytes, with <sha256>.json: names, reasons, times
    incoming/                         files in the making
    fixity/ab                         when the objects beginning with ab were last read and compared

An archive reads it with `sha256sum` and nothing of ours (after OCFL: complete, parsable, robust).
"""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

from scanning.refusal import Reason, Refused
from workflow.errors import Corrupted, NotFound, StoreFull, StoreUnavailable

BLOCK = 1 << 20
_ABOUT = """\
eva content store, layout 1

objects/ab/cd/<sha256>      a file's bytes; its name is the SHA-256 of its content (check: sha256sum)
quarantine/ab/cd/<sha256>   bytes that were refused; <sha256>.json says when, under which name and why
incoming/                   files in the making; may be deleted when nothing runs
fixity/ab                   when the objects beginning with ab were last checked

Which file belongs to what stands in the event log.
Welche Datei wozu gehört, steht im Ereignisprotokoll.
"""

Step = Callable[[str], None]
"""Told the name of each step of writing as it is reached; tests stop the process there."""


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
        with told():
            for folder in ("objects", "quarantine", "incoming", "fixity"):
                make_folder(root / folder)
            about = root / "eva-content-1.txt"
            if not about.exists():
                replace(about, _ABOUT.encode())

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

    def room(self) -> Path:
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
        """Keep refused bytes with hash, original name, reason and time; twice the same bytes add a line."""
        place = self._place("quarantine", incoming.sha256)
        self._settle(incoming, place)
        note = {"name": name, "reason": refused.reason, "detail": refused.detail, "time": now.isoformat(),
                "size": incoming.size}  # fmt: skip
        with told():
            beside = place.with_suffix(".json")
            notes = json.loads(beside.read_bytes()) if beside.exists() else []
            replace(beside, json.dumps([*notes, note], ensure_ascii=False, indent=1).encode())
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

    def erase(self, digest: str) -> bool:
        """Delete a file for good, as retention or A.AM.VT.H.3 (intermediate results) asks; whether it was there."""
        place = self._object(digest)
        with told():
            try:
                place.unlink()
            except FileNotFoundError:
                return False
            sync_folder(place.parent)
        return True

    def quarantined(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Hash and notes of what was refused."""
        for path in sorted((self.root / "quarantine").rglob("*.json")):
            yield path.stem, json.loads(path.read_bytes())

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
        """Link, sync, read back. A file already there is synced, read and compared just as well."""
        with told():
            make_folder(place.parent)
            with suppress(FileExistsError):
                incoming.path.chmod(0o440)
                os.link(incoming.path, place)
            self.at("linked")
            sync_folder(place.parent)
            self.at("folder_synced")
            with place.open("rb") as file:
                os.fsync(file.fileno())
                drop_cache(file)
                digest, size = hashed(file)
        if digest != incoming.sha256:
            raise Corrupted(0, f"file {incoming.sha256} reads back as {digest}")
        self.at("read_back")
        incoming.path.unlink(missing_ok=True)
        return Evidence(incoming.sha256, size, file_synced=True, folder_synced=True, read_back_sha256=digest)


def from_file(path: Path) -> Iterator[bytes]:
    """A file's bytes in blocks."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def make_folder(folder: Path) -> None:
    """A folder that survives a power cut, and those above it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def replace(path: Path, data: bytes) -> None:
    """Write a small file that may change: whole or not at all."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(data)
        sync(file)
    Path(file.name).replace(path)
    sync_folder(path.parent)


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read; never overwrites."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        sync(file)
    sync_folder(path.parent)


def sync(file: IO[bytes]) -> None:
    """Flush to disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def drop_cache(file: IO[bytes]) -> None:
    """Ask that the next read comes from the disk and not from memory, where the system can be asked."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def told() -> Iterator[None]:
    """What the operating system says, as the engine's errors."""
    try:
        yield
    except OSError as wrong:
        if wrong.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull(f"the content store is full: {wrong}", f"Der Dateispeicher ist voll: {wrong}") from wrong
        raise StoreUnavailable(f"the content store fails: {wrong}", f"Der Dateispeicher versagt: {wrong}") from wrong


def hashed(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size of what is left to read."""
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
