"""Maintenance of stored files on a schedule: fixity, what has to go, and the backup that the release gate asks for.

TR-03138 A.T.4, A.IS.1; rules 12 and 24. One process of those on a folder does it, in a thread of its own; a lock sees
to that. What was found lies in `maintenance/last.json`, so a restart does not begin anew and each process can tell it.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from api.server.jobs.process import Busy, Lock
from api.server.observability.metrics import Metrics
from api.settings import Settings
from scanning.storage.backup import BackupRun
from scanning.storage.content_store import ContentStore
from scanning.storage.durable_files import replace
from scanning.storage.fixity import Fixity
from workflow.engine.access import SYSTEM
from workflow.engine.engine import Engine
from workflow.errors import EvaError

LOG = logging.getLogger("eva.care")
SECONDS_BETWEEN_LOOKS = 30.0
GRACE = timedelta(days=1)
"""How long a file in the making or without an event stays: somebody may still be at it."""
AGAIN = timedelta(hours=1)
"""After what failed, not before."""
MOST_NAMED = 20


class Stopping(Exception):
    """The server stops; what is not finished counts as not done."""


class Plan(NamedTuple):
    """What is done how often; None is never."""

    fixity: timedelta | None = None
    backup: timedelta | None = None
    target: Path | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do, ever."""
        return self.fixity is None and self.backup is None


def plan_maintenance(settings: Settings) -> Plan:
    """The plan that settings say; without timers nothing happens by itself."""
    if not settings.timer_seconds:
        return Plan()
    fixity = timedelta(hours=settings.fixity_hours) or None
    backup = timedelta(hours=settings.backup_hours) or None
    target = settings.backup_dir
    return Plan(fixity, backup, target) if target and backup else Plan(fixity)


class MaintenanceRun:
    """Care of the files in a folder, each outcome written down beside them."""

    def __init__(self, engine: Engine, folder: Path, going_on: Callable[[object], None] = lambda _: None) -> None:
        from scanning.capture.maintenance import Maintenance  # noqa: PLC0415 - the libraries of sealing take their time to load

        self._engine = engine
        self._folder = folder / "care"
        self._going_on = going_on
        self._care = Maintenance(engine, ContentStore(folder / "content"), None)

    def fixity(self) -> Fixity:
        """Read every file; what is wrong is an error in the log."""
        began = self._engine.clock()
        found = self._care.fixity(progress=self._going_on)
        counts = {kind: len(getattr(found, kind)) for kind in ("changed", "missing", "untracked")}
        self._note("fixity", began, {"checked": found.checked, **counts})
        named = {kind: getattr(found, kind)[:MOST_NAMED] or None for kind in counts}
        level = logging.INFO if found.intact else logging.ERROR
        LOG.log(level, "fixity", extra={"checked": found.checked, "counts": counts, **named})
        return found

    def tidy(self) -> None:
        """Delete what has to go, and put aside what nobody finished."""
        gone = self._care.tidy(GRACE.total_seconds())
        now = self._engine.clock()
        aside = self._care.store.sweep(now - GRACE, now)
        if gone or aside:
            LOG.info("tidied", extra={"deleted": gone[:MOST_NAMED], "quarantined": aside, "count": len(gone)})

    def backup(self, target: Path) -> BackupRun:
        """Copy log and files, read back, and record the run with each batch."""
        run = self._care.backup(target, SYSTEM, self._going_on)
        self._note("backup", run.taken_at, {"run": run.id, "files": run.files, "bytes": run.bytes})
        LOG.info("backup", extra={"run": run.id, "files": run.files, "bytes": run.bytes, "position": run.position})
        return run

    def _note(self, kind: str, at: datetime, told: dict[str, object]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        whole = {**last(self._folder), kind: {"at": at.isoformat(), **told}}
        replace(self._folder / "last.json", json.dumps(whole, indent=1).encode())


def last(folder: Path) -> dict[str, dict[str, Any]]:
    """What was found last, by kind; a file that cannot be read is as none, and everything is due."""
    try:
        found = json.loads((folder / "last.json").read_text(encoding="utf-8"))
        return {kind: told for kind, told in found.items() if datetime.fromisoformat(told["at"])}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


class MaintenanceLoop:
    """Looks now and then whether care is due."""

    def __init__(self, engine: Engine, folder: Path, plan: Plan, metrics: Metrics) -> None:
        self._engine = engine
        self._folder = folder
        self._plan = plan
        self._metrics = metrics
        self._tried: dict[str, datetime] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eva-care", daemon=True)

    def start(self) -> None:
        """Begin, if there is anything to do."""
        if not self._plan.idle:
            self._thread.start()

    def close(self) -> None:
        """Stop after the file in hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self) -> None:
        """Do what is due, unless another process is at it; then tell what is known."""
        if self._due():
            try:
                lock = Lock(self._folder / "care")
            except Busy:
                pass
            else:
                try:
                    for kind in self._due():  # anew: another process may have done it just now
                        self._do(kind)
                finally:
                    lock.release()
        self._tell()

    def _due(self) -> list[str]:
        now, known = self._engine.clock(), last(self._folder / "care")
        found = []
        for kind, every in (("fixity", self._plan.fixity), ("backup", self._plan.backup)):
            if every is None or (kind in self._tried and now - self._tried[kind] < min(AGAIN, every)):
                continue
            if kind not in known or now - datetime.fromisoformat(known[kind]["at"]) >= every:
                found.append(kind)
        return found

    def _do(self, kind: str) -> None:
        self._tried[kind] = self._engine.clock()
        try:
            caring = MaintenanceRun(self._engine, self._folder, self._going_on)
            if kind == "fixity":
                caring.fixity()
                caring.tidy()
            elif self._plan.target is not None:
                caring.backup(self._plan.target)
        except (EvaError, OSError) as wrong:
            LOG.error("%s failed", kind, extra={"why": str(wrong)})  # noqa: TRY400 - said in full by what it says

    def _going_on(self, _: object) -> None:
        if self._stop.is_set():
            raise Stopping

    def _tell(self) -> None:
        known = last(self._folder / "care")
        if "fixity" in known:
            told = known["fixity"]
            self._metrics.fixity_age.set_function(self._age(told["at"]))
            for kind in ("changed", "missing", "untracked"):
                self._metrics.fixity.labels(kind).set(told[kind])
        if "backup" in known:
            self._metrics.backup_age.set_function(self._age(known["backup"]["at"]))

    def _age(self, at: str) -> Callable[[], float]:
        since = datetime.fromisoformat(at)

        def age() -> float:
            return (self._engine.clock() - since).total_seconds()

        return age

    def _run(self) -> None:
        pause = 1.0
        while not self._stop.wait(pause):
            pause = SECONDS_BETWEEN_LOOKS
            try:
                self.once()
            except Stopping:
                return
            except Exception:
                LOG.exception("fault")
