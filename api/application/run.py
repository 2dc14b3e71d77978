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
    ScenarioQuestion,
    Slug,
)
from simulation.replications import REPLICATIONS
from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Emitted, Evolver, Kind, replace
from workflow.engine.commands import Built, Command, Permission, rows
from workflow.engine.events import Event
from workflow.engine.fields import Count, Line, LongText, Sha256
from workflow.engine.machine import Machine, Option
from workflow.errors import NotFound
from workflow.organisation.house_rules import Context
from workflow.text import InvalidValue

CATEGORY = "run"
PLANNERS = frozenset({Role.PLANNER, Role.ADMIN})
SYSTEM = frozenset({Role.SYSTEM})
ASKING = Permission(
    PLANNERS,
    "runs are for planner, admin",
    "Prognosen sind Programmplanung, Administration vorbehalten",
    "contract: planners ask for runs",
)


@dataclass(frozen=True)
class Question:
    """What an action may look at; a run has no conditions."""

    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - there is nothing to look at
        return self


class RequestRun(
    Command,
    action="create",
    en="Ask for a forecast",
    de="Prognose anfordern",
    example={"scenario": "nrw-plan-2021", "replications": REPLICATIONS, "seed": 2021, "mode": "risk"},
):
    """Ask for a forecast of a shipped scenario, or of one handed in as YAML text."""

    scenario: Slug | None = None
    text: LongText | None = None
    title: Line | None = None
    replications: Replications = REPLICATIONS
    """Bands and probabilities are told from 100 on. Where they are left out, a question about which assumptions move an
    outcome most has 4 of each of its points, one about what holds a deadline 100 of each mix of levers."""
    scan_replications: Replications | None = None
    """So many of them with every item in the scan centres, which takes longest; at most 20 where it is left out."""
    seed: Count = 2021
    mode: Mode = Mode.RISK
    question: ScenarioQuestion | None = None
    """What is asked about the scenario; its forecast where it is left out."""

    PERMISSION = ASKING

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
            raise InvalidValue(
                "entweder `scenario`, der Name eines mitgelieferten, oder `text`, ein Szenario in YAML",
                "give either `scenario`, the name of a shipped one, or `text`, a scenario in YAML",
            )
        return self

    def request(self, context: Context) -> Emitted:
        actor, run = context.actor, context.new_id()
        asked = self.model_dump()
        return stream(run), RunRequested(run=run, authority=actor.authority, by=actor.user, at=context.now, **asked)


class StartRun(Command, action="start", en="Start", de="Rechnung beginnen"):
    """A worker begins."""

    ROWS = rows(
        "queued", "running", SYSTEM, RunStarted,
        en="a worker began", de="Rechnung begonnen", basis="contract: runs as jobs in worker processes",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return RunStarted(at=question.context.now)


class RequeueRun(Command, action="requeue", en="Queue again", de="Neu einreihen"):
    """The worker is gone; without `reason_de` the reason is the same in German."""

    reason: Line
    reason_de: Line | None = None
    blamed: bool = False

    ROWS = rows(
        "running", "queued", SYSTEM, RunRequeued,
        en="lost its worker", de="Rechenprozess verloren", basis="contract: restart after a crash",
    )  # fmt: skip

    def build(self, _question: Question) -> Built:
        return RunRequeued(**self.model_dump())


class FinishRun(Command, action="finish", en="Finish", de="Rechnung abschließen"):
    """The tables are written."""

    scenario_hash: Sha256
    items: Count
    tables: dict[Line, Sha256]

    ROWS = rows(
        "running", "finished", SYSTEM, RunFinished,
        en="finished", de="fertig gerechnet", basis="contract: tables as JSON or CSV",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return RunFinished(**self.model_dump(), at=question.context.now)


class FailRun(Command, action="fail", en="Fail", de="Rechnung verwerfen"):
    """It cannot be done; without `reason_de` the reason is the same in German."""

    reason: Line
    reason_de: Line | None = None

    ROWS = rows(
        "queued running", "failed", SYSTEM, RunFailed,
        en="failed", de="gescheitert", basis="bad input gets a named error",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return RunFailed(**self.model_dump(), at=question.context.now)


class CancelRun(Command, action="cancel", en="Cancel", de="Abbrechen"):
    """End it before it is done."""

    ROWS = rows(
        "queued running", "cancelled", PLANNERS, RunCancelled,
        en="cancelled", de="abgebrochen", basis="contract: DELETE cancels",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return RunCancelled(by=question.context.actor.user, at=question.context.now)


class DiscardRun(Command, action="discard", en="Discard the tables", de="Tabellen entfernen"):
    """Make room for newer runs."""

    ROWS = rows(
        "finished", "discarded", SYSTEM, RunDiscarded,
        en="gave its place to newer runs", de="Tabellen entfernt", basis="a disk is finite",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return RunDiscarded(at=question.context.now)


MACHINE: Machine[Question] = Machine(
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
    guards={},
    commands=(RequestRun, StartRun, RequeueRun, FinishRun, FailRun, CancelRun, DiscardRun),
)


@dataclass(frozen=True)
class Run:
    id: str
    request: RunRequested
    state: str = "queued"
    crashes: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    reason_de: str | None = None
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


def _next(run: Run, event: Event, **changes: object) -> Run:
    return replace(run, state=MACHINE.state_after(run.state, event), **changes)  # type: ignore[arg-type]


@evolve.on(RunStarted)
def _started(run: Run, event: RunStarted) -> Run:
    return _next(run, event, started_at=event.at, reason=None, reason_de=None)


@evolve.on(RunRequeued)
def _requeued(run: Run, event: RunRequeued) -> Run:
    return _next(run, event, reason=event.reason, reason_de=event.reason_de, crashes=run.crashes + event.blamed)


@evolve.on(RunFinished)
def _finished(run: Run, event: RunFinished) -> Run:
    return _next(run, event, ended_at=event.at, scenario_hash=event.scenario_hash, items=event.items,
        tables=event.tables, reason=None,
    )  # fmt: skip


@evolve.on(RunFailed)
def _failed(run: Run, event: RunFailed) -> Run:
    return _next(run, event, ended_at=event.at, reason=event.reason, reason_de=event.reason_de)


@evolve.on(RunCancelled)
def _cancelled(run: Run, event: RunCancelled) -> Run:
    return _next(run, event, ended_at=event.at)


@evolve.on(RunDiscarded)
def _discarded(run: Run, event: RunDiscarded) -> Run:
    return _next(run, event, tables=None)


def stream(run: str) -> str:
    return f"{CATEGORY}:{run}"


def decide(run: Run | None, command: Command, context: Context) -> list[Emitted]:
    if isinstance(command, RequestRun):
        ASKING.check(context.actor)
        return [command.request(context)]
    if run is None or not run.known_to(context.actor):
        raise NotFound(CATEGORY, context.stream.partition(":")[2])
    question = Question(context)
    row = MACHINE.step(run.state, command.ACTION, context.actor.roles, question)
    return row.emit(stream(run.id), command, question)


def options(run: Run, context: Context) -> list[Option]:
    return MACHINE.allowed(run.state, context.actor.roles, Question(context))


KIND: Kind = Kind(evolve, decide)
"""The line in the catalogue."""
