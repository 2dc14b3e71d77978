"""Numbers, shares, days and instants as German and English readers write them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from workflow.engine.fields import BERLIN
from workflow.views.tables import NEVER

NOTHING = "–"


def number(value: float | None, language: str) -> str:
    """A whole number with thousands marks."""
    if value is None:
        return NOTHING
    text = f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    return text.replace(",", ".") if language == "de" else text


def difference(value: float | None, language: str) -> str:
    """A whole number with its sign."""
    text = number(value, language)
    return f"+{text}" if value is not None and round(value) > 0 else text


def share(value: float | None, language: str) -> str:
    """A share as a percentage."""
    return NOTHING if value is None else f"{number(100 * value, language)}\N{NARROW NO-BREAK SPACE}%"


def points(value: float | None, language: str) -> str:
    """A difference of two shares in percentage points."""
    if value is None:
        return NOTHING
    return f"{difference(100 * value, language)}\N{NARROW NO-BREAK SPACE}{'Punkte' if language == 'de' else 'points'}"


def day(value: date | str | None, language: str) -> str:
    """A day; a dash for none."""
    if value is None or value in {"", NEVER}:
        return NOTHING
    when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{when:%d.%m.%Y}" if language == "de" else f"{when.day} {when:%b %Y}"


def instant(value: datetime | str | None, language: str) -> str:
    """A time of day in Berlin, with its day."""
    if value is None:
        return NOTHING
    when = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(BERLIN)
    return f"{day(when.date(), language)}, {when:%H:%M}{' Uhr' if language == 'de' else ''}"


FILTERS: Mapping[str, Callable[[Any, str], str]] = {
    "number": number, "difference": difference, "share": share, "points": points, "day": day, "instant": instant,
}  # fmt: skip
"""By their names in templates."""
