"""What a unit of the file plan asks of every record in it, beyond retention: its class, such as personnel files.

A class has a least protection need, which says who may know of its records, and perhaps a day from which on they are
kept electronically alone.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from workflow.engine.access import Protection
from workflow.engine.events import Model
from workflow.engine.fields import Day
from workflow.text import InvalidValue, Text

T = TypeVar("T")

COLUMNS = ("protection", "electronic_from")
"""Of a file plan; each may be missing."""
NEED, MEDIUM = "class_need", "class_medium"
BREACHES = {
    NEED: Text(
        "Der Schutzbedarf liegt unter dem der Aktenplaneinheit",
        "the protection need is below that of the file plan unit",
    ),
    MEDIUM: Text(
        "Akten dieser Einheit werden nur noch elektronisch geführt",
        "records of this unit are kept electronically alone",
    ),
}
"""What a record may be that its class forbids."""


class RecordClass(Model):
    protection: Protection = Protection.NORMAL
    """The least that its records need."""
    electronic_from: Day | None = None
    """From this day on no record is kept on paper or in part on paper; none: as the authority likes."""

    def needs_more(self, protection: Protection) -> bool:
        return not protection.covers(self.protection)

    def forbids_paper(self, day: date) -> bool:
        return self.electronic_from is not None and day >= self.electronic_from


def read_class(cells: Mapping[str, str]) -> RecordClass:
    """From the cells of a row; `ValueError` where one is wrong."""
    need, day = cells.get("protection", ""), cells.get("electronic_from", "")
    protection = read_cell(cells, "protection", Protection) if need else Protection.NORMAL
    begins = read_cell(cells, "electronic_from", date.fromisoformat) if day else None
    return RecordClass(protection=protection, electronic_from=begins)


def read_cell(cells: Mapping[str, str], column: str, convert: Callable[[str], T]) -> T:
    """What stands in a column; `InvalidValue` where it cannot stand there."""
    try:
        return convert(cells[column])
    except ValueError as wrong:
        text = repr(cells[column])
        raise InvalidValue(
            f"{column}: {text} ist hier nicht möglich", f"{column}: {text} is not possible here"
        ) from wrong
