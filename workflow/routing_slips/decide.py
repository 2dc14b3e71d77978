"""Deciding what is asked of a routing slip: the machine says whether, the builder what, the route who is next."""

from datetime import timedelta

from workflow.engine.access import SYSTEM
from workflow.engine.aggregate import Emitted, Timer
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.machine import Option
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import back, start_of
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.routing_slips import commands as c
from workflow.routing_slips import events as e
from workflow.routing_slips.builders import BUILDERS, emitted, lay_out, sound
from workflow.routing_slips.evolve import evolve
from workflow.routing_slips.guards import Ask, meant
from workflow.routing_slips.machine import MACHINE, OWNERS, STATION
from workflow.routing_slips.routing_slip import RoutingSlip, Station, content_of, stream
from workflow.routing_slips.templates import route_of

COMMANDS: dict[str, type[Command]] = {
    model.ACTION: model
    for model in (
        c.CreateSlip, c.Plan, c.Revise, c.RaiseProtection, c.Start, c.Open, c.Sign, c.Approve, c.Acknowledge,
        c.Comment, c.Dispatch, c.CloseCase, c.Refuse, c.Forward, c.Insert, c.Skip, c.Delegate, c.Recall, c.Overrule,
        c.Pause, c.Resume, c.Withdraw, c.Cancel, c.FileSlip,
    )
}  # fmt: skip
"""What people may ask; time has its own."""

AT_STATION = {row.action for row in STATION.table} - {"activate", "recall"}


def decide(slip: RoutingSlip | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, c.CreateSlip):
        return _create(command, context)
    if slip is None or (not slip.known_to(context.actor) and not _deputy_knows(slip, context)):
        raise NotFound("routing-slip", context.stream.partition(":")[2])
    ref = command.told("after" if isinstance(command, c.Insert) else "station")
    ask = Ask(slip, command, context, command.ACTION, meant(slip, ref, command.ACTION, context))
    row = MACHINE.step(slip.state, command.ACTION, context.actor.roles, ask)
    if ask.station is not None and command.ACTION in AT_STATION:
        _station_agrees(ask)
    events = BUILDERS[row.action, row.event](ask, command)
    after = evolve.fold((event for where, event in events if where == stream(slip.id)), slip)
    return events + (_go_on(after, context) if after and after.state == "circulating" else [])


def options(slip: RoutingSlip, context: Context) -> list[Option]:
    """Every action, and whether it may be done now."""
    return MACHINE.allowed(slip.state, context.actor.roles, Ask(slip, None, context, "", None))


def due(slip: RoutingSlip, rules: Rules) -> list[Timer]:
    """What time will do: resubmissions, reminders, escalation, unread acknowledgements; never a signature."""
    if slip.state != "circulating":
        return []
    return [timer for station in slip.active() for timer in _station_timers(slip, station, rules)]


def _station_timers(slip: RoutingSlip, station: Station, rules: Rules) -> list[Timer]:
    plan, run, found = station.plan, slip.run, []
    if plan.until:
        found.append(Timer(f"elapse:{run}:{station.id}", start_of(plan.until), c.Elapse(station=station.id)))
    if plan.deadline:
        over = start_of(plan.deadline + timedelta(days=1))
        if not station.reminded:
            at = start_of(back(plan.deadline, rules.remind_working_days))
            found.append(Timer(f"remind:{run}:{station.id}", at, c.Remind(station=station.id)))
        if plan.skip_unread:
            found.append(Timer(f"skip_unread:{run}:{station.id}", over, c.SkipUnread(station=station.id)))
        elif not station.escalated:
            found.append(Timer(f"escalate:{run}:{station.id}", over, c.Escalate(station=station.id)))
    return found


def _station_agrees(ask: Ask) -> None:
    """The station's own table has the last word on what may become of it."""
    station = ask.station
    if station is not None and not (ask.action == "comment" and station.kind is not e.Kind.COMMENT):
        STATION.step(station.status, ask.action, ask.context.actor.roles, ask)


def _deputy_knows(slip: RoutingSlip, context: Context) -> bool:
    return meant(slip, None, "", context) is not None


def _go_on(slip: RoutingSlip, context: Context) -> list[Emitted]:
    """Whose turn it is now; when nobody's is, the slip is completed or goes back (rules 14, 16)."""
    ask = Ask(slip, None, context, "", None)
    refused = slip.refused()
    if refused and slip.refusal == "at_once":
        return _ended(ask, "send_back", e.Returned(refused=tuple(station.id for station in refused)))
    turn = slip.next_up()
    events = []
    for station in turn:
        if station.status == "planned":
            STATION.step(station.status, "activate", SYSTEM.roles, ask)
            events += emitted(slip, e.StationActivated(station=station.id))
    if any(station.holds_up for station in turn):
        return events
    if refused:
        return events + _ended(ask, "send_back", e.Returned(refused=tuple(station.id for station in refused)))
    only_acknowledged = not any(station.holds_up for station in slip.stations.values())
    if turn and only_acknowledged:
        return events
    return events + _ended(ask, "complete", e.Completed())


def _ended(ask: Ask, action: str, event: Event) -> list[Emitted]:
    MACHINE.step(ask.slip.state, action, SYSTEM.roles, ask)
    return emitted(ask.slip, event)


def _create(command: c.CreateSlip, context: Context) -> list[Emitted]:
    actor = context.actor
    if not actor.roles & OWNERS:
        raise Forbidden("this role sends no routing slips", "Diese Rolle versendet keine E-Laufmappen")
    record = _record(command, context)
    authority = command.authority or actor.authority or (record.authority if record else None)
    if authority is None:
        raise InvalidCommand([("/authority", "say for which authority")])
    if actor.authority not in {None, authority}:
        raise Forbidden("this is another authority", "Das ist eine andere Behörde")
    if not actor.clearance.covers(command.protection):
        raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
    if bool(command.stations) == (command.template is not None):
        raise InvalidCommand([("/stations", "give either stations or a template")])
    specs = command.stations or route_of(str(command.template), authority, context)
    slip = context.new_id()
    route, plans = lay_out(specs, context)
    sound(route, {plan.id: plan for plan in plans})
    created = e.SlipCreated(
        slip=slip,
        authority=authority,
        title=command.title,
        note=command.note,
        owner=actor.acts_as,
        record=command.record,
        case=command.case,
        protection=command.protection,
        four_eyes=command.four_eyes,
        refusal=command.refusal,
        documents=command.documents,
        content=content_of(command.title, command.note, command.documents),
        route=route,
        stations=plans,
    )
    return [(stream(slip), created)]


def _record(command: c.CreateSlip, context: Context) -> Record | None:
    """The record a slip is drafted for, known to the drafter and holding the case and the documents named."""
    if command.record is None:
        if command.case is not None:
            raise InvalidCommand([("/case", "a case needs its record")])
        return None
    record = context.find(record_stream(command.record), Record)
    if record is None or not record.known_to(context.actor):
        raise InvalidCommand([("/record", f"there is no record {command.record}")])
    if command.case is not None and command.case not in record.cases:
        raise InvalidCommand([("/case", f"the record has no case {command.case}")])
    held = {document.id: {v.sha256 for v in document.versions} for document in record.documents()}
    for number, enclosed in enumerate(command.documents):
        if enclosed.document is not None and enclosed.sha256 not in held.get(enclosed.document, set()):
            raise InvalidCommand([(f"/documents/{number}", "the record has no such document in this version")])
    return record
