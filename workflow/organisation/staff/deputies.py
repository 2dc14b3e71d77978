"""Deputising (Vertretung): who acts for whom at a moment, by appointment and over several steps (rule 18)."""

from workflow.organisation.house_rules import Context
from workflow.organisation.staff.member import StaffMember, stream


def deputises(user: str, absent: str, context: Context, seen: frozenset[str] = frozenset()) -> bool:
    """Whether `user` may act for `absent` now, directly or as the deputy of an absent deputy."""
    member = context.find(stream(absent), StaffMember)
    if member is None or absent in seen:
        return False
    now = [a.deputy for a in member.deputies if a.since <= context.now < a.until]
    return user in now or any(deputises(user, deputy, context, seen | {absent}) for deputy in now)


def stands_for(person: str, context: Context) -> bool:
    """Whether the actor is that person, acts in their name, or is their deputy now."""
    actor = context.actor
    return person in {actor.user, actor.on_behalf_of} or deputises(actor.user, person, context)
