"""In whose name a webhook reads: whoever set it up, as far as they still may."""

import dataclasses
from collections.abc import Iterator

from api.application.tokens import Token
from api.application.tokens import stream as token_stream
from api.application.webhooks.webhook import CATEGORY, Webhook
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream

PAGE = 1000


def find_owner(engine: Engine, webhook: Webhook) -> Actor | None:
    """Its owner with the roles and the clearance that they had then and have now; None where nothing is delivered:
    it has ended, its owner has left or administers no more, or the token that it was set up with was revoked.
    """
    owner, member = webhook.owner, engine.find(staff_stream(webhook.owner.user), StaffMember)
    token = engine.find(token_stream(webhook.token), Token) if webhook.token is not None else None
    if webhook.state != "active" or (token is not None and token.revoked):
        return None
    if member is None:
        return owner
    if member.state == "left" or webhook.stay < member.stays or not member.is_of(owner.authority):
        return None
    if Role.ADMIN not in member.roles:
        return None
    clearance = min(owner.clearance, member.clearance, key=lambda level: level.rank)
    return dataclasses.replace(owner, roles=owner.roles & member.roles, clearance=clearance)


def read_webhooks(engine: Engine, after: str = "") -> Iterator[Webhook]:
    """Every webhook that is not deleted, behind an id, in the order of ids."""
    while streams := engine.log.streams(CATEGORY, after=after, most=PAGE):
        for name in streams:
            state = engine.load(name).state
            if isinstance(state, Webhook) and state.state != "deleted":
                yield state
        after = streams[-1].partition(":")[2]
