"""When people are at work: spans of time, and how long something takes that needs presence.

Times are seconds since 1970 (UTC), so that the days on which clocks change have 23 or 25 hours as they do, while
offices open by the clock on the wall.
"""

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate

from simulation.scenario.casework import Hours
from workflow.engine.fields import BERLIN
from workflow.organisation.working_days import is_working


class Presence:
    """Spans in which work goes on, in order and apart from each other."""

    def __init__(self, spans: Iterable[tuple[float, float]]) -> None:
        kept = [span for span in spans if span[0] < span[1]]
        self._starts = [start for start, _ in kept]
        self._ends = [end for _, end in kept]
        self._before = [0.0, *accumulate(end - start for start, end in kept)]
        """Seconds present before each span, and in all of them."""

    def get_next(self, at: float) -> float:
        """The first moment from `at` on that lies in a span; infinity after the last."""
        number = bisect_right(self._ends, at)
        return max(at, self._starts[number]) if number < len(self._ends) else math.inf

    def find_end(self, at: float, seconds: float) -> float:
        """When so many seconds of presence from `at` on have passed; infinity where there are not so many."""
        wanted = self._elapsed(at) + seconds
        number = bisect_right(self._before, wanted) - 1
        if wanted == self._before[number] and number and seconds > 0:  # at the end of a span, not the start of the next
            return self._ends[number - 1]
        if number >= len(self._starts):
            return self._ends[-1] if self._ends and wanted == self._before[-1] else math.inf
        return self._starts[number] + wanted - self._before[number]

    def count(self, start: float, end: float) -> float:
        """Seconds of presence between two moments."""
        return self._elapsed(end) - self._elapsed(start)

    def _elapsed(self, at: float) -> float:
        number = bisect_right(self._starts, at) - 1
        return 0.0 if number < 0 else self._before[number] + min(at, self._ends[number]) - self._starts[number]


def get_timestamp(day: date, clock: str) -> float:
    """Seconds since 1970 at a time of day in Germany."""
    return datetime.combine(day, time.fromisoformat(clock), BERLIN).timestamp()


def list_presence(
    hours: Hours, start: date, end: date, weekdays: Collection[int] = range(7), away: Collection[date] = ()
) -> Presence:  # fmt: skip
    """Presence from the first to the last day, on working days that are of these weekdays and not spent `away`."""
    clocks = hours.opens, hours.break_starts, hours.break_ends, hours.closes
    days = _list_days(clocks, start, end)
    return Presence([span for day, weekday, spans in days if weekday in weekdays and day not in away for span in spans])


@lru_cache(maxsize=8)
def _list_days(clocks: tuple[str, ...], start: date, end: date) -> list[tuple[date, int, list[tuple[float, float]]]]:
    """The working days with weekday and two spans, looked up in the calendar once for everybody."""
    days = [start + timedelta(number) for number in range((end - start).days + 1)]
    times = {day: [get_timestamp(day, clock) for clock in clocks] for day in days if is_working(day)}
    return [(day, day.weekday(), [(at[0], at[1]), (at[2], at[3])]) for day, at in times.items()]


def count_day(hours: Hours) -> float:
    """Seconds of presence on a full working day."""
    opens, starts, ends, closes = (
        timedelta(hours=int(clock[:2]), minutes=int(clock[3:])).total_seconds()
        for clock in (hours.opens, hours.break_starts, hours.break_ends, hours.closes)
    )
    return starts - opens + closes - ends
