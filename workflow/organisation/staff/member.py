"""A member of staff as entered, and who deputises for whom at an instant."""

from dataclasses import dataclass
from datetime import datetime

from workflow.engine.access import Protection, Role
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


def stream(user: str) -> str:
    return f"staff:{user}"


def deputises(user: str, absent: str, context: Context, seen: frozenset[str] = frozenset()) -> bool:
    """Whether `user` may act for `absent` now, directly or as the deputy of an absent deputy."""
    member = context.find(stream(absent), StaffMember)
    if member is None or absent in seen:
        return False
    now = [a.deputy for a in member.deputies if a.since <= context.now < a.until]
    return user in now or any(deputises(user, deputy, context, seen | {absent}) for deputy in now)


def get_clearance(user: str, context: Context) -> Protection:
    """Clearance as entered; a person never entered has none beyond normal."""
    member = context.find(stream(user), StaffMember)
    return member.clearance if member else Protection.NORMAL


def has_left(user: str, context: Context) -> bool:
    member = context.find(stream(user), StaffMember)
    return member is not None and member.state == "left"
