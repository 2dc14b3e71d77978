"""A pool of child processes that read scanned files; one that breaks down, hangs or refuses is replaced.

A hostile file cannot take others along: each child reads one file at a time, and after a refusal it is not used again.
"""

import json
import os
import selectors
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from scanning.inspection.results import Converted, Inspection, Parts
from scanning.limits import LIMITS, Limits
from scanning.rejection import Reason, Refused
from scanning.requirements.scan_product import MediaType
from workflow.engine.events import Model
from workflow.errors import StoreBusy, StoreFull, StoreUnavailable

M = TypeVar("M", bound=Model)

_LONGEST = 4 * 2**20
"""Bytes of an answer."""
_JOBS = 500
"""After so many a child is replaced in any case, so that what leaks stays small."""


class _Gone(Exception):
    """The child ended."""


class _Late(Exception):
    """The child did not answer in time."""


class _Child:
    """One process; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        command = [sys.executable, "-P", "-m", "scanning.readers.child_process", limits.model_dump_json()]
        environment = {k: v for k, v in os.environ.items() if k in {"PATH", "LD_LIBRARY_PATH", "TMPDIR"}}
        # No environment but what finding programs needs: settings may hold passwords.
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            start_new_session=True,
        )  # fmt: skip
        self.jobs = 0
        self._buffer = b""
        ready = self._line(time.monotonic() + 60)
        self.no_network = bool(ready["ready"]["no_network"])

    def ask(self, job: dict[str, str], seconds: float) -> dict[str, Any]:
        """Answer to a job; `_Gone`, `_Late`."""
        self.jobs += 1
        pipe = self.process.stdin
        assert pipe is not None  # noqa: S101 - opened above
        try:
            pipe.write(json.dumps(job).encode() + b"\n")
            pipe.flush()
        except OSError as wrong:
            raise _Gone from wrong
        return self._line(time.monotonic() + seconds)

    def _line(self, until: float) -> dict[str, Any]:
        pipe = self.process.stdout
        assert pipe is not None  # noqa: S101 - opened above
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise _Late
                block = os.read(pipe.fileno(), 1 << 16)
                if not block or len(self._buffer) > _LONGEST:
                    raise _Gone
                self._buffer += block
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError as wrong:
            raise _Gone from wrong
        if not isinstance(answer, dict):
            raise _Gone
        return answer

    def end(self) -> int:
        """Stop the process; its exit status, negative for a signal."""
        if self.process.poll() is None:
            self.process.kill()
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        return status


class Workers:
    """Reads files in children; safe to use from many threads, each waiting for a free child.

    `size` children at most run at a time; more than `queue` waiting callers are turned away (`StoreBusy`).
    """

    def __init__(self, size: int = 1, limits: Limits = LIMITS, queue: int = 256) -> None:
        self.limits = limits
        self.size = size
        self._free: list[_Child] = []
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._waiting = 0
        self._queue = queue
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all children that are free; those at work end with their job."""
        with self._lock:
            self._closed = True
            children, self._free = self._free, []
        for child in children:
            child.end()

    def inspect(self, path: Path, name: str) -> Inspection:
        """Check a file; `Refused`."""
        return self.run(Inspection, task="inspect", path=str(path), name=name)

    def convert(self, path: Path, kind: MediaType, out: Path) -> Converted:
        """Write a checked file as PDF/A-2b to `out`; `Refused`."""
        return self.run(Converted, task="convert", path=str(path), kind=kind.value, out=str(out))

    def split(self, path: Path, kind: MediaType, folder: Path) -> Parts:
        """Take a checked file apart at its separator sheets, into files in `folder`; `Refused`."""
        return self.run(Parts, task="split", path=str(path), kind=kind.value, folder=str(folder))

    def run(self, answer: type[M], **job: str) -> M:
        """Do a job; `Refused` with the child's reason, or with its end as the reason."""
        with self._lock:
            if self._waiting >= self._queue:
                raise StoreBusy("too many files are waiting to be read", "Zu viele Dateien warten auf das Lesen")
            self._waiting += 1
        try:
            with self._slots:
                return self._run(answer, job)
        finally:
            with self._lock:
                self._waiting -= 1

    def _run(self, answer: type[M], job: dict[str, str]) -> M:
        child = self._child()
        keep = False
        try:
            told = child.ask(job, self.limits.seconds)
            if "full" in told:
                raise StoreFull(
                    f"the content store is full: {told['full']}", f"Der Dateispeicher ist voll: {told['full']}"
                )
            if "refused" in told:
                raise Refused(Reason(told["refused"]["reason"]), str(told["refused"]["detail"])[:400])
            result = answer.model_validate_json(json.dumps(told["done"]))
            keep = child.jobs < _JOBS
        except _Late:
            raise Refused(Reason.TOO_SLOW, f"> {self.limits.seconds:g} s") from None
        except _Gone:
            raise _ended(child.end()) from None
        except (ValidationError, ValueError, KeyError, TypeError) as wrong:
            raise Refused(Reason.READER_FAILED, "the answer makes no sense") from wrong
        finally:
            self._give_back(child, keep)
        return result

    def _child(self) -> _Child:
        with self._lock:
            if self._free:
                return self._free.pop()
        try:
            return _Child(self.limits)
        except (OSError, _Gone, _Late, KeyError) as wrong:
            raise StoreUnavailable(
                "the reader of files does not start", "Das Leseprogramm für Dateien startet nicht"
            ) from wrong

    def _give_back(self, child: _Child, keep: bool) -> None:
        with self._lock:
            if keep and not self._closed:
                self._free.append(child)
                return
        child.end()


def _ended(status: int) -> Refused:
    if status == -24:  # SIGXCPU
        return Refused(Reason.TOO_SLOW, "computing time")
    return Refused(Reason.READER_FAILED, f"ended with {status}")
