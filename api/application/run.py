"""A run: a forecast asked for over HTTP, from the queue to its tables, as an aggregate in the log.

The log says what was asked for and what became of it; the tables themselves lie in a folder and can be computed again
from what the log says, to the byte.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ConfigDict, model_validator

from api.application.run_events import (
    Mode,
    Replications,
    RunCancelled,
    RunDiscarded,
    RunFailed,
    RunFinished,
    RunRequested,
    RunRequeued,
    RunStarted,
    Slug,
)
from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Emitted, Evolver, Kind, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Count, Line, LongText, Sha256
from workflow.engine.machine import Machine, Option, rows
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context

CATEGORY = "run"
PLANNERS = frozenset({Role.PLANNER, Role.ADMIN})
SYSTEM = frozenset({Role.SYSTEM})


class RequestRun(Command, action="create"):
    """Ask for a forecast of a shipped scenario, or of one handed in as YAML text."""

    scenario: Slug | None = None
    text: LongText | None = None
    title: Line | None = None
    replications: Replications = 40
    seed: Count = 2021
    mode: Mode = Mode.RISK

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}}
                for one, other in (("scenario", "text"), ("text", "scenario"))
            ]
        }
    )

    @model_validator(mode="after")
    def _one_scenario(self) -> "RequestRun":
        if (self.scenario is None) == (self.text is None):
            raise ValueError("give either `scenario`, the name of a shipped one, or `text`, a scenario in YAML")
        return self


class StartRun(Command, action="start"):
    """A worker begins."""


class RequeueRun(Command, action="requeue"):
    """The worker is gone."""

    reason: Line
    blamed: bool = False


class FinishRun(Command, action="finish"):
    """The tables are written."""

    scenario_hash: Sha256
    items: Count
    tables: dict[Line, Sha256]


class FailRun(Command, action="fail"):
    """It cannot be done."""

    reason: Line


class CancelRun(Command, action="cancel"):
    """End it."""


class DiscardRun(Command, action="discard"):
    """Make room."""


@dataclass(frozen=True)
class Run:
    """A run now."""

    id: str
    request: RunRequested
    state: str = "queued"
    crashes: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    scenario_hash: str | None = None
    items: int | None = None
    tables: dict[str, str] | None = None

    @property
    def ended(self) -> bool:
        """Whether no process will work on it again."""
        return self.state not in {"queued", "running"}

    def known_to(self, actor: Actor) -> bool:
        """Planners of its authority, and those of all authorities; a run for all is known to the latter only."""
        if Role.SYSTEM in actor.roles:
            return True
        return bool(actor.roles & PLANNERS) and actor.authority in {None, self.request.authority}


evolve: Evolver[Run] = Evolver()


@evolve.birth(RunRequested)
def _requested(event: RunRequested) -> Run:
    return Run(event.run, event)


@evolve.on(RunStarted)
def _started(run: Run, event: RunStarted) -> Run:
    return replace(run, state="running", started_at=event.at, reason=None)


@evolve.on(RunRequeued)
def _requeued(run: Run, event: RunRequeued) -> Run:
    return replace(run, state="queued", reason=event.reason, crashes=run.crashes + event.blamed)


@evolve.on(RunFinished)
def _finished(run: Run, event: RunFinished) -> Run:
    return replace(
        run, state="finished", ended_at=event.at, scenario_hash=event.scenario_hash, items=event.items,
        tables=event.tables, reason=None,
    )  # fmt: skip


@evolve.on(RunFailed)
def _failed(run: Run, event: RunFailed) -> Run:
    return replace(run, state="failed", ended_at=event.at, reason=event.reason)


@evolve.on(RunCancelled)
def _cancelled(run: Run, event: RunCancelled) -> Run:
    return replace(run, state="cancelled", ended_at=event.at)


@evolve.on(RunDiscarded)
def _discarded(run: Run, _: RunDiscarded) -> Run:
    return replace(run, state="discarded", tables=None)


@dataclass(frozen=True)
class Ask:
    """What a guard may look at; a run needs none."""

    def asking(self, action: str) -> "Ask":  # noqa: ARG002 - there is nothing to look at
        """The same."""
        return self


MACHINE: Machine[Ask] = Machine(
    name=CATEGORY,
    states={
        "queued": "wartend",
        "running": "in Arbeit",
        "finished": "fertig",
        "failed": "gescheitert",
        "cancelled": "abgebrochen",
        "discarded": "Tabellen entfernt",
    },
    initial="queued",
    ends=frozenset({"finished", "failed", "cancelled", "discarded"}),
    table=[
        *rows("queued", "start", "running", SYSTEM, "run.started",
              en="a worker began", de="Rechnung begonnen", basis="contract: runs as jobs in worker processes"),
        *rows("running", "requeue", "queued", SYSTEM, "run.requeued",
              en="lost its worker", de="Rechenprozess verloren", basis="contract: restart after a crash"),
        *rows("running", "finish", "finished", SYSTEM, "run.finished",
              en="finished", de="fertig gerechnet", basis="contract: tables as JSON or CSV"),
        *rows("queued running", "fail", "failed", SYSTEM, "run.failed",
              en="failed", de="gescheitert", basis="bad input gets a named error"),
        *rows("queued running", "cancel", "cancelled", PLANNERS, "run.cancelled",
              en="cancelled", de="abgebrochen", basis="contract: DELETE cancels"),
        *rows("finished", "discard", "discarded", SYSTEM, "run.discarded",
              en="gave its place to newer runs", de="Tabellen entfernt", basis="a disk is finite"),
    ],
    guards={},
)  # fmt: skip


def stream(run: str) -> str:
    """Stream of a run."""
    return f"{CATEGORY}:{run}"


def decide(run: Run | None, command: Command, context: Context) -> list[Emitted]:
    """The event that a command leads to; raises what `errors` lists."""
    if isinstance(command, RequestRun):
        return [_request(command, context)]
    if run is None or not run.known_to(context.actor):
        raise NotFound(CATEGORY, context.stream.partition(":")[2])
    MACHINE.step(run.state, command.ACTION, context.actor.roles, Ask())
    return [(stream(run.id), _event(command, context))]


def options(run: Run, actor: Actor) -> list[Option]:
    """What a person may do with a run, or why not."""
    return MACHINE.allowed(run.state, actor.roles, Ask())


def _request(command: RequestRun, context: Context) -> Emitted:
    actor = context.actor
    if not actor.roles & PLANNERS:
        raise Forbidden("runs are for planner, admin", "Prognosen sind planner, admin vorbehalten")
    run = context.new_id()
    told = command.model_dump()
    return stream(run), RunRequested(run=run, authority=actor.authority, by=actor.user, at=context.now, **told)


def _event(command: Command, context: Context) -> Event:
    now = context.now
    match command:
        case StartRun():
            return RunStarted(at=now)
        case RequeueRun(reason=reason, blamed=blamed):
            return RunRequeued(reason=reason, blamed=blamed)
        case FinishRun():
            return RunFinished(**command.model_dump(), at=now)
        case FailRun(reason=reason):
            return RunFailed(reason=reason, at=now)
        case CancelRun():
            return RunCancelled(by=context.actor.user, at=now)
        case DiscardRun():
            return RunDiscarded(at=now)
    raise InvalidCommand([("", f"a run knows no {command.ACTION}")])


KIND: Kind = Kind(evolve, decide)
"""The line in the catalogue."""
