"""ISO 8601 durations in the calendar of the administration (Europe/Berlin).

Years, months, weeks and days are those of the calendar: one month after 31 January is the last day of February, and
a day on which the clocks change is one day, of 23 or 25 hours. Hours, minutes and seconds are exact.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workflow.engine.fields import BERLIN
from workflow.text import InvalidValue

_FORM = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,7})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,10})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration as written: months and days of the calendar, and exact seconds."""

    months: int
    days: int
    seconds: int

    def after(self, start: datetime) -> datetime:
        """The instant this long after an aware `start`, in UTC; raises `OverflowError` beyond the year 9998."""
        try:
            reached = self._calendar_part_after(start) if self.months or self.days else start.astimezone(UTC)
            return reached + timedelta(seconds=self.seconds)
        except (ValueError, OverflowError) as wrong:
            raise OverflowError("the duration leads out of the calendar") from wrong

    def _calendar_part_after(self, start: datetime) -> datetime:
        local = start.astimezone(BERLIN).replace(tzinfo=None)
        year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        if year > 9998:
            raise OverflowError(year)
        last = monthrange(year, month + 1)[1]
        day = local.replace(year=year, month=month + 1, day=min(local.day, last)) + timedelta(days=self.days)
        # A time that the change to summer time skips is moved on by the hour that is skipped; of a time that exists
        # twice in autumn the first is meant.
        return day.replace(tzinfo=BERLIN, fold=0).astimezone(UTC)


def parse_duration(text: str) -> Duration:
    """A duration of whole, non-negative numbers such as `P2D`, `P1Y6M` or `PT36H`; `ValueError` for anything else."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidValue(
            "keine Dauer nach ISO 8601 mit ganzen Zahlen, etwa P2D, P1Y6M oder PT36H",
            "no ISO 8601 duration of whole numbers such as P2D, P1Y6M or PT36H",
        )
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in form.groups())
    return Duration(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
