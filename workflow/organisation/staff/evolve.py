"""Folding a member of staff: what each event makes of it. The state is that of the row taken."""

from workflow.engine.aggregate import Evolver, replace
from workflow.organisation.staff.events import DeputyAppointed, DeputyRevoked, StaffLeft, StaffRegistered
from workflow.organisation.staff.machine import MACHINE
from workflow.organisation.staff.member import Appointment, StaffMember

evolve: Evolver[StaffMember] = Evolver()


@evolve.birth(StaffRegistered)
def _entered(event: StaffRegistered) -> StaffMember:
    return StaffMember(event.user, frozenset(event.roles), event.authority, event.clearance)


@evolve.on(StaffRegistered)
def _registered(member: StaffMember, event: StaffRegistered) -> StaffMember:
    return replace(
        member,
        state=MACHINE.state_after(member.state, event),
        roles=frozenset(event.roles),
        authority=event.authority,
        clearance=event.clearance,
    )


@evolve.on(StaffLeft)
def _left(member: StaffMember, event: StaffLeft) -> StaffMember:
    return replace(member, state=MACHINE.state_after(member.state, event), stays=member.stays + event.ends_tokens)


@evolve.on(DeputyAppointed)
def _appointed(member: StaffMember, event: DeputyAppointed) -> StaffMember:
    new = Appointment(event.appointment, event.deputy, event.since, event.until)
    return replace(member, deputies=(*member.deputies, new))


@evolve.on(DeputyRevoked)
def _revoked(member: StaffMember, event: DeputyRevoked) -> StaffMember:
    kept = tuple(replace(a, until=event.at) if a.id == event.appointment else a for a in member.deputies)
    return replace(member, deputies=kept)
