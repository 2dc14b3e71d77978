"""Deciding a command on a scan centre: the machine checks it, the action's own block makes the events."""

from scanning.centres.actions import EnterCentre
from scanning.centres.guards import Question
from scanning.centres.machine import MACHINE
from scanning.centres.scan_centre import ScanCentre, stream
from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command, Option
from workflow.errors import NotFound
from workflow.organisation.house_rules import Context


def decide(centre: ScanCentre | None, command: Command, context: Context) -> list[Emitted]:
    name = context.stream.partition(":")[2]
    if centre is None and not isinstance(command, EnterCentre):
        raise NotFound("scan-centre", name)
    question = Question(name, centre, context, command)
    state = centre.state if centre else MACHINE.initial
    row = MACHINE.step(state, command.ACTION, context.actor.roles, question)
    return row.emit(stream(name), command, question)


def list_options(centre: ScanCentre, context: Context) -> list[Option]:
    return MACHINE.allowed(centre.state, context.actor.roles, Question(centre.id, centre, context))
