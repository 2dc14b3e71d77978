"""What is recorded when a row of the routing slip's machine is taken: one small function per action."""

from collections.abc import Callable
from typing import Any

from workflow.engine.access import SYSTEM
from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context
from workflow.records import closing_actions as rc
from workflow.records.decide import decide as decide_record
from workflow.records.events import DocumentFinalised
from workflow.records.evolve import evolve as evolve_record
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips import commands as c
from workflow.routing_slips import events as e
from workflow.routing_slips.events import Result, StationPlan
from workflow.routing_slips.evolve import evolve
from workflow.routing_slips.guards import Ask, last_sent
from workflow.routing_slips.machine import STATION
from workflow.routing_slips.protocol import protocol
from workflow.routing_slips.route import Block, Leaf
from workflow.routing_slips.routing_slip import DECIDING, RoutingSlip, Station, content_of, late_final, stream

Builder = Callable[[Ask, Any], list[Emitted]]


def emitted(slip: RoutingSlip, *events: Event) -> list[Emitted]:
    """Events of the slip's own stream."""
    return [(stream(slip.id), event) for event in events]


def lay_out(specs: tuple[c.Spec, ...], context: Context) -> tuple[Block, tuple[StationPlan, ...]]:
    """A route as written, its stations with ids of their own."""
    plans: list[StationPlan] = []
    parts = tuple(_part(spec, plans, context) for spec in specs)
    return Block(order="sequence", parts=parts), tuple(plans)


DEEPEST = 20
"""Levels of nesting that a route may have."""


def _part(spec: c.Spec, plans: list[StationPlan], context: Context, depth: int = 1) -> Leaf | Block:
    if depth > DEEPEST:
        raise InvalidCommand([("/stations", f"nested deeper than {DEEPEST} levels")])
    match spec:
        case c.ParallelSpec():
            return Block(order="parallel", parts=tuple(_part(one, plans, context, depth + 1) for one in spec.parallel))
        case c.SequenceSpec():
            return Block(order="sequence", parts=tuple(_part(one, plans, context, depth + 1) for one in spec.sequence))
        case c.StationSpec():
            plan = _station_plan(spec, context)
            plans.append(plan)
            return Leaf(station=plan.id)


def _station_plan(spec: c.StationSpec, context: Context) -> StationPlan:
    if (spec.kind is e.Kind.RESUBMIT) != (spec.until is not None):
        raise InvalidCommand([("/stations", "a resubmit station, and only that, has a day in `until`")])
    if spec.skip_unread and (spec.kind is not e.Kind.ACKNOWLEDGE or spec.deadline is None):
        raise InvalidCommand([("/stations", "only an acknowledgement with a deadline may be skipped unread")])
    return StationPlan(id=context.new_id(), **spec.model_dump())


def sound(route: Block, plans: dict[str, StationPlan]) -> None:
    """`InvalidCommand` where the final signature or the closing station stands wrongly (rule 15)."""
    wrong = late_final(route, {key: plan.kind for key, plan in plans.items()})
    if wrong:
        raise InvalidCommand([("/stations", wrong)])


def _plan(ask: Ask, command: c.Plan) -> list[Emitted]:
    route, plans = lay_out(command.stations, ask.context)
    sound(route, {plan.id: plan for plan in plans})
    return emitted(ask.slip, e.RoutePlanned(route=route, stations=plans))


def _revision(
    slip: RoutingSlip, title: str, note: str, documents: tuple[e.Enclosure, ...], lapsed: tuple[str, ...]
) -> e.Revised:
    content = content_of(title, note, documents)
    if content == slip.content:
        raise InvalidCommand([("", "nothing would change")])
    return e.Revised(
        title=title, note=note, documents=documents, old_content=slip.content, content=content, lapsed=lapsed
    )


def _revise(ask: Ask, command: c.Revise) -> list[Emitted]:
    slip = ask.slip
    title = slip.title if command.title is None else command.title
    note = slip.note if command.note is None else command.note
    documents = slip.documents if command.documents is None else command.documents
    return emitted(slip, _revision(slip, title, note, documents, ()))


