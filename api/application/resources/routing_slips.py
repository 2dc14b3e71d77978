"""The routing slip (E-Laufmappe) with its stations, as the API shows it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from api.application.resources.records import build_page
from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import After, Filter, Page, Resource
from workflow.engine.access import Actor, Protection
from workflow.organisation.house_rules import Context
from workflow.routing_slips.decide import options
from workflow.routing_slips.events import Enclosure, Kind, Refusal, Result
from workflow.routing_slips.guards import find_station
from workflow.routing_slips.machine import COMMANDS, MACHINE
from workflow.routing_slips.route import Block, Leaf, stations
from workflow.routing_slips.routing_slip import STATUS_CODES, RoutingSlip, Station
from workflow.views.queries import Views


class StationRepresentation(Representation):
    """A station of a run; `code` is xdomea's Beteiligungsstatus."""

    id: str
    number: int = 0
    kind: Kind
    actor: str
    status: str
    code: Annotated[str, From("status", STATUS_CODES.__getitem__)]
    instruction: Annotated[str, From("plan.instruction")]
    deadline: Annotated[date | None, From("plan.deadline")]
    until: Annotated[date | None, From("plan.until")]
    result: Result | None
    done_by: str | None
    on_behalf_of: str | None
    done_at: datetime | None
    note: str
    reservation: bool
    opened: bool
    lapsed: bool
    overruled: bool
    delegated_from: str | None


class RouteRepresentation(Representation):
    """The route as a tree; parts are numbers of stations, or routes again."""

    order: Literal["sequence", "parallel"]
    parts: list[Any]


class NoteRepresentation(Representation):
    """A note in the folder."""

    by: str
    text: str


def _number(found: Iterable[Station]) -> list[Fields]:
    return [{**StationRepresentation.read(station), "number": number} for number, station in enumerate(found, 1)]


def _describe_route(block: Block) -> Fields:
    numbers = {key: number for number, key in enumerate(stations(block), 1)}

    def describe(part: Block | Leaf) -> Fields | int:
        if isinstance(part, Leaf):
            return numbers[part.station]
        return {"order": part.order, "parts": [describe(one) for one in part.parts]}

    return {"order": block.order, "parts": [describe(one) for one in block.parts]}


class RoutingSlipRepresentation(Representation):
    """A routing slip (E-Laufmappe) with its stations in the order of the route."""

    state: str
    authority: str
    title: str
    note: str
    owner: str
    record: str | None
    case: str | None
    protection: Annotated[Protection, From("own_protection")]
    four_eyes: bool
    refusal: Refusal
    run: int
    reference: str | None
    content: str
    documents: list[Enclosure]
    stations: Annotated[list[StationRepresentation], From("ordered", lambda ordered: _number(ordered()))]
    route: Annotated[RouteRepresentation, From(convert=_describe_route)]
    notes: Annotated[
        list[NoteRepresentation], From(convert=lambda notes: [{"by": by, "text": text} for by, text in notes])
    ]
    past_runs: Annotated[list[list[StationRepresentation]], From("past", lambda past: [_number(run) for run in past])]


class RoutingSlipRow(Representation):
    """A routing slip in lists; `deadline` 9999-12-31 stands for none."""

    kind: str
    id: str
    authority: str
    title: str
    state: str
    owner: str
    record: str | None
    protection: Protection
    run: int
    done: int
    stations: int
    waiting_for: str
    deadline: str


def _knows(slip: RoutingSlip, context: Context) -> bool:
    """Owner, participants, those of the authority with clearance, and deputies of those whose station is active."""
    return slip.known_to(context.actor) or find_station(slip, None, "", context) is not None


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    return build_page(views.cockpit(actor, filters.get("state"), limit + 1, after), limit, "deadline", "stream")


RESOURCE = Resource(
    name="routing-slip",
    plural="routing-slips",
    en="routing slip",
    de="E-Laufmappe",
    commands=COMMANDS,
    representation=RoutingSlipRepresentation,
    row=RoutingSlipRow,
    knows=_knows,
    options=lambda slip, context, _: options(slip, context),
    machine=MACHINE,
    list_view=_list,
    parts="stations",
    example_steps=("start",),
    filters=(Filter("state", "only those in this state", tuple(MACHINE.states)),),
)
