"""Keeps runs going: starts workers for those that wait, a few at a time, and writes into the log what becomes of them.

The log alone says what is to be done, so nothing is lost with this process: a run that the log calls running and that
nobody holds the lock of was left by a crash, and waits again. Several servers on one database and one data folder
share the work, because only one of them can take a run's lock.
"""

import json
import logging
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from starlette.requests import HTTPConnection

from api.application import run as runs
from api.application.errors import TooMany
from api.application.run import CATEGORY, FailRun, FinishRun, RequeueRun, Run, StartRun
from api.server.jobs.lock import Busy, Lock
from api.server.jobs.process import Worker
from api.server.jobs.worker import hash_files
from api.server.observability.trouble import Trouble
from workflow.engine.access import SYSTEM
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.errors import EvaError, NotAllowed, StaleVersion, StoreUnavailable
from workflow.text import NOTHING, Text

LOG = logging.getLogger("eva.runs")
ASKED = {"scenario", "text", "replications", "scan_replications", "seed", "mode", "question"}
"""What a worker is told of a request."""


@dataclass(frozen=True)
class Limits:
    at_once: int = 2
    """Runs computed at the same time by one server."""
    processes: int = 1
    """Processes of one run."""
    waiting: int = 20
    """Runs that may wait in the queue, of all users."""
    waiting_per_user: int = 5
    longest: timedelta = timedelta(hours=1)
    memory: int = 4 * 2**30
    """Bytes that one run may use."""
    crashes: int = 3
    """Lost workers after which a run is blamed for them."""
    kept: int = 100
    """Finished runs whose tables are kept."""