def _raise(ask: Ask, command: c.RaiseProtection) -> list[Emitted]:
    event = e.ProtectionRaised(old=ask.slip.own_protection, new=command.protection, reason=command.reason)
    return emitted(ask.slip, event)


def _start(ask: Ask, _: c.Start) -> list[Emitted]:
    slip = ask.slip
    events = emitted(slip, e.Started(run=slip.run + 1))
    if slip.record and not slip.attached:
        documents = tuple(document.document for document in slip.documents if document.document)
        attach = rc.AttachSlip(case=slip.case, routing_slip=slip.id, documents=documents)
        events += _on_record(slip.record, attach, ask.context)
    return events


def _on_record(record: str, command: Command, context: Context) -> list[Emitted]:
    """What the record decides, asked by the system for the slip."""
    where = record_stream(record)
    asked = context.seen_by(where, SYSTEM)
    return decide_record(context.get(where, Record), command, asked)


def done(ask: Ask, station: Station, result: Result, note: str = "", reservation: bool = False) -> e.StationDone:
    """The station's word, bound to the content (rule 16), with the deputy's name beside the absent one's (rule 18)."""
    return e.StationDone(
        station=station.id,
        result=result,
        by=ask.user,
        on_behalf_of=ask.acting_for,
        at=ask.context.now,
        note=note,
        reservation=reservation,
        content=ask.slip.content,
    )


def _own(ask: Ask) -> Station:
    if ask.station is None:
        raise NotFound("station of", ask.user)
    return ask.station


def _sign(ask: Ask, command: c.Sign) -> list[Emitted]:
    if command.reservation and not command.note.strip():
        raise InvalidCommand([("/note", "a reservation needs its reason")])
    event = done(ask, _own(ask), Result.SIGNED, command.note, command.reservation)
    return emitted(ask.slip, event)


def _ends_with(result: Result) -> Builder:
    def build(ask: Ask, command: Any) -> list[Emitted]:
        note = command.reason if isinstance(command, c.Refuse) else command.note
        return emitted(ask.slip, done(ask, _own(ask), result, note))

    return build


def _elapse(ask: Ask, _: c.Elapse) -> list[Emitted]:
    station = _own(ask)
    event = done(ask, station, Result.ELAPSED).model_copy(update={"on_behalf_of": None})
    return emitted(ask.slip, event)


def _note(ask: Ask, command: c.Comment) -> list[Emitted]:
    if command.documents is not None:
        raise InvalidCommand([("/documents", "only a station for comment changes the content")])
    return emitted(ask.slip, e.NoteAdded(by=ask.user, on_behalf_of=ask.acting_for, note=command.note))


def _comment(ask: Ask, command: c.Comment) -> list[Emitted]:
    slip, station = ask.slip, _own(ask)
    events = emitted(slip, done(ask, station, Result.COMMENTED, command.note))
    if command.documents is None:
        return events
    return [*_rework(ask, station, command.documents), *events]


def _rework(ask: Ask, station: Station, documents: tuple[e.Enclosure, ...]) -> list[Emitted]:
    """New content midway: what was signed before lapses and stands again behind the current station (rule 16)."""
    slip = ask.slip
    signed = [
        s for s in slip.ordered() if s.status == "done" and s.content and not s.lapsed and s.kind in DECIDING
    ]  # fmt: skip
    revised = _revision(slip, slip.title, slip.note, documents, tuple(s.id for s in signed))
    events = emitted(slip, revised)
    if signed:
        again = tuple(s.plan.model_copy(update={"id": ask.context.new_id(), "actor": s.actor}) for s in signed)
        parts = tuple(Leaf(station=plan.id) for plan in again)
        events += emitted(slip, e.StationsInserted(after=station.id, stations=again, parts=parts, by=ask.user))
    return events


