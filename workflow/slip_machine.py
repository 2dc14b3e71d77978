"""The life of a routing slip and of its stations as two tables.

DOMEA 2.1 p. 57-66; xdomea Geschaeftsgang (0201-0203); rules 13 to 20 of the domain notes.
"""

from dataclasses import dataclass

import networkx as nx

from workflow import slip_commands as c
from workflow.access import Protection, Role
from workflow.commands import Command
from workflow.context import Context
from workflow.errors import InvalidCommand
from workflow.machine import Guard, Machine, Row, rows
from workflow.record import Record
from workflow.record import stream as record_stream
from workflow.route import graph
from workflow.routing_slip import DECIDING, RoutingSlip, Station
from workflow.slip_events import Kind
from workflow.staff import clearance_of, deputises, has_left


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


HUMANS = frozenset(Role) - {Role.SYSTEM}
OFFICE = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR}
OWNERS = {*OFFICE, Role.ADMIN, Role.ARCHIVIST, Role.AUDITOR}
SYSTEM = {Role.SYSTEM}
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
    kinds = KIND_OF_ACTION.get(action, frozenset(Kind))
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
    own = slip.own_protection
    return record.protection if record and record.protection.covers(own) else own


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
    return all(clearance_of(person, ask.context).covers(need) for person in _people(ask))


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
    if getattr(ask.command, "documents", None) is None:
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
    "filed_somewhere": Guard(
        lambda a: not isinstance(a.command, c.FileSlip)
        or any((a.slip.record, a.command.record, a.command.reference)),
        "without a record an outside reference is needed", "ohne E-Akte ist ein externes Aktenzeichen nötig",
    ),
    "has_record": Guard(
        lambda a: a.slip.record is not None, "the slip has no record to close", "zur E-Laufmappe gehört keine E-Akte"
    ),
}  # fmt: skip


def _station_rows() -> list[Row]:
    found: list[Row] = []
    here = ("participant", "cleared", "active", "kind_fits")
    for action, roles, guards, en, de in (
        ("sign", OFFICE, ("approver", "four_eyes"), "signed", "gezeichnet"),
        ("approve", OFFICE, ("approver", "four_eyes"), "approved", "freigegeben"),
        ("acknowledge", HUMANS, (), "took note", "zur Kenntnis genommen"),
        ("dispatch", OFFICE, (), "dispatched", "versandt"),
        ("refuse", HUMANS, (), "refused", "verweigert"),
    ):
        found += rows(
            "circulating", action, None, roles, "slip.station_done", *here, *guards,
            en=en, de=de, basis="DOMEA 2.1 p. 57-66; rules 14 to 18",
        )  # fmt: skip
    return [
        *found,
        *rows(
            "completed filed", "acknowledge", None, HUMANS, "slip.station_done", *here,
            en="took note", de="zur Kenntnis genommen", basis="rule 17: an acknowledgement holds nothing up",
        ),
        *rows(
            "circulating", "comment", None, HUMANS, "slip.station_done",
            "participant", "cleared", "active", "not_frozen",
            en="commented", de="Stellung genommen", basis="DOMEA 2.1 p. 57-66",
        ),
        *rows(
            "circulating", "close", "filed", OFFICE, "slip.station_done", *here, "has_record",
            en="ordered z.d.A.", de="z.d.A. verfügt", basis="DOMEA 2.1 p. 66; rule 5",
        ),
        *rows(
            "circulating", "open", None, HUMANS, "slip.station_opened", "participant", "cleared", "active",
            en="took it up", de="angenommen", basis="rule 19",
        ),
        *rows(
            "circulating", "forward", None, HUMANS, "slip.station_done",
            *here, "participants_here", "participants_cleared",
            en="not competent, forwarded", de="nicht zuständig, weitergeleitet", basis="DOMEA 2.1 p. 61",
        ),
        *rows(
            "circulating", "delegate", None, HUMANS, "slip.station_delegated",
            "participant", "cleared", "active", "participants_here", "participants_cleared",
            en="delegated", de="delegiert", basis="rule 18",
        ),
    ]  # fmt: skip


