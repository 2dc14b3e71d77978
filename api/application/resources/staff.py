"""Staff: who works where, and who deputises for whom (Vertretung), as the API shows it."""

from datetime import datetime
from typing import Annotated

from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import Resource
from workflow.engine.access import Protection, Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.organisation.staff import AppointDeputy, Leave, Register, RevokeDeputy, StaffMember

COMMANDS = {model.ACTION: model for model in (Register, Leave, AppointDeputy, RevokeDeputy)}


class DeputyRepresentation(Representation):
    """Who deputises from when until when."""

    id: str
    deputy: str
    since: datetime
    until: datetime


class StaffMemberRepresentation(Representation):
    """A person as entered, with all appointments of deputies."""

    state: Annotated[str, From("left", lambda left: "left" if left else "registered")]
    user: str
    roles: Annotated[list[Role], From(convert=sorted)]
    authority: str | None
    clearance: Protection
    deputies: list[DeputyRepresentation]


def _knows(member: StaffMember, context: Context) -> bool:
    """Colleagues of the authority, those who act for all authorities, and the person."""
    actor = context.actor
    return actor.user == member.user or actor.authority is None or actor.authority == member.authority


def _options(member: StaffMember, context: Context, _part: str | None) -> list[Option]:
    actor = context.actor
    admin = Role.ADMIN in actor.roles
    own = admin or actor.user == member.user
    en, de = "staff is entered by admin", "Personal trägt die Administration ein"
    mine_en = f"only {member.user} or an admin appoints and revokes their deputies"
    mine_de = f"Nur {member.user} oder die Administration regelt diese Vertretung"
    return [
        *(Option(a, admin, None if admin else en, None if admin else de) for a in ("register", "leave")),
        *(
            Option(a, own, None if own else mine_en, None if own else mine_de)
            for a in ("appoint_deputy", "revoke_deputy")
        ),
    ]


EXAMPLES: dict[str, Fields] = {
    "register": {"user": "schmidt", "roles": ["approver"], "authority": "mwide", "clearance": "high"},
    "leave": {"user": "schmidt", "reason": "Ruhestand"},
    "appoint_deputy": {
        "user": "schmidt", "deputy": "weber", "since": "2027-03-01T00:00:00+01:00",
        "until": "2027-03-15T00:00:00+01:00",
    },
    "revoke_deputy": {"user": "schmidt", "appointment": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"},
}  # fmt: skip

RESOURCE = Resource(
    name="staff",
    plural="staff",
    en="member of staff",
    de="Person",
    commands=COMMANDS,
    representation=StaffMemberRepresentation,
    knows=_knows,
    options=_options,
    examples=EXAMPLES,
    audience="of the own authority, so that deputies can be found",
    creates="register",
    naming="body",
    key="user",
    example_roles=frozenset({Role.ADMIN}),
)
