"""Deciding what is asked of a routing slip: the machine says whether, the action what, the route who is next."""

from datetime import timedelta
from functools import partial

from workflow.engine.access import SYSTEM
from workflow.engine.aggregate import Emitted, Timer
from workflow.engine.commands import Command, Row
from workflow.engine.machine import Option
from workflow.errors import NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import back, local_day, start_of
from workflow.routing_slips import events as e
from workflow.routing_slips.create import CREATING, CreateSlip
from workflow.routing_slips.deadlines import (
    Activate,
    Complete,
    ConsentBySilence,
    Elapse,
    Escalate,
    Remind,
    SendBack,
    SkipUnread,
)
from workflow.routing_slips.delivery_actions import list_provisions
from workflow.routing_slips.evolve import MARKS, evolve
from workflow.routing_slips.guards import Question
from workflow.routing_slips.machine import DELIVERY, MACHINE, MOVING, STATION
from workflow.routing_slips.routing_slip import RoutingSlip, Station, find_station, knows, stream
from workflow.routing_slips.station_actions import StationCommand

COMPLETE, SEND_BACK = Complete(), SendBack()
AT_STATION = {command.ACTION for command in MOVING if issubclass(command, StationCommand)}
"""Actions that end the station they are done at."""
AT_DELIVERY = frozenset(DELIVERY.actions)
"""Actions that move what a station sends out."""

MARKING = frozenset(event.TYPE for event in MARKS)
"""Events after which the same stations have their turn."""


def decide(slip: RoutingSlip | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, CreateSlip):
        CREATING.check(context.actor)
        return command.create(context)
    if slip is None or not knows(slip, context):
        raise NotFound("routing-slip", context.stream.partition(":")[2])
    station = find_station(slip, command.get("station") or command.get("after"), command.ACTION, context)
    question = Question(slip, command, context, command.ACTION, station, evolve.fold)
    row = MACHINE.step(slip.state, command.ACTION, context.actor.roles, question)
    for moved in _moved(row, question):
        STATION.step(moved.status, command.ACTION, context.actor.roles, question)
    if station is not None and station.delivery is not None and command.ACTION in AT_DELIVERY:
        DELIVERY.step(station.delivery.state, command.ACTION, context.actor.roles, question)
    events = row.emit(stream(slip.id), command, question)
    if row.event in MARKING:
        return events
    after = question.after(events)
    return events + (_go_on(after, context) if after.state == "circulating" else [])


def _moved(row: Row, question: Question) -> list[Station]:
    """The stations whose own table has the last word on what becomes of them."""
    if row.event == e.StationRecalled.TYPE:
        return [station for station in question.slip.active() if station.holds_up]
    if row.action not in AT_STATION or row.event == e.NoteAdded.TYPE or question.station is None:
        return []
    return [question.station]


def options(slip: RoutingSlip, context: Context) -> list[Option]:
    return MACHINE.allowed(slip.state, context.actor.roles, _nothing_asked(slip, context))


def due(slip: RoutingSlip, rules: Rules) -> list[Timer]:
    """What time will do: resubmissions, reminders, escalation, unread acknowledgements; never a signature."""
    if slip.state != "circulating":
        return []
    return [timer for station in slip.active() for timer in _station_timers(slip, station, rules)]


def _station_timers(slip: RoutingSlip, station: Station, rules: Rules) -> list[Timer]:
    plan, run, found = station.plan, slip.run, list_provisions(slip, station)
    if plan.until:
        found.append(Timer(f"elapse:{run}:{station.id}", start_of(plan.until), partial(Elapse, station=station.id)))
    if plan.deadline:
        over = start_of(plan.deadline + timedelta(days=1))
        if not station.reminded:
            at = start_of(back(plan.deadline, rules.remind_working_days))
            found.append(Timer(f"remind:{run}:{station.id}", at, partial(Remind, station=station.id)))
        if plan.skip_unread:
            found.append(Timer(f"skip_unread:{run}:{station.id}", over, partial(SkipUnread, station=station.id)))
        elif plan.silence_consents:
            found.append(
                Timer(f"consent_by_silence:{run}:{station.id}", over, partial(ConsentBySilence, station=station.id))
            )
        elif not station.escalated:
            found.append(Timer(f"escalate:{run}:{station.id}", over, partial(Escalate, station=station.id)))
    return found


def _nothing_asked(slip: RoutingSlip, context: Context) -> Question:
    return Question(slip, None, context, "", None, evolve.fold)


def _go_on(slip: RoutingSlip, context: Context) -> list[Emitted]:
    """Whose turn it is now; when nobody's is, the slip is completed or goes back (rules 14, 16)."""
    question = _nothing_asked(slip, context)
    refused = slip.refused()
    if slip.refusal == "at_once" and any(station.result is e.Result.REFUSED for station in refused):
        return _follows(question, SEND_BACK)
    turn = slip.next_up()
    events: list[Emitted] = []
    for station in turn:
        if station.status == "planned":
            STATION.step(station.status, Activate.ACTION, SYSTEM.roles, question)
            days = station.plan.deadline_days
            deadline = None if days is None else local_day(context.now) + timedelta(days=days)
            events += question.emit(e.StationActivated(station=station.id, deadline=deadline))
    if any(station.holds_up for station in turn):
        return events
    if refused:
        return events + _follows(question, SEND_BACK)
    only_acknowledged = not any(station.holds_up for station in slip.stations.values())
    if turn and only_acknowledged:
        return events
    return events + _follows(question, COMPLETE)


def _follows(question: Question, command: Command) -> list[Emitted]:
    row = MACHINE.step(question.slip.state, command.ACTION, SYSTEM.roles, question)
    return row.emit(stream(question.slip.id), command, question)
