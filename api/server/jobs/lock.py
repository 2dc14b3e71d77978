"""The right to work in a folder, held until its process ends, however it ends.

A worker inherits the lock of its server. Windows has no such thing: there the server keeps it for the worker, which
ends itself as soon as its server is gone.
"""

import os
import time
from pathlib import Path
from types import ModuleType
from typing import Self

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

INHERITED = fcntl is not None
"""Whether a process that is started can hold the lock too."""


class Busy(Exception):
    """Another process works in the folder."""


class Lock:
    """The right to work in a folder; `Busy` where another has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._holders = 1
        self.handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self.handle)
        except OSError as taken:
            os.close(self.handle)
            raise Busy(str(folder)) from taken

    @classmethod
    def wait(cls, folder: Path, seconds: float) -> Self:
        """The lock as soon as another process lets go; `Busy` where it has not after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            try:
                return cls(folder)
            except Busy:
                if time.monotonic() >= until:
                    raise
                time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def share(self) -> Self:
        """The same lock for another holder in this process, who releases it too."""
        self._holders += 1
        return self

    def release(self) -> None:
        """Let go; a process that has inherited it keeps it, and so does who shares it."""
        self._holders -= 1
        if not self._holders:
            os.close(self.handle)


def _lock(handle: int) -> None:
    """Raises `OSError` where somebody else has it."""
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt  # noqa: PLC0415 - where there is no fcntl, this is

    msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