class Runner:
    """Works through the runs of an engine in a thread of its own, between `start` and `stop`."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        limits: Limits | None = None,
        *,
        pause: float = 0.5,
        cache: Path | None = None,
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.limits = limits or Limits()
        self.cache = cache
        """Folder of what was computed before, if it is kept."""
        self.known: dict[str, Run] = {}
        """Every run by id, as far as this process has looked."""
        self._pause = pause
        self._position = 0
        self._workers: dict[str, Worker] = {}
        self._wake, self._stopping, self._reading = threading.Event(), threading.Event(), threading.Lock()
        self._swept: set[str] = set()
        self._thread: threading.Thread | None = None
        self.trouble: str | None = None
        """What went wrong in the last round, such as a database that does not answer; it is tried again."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="runner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all workers; their runs wait for the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def wake(self) -> None:
        self._wake.set()

    def admit(self, user: str) -> None:
        """Raise `TooMany` where the queue has no place for another run of the user's."""
        waiting = [run for run in self.refresh().values() if run.state == "queued"]
        if len(waiting) >= self.limits.waiting:
            raise TooMany(f"{len(waiting)} runs are waiting already", f"Es warten schon {len(waiting)} Prognosen")
        if sum(run.request.by == user for run in waiting) >= self.limits.waiting_per_user:
            most = self.limits.waiting_per_user
            raise TooMany(f"{most} of your runs are waiting already", f"Es warten schon {most} Ihrer Prognosen")

    def get_folder(self, run: str) -> Path:
        return self.folder / run

    def refresh(self) -> dict[str, Run]:
        """Every run by id, up to date with the log."""
        with self._reading:
            position = self.engine.log.head().position
            if position != self._position:
                for stream in self.engine.log.streams(CATEGORY, changed_since=self._position):
                    run: Run = self.engine.load(stream).state
                    self.known[run.id] = run
                self._position = position
            return dict(self.known)

    def _work(self) -> None:
        told = Trouble(LOG)
        while not self._stopping.is_set():
            try:
                self.run_once()
                self.trouble = None
                told.end()
            except (EvaError, OSError) as wrong:  # a store that is away or full comes back; nothing is lost meanwhile
                self.trouble = str(wrong)
                told.tell(self.trouble)
            except Exception as fault:  # a fault in one run must not stop all others
                self.trouble = repr(fault)
                LOG.exception("runs")
            self._wake.wait(self._pause)
            self._wake.clear()
        self._leave()

    def run_once(self) -> None:
        found = self.refresh()
        for key in list(self._workers):
            self._watch(found[key], self._workers[key])
        for run in found.values():
            if run.state == "running" and run.id not in self._workers:
                self._take_up(run)
        self._start_some([run for run in self.refresh().values() if run.state == "queued"])
        self._make_room(found)
        self._sweep(found)

    def _watch(self, run: Run, worker: Worker) -> None:
        status = worker.status()
        if run.state != "running":
            self._drop(run.id)
        elif status is None:
            self._check_limits(run, worker)
        elif status == 0 and (worker.folder / "out").is_dir():
            self._record(run, self._finished(worker.folder))
            self._drop(run.id)
        else:
            self._lost(run, worker.fault(), _ending(status))

    def _check_limits(self, run: Run, worker: Worker) -> None:
        if worker.older_than(self.limits.longest):
            span = self.limits.longest
            self._lost(run, Text(f"dauerte länger als {span}", f"took more than {span}"))
        elif worker.memory() > self.limits.memory:
            size = f"{self.limits.memory >> 20} MB"
            self._lost(run, Text(f"brauchte mehr als {size} Arbeitsspeicher", f"needed more than {size} of memory"))

    def _lost(self, run: Run, fault: Text | None, how: Text = NOTHING) -> None:
        """A worker is gone without tables: try again, but not for ever."""
        if fault is None and run.crashes + 1 >= self.limits.crashes:
            fault = Text(f"{how.de}, {run.crashes + 1} Mal", f"{how.en}, {run.crashes + 1} times")
        self._drop(run.id)
        failed = FailRun(reason=fault.en, reason_de=fault.de) if fault else None
        self._record(run, failed or RequeueRun(reason=how.en, reason_de=how.de, blamed=True))

    def _take_up(self, run: Run) -> None:
        """The log says that it is running, but not here: perhaps elsewhere, perhaps its server has crashed."""
        folder = self.get_folder(run.id)
        with suppress(Busy), Lock(folder):
            lost = _requeue(Text("der Server endete, während sie lief", "the server was ended while it was running"))
            self._record(run, self._finished(folder) if (folder / "out").is_dir() else lost)

    def _finished(self, folder: Path) -> FinishRun:
        summary: dict[str, Any] = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
        return FinishRun(
            scenario_hash=summary["scenario_hash"], items=summary["items_simulated"], tables=hash_files(folder / "out")
        )

    def _start_some(self, queued: list[Run]) -> None:
        for run in sorted(queued, key=lambda run: (run.request.at, run.id)):
            if len(self._workers) >= self.limits.at_once:
                return
            self._start(run)

    def _start(self, run: Run) -> None:
        folder = self.get_folder(run.id)
        with suppress(Busy), Lock(folder) as lock:  # busy where another server has just taken it
            if self._record(run, StartRun()):
                job = run.request.model_dump(mode="json", include=ASKED) | {
                    "processes": self.limits.processes, "cache": str(self.cache.resolve()) if self.cache else None,
                }  # fmt: skip
                self._workers[run.id] = Worker(folder, lock, job)

    def _record(self, run: Run, command: Command) -> bool:
        """Write into the log; whether it was still so."""
        stream = runs.stream(run.id)
        try:
            self.engine.handle(command, SYSTEM, stream)
        except (NotAllowed, StaleVersion):  # cancelled meanwhile, or told by another server
            return False
        return True

    def _drop(self, key: str) -> None:
        self._workers.pop(key).end()

    def _make_room(self, found: dict[str, Run]) -> None:
        kept = sorted(
            (run for run in found.values() if run.state == "finished"), key=lambda run: run.ended_at or run.request.at
        )
        for run in kept[: max(0, len(kept) - self.limits.kept)]:
            self._record(run, runs.DiscardRun())

    def _sweep(self, found: dict[str, Run]) -> None:
        """Runs that have no tables need no folder."""
        for run in found.values():
            if run.state in {"failed", "cancelled", "discarded"} and run.id not in self._swept:
                shutil.rmtree(self.get_folder(run.id), ignore_errors=True)
                self._swept.add(run.id)

    def _leave(self) -> None:
        for key in list(self._workers):
            self._drop(key)
            try:
                stopped = Text(
                    "der Server wurde angehalten, während sie lief", "the server was stopped while it was running"
                )
                self._record(self.known[key], _requeue(stopped))
            except StoreUnavailable:  # the next start finds out by the lock
                continue


def _requeue(why: Text) -> RequeueRun:
    return RequeueRun(reason=why.en, reason_de=why.de)


def _ending(status: int) -> Text:
    if status < 0:
        return Text(f"Signal {-status} beendete den Rechenprozess", f"the worker was ended by signal {-status}")
    return Text(f"der Rechenprozess endete mit Status {status}", f"the worker ended with status {status}")


def get_runner(request: HTTPConnection) -> Runner:
    return cast("Runner", request.app.state.runner)
