"""Folding a routing slip: what each event makes of it and its stations. Their states are those of the rows taken."""

from collections.abc import Iterable

from workflow.engine.access import Protection
from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import ContentErased, Event
from workflow.routing_slips import events as e
from workflow.routing_slips.machine import MACHINE, STATION
from workflow.routing_slips.route import Block, Leaf, insert_after, without
from workflow.routing_slips.routing_slip import RoutingSlip, Station

evolve: Evolver[RoutingSlip] = Evolver()


def _planned(plans: Iterable[e.StationPlan]) -> dict[str, Station]:
    return {plan.id: Station(plan, plan.actor) for plan in plans}


def _slip(slip: RoutingSlip, event: Event, **changes: object) -> RoutingSlip:
    return replace(slip, state=MACHINE.state_after(slip.state, event), **changes)  # type: ignore[arg-type]


def _station(slip: RoutingSlip, key: str, event: Event, **changes: object) -> RoutingSlip:
    station = slip.stations[key]
    changed = replace(station, status=STATION.state_after(station.status, event), **changes)  # type: ignore[arg-type]
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
    left_out = {station.id for station in slip.ordered() if station.only_this_run}
    return _slip(
        slip,
        event,
        run=event.run,
        route=without(slip.route, left_out),
        stations=_planned(station.plan for station in slip.ordered() if station.id not in left_out),
        past=past,
        attached=slip.record is not None,
    )


@evolve.on(e.StationActivated)
def _activated(slip: RoutingSlip, event: e.StationActivated) -> RoutingSlip:
    return _station(slip, event.station, event)


@evolve.on(e.StationOpened)
def _opened(slip: RoutingSlip, event: e.StationOpened) -> RoutingSlip:
    return _station(slip, event.station, event, opened=True)


@evolve.on(e.StationDone)
def _done(slip: RoutingSlip, event: e.StationDone) -> RoutingSlip:
    return _station(
        slip,
        event.station,
        event,
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
    return _station(slip, event.station, event, done_by=event.by, done_at=event.at, note=event.reason)


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
    moved = _station(slip, event.station, event, actor=event.new, delegated_from=event.old, opened=False)
    return replace(moved, participants=moved.participants | {event.new})


@evolve.on(e.StationRecalled)
def _station_recalled(slip: RoutingSlip, event: e.StationRecalled) -> RoutingSlip:
    for key in event.waiting:
        slip = _station(slip, key, event)
    slip = _station(slip, event.station, event, recalled=True)
    again = Station(event.again, event.again.actor)
    route = insert_after(slip.route, event.station, (Leaf(station=again.id),))
    return replace(slip, route=route, stations={**slip.stations, again.id: again})


@evolve.on(e.NoteAdded)
def _note_added(slip: RoutingSlip, event: e.NoteAdded) -> RoutingSlip:
    return replace(slip, notes=(*slip.notes, (event.by, event.note)))


@evolve.on(e.StationOverruled)
def _overruled(slip: RoutingSlip, event: e.StationOverruled) -> RoutingSlip:
    return _slip(_station(slip, event.station, event, overruled=True), event)


@evolve.on(e.Reminded)
def _reminded(slip: RoutingSlip, event: e.Reminded) -> RoutingSlip:
    return _station(slip, event.station, event, reminded=True)


@evolve.on(e.Escalated)
def _escalated(slip: RoutingSlip, event: e.Escalated) -> RoutingSlip:
    return _station(slip, event.station, event, escalated=True)


@evolve.on(e.Paused, e.Resumed, e.Returned, e.Recalled, e.Completed)
def _moved(slip: RoutingSlip, event: Event) -> RoutingSlip:
    return _slip(slip, event)


@evolve.on(e.Withdrawn, e.Cancelled)
def _ended(slip: RoutingSlip, event: Event) -> RoutingSlip:
    return _slip(slip, event, attached=False)


@evolve.on(e.Filed)
def _filed(slip: RoutingSlip, event: e.Filed) -> RoutingSlip:
    return _slip(slip, event, record=event.record, case=event.case, reference=event.reference, attached=False)


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
