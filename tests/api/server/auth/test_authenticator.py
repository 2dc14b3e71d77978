"""Tokens in process: issued, remembered, revoked, expired; and how often one may be used."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application.catalogue import ALL
from api.application.errors import TooOften, Unauthorised
from api.server.auth import rate_limit
from api.server.auth.authenticator import Authenticator, Issued, issue, parse_token_id, read_tokens, revoke
from api.server.auth.rate_limit import RateLimit
from workflow.engine.access import Protection, Role
from workflow.engine.engine import Engine
from workflow.errors import EvaError, InvalidCommand


class Clock:
    """A clock that tests move."""

    now = datetime(2027, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(clock: Clock) -> Iterator[Engine]:
    made = Engine("sqlite://", clock=clock, catalogue=ALL)
    yield made
    made.close()


def token(engine: Engine, user: str = "mueller", days: float = 1.0) -> Issued:
    return issue(engine, user, (Role.CASE_WORKER,), "mwide", Protection.HIGH, days)


def test_a_token_stands_for_the_person_it_was_issued_to(engine: Engine) -> None:
    made = token(engine)
    holder = Authenticator(engine).authenticate(f"Bearer {made.bearer}")
    assert (holder.user, holder.roles, holder.authority) == ("mueller", frozenset({Role.CASE_WORKER}), "mwide")
    assert (holder.clearance, holder.token, holder.on_behalf_of) == (Protection.HIGH, made.id, None)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_as_one_likes(engine: Engine, scheme: str) -> None:
    assert Authenticator(engine).authenticate(f"{scheme}  {token(engine).bearer} ").user == "mueller"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer eva_", "Bearer x"])
def test_what_is_no_token_lets_nobody_in(engine: Engine, header: str | None) -> None:
    with pytest.raises(Unauthorised) as refused:
        Authenticator(engine).authenticate(header)
    assert refused.value.text.de != refused.value.text.en


def test_a_secret_with_one_letter_changed_is_wrong(engine: Engine) -> None:
    bearer = token(engine).bearer
    for place in (40, 60, len(bearer) - 1):
        letter = "A" if bearer[place] != "A" else "B"
        with pytest.raises(Unauthorised):
            Authenticator(engine).authenticate(f"Bearer {bearer[:place]}{letter}{bearer[place + 1 :]}")


def test_the_secret_of_another_token_is_wrong(engine: Engine) -> None:
    one, other = token(engine), token(engine, "weber")
    mixed = one.bearer[:37] + other.bearer[37:]
    with pytest.raises(Unauthorised):
        Authenticator(engine).authenticate(f"Bearer {mixed}")


def test_a_token_is_good_until_it_expires(engine: Engine, clock: Clock) -> None:
    made, gate = token(engine, days=1), Authenticator(engine)
    clock.now = made.expires - timedelta(microseconds=1)
    assert gate.authenticate(f"Bearer {made.bearer}").user == "mueller"
    clock.now = made.expires
    with pytest.raises(Unauthorised):
        gate.authenticate(f"Bearer {made.bearer}")


def test_an_expired_token_stays_expired_when_the_clock_is_set_back(engine: Engine, clock: Clock) -> None:
    made, gate = token(engine, days=1), Authenticator(engine)
    clock.now = made.expires
    with pytest.raises(Unauthorised):
        gate.authenticate(f"Bearer {made.bearer}")
    clock.now -= timedelta(hours=12)
    with pytest.raises(Unauthorised):
        gate.authenticate(f"Bearer {made.bearer}")


def test_a_revoked_token_is_good_for_nothing_more(engine: Engine) -> None:
    made, gate = token(engine), Authenticator(engine)
    gate.authenticate(f"Bearer {made.bearer}")
    revoke(engine, made.id, "verloren")
    for fresh in (True, False):
        with pytest.raises(Unauthorised):
            gate.authenticate(f"Bearer {made.bearer}", fresh)
    with pytest.raises(InvalidCommand):
        revoke(engine, made.id, "noch einmal")


def test_the_log_holds_no_secret(engine: Engine) -> None:
    secret = token(engine).bearer.split("_", 2)[2]
    assert not [row for row in engine.log.read_all() if row.payload and secret in row.payload]


@pytest.mark.parametrize("days", [0, -1])
def test_a_token_that_has_expired_already_is_not_issued(engine: Engine, days: int) -> None:
    with pytest.raises(InvalidCommand):
        token(engine, days=days)


@pytest.mark.parametrize("roles", [(), (Role.SYSTEM,), (Role.CASE_WORKER, Role.SYSTEM)])
def test_a_token_is_for_persons_with_roles(engine: Engine, roles: tuple[Role, ...]) -> None:
    with pytest.raises(EvaError):
        issue(engine, "x", roles, "mwide", Protection.NORMAL, 1)


def test_whoever_gets_a_token_is_entered_as_staff(engine: Engine) -> None:
    token(engine)
    assert engine.load("staff:mueller").state.clearance is Protection.HIGH
    issue(engine, "mueller", (Role.APPROVER,), "mwide", Protection.NORMAL, 1)
    member = engine.load("staff:mueller").state
    assert member.roles == {Role.CASE_WORKER, Role.APPROVER}
    assert member.clearance is Protection.HIGH, "never lowered"


def test_every_token_ever_issued_is_listed(engine: Engine) -> None:
    made = {token(engine, user).id for user in ("a", "b", "c")}
    assert {one.id for one in read_tokens(engine)} == made


def test_an_id_is_found_in_the_token_itself(engine: Engine) -> None:
    made = token(engine)
    assert parse_token_id(made.bearer) == made.id
    assert parse_token_id(made.id) == made.id
    assert parse_token_id(made.id.upper().replace("-", "")) == made.id


def test_the_stream_of_a_header_is_known_by_its_form_alone(engine: Engine) -> None:
    made, gate = token(engine), Authenticator(engine)
    assert gate.parse_stream(f"Bearer {made.bearer}") == f"token:{made.id}"
    assert gate.parse_stream("Bearer x") is None
    assert gate.parse_stream(None) is None


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, to be moved."""
    now = [100.0]
    monkeypatch.setattr(rate_limit.time, "monotonic", lambda: now[0])
    return now


