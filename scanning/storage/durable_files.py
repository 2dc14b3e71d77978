"""Durable files: what is synced when, and what the operating system says about it, in one place.

A name survives a power cut only once its folder is synced, a new folder only once the folder above it is.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from workflow.errors import StoreFull, StoreUnavailable

BLOCK = 1 << 20
FULL = {errno.ENOSPC, errno.EDQUOT}
"""What the system says when there is no room."""


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
        if wrong.errno in FULL:
            raise StoreFull(f"the content store is full: {wrong}", f"Der Dateispeicher ist voll: {wrong}") from wrong
        raise StoreUnavailable(f"the content store fails: {wrong}", f"Der Dateispeicher versagt: {wrong}") from wrong


def hashed(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size of what is left to read."""
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size
