"""Working time over the days on which calendars are odd: clocks that change, New Year, holidays, 29 February."""

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from simulation.casework.people.presence import Presence, count_day, list_presence
from simulation.scenario.casework import Hours

HOURS = Hours(
    opens="08:00", break_starts="12:00", break_ends="12:30", closes="16:30", basis="assumed", source="an example"
)
YEARS = list_presence(HOURS, date(2019, 12, 1), date(2021, 1, 31))


def at(day: str, clock: str) -> float:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


@pytest.mark.parametrize(
    ("begins", "hours", "ends"),
    [
        (("2020-03-27", "16:00"), 1.0, ("2020-03-30", "08:30")),  # summer time begins on Sunday 29 March
        (("2020-10-23", "16:00"), 1.0, ("2020-10-26", "08:30")),  # and ends on Sunday 25 October
        (("2019-12-31", "16:00"), 1.0, ("2020-01-02", "08:30")),  # New Year
        (("2020-02-28", "12:15"), 8.0, ("2020-03-02", "12:00")),  # 29 February 2020 is a Saturday
        (("2020-06-10", "16:30"), 1.0, ("2020-06-12", "09:00")),  # Fronleichnam, a holiday in NRW
        (("2020-12-24", "08:00"), 16.0, ("2020-12-28", "16:30")),  # both days of Christmas, one on a Saturday
    ],
)
def test_work_goes_on_at_the_next_office_hour(begins: tuple[str, str], hours: float, ends: tuple[str, str]) -> None:
    assert YEARS.find_end(at(*begins), 3600 * hours) == at(*ends)
    assert YEARS.count(at(*begins), at(*ends)) == 3600 * hours


def test_offices_open_by_the_clock_on_the_wall() -> None:
    friday, monday = (YEARS.get_next(at(day, "00:00")) for day in ("2020-03-27", "2020-03-30"))
    assert [datetime.fromtimestamp(one, UTC).hour for one in (friday, monday)] == [7, 6]
    assert monday - friday == 71 * 3600


def test_a_leap_year_has_as_many_hours_as_its_working_days() -> None:
    from workflow.organisation.working_days import is_working

    days = sum(is_working(date(2020, 1, 1) + timedelta(n)) for n in range(366))
    assert YEARS.count(at("2020-01-01", "00:00"), at("2021-01-01", "00:00")) == days * count_day(HOURS)


def test_after_the_last_span_nothing_ends() -> None:
    spans = Presence([(10.0, 20.0), (30.0, 40.0)])
    assert [spans.find_end(0.0, 5.0), spans.find_end(0.0, 10.0), spans.find_end(15.0, 10.0)] == [15.0, 20.0, 35.0]
    assert spans.find_end(0.0, 20.0) == 40.0
    assert math.isinf(spans.find_end(0.0, 21.0))
    assert math.isinf(spans.get_next(40.0))
