"""Drafting a routing slip: its route as written becomes stations with ids of their own."""

from pydantic import Field

from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command, Permission
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.errors import Forbidden, InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips import events as e
from workflow.routing_slips.events import Enclosure, Kind, Refusal, Spec, StationPlan
from workflow.routing_slips.route import Block, Leaf, earlier
from workflow.routing_slips.routing_slip import DECIDING, content_of, stream
from workflow.routing_slips.templates import route_of

OFFICE = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
OWNERS = {*OFFICE, Role.ADMIN, Role.ARCHIVIST, Role.AUDITOR}
CREATING = Permission(
    frozenset(OWNERS),
    en="this role sends no routing slips",
    de="Diese Rolle versendet keine E-Laufmappen",
    basis="DOMEA 2.1 p. 57-66",
)
DEEPEST = 20
"""Levels of nesting that a route may have."""
LAST = (
    (
        Kind.FINAL_SIGN, DECIDING, "a run has at most one final signature",
        "every co-signature and approval comes before the final signature",
    ),
    (
        Kind.CLOSE, frozenset(Kind) - {Kind.ACKNOWLEDGE}, "a route has at most one station that closes",
        "the station that closes comes last",
    ),
)  # fmt: skip
"""Stations that others come before: which, and what is said of two, or of one that stands too early."""


class CreateSlip(
    Command, action="create", en="Create a routing slip", de="Laufmappe anlegen",
    example={
        "title": "Bescheid zur Mitzeichnung",
        "stations": [
            {"parallel": [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "co_sign", "actor": "klein"}]},
            {"kind": "final_sign", "actor": "weber", "deadline": "2027-03-01"},
        ],
    },
):  # fmt: skip
    """A new routing slip, with its route or that of a template."""

    title: Line
    note: FreeText = ""
    stations: tuple[Spec, ...] = Field(default=(), max_length=200)
    template: Line | None = None
    record: Id | None = None
    case: Id | None = None
    documents: tuple[Enclosure, ...] = Field(default=(), max_length=500)
    protection: Protection = Protection.NORMAL
    four_eyes: bool = False
    refusal: Refusal = "wait"
    authority: Name | None = None

    PERMISSION = CREATING

    def create(self, context: Context) -> list[Emitted]:
        """The slip; `Forbidden` or `InvalidCommand` where the actor may not draft it like this."""
        record = self._record(context)
        authority = self._authority(record, context)
        if bool(self.stations) == (self.template is not None):
            raise InvalidCommand([("/stations", "give either stations or a template")])
        specs = self.stations or route_of(str(self.template), authority, context)
        slip = context.new_id()
        route, plans = lay_out(specs, context)
        check_route(route, {plan.id: plan for plan in plans})
        created = e.SlipCreated(
            slip=slip,
            authority=authority,
            title=self.title,
            note=self.note,
            owner=context.actor.acts_as,
            record=self.record,
            case=self.case,
            protection=self.protection,
            four_eyes=self.four_eyes,
            refusal=self.refusal,
            documents=self.documents,
            content=content_of(self.title, self.note, self.documents),
            route=route,
            stations=plans,
        )
        return [(stream(slip), created)]

    def _authority(self, record: Record | None, context: Context) -> str:
        actor = context.actor
        authority = self.authority or actor.authority or (record.authority if record else None)
        if authority is None:
            raise InvalidCommand([("/authority", "say for which authority")])
        if actor.authority not in {None, authority}:
            raise Forbidden("this is another authority", "Das ist eine andere Behörde")
        if not actor.clearance.covers(self.protection):
            raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
        return authority

    def _record(self, context: Context) -> Record | None:
        """The record it is drafted for, known to the drafter and holding the case and the documents named."""
        if self.record is None:
            if self.case is not None:
                raise InvalidCommand([("/case", "a case needs its record")])
            return None
        record = context.find(record_stream(self.record), Record)
        if record is None or not record.known_to(context.actor):
            raise InvalidCommand([("/record", f"there is no record {self.record}")])
        if self.case is not None and self.case not in record.cases:
            raise InvalidCommand([("/case", f"the record has no case {self.case}")])
        held = {document.id: {v.sha256 for v in document.versions} for document in record.documents()}
        for number, enclosed in enumerate(self.documents):
            if enclosed.document is not None and enclosed.sha256 not in held.get(enclosed.document, set()):
                raise InvalidCommand([(f"/documents/{number}", "the record has no such document in this version")])
        return record


def lay_out(specs: tuple[Spec, ...], context: Context) -> tuple[Block, tuple[StationPlan, ...]]:
    plans: list[StationPlan] = []
    parts = tuple(_part(spec, plans, context) for spec in specs)
    return Block(order="sequence", parts=parts), tuple(plans)


def _part(spec: Spec, plans: list[StationPlan], context: Context, depth: int = 1) -> Leaf | Block:
    if depth > DEEPEST:
        raise InvalidCommand([("/stations", f"nested deeper than {DEEPEST} levels")])
    match spec:
        case e.ParallelSpec():
            return Block(order="parallel", parts=tuple(_part(one, plans, context, depth + 1) for one in spec.parallel))
        case e.SequenceSpec():
            return Block(order="sequence", parts=tuple(_part(one, plans, context, depth + 1) for one in spec.sequence))
        case e.StationSpec():
            plan = _station_plan(spec, context)
            plans.append(plan)
            return Leaf(station=plan.id)


def _station_plan(spec: e.StationSpec, context: Context) -> StationPlan:
    if (spec.kind is Kind.RESUBMIT) != (spec.until is not None):
        raise InvalidCommand([("/stations", "a resubmit station, and only that, has a day in `until`")])
    if spec.skip_unread and (spec.kind is not Kind.ACKNOWLEDGE or spec.deadline is None):
        raise InvalidCommand([("/stations", "only an acknowledgement with a deadline may be skipped unread")])
    return StationPlan(id=context.new_id(), **spec.model_dump())


def check_route(route: Block, plans: dict[str, StationPlan]) -> None:
    """`InvalidCommand` where the final signature or the closing station stands wrongly: at most one of each, and what
    it depends on before it (rule 15).
    """
    for kind, needed, many, early in LAST:
        last = {key for key, plan in plans.items() if plan.kind is kind}
        if len(last) > 1:
            raise InvalidCommand([("/stations", many)])
        before = {key for key, plan in plans.items() if plan.kind in needed} - last
        if not all(before <= earlier(route, key) for key in last):
            raise InvalidCommand([("/stations", early)])
