"""A pool of child processes that read scanned files; a child that crashes, hangs or rejects a file is replaced.

A hostile file cannot harm others: each child reads one file at a time, and after a rejection it is not used again.
"""

import json
import logging
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from scanning.inspection.results import Converted, Inspection, Parts, ScanRead
from scanning.limits import LIMITS, Limits
from scanning.readers.tasks import CONVERT, INSPECT, JOIN, READ, SPLIT, R, Task
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.scan_product import MediaType
from workflow.errors import StoreBusy, StoreFull, StoreUnavailable

LOG = logging.getLogger("eva.readers")
CONFINED = os.name == "posix"
"""Whether the system can bound what a reader takes: memory, computing time, the size of files."""
_LONGEST = 4 * 2**20
"""Bytes of a result."""
_MOST_TASKS = 500
"""A child is replaced after so many tasks, so that memory it leaks stays small."""


class _Ended(Exception):
    """The child ended."""


class _TimedOut(Exception):
    """The child gave no result in time."""


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
        self.tasks = 0
        self._buffer = b""
        try:
            ready = self._read_line(time.monotonic() + 60)
            self.no_network = bool(ready["ready"]["no_network"])
        except BaseException:
            self.end()
            raise

    def run(self, job: dict[str, str], seconds: float) -> dict[str, Any]:
        """The child's message on a task; raises `_Ended`, and `_TimedOut` where it takes longer than `seconds` from one
        page to the next.
        """
        self.tasks += 1
        pipe = self.process.stdin
        assert pipe is not None  # noqa: S101 - opened above
        try:
            pipe.write(json.dumps(job).encode() + b"\n")
            pipe.flush()
        except OSError as error:
            raise _Ended from error
        while "page" in (message := self._read_line(time.monotonic() + seconds)):
            continue
        return message

    def _read_line(self, until: float) -> dict[str, Any]:
        pipe = self.process.stdout
        assert pipe is not None  # noqa: S101 - opened above
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(until - time.monotonic(), 0)):
                    raise _TimedOut
                block = os.read(pipe.fileno(), 1 << 16)
                if not block or len(self._buffer) > _LONGEST:
                    raise _Ended
                self._buffer += block
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except ValueError as error:
            raise _Ended from error
        if not isinstance(message, dict):
            raise _Ended
        return message

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


class ReaderPool:
    """Reads files in child processes; safe to use from many threads, each waiting for a free child.

    At most `size` children run at a time; with `queue` callers waiting already, a further one gets `StoreBusy`.
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
        """End all children that are free; those at work end after their task."""
        with self._lock:
            self._closed = True
            children, self._free = self._free, []
        for child in children:
            child.end()

    def inspect(self, path: Path, name: str) -> Inspection:
        return self.run(INSPECT, path=str(path), name=name)

    def convert(self, path: Path, kind: MediaType, out: Path) -> Converted:
        """Write a checked file as PDF/A-2b to `out`; raises `FileRejected`."""
        return self.run(CONVERT, path=str(path), kind=kind.value, out=str(out))

    def split(self, path: Path, kind: MediaType, folder: Path) -> Parts:
        """Split a checked file at its separator sheets into files in `folder`; raises `FileRejected`."""
        return self.run(SPLIT, path=str(path), kind=kind.value, folder=str(folder))

    def read(self, path: Path, name: str, out: Path, pictures: Path, parts: Path | None = None) -> ScanRead:
        """Check a file, write its PDF/A to `out` and compare both; raises `FileRejected`.

        With `parts`, where there are separator sheets, it is split into files in that folder instead. Pictures of pages
        that look different go to the folder `pictures`.
        """
        where = {"out": str(out), "pictures": str(pictures), "parts": str(parts) if parts else ""}
        return self.run(READ, path=str(path), name=name, **where)

    def join(self, pages: Sequence[tuple[Path, MediaType]], out: Path) -> Converted:
        """Put checked files together as one PDF in `out`; raises `FileRejected`."""
        return self.run(JOIN, pages=json.dumps([(str(path), kind.value) for path, kind in pages]), out=str(out))

    def run(self, task: Task[R], **parameters: str) -> R:
        """Have a task done; `FileRejected` with the child's reason, also where the child crashed or took too long.

        Where a child cannot be confined (Windows), no file is read: `StoreUnavailable`.
        """
        if not CONFINED:
            raise StoreUnavailable(
                "files are not read on Windows, where the reader cannot be confined; run eva in WSL or a container",
                "Unter Windows werden keine Dateien gelesen, weil das Leseprogramm dort nicht eingegrenzt werden kann; "
                "eva in WSL oder einem Container betreiben",
            )
        with self._lock:
            if self._waiting >= self._queue:
                raise StoreBusy("too many files are waiting to be read", "Zu viele Dateien warten auf das Lesen")
            self._waiting += 1
        try:
            with self._slots:
                return self._run(task, {"task": task.name, **parameters})
        finally:
            with self._lock:
                self._waiting -= 1

    def _run(self, task: Task[R], job: dict[str, str]) -> R:
        child = self._get_child()
        keep = False
        try:
            message = child.run(job, self.limits.seconds)
            if full := message.get("full"):
                raise StoreFull(f"the content store is full ({full})", f"Der Dateispeicher ist voll ({full})")
            if rejected := message.get("rejected"):
                raise FileRejected(RejectionReason(rejected["reason"]), str(rejected["detail"])[:400])
            result = task.result.model_validate_json(json.dumps(message["done"]))
            keep = child.tasks < _MOST_TASKS
        except _TimedOut:
            raise FileRejected(RejectionReason.TOO_SLOW, f"> {self.limits.seconds:g} s") from None
        except _Ended:
            raise _describe_end(child.end()) from None
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise FileRejected(RejectionReason.READER_FAILED, "the reader's result is malformed") from error
        finally:
            self._return_child(child, keep)
        return result

    def _get_child(self) -> _Child:
        with self._lock:
            if self._free:
                return self._free.pop()
        try:
            child = _Child(self.limits)
        except (OSError, _Ended, _TimedOut, KeyError) as error:
            raise StoreUnavailable(
                "the reader of files does not start", "Das Leseprogramm für Dateien startet nicht"
            ) from error
        if not child.no_network:
            say_that_network_stays()
        return child

    def _return_child(self, child: _Child, keep: bool) -> None:
        with self._lock:
            if keep and not self._closed:
                self._free.append(child)
                return
        child.end()


@cache
def say_that_network_stays() -> None:
    """Told once: the reader is refused sockets all the same, but by Python alone."""
    LOG.warning("readers of scanned files keep the network: the system allows no namespaces of user and network")


def _describe_end(status: int) -> FileRejected:
    if status == -24:  # SIGXCPU
        return FileRejected(RejectionReason.TOO_SLOW, "computing time")
    return FileRejected(RejectionReason.READER_FAILED, f"ended with {status}")
