"""One worker process and its folder: started, watched, ended, and found again by those who come after a crash.

A lock on the folder is held by the process as long as it lives, however it ends. So whoever can take the lock knows
that nobody works there.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from api.server.jobs.worker import UNUSABLE
from workflow.engine.store.durable_files import write_atomically

ROOT = str(Path(__file__).parents[3])
"""Where the packages lie. The worker runs in the folder of the server, which paths are relative to, not here."""


class Busy(Exception):
    """Another process works in the folder."""


class Lock:
    """The right to work in a folder; `Busy` where another has it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
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

    def release(self) -> None:
        """Let go; a process that has inherited it keeps it."""
        os.close(self.handle)


class Worker:
    def __init__(self, folder: Path, lock: Lock, job: dict[str, Any]) -> None:
        self.folder = folder
        self.begun = time.monotonic()
        clear(folder)
        write_atomically(folder / "job.json", json.dumps(job), durable=False)
        with (folder / "worker.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "api.server.jobs.worker", str(folder.resolve())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))},
                start_new_session=True,
                pass_fds=(lock.handle,),
            )

    @property
    def pid(self) -> int:
        """Process id, also that of its group."""
        return self._process.pid

    def older_than(self, span: timedelta) -> bool:
        return time.monotonic() - self.begun > span.total_seconds()

    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it lives."""
        return self._process.poll()

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def fault(self) -> str | None:
        """Why it gave up, where another attempt would not help."""
        if self.status() != UNUSABLE:
            return None
        with suppress(OSError):
            return (self.folder / "fault.txt").read_text(encoding="utf-8")[:500] or None
        return None

    def memory(self) -> int:
        """Bytes of memory in use by it and what it has started; 0 where the system does not say."""
        return sum(_resident(entry) for entry in Path("/proc").glob("[0-9]*") if _group(entry) == self.pid)


def clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != "lock":
            entry.unlink(missing_ok=True)


def read_progress(folder: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told


def _group(entry: Path) -> int:
    """Process group of a process, 0 where it has just ended."""
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[2])
    except (OSError, ValueError, IndexError):
        return 0


def _resident(entry: Path) -> int:
    try:
        return int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
