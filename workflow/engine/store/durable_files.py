"""Files that survive a power cut: what is synced and when, in one place for all rooms.

A name survives only once its folder is synced, a new folder only once the folder above it is. Windows cannot sync a
folder: there NTFS writes names to its own journal.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

WINDOWS = os.name == "nt"
_TRIES, _PAUSE = 100, 0.02
"""How often, and after how many seconds, a file that another process has open is replaced again, on Windows."""


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
    file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 - closed below
    draft = Path(file.name)
    try:
        with file:
            yield file
            if path.exists():
                draft.chmod(path.stat().st_mode & 0o777)
            if durable:
                sync(file)
        _take_place(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if durable:
        sync_path(path.parent)


def _take_place(draft: Path, path: Path) -> None:
    """Windows refuses for as long as somebody reads the old file."""
    for _ in range(_TRIES if WINDOWS else 0):
        try:
            draft.replace(path)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    draft.replace(path)


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read, whole or not at all; `FileExistsError` where there is something
    of that name already, a link that leads nowhere included.

    On Windows the rights of its folder count.
    """
    file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 - closed below
    try:
        with file:  # made for its owner only
            file.write(data)
            sync(file)
        os.link(file.name, path)
    finally:
        Path(file.name).unlink()
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
    if WINDOWS and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)  # Windows syncs only what may be written
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
