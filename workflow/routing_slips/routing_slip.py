"""The routing slip (E-Laufmappe): what it and its stations are after each event, and who may know of it.

xdomea Geschaeftsgang with Beteiligungsschritt; status 001 zukünftig, 002 aktuell, 003 abgeschlossen, 004 übersprungen.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime

from workflow.delivery.delivery import DecisionDelivery
from workflow.engine.access import Protection, Role, highest
from workflow.engine.aggregate import dataclass
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.deputies import deputises, stands_for
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routes.route import Block, frontier, later
from workflow.routing_slips import events as e
from workflow.text import Text

STATUS_CODES = {"planned": "001", "active": "002", "done": "003", "skipped": "004"}
"""Our station status -> xdomea Beteiligungsstatus."""

DECIDING = frozenset({e.Kind.CO_SIGN, e.Kind.FINAL_SIGN, e.Kind.APPROVE})
"""Stations whose word carries the decision."""

WEIGHTY = frozenset({e.Kind.FINAL_SIGN, e.Kind.APPROVE})
"""Stations that only a station of such a kind can stand in for, and that approvers answer for."""

OFFICE = frozenset({Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR})
OWNERS = OFFICE | {Role.ADMIN, Role.ARCHIVIST, Role.AUDITOR}
OFFICIAL = frozenset({e.Kind.CO_SIGN, e.Kind.DISPATCH, e.Kind.CLOSE})
"""Stations that only the office answers."""

_write_json = json.JSONEncoder(ensure_ascii=False).encode

NO_ROUTE = Block(order="sequence", parts=())


@dataclass(frozen=True)
class Station:
    plan: e.StationPlan
    actor: str
    status: str = "planned"
    result: e.Result | None = None
    done_by: str | None = None
    on_behalf_of: str | None = None
    done_at: datetime | None = None
    note: str = ""
    reservation: bool = False
    content: str | None = None
    client: e.SlipClient | None = None
    opened: bool = False
    reminded: bool = False
    escalated: bool = False
    overruled: bool = False
    lapsed: bool = False
    recalled: bool = False
    delegated_from: str | None = None
    delivery: DecisionDelivery | None = None
    """Of what it sends out; only a station for dispatch has one."""

    @property
    def id(self) -> str:
        return self.plan.id

    @property
    def kind(self) -> e.Kind:
        return self.plan.kind

    @property
    def terminal(self) -> bool:
        """003 or 004: immutable (rule 13)."""
        return self.status in {"done", "skipped"}

    @property
    def refused(self) -> bool:
        """Refused or signed with a reservation (rule 16), and not overruled."""
        return (self.result is e.Result.REFUSED or self.reservation) and not self.overruled

    @property
    def lets_pass(self) -> bool:
        return self.terminal and not self.refused

    @property
    def only_this_run(self) -> bool:
        """Replaced by another station behind it, so that a new run does without it."""
        return self.recalled or self.lapsed or self.result is e.Result.NOT_COMPETENT

    @property
    def holds_up(self) -> bool:
        """An acknowledgement neither blocks nor decides (rule 17)."""
        return self.kind is not e.Kind.ACKNOWLEDGE


@dataclass(frozen=True)
class RoutingSlip:
    """`stations` are those of the current run in the order of the route, `past` those of earlier runs.

    One erased with its file keeps the id, the authority and, as `reference`, the file number.
    """

    id: str
    authority: str
    title: str = ""
    note: str = ""
    owner: str = ""
    record: str | None = None
    case: str | None = None
    own_protection: Protection = Protection.NORMAL
    four_eyes: bool = False
    refusal: e.Refusal = "wait"
    documents: tuple[e.Enclosure, ...] = ()
    content: str = ""
    route: Block = NO_ROUTE
    stations: Mapping[str, Station] = field(default_factory=dict)
    state: str = "draft"
    run: int = 0
    past: tuple[tuple[Station, ...], ...] = ()
    attached: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    authors: frozenset[str] = frozenset()
    """Whose work the content is: every owner, and who changed it."""
    record_protection: Protection = Protection.NORMAL
    """That of its record, where the slip is shown to somebody; the record itself is asked in decisions."""

    @property
    def protection(self) -> Protection:
        return highest((self.own_protection, self.record_protection))

    @property
    def people(self) -> frozenset[str]:
        """Who takes part as it stands: the owner, and whoever has a station of this run."""
        return frozenset({self.owner, *(station.actor for station in self.stations.values())})

    def ordered(self) -> list[Station]:
        return list(self.stations.values())

    def active(self) -> list[Station]:
        return [station for station in self.ordered() if station.status == "active"]

    def next_up(self) -> list[Station]:
        """Stations whose turn it ought to be, refused ones left out."""
        keys = frontier(
            self.route,
            lambda key: self.stations[key].lets_pass,
            lambda key: not self.stations[key].terminal and not self.stations[key].holds_up,
        )
        return [self.stations[key] for key in keys if not self.stations[key].terminal]

    def refused(self) -> list[Station]:
        return [station for station in self.ordered() if station.refused]

    def others_decide(self, without: str = "", weight: Container[e.Kind] = DECIDING, author: str = "") -> bool:
        """Whether somebody who is no author of the content, nor `author`, decides or has decided at a station of such a
        kind other than `without`.
        """
        authors = self.authors | {author}
        return any(authors.isdisjoint(hands) for hands in self._hands(without, weight))

    def decides_elsewhere(self, person: str, station: str) -> bool:
        """Whether somebody decides or has decided at a station of this run other than that one."""
        return any(person in hands for hands in self._hands(station, DECIDING))

    def _hands(self, without: str, weight: Container[e.Kind]) -> Iterator[set[str | None]]:
        """Of each station of such a kind but one: who decides, or has decided in whose name."""
        for station in self.stations.values():
            left_out = station.status == "skipped" or station.only_this_run or station.id == without
            if station.kind in weight and not left_out:
                yield {station.done_by, station.on_behalf_of} if station.terminal else {station.actor}


def stream(slip: str) -> str:
    return f"routing-slip:{slip}"


def content_of(title: str, note: str, documents: Iterable[e.Enclosure]) -> str:
    """SHA-256 of what is signed: cover sheet (title, note) and every document, in order."""
    parts = [title, note, [[d.title, d.sha256] for d in documents]]
    return hashlib.sha256(_write_json(parts).encode()).hexdigest()


def protection_of(slip: RoutingSlip, context: Context) -> Protection:
    """Maximum of the slip's own need and that of its record with every document in there (rule 20)."""
    record = context.find(record_stream(slip.record), Record) if slip.record else None
    return highest((slip.own_protection, record.protection)) if record else slip.own_protection


