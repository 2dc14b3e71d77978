"""Deciding what is asked of a member of staff: the machine says whether, the action's own block says what."""

from workflow.engine.commands import Command, Emitted
from workflow.engine.machine import Option
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.actions import Register, StaffCommand
from workflow.organisation.staff.guards import Question
from workflow.organisation.staff.machine import MACHINE
from workflow.organisation.staff.member import StaffMember, stream
from workflow.text import Text


def decide(member: StaffMember | None, command: Command, context: Context) -> list[Emitted]:
    if not isinstance(command, StaffCommand):
        raise InvalidCommand(
            [("", Text(f"{command.ACTION} gibt es beim Personal nicht", f"staff knows no {command.ACTION}"))]
        )
    if member is not None:
        question = Question(member, command, context)
        row = MACHINE.step(member.state, command.ACTION, context.actor.roles, question)
        return row.emit(stream(member.user), command, question)
    if not isinstance(command, Register):
        raise InvalidCommand(
            [("/user", Text(f"{command.user} ist nicht eingetragen", f"{command.user} is not registered"))]
        )
    command.PERMISSION.check(context.actor)
    return [(stream(command.user), command.register(None, context))]


def options(member: StaffMember, context: Context) -> list[Option]:
    return MACHINE.allowed(member.state, context.actor.roles, Question(member, None, context))
