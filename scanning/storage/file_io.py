"""Reading stored files block by block, from the disk and not from memory, with the system's errors as the engine's."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from workflow.engine.store.durable_files import WINDOWS
from workflow.errors import StoreFull, StoreUnavailable

BLOCK = 1 << 20
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
"""Error numbers by which the system says that the disk or quota is full."""


def read_blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes in blocks of at most 1 MiB."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def hash_rest(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size in bytes of what is left to read."""
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def drop_cache(file: IO[bytes]) -> None:
    """Ask that the next read comes from the disk and not from memory, where the system can be asked."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def protect(path: Path) -> None:
    """Let nobody write to a file. Not on Windows, which would not delete it either."""
    if not WINDOWS:
        path.chmod(0o440)


def open_to_sync(path: Path) -> IO[bytes]:
    """A file to be read and synced, which Windows does only with what may be written."""
    return path.open("r+b" if WINDOWS else "rb")


def read_from_disk(path: Path) -> bytes:
    """A file's bytes as they lie on the disk now."""
    with path.open("rb") as file:
        drop_cache(file)
        return file.read()


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise an `OSError` as `StoreFull` where the disk has no room, else as `StoreUnavailable`."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(f"the content store is full ({error})", f"Der Dateispeicher ist voll ({error})") from error
        raise StoreUnavailable(f"the content store fails ({error})", f"Der Dateispeicher versagt ({error})") from error
