"""Days and periods in Germany, checked by a second computation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.file_plan.retention import Disposal, Retention, transfer_until
from workflow.organisation.house_rules import Rules
from workflow.organisation.working_days import back, is_working, local_day, public_holidays, start_of


def easter(year: int) -> date:
    """Gauss's rule in the form of Meeus, written here anew."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 19 * m) // 433
    month = (h + m - 7 * n + 90) // 25
    return date(year, month, (h + m - 7 * n + 33 * month + 19) % 32)


@pytest.mark.parametrize("year", range(2018, 2041))
def test_holidays_of_north_rhine_westphalia(year: int) -> None:
    sunday = easter(year)
    moving = {sunday + timedelta(days=n) for n in (-2, 1, 39, 50, 60)}  # 60: Fronleichnam
    fixed = {date(year, m, d) for m, d in ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26))}
    assert public_holidays(year) == moving | fixed


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(0, 30))
def test_going_back_counts_working_days_only(day: Any, count: Any) -> None:
    found = back(day, count)
    between = [found + timedelta(days=n) for n in range((day - found).days)]
    assert sum(map(is_working, between)) == count
    assert count == 0 or is_working(found)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),  # the night to summer time
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),  # 02:30 comes twice on this day
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2024, 2, 28, 23, 0, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2024, 12, 31, 22, 59, tzinfo=UTC), date(2024, 12, 31)),
        (datetime(2024, 12, 31, 23, 0, tzinfo=UTC), date(2025, 1, 1)),
    ],
)
def test_the_day_of_an_instant(instant: datetime, day: date) -> None:
    assert local_day(instant) == day
    assert start_of(day) <= instant < start_of(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("closed", "years", "end"),
    [
        (date(2013, 1, 3), 10, date(2023, 12, 31)),  # the example of OneGov: disposal from 1 January 2024
        (date(2021, 12, 31), 1, date(2022, 12, 31)),
        (date(2024, 2, 29), 0, date(2024, 12, 31)),
        (date(2021, 6, 1), 30, date(2051, 12, 31)),
        (date(2021, 6, 1), None, None),
    ],
)
def test_end_of_retention(closed: date, years: int | None, end: date | None) -> None:
    kept = Retention(years=years, disposal=Disposal.APPRAISE)
    assert kept.end(closed) == end
    assert kept.due_on(closed, closed, Rules()) == (end and end + timedelta(days=1))


def test_the_transfer_period_may_be_none_at_all() -> None:
    assert transfer_until(date(2021, 6, 1), Rules(transfer_days=0)) == date(2021, 6, 1)
    assert transfer_until(date(2021, 6, 1), Rules()) == date(2022, 6, 1)


@given(st.integers(0, 100) | st.none(), st.integers(0, 100) | st.none())
def test_shortening_is_an_order(one: Any, other: Any) -> None:
    a, b = (Retention(years=years, disposal=Disposal.APPRAISE) for years in (one, other))
    assert a.shortens(b) == ((one if one is not None else 10**6) < (other if other is not None else 10**6))
