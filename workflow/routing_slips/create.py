"""Drafting a routing slip and redrafting it: its route as written becomes stations with ids of their own."""

from collections.abc import Iterable

from pydantic import Field

from workflow.engine.access import Protection
from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Built, Command, Permission, rows
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.engine.machine import Guard
from workflow.errors import Forbidden, InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.persons import find_person, finder
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routes.route import Block, Leaf, earlier
from workflow.routing_slips import events as e
from workflow.routing_slips.events import Enclosure, Kind, Refusal, Spec, Specs, StationPlan, leaves
from workflow.routing_slips.guards import Question
from workflow.routing_slips.routing_slip import DECIDING, OWNERS, content_of, stream
from workflow.routing_slips.templates import find_wrong_time, route_of
from workflow.text import Text

CREATING = Permission(
    frozenset(OWNERS),
    en="this role sends no routing slips",
    de="Diese Rolle versendet keine E-Laufmappen",
    basis="DOMEA 2.1 p. 57-66",
)
DEEPEST = 20
"""Levels of nesting that a route may have."""
MOST_STATIONS = 200
"""Of a slip, those that were inserted and that stand again after a refusal included."""
LAST = (
    (
        Kind.FINAL_SIGN, DECIDING,
        Text("ein Lauf hat höchstens eine Schlusszeichnung", "a run has at most one final signature"),
        Text("jede Mitzeichnung und Freigabe steht vor der Schlusszeichnung",
             "every co-signature and approval comes before the final signature"),
    ),
    (
        Kind.CLOSE, frozenset(Kind) - {Kind.ACKNOWLEDGE},
        Text("ein Laufweg hat höchstens eine Station, die z.d.A. verfügt",
             "a route has at most one station that closes"),
        Text("die Station, die z.d.A. verfügt, steht zuletzt", "the station that closes comes last"),
    ),
)  # fmt: skip
"""Stations that others come before: which, and what is said of two, or of one that stands too early."""
_STATION = {"kind": "co_sign", "actor": "weber"}


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
        check_enclosed(self.documents, record)
        authority = self._authority(record, context)
        if bool(self.stations) == (self.template is not None):
            says = Text("entweder Stationen oder eine Vorlage angeben", "give either stations or a template")
            raise InvalidCommand([("/stations", says)])
        specs = self.stations or route_of(str(self.template), authority, context)
        slip = context.new_id()
        route, plans = lay_out(specs, authority, context)
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
            raise InvalidCommand([("/authority", Text("angeben, für welche Behörde", "say for which authority"))])
        if actor.authority not in {None, authority}:
            raise Forbidden("this is another authority", "Das ist eine andere Behörde")
        if not actor.clearance.covers(self.protection):
            raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
        return authority

    def _record(self, context: Context) -> Record | None:
        """The record it is drafted for, known to the drafter and holding the case and the documents named."""
        if self.record is None:
            if self.case is not None:
                raise InvalidCommand([("/case", Text("ein Vorgang braucht seine Akte", "a case needs its record"))])
            return None
        record = context.find(record_stream(self.record), Record)
        if record is None or not record.known_to(context.actor):
            raise InvalidCommand(
                [("/record", Text(f"Eine Akte {self.record} gibt es nicht", f"there is no record {self.record}"))]
            )
        if self.case is not None and self.case not in record.cases:
            raise InvalidCommand(
                [("/case", Text(f"die Akte hat keinen Vorgang {self.case}", f"the record has no case {self.case}"))]
            )
        life = record.life_of(self.case or record.id)
        if life is None or life.state == "deleted":
            raise InvalidCommand([("/case" if self.case else "/record", Text("es wurde gelöscht", "it was deleted"))])
        return record


def check_enclosed(documents: Iterable[Enclosure], record: Record | None) -> None:
    """`InvalidCommand` where a document of another record is enclosed: the slip has the need of its own record only."""
    held = {one.id: {version.sha256 for version in one.versions} for one in record.documents()} if record else {}
    for number, enclosed in enumerate(documents):
        if enclosed.document is not None and enclosed.sha256 not in held.get(enclosed.document, set()):
            says = Text(
                "die Akte hat ein solches Dokument in dieser Fassung nicht",
                "the record has no such document in this version",
            )
            raise InvalidCommand([(f"/documents/{number}", says)])


def _encloses_newest(question: Question) -> bool:
    """What is filed in the end is the newest version of a document, so this is what has to go round (rules 15, 16):
    what is enclosed at the start, and what a comment brings.
    """
    slip, brought = question.slip, question.value("documents")
    enclosed = brought if brought is not None else () if slip.state == "circulating" else slip.documents
    record = question.context.find(record_stream(slip.record), Record) if slip.record else None
    newest = {one.id: one.versions[-1].sha256 for one in record.documents()} if record else dict[str, str]()
    return all(newest.get(one.document or "", one.sha256) == one.sha256 for one in enclosed)


