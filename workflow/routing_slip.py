"""The routing slip (E-Laufmappe): what it and its stations are after each event.

xdomea Geschaeftsgang with Beteiligungsschritt; status 001 zukünftig, 002 aktuell, 003 abgeschlossen, 004 übersprungen.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import networkx as nx

from workflow import slip_events as e
from workflow.access import Actor, Protection, Role
from workflow.changing import replace
from workflow.erasure import ContentErased
from workflow.evolver import Evolver
from workflow.route import Block, Leaf, frontier, graph, insert_after, stations

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
        """Refusals that stand."""
        return [station for station in self.ordered() if station.refused]

    def known_to(self, actor: Actor) -> bool:
        """Owner, participants, and those of the authority with clearance."""
        if Role.SYSTEM in actor.roles or {actor.user, actor.acts_as} & {self.owner, *self.participants}:
            return True
        return actor.may_know(self.authority, self.own_protection)


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
    order = graph(route)
    finals = [key for key, kind in kinds.items() if kind is e.Kind.FINAL_SIGN]
    if len(finals) > 1:
        return "a run has at most one final signature"
    for final in finals:
        others = {key for key, kind in kinds.items() if kind in DECIDING and key != final}
        if not others <= nx.ancestors(order, final):
            return "every co-signature and approval comes before the final signature"
    closing = [key for key, kind in kinds.items() if kind is e.Kind.CLOSE]
    if len(closing) > 1:
        return "a route has at most one station that closes"
    for last in closing:
        others = {key for key, kind in kinds.items() if kind is not e.Kind.ACKNOWLEDGE and key != last}
        if not others <= nx.ancestors(order, last):
            return "the station that closes comes last"
    return None


evolve: Evolver[RoutingSlip] = Evolver()


def _planned(plans: Iterable[e.StationPlan]) -> dict[str, Station]:
    return {plan.id: Station(plan, plan.actor) for plan in plans}


def _station(slip: RoutingSlip, key: str, **changes: object) -> RoutingSlip:
    changed = replace(slip.stations[key], **changes)  # type: ignore[arg-type]
    return replace(slip, stations={**slip.stations, key: changed})


@evolve.birth(e.SlipCreated)
def _created(event: e.SlipCreated) -> RoutingSlip:
    return RoutingSlip(
        id=event.slip,
        authority=event.authority,
        title=event.title,
        note=event.note,
        owner=event.owner,
        record=event.record,
        case=event.case,
        own_protection=event.protection,
        four_eyes=event.four_eyes,
        refusal=event.refusal,
        documents=event.documents,
        content=event.content,
        route=event.route,
        stations=_planned(event.stations),
        participants=frozenset(plan.actor for plan in event.stations),
    )


@evolve.on(e.RoutePlanned)
def _route_planned(slip: RoutingSlip, event: e.RoutePlanned) -> RoutingSlip:
    people = slip.participants | {plan.actor for plan in event.stations}
    past = slip.past
    if slip.run > len(past):
        past = (*past, tuple(slip.ordered()))
    return replace(slip, route=event.route, stations=_planned(event.stations), participants=people, past=past)


@evolve.on(e.Revised)
def _revised(slip: RoutingSlip, event: e.Revised) -> RoutingSlip:
    marked = {
        key: replace(station, lapsed=True) if key in event.lapsed else station for key, station in slip.stations.items()
    }
    return replace(
        slip,
        title=event.title,
        note=event.note,
        documents=event.documents,
        content=event.content,
        stations=marked,
    )


@evolve.on(e.ProtectionRaised)
def _protection_raised(slip: RoutingSlip, event: e.ProtectionRaised) -> RoutingSlip:
    return replace(slip, own_protection=event.new)


@evolve.on(e.Started)
def _started(slip: RoutingSlip, event: e.Started) -> RoutingSlip:
    past = slip.past
    if len(past) < event.run - 1:
        past = (*past, tuple(slip.ordered()))
    fresh = _planned(station.plan for station in slip.ordered())
    return replace(
        slip, state="circulating", run=event.run, stations=fresh, past=past, attached=slip.record is not None
    )


@evolve.on(e.StationActivated)
def _activated(slip: RoutingSlip, event: e.StationActivated) -> RoutingSlip:
    return _station(slip, event.station, status="active")


@evolve.on(e.StationOpened)
def _opened(slip: RoutingSlip, event: e.StationOpened) -> RoutingSlip:
    return _station(slip, event.station, opened=True)


@evolve.on(e.StationDone)
def _done(slip: RoutingSlip, event: e.StationDone) -> RoutingSlip:
    return _station(
        slip,
        event.station,
        status="done",
        result=event.result,
        done_by=event.by,
        on_behalf_of=event.on_behalf_of,
        done_at=event.at,
        note=event.note,
        reservation=event.reservation,
        content=event.content,
    )


@evolve.on(e.StationSkipped)
def _skipped(slip: RoutingSlip, event: e.StationSkipped) -> RoutingSlip:
    return _station(slip, event.station, status="skipped", done_by=event.by, done_at=event.at, note=event.reason)


@evolve.on(e.StationsInserted)
def _inserted(slip: RoutingSlip, event: e.StationsInserted) -> RoutingSlip:
    return replace(
        slip,
        route=insert_after(slip.route, event.after, event.parts),
        stations={**slip.stations, **_planned(event.stations)},
        participants=slip.participants | {plan.actor for plan in event.stations},
    )


@evolve.on(e.StationDelegated)
def _delegated(slip: RoutingSlip, event: e.StationDelegated) -> RoutingSlip:
    moved = _station(slip, event.station, actor=event.new, delegated_from=event.old, opened=False)
    return replace(moved, participants=moved.participants | {event.new})


@evolve.on(e.StationRecalled)
def _station_recalled(slip: RoutingSlip, event: e.StationRecalled) -> RoutingSlip:
    for key in event.waiting:
        slip = _station(slip, key, status="planned")
    slip = _station(slip, event.station, recalled=True)
    again = Station(event.again, event.again.actor)
    route = insert_after(slip.route, event.station, (Leaf(station=again.id),))
    return replace(slip, route=route, stations={**slip.stations, again.id: again})


@evolve.on(e.NoteAdded)
def _note_added(slip: RoutingSlip, event: e.NoteAdded) -> RoutingSlip:
    return replace(slip, notes=(*slip.notes, (event.by, event.note)))


@evolve.on(e.StationOverruled)
def _overruled(slip: RoutingSlip, event: e.StationOverruled) -> RoutingSlip:
    return replace(_station(slip, event.station, overruled=True), state="circulating")


@evolve.on(e.Reminded)
def _reminded(slip: RoutingSlip, event: e.Reminded) -> RoutingSlip:
    return _station(slip, event.station, reminded=True)


@evolve.on(e.Escalated)
def _escalated(slip: RoutingSlip, event: e.Escalated) -> RoutingSlip:
    return _station(slip, event.station, escalated=True)


@evolve.on(e.Paused)
def _paused(slip: RoutingSlip, _: e.Paused) -> RoutingSlip:
    return replace(slip, state="paused")


@evolve.on(e.Resumed)
def _resumed(slip: RoutingSlip, _: e.Resumed) -> RoutingSlip:
    return replace(slip, state="circulating")


@evolve.on(e.Returned)
def _returned(slip: RoutingSlip, _: e.Returned) -> RoutingSlip:
    return replace(slip, state="returned")


@evolve.on(e.Recalled)
def _recalled(slip: RoutingSlip, _: e.Recalled) -> RoutingSlip:
    return replace(slip, state="returned")


@evolve.on(e.Completed)
def _completed(slip: RoutingSlip, _: e.Completed) -> RoutingSlip:
    return replace(slip, state="completed")


@evolve.on(e.Withdrawn)
def _withdrawn(slip: RoutingSlip, _: e.Withdrawn) -> RoutingSlip:
    return replace(slip, state="withdrawn", attached=False)


@evolve.on(e.Cancelled)
def _cancelled(slip: RoutingSlip, _: e.Cancelled) -> RoutingSlip:
    return replace(slip, state="cancelled", attached=False)


@evolve.on(e.Filed)
def _filed(slip: RoutingSlip, event: e.Filed) -> RoutingSlip:
    return replace(slip, state="filed", record=event.record, case=event.case, reference=event.reference, attached=False)


@evolve.birth(ContentErased)
def _erased(event: ContentErased) -> RoutingSlip:
    return RoutingSlip(
        id=event.id,
        authority=event.authority,
        title="",
        note="",
        owner="",
        record=None,
        case=None,
        own_protection=Protection.NORMAL,
        four_eyes=False,
        refusal="wait",
        documents=(),
        content="",
        route=Block(order="sequence", parts=()),
        stations={},
        state="deleted",
        reference=event.with_file,
    )


@evolve.on(ContentErased)
def _erased_after(_: RoutingSlip, event: ContentErased) -> RoutingSlip:
    return _erased(event)
