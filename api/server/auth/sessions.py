"""Browser sessions: opened for whoever has a good token, found by the secret in a cookie, closed by logging out."""

import re
import secrets
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from api.application.errors import Unauthorised
from api.application.sessions import CATEGORY, CloseSession, FollowLink, MakeLink, OpenSession, Session, stream
from api.application.tokens import Holder
from api.server.auth.authenticator import Authenticator, parse_id
from workflow.engine.engine import Engine

FORM = re.compile(r"evas_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


class OpenedSession(NamedTuple):
    cookie: str
    expires: datetime


def open_session(engine: Engine, holder: Holder) -> OpenedSession:
    """A session of whoever holds a token; its secret is told here and never again."""
    secret, digest = _draw_secret()
    return _name(engine.handle(OpenSession(digest=digest), holder, CATEGORY).state, secret)


def make_link(engine: Engine, holder: Holder) -> str:
    """The secret of a login link of whoever holds a token: good once, within the hour."""
    secret, digest = _draw_secret()
    return _name(engine.handle(MakeLink(digest=digest), holder, CATEGORY).state, secret).cookie


def follow_link(engine: Engine, authenticator: Authenticator, link: str) -> tuple[Holder, OpenedSession]:
    """The session that a login link opens, and whose it is; `Unauthorised` where it is not good any more."""
    waiting = _find(engine, authenticator, link)
    secret, digest = _draw_secret()
    opened = engine.handle(FollowLink(digest=digest), waiting.holder, stream(waiting.id)).state
    return waiting.holder, _name(opened, secret)


def _draw_secret() -> tuple[str, str]:
    """A secret and its SHA-256."""
    secret = secrets.token_urlsafe(32)
    return secret, sha256(secret.encode()).hexdigest()


def _name(session: Session, secret: str) -> OpenedSession:
    return OpenedSession(f"evas_{session.id.replace('-', '')}_{secret}", session.expires)


def find_session(engine: Engine, authenticator: Authenticator, cookie: str) -> Session:
    """The session of a cookie; `Unauthorised` where it, or its token, is not in force any more, `TooOften`."""
    session = _find(engine, authenticator, cookie)
    if session.is_link:
        raise Unauthorised
    return session


def _find(engine: Engine, authenticator: Authenticator, cookie: str) -> Session:
    form = FORM.fullmatch(cookie)
    session = engine.find(stream(parse_id(form[1])), Session) if form else None
    if form is None or session is None or not session.opened_by(form[2]) or not session.in_force(engine.clock()):
        raise Unauthorised
    authenticator.admit(session.holder)
    return session


def close_session(engine: Engine, session: Session) -> None:
    engine.handle(CloseSession(), session.holder, stream(session.id))
