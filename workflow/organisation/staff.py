"""Staff: who works where, with which clearance, and who deputises for whom (Vertretung, xdomea 0620).

Rule 18: a deputy is appointed for a time, never in a circle, and only if cleared; what a deputy does is logged as
"B for A" (i. V.).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import Emitted, Evolver, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Name, Time
from workflow.errors import Forbidden, GuardFailed, InvalidCommand
from workflow.organisation.house_rules import Context


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


class DeputyAppointed(Event, type="staff.deputy_appointed"):
    """`deputy` acts for `user` from `since` until `until`."""

    user: Name
    appointment: Id
    deputy: Name
    since: Time
    until: Time


class DeputyRevoked(Event, type="staff.deputy_revoked"):
    """The appointment ends early."""

    user: Name
    appointment: Id
    at: Time


class Register(Command, action="register"):
    """Enter a person, or change what is entered."""

    user: Name
    roles: tuple[Role, ...]
    authority: Name | None = None
    clearance: Protection = Protection.NORMAL


class Leave(Command, action="leave"):
    """The person leaves."""

    user: Name
    reason: Line


class AppointDeputy(Command, action="appoint_deputy"):
    """Appoint a deputy for a time."""

    user: Name
    deputy: Name
    since: Time
    until: Time


class RevokeDeputy(Command, action="revoke_deputy"):
    """End an appointment early."""

    user: Name
    appointment: Id


@dataclass(frozen=True)
class Appointment:
    """One appointment of a deputy."""

    id: str
    deputy: str
    since: datetime
    until: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether both are in force at some instant."""
        return self.since < until and since < self.until


@dataclass(frozen=True)
class StaffMember:
    """A person as entered."""

    user: str
    roles: frozenset[Role]
    authority: str | None
    clearance: Protection
    left: bool = False
    deputies: tuple[Appointment, ...] = ()


evolve: Evolver[StaffMember] = Evolver()


@evolve.birth(StaffRegistered)
def _registered(event: StaffRegistered) -> StaffMember:
    return StaffMember(event.user, frozenset(event.roles), event.authority, event.clearance)


@evolve.on(StaffRegistered)
def _changed(member: StaffMember, event: StaffRegistered) -> StaffMember:
    roles = frozenset(event.roles)
    return replace(member, roles=roles, authority=event.authority, clearance=event.clearance, left=False)


@evolve.on(StaffLeft)
def _left(member: StaffMember, _: StaffLeft) -> StaffMember:
    return replace(member, left=True)


@evolve.on(DeputyAppointed)
def _appointed(member: StaffMember, event: DeputyAppointed) -> StaffMember:
    new = Appointment(event.appointment, event.deputy, event.since, event.until)
    return replace(member, deputies=(*member.deputies, new))


@evolve.on(DeputyRevoked)
def _revoked(member: StaffMember, event: DeputyRevoked) -> StaffMember:
    kept = tuple(replace(a, until=event.at) if a.id == event.appointment else a for a in member.deputies)
    return replace(member, deputies=kept)


def stream(user: str) -> str:
    """Stream of a person."""
    return f"staff:{user}"


def decide(member: StaffMember | None, command: Command, context: Context) -> list[Emitted]:
    """Register, leave, appoint and revoke deputies; a person may appoint their own deputy, else it takes an admin."""
    event: StaffRegistered | StaffLeft | DeputyAppointed | DeputyRevoked
    match command:
        case Register():
            event = _register(member, command, context)
        case Leave():
            _admin(context)
            event = StaffLeft(user=_known(member, command.user).user, reason=command.reason)
        case AppointDeputy():
            event = _appoint(_known(member, command.user), command, context)
        case RevokeDeputy():
            event = _revoke(_known(member, command.user), command, context)
        case _:
            raise InvalidCommand([("", f"staff knows no {command.ACTION}")])
    return [(stream(event.user), event)]


