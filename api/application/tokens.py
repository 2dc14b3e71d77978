"""Bearer tokens as an aggregate: issued, expiring, revoked, all in the log, so that the log stays the only truth.

The log keeps the SHA-256 of a random secret of 256 bits, never the secret (docs/decisions/0016). Whoever holds a token
acts as a `Holder`; every decision looks once more whether the token is in force, so that no command is stored that was
decided after its token had been revoked, in whatever process.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from api.application.errors import Unauthorised
from workflow.engine.access import Actor, Protection, Role, highest
from workflow.engine.aggregate import Emitted, Evolver, Kind, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Id, Line, Name, Sha256, Time
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context
from workflow.organisation.staff import decide as staff_decisions
from workflow.organisation.staff.actions import Register
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream


class TokenIssued(Event, type="token.issued"):
    SECRET: ClassVar[frozenset[str]] = frozenset({"digest"})

    token: Id
    user: Name
    roles: tuple[Role, ...]
    authority: Name | None
    clearance: Protection
    digest: Sha256
    expires: Time


class TokenRevoked(Event, type="token.revoked"):
    token: Id
    reason: Line


class IssueToken(Command, action="create"):
    """Issue a token; `digest` is the SHA-256 of its secret."""

    user: Name
    roles: tuple[Role, ...]
    authority: Name | None = None
    clearance: Protection = Protection.NORMAL
    digest: Sha256
    expires: Time


class RevokeToken(Command, action="revoke"):
    """Revoke a token."""

    reason: Line = "revoked"


@dataclass(frozen=True)
class Token:
    id: str
    user: str
    roles: frozenset[Role]
    authority: str | None
    clearance: Protection
    digest: str
    expires: datetime
    revoked: bool = False

    def in_force(self, now: datetime) -> bool:
        return not self.revoked and now < self.expires

    def opened_by(self, secret: str) -> bool:
        """Whether this is its secret, in a time that does not tell how much of it was right."""
        return hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), self.digest)


@dataclass(frozen=True, slots=True)
class Holder(Actor):
    """A person acting with a token; `token` is its id, None for one issued elsewhere (OpenID Connect)."""

    token: str | None = None


evolve: Evolver[Token] = Evolver()


@evolve.birth(TokenIssued)
def _issued(event: TokenIssued) -> Token:
    return Token(event.token, event.user, frozenset(event.roles), event.authority, event.clearance, event.digest,
                 event.expires)  # fmt: skip


@evolve.on(TokenRevoked)
def _revoked(token: Token, _: TokenRevoked) -> Token:
    return replace(token, revoked=True)


def stream(token: str) -> str:
    return f"token:{token}"


def decide(token: Token | None, command: Command, context: Context) -> list[Emitted]:
    """Issue and revoke; a person may revoke their own, else it takes an admin."""
    if isinstance(command, IssueToken):
        return _issue(command, context)
    if isinstance(command, RevokeToken):
        return _revoke(token, command, context)
    raise InvalidCommand([("", f"a token knows no {command.ACTION}")])


def _issue(command: IssueToken, context: Context) -> list[Emitted]:
    if Role.ADMIN not in context.actor.roles:
        raise Forbidden("tokens are issued by admin", "Token stellt die Administration aus")
    if Role.SYSTEM in command.roles or not command.roles:
        raise InvalidCommand([("/roles", "one or more roles of persons")])
    if command.expires <= context.now:
        raise InvalidCommand([("/expires", "lies in the past")])
    token = context.new_id()
    asked = command.model_dump() | {"roles": tuple(sorted(set(command.roles)))}
    return [(stream(token), TokenIssued(token=token, **asked)), *_registered(command, context)]


def _registered(command: IssueToken, context: Context) -> list[Emitted]:
    """The person as staff, so that guards about others know their clearance; nothing entered is ever lowered."""
    member = context.find(staff_stream(command.user), StaffMember)
    roles, clearance = set(command.roles), command.clearance
    if member is not None and member.state != "left":
        roles |= member.roles
        clearance = highest([clearance, member.clearance])
        if (roles, clearance, command.authority) == (set(member.roles), member.clearance, member.authority):
            return []
    register = Register(user=command.user, roles=tuple(sorted(roles)), authority=command.authority, clearance=clearance)
    return staff_decisions.decide(member, register, context)


def _revoke(token: Token | None, command: RevokeToken, context: Context) -> list[Emitted]:
    if token is None:
        raise NotFound("token", context.stream.partition(":")[2])
    if Role.ADMIN not in context.actor.roles and context.actor.user != token.user:
        raise Forbidden("tokens of others are revoked by admin", "Fremde Token widerruft die Administration")
    if token.revoked:
        raise InvalidCommand([("", "the token is revoked already")])
    return [(stream(token.id), TokenRevoked(token=token.id, reason=command.reason))]


def check_token(context: Context) -> None:
    """Raise `Unauthorised` where the token of whoever acts is not in force any more."""
    actor = context.actor
    if isinstance(actor, Holder) and actor.token is not None:
        token = context.find(stream(actor.token), Token)
        if token is None or not token.in_force(context.now):
            raise Unauthorised


KIND = Kind(evolve, decide)
