"""The conditions of a routing slip by name: what each asks, and how its failure is worded."""

from collections.abc import Callable, Iterable
from typing import Any

from workflow.engine.access import Protection, Role, highest
from workflow.engine.aggregate import Emitted, dataclass
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.machine import Guard
from workflow.errors import NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import StaffMember, get_clearance, has_left, works_here
from workflow.organisation.staff.member import stream as staff_stream
from workflow.organisation.staff.persons import find_person, finder
from workflow.routing_slips.events import Kind, leaves
from workflow.routing_slips.routing_slip import (
    DECIDING,
    KINDS_OF_ACTION,
    OFFICE,
    OFFICIAL,
    OWNERS,
    WEIGHTY,
    RoutingSlip,
    Station,
    find_station,
    last_sent,
    protection_of,
    stream,
)


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
        return self.command.get(field) if self.command else None

    @property
    def acting_for(self) -> str | None:
        actor = self.station.actor if self.station else None
        return None if actor == self.user else actor

    @property
    def to(self) -> str | None:
        """Id of whom the command hands something to."""
        named = self.value("to")
        return named and find_person(named, self.slip.authority, finder(self.context))

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
    weighty = question.station is not None and question.station.kind in WEIGHTY
    return not weighty or Role.APPROVER in question.context.actor.roles


def _four_eyes(question: Question) -> bool:
    """With four eyes wanted, nobody decides twice in a run, an author not finally, nor alone, in whatever name."""
    slip, station = question.slip, question.station
    if not slip.four_eyes or station is None or station.kind not in DECIDING:
        return True
    hands = {question.user, question.acting_for or question.user}
    if hands & slip.authors and (station.kind is not Kind.CO_SIGN or not slip.others_decide(without=station.id)):
        return False
    decided = [s for s in slip.stations.values() if s.kind in DECIDING and s.status == "done" and not s.lapsed]
    return not any(hands & {s.done_by, s.on_behalf_of} for s in decided)


def _others_remain(question: Question) -> bool:
    """With four eyes wanted, others than the authors still decide when this station goes, or goes to somebody."""
    slip, station, to = question.slip, question.station, question.to
    if not slip.four_eyes or question.command is None or station is None or station.kind not in DECIDING:
        return True
    weight = WEIGHTY if station.kind in WEIGHTY else DECIDING
    return (to is not None and to not in slip.authors) or slip.others_decide(without=station.id, weight=weight)


def _decides_once(question: Question) -> bool:
    """With four eyes wanted, nobody is given a station who decides at another one of this run as well."""
    slip, station, to = question.slip, question.station, question.to
    asked = slip.four_eyes and to is not None and station is not None and station.kind in DECIDING
    return not asked or not slip.decides_elsewhere(str(to), question.own_station.id)


def _others_planned(question: Question) -> bool:
    slip = question.slip
    stations = (s for s in slip.stations.values() if s.kind in DECIDING and not s.only_this_run)
    return not slip.four_eyes or any(s.plan.actor not in slip.authors for s in stations)


def _successor_fits(question: Question) -> bool:
    """Whether the one who takes over may have routing slips of this authority, and four eyes stay two persons'."""
    to, slip = question.to, question.slip
    if to is None:
        return True
    member = question.context.find(staff_stream(to), StaffMember)
    if member is None or member.state == "left" or member.authority not in {None, slip.authority}:
        return False
    return not member.roles.isdisjoint(OWNERS) and (not slip.four_eyes or slip.others_decide(author=to))


def _asked(question: Question) -> list[tuple[Kind, str]]:
    """Who is to take part, and for what: the new ones at a change, else those of the whole route."""
    slip, stations = question.slip, question.value("stations")
    if stations is not None:
        find = finder(question.context)
        return [(spec.kind, find_person(spec.actor, slip.authority, find)) for spec in leaves(stations)]
    if question.to is not None:
        return [(question.station.kind if question.station else Kind.ACKNOWLEDGE, question.to)]
    return [(s.kind, s.actor) for s in slip.stations.values() if not s.only_this_run]


def _competent(question: Question) -> bool:
    """Whether those asked to sign, approve, dispatch or close have a role that may."""
    needed = [(person, {Role.APPROVER} if kind in WEIGHTY else OFFICE) for kind, person in _asked(question)
              if kind in WEIGHTY | OFFICIAL]  # fmt: skip
    members = [(question.context.find(staff_stream(person), StaffMember), roles) for person, roles in needed]
    return not any(member is not None and member.roles.isdisjoint(roles) for member, roles in members)


def _cleared(question: Question) -> bool:
    raised = question.value("protection") or Protection.NORMAL
    need = highest((protection_of(question.slip, question.context), raised))
    return need is Protection.NORMAL or all(
        get_clearance(person, question.context).covers(need) for _, person in _asked(question)
    )


def _untouched(question: Question) -> bool:
    """Nobody has acted or opened anything in this run."""
    return not any(s.opened or (s.terminal and s.kind is not Kind.RESUBMIT) for s in question.slip.stations.values())


def _not_frozen(question: Question) -> bool:
    stations = question.slip.stations.values() if question.value("documents") is not None else ()
    return not any(s.kind is Kind.FINAL_SIGN and s.status == "done" and not s.refused for s in stations)


def _may_insert(question: Question) -> bool:
    return any(
        _deputy(question, person) for person in (question.slip.owner, *(s.actor for s in question.slip.active()))
    )


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
        _final_signer, "only the final signature may do so", "nur die Schlusszeichnung kann übersteuern", personal=True,
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
        lambda q: all(works_here(person, q.context) for _, person in _asked(q)),
        "a participant is not entered as staff, or has left",
        "eine beteiligte Person ist nicht als Personal eingetragen oder ausgeschieden",
    ),
    "competent": Guard(
        _competent, "somebody is asked for what their role may not do", "jemand soll tun, was der Rolle nicht zusteht"
    ),
    "others_decide": Guard(
        _others_planned, "four eyes: somebody else than the author must decide",
        "Vier-Augen-Prinzip: Jemand anders als die Verfasserin oder der Verfasser muss entscheiden",
    ),
    "others_remain": Guard(
        _others_remain, "four eyes: nobody else would be left to decide",
        "Vier-Augen-Prinzip: Niemand anders bliebe, der entscheidet",
    ),
    "decides_once": Guard(
        _decides_once, "four eyes: this person decides at another station of this run",
        "Vier-Augen-Prinzip: Diese Person entscheidet schon an einer anderen Station dieses Umlaufs",
    ),
    "awaits_event": Guard(
        lambda q: q.station is not None and q.station.plan.awaits is not None,
        "the station waits for its day alone", "die Station wartet nur auf ihren Tag",
    ),
    "owner_left": Guard(
        lambda q: has_left(q.slip.owner, q.context) and q.context.actor.authority in {None, q.slip.authority},
        "the owner still works here", "die Federführung ist nicht ausgeschieden",
    ),
    "successor_fits": Guard(
        _successor_fits,
        "whoever takes over must work here, own routing slips, and with four eyes not decide alone",
        "wer übernimmt, muss hier arbeiten, Laufmappen führen und darf bei vier Augen nicht allein entscheiden",
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
    "clearance_reaches": Guard(
        lambda q: q.value("protection") is None or q.context.actor.clearance.covers(q.value("protection")),
        "nobody raises a protection need above their own clearance",
        "niemand hebt den Schutzbedarf über die eigene Freigabe", personal=True,
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