def knows(slip: RoutingSlip, context: Context) -> bool:
    """Whether the person in the context may know of it, the same for reading and for acting.

    Nobody without clearance does. Of those with it, the authority does, and elsewhere who takes part as it stands now:
    a person replaced in the route, or a deputy whose time is over, has no reason any more.
    """
    actor = context.actor
    if Role.SYSTEM in actor.roles:
        return True
    if not actor.clearance.covers(protection_of(slip, context)):
        return False
    return actor.authority in {None, slip.authority} or any(stands_for(one, context) for one in slip.people)


ANY_KIND = frozenset(e.Kind)
KINDS_OF_ACTION: dict[str, frozenset[e.Kind]] = {}
"""What stations may question for where an action answers them; each action at a station enters its own."""


def find_station(slip: RoutingSlip, ref: str | int | None, action: str, context: Context) -> Station | None:
    """The station that an action is about: the one named, else the caller's own, rather active and of the right kind.

    `InvalidCommand` where the named one does not exist.
    """
    ordered = slip.ordered()
    if isinstance(ref, int):
        if ref > len(ordered):
            raise InvalidCommand(
                [("/station", Text(f"Es gibt {len(ordered)} Stationen", f"there are {len(ordered)} stations"))]
            )
        return ordered[ref - 1]
    if ref is not None:
        if ref not in slip.stations:
            raise InvalidCommand(
                [("/station", Text(f"Eine Station {ref} gibt es nicht", f"there is no station {ref}"))]
            )
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
