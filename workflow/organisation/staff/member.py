"""A member of staff as entered, and who deputises for whom at an instant."""

from dataclasses import dataclass
from datetime import datetime

from workflow.engine.access import Protection, Role
from workflow.errors import Forbidden
from workflow.organisation.house_rules import Context

STATES = {"registered": "eingetragen", "left": "ausgeschieden"}
"""State of a member of staff -> German term."""


@dataclass(frozen=True)
class Appointment:
    id: str
    deputy: str
    since: datetime
    until: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        return self.since < until and since < self.until


@dataclass(frozen=True)
class StaffMember:
    user: str
    roles: frozenset[Role]
    authority: str | None
    clearance: Protection
    state: str = "registered"
    deputies: tuple[Appointment, ...] = ()
    stays: int = 0
    """How often the person has left so that tokens issued before ended."""

    def is_of(self, authority: str | None) -> bool:
        """Whether somebody acting for that authority (None: for all) has to do with this person."""
        return authority is None or self.authority == authority


def stream(user: str) -> str:
    return f"staff:{user}"


def get_clearance(user: str, context: Context) -> Protection:
    """Clearance as entered; a person never entered has none beyond normal."""
    member = context.find(stream(user), StaffMember)
    return member.clearance if member else Protection.NORMAL


def has_left(user: str, context: Context) -> bool:
    member = context.find(stream(user), StaffMember)
    return member is not None and member.state == "left"


def works_here(user: str, context: Context) -> bool:
    """Whether the person is entered and has not left."""
    member = context.find(stream(user), StaffMember)
    return member is not None and member.state != "left"


def check_present(context: Context) -> None:
    """`Forbidden` where whoever acts has left: nobody acts after that, whatever they hold."""
    if has_left(context.actor.user, context):
        raise Forbidden(f"{context.actor.user} has left", f"{context.actor.user} ist ausgeschieden")
