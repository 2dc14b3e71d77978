"""The conditions under which deputies are appointed (rule 18): what each asks, and how its failure is worded."""

from dataclasses import dataclass
from datetime import datetime

from workflow.engine.access import Role
from workflow.engine.aggregate import replace
from workflow.engine.commands import Command
from workflow.engine.machine import Guard
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import StaffMember, get_clearance, stream
from workflow.organisation.staff.persons import find_person, finder


@dataclass(frozen=True)
class Question:
    member: StaffMember
    command: Command | None
    context: Context

    @property
    def deputy(self) -> str | None:
        """Id of whom the command names as deputy."""
        named = self.command.get("deputy") if self.command else None
        return named and find_person(named, self.member.authority, finder(self.context))

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - guards here look at commands, not at action names
        return replace(self, command=None)


def _own_authority(question: Question) -> bool:
    return question.member.is_of(question.context.actor.authority)


def _own_or_admin(question: Question) -> bool:
    actor = question.context.actor
    return actor.user == question.member.user or (Role.ADMIN in actor.roles and _own_authority(question))


def _no_circle(question: Question) -> bool:
    command, user, deputy = question.command, question.member.user, question.deputy
    if command is None or deputy is None:
        return True
    since, until = command.get("since"), command.get("until")
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
    deputy = question.deputy
    return deputy is None or get_clearance(deputy, question.context).covers(question.member.clearance)


def _deputy_works_here(question: Question) -> bool:
    deputy, home = question.deputy, question.member.authority
    if deputy is None:
        return True
    member = question.context.find(stream(deputy), StaffMember)
    return member is not None and member.state != "left" and member.authority in {None, home}


GUARDS: dict[str, Guard[Question]] = {
    "own_or_admin": Guard(
        _own_or_admin,
        "only the person or an admin of their authority appoints and revokes their deputies",
        "nur die Person selbst oder die Administration ihrer Behörde regelt diese Vertretung",
        personal=True,
    ),
    "own_authority": Guard(
        _own_authority,
        "this is another authority's staff",
        "dies ist Personal einer anderen Behörde",
        personal=True,
    ),
    "no_circle": Guard(_no_circle, "deputies would form a circle", "die Vertretungen bildeten einen Kreis"),
    "deputy_works_here": Guard(
        _deputy_works_here,
        "the deputy is not of this authority's staff, or has left",
        "die Vertretung gehört nicht zum Personal der Behörde oder ist ausgeschieden",
    ),
    "deputy_cleared": Guard(_deputy_cleared, "the deputy lacks clearance", "der Vertretung fehlt die nötige Freigabe"),
}
