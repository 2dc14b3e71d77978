"""Units of the figures of a scenario and of the columns of a forecast, in German and English."""

from typing import Any

from workflow.text import Text


class Unit(Text):
    """A unit, declared once with a field or column so that files need not repeat it."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        """The schema of a field with this unit: editors show its description."""
        schema: dict[str, Any] = handler(core_schema)
        return schema | {"description": f"Unit: {self.en} ({self.de})."}


SHARE = Unit("Anteil", "share")
FACTOR = Unit("Faktor", "factor")
PIECES = Unit("Stück", "pieces")
PEOPLE = Unit("Personen", "people")
SEATS = Unit("Plätze", "seats")
AUTHORITIES = Unit("Behörden", "authorities")
ITEMS = Unit("Sendungen", "items")
PAGES = Unit("Seiten", "pages")
SHEETS = Unit("Blatt", "sheets")
PERCENT = Unit("%", "%")
BOXES = Unit("Kartons", "boxes")
RECORDS = Unit("E-Akten", "records")
SLIPS = Unit("E-Laufmappen", "routing slips")
MEGABYTES = Unit("MB", "MB")
GIGABYTES = Unit("GB", "GB")

DATE = Unit("Datum", "date")
CLOCK = Unit("Uhrzeiten", "times of day")
NAME = Unit("Kennung", "id")
DAYS = Unit("Arbeitstage", "working days")
PERSON_DAYS = Unit("Personentage", "person-days")
PROJECTS = Unit("Projekte", "projects")
CALENDAR_DAYS = Unit("Kalendertage", "calendar days")
WEEKS = Unit("Wochen", "weeks")
MONTHS = Unit("Monate", "months")
SECONDS = Unit("Sekunden", "seconds")
MINUTES = Unit("Minuten", "minutes")
HOURS = Unit("Stunden", "hours")
WORKING_HOURS = Unit("Servicestunden", "working hours")

PER_HOUR = Unit("je Stunde", "per hour")
PER_DAY = Unit("je Arbeitstag", "per working day")
PER_USER_DAY = Unit("je Person und Arbeitstag", "per person and working day")
