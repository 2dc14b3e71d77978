"""The conditions of a routing slip by name: what each asks, and how its failure is told."""

from dataclasses import dataclass

import networkx as nx

from workflow.engine.access import Protection, Role, highest
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import deputises, get_clearance, has_left
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips import commands as c
from workflow.routing_slips.events import Kind
from workflow.routing_slips.route import graph
from workflow.routing_slips.routing_slip import DECIDING, RoutingSlip, Station


@dataclass(frozen=True, slots=True)
class Ask:
    """What a guard may look at; `station` is the one meant."""

    slip: RoutingSlip
    command: Command | None
    context: Context
    action: str
    station: Station | None

    def asking(self, action: str) -> "Ask":
        """The same for another action, without a command."""
        station = meant(self.slip, None, action, self.context)
        return Ask(self.slip, None, self.context, action, station)

    @property
    def acting_for(self) -> str | None:
        """The absent person whose deputy acts."""
        if self.station is None or self.station.actor == self.user:
            return None
        return self.station.actor

    @property
    def user(self) -> str:
        """Who acts."""
        return self.context.actor.user


ANY_KIND = frozenset(Kind)
KIND_OF_ACTION = {
    "sign": {Kind.CO_SIGN, Kind.FINAL_SIGN},
    "approve": {Kind.APPROVE},
    "acknowledge": {Kind.ACKNOWLEDGE},
    "dispatch": {Kind.DISPATCH},
    "close": {Kind.CLOSE},
    "refuse": {Kind.CO_SIGN, Kind.FINAL_SIGN, Kind.APPROVE, Kind.COMMENT},
    "forward": {Kind.CO_SIGN, Kind.FINAL_SIGN, Kind.APPROVE, Kind.COMMENT, Kind.DISPATCH},
    "elapse": {Kind.RESUBMIT},
    "skip_unread": {Kind.ACKNOWLEDGE},
}


def meant(slip: RoutingSlip, ref: str | int | None, action: str, context: Context) -> Station | None:
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
    kinds = KIND_OF_ACTION.get(action, ANY_KIND)
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


def _deputy(ask: Ask, person: str) -> bool:
    """Whether the caller is that person or acts for them: said so, or is known as their deputy."""
    return person in {ask.user, ask.context.actor.on_behalf_of} or deputises(ask.user, person, ask.context)


def _participant(ask: Ask) -> bool:
    if ask.station is not None:
        return _deputy(ask, ask.station.actor)
    return any(_deputy(ask, station.actor) for station in ask.slip.stations.values())


def _kind_fits(ask: Ask) -> bool:
    kinds = KIND_OF_ACTION.get(ask.action)
    return ask.station is None or kinds is None or ask.station.kind in kinds


def _is_approver(ask: Ask) -> bool:
    if ask.station is None or ask.station.kind not in {Kind.FINAL_SIGN, Kind.APPROVE}:
        return True
    return Role.APPROVER in ask.context.actor.roles


def _four_eyes(ask: Ask) -> bool:
    """With four eyes wanted, nobody decides twice in a run, and the author not finally, in whatever name (rule 18)."""
    slip, station = ask.slip, ask.station
    if not slip.four_eyes or station is None or station.kind not in DECIDING:
        return True
    hands = {ask.user, ask.acting_for or ask.user}
    if station.kind is not Kind.CO_SIGN and slip.owner in hands:
        return False
    decided = [s for s in slip.stations.values() if s.kind in DECIDING and s.status == "done" and not s.lapsed]
    return not any(hands & {s.done_by, s.on_behalf_of} for s in decided)


def _people(ask: Ask) -> list[str]:
    """Those who are to take part: of the whole route at a start, the new ones at a change."""
    command = ask.command
    match command:
        case c.Insert():
            return [spec.actor for spec in leaves(command.stations)]
        case c.Delegate() | c.Forward():
            return [command.to]
        case _:
            return [station.actor for station in ask.slip.stations.values()]


def leaves(specs: tuple[c.Spec, ...]) -> list[c.StationSpec]:
    """The stations of a route as written, in order."""
    found: list[c.StationSpec] = []
    for spec in specs:
        match spec:
            case c.StationSpec():
                found.append(spec)
            case c.ParallelSpec():
                found += leaves(spec.parallel)
            case c.SequenceSpec():
                found += leaves(spec.sequence)
    return found


def _cleared(ask: Ask) -> bool:
    need = protection_of(ask.slip, ask.context)
    if isinstance(ask.command, c.RaiseProtection) and ask.command.protection.covers(need):
        need = ask.command.protection
    if need is Protection.NORMAL:
        return True
    return all(get_clearance(person, ask.context).covers(need) for person in _people(ask))


def _untouched(ask: Ask) -> bool:
    """Nobody has acted or opened anything in this run."""
    return not any(s.opened or (s.terminal and s.kind is not Kind.RESUBMIT) for s in ask.slip.stations.values())


