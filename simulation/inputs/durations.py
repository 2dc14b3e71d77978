"""ISO 8601 durations added to an instant: calendar parts as the calendar in Berlin has them, clock parts exactly."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

from workflow.engine.fields import BERLIN

_FORM = re.compile(
    r"P(?=[0-9T])(?:(?P<years>[0-9]{1,4})Y)?(?:(?P<months>[0-9]{1,5})M)?(?:(?P<weeks>[0-9]{1,6})W)?"
    r"(?:(?P<days>[0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,7})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,10})S)?)?"
)


def later(start: datetime, duration: str) -> datetime:
    """The instant a duration after another, in UTC.

    One month after 31 January is the last of February; a day may have 23 or 25 hours. Raises `ValueError` for what is
    no duration, `OverflowError` for one that leads out of the calendar.
    """
    form = _FORM.fullmatch(duration)
    if form is None:
        raise ValueError("expected an ISO 8601 duration such as P2D, P1Y6M or PT36H")
    part = {name: int(text or 0) for name, text in form.groupdict().items()}
    try:
        local = start.astimezone(BERLIN).replace(tzinfo=None)
        local = _months_later(local, 12 * part["years"] + part["months"])
        local += timedelta(days=7 * part["weeks"] + part["days"])
        # A time that summer time skips is read as the clock would show it a moment later.
        reached = local.replace(tzinfo=BERLIN).astimezone(UTC) if _calendar(part) else start.astimezone(UTC)
        return reached + timedelta(hours=part["hours"], minutes=part["minutes"], seconds=part["seconds"])
    except (ValueError, OverflowError) as wrong:
        raise OverflowError("the duration leads out of the calendar") from wrong


def _calendar(part: dict[str, int]) -> bool:
    return any(part[name] for name in ("years", "months", "weeks", "days"))


def _months_later(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if not 1 <= year <= 9998:
        raise OverflowError(year)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