def deputises(user: str, absent: str, context: Context, seen: frozenset[str] = frozenset()) -> bool:
    """Whether `user` may act for `absent` now, directly or as the deputy of an absent deputy."""
    member = context.find(stream(absent), StaffMember)
    if member is None or absent in seen:
        return False
    now = [a.deputy for a in member.deputies if a.since <= context.now < a.until]
    return user in now or any(deputises(user, deputy, context, seen | {absent}) for deputy in now)


def clearance_of(user: str, context: Context) -> Protection:
    """Clearance as entered; a person never entered has none beyond normal."""
    member = context.find(stream(user), StaffMember)
    return member.clearance if member else Protection.NORMAL


def has_left(user: str, context: Context) -> bool:
    """Whether the person is known to work here no longer."""
    member = context.find(stream(user), StaffMember)
    return member is not None and member.left


def _register(member: StaffMember | None, command: Register, context: Context) -> StaffRegistered:
    _admin(context)
    return StaffRegistered(
        user=command.user,
        roles=tuple(sorted(set(command.roles))),
        authority=command.authority,
        clearance=command.clearance,
        old_roles=tuple(sorted(member.roles)) if member else (),
        old_authority=member.authority if member else None,
        old_clearance=member.clearance if member else None,
    )


def _admin(context: Context) -> None:
    if Role.ADMIN not in context.actor.roles:
        raise Forbidden("staff is entered by admin", "Personal trägt die Administration ein")


def _known(member: StaffMember | None, user: str) -> StaffMember:
    if member is None:
        raise InvalidCommand([("/user", f"{user} is not registered")])
    return member


def _self_or_admin(member: StaffMember, context: Context) -> None:
    if context.actor.user != member.user and Role.ADMIN not in context.actor.roles:
        raise Forbidden(
            f"only {member.user} or an admin appoints and revokes their deputies",
            f"Nur {member.user} oder die Administration regelt diese Vertretung",
        )


def _appoint(member: StaffMember, command: AppointDeputy, context: Context) -> DeputyAppointed:
    _self_or_admin(member, context)
    if not command.since < command.until:
        raise InvalidCommand([("/until", "must be after since")])
    if command.until - command.since > timedelta(days=context.rules.longest_deputising_days):
        raise InvalidCommand([("/until", f"at most {context.rules.longest_deputising_days} days after since")])
    if command.deputy == member.user or _leads_back(command.deputy, member.user, command, context, frozenset()):
        raise _refused("no_circle", "deputies would form a circle", "Die Vertretungen bildeten einen Kreis")
    if has_left(command.deputy, context):
        raise _refused("deputy_works_here", f"{command.deputy} has left", f"{command.deputy} ist ausgeschieden")
    if not clearance_of(command.deputy, context).covers(member.clearance):
        raise _refused(
            "deputy_cleared", f"{command.deputy} lacks clearance", f"{command.deputy} fehlt die nötige Freigabe"
        )
    return DeputyAppointed(
        user=member.user,
        appointment=context.new_id(),
        deputy=command.deputy,
        since=command.since,
        until=command.until,
    )


def _refused(guard: str, en: str, de: str) -> GuardFailed:
    return GuardFailed("staff", "registered", "appoint_deputy", (), guard, en, de)


def _leads_back(user: str, target: str, span: AppointDeputy, context: Context, seen: frozenset[str]) -> bool:
    """Whether `user` is, over overlapping appointments, deputised for by `target`."""
    member = context.find(stream(user), StaffMember)
    if member is None or user in seen:
        return False
    deputies = [a.deputy for a in member.deputies if a.overlaps(span.since, span.until)]
    return target in deputies or any(_leads_back(d, target, span, context, seen | {user}) for d in deputies)


def _revoke(member: StaffMember, command: RevokeDeputy, context: Context) -> DeputyRevoked:
    _self_or_admin(member, context)
    found = next((a for a in member.deputies if a.id == command.appointment), None)
    if found is None or found.until <= context.now:
        raise InvalidCommand([("/appointment", "no such appointment in force or to come")])
    return DeputyRevoked(user=member.user, appointment=found.id, at=max(context.now, found.since))
