"""Staff: who works where, and who deputises for whom (Vertretung), as the API shows it."""

from datetime import datetime
from typing import Annotated

from api.application.resources.representation import From, Representation
from api.application.resources.resource import Resource
from workflow.engine.access import Protection, Role
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.actions import COMMANDS
from workflow.organisation.staff.decide import options
from workflow.organisation.staff.machine import MACHINE
from workflow.organisation.staff.member import StaffMember


class DeputyRepresentation(Representation):
    """Who deputises from when until when."""

    id: str
    deputy: str
    since: datetime
    until: datetime


class StaffMemberRepresentation(Representation):
    """A person as entered, with all appointments of deputies."""

    state: str
    user: str
    roles: Annotated[list[Role], From(convert=sorted)]
    authority: str | None
    clearance: Protection
    deputies: list[DeputyRepresentation]


def _knows(member: StaffMember, context: Context) -> bool:
    """Colleagues of the authority, those who act for all authorities, and the person."""
    actor = context.actor
    return actor.user == member.user or actor.authority is None or actor.authority == member.authority


RESOURCE = Resource(
    name="staff",
    plural="staff",
    en="member of staff",
    de="Person",
    commands=COMMANDS,
    representation=StaffMemberRepresentation,
    knows=_knows,
    options=lambda member, context, _: options(member, context),
    machine=MACHINE,
    audience="of the own authority, so that deputies can be found",
    creates="register",
    naming="body",
    key="user",
    example_roles=frozenset({Role.ADMIN}),
)
