"""Files that survive a power cut: what is synced and when, in one place for all rooms.

A name survives only once its folder is synced, a new folder only once the folder above it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


def write_atomically(path: Path, data: str | bytes, *, durable: bool = True) -> None:
    """Write a file so that readers see the old content or the new one, never a part.

    A file that is replaced keeps its permissions; a new one may be read by its owner only. `durable=False` spares
    the sync where the content may be lost in a power cut. Raises `OSError`; then the old content is still there.
    """
    with replacing(path, durable=durable) as file:
        file.write(data.encode() if isinstance(data, str) else data)


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """As `write_atomically` for what is written bit by bit: it takes its place when the block ends without an error."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        draft = Path(file.name)
        try:
            yield file
            if path.exists():
                draft.chmod(path.stat().st_mode & 0o777)
            if durable:
                sync(file)
        except BaseException:
            draft.unlink()
            raise
    draft.replace(path)
    if durable:
        sync_path(path.parent)


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read; `FileExistsError` where there is one already."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        sync(file)
    sync_path(path.parent)


def make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_path(folder.parent)


def sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def sync_path(path: Path) -> None:
    """Write a closed file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
