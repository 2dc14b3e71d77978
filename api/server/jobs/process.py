"""One worker process and its folder: started, watched, ended, and found again by those who come after a crash.

The worker holds the lock of its folder as long as it lives. So whoever can take the lock knows that nobody works there.
"""

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
from typing import Any

from api.server.jobs.lock import INHERITED, Lock
from api.server.jobs.worker import PRELIMINARY, UNUSABLE
from workflow.engine.store.durable_files import write_atomically
from workflow.text import Text

ROOT = str(Path(__file__).parents[3])
"""Where the packages lie. The worker runs in the folder of the server, which paths are relative to, not here."""


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
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                start_new_session=True,
                pass_fds=(lock.handle,) if INHERITED else (),
            )
        self._lock = None if INHERITED else lock.share()

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
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        else:  # Windows: what it has started ends when it does, see `simulation.workers`
            self._process.kill()
        self._process.wait()
        if self._lock:
            self._lock.release()
            self._lock = None
        if self._process.stdin:
            self._process.stdin.close()

    def fault(self) -> Text | None:
        """Why it gave up, where another attempt would not help."""
        said = _read(self.folder / "fault.json") if self.status() == UNUSABLE else None
        return None if said is None else Text(*(said[language][:500] for language in Text._fields))

    def memory(self) -> int:
        """Bytes of memory in use by it and what it has started; 0 where the system does not say."""
        if not hasattr(os, "sysconf"):
            return 0
        return sum(_resident(entry) for entry in Path("/proc").glob("[0-9]*") if _group(entry) == self.pid)


def clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != "lock":
            entry.unlink(missing_ok=True)


def read_progress(folder: Path) -> dict[str, Any] | None:
    return _read(folder / "progress.json")


def read_preliminary(folder: Path) -> dict[str, Any] | None:
    """The users in the runs so far; None while there is nothing to draw."""
    return _read(folder / PRELIMINARY)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
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
