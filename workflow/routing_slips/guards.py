"""The conditions of a routing slip by name: what each asks, and how its failure is worded."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from workflow.engine.access import Protection, Role, highest
from workflow.engine.aggregate import Emitted, dataclass
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.machine import Guard
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import deputises, get_clearance, has_left
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips.events import Kind, ParallelSpec, SequenceSpec, Spec, StationSpec
from workflow.routing_slips.route import later
from workflow.routing_slips.routing_slip import DECIDING, RoutingSlip, Station, stream


@dataclass(frozen=True, slots=True)
class Question:
    """What a guard may look at; `station` is the one meant."""

    slip: RoutingSlip
    command: Command | None
    context: Context
    action: str
    station: Station | None
    fold: Callable[[Iterable[Event], RoutingSlip], RoutingSlip | None]

    def asking(self, action: str) -> "Question":
        station = find_station(self.slip, None, action, self.context)
        return Question(self.slip, None, self.context, action, station, self.fold)

    def value(self, field: str) -> Any:
        """A field of the command, None without a command or such a field."""
        return self.command.get(field) if self.command else None

    @property
    def acting_for(self) -> str | None:
        if self.station is None or self.station.actor == self.user:
            return None
        return self.station.actor

    @property
    def user(self) -> str:
        return self.context.actor.user

    @property
    def own_station(self) -> Station:
        """The station meant; `NotFound` where the person has none."""
        if self.station is None:
            raise NotFound("station of", self.user)
        return self.station

    def emit(self, *events: Event) -> list[Emitted]:
        return [(stream(self.slip.id), event) for event in events]

    def after(self, events: list[Emitted]) -> RoutingSlip:
        own = stream(self.slip.id)
        return self.fold([event for where, event in events if where == own], self.slip) or self.slip


ANY_KIND = frozenset(Kind)
KINDS_OF_ACTION: dict[str, frozenset[Kind]] = {}
"""What stations may question for where an action answers them; each action at a station enters its own."""


def find_station(slip: RoutingSlip, ref: str | int | None, action: str, context: Context) -> Station | None:
    """The station that an action is about: the one named, else the caller's own, rather active and of the right kind.

    `InvalidCommand` where the named one does not exist.
    """
    ordered = slip.ordered()
    if isinstance(ref, int):
        if ref > len(ordered):
            raise InvalidCommand([("/station", f"there are {len(ordered)} stations")])
        return ordered[ref - 1]
    if ref is not None:
        if ref not in slip.stations:
            raise InvalidCommand([("/station", f"there is no station {ref}")])
        return slip.stations[ref]
    kinds = KINDS_OF_ACTION.get(action, ANY_KIND)
    persons = {context.actor.user, context.actor.acts_as}
    open_to_me = [
        s
        for s in ordered
        if s.actor in persons or (s.status == "active" and deputises(context.actor.user, s.actor, context))
    ]
    return max(
        open_to_me,
        key=lambda s: (s.status == "active", s.kind in kinds, not s.terminal, s.actor in persons),
        default=None,
    )


def protection_of(slip: RoutingSlip, context: Context) -> Protection:
    """Maximum of the slip's own need and its record's (rule 20)."""
    record = context.find(record_stream(slip.record), Record) if slip.record else None
    return highest((slip.own_protection, record.protection)) if record else slip.own_protection


def _deputy(question: Question, person: str) -> bool:
    """Whether the caller is that person or acts for them: said so, or is known as their deputy."""
    return person in {question.user, question.context.actor.on_behalf_of} or deputises(
        question.user, person, question.context
    )


def _participant(question: Question) -> bool:
    meant = [question.station] if question.station else question.slip.stations.values()
    return any(_deputy(question, station.actor) for station in meant)


def _kind_fits(question: Question) -> bool:
    kinds = KINDS_OF_ACTION.get(question.action)
    return question.station is None or kinds is None or question.station.kind in kinds


def _is_approver(question: Question) -> bool:
    if question.station is None or question.station.kind not in {Kind.FINAL_SIGN, Kind.APPROVE}:
        return True
    return Role.APPROVER in question.context.actor.roles


def _four_eyes(question: Question) -> bool:
    """With four eyes wanted, nobody decides twice in a run, and the author not finally, in whatever name (rule 18)."""
    slip, station = question.slip, question.station
    if not slip.four_eyes or station is None or station.kind not in DECIDING:
        return True
    hands = {question.user, question.acting_for or question.user}
    if station.kind is not Kind.CO_SIGN and slip.owner in hands:
        return False
    decided = [s for s in slip.stations.values() if s.kind in DECIDING and s.status == "done" and not s.lapsed]
    return not any(hands & {s.done_by, s.on_behalf_of} for s in decided)


def _people(question: Question) -> list[str]:
    """Those who are to take part: the new ones at a change, else those of the whole route."""
    stations, to = question.value("stations"), question.value("to")
    if stations is not None:
        return [spec.actor for spec in leaves(stations)]
    return [to] if to is not None else [station.actor for station in question.slip.stations.values()]


def leaves(specs: Iterable[Spec]) -> Iterator[StationSpec]:
    for spec in specs:
        match spec:
            case StationSpec():
                yield spec
            case ParallelSpec():
                yield from leaves(spec.parallel)
            case SequenceSpec():
                yield from leaves(spec.sequence)


def _cleared(question: Question) -> bool:
    need = protection_of(question.slip, question.context)
    raised: Protection | None = question.value("protection")
    if raised is not None and raised.covers(need):
        need = raised
    if need is Protection.NORMAL:
        return True
    return all(get_clearance(person, question.context).covers(need) for person in _people(question))


def _untouched(question: Question) -> bool:
    """Nobody has acted or opened anything in this run."""
    return not any(s.opened or (s.terminal and s.kind is not Kind.RESUBMIT) for s in question.slip.stations.values())


def last_sent(slip: RoutingSlip, user: str) -> Station | None:
    """The station of `user` whose decision brought the folder to those who have it now, and have not opened it."""
    active = {s.id for s in slip.active() if s.holds_up}
    if not active or any(slip.stations[key].opened for key in active):
        return None
    for station in reversed(slip.ordered()):
        if user not in {station.done_by, station.actor} or station.status != "done" or not station.holds_up:
            continue
        behind = later(slip.route, station.id)
        acted = any(slip.stations[key].terminal and slip.stations[key].holds_up for key in behind)
        if active <= behind and not acted and not station.refused and not station.only_this_run:
            return station
    return None


def _not_frozen(question: Question) -> bool:
    if question.value("documents") is None:
        return True
    finals = (s for s in question.slip.stations.values() if s.kind is Kind.FINAL_SIGN)
    return not any(s.status == "done" and not s.refused for s in finals)


def _may_insert(question: Question) -> bool:
    own = question.slip.owner in {question.user, question.context.actor.acts_as}
    return own or any(_deputy(question, station.actor) for station in question.slip.active())


def _final_signer(question: Question) -> bool:
    return any(_deputy(question, s.actor) for s in question.slip.stations.values() if s.kind is Kind.FINAL_SIGN)


GUARDS: dict[str, Guard[Question]] = {
    "owner": Guard(
        lambda q: _deputy(q, q.slip.owner), "only the owner may", "nur die Federführung darf das", personal=True
    ),
    "participant": Guard(
        _participant, "this person has no such station", "diese Person hat keine solche Station", personal=True
    ),
    "approver": Guard(
        _is_approver, "final signature and approval are for approvers", "Schlusszeichnung und Freigabe "
        "sind Zeichnungsbefugten vorbehalten", personal=True,
    ),
    "cleared": Guard(
        lambda q: q.context.actor.clearance.covers(protection_of(q.slip, q.context)),
        "clearance does not cover the protection need", "die Freigabe deckt den Schutzbedarf nicht", personal=True,
    ),
    "may_insert": Guard(
        _may_insert, "only the owner or the current station may insert", "einfügen darf nur die Federführung oder "
        "die aktuelle Station", personal=True,
    ),
    "final_signer": Guard(
        _final_signer, "only whoever signs finally may do so", "nur die Schlusszeichnung kann übersteuern",
        personal=True,
    ),
    "active": Guard(
        lambda q: q.station is not None and q.station.status == "active",
        "the station is not active", "die Station ist nicht an der Reihe",
    ),
    "kind_fits": Guard(_kind_fits, "the station asks for something else", "die Station verlangt etwas anderes"),
    "four_eyes": Guard(
        _four_eyes, "four eyes: another person must decide", "Vier-Augen-Prinzip: Eine andere Person muss entscheiden"
    ),
    "route_planned": Guard(lambda q: bool(q.slip.stations), "the route is empty", "der Laufweg ist leer"),
    "participants_here": Guard(
        lambda q: not any(has_left(person, q.context) for person in _people(q)),
        "a participant has left", "eine beteiligte Person ist ausgeschieden",
    ),
    "participants_cleared": Guard(
        _cleared, "a participant lacks clearance", "einer beteiligten Person fehlt die Freigabe für den Schutzbedarf"
    ),
    "behind_current": Guard(
        lambda q: q.station is None or not q.station.terminal,
        "finished stations stay as they are", "erledigte Stationen sind unveränderlich",
    ),
    "untouched": Guard(_untouched, "somebody has already acted", "es wurde schon gehandelt"),
    "sender": Guard(
        lambda q: last_sent(q.slip, q.user) is not None,
        "only the last sender may, and only while unopened", "nur wer zuletzt gesandt hat, und nur ungeöffnet",
    ),
    "refused_there": Guard(
        lambda q: q.command is None or (q.station is not None and q.station.refused),
        "that station has not refused", "diese Station hat nicht verweigert",
    ),
    "rises": Guard(
        lambda q: q.command is None or not q.slip.own_protection.covers(q.value("protection")),
        "protection need can only rise", "der Schutzbedarf kann nur steigen",
    ),
    "not_frozen": Guard(
        _not_frozen,
        "after the final signature the content is frozen", "nach der Schlusszeichnung ist der Inhalt eingefroren",
    ),
    "comment_asked": Guard(
        lambda q: q.station is not None and q.station.kind is Kind.COMMENT,
        "the station asks for no comment", "die Station verlangt keine Stellungnahme",
    ),
    "filed_somewhere": Guard(
        lambda q: q.command is None or any((q.slip.record, q.value("record"), q.value("reference"))),
        "without a record an outside reference is needed", "ohne E-Akte ist ein externes Aktenzeichen nötig",
    ),
    "has_record": Guard(
        lambda q: q.slip.record is not None, "the slip has no record to close", "zur E-Laufmappe gehört keine E-Akte"
    ),
}  # fmt: skip
