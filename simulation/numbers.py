"""Numbers, shares and days as German and English readers write them: the one formatter of report, terminal and pages.

`language` is `de` or `en`. What is not there (`None`) is a dash.
"""

from datetime import date
from typing import Any

MISSING = "–"
MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


def format_number(value: float | None, language: str, digits: int = 0) -> str:
    """A number with thousands marks and a fixed count of decimal digits: `1.234,5` or `1,234.5`."""
    if value is None:
        return MISSING
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.removeprefix("-")  # no minus before a number that rounds to 0
    text = text.replace("-", MINUS)
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def format_difference(value: float | None, language: str, digits: int = 0) -> str:
    """A difference: a number with its sign, or 0 without a sign where it rounds to 0."""
    text = format_number(value, language, digits)
    return f"+{text}" if value is not None and round(value, digits) > 0 else text


def format_share(value: float | None, language: str, digits: int = 0) -> str:
    return MISSING if value is None else f"{format_number(100 * value, language, digits)}{NARROW_SPACE}%"


def format_points(value: float | None, language: str) -> str:
    if value is None:
        return MISSING
    unit = "Punkte" if language == "de" else "points"
    return f"{format_difference(100 * value, language)}{NARROW_SPACE}{unit}"


def format_day(value: date | str | None, language: str) -> str:
    """A day, given as a date or in ISO 8601: `01.07.2021` or `1 Jul 2021`."""
    if value is None:
        return MISSING
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day.day} {day:%b %Y}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_month(value: date | str, language: str) -> str:
    """The month of a day: `07/2021` or `Jul 2021`."""
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{day:%m/%Y}" if language == "de" else f"{MONTHS[day.month - 1]} {day.year}"


def format_as_given(value: Any, language: str) -> str:
    """A figure with the digits of the file it stands in; only the decimal mark follows the language."""
    text = str(value)
    return text.replace(".", ",") if language == "de" and isinstance(value, float) else text
