"""What a unit of the file plan asks of every record in it, beyond retention: its class, such as personnel files.

A class has a least protection need, which says who may know of its records, and perhaps a day from which on they are
kept electronically alone.
"""

from collections.abc import Mapping
from datetime import date

from workflow.engine.access import Protection
from workflow.engine.events import Model
from workflow.engine.fields import Day
from workflow.text import Text

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
    protection = Protection(need) if need else Protection.NORMAL
    return RecordClass(protection=protection, electronic_from=date.fromisoformat(day) if day else None)
