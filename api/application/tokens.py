"""Bearer tokens as an aggregate: issued, expiring, revoked, all in the log, so that the log stays the only truth.

The log keeps the SHA-256 of a random secret of 256 bits, never the secret (docs/decisions/0016). Whoever holds a token
acts as a `Holder`; every decision looks once more whether the token is in force, so that no command is stored that was
decided after its token had been revoked, in whatever process.
"""

import dataclasses
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from api.application.errors import Unauthorised
from workflow.engine.access import Actor, Protection, Role, highest
from workflow.engine.aggregate import Catalogue, Emitted, Evolver, Kind, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Count, Id, Line, Name, Sha256, Time
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.staff import decide as staff_decisions
from workflow.organisation.staff import evolve as staff_fold
from workflow.organisation.staff.actions import Register, check_granting
from workflow.organisation.staff.deputies import deputises
from workflow.organisation.staff.member import StaffMember, check_present
from workflow.organisation.staff.member import stream as staff_stream
from workflow.organisation.staff.persons import finder, identify
from workflow.text import Text

SESSION = "session"
WITHOUT_BOUNDS = "*"
"""What no scope has: a token that may change all that its roles may."""


class TokenIssued(Event, type="token.issued"):
    SECRET: ClassVar[frozenset[str]] = frozenset({"digest"})

    token: Id
    user: Name
    roles: tuple[Role, ...]
    authority: Name | None
    clearance: Protection
    digest: Sha256
    expires: Time
    stay: Count = 0
    """How often the person had left before; the token ends when they leave (again)."""
    changes: tuple[Line, ...] | None = None
    """Resources that may be changed with it; all that the roles may if none are named."""


class ChildIssued(Event, type="token.child_issued"):
    """A person has asked for another token of theirs with this one; it ends with this one."""

    token: Id
    child: Id


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
    changes: tuple[Line, ...] | None = None


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
    stay: int = 0
    changes: frozenset[str] | None = None
    children: tuple[str, ...] = ()
    """Tokens that were asked for with it."""

    def known_to(self, actor: Actor) -> bool:
        """Whose it is, and the administration of their authority."""
        ours = actor.authority in {None, self.authority} and Role.ADMIN in actor.roles
        return ours or actor.user == self.user

    def may_change(self, category: str) -> bool:
        """Whether its scope has a resource; sessions are only another form of the token."""
        return self.changes is None or category in {*self.changes, SESSION}

    def in_force(self, now: datetime) -> bool:
        return not self.revoked and now < self.expires

    def stands(self, now: datetime, member: StaffMember | None) -> bool:
        """Whether it is in force, and the person it was issued to has not left since."""
        gone = member is not None and (member.state == "left" or self.stay < member.stays)
        return self.in_force(now) and not gone

    def opened_by(self, secret: str) -> bool:
        """Whether this is its secret."""
        return is_secret(secret, self.digest)


@dataclass(frozen=True, slots=True)
class Holder(Actor):
    """A person acting with a token; `token` is its id, None for one issued elsewhere (OpenID Connect)."""

    token: str | None = None
    expires: datetime | None = None
    """Until when a sign-on elsewhere is good."""

    @property
    def name(self) -> str:
        """Whose share of a bounded thing it is: that of a token, or of a person who has signed on elsewhere."""
        return self.token or f"user {self.user}"


def is_secret(text: str, digest: str) -> bool:
    """Whether it is what a SHA-256 was made of, in a time that does not tell how much of it was right."""
    return hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), digest)


evolve: Evolver[Token] = Evolver()


@evolve.birth(TokenIssued)
def _issued(event: TokenIssued) -> Token:
    return Token(event.token, event.user, frozenset(event.roles), event.authority, event.clearance, event.digest,
                 event.expires, stay=event.stay,
                 changes=None if event.changes is None else frozenset(event.changes))  # fmt: skip


@evolve.on(ChildIssued)
def _child_issued(token: Token, event: ChildIssued) -> Token:
    return replace(token, children=(*token.children, event.child))


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
    raise InvalidCommand(
        [("", Text(f"{command.ACTION} gibt es bei Token nicht", f"a token knows no {command.ACTION}"))]
    )