def last_sent(slip: RoutingSlip, user: str) -> Station | None:
    """The station of `user` whose decision brought the folder to those who have it now, and have not opened it."""
    active = {s.id for s in slip.active() if s.holds_up}
    if not active or any(slip.stations[key].opened for key in active):
        return None
    order = graph(slip.route)
    for station in reversed(slip.ordered()):
        if user not in {station.done_by, station.actor} or station.status != "done" or not station.holds_up:
            continue
        behind = nx.descendants(order, station.id)
        acted = any(slip.stations[key].terminal and slip.stations[key].holds_up for key in behind)
        if active <= behind and not acted and not station.refused and not station.only_this_run:
            return station
    return None


def _not_frozen(ask: Ask) -> bool:
    if ask.command is None or ask.command.told("documents") is None:
        return True
    finals = (s for s in ask.slip.stations.values() if s.kind is Kind.FINAL_SIGN)
    return not any(s.status == "done" and not s.refused for s in finals)


def _behind_current(ask: Ask) -> bool:
    return ask.station is None or not ask.station.terminal


def _may_insert(ask: Ask) -> bool:
    return ask.slip.owner in {ask.user, ask.context.actor.acts_as} or any(
        _deputy(ask, station.actor) for station in ask.slip.active()
    )


def _final_signer(ask: Ask) -> bool:
    return any(_deputy(ask, s.actor) for s in ask.slip.stations.values() if s.kind is Kind.FINAL_SIGN)


def _owner(ask: Ask) -> bool:
    return ask.slip.owner in {ask.user, ask.context.actor.on_behalf_of} or deputises(
        ask.user, ask.slip.owner, ask.context
    )


GUARDS: dict[str, Guard[Ask]] = {
    "owner": Guard(_owner, "only the owner may", "nur die Federführung darf das", personal=True),
    "participant": Guard(
        _participant, "this person has no such station", "diese Person hat keine solche Station", personal=True
    ),
    "approver": Guard(
        _is_approver, "final signature and approval are for approvers", "Schlusszeichnung und Freigabe "
        "sind Zeichnungsbefugten vorbehalten", personal=True,
    ),
    "cleared": Guard(
        lambda a: a.context.actor.clearance.covers(protection_of(a.slip, a.context)),
        "clearance does not cover the protection need", "die Freigabe deckt den Schutzbedarf nicht", personal=True,
    ),
    "may_insert": Guard(
        _may_insert, "only the owner or the current station may insert", "einfügen darf nur die Federführung oder "
        "die aktuelle Station", personal=True,
    ),
    "final_signer": Guard(
        _final_signer, "only whoever signs finally may overrule", "nur die Schlusszeichnung kann übersteuern",
        personal=True,
    ),
    "active": Guard(
        lambda a: a.station is not None and a.station.status == "active",
        "the station is not active", "die Station ist nicht an der Reihe",
    ),
    "kind_fits": Guard(_kind_fits, "the station asks for something else", "die Station verlangt etwas anderes"),
    "four_eyes": Guard(
        _four_eyes, "four eyes: another person must decide", "Vier-Augen-Prinzip: Eine andere Person muss entscheiden"
    ),
    "route_planned": Guard(lambda a: bool(a.slip.stations), "the route is empty", "der Laufweg ist leer"),
    "participants_here": Guard(
        lambda a: not any(has_left(person, a.context) for person in _people(a)),
        "a participant has left", "eine beteiligte Person ist ausgeschieden",
    ),
    "participants_cleared": Guard(
        _cleared, "a participant lacks clearance", "einer beteiligten Person fehlt die Freigabe für den Schutzbedarf"
    ),
    "behind_current": Guard(
        _behind_current, "finished stations stay as they are", "erledigte Stationen sind unveränderlich"
    ),
    "untouched": Guard(_untouched, "somebody has already acted", "es wurde schon gehandelt"),
    "sender": Guard(
        lambda a: last_sent(a.slip, a.user) is not None,
        "only the last sender may, and only while unopened", "nur wer zuletzt gesandt hat, und nur ungeöffnet",
    ),
    "refused_there": Guard(
        lambda a: a.command is None or (a.station is not None and a.station.refused),
        "that station has not refused", "diese Station hat nicht verweigert",
    ),
    "rises": Guard(
        lambda a: not isinstance(a.command, c.RaiseProtection)
        or (a.command.protection.covers(a.slip.own_protection) and a.command.protection is not a.slip.own_protection),
        "protection need can only rise", "der Schutzbedarf kann nur steigen",
    ),
    "not_frozen": Guard(
        _not_frozen,
        "after the final signature the content is frozen", "nach der Schlusszeichnung ist der Inhalt eingefroren",
    ),
    "comment_asked": Guard(
        lambda a: a.station is not None and a.station.kind is Kind.COMMENT,
        "the station asks for no comment", "die Station verlangt keine Stellungnahme",
    ),
    "filed_somewhere": Guard(
        lambda a: not isinstance(a.command, c.FileSlip)
        or any((a.slip.record, a.command.record, a.command.reference)),
        "without a record an outside reference is needed", "ohne E-Akte ist ein externes Aktenzeichen nötig",
    ),
    "has_record": Guard(
        lambda a: a.slip.record is not None, "the slip has no record to close", "zur E-Laufmappe gehört keine E-Akte"
    ),
}  # fmt: skip
