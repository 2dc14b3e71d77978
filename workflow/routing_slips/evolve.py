"""Folding a routing slip: what each event makes of it and its stations. Their states are those of the rows taken."""

from collections.abc import Iterable

from workflow.delivery.delivery import DecisionDelivery
from workflow.delivery.events import DecisionIssued, DecisionProvided, DecisionRetrieved, ProvisionEnded
from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import ContentErased, Event
from workflow.routes.route import Block, Leaf, insert_after, stations, without
from workflow.routing_slips import events as e
from workflow.routing_slips.machine import DELIVERY, MACHINE, STATION
from workflow.routing_slips.routing_slip import RoutingSlip, Station

MARKS: dict[type[e.StationOpened | e.Reminded | e.Escalated], str] = {
    e.StationOpened: "opened",
    e.Reminded: "reminded",
    e.Escalated: "escalated",
}
"""Events that only leave a mark at their station."""

evolve: Evolver[RoutingSlip] = Evolver()


def _planned(plans: Iterable[e.StationPlan]) -> dict[str, Station]:
    """Stations that have not had their turn; a deadline that counts from then on is no day yet."""
    fresh = (plan if plan.deadline_days is None else plan.model_copy(update={"deadline": None}) for plan in plans)
    return {plan.id: Station(plan, plan.actor, delivery=_begin_delivery(plan)) for plan in fresh}


def _grow(slip: RoutingSlip, route: Block, plans: Iterable[e.StationPlan]) -> RoutingSlip:
    """With a route that has these stations as well."""
    known = {**slip.stations, **_planned(plans)}
    return replace(slip, route=route, stations={key: known[key] for key in stations(route)})


def _begin_delivery(plan: e.StationPlan) -> DecisionDelivery | None:
    return DecisionDelivery() if plan.kind is e.Kind.DISPATCH else None


def _delivery(slip: RoutingSlip, key: str, event: Event, **changes: object) -> RoutingSlip:
    """What a station sends out goes on."""
    delivery = slip.stations[key].delivery
    if delivery is None:
        return slip
    state = DELIVERY.state_after(delivery.state, event)
    return _station(slip, key, delivery=replace(delivery, state=state, **changes))  # type: ignore[arg-type]


def _past(slip: RoutingSlip) -> tuple[tuple[Station, ...], ...]:
    """Earlier runs, and the last one once it is over."""
    return (*slip.past, tuple(slip.ordered())) if slip.run > len(slip.past) else slip.past


def _slip(slip: RoutingSlip, event: Event, **changes: object) -> RoutingSlip:
    return replace(slip, state=MACHINE.state_after(slip.state, event), **changes)  # type: ignore[arg-type]


def _station(slip: RoutingSlip, key: str, **changes: object) -> RoutingSlip:
    changed = replace(slip.stations[key], **changes)  # type: ignore[arg-type]
    return replace(slip, stations={**slip.stations, key: changed})


def _status(slip: RoutingSlip, key: str, event: Event) -> str:
    return STATION.state_after(slip.stations[key].status, event)


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
        authors=frozenset({event.owner}),
    )


@evolve.on(e.RoutePlanned)
def _route_planned(slip: RoutingSlip, event: e.RoutePlanned) -> RoutingSlip:
    return replace(slip, route=event.route, stations=_planned(event.stations), past=_past(slip))


@evolve.on(e.Revised)
def _revised(slip: RoutingSlip, event: e.Revised) -> RoutingSlip:
    return replace(
        slip,
        title=event.title,
        note=event.note,
        documents=event.documents,
        content=event.content,
        authors=slip.authors | {person for person in (event.by, event.on_behalf_of) if person is not None},
        stations={**slip.stations, **{key: replace(slip.stations[key], lapsed=True) for key in event.lapsed}},
    )


@evolve.on(e.ProtectionRaised)
def _protection_raised(slip: RoutingSlip, event: e.ProtectionRaised) -> RoutingSlip:
    return replace(slip, own_protection=event.new)


def _run_again(slip: RoutingSlip) -> RoutingSlip:
    """Every station as planned, without those that were replaced in the run before."""
    left_out = {key for key, station in slip.stations.items() if station.only_this_run}
    stations = _planned(station.plan for station in slip.ordered() if station.id not in left_out)
    return replace(slip, route=without(slip.route, left_out), stations=stations, past=_past(slip))


