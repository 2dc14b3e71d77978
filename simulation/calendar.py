"""The working days of a span of years in North Rhine-Westphalia, numbered, as the simulation counts time."""

from datetime import date, timedelta
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from workflow.organisation.working_days import is_working


class Calendar:
    """Days between two dates, inclusive, numbered from 0, and the working days among them, numbered from 0.

    Times of the rollout are counted in working days: time `n` is the start of working day number `n`.
    """

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.days = (end - start).days + 1
        self.is_working = np.array([is_working(start + timedelta(n)) for n in range(self.days)])

    @cached_property
    def working_days_before(self) -> NDArray[np.int64]:
        """Working days before each day, shape (days + 1,); the last entry is their total."""
        return np.concatenate([[0], np.cumsum(self.is_working)])

    @cached_property
    def working_days(self) -> NDArray[np.int64]:
        """Day numbers of the working days, shape (working days,)."""
        return np.flatnonzero(self.is_working)

    @cached_property
    def weekdays(self) -> NDArray[np.int64]:
        """Weekday of each day, Monday 0 to Sunday 6."""
        return (np.arange(self.days) + self.start.weekday()) % 7

    def get_day(self, of: date) -> int:
        """Day number of a date; dates outside the span are clipped to it."""
        return min(max((of - self.start).days, 0), self.days)

    def get_time(self, of: date) -> float:
        """Time in working days at which a date begins."""
        return float(self.working_days_before[self.get_day(of)])

    @cached_property
    def month_starts(self) -> list[int]:
        """Day numbers at which the months begin, and as last entry the end of the last month."""
        firsts = [n for n in range(self.days) if (self.start + timedelta(n)).day == 1]
        return [*firsts, self.days]

    def list_month_ends(self) -> list[date]:
        return [self.start + timedelta(n - 1) for n in self.month_starts[1:]]


@cache
def get_calendar(start: date, end: date) -> Calendar:
    """The calendar of a span of years, made once in a process: its holidays take longer than a rollout."""
    return Calendar(start, end)
