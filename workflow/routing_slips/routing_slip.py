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
from workflow.routing_slips.route import Block, earlier, frontier, stations

STATUS_CODES = {"planned": "001", "active": "002", "done": "003", "skipped": "004"}
"""Our station status -> xdomea Beteiligungsstatus."""

DECIDING = frozenset({e.Kind.CO_SIGN, e.Kind.FINAL_SIGN, e.Kind.APPROVE})
"""Stations whose word carries the decision."""


@dataclass(frozen=True)
class Station:
    """A station in the current run."""

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
        """UUID."""
        return self.plan.id

    @property
    def kind(self) -> e.Kind:
        """What is asked for."""
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
        """Whether the route may go on behind it."""
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
    """A routing slip; `stations` are those of the current run, `past` those of earlier runs."""

    id: str
    authority: str
    title: str
    note: str
    owner: str
    record: str | None
    case: str | None
    own_protection: Protection
    four_eyes: bool
    refusal: e.Refusal
    documents: tuple[e.Enclosure, ...]
    content: str
    route: Block
    stations: Mapping[str, Station]
    state: str = "draft"
    run: int = 0
    past: tuple[tuple[Station, ...], ...] = ()
    attached: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    participants: frozenset[str] = field(default_factory=frozenset)
    """Everybody who ever had a station."""

    def ordered(self) -> list[Station]:
        """Stations by number."""
        return [self.stations[key] for key in stations(self.route)]

    def numbers(self) -> dict[str, int]:
        """Id -> number, unique and without gaps (xdomea)."""
        return {key: number for number, key in enumerate(stations(self.route), 1)}

    def active(self) -> list[Station]:
        """Stations whose turn it is."""
        return [self.stations[key] for key in stations(self.route) if self.stations[key].status == "active"]

    def next_up(self) -> list[Station]:
        """Stations whose turn it ought to be, refused ones left out."""
        keys = frontier(
            self.route,
            lambda key: self.stations[key].lets_pass,
            lambda key: not self.stations[key].terminal and not self.stations[key].holds_up,
        )
        return [self.stations[key] for key in keys if not self.stations[key].terminal]

    def refused(self) -> list[Station]:
        """Refusals that stand."""
        return [self.stations[key] for key in stations(self.route) if self.stations[key].refused]

    def known_to(self, actor: Actor) -> bool:
        """Owner, participants, and those of the authority with clearance."""
        for person in (actor.user, actor.acts_as):
            if person == self.owner or person in self.participants:
                return True
        return Role.SYSTEM in actor.roles or actor.may_know(self.authority, self.own_protection)


def stream(slip: str) -> str:
    """Stream of a routing slip."""
    return f"routing-slip:{slip}"


def content_of(title: str, note: str, documents: Iterable[e.Enclosure]) -> str:
    """SHA-256 of what is signed: cover sheet (title, note) and every document, in order."""
    parts = [title, note, [[d.title, d.sha256] for d in documents]]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def late_final(route: Block, kinds: Mapping[str, e.Kind]) -> str | None:
    """What is wrong with the final signature, if anything: at most one, and every deciding station before it (rule 15);
    likewise `close` comes last.
    """
    finals = [key for key, kind in kinds.items() if kind is e.Kind.FINAL_SIGN]
    if len(finals) > 1:
        return "a run has at most one final signature"
    for final in finals:
        others = {key for key, kind in kinds.items() if kind in DECIDING and key != final}
        if not others <= earlier(route, final):
            return "every co-signature and approval comes before the final signature"
    closing = [key for key, kind in kinds.items() if kind is e.Kind.CLOSE]
    if len(closing) > 1:
        return "a route has at most one station that closes"
    for last in closing:
        others = {key for key, kind in kinds.items() if kind is not e.Kind.ACKNOWLEDGE and key != last}
        if not others <= earlier(route, last):
            return "the station that closes comes last"
    return None