@evolve.on(e.Started)
def _started(slip: RoutingSlip, event: e.Started) -> RoutingSlip:
    again = _run_again(slip) if slip.run else slip
    return _slip(again, event, run=event.run, attached=slip.record is not None)


@evolve.on(e.StationActivated)
def _activated(slip: RoutingSlip, event: e.StationActivated) -> RoutingSlip:
    plan = slip.stations[event.station].plan
    if event.deadline is not None:
        plan = plan.model_copy(update={"deadline": event.deadline})
    return _station(slip, event.station, plan=plan, status=_status(slip, event.station, event))


@evolve.on(*MARKS)
def _marked(slip: RoutingSlip, event: e.StationOpened | e.Reminded | e.Escalated) -> RoutingSlip:
    return _station(slip, event.station, **{MARKS[type(event)]: True})


@evolve.on(e.StationDone)
def _done(slip: RoutingSlip, event: e.StationDone) -> RoutingSlip:
    return _station(
        _delivery(slip, event.station, event) if event.result is e.Result.DISPATCHED else slip,
        event.station,
        status=_status(slip, event.station, event),
        result=event.result,
        done_by=event.by,
        on_behalf_of=event.on_behalf_of,
        done_at=event.at,
        note=event.note,
        reservation=event.reservation,
        content=event.content,
        client=event.client,
    )


@evolve.on(DecisionIssued)
def _issued(slip: RoutingSlip, event: DecisionIssued) -> RoutingSlip:
    return _station(_delivery(slip, event.station, event, law=event.law), event.station, opened=True)


@evolve.on(DecisionProvided)
def _provided(slip: RoutingSlip, event: DecisionProvided) -> RoutingSlip:
    told = {"recipient": event.recipient, "consent": event.consent, "until": event.until}
    return _station(_delivery(slip, event.station, event, **told), event.station, opened=True)


@evolve.on(DecisionRetrieved)
def _retrieved(slip: RoutingSlip, event: DecisionRetrieved) -> RoutingSlip:
    return _delivery(
        slip, event.station, event,
        retrieved_by=event.retrieved_by, authenticated=event.authenticated, notified_on=event.notified_on,
    )  # fmt: skip


@evolve.on(ProvisionEnded)
def _provision_ended(slip: RoutingSlip, event: ProvisionEnded) -> RoutingSlip:
    return _delivery(slip, event.station, event)


@evolve.on(e.StationSkipped)
def _skipped(slip: RoutingSlip, event: e.StationSkipped) -> RoutingSlip:
    status = _status(slip, event.station, event)
    return _station(slip, event.station, status=status, done_by=event.by, done_at=event.at, note=event.reason)


@evolve.on(e.StationsInserted)
def _inserted(slip: RoutingSlip, event: e.StationsInserted) -> RoutingSlip:
    return _grow(slip, insert_after(slip.route, event.after, event.parts), event.stations)


@evolve.on(e.StationDelegated)
def _delegated(slip: RoutingSlip, event: e.StationDelegated) -> RoutingSlip:
    return _station(slip, event.station, actor=event.new, delegated_from=event.old, opened=False)


@evolve.on(e.HandedOver)
def _handed_over(slip: RoutingSlip, event: e.HandedOver) -> RoutingSlip:
    return replace(slip, owner=event.new, authors=slip.authors | {event.new})


@evolve.on(e.StationRecalled)
def _station_recalled(slip: RoutingSlip, event: e.StationRecalled) -> RoutingSlip:
    for key in event.waiting:
        slip = _station(slip, key, status=_status(slip, key, event))
    slip = _station(slip, event.station, recalled=True)
    return _grow(slip, insert_after(slip.route, event.station, (Leaf(station=event.again.id),)), [event.again])


@evolve.on(e.NoteAdded)
def _note_added(slip: RoutingSlip, event: e.NoteAdded) -> RoutingSlip:
    return replace(slip, notes=(*slip.notes, (event.by, event.note)))


@evolve.on(e.StationOverruled)
def _overruled(slip: RoutingSlip, event: e.StationOverruled) -> RoutingSlip:
    return _slip(_station(slip, event.station, overruled=True), event)


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
    return RoutingSlip(event.id, event.authority, state="deleted", reference=event.with_file)
