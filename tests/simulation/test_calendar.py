"""Working days as the simulation numbers them, against the `holidays` library and against counting day by day."""

from datetime import date, timedelta

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import Calendar
from workflow.organisation.working_days import back, is_working

START, END = date(2017, 1, 1), date(2026, 12, 31)
NRW = holidays.country_holidays("DE", subdiv="NW", years=range(2017, 2027))
CALENDAR = Calendar(START, END)
DAYS = st.dates(START, END)


@given(DAYS)
def test_a_day_is_worked_unless_it_is_a_weekend_or_a_holiday_of_the_state(day: date) -> None:
    expected = day.weekday() < 5 and day not in NRW
    assert is_working(day) == CALENDAR.is_working[CALENDAR.get_day(day)] == expected


@pytest.mark.parametrize("day", [date(2021, 6, 3), date(2021, 11, 1), date(2017, 10, 31)])
def test_holidays_that_not_every_state_has(day: date) -> None:
    """Fronleichnam and Allerheiligen are holidays in North Rhine-Westphalia; Reformationstag was one in 2017 only."""
    assert not is_working(day)
    assert is_working(date(2022, 10, 31))


@given(DAYS, DAYS)
def test_working_days_between_two_days_are_counted(one: date, other: date) -> None:
    first, last = sorted((one, other))
    counted = sum(is_working(first + timedelta(n)) for n in range((last - first).days))
    assert CALENDAR.get_time(last) - CALENDAR.get_time(first) == counted


@given(DAYS)
def test_the_number_of_a_working_day_leads_back_to_it(day: date) -> None:
    if is_working(day):
        assert CALENDAR.working_days[int(CALENDAR.get_time(day))] == CALENDAR.get_day(day)


def test_days_outside_the_span_are_clipped_to_it() -> None:
    assert CALENDAR.get_day(START - timedelta(400)) == 0
    assert CALENDAR.get_day(END + timedelta(400)) == CALENDAR.days == (END - START).days + 1
    assert CALENDAR.get_time(END + timedelta(400)) == len(CALENDAR.working_days)


def test_weekdays_are_those_of_the_dates() -> None:
    expected = [(START + timedelta(n)).weekday() for n in range(CALENDAR.days)]
    assert CALENDAR.weekdays.tolist() == expected


def test_months_cover_the_span_without_gap_or_overlap() -> None:
    starts, ends = CALENDAR.month_starts, CALENDAR.list_month_ends()
    assert len(starts) == len(ends) + 1 == 121
    assert starts[0] == 0
    assert ends[0] == date(2017, 1, 31)
    assert ends[-1] == END
    for begin, end, after in zip(starts, ends, starts[1:], strict=False):
        assert (START + timedelta(begin)).day == 1
        assert CALENDAR.get_day(end) + 1 == after


def test_a_span_that_ends_within_a_month_has_a_short_last_month() -> None:
    calendar = Calendar(date(2024, 2, 1), date(2024, 3, 10))
    assert calendar.list_month_ends() == [date(2024, 2, 29), date(2024, 3, 10)]
    assert np.diff(calendar.month_starts).tolist() == [29, 10]


@given(DAYS, st.integers(0, 30))
def test_going_back_counts_working_days(day: date, count: int) -> None:
    found = back(day, count)
    assert found <= day
    between = (day - found).days
    assert sum(is_working(found + timedelta(n)) for n in range(between)) == count
    assert count == 0 or is_working(found)
