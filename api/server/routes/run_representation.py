"""What a run looks like over HTTP, in answers, in the description of the API, and as a resource of its own."""

from datetime import UTC, datetime
from typing import Annotated, Any

from api.application.resources.representation import From, Representation, one_of
from api.application.resources.resource import Resource
from api.application.run import CATEGORY, MACHINE, CancelRun, RequestRun, Run, options
from api.application.run_events import Mode, RunRequested, ScenarioQuestion
from simulation.replications import REPLICATIONS

RunState = Annotated[str, one_of("RunState", MACHINE.states)]


class RunRepresentation(Representation):
    """A run; its `files` are there once it is finished."""

    state: RunState
    title: str | None
    scenario: str | None
    replications: int
    scan_replications: int | None
    seed: int
    mode: Mode
    question: ScenarioQuestion | None
    authority: str | None
    by: str
    requested_at: Annotated[datetime, From("request.at")]
    started_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    reason_de: str | None
    scenario_hash: str | None
    items_simulated: Annotated[int | None, From("items")]
    files: Annotated[list[str], From("tables", lambda tables: sorted(tables or ()))]

    @classmethod
    def find_attribute(cls, name: str) -> str:
        """What was asked for stands in the run's `request`."""
        return f"request.{name}" if name in RunRequested.model_fields else name


RESOURCE = Resource(
    name=CATEGORY,
    plural="runs",
    en="run",
    de="Prognose",
    commands={"create": RequestRun, "cancel": CancelRun},
    representation=RunRepresentation,
    options=lambda run, context, _part: options(run, context),
    machine=MACHINE,
)


class Progress(Representation):
    """How far a run is; `left` in seconds, `ahead` how many runs are before it in the queue."""

    state: RunState
    done: int
    total: int
    items: int
    seconds: float | None
    left: float | None
    ahead: int | None


class RunRow(RunRepresentation):
    """A run in a list."""

    kind: str
    id: str


class RunList(Representation):
    """Runs, the newest first."""

    items: list[RunRow]


class RunNow(RunRow):
    """A run with how far it is."""

    version: int
    progress: Progress


class RunChanged(RunRow):
    """A run after a change, with the events of it."""

    version: int
    events: list[dict[str, Any]]


ID = "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"
BODY_EXAMPLE: dict[str, Any] = {"scenario": "nrw-plan-2021", "replications": REPLICATIONS, "seed": 2021, "mode": "risk"}
_EVENT = RunRequested(
    run=ID, authority="mwide", by="petra", scenario="nrw-plan-2021", text=None, title=None, replications=REPLICATIONS,
    seed=2021, mode=Mode.RISK, at=datetime(2027, 3, 1, 8, 0, tzinfo=UTC),
)  # fmt: skip
EXAMPLE: dict[str, Any] = {"kind": CATEGORY, "id": ID, **RunRepresentation.read(Run(ID, _EVENT))}
"""An example."""
PROGRESS: dict[str, Any] = {
    "state": "queued", "done": 0, "total": REPLICATIONS, "items": 0, "seconds": None, "left": None, "ahead": 1,
}  # fmt: skip
