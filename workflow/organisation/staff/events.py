"""What can happen to a member of staff."""

from workflow.engine.access import Protection, Role
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Name, Time


class StaffRegistered(Event, type="staff.registered"):
    """A person works here, or something about them changed; the values of before are kept."""

    user: Name
    roles: tuple[Role, ...]
    authority: Name | None
    clearance: Protection
    old_roles: tuple[Role, ...] = ()
    old_authority: Name | None = None
    old_clearance: Protection | None = None


class StaffLeft(Event, type="staff.left"):
    """A person no longer works here and cannot be given a station."""

    user: Name
    reason: Line
    ends_tokens: bool = False
    """Whether tokens issued before end with it; in earlier releases they did not."""


class DeputyAppointed(Event, type="staff.deputy_appointed"):
    user: Name
    appointment: Id
    deputy: Name
    since: Time
    until: Time


class DeputyRevoked(Event, type="staff.deputy_revoked"):
    user: Name
    appointment: Id
    at: Time
