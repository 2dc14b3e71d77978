"""The working days of a span of years in North Rhine-Westphalia, numbered, as the simulation counts time."""

from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workflow.organisation.working_days import is_working


class WorkingDays:
    """Days between two dates, inclusive, numbered from 0, and the working days among them, numbered from 0.

    Times of the rollout are counted in working days: time `n` is the start of working day number `n`.
    """

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.days = (end - start).days + 1
        self.is_working = np.array([is_working(start + timedelta(n)) for n in range(self.days)])

    @cached_property
    def before(self) -> NDArray[np.int64]:
        """Number of working days before each day; one entry more than days, the last being the total."""
        return np.concatenate([[0], np.cumsum(self.is_working)])

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """Day number of each working day."""
        return np.flatnonzero(self.is_working)

    @cached_property
    def weekdays(self) -> NDArray[np.int64]:
        """Weekday of each day, Monday 0 to Sunday 6."""
        return (np.arange(self.days) + self.start.weekday()) % 7

    def day(self, of: date) -> int:
        """Day number of a date, clipped to the range."""
        return min(max((of - self.start).days, 0), self.days)

    def time(self, of: date) -> float:
        """Time in working days at which a date begins."""
        return float(self.before[self.day(of)])

    @cached_property
    def month_starts(self) -> list[int]:
        """Day number at which each month begins, and the end of the last: one entry more than months."""
        firsts = [n for n in range(self.days) if (self.start + timedelta(n)).day == 1]
        return [*firsts, self.days]

    def month_ends(self) -> list[date]:
        """Last day of each month."""
        return [self.start + timedelta(n - 1) for n in self.month_starts[1:]]