def _close(ask: Ask, command: c.CloseCase) -> list[Emitted]:
    """The last station: slip completed and filed, case closed, all or nothing."""
    slip = ask.slip
    events = emitted(slip, done(ask, _own(ask), Result.CLOSED, command.note))
    after = _after(slip, events)
    if any(station.holds_up for station in after.next_up()) or after.refused():
        raise InvalidCommand([("", "other stations are still to come")])
    events += emitted(slip, e.Completed(), e.Filed(record=slip.record, case=slip.case, reference=None))
    events += detach(after, "filed", ask.context)
    where = record_stream(str(slip.record))
    before = ask.context.get(where, Record)
    record = evolve_record.fold((event for stream_of, event in events if stream_of == where), before)
    return events + decide_record(record, rc.Close(case=slip.case, slip=slip.id), ask.context)


def _after(slip: RoutingSlip, events: list[Emitted]) -> RoutingSlip:
    state = evolve.fold((event for where, event in events if where == stream(slip.id)), slip)
    return slip if state is None else state


def detach(slip: RoutingSlip, outcome: str, context: Context) -> list[Emitted]:
    """The record gets the whole route protocol, and the enclosed documents are final when it was filed (rule 15)."""
    if not slip.record:
        return []
    command = rc.DetachSlip(case=slip.case, routing_slip=slip.id, outcome=outcome, protocol=protocol(slip))
    events = _on_record(slip.record, command, context)
    record = context.get(record_stream(slip.record), Record)
    if outcome != "filed":
        return events
    mine = {enclosed.document for enclosed in slip.documents}
    return events + [
        (record_stream(record.id), DocumentFinalised(case=key, document=document.id))
        for key, case in record.cases.items()
        for document in case.documents.values()
        if document.id in mine and not document.final
    ]


def _forward(ask: Ask, command: c.Forward) -> list[Emitted]:
    station = _own(ask)
    plan = station.plan.model_copy(update={"id": ask.context.new_id(), "actor": command.to})
    inserted = e.StationsInserted(
        after=station.id, stations=(plan,), parts=(Leaf(station=plan.id),), by=ask.user
    )  # fmt: skip
    return emitted(ask.slip, inserted, done(ask, station, Result.NOT_COMPETENT, command.reason))


def _insert(ask: Ask, command: c.Insert) -> list[Emitted]:
    slip = ask.slip
    after = ask.station or next(iter(slip.active()), None)
    if after is None:
        raise InvalidCommand([("/after", "no station is active; name one")])
    route, plans = lay_out(command.stations, ask.context)
    event = e.StationsInserted(after=after.id, stations=plans, parts=route.parts, by=ask.user)
    state = _after(slip, emitted(slip, event))
    counts = (s for s in state.stations.values() if not s.lapsed and s.result is not Result.NOT_COMPETENT)
    sound(state.route, {station.id: station.plan for station in counts})
    return emitted(slip, event)


def _skip(ask: Ask, command: c.Skip) -> list[Emitted]:
    event = e.StationSkipped(station=_own(ask).id, by=ask.user, at=ask.context.now, reason=command.reason)
    return emitted(ask.slip, event)


def _skip_unread(ask: Ask, _: c.SkipUnread) -> list[Emitted]:
    reason = "nicht gelesen bis zur Frist"
    return emitted(ask.slip, e.StationSkipped(station=_own(ask).id, by=ask.user, at=ask.context.now, reason=reason))


def _delegate(ask: Ask, command: c.Delegate) -> list[Emitted]:
    station = _own(ask)
    if command.to == station.actor:
        raise InvalidCommand([("/to", "already has this station")])
    event = e.StationDelegated(station=station.id, old=station.actor, new=command.to, reason=command.reason)
    return emitted(ask.slip, event)


def _recall(ask: Ask, command: c.Recall) -> list[Emitted]:
    return emitted(ask.slip, e.Recalled(reason=command.reason))


def _recall_station(ask: Ask, _: c.Recall) -> list[Emitted]:
    sent = last_sent(ask.slip, ask.user)
    if sent is None:
        raise NotFound("station of", ask.user)
    again = sent.plan.model_copy(update={"id": ask.context.new_id(), "actor": sent.actor})
    waiting = tuple(station for station in ask.slip.active() if station.holds_up)
    for station in waiting:
        STATION.step(station.status, "recall", ask.context.actor.roles, ask)
    return emitted(ask.slip, e.StationRecalled(station=sent.id, again=again, waiting=tuple(s.id for s in waiting)))


