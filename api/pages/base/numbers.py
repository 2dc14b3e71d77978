"""Filters of the templates for numbers, shares, days and instants."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from simulation.numbers import (
    MISSING,
    format_as_given,
    format_day,
    format_difference,
    format_number,
    format_points,
    format_share,
)
from workflow.engine.fields import BERLIN
from workflow.views.tables import NEVER


def format_deadline(value: date | str | None, language: str) -> str:
    """A day; a dash for none, which the views keep as a day that never comes."""
    return MISSING if value in {"", NEVER} else format_day(value, language)


def format_instant(value: datetime | str | None, language: str) -> str:
    """A time in Berlin with its day."""
    if value is None:
        return MISSING
    when = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(BERLIN)
    return f"{format_day(when.date(), language)}, {when:%H:%M}{' Uhr' if language == 'de' else ''}"


def format_figure(value: float | None, language: str) -> str:
    """A number of whatever size: whole where it is large, with three digits behind the mark where it is small."""
    if value is None:
        return MISSING
    return format_number(value, language, 0 if abs(value) >= 100 or value == 0 else 1 if abs(value) >= 1 else 3)


FILTERS: Mapping[str, Callable[[Any, str], str]] = {
    "number": format_number, "difference": format_difference, "share": format_share, "points": format_points,
    "figure": format_figure, "as_given": format_as_given,
    "day": format_deadline, "instant": format_instant,
}  # fmt: skip
