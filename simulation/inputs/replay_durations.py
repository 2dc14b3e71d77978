"""ISO 8601 durations and dates of a replay file, in the calendar of the administration (Europe/Berlin).

Years, months, weeks and days are those of the calendar: a month after 31 January is the last of February, and a day
with a change of the clock is a day. Hours, minutes and seconds are exact.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workflow.engine.fields import BERLIN

_ISO = re.compile(
    r"P(?=.)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)
NOON = 12
"""Hour of a day that stands without a time: whatever is due on it has happened by then."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as written: months and days of the calendar, exact seconds."""

    months: int
    days: int
    seconds: int

    def after(self, start: datetime) -> datetime:
        """The instant so long after another."""
        local = start.astimezone(BERLIN)
        years, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        day = min(local.day, calendar.monthrange(years, month + 1)[1])
        moved = local.replace(year=years, month=month + 1, day=day) + timedelta(days=self.days)
        return moved.astimezone(UTC) + timedelta(seconds=self.seconds)


def parse(text: str) -> Duration:
    """A duration such as `P2D`, `P1Y6M` or `PT36H`; `ValueError` for anything else."""
    found = _ISO.fullmatch(text)
    if not found:
        raise ValueError("no ISO 8601 duration such as P2D, P1Y6M or PT36H")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return Duration(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)


def instant(value: date | datetime) -> datetime:
    """An instant, or noon of a day."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, NOON, tzinfo=BERLIN).astimezone(UTC)