def _overrule(ask: Ask, command: c.Overrule) -> list[Emitted]:
    event = e.StationOverruled(station=_own(ask).id, by=ask.user, reason=command.reason)
    return emitted(ask.slip, event)


def _cancel(ask: Ask, command: c.Cancel) -> list[Emitted]:
    events = emitted(ask.slip, e.Cancelled(reason=command.reason))
    return events + (detach(ask.slip, "cancelled", ask.context) if ask.slip.attached else [])


def _withdraw(ask: Ask, command: c.Withdraw) -> list[Emitted]:
    events = emitted(ask.slip, e.Withdrawn(reason=command.reason))
    return events + (detach(ask.slip, "withdrawn", ask.context) if ask.slip.attached else [])


def _file(ask: Ask, command: c.FileSlip) -> list[Emitted]:
    slip = ask.slip
    record, case = command.record or slip.record, command.case or slip.case
    if slip.attached and (record, case) != (slip.record, slip.case):
        raise InvalidCommand([("/record", "the slip already belongs to another record or case")])
    if record is not None:
        known = ask.context.find(record_stream(record), Record)
        if known is None or (not slip.attached and not known.known_to(ask.context.actor)):
            raise InvalidCommand([("/record", f"there is no record {record}")])
        if case is not None and case not in known.cases:
            raise InvalidCommand([("/case", f"the record has no case {case}")])
    events = emitted(slip, e.Filed(record=record, case=case, reference=command.reference))
    after = _after(slip, events)
    return events + detach(after, "filed", ask.context)


BUILDERS: dict[tuple[str, str], Builder] = {
    ("plan", "slip.route_planned"): _plan,
    ("revise", "slip.revised"): _revise,
    ("raise_protection", "slip.protection_raised"): _raise,
    ("start", "slip.started"): _start,
    ("open", "slip.station_opened"): lambda a, _: emitted(a.slip, e.StationOpened(station=_own(a).id, by=a.user)),
    ("sign", "slip.station_done"): _sign,
    ("approve", "slip.station_done"): _ends_with(Result.APPROVED),
    ("acknowledge", "slip.station_done"): _ends_with(Result.ACKNOWLEDGED),
    ("dispatch", "slip.station_done"): _ends_with(Result.DISPATCHED),
    ("refuse", "slip.station_done"): _ends_with(Result.REFUSED),
    ("comment", "slip.station_done"): _comment,
    ("comment", "slip.note_added"): _note,
    ("close", "slip.station_done"): _close,
    ("forward", "slip.station_done"): _forward,
    ("insert", "slip.stations_inserted"): _insert,
    ("skip", "slip.station_skipped"): _skip,
    ("delegate", "slip.station_delegated"): _delegate,
    ("recall", "slip.recalled"): _recall,
    ("recall", "slip.station_recalled"): _recall_station,
    ("overrule", "slip.station_overruled"): _overrule,
    ("pause", "slip.paused"): lambda a, command: emitted(a.slip, e.Paused(reason=command.reason)),
    ("resume", "slip.resumed"): lambda a, _: emitted(a.slip, e.Resumed()),
    ("withdraw", "slip.withdrawn"): _withdraw,
    ("cancel", "slip.cancelled"): _cancel,
    ("file", "slip.filed"): _file,
    ("elapse", "slip.station_done"): _elapse,
    ("remind", "slip.reminded"): lambda a, _: emitted(a.slip, e.Reminded(station=_own(a).id)),
    ("escalate", "slip.escalated"): lambda a, _: emitted(
        a.slip, e.Escalated(station=_own(a).id, to=_own(a).plan.escalate_to or a.slip.owner)
    ),
    ("skip_unread", "slip.station_skipped"): _skip_unread,
}
"""Action and event of a row -> what it says."""
