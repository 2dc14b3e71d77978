"""Who is at the door: from a bearer token to the person who acts, and how often they may knock."""

import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from api.application.errors import Unauthorised
from api.application.tokens import Holder, IssueToken, RevokeToken, Token, stream
from api.server.auth.rate_limit import RateLimit
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.engine.fields import clean
from workflow.errors import NotFound

if TYPE_CHECKING:
    from api.server.auth.oidc import Oidc

FORM = re.compile(r"eva_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
OPERATOR = Actor("operator", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
"""Who acts at the command line of the machine that the database is on."""


class Issued(NamedTuple):
    id: str
    bearer: str
    expires: datetime


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
    return Issued(done.state.id, f"eva_{done.state.id.replace('-', '')}_{secret}", expires)


def revoke(engine: Engine, token: str, reason: str) -> None:
    engine.handle(RevokeToken(reason=reason), OPERATOR, stream(token))


def parse_token_id(text: str) -> str:
    """The id of a token, given that or the token itself."""
    form = FORM.fullmatch(text)
    key = form[1] if form else text.replace("-", "").lower()
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def read_tokens(engine: Engine) -> Iterator[Token]:
    after = ""
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
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credentials:
            raise Unauthorised("a bearer token is needed", "Ein Bearer-Token ist nötig")
        holder = self._own(credentials.strip(), fresh) or self._foreign(credentials.strip())
        self._limits.take(holder.token or f"user {holder.user}")
        return holder

    def parse_stream(self, authorization: str | None) -> str | None:
        """Stream of the token of a header, where that is one of ours by its form."""
        form = FORM.fullmatch((authorization or "")[7:])
        return stream(parse_token_id(form[0])) if form else None

    def _own(self, bearer: str, fresh: bool) -> Holder | None:
        form = FORM.fullmatch(bearer)
        if form is None:
            return None
        token = self._token(stream(parse_token_id(bearer)), fresh)
        if token is None or not token.opened_by(form[2]) or not token.in_force(self._engine.clock()):
            raise Unauthorised
        return Holder(token.user, token.roles, token.authority, token.clearance, None, token.id)

    def _token(self, name: str, fresh: bool) -> Token | None:
        known = None if fresh else self._engine.remembered(name)
        try:
            state = (known or self._engine.load(name)).state
        except NotFound:
            return None
        return state if isinstance(state, Token) else None

    def _foreign(self, bearer: str) -> Holder:
        if self._oidc is None:
            raise Unauthorised
        return self._oidc.authenticate(bearer)