def _owner_rows() -> list[Row]:
    taking_part = ("participants_here", "participants_cleared")
    return [
        *rows(
            "draft returned", "plan", None, OWNERS, "slip.route_planned", "owner",
            en="planned the route", de="Laufweg festgelegt", basis="DOMEA 2.1 p. 62: Laufweg ad hoc",
        ),
        *rows(
            "draft returned", "revise", None, OWNERS, "slip.revised", "owner",
            en="revised the content", de="Inhalt überarbeitet", basis="rule 16",
        ),
        *rows(
            "draft returned", "start", "circulating", OWNERS, "slip.started", "owner", "route_planned", *taking_part,
            en="started", de="Umlauf gestartet", basis="xdomea 0201; rules 16, 20",
        ),
        *rows(
            "draft returned", "cancel", "cancelled", OWNERS, "slip.cancelled", "owner",
            en="cancelled", de="abgebrochen", basis="domain 2.3",
        ),
        *rows(
            "draft circulating paused returned", "raise_protection", None, OWNERS, "slip.protection_raised",
            "owner", "rises", "participants_cleared",
            en="raised the protection need", de="Schutzbedarf erhöht", basis="TR-03138 A.G.2; rule 20",
        ),
        *rows(
            "circulating", "insert", None, HUMANS, "slip.stations_inserted",
            "may_insert", "behind_current", *taking_part,
            en="inserted stations", de="Stationen eingefügt", basis="xdomea 0203; rule 13",
        ),
        *rows(
            "circulating paused", "skip", None, OWNERS, "slip.station_skipped", "owner", "behind_current",
            en="skipped a station", de="Station übersprungen", basis="xdomea Beteiligungsstatus 004; rule 13",
        ),
        *rows(
            "circulating", "recall", "returned", OWNERS, "slip.recalled", "owner", "untouched",
            en="recalled", de="zurückgeholt", basis="rule 19",
        ),
        *rows(
            "circulating", "recall", None, HUMANS, "slip.station_recalled", "participant", "sender",
            en="recalled from the next station", de="von der nächsten Station zurückgeholt", basis="rule 19",
        ),
        *rows(
            "returned", "overrule", "circulating", {Role.APPROVER}, "slip.station_overruled",
            "final_signer", "cleared", "refused_there",
            en="overruled a refusal", de="Verweigerung übersteuert", basis="rule 15",
        ),
        *rows(
            "circulating", "pause", "paused", OWNERS, "slip.paused", "owner",
            en="paused", de="angehalten", basis="domain 2.3",
        ),
        *rows(
            "paused", "resume", "circulating", OWNERS, "slip.resumed", "owner",
            en="resumed", de="fortgesetzt", basis="domain 2.3",
        ),
        *rows(
            "circulating paused returned", "withdraw", "withdrawn", OWNERS, "slip.withdrawn", "owner",
            en="withdrew", de="zurückgezogen", basis="rule 19",
        ),
        *rows(
            "completed", "file", "filed", OWNERS, "slip.filed", "owner", "filed_somewhere",
            en="filed the route protocol", de="veraktet, Laufwegprotokoll abgelegt", basis="DOMEA 2.1 p. 86; rule 21",
        ),
    ]  # fmt: skip


def _time_rows() -> list[Row]:
    return [
        *rows(
            "circulating", "elapse", None, SYSTEM, "slip.station_done", "active", "kind_fits",
            en="resubmission day came", de="Wiedervorlage fällig", basis="DOMEA 2.1 p. 57-66",
        ),
        *rows(
            "circulating", "remind", None, SYSTEM, "slip.reminded", "active",
            en="reminded", de="erinnert", basis="rule 17",
        ),
        *rows(
            "circulating", "escalate", None, SYSTEM, "slip.escalated", "active",
            en="escalated; nothing was signed by lapse of time", de="eskaliert; durch Fristablauf wird nie gezeichnet",
            basis="rule 17",
        ),
        *rows(
            "circulating", "skip_unread", None, SYSTEM, "slip.station_skipped", "active", "kind_fits",
            en="left out an unread acknowledgement", de="ungelesene Kenntnisnahme übersprungen", basis="domain 2.4",
        ),
        *rows(
            "circulating", "complete", "completed", SYSTEM, "slip.completed",
            en="completed", de="abgeschlossen", basis="rule 14",
        ),
        *rows(
            "circulating", "send_back", "returned", SYSTEM, "slip.returned",
            en="returned to the owner", de="zurück an die Federführung", basis="rule 16",
        ),
        *rows(
            "completed filed withdrawn cancelled", "erase", "deleted", SYSTEM, "content.erased",
            en="erased with its file", de="mit der Akte gelöscht", basis="rule 12",
        ),
    ]  # fmt: skip


MACHINE: Machine[Ask] = Machine(
    name="routing-slip",
    states={
        "draft": "Entwurf",
        "circulating": "im Umlauf",
        "paused": "angehalten",
        "returned": "in Überarbeitung",
        "completed": "abgeschlossen",
        "filed": "veraktet",
        "withdrawn": "zurückgezogen",
        "cancelled": "abgebrochen",
        "deleted": "gelöscht",
    },
    initial="draft",
    ends=frozenset({"filed", "withdrawn", "cancelled", "deleted"}),
    table=[*_owner_rows(), *_station_rows(), *_time_rows()],
    guards=GUARDS,
)


def _status_rows() -> list[Row]:
    ends = "sign approve acknowledge comment dispatch close refuse forward elapse"
    basis = "xdomea Beteiligungsstatus"
    found = rows(
        "planned", "activate", "active", SYSTEM, "slip.station_activated",
        en="became active", de="an der Reihe", basis=basis,
    )  # fmt: skip
    for action in ends.split():
        roles = SYSTEM if action == "elapse" else HUMANS
        found += rows("active", action, "done", roles, "slip.station_done", en="done", de="erledigt", basis=basis)
    found += rows(
        "planned active", "skip", "skipped", HUMANS, "slip.station_skipped",
        en="skipped", de="übersprungen", basis=basis,
    )  # fmt: skip
    found += rows(
        "active", "skip_unread", "skipped", SYSTEM, "slip.station_skipped",
        en="left out unread", de="ungelesen übersprungen", basis=basis,
    )  # fmt: skip
    found += rows(
        "active", "recall", "planned", HUMANS, "slip.station_recalled",
        en="recalled", de="zurückgeholt", basis="rule 19",
    )  # fmt: skip
    return found


STATION: Machine[Ask] = Machine(
    name="station",
    states={"planned": "zukünftig", "active": "aktuell", "done": "abgeschlossen", "skipped": "übersprungen"},
    initial="planned",
    ends=frozenset({"done", "skipped"}),
    table=_status_rows(),
    guards={},
)
"""001 to 004: what may happen to one station, whatever the slip."""
