"""Browser sessions as an aggregate: opened with a token, closed by logging out, in the log like everything else.

A browser keeps a secret of the session's own, never the token. The log keeps the SHA-256 of the secret. A session is in
force while its token is, and for half a day at most; one of somebody who has signed on elsewhere for as long as that
sign-on says, with what it has said of them. A login link opens one as well: it has a secret of its own that is good
once and for an hour, and whoever follows it gets the session's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from api.application.errors import Unauthorised
from api.application.tokens import Holder, is_secret
from workflow.engine.access import Protection, Role
from workflow.engine.aggregate import Emitted, Evolver, Kind, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Id, Name, Sha256, Time
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.text import Text

CATEGORY = "session"
LIFE = timedelta(hours=12)
LINK_LIFE = timedelta(hours=1)


class SessionBegun(Event):
    """Base: whom it stands for, until when, and the SHA-256 of the secret that opens it."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"digest"})

    session: Id
    token: Id | None
    user: Name
    roles: tuple[Role, ...]
    authority: Name | None
    clearance: Protection
    digest: Sha256
    expires: Time


class SessionOpened(SessionBegun, type="session.opened"):
    pass


class LinkMade(SessionBegun, type="session.link_made"):
    """A session waits for whoever follows a link; `digest` is of the link's secret."""


class LinkFollowed(Event, type="session.link_followed"):
    """From now on the session is open; `digest` is of its secret."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"digest"})

    session: Id
    digest: Sha256
    expires: Time


class SessionClosed(Event, type="session.closed"):
    """The person has logged out."""

    session: Id


class OpenSession(Command, action="create"):
    """Open a session of whoever acts; `digest` is the SHA-256 of its secret."""

    digest: Sha256


class MakeLink(Command, action="make_link"):
    """A session for whoever follows a link, once; `digest` is the SHA-256 of the link's secret."""

    digest: Sha256


class FollowLink(Command, action="follow_link"):
    """Open the session of a link; `digest` is the SHA-256 of the session's secret."""

    digest: Sha256


class CloseSession(Command, action="close"):
    """Log out."""


@dataclass(frozen=True)
class Session:
    id: str
    digest: str
    expires: datetime
    holder: Holder
    """Whom it stands for, while their token is in force."""
    closed: bool = False
    is_link: bool = False
    """Nobody has followed its link yet."""

    def in_force(self, now: datetime) -> bool:
        return not self.closed and now < self.expires

    def opened_by(self, secret: str) -> bool:
        return is_secret(secret, self.digest)


evolve: Evolver[Session] = Evolver()


@evolve.birth(SessionOpened)
def _opened(event: SessionOpened) -> Session:
    return Session(event.session, event.digest, event.expires, _holder(event))


@evolve.birth(LinkMade)
def _made(event: LinkMade) -> Session:
    return Session(event.session, event.digest, event.expires, _holder(event), is_link=True)


def _holder(event: SessionBegun) -> Holder:
    return Holder(event.user, frozenset(event.roles), event.authority, event.clearance, None, event.token)


@evolve.on(LinkFollowed)
def _followed(session: Session, event: LinkFollowed) -> Session:
    return replace(session, digest=event.digest, expires=event.expires, is_link=False)


@evolve.on(SessionClosed)
def _closed(session: Session, _: SessionClosed) -> Session:
    return replace(session, closed=True)


def stream(session: str) -> str:
    return f"{CATEGORY}:{session}"


def decide(session: Session | None, command: Command, context: Context) -> list[Emitted]:
    if isinstance(command, OpenSession):
        return _open(command.digest, context, SessionOpened, LIFE)
    if isinstance(command, MakeLink):
        return _open(command.digest, context, LinkMade, LINK_LIFE)
    if isinstance(command, FollowLink) and session is not None:
        return _follow(session, command, context)
    if isinstance(command, CloseSession) and session is not None:
        return [] if session.closed else [(context.stream, SessionClosed(session=session.id))]
    raise InvalidCommand(
        [("", Text(f"{command.ACTION} gibt es bei Anmeldungen nicht", f"a session knows no {command.ACTION}"))]
    )


def _open(digest: str, context: Context, event: type[SessionBegun], life: timedelta) -> list[Emitted]:
    actor, key = context.actor, context.new_id()
    if not isinstance(actor, Holder):
        raise Unauthorised
    expires = min(context.now + life, actor.expires or context.now + life)
    opened = event(
        session=key, token=actor.token, user=actor.user, roles=tuple(sorted(actor.roles)), authority=actor.authority,
        clearance=actor.clearance, digest=digest, expires=expires,
    )  # fmt: skip
    return [(stream(key), opened)]


def _follow(session: Session, command: FollowLink, context: Context) -> list[Emitted]:
    """A link is good once: who comes second finds a session that is open already."""
    if not (session.is_link and session.in_force(context.now)):
        raise Unauthorised
    ends = session.holder.expires or context.now + LIFE
    followed = LinkFollowed(session=session.id, digest=command.digest, expires=min(context.now + LIFE, ends))
    return [(context.stream, followed)]


KIND = Kind(evolve, decide)
