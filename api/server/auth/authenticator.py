"""Who is at the door: from a bearer token to the person who acts, and how often they may knock."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from api.application.errors import Unauthorised
from api.application.tokens import Holder, IssueToken, RevokeToken, Token, enter_holder, stream
from api.server.auth.rate_limit import Rate, RateLimit
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.engine.fields import clean
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream
from workflow.organisation.staff.persons import identify, namesake_id

if TYPE_CHECKING:
    from api.server.auth.oidc import Oidc

FORM = re.compile(r"eva_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
OPERATOR = Actor("operator", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
"""Who acts at the command line of the machine that the database is on."""


SIGN_ON = Actor("sign-on", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
"""Enters whom the issuer of sign-on tokens vouches for."""
S = TypeVar("S")


class Issued(NamedTuple):
    id: str
    bearer: str
    expires: datetime


def format_bearer(token: str, secret: str) -> str:
    """The token as it is sent: its id and its secret."""
    return f"eva_{token.replace('-', '')}_{secret}"


def issue(
    engine: Engine,
    user: str,
    roles: tuple[Role, ...],
    authority: str | None,
    clearance: Protection,
    days: float,
) -> Issued:
    """Issue a token as the operator; its secret is told here and never again."""
    secret = secrets.token_urlsafe(32)
    expires = engine.clock() + timedelta(days=days)
    command = IssueToken(
        user=clean(user), roles=roles, authority=authority, clearance=clearance,
        digest=sha256(secret.encode()).hexdigest(), expires=expires,
    )  # fmt: skip
    done = engine.handle(command, OPERATOR, "token")
    return Issued(done.state.id, format_bearer(done.state.id, secret), expires)


def revoke(engine: Engine, token: str, reason: str) -> None:
    engine.handle(RevokeToken(reason=reason), OPERATOR, stream(token))


def parse_token_id(text: str) -> str:
    """The id of a token, given that or the token itself."""
    form = FORM.fullmatch(text)
    return parse_id(form[1] if form else text.replace("-", "").lower())


def parse_id(key: str) -> str:
    """A UUID of its 32 digits."""
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def read_tokens(engine: Engine, after: str = "") -> Iterator[Token]:
    """Every token behind an id, in the order of ids."""
    while streams := engine.log.streams("token", after=after, most=1000):
        for name in streams:
            state = engine.load(name).state
            if isinstance(state, Token):
                yield state
        after = streams[-1].partition(":")[2]


class Authenticator:
    """Knows tokens by the engine's log, and sign-on tokens by their issuer's keys."""

    def __init__(
        self, engine: Engine, oidc: "Oidc | None" = None, rate: float = 1000.0, burst: float = 10_000.0
    ) -> None:
        self._engine = engine
        self._oidc = oidc
        self._limits = RateLimit(rate, burst)

    def authenticate(self, authorization: str | None, fresh: bool = True) -> Holder:
        """The person of an `Authorization` header; `Unauthorised`, or `TooOften`.

        `fresh` asks the database whether the token still stands; without it what is remembered will do, for commands,
        whose decision asks again.
        """
        holder = self.identify(authorization, fresh)
        self._limits.take(holder.name)
        return holder

    def sign_on(self, id_token: str, client: str, nonce: str, hours: float) -> Holder:
        """Whom the issuer has signed on in a browser, for so many hours; `Unauthorised`, or `TooOften`."""
        if self._oidc is None:
            raise Unauthorised
        now = self._engine.clock()
        holder = self._enter(self._oidc.read_answer(id_token, now, client, nonce))
        self._limits.take(holder.name)
        return replace(holder, expires=now + timedelta(hours=hours))

    def identify(self, authorization: str | None, fresh: bool = True) -> Holder:
        """As `authenticate`, without counting it as a request."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credentials:
            raise Unauthorised("a bearer token is needed", "Ein Bearer-Token ist nötig")
        return self._own(credentials.strip(), fresh) or self._foreign(credentials.strip())

    def admit(self, holder: Holder) -> None:
        """Let in somebody known by a session; `Unauthorised` where their token is not in force any more, `TooOften`."""
        if holder.token is not None:
            token = self._load(stream(holder.token), Token, fresh=True)
            member = self._load(staff_stream(holder.user), StaffMember, fresh=True)
            if token is None or not token.stands(self._engine.clock(), member):
                raise Unauthorised
        else:
            self._check_present(holder.user)
        self._limits.take(holder.name)

    def get_rate(self, holder: Holder) -> Rate | None:
        """How many requests the holder may still make; None where nobody counts them."""
        return self._limits.get(holder.name)

    def count(self, holder: Holder, changes: int) -> None:
        """Count what a request that was let in does besides; the holder's next one waits for what that exceeds."""
        self._limits.count(holder.name, changes)

    def parse_stream(self, authorization: str | None) -> str | None:
        """Stream of the token of a header, where that is one of ours by its form."""
        form = FORM.fullmatch((authorization or "")[7:])
        return stream(parse_token_id(form[0])) if form else None

    def _own(self, bearer: str, fresh: bool) -> Holder | None:
        form = FORM.fullmatch(bearer)
        if form is None:
            return None
        token = self._load(stream(parse_token_id(bearer)), Token, fresh)
        if token is None or not token.opened_by(form[2]):
            raise Unauthorised
        member = self._load(staff_stream(token.user), StaffMember, fresh)
        if not token.stands(self._engine.clock(), member):
            raise Unauthorised
        user = token.user
        if member is not None and token.authority is not None and member.authority not in {None, token.authority}:
            user = namesake_id(user, token.authority)  # as earlier releases issued it; the name is now another's
        return Holder(user, token.roles, token.authority, token.clearance, None, token.id)

    def _load(self, name: str, kind: type[S], fresh: bool) -> S | None:
        known = None if fresh else self._engine.remembered(name)
        try:
            state = (known or self._engine.load(name)).state
        except NotFound:
            return None
        return state if isinstance(state, kind) else None

    def _foreign(self, bearer: str) -> Holder:
        """Whom a sign-on token stands for."""
        if self._oidc is None:
            raise Unauthorised
        return self._enter(self._oidc.authenticate(bearer, self._engine.clock()))

    def _check_present(self, user: str) -> None:
        member = self._load(staff_stream(user), StaffMember, fresh=True)
        if member is not None and member.state == "left":
            raise Unauthorised(f"{user} has left", f"{user} ist ausgeschieden")

    def _enter(self, holder: Holder) -> Holder:
        """Whom the issuer vouches for, under the id that is theirs; entered as staff when first seen."""

        def find(user: str) -> StaffMember | None:
            return self._load(staff_stream(user), StaffMember, fresh=False)

        try:
            holder = replace(holder, user=identify(holder.user, holder.authority, find))
        except InvalidCommand as wrong:
            raise Unauthorised(f"the token names nobody: {wrong}", f"Das Token nennt niemanden: {wrong}") from wrong
        member = find(holder.user)
        if member is not None and member.state == "left":
            raise Unauthorised(f"{holder.user} has left", f"{holder.user} ist ausgeschieden")
        register = enter_holder(member, holder)
        if register is not None:
            self._engine.handle(register, SIGN_ON, staff_stream(holder.user))
        return holder