ENCLOSURE_GUARDS: dict[str, Guard[Question]] = {
    "enclosed_newest": Guard(
        _encloses_newest,
        "the record has a newer version of what is enclosed; revise the content first",
        "die E-Akte hat eine neuere Fassung von Eingelegtem; erst den Inhalt überarbeiten",
    ),
}


def lay_out(specs: tuple[Spec, ...], authority: str, context: Context) -> tuple[Block, tuple[StationPlan, ...]]:
    check_number(sum(1 for _ in leaves(specs)))
    plans: list[StationPlan] = []
    parts = tuple(_part(spec, plans, authority, context) for spec in specs)
    return Block(order="sequence", parts=parts), tuple(plans)


def check_number(stations: int) -> None:
    """`InvalidCommand` where a slip would have more: each is looked at whenever somebody asks what may be done."""
    if stations > MOST_STATIONS:
        says = Text(
            f"{stations:,} Stationen; höchstens {MOST_STATIONS}", f"{stations:,} stations; at most {MOST_STATIONS}"
        )
        raise InvalidCommand([("/stations", says)])


def _part(spec: Spec, plans: list[StationPlan], authority: str, context: Context, depth: int = 1) -> Leaf | Block:
    if depth > DEEPEST:
        raise InvalidCommand(
            [("/stations", Text(f"tiefer als {DEEPEST} Ebenen geschachtelt", f"nested deeper than {DEEPEST} levels"))]
        )
    match spec:
        case e.ParallelSpec():
            inner = (_part(one, plans, authority, context, depth + 1) for one in spec.parallel)
            return Block(order="parallel", parts=tuple(inner))
        case e.SequenceSpec():
            inner = (_part(one, plans, authority, context, depth + 1) for one in spec.sequence)
            return Block(order="sequence", parts=tuple(inner))
        case e.StationSpec():
            plan = _station_plan(spec, authority, context)
            plans.append(plan)
            return Leaf(station=plan.id)


def _station_plan(spec: e.StationSpec, authority: str, context: Context) -> StationPlan:
    if wrong := find_wrong_time(spec):
        raise InvalidCommand([("/stations", wrong)])
    find, told = finder(context), spec.escalate_to
    persons = {
        "actor": find_person(spec.actor, authority, find),
        "escalate_to": told and find_person(told, authority, find),
    }
    return StationPlan(**{**vars(spec), **persons, "id": context.new_id()})


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


class Plan(Command, action="plan", en="Plan the route", de="Laufweg festlegen", example={"stations": [_STATION]}):
    """Lay out another route."""

    stations: Specs

    ROWS = rows(
        "draft returned", None, OWNERS, e.RoutePlanned, "owner",
        en="planned the route", de="Laufweg festgelegt", basis="DOMEA 2.1 p. 62: Laufweg ad hoc",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        route, plans = lay_out(self.stations, question.slip.authority, question.context)
        check_route(route, {plan.id: plan for plan in plans})
        return e.RoutePlanned(route=route, stations=plans)


class Revise(
    Command, action="revise", en="Revise the content", de="Inhalt überarbeiten",
    example={"title": "Bescheid, zweite Fassung"},
):  # fmt: skip
    """Change the content; signatures lapse."""

    title: Line | None = None
    note: FreeText | None = None
    documents: tuple[Enclosure, ...] | None = Field(default=None, max_length=500)

    ROWS = rows(
        "draft returned", None, OWNERS, e.Revised, "owner",
        en="revised the content", de="Inhalt überarbeitet", basis="rule 16",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        slip = question.slip
        title = slip.title if self.title is None else self.title
        note = slip.note if self.note is None else self.note
        return revised(question, title, note, slip.documents if self.documents is None else self.documents)


def revised(
    question: Question, title: str, note: str, documents: tuple[Enclosure, ...], lapsed: Iterable[str] = ()
) -> e.Revised:
    """The new content and whose it is; `InvalidCommand` where nothing would change, or the record has no such
    enclosure.
    """
    slip, actor = question.slip, question.context.actor
    content = content_of(title, note, documents)
    if content == slip.content:
        raise InvalidCommand([("", Text("Es würde sich nichts ändern", "nothing would change"))])
    record = question.context.find(record_stream(slip.record), Record) if slip.record else None
    check_enclosed((one for one in documents if one not in slip.documents), record)
    return e.Revised(
        title=title, note=note, documents=documents, old_content=slip.content, content=content, lapsed=tuple(lapsed),
        by=actor.user, on_behalf_of=question.acting_for or actor.on_behalf_of,
    )  # fmt: skip
