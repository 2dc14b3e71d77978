"""The routing slip (E-Laufmappe): what it and its stations are after each event.

xdomea Geschaeftsgang with Beteiligungsschritt; status 001 zukünftig, 002 aktuell, 003 abgeschlossen, 004 übersprungen.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from workflow.engine.access import Actor, Protection, Role
from workflow.engine.aggregate import dataclass
from workflow.routing_slips import events as e
from workflow.routing_slips.route import Block, frontier, stations

STATUS_CODES = {"planned": "001", "active": "002", "done": "003", "skipped": "004"}
"""Our station status -> xdomea Beteiligungsstatus."""

DECIDING = frozenset({e.Kind.CO_SIGN, e.Kind.FINAL_SIGN, e.Kind.APPROVE})
"""Stations whose word carries the decision."""

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
    opened: bool = False
    reminded: bool = False
    escalated: bool = False
    overruled: bool = False
    lapsed: bool = False
    recalled: bool = False
    delegated_from: str | None = None

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
    """`stations` are those of the current run, `past` those of earlier runs. One erased with its file keeps the id, the
    authority and, as `reference`, the file number.
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
    participants: frozenset[str] = frozenset()
    """Everybody who ever had a station."""

    def ordered(self) -> list[Station]:
        return [self.stations[key] for key in stations(self.route)]

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

    def known_to(self, actor: Actor) -> bool:
        """Owner, participants, and those of the authority with clearance."""
        for person in (actor.user, actor.acts_as):
            if person == self.owner or person in self.participants:
                return True
        return Role.SYSTEM in actor.roles or actor.may_know(self.authority, self.own_protection)


def stream(slip: str) -> str:
    return f"routing-slip:{slip}"


def content_of(title: str, note: str, documents: Iterable[e.Enclosure]) -> str:
    """SHA-256 of what is signed: cover sheet (title, note) and every document, in order."""
    parts = [title, note, [[d.title, d.sha256] for d in documents]]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