def taken(limits: RateLimit, key: str, most: int = 1000) -> int:
    """How many requests go through until one is refused."""
    for number in range(most):
        try:
            limits.take(key)
        except TooOften:
            return number
    return most


def test_a_rested_token_may_make_a_burst_and_then_waits(seconds: list[float]) -> None:
    limits = RateLimit(rate=2, burst=5)
    assert taken(limits, "a") == 5
    seconds[0] += 1
    assert taken(limits, "a") == 2
    seconds[0] += 3600
    assert taken(limits, "a") == 5, "no more than a burst, however long the rest"


def test_who_is_refused_is_told_how_long(seconds: list[float]) -> None:
    limits = RateLimit(rate=0.5, burst=1)
    limits.take("a")
    with pytest.raises(TooOften) as refused:
        limits.take("a")
    assert refused.value.seconds == pytest.approx(2)
    seconds[0] += refused.value.seconds
    limits.take("a")


def test_a_refused_request_costs_nothing(seconds: list[float]) -> None:
    limits = RateLimit(rate=1, burst=1)
    limits.take("a")
    for _ in range(10):
        with pytest.raises(TooOften):
            limits.take("a")
    seconds[0] += 1
    limits.take("a")


def test_what_a_request_does_besides_is_waited_for_by_the_next(seconds: list[float]) -> None:
    limits = RateLimit(rate=2, burst=5)
    limits.take("a")
    limits.count("a", 9)
    assert limits.get("a") == (5, 0, 5)
    with pytest.raises(TooOften) as refused:
        limits.take("a")
    assert refused.value.seconds == pytest.approx(3)
    seconds[0] += 3
    limits.take("a")
    assert taken(limits, "b") == 5


@pytest.mark.usefixtures("seconds")
def test_each_token_has_a_bucket_of_its_own() -> None:
    limits = RateLimit(rate=1, burst=3)
    assert [taken(limits, "a"), taken(limits, "b"), taken(limits, "a")] == [3, 3, 0]


@pytest.mark.usefixtures("seconds")
def test_of_very_many_tokens_the_one_longest_unused_is_forgotten() -> None:
    limits = RateLimit(rate=1, burst=1, most=2)
    for key in ("a", "b", "c"):
        limits.take(key)
    limits.take("a")
    with pytest.raises(TooOften):
        limits.take("c")


@given(st.lists(st.floats(0, 5), max_size=30), st.floats(0.1, 10), st.integers(1, 10))
def test_over_any_time_no_more_than_burst_and_rate(pauses: list[float], rate: float, burst: int) -> None:
    now, through = 0.0, 0
    limits = RateLimit(rate, burst)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_limit.time, "monotonic", lambda: now)
        for pause in pauses:
            now += pause
            through += taken(limits, "a", 20)
    assert through <= burst + rate * now + 1e-6 or not pauses
