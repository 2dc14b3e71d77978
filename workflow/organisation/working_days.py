"""Working days in North Rhine-Westphalia: Monday to Friday without the public holidays of the state.

Holidays come from the `holidays` library (Germany, subdivision NW), so Fronleichnam and Allerheiligen count.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import holidays

from workflow.engine.fields import BERLIN

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=400)
def public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv="NW", years=year))


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year)


def count_working(first: date, last: date) -> int:
    """Working days from the first to the last day, both included."""
    return sum(is_working(first + timedelta(n)) for n in range((last - first).days + 1))


@lru_cache(maxsize=1024)
def back(day: date, count: int) -> date:
    """The working day `count` working days before `day`."""
    while count > 0:
        day -= ONE_DAY
        count -= is_working(day)
    return day


def local_day(time: datetime) -> date:
    return time.astimezone(BERLIN).date()


@lru_cache(maxsize=1024)
def start_of(day: date) -> datetime:
    """Midnight in Germany at which the day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
