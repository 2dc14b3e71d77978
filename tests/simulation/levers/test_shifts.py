"""Shifts of stations: a second one, past midnight, for a while; what staff is there, hour by hour."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import get_calendar
from simulation.levers.change import parse_change
from simulation.levers.shifts import change_shifts, parse_shifts
from simulation.scan_line.centre import get_capacity, get_shift_hours
from simulation.scenario.figures import Figure, Step
from simulation.scenario.scanning import Shift, Station

FIRST, LAST = date(2021, 1, 1), date(2021, 12, 31)
CALENDAR = get_calendar(FIRST, LAST)
DAY = st.dates(FIRST, LAST)
USUAL = Shift.model_validate({"from": "07:00", "to": "15:00"})


def make_station(*shifts: Shift, people: int = 3) -> Station:
    figure = Figure[int](value=people, basis="assumed", source="invented", low=people, high=people)
    step = Step.model_validate({"from": FIRST, "value": figure})
    return Station(shift=list(shifts), capacity=[step])


def count_people(station: Station, day: date, hour: float) -> int:
    times, servers = get_capacity(station, CALENDAR)
    at = 24.0 * CALENDAR.get_day(day) + hour
    return int(servers[np.searchsorted(times, at, side="right") - 1])


MONDAY, FRIDAY = date(2021, 6, 14), date(2021, 6, 18)


@pytest.mark.parametrize(
    ("shifts", "day", "hour", "people"),
    [
        ("07:00-15:00", MONDAY, 6.9, 0),
        ("07:00-15:00", MONDAY, 7.0, 3),
        ("07:00-15:00", MONDAY, 15.0, 0),
        ("07:00-15:00+15:00-23:00", MONDAY, 15.0, 3),
        ("07:00-15:00+14:00-22:00", MONDAY, 14.5, 6),
        ("22:00-06:00", MONDAY, 5.0, 0),  # the night before was a Sunday
        ("22:00-06:00", MONDAY + timedelta(1), 5.0, 3),
        ("22:00-06:00", FRIDAY + timedelta(1), 5.0, 3),  # begun on Friday
        ("22:00-06:00", FRIDAY + timedelta(1), 23.0, 0),
    ],
)
def test_people_are_there_in_each_shift(shifts: str, day: date, hour: float, people: int) -> None:
    station = make_station(*parse_shifts(parse_change(f"scan.a.check.shifts={shifts}")))
    assert count_people(station, day, hour) == people


@given(DAY, DAY, DAY)
def test_a_change_of_shifts_holds_in_its_period_only(one: date, other: date, day: date) -> None:
    start, until = sorted((one, other))
    change = parse_change(f"scan.a.check.shifts=10:00-12:00@{start}..{until}")
    changed = make_station(*change_shifts([USUAL], change))
    expected = (0 if start <= day <= until else 3) if CALENDAR.is_working[CALENDAR.get_day(day)] else 0
    assert count_people(changed, day, 8.0) == expected


def test_a_later_change_cuts_an_earlier_one() -> None:
    first = change_shifts([USUAL], parse_change("scan.a.check.shifts=10:00-12:00@2021-03-01"))
    second = change_shifts(first, parse_change("scan.a.check.shifts=20:00-22:00@2021-05-01"))
    station = make_station(*second)
    expected = {date(2021, 2, 15): {8.0, 11.0}, date(2021, 4, 14): {11.0}, date(2021, 6, 14): {21.0}}
    for day, hours in expected.items():
        assert {hour for hour in (8.0, 11.0, 21.0) if count_people(station, day, hour)} == hours


def test_a_shift_past_midnight_ends_on_the_next_day() -> None:
    assert get_shift_hours(Shift.model_validate({"from": "22:30", "to": "06:15"})) == (22.5, 30.25)
    assert get_shift_hours(USUAL) == (7.0, 15.0)


def test_one_shift_needs_no_list() -> None:
    station = make_station(USUAL)
    again = Station.model_validate_json(station.model_dump_json(by_alias=True))
    assert again == station
    alone = station.model_dump(by_alias=True) | {"shift": {"from": "07:00", "to": "15:00"}}
    assert Station.model_validate(alone) == station