def _issue(command: IssueToken, context: Context) -> list[Emitted]:
    if Role.SYSTEM in command.roles or not command.roles:
        raise InvalidCommand(
            [("/roles", Text("eine oder mehrere Rollen von Personen", "one or more roles of persons"))]
        )
    if command.expires <= context.now:
        raise InvalidCommand([("/expires", Text("liegt in der Vergangenheit", "lies in the past"))])
    authority = command.authority or context.actor.authority
    _check_issuing(command, context)
    user, token = identify(command.user, authority, finder(context)), context.new_id()
    member = context.find(staff_stream(user), StaffMember)
    asked = command.model_dump(exclude_none=True) | {
        "roles": tuple(sorted(set(command.roles))),
        "user": user,
        "authority": authority,
    }
    issued = TokenIssued(token=token, **asked, stay=member.stays if member else 0)
    register = enter_holder(member, Holder(user, frozenset(command.roles), authority, command.clearance))
    actor, emitted = context.actor, list[Emitted]([(stream(token), issued)])
    if isinstance(actor, Holder) and actor.token and user == actor.user:
        emitted.append((stream(actor.token), ChildIssued(token=actor.token, child=token)))
    if register is not None:
        return [*emitted, *staff_decisions.decide(member, register, context)]
    check_granting(actor, authority, command.clearance)
    if user != actor.user and member is not None and not member.is_of(actor.authority):
        raise Forbidden("this is another authority's staff", "Dies ist Personal einer anderen Behörde")
    return emitted


def _check_issuing(command: IssueToken, context: Context) -> None:
    """Raise `Forbidden` unless admin issues it, or a person one of their own that gives no more than they hold."""
    actor = context.actor
    own = context.find(stream(actor.token), Token) if isinstance(actor, Holder) and actor.token else None
    if own is not None and own.changes is not None and not own.changes >= set(command.changes or (WITHOUT_BOUNDS,)):
        raise Forbidden("no token gives more than its own scope", "Kein Token gibt mehr als den eigenen Umfang")
    if Role.ADMIN in actor.roles:
        return
    if (command.user, command.authority or actor.authority) != (actor.user, actor.authority) or actor.on_behalf_of:
        raise Forbidden("tokens of others are issued by admin", "Fremde Token stellt die Administration aus")
    if own is None:
        raise Forbidden("another token is asked for with a token", "Ein weiteres Token erhält, wer eines hat")
    if not (own.roles >= set(command.roles) and own.clearance.covers(command.clearance)
            and own.expires >= command.expires):  # fmt: skip
        raise Forbidden("nobody issues more than they hold", "Niemand stellt mehr aus, als ihm zusteht")


def enter_holder(member: StaffMember | None, holder: Holder) -> Register | None:
    """What enters a token's holder as staff, so that guards about others know them; None where nothing is new.

    Nothing entered is ever lowered.
    """
    roles, clearance, authority = set(holder.roles), holder.clearance, holder.authority
    if member is not None and member.state != "left":
        roles |= member.roles
        clearance = highest([clearance, member.clearance])
        authority = authority if member.authority is not None else None
        if (roles, clearance, authority) == (set(member.roles), member.clearance, member.authority):
            return None
    return Register(user=holder.user, roles=tuple(sorted(roles)), authority=authority, clearance=clearance)


def _revoke(token: Token | None, command: RevokeToken, context: Context) -> list[Emitted]:
    if token is None:
        raise NotFound("token", context.stream.partition(":")[2])
    if not token.known_to(context.actor):
        raise Forbidden("tokens of others are revoked by admin", "Fremde Token widerruft die Administration")
    if token.revoked:
        raise InvalidCommand([("", Text("das Token ist schon widerrufen", "the token is revoked already"))])
    return [(stream(one.id), TokenRevoked(token=one.id, reason=command.reason)) for one in _list_family(token, context)]


def _list_family(token: Token, context: Context) -> Iterator[Token]:
    """A token and what was asked for with it, as far as that is not revoked."""
    yield token
    for child in token.children:
        found = context.find(stream(child), Token)
        if found is not None and not found.revoked:
            yield from _list_family(found, context)


def check_token(context: Context) -> None:
    """Raise `Unauthorised` where the token of whoever acts is not in force any more."""
    actor = context.actor
    if isinstance(actor, Holder) and actor.token is not None:
        token = context.find(stream(actor.token), Token)
        if token is None or not token.stands(context.now, context.find(staff_stream(token.user), StaffMember)):
            raise Unauthorised
        category = context.stream.partition(":")[0]
        if not token.may_change(category):
            scope = f"not in the scope of this token: {category}"
            raise Forbidden(scope, f"nicht im Umfang dieses Tokens: {category}")


KIND = Kind(evolve, decide)


def add_check(catalogue: Catalogue[Any], check: Callable[[Context], None]) -> Catalogue[Any]:
    """The same aggregates; before each decision `check` looks at its context, and raises where nothing may be done."""

    def checked(kind: Kind) -> Kind:
        def decide(state: object, command: Command, context: Context) -> list[Emitted]:
            check(context)
            return kind.decide(state, command, context)

        return dataclasses.replace(kind, decide=decide)

    return dataclasses.replace(catalogue, kinds={category: checked(kind) for category, kind in catalogue.kinds.items()})


_KINDS = {"staff": Kind(staff_fold.evolve, staff_decisions.decide), "token": KIND}
PERSONS = add_check(Catalogue(_KINDS, Rules(), deputises), check_present)
"""What is about persons alone, for commands that touch nothing else and so start in a fraction of the time: decides
as the whole catalogue does, and knows no other stream."""
