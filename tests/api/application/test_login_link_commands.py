"""Sessions and links as an aggregate: in whatever order, a link opens once and a closed session never."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application.catalogue import SERVED
from api.application.errors import Unauthorised
from api.application.sessions import LIFE, LINK_LIFE, CloseSession, FollowLink, MakeLink, OpenSession, Session
from api.application.tokens import Holder
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.errors import EvaError

PETRA = Holder("petra", frozenset({Role.PLANNER}), "mwide", Protection.NORMAL)
START = datetime(2021, 7, 21, 8, tzinfo=UTC)
STEPS = st.lists(st.sampled_from(["follow", "close", "wait a minute", "wait an hour"]), max_size=8)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Door:
    def __init__(self) -> None:
        self.now = START
        self.engine = Engine("sqlite://", catalogue=SERVED, clock=lambda: self.now)
        self.stream = self.engine.handle(MakeLink(digest=digest("link")), PETRA, "session").stream

    @property
    def session(self) -> Session:
        found: Session = self.engine.load(self.stream).state
        return found

    def follow(self, number: int) -> bool:
        try:
            self.engine.handle(FollowLink(digest=digest(f"session {number}")), PETRA, self.stream)
        except Unauthorised:
            return False
        return True


@given(STEPS)
def test_a_link_is_followed_at_most_once_and_only_in_its_hour(steps: list[str]) -> None:
    door, followed, closed = Door(), [], False
    for number, step in enumerate(steps):
        if step == "follow":
            good = not followed and not closed and door.now < START + LINK_LIFE
            assert door.follow(number) is good, steps
            followed += [number] if good else []
        elif step == "close" and not closed:
            door.engine.handle(CloseSession(), PETRA, door.stream)
            closed = True
        elif step != "close":
            door.now += timedelta(minutes=1) if step == "wait a minute" else LINK_LIFE
    expected = f"session {followed[0]}" if followed else "link"
    assert door.session.opened_by(expected)
    assert door.session.is_link is not bool(followed)
    assert door.session.in_force(door.now) is (not closed and door.now < door.session.expires)
    door.engine.close()


def test_who_follows_late_in_the_hour_has_the_whole_session() -> None:
    door = Door()
    door.now += LINK_LIFE - timedelta(seconds=1)
    assert door.follow(1)
    assert door.session.expires == door.now + LIFE
    door.engine.close()


@pytest.mark.parametrize("command", [MakeLink(digest=digest("x")), OpenSession(digest=digest("x"))])
def test_only_who_holds_a_token_gets_a_session_or_a_link(command: MakeLink | OpenSession) -> None:
    door = Door()
    somebody = Actor("petra", frozenset({Role.PLANNER}), "mwide", Protection.NORMAL)
    with pytest.raises(Unauthorised):
        door.engine.handle(command, somebody, "session")
    door.engine.close()


def test_what_is_no_session_cannot_be_followed() -> None:
    door = Door()
    with pytest.raises(EvaError):
        door.engine.handle(FollowLink(digest=digest("x")), PETRA, "session:none")
    door.engine.close()
