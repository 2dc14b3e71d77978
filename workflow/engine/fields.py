"""Text, numbers and times as commands and events may carry them: bounded, and the same on every database.

PostgreSQL refuses NUL, JSON lone surrogates, and two spellings of one umlaut would be two file numbers, so all text
is valid UTF-8 in NFC without control characters. Times are aware and kept in UTC.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field

from workflow.engine.naming.given import Given
from workflow.engine.naming.names import check_reason, check_seen
from workflow.text import InvalidValue

BERLIN = ZoneInfo("Europe/Berlin")
"""Days begin and end in the administration's own time zone."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line breaks, and surrogates."""


def clean(text: str) -> str:
    """The text in NFC; `ValueError` where it holds a control character or a lone surrogate."""
    if text.isascii() and text.isprintable():  # nearly all there is, told without a search
        return text
    found = _CONTROL.search(text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        raise InvalidValue(f"das Zeichen {code} ist nicht erlaubt", f"character {code} is not allowed")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _clean_line(text: str) -> str:
    found = text if text.isascii() and text.isprintable() else clean(text)
    if found.isspace() or not found:
        raise InvalidValue("darf nicht leer sein", "must not be blank")
    return found


def utc(time: datetime) -> datetime:
    """The same instant in UTC; `ValueError` for a naive time."""
    if time.tzinfo is None:
        raise InvalidValue("ein Zeitpunkt braucht seine Zeitzone", "a time needs its time zone")
    return time.astimezone(UTC)


FreeText = Annotated[str, Field(max_length=10_000), AfterValidator(clean)]
"""Free text, perhaps empty."""
LongText = Annotated[str, Field(max_length=2_000_000), AfterValidator(clean)]
"""A protocol."""
Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_clean_line), Given(check_reason)]
"""A title, a reason: not blank."""
_NAME = r"^[^\s:/\x00-\x1f\x7f][^:/\x00-\x1f\x7f]{0,119}$"
_WHOLE_NAME = re.compile(_NAME)
Name = Annotated[str, Field(pattern=_NAME), AfterValidator(clean), Given(check_seen)]
"""A user, unit or authority; without `:` and `/`, which separate parts of keys and paths."""
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""A UUID in lower case, as xdomea's `stringUUIDType`."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,7}$")]
"""Key of a file plan unit (Aktenplankennzeichen): groups of digits, such as `43.21`."""
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Counts stay exact in JSON and fit each database."""
Years = Annotated[int, Field(ge=0, le=1000)]
Day = Annotated[date, Field(ge=date(1800, 1, 1), le=date(9000, 12, 31))]
"""A calendar day that leaves room for retention periods."""
Time = Annotated[AwareDatetime, AfterValidator(utc)]
"""An instant, in UTC."""


def is_name(text: str) -> bool:
    return _WHOLE_NAME.fullmatch(text) is not None


def line(text: str, longest: int = 400) -> str:
    """The text on one line without control characters, cut to length; `-` where nothing is left."""
    shown = "".join(char if char.isprintable() else " " for char in text.encode("utf-8", "replace").decode())
    return clean(" ".join(shown.split())[:longest]) or "-"
