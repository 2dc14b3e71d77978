"""Types of values in replay files: names, times, roles, lines."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from simulation.inputs.durations import parse_duration
from workflow.engine.access import Role
from workflow.engine.fields import BERLIN, Name
from workflow.text import InvalidValue

NAME = r"^[A-Za-zÄÖÜäöüß][A-Za-z0-9ÄÖÜäöüß_.-]{0,79}$"
NOON = 12


def _human(role: Role) -> Role:
    if role is Role.SYSTEM:
        raise InvalidValue(
            "niemand ist das System; Zeit wirkt durch `advance`", "nobody is the system; time acts by `advance`"
        )
    return role


def _aware(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        raise InvalidValue(
            "ein Tag ohne Uhrzeit und Zone; richtig ist etwa 2021-06-01T08:00:00+02:00",
            "a day without time and zone; write such as 2021-06-01T08:00:00+02:00",
        )
    return value


def _zoned(value: object) -> object:
    """Midnight without its zone would be taken for the day."""
    if isinstance(value, str) and len(value) > 10 and _has_no_zone(value):
        raise InvalidValue(
            "ein Zeitpunkt ohne Zone; richtig ist etwa 2021-06-01T08:00:00+02:00",
            "a time without its zone; write such as 2021-06-01T08:00:00+02:00",
        )
    return value


def _has_no_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:  # no time at all, which is told of another way
        return False


def listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def to_instant(value: date | datetime) -> datetime:
    """An instant in UTC; a day means its noon in Germany, when everything due on it has happened."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, NOON, tzinfo=BERLIN).astimezone(UTC)


def to_bound(value: date | datetime, *, end: bool = False) -> datetime:
    """The instant at which a day begins, or with `end` is over; a time as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    day = value + timedelta(days=1) if end else value
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


Known = Annotated[str, Field(pattern=NAME)]
"""A name that the file gives to a resource or parameter."""
PersonName = Name
"""Of a person, as it is entered as staff; blanks, umlauts and @ included."""
Reference = Annotated[str, Field(pattern=r"^[^\s/][^/]*(/[^\s/][^/]*)*$", max_length=200)]
"""A name, or with `/` a part of what it names: `mappe/2`, `akte/process`."""
Instant = Annotated[AwareDatetime, BeforeValidator(_aware), AfterValidator(lambda time: time.astimezone(UTC))]
Until = Annotated[AwareDatetime | date, Field(union_mode="left_to_right"), BeforeValidator(_zoned)]
"""A day, or a time with its zone."""
Iso8601 = Annotated[str, AfterValidator(_duration)]
"""A duration such as `P2D`."""
HumanRole = Annotated[Role, AfterValidator(_human)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
