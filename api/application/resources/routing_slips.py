"""The routing slip (E-Laufmappe) with its stations, as the API shows it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from api.application.resources.records import build_page
from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Listing, Page, Resource
from workflow.engine.access import Actor, Protection
from workflow.engine.aggregate import replace
from workflow.organisation.house_rules import Context
from workflow.records.record import stream as record_stream
from workflow.routes.route import Block, Leaf, stations
from workflow.routing_slips.decide import options
from workflow.routing_slips.events import Enclosure, Kind, Refusal, Result, SlipClient
from workflow.routing_slips.machine import COMMANDS, DELIVERY, MACHINE
from workflow.routing_slips.routing_slip import STATUS_CODES, RoutingSlip, Station, knows, protection_of
from workflow.views.queries import Views

RoutingSlipState = Annotated[str, one_of("RoutingSlipState", MACHINE.states)]
DeliveryState = Annotated[str, one_of("DecisionDeliveryState", DELIVERY.states)]
StationStatus = Annotated[str, one_of("StationStatus", STATUS_CODES)]


class DecisionDeliveryRepresentation(Representation):
    """How a decision is delivered that a station sends out: by a letter, or for retrieval (§ 41 (2a) VwVfG)."""

    state: DeliveryState
    law: str | None
    """Which allows that a system issues it alone (§ 35a VwVfG); none where a person decided."""
    recipient: str | None
    consent: str | None
    until: date | None
    """The last day on which it can be retrieved."""
    retrieved_by: str | None
    authenticated: str | None
    notified_on: date | None
    """From when it counts as notified."""


class StationRepresentation(Representation):
    """A station of a run; `code` is xdomea's Beteiligungsstatus."""

    id: str
    number: int = 0
    kind: Kind
    actor: str
    status: StationStatus
    code: Annotated[str, From("status", STATUS_CODES.__getitem__)]
    instruction: Annotated[str, From("plan.instruction")]
    deadline: Annotated[date | None, From("plan.deadline")]
    until: Annotated[date | None, From("plan.until")]
    deadline_days: Annotated[int | None, From("plan.deadline_days")]
    awaits: Annotated[str | None, From("plan.awaits")]
    skip_unread: Annotated[bool, From("plan.skip_unread")]
    silence_consents: Annotated[bool, From("plan.silence_consents")]
    escalate_to: Annotated[str | None, From("plan.escalate_to")]
    result: Result | None
    done_by: str | None
    on_behalf_of: str | None
    done_at: datetime | None
    note: str
    reservation: bool
    client: SlipClient | None
    opened: bool
    lapsed: bool
    overruled: bool
    delegated_from: str | None
    delivery: DecisionDeliveryRepresentation | None
    """None where the station sends nothing out."""


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
    """A routing slip (E-Laufmappe) with its stations in the order of the route; `protection` is the maximum of its own
    need and its record's.
    """

    state: RoutingSlipState
    authority: str
    title: str
    note: str
    owner: str
    record: str | None
    case: str | None
    protection: Protection
    own_protection: Protection
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
    state: RoutingSlipState
    owner: str
    record: str | None
    protection: Protection
    run: int
    done: int
    stations: int
    waiting_for: str
    deadline: str
    unit: str
    """Federführung of its record; empty without one."""
    started: str
    """Day of its first start; empty before."""
    ended: str
    """Day on which it was completed or given up; empty before."""
    version: int
    created_at: datetime
    changed_at: datetime


def _show(slip: RoutingSlip, context: Context) -> RoutingSlip | None:
    """With the need that it has by its record."""
    if not knows(slip, context):
        return None
    need = protection_of(slip, context)
    return slip if need is slip.own_protection else replace(slip, record_protection=need)


def _list_others(slip: RoutingSlip) -> list[str]:
    return [record_stream(slip.record)] if slip.record else []


def list_slips(views: Views, actor: Actor, asked: Listing) -> Page:
    wanted = asked.want("deadline")
    rows = views.stamped(lambda: views.slips(actor, wanted, asked.limit + 1, asked.after))
    return build_page(rows, asked.limit, str(wanted.order), "stream")


RESOURCE = Resource(
    name="routing-slip",
    plural="routing-slips",
    en="routing slip",
    de="E-Laufmappe",
    commands=COMMANDS,
    representation=RoutingSlipRepresentation,
    row=RoutingSlipRow,
    knowledge=Knowledge(_show, others=_list_others),
    options=lambda slip, context, _: options(slip, context),
    machine=MACHINE,
    list_view=list_slips,
    parts="stations",
    example_steps=("start",),
    sorts=("deadline", "title", "state", "owner"),
    filters=(
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("owner", "only those of one of these owners"),
        Filter("record", "only those of one of these records"),
        Filter("authority", "only those of one of these authorities"),
    ),
)
