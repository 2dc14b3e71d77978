"""Maintenance of stored files on a schedule: fixity, deletion, and the backup that the release gate requires.

TR-03138 A.T.4, A.IS.1; rules 12 and 24. One of the processes on a folder does it, in a thread of its own, and holds the
lock `care/lock`. The last results are in `care/last.json`, so that a restart does not begin again and every process
can show them as metrics.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from api.server.background.loop import Loop, Stopping
from api.server.jobs.lock import Busy, Lock
from api.server.observability.metrics import Metrics
from api.settings import Settings
from scanning.storage.backup import BackupRun
from scanning.storage.content_store import ContentStore
from scanning.storage.fixity import Fixity
from scanning.storage.held_files import HeldFiles
from workflow.engine.engine import Engine
from workflow.engine.store.durable_files import write_atomically
from workflow.errors import EvaError

LOG = logging.getLogger("eva.care")
SECONDS_BETWEEN_LOOKS = 30.0
GRACE = timedelta(days=1)
"""How long a draft, or a file without an event, stays: its work may not be finished."""
RETRY_AFTER = timedelta(hours=1)
"""After a failure."""
MOST_NAMED = 20


class Plan(NamedTuple):
    """How often each kind of maintenance is due; None is never."""

    fixity: timedelta | None = None
    backup: timedelta | None = None
    target: Path | None = None

    @property
    def idle(self) -> bool:
        return self.fixity is None and self.backup is None


def plan_maintenance(settings: Settings) -> Plan:
    """The plan of the settings; without timers nothing is done on a schedule."""
    if not settings.timer_seconds:
        return Plan()
    fixity = timedelta(hours=settings.fixity_hours) or None
    backup = timedelta(hours=settings.backup_hours) or None
    target = settings.backup_dir
    return Plan(fixity, backup, target) if target and backup else Plan(fixity)


class MaintenanceRun:
    """Maintains the files in a folder and writes each result beside them."""

    def __init__(self, engine: Engine, folder: Path, on_progress: Callable[[object], None] = lambda _: None) -> None:
        from scanning.capture.maintenance import Maintenance  # noqa: PLC0415 - the libraries of sealing take their time to load

        self._engine = engine
        self._folder = folder / "care"
        self._on_progress = on_progress
        self.results: dict[str, dict[str, Any]] = {}
        """Of this run, by kind; whether or not they could be kept."""
        self._maintenance = Maintenance(engine, ContentStore(folder / "content"), None)

    def fixity(self) -> Fixity:
        """Read every file; changed and missing ones are logged as an error."""
        began = self._engine.clock()
        found = self._maintenance.fixity(progress=self._on_progress)
        counts = {kind: len(getattr(found, kind)) for kind in ("changed", "missing", "untracked")}
        named = {kind: getattr(found, kind)[:MOST_NAMED] or None for kind in counts}
        level = logging.INFO if found.intact else logging.ERROR
        LOG.log(level, "fixity", extra={"checked": found.checked, "counts": counts, **named})
        self._write_result("fixity", began, {"checked": found.checked, **counts})
        return found

    def tidy(self) -> None:
        gone = self._maintenance.tidy(GRACE.total_seconds())
        now = self._engine.clock()
        unfinished = self._maintenance.store.quarantine_unfinished(now - GRACE, now)
        if gone or unfinished:
            LOG.info("tidied", extra={"deleted": gone[:MOST_NAMED], "quarantined": unfinished, "count": len(gone)})

    def backup(self, target: Path) -> BackupRun:
        """Copy log and files, read back, and record the run with each batch."""
        run = self._maintenance.backup(target, self._on_progress)
        self._write_result("backup", run.taken_at, {"run": run.id, "files": run.files, "bytes": run.bytes})
        LOG.info("backup", extra={"run": run.id, "files": run.files, "bytes": run.bytes, "position": run.position})
        return run

    def _write_result(self, kind: str, at: datetime, result: dict[str, object]) -> None:
        whole = {**read_results(self._folder), kind: {"at": at.isoformat(), **result}}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._folder / "last.json", json.dumps(whole, indent=1))
        except OSError as error:  # a full disk: what was found is told, and found again after a restart
            LOG.error("a result could not be kept", extra={"kind": kind, "why": str(error)})  # noqa: TRY400
        self.results = {**self.results, kind: whole[kind]}


def read_results(folder: Path) -> dict[str, dict[str, Any]]:
    """The last result by kind; none where the file cannot be read, and everything is due."""
    try:
        found = json.loads((folder / "last.json").read_text(encoding="utf-8"))
        return {kind: result for kind, result in found.items() if datetime.fromisoformat(result["at"])}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def describe_damage(folder: Path) -> str | None:
    """What the last fixity run found changed or missing in a data folder; None where all was well."""
    last = read_results(folder / "care").get("fixity", {})
    wrong = {kind: last[kind] for kind in ("changed", "missing") if last.get(kind)}
    told = ", ".join(f"{count} {kind}" for kind, count in wrong.items())
    return f"stored files at {last['at']}: {told}; items that rest on them are stopped" if wrong else None


class MaintenanceLoop(Loop):
    def __init__(self, engine: Engine, folder: Path, plan: Plan, metrics: Metrics) -> None:
        super().__init__("eva-care", LOG, SECONDS_BETWEEN_LOOKS, first=1.0)
        self._engine = engine
        self._folder = folder
        self._plan = plan
        self._metrics = metrics
        self._tried: dict[str, datetime] = {}
        self._results: dict[str, dict[str, Any]] = {}
        """Of this process, where the disk did not take them."""

    def start(self) -> None:
        if not self._plan.idle:
            super().start()

    def once(self) -> None:
        """Do what is due, unless another process does it; then set the metrics."""
        if self._due():
            with suppress(Busy), Lock(self._folder / "care"):
                for kind in self._due():  # again: another process may have done it just now
                    self._do(kind)
        self._set_metrics()

    def _due(self) -> list[str]:
        now, known = self._engine.clock(), self._known()
        found = []
        for kind, every in (("fixity", self._plan.fixity), ("backup", self._plan.backup)):
            if every is None or (kind in self._tried and now - self._tried[kind] < min(RETRY_AFTER, every)):
                continue
            if kind not in known or now - datetime.fromisoformat(known[kind]["at"]) >= every:
                found.append(kind)
        return found

    def _do(self, kind: str) -> None:
        self._tried[kind] = self._engine.clock()
        try:
            run = MaintenanceRun(self._engine, self._folder, self._on_progress)
            if kind == "fixity":
                run.fixity()
                self._results |= run.results
                run.tidy()
            elif self._plan.target is not None:
                run.backup(self._plan.target)
            self._results |= run.results
        except (EvaError, OSError) as error:
            LOG.error("%s failed", kind, extra={"why": str(error)})  # noqa: TRY400 - the message says it all

    def _on_progress(self, _: object) -> None:
        if self._stop.is_set():
            raise Stopping

    def _known(self) -> dict[str, dict[str, Any]]:
        """The last result by kind, of this process or of another."""
        kept = read_results(self._folder / "care")
        both = {kind: [kept.get(kind), self._results.get(kind)] for kind in {*kept, *self._results}}
        return {
            kind: max(filter(None, results), key=lambda result: datetime.fromisoformat(result["at"]))
            for kind, results in both.items()
        }

    def _set_metrics(self) -> None:
        known = self._known()
        if "fixity" in known:
            result = known["fixity"]
            self._metrics.fixity_age.set_function(self._age(result["at"]))
            for kind in ("changed", "missing", "untracked"):
                self._metrics.fixity.labels(kind).set(result[kind])
        held = HeldFiles(self._folder / "content")
        if (self._folder / "content").is_dir():
            self._metrics.held_most.set(held.most)
            for where in ("quarantine", "incoming"):
                usage = held.measure(where)
                self._metrics.held_files.labels(where).set(usage.files)
                self._metrics.held_bytes.labels(where).set(usage.bytes)
        if "backup" in known:
            self._metrics.backup_age.set_function(self._age(known["backup"]["at"]))

    def _age(self, at: str) -> Callable[[], float]:
        since = datetime.fromisoformat(at)

        def age() -> float:
            return (self._engine.clock() - since).total_seconds()

        return age
