"""Time does not go back: in the log, across a restart and between processes; what has expired stays so."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.engine.small import ANNA, SMALL, Add
from workflow.engine.clock import SteadyClock
from workflow.engine.engine import Engine

START = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Wall:
    """A machine's clock that somebody sets."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def times(engine: Engine) -> list[str]:
    return [row.time for row in engine.log.read_all()]


@given(st.lists(st.integers(-(10**6), 10**6), max_size=20))
def test_the_clock_gives_the_latest_time_it_was_ever_shown(jumps: list[int]) -> None:
    wall, shown, given_ = Wall(), [START], []
    clock = SteadyClock(wall)
    for jump in [0, *jumps]:
        wall.now += timedelta(seconds=jump)
        shown.append(wall.now)
        given_.append(clock())
        assert given_[-1] == max(shown)
        assert clock.behind() == max(shown) - wall.now
    assert given_ == sorted(given_)


def test_a_time_is_kept_in_utc_and_needs_its_zone() -> None:
    wall = Wall(START.astimezone(timezone(2 * HOUR)))
    clock = SteadyClock(wall)
    assert clock().tzinfo is UTC
    wall.now = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        clock()


def test_a_clock_set_back_stands_still_in_the_log_and_then_goes_on() -> None:
    wall = Wall()
    engine = Engine("sqlite://", catalogue=SMALL, clock=wall)
    for jump in (HOUR, -3 * HOUR, HOUR, 2 * HOUR):
        wall.now += jump
        engine.handle(Add(), ANNA, "counter:a")
    hours = [datetime.fromisoformat(time) for time in times(engine)]
    assert hours == [START + HOUR] * 4
    wall.now += timedelta(seconds=1)
    engine.handle(Add(), ANNA, "counter:a")
    assert times(engine)[-1] == "2030-01-01T01:00:01.000000Z"
    engine.close()


def test_time_does_not_go_back_over_a_restart(durable_url: str) -> None:
    wall = Wall()
    engine = Engine(durable_url, catalogue=SMALL, clock=wall)
    engine.handle(Add(), ANNA, "counter:a")
    engine.close()
    again = Engine(durable_url, catalogue=SMALL, clock=Wall(START - 24 * HOUR))
    assert again.clock() == START
    assert again.clock.behind() == 24 * HOUR
    again.handle(Add(), ANNA, "counter:a")
    assert times(again) == ["2030-01-01T00:00:00.000000Z"] * 2
    again.close()


def test_of_two_processes_the_one_behind_takes_the_time_of_the_one_ahead(durable_url: str) -> None:
    ahead = Engine(durable_url, catalogue=SMALL, clock=Wall(START + HOUR))
    behind = Engine(durable_url, catalogue=SMALL, clock=Wall())
    for engine in (behind, ahead, behind):
        engine.handle(Add(), ANNA, "counter:a")
    assert times(behind) == ["2030-01-01T00:00:00.000000Z", *["2030-01-01T01:00:00.000000Z"] * 2]
    assert behind.clock() == START + HOUR
    for engine in (ahead, behind):
        engine.close()


def test_what_is_decided_sees_the_time_that_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    wall, seen = Wall(), []
    engine = Engine("sqlite://", catalogue=SMALL, clock=wall)
    kind = SMALL.kinds["counter"]

    def decide(state: Any, command: Any, context: Any) -> Any:
        seen.append(context.now)
        return kind.decide(state, command, context)

    monkeypatch.setattr(engine._decider, "catalogue", SMALL.__class__(
        {**SMALL.kinds, "counter": kind.__class__(kind.evolve, decide)}, SMALL.rules, SMALL.deputises
    ))  # fmt: skip
    for jump in (HOUR, -2 * HOUR):
        wall.now += jump
        engine.handle(Add(), ANNA, "counter:a")
    assert [stamp.replace("Z", "+00:00") for stamp in times(engine)] == [
        one.isoformat(timespec="microseconds") for one in seen
    ]
    engine.close()
