"""Staff: who works where, and who deputises for whom (Vertretung), as the API shows it."""

from datetime import datetime
from typing import Annotated

from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Resource
from workflow.engine.access import HUMANS, Protection, Role
from workflow.engine.fields import is_name
from workflow.organisation.house_rules import Context
from workflow.organisation.staff.actions import COMMANDS
from workflow.organisation.staff.decide import options
from workflow.organisation.staff.machine import MACHINE
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.persons import finder, identify, spell

StaffMemberState = Annotated[str, one_of("StaffMemberState", MACHINE.states)]


class DeputyRepresentation(Representation):
    """Who deputises from when until when."""

    id: str
    deputy: str
    since: datetime
    until: datetime


class StaffMemberRepresentation(Representation):
    """A person as entered, with all appointments of deputies."""

    state: StaffMemberState
    user: str
    roles: Annotated[list[Role], From(convert=sorted)]
    authority: str | None
    clearance: Protection
    deputies: list[DeputyRepresentation]


def _show(member: StaffMember, context: Context) -> StaffMember | None:
    """To colleagues of the authority, those who act for all authorities, and the person."""
    actor = context.actor
    known = actor.user == member.user or actor.authority is None or actor.authority == member.authority
    return member if known else None


def _identify(body: Fields, context: Context) -> str | None:
    user, authority = body.get("user"), body.get("authority") or context.actor.authority
    if not isinstance(user, str) or not is_name(user) or not isinstance(authority, str | None):
        return None
    return identify(user, authority, finder(context))


RESOURCE = Resource(
    name="staff",
    plural="staff",
    en="member of staff",
    de="Person",
    commands=COMMANDS,
    representation=StaffMemberRepresentation,
    knowledge=Knowledge(_show),
    options=lambda member, context, _: options(member, context),
    machine=MACHINE,
    audience="of the own authority, so that deputies can be found",
    creates="register",
    naming="body",
    key="user",
    identify=_identify,
    spell=lambda key, context: spell(key, finder(context)),
    example_roles=frozenset({Role.ADMIN}),
    filters=(
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("authority", "only those of one of these authorities"),
        Filter("roles", "only those who have one of these roles", tuple(sorted(HUMANS))),
    ),
)
