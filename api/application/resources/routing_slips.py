"""The routing slip (E-Laufmappe) with its stations, as the API shows it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from api.application.resources.records import row_of
from api.application.resources.resource import After, Fields, Filter, Page, Resource
from workflow.engine.access import Actor, Protection
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.routing_slips.decide import options
from workflow.routing_slips.events import Kind, Refusal, Result
from workflow.routing_slips.guards import meant
from workflow.routing_slips.machine import COMMANDS, MACHINE
from workflow.routing_slips.route import Block, Leaf
from workflow.routing_slips.routing_slip import STATUS_CODES, RoutingSlip, Station
from workflow.views.queries import Views


class StationShown(TypedDict):
    """A station of the current run; `code` is xdomea's Beteiligungsstatus."""

    id: str
    number: int
    kind: Kind
    actor: str
    status: str
    code: str
    instruction: str
    deadline: date | None
    until: date | None
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


class EnclosureShown(TypedDict):
    """A document in the folder."""

    title: str
    sha256: str
    document: str | None


class RouteShown(TypedDict):
    """The route as a tree; parts are numbers of stations, or routes again."""

    order: Literal["sequence", "parallel"]
    parts: list[Any]


class NoteShown(TypedDict):
    """A note in the folder."""

    by: str
    text: str


class RoutingSlipShown(TypedDict):
    """A routing slip (E-Laufmappe)."""

    state: str
    authority: str
    title: str
    note: str
    owner: str
    record: str | None
    case: str | None
    protection: Protection
    four_eyes: bool
    refusal: Refusal
    run: int
    reference: str | None
    content: str
    documents: list[EnclosureShown]
    stations: list[StationShown]
    route: RouteShown
    notes: list[NoteShown]
    past_runs: list[list[StationShown]]


class RoutingSlipRow(TypedDict):
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


def _station(station: Station, number: int) -> StationShown:
    plan = station.plan
    return {
        "id": plan.id,
        "number": number,
        "kind": plan.kind,
        "actor": station.actor,
        "status": station.status,
        "code": STATUS_CODES[station.status],
        "instruction": plan.instruction,
        "deadline": plan.deadline,
        "until": plan.until,
        "result": station.result,
        "done_by": station.done_by,
        "on_behalf_of": station.on_behalf_of,
        "done_at": station.done_at,
        "note": station.note,
        "reservation": station.reservation,
        "opened": station.opened,
        "lapsed": station.lapsed,
        "overruled": station.overruled,
        "delegated_from": station.delegated_from,
    }


def _route(block: Block, numbers: Mapping[str, int]) -> RouteShown:
    parts = [numbers[p.station] if isinstance(p, Leaf) else _route(p, numbers) for p in block.parts]
    return {"order": block.order, "parts": parts}


def represent(slip: RoutingSlip) -> Fields:
    """The routing slip with its stations in order."""
    numbers = slip.numbers()
    shown: RoutingSlipShown = {
        "state": slip.state,
        "authority": slip.authority,
        "title": slip.title,
        "note": slip.note,
        "owner": slip.owner,
        "record": slip.record,
        "case": slip.case,
        "protection": slip.own_protection,
        "four_eyes": slip.four_eyes,
        "refusal": slip.refusal,
        "run": slip.run,
        "reference": slip.reference,
        "content": slip.content,
        "documents": [{"title": d.title, "sha256": d.sha256, "document": d.document} for d in slip.documents],
        "stations": [_station(slip.stations[key], number) for key, number in numbers.items()],
        "route": _route(slip.route, numbers),
        "notes": [{"by": by, "text": text} for by, text in slip.notes],
        "past_runs": [[_station(s, n) for n, s in enumerate(run, 1)] for run in slip.past],
    }
    return dict(shown)


def _knows(slip: RoutingSlip, context: Context) -> bool:
    """Owner, participants, those of the authority with clearance, and deputies of whoever has it on the desk."""
    return slip.known_to(context.actor) or meant(slip, None, "", context) is not None


def _options(slip: RoutingSlip, context: Context, _part: str | None) -> list[Option]:
    return options(slip, context)


def _list(views: Views, actor: Actor, filters: Mapping[str, str], limit: int, after: After | None) -> Page:
    start = (after[0], after[1]) if after else None
    rows = views.cockpit(actor, filters.get("state"), limit + 1, start)
    end = (rows[limit - 1]["deadline"], rows[limit - 1]["stream"]) if len(rows) > limit else None
    return Page([row_of(row) for row in rows[:limit]], end)


RESOURCE = Resource(
    name="routing-slip",
    plural="routing-slips",
    en="routing slip",
    de="E-Laufmappe",
    commands=COMMANDS,
    representation=RoutingSlipShown,
    row=RoutingSlipRow,
    represent=represent,
    knows=_knows,
    options=_options,
    machine=MACHINE,
    list_view=_list,
    filters=(Filter("state", "only those in this state", tuple(MACHINE.states)),),
)
