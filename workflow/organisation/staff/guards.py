"""The conditions under which deputies are appointed (rule 18): what each asks, and how its failure is worded."""

from dataclasses import dataclass
from datetime import datetime

from workflow.engine.access import Role
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import StaffMember, get_clearance, has_left, stream


@dataclass(frozen=True)
class Question:
    member: StaffMember
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)


def _own_or_admin(question: Question) -> bool:
    actor = question.context.actor
    return actor.user == question.member.user or Role.ADMIN in actor.roles


def _no_circle(question: Question) -> bool:
    command, user = question.command, question.member.user
    if command is None:
        return True
    deputy, since, until = command.get("deputy"), command.get("since"), command.get("until")
    return deputy != user and not _leads_back(deputy, user, since, until, question.context)


def _leads_back(
    user: str, target: str, since: datetime, until: datetime, context: Context, seen: frozenset[str] = frozenset()
) -> bool:
    """Whether `user` is, over overlapping appointments, deputised for by `target`."""
    member = context.find(stream(user), StaffMember)
    if member is None or user in seen:
        return False
    deputies = [a.deputy for a in member.deputies if a.overlaps(since, until)]
    return target in deputies or any(_leads_back(d, target, since, until, context, seen | {user}) for d in deputies)


def _deputy_cleared(question: Question) -> bool:
    deputy = question.command.get("deputy") if question.command else None
    return deputy is None or get_clearance(deputy, question.context).covers(question.member.clearance)


def _deputy_works_here(question: Question) -> bool:
    deputy = question.command.get("deputy") if question.command else None
    return deputy is None or not has_left(deputy, question.context)


GUARDS: dict[str, Guard[Question]] = {
    "own_or_admin": Guard(
        _own_or_admin,
        "only the person or an admin appoints and revokes their deputies",
        "nur die Person selbst oder die Administration regelt diese Vertretung",
        personal=True,
    ),
    "no_circle": Guard(_no_circle, "deputies would form a circle", "die Vertretungen bildeten einen Kreis"),
    "deputy_works_here": Guard(_deputy_works_here, "the deputy has left", "die Vertretung ist ausgeschieden"),
    "deputy_cleared": Guard(_deputy_cleared, "the deputy lacks clearance", "der Vertretung fehlt die nötige Freigabe"),
}
