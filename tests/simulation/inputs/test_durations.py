"""Durations in the calendar of Berlin: ends of months, changes of the clock, what is accepted and what is not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.inputs.durations import Duration, parse_duration
from workflow.engine.fields import BERLIN

INSTANTS = st.datetimes(datetime(1981, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    lambda instant: instant.replace(microsecond=0)
)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2021-06-01T06:00:00+00:00", "P2D", "2021-06-03T06:00:00+00:00"),
        ("2021-06-01T06:00:00+00:00", "P10Y", "2031-06-01T06:00:00+00:00"),
        ("2021-06-01T06:00:00+00:00", "P0D", "2021-06-01T06:00:00+00:00"),
        ("2021-01-31T11:00:00+00:00", "P1M", "2021-02-28T11:00:00+00:00"),
        ("2024-01-31T11:00:00+00:00", "P1M", "2024-02-29T11:00:00+00:00"),
        ("2024-02-29T11:00:00+00:00", "P1Y", "2025-02-28T11:00:00+00:00"),
        ("2021-01-31T11:00:00+00:00", "P1M1D", "2021-03-01T11:00:00+00:00"),
        ("2021-12-15T11:00:00+00:00", "P1Y13M2W", "2024-01-29T11:00:00+00:00"),
        ("2021-12-01T00:00:00+00:00", "P1Y2M3W", "2023-02-22T00:00:00+00:00"),
        ("2021-03-27T11:00:00+00:00", "P1D", "2021-03-28T10:00:00+00:00"),
        ("2021-03-27T11:00:00+00:00", "PT24H", "2021-03-28T11:00:00+00:00"),
        ("2021-10-30T10:00:00+00:00", "P1D", "2021-10-31T11:00:00+00:00"),
        ("2021-10-30T10:00:00+00:00", "P1DT12H30M5S", "2021-10-31T23:30:05+00:00"),
        ("2021-03-27T01:30:00+00:00", "P1D", "2021-03-28T01:30:00+00:00"),
        ("2021-10-30T00:30:00+00:00", "P1D", "2021-10-31T00:30:00+00:00"),
        ("2021-10-31T01:30:00+00:00", "P1D", "2021-11-01T01:30:00+00:00"),
        ("2021-10-31T00:30:00+00:00", "PT1H", "2021-10-31T01:30:00+00:00"),
        ("2020-10-25T01:30:00+00:00", "P5M3D", "2021-03-28T01:30:00+00:00"),
    ],
)  # fmt: skip
def test_calendar_parts_follow_the_calendar_and_hours_are_exact(start: str, duration: str, end: str) -> None:
    assert parse_duration(duration).after(datetime.fromisoformat(start)) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P-1D", "P1D1Y", "P1.5D", "PT1", "P1DT", "p1d", " P1D", "P1D\n", "P1WT",
             "P99999999D", "P10000Y", "PT1D", "P1H", "P\N{ARABIC-INDIC DIGIT TWO}D"]
)  # fmt: skip
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601 duration of whole numbers such as P2D, P1Y6M or PT36H"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999Y", "P99999M", "P999999W", "P9000YT9999999H", "P7977Y11M"])
def test_a_duration_beyond_the_calendar_overflows(text: str) -> None:
    with pytest.raises(OverflowError, match="out of the calendar"):
        parse_duration(text).after(datetime(2021, 12, 31, 23, 30, tzinfo=UTC))


@given(st.tuples(*[st.integers(0, 99)] * 7))
def test_every_written_part_is_read(parts: tuple[int, ...]) -> None:
    years, months, weeks, days, hours, minutes, seconds = parts
    text = f"P{years}Y{months}M{weeks}W{days}DT{hours}H{minutes}M{seconds}S"
    exact = hours * 3600 + minutes * 60 + seconds
    assert parse_duration(text) == Duration(years * 12 + months, weeks * 7 + days, exact)


@given(INSTANTS, st.integers(0, 4000))
def test_days_keep_the_time_on_the_clock(start: datetime, days: int) -> None:
    local, end = start.astimezone(BERLIN), Duration(0, days, 0).after(start)
    there = end.astimezone(BERLIN)
    assert (end.tzinfo, there.date() - local.date()) == (UTC, timedelta(days=days))
    skipped = there.replace(tzinfo=None) - datetime.combine(there.date(), local.time())
    assert skipped in {timedelta(0), timedelta(hours=1)}
    if skipped:  # only in the night in which the clocks are set forward
        assert (there.month, there.isoweekday(), there.hour) == (3, 7, 3)


@given(INSTANTS, st.integers(0, 600))
def test_months_keep_the_day_or_end_on_the_last_of_the_month(start: datetime, months: int) -> None:
    local = start.astimezone(BERLIN)
    there = Duration(months, 0, 0).after(start).astimezone(BERLIN)
    assert (there.year - local.year) * 12 + there.month - local.month == months
    last = (date(there.year + there.month // 12, there.month % 12 + 1, 1) - timedelta(days=1)).day
    assert there.day == min(local.day, last)


@given(INSTANTS, st.integers(0, 10**9))
def test_hours_minutes_and_seconds_are_exact(start: datetime, seconds: int) -> None:
    assert Duration(0, 0, seconds).after(start) - start == timedelta(seconds=seconds)


@given(INSTANTS, st.integers(0, 40), st.integers(0, 400), st.integers(0, 90_000))
def test_more_is_never_earlier(start: datetime, months: int, days: int, seconds: int) -> None:
    end = Duration(months, days, seconds).after(start)
    assert start <= end <= Duration(months, days, seconds + 1).after(start)
    assert end <= Duration(months, days + 1, seconds).after(start)
