"""Results of the reader processes; validated by the parent, which itself reads no scanned file."""

from typing import Annotated

from pydantic import Field

from scanning.requirements.scan_product import MediaType
from workflow.engine.events import Model
from workflow.engine.fields import Count, Line


class Inspection(Model):
    """Result of the check of a file; becomes a `RawScan`."""

    media_type: MediaType
    pages: Annotated[int, Field(ge=1)]
    blank_pages: tuple[Count, ...]
    unreadable_pages: tuple[Count, ...]
    findings: tuple[Line, ...]


class Converted(Model):
    """Result of a conversion, besides the file it wrote."""

    pages: Annotated[int, Field(ge=1)]
    anomalies: tuple[Line, ...]
    """For field c of the transfer note."""


class Part(Model):
    """Pages between two separator sheets, as a file of their own."""

    label: Line | None
    """Text of the sheet before it; None for what lies before the first sheet."""
    first_page: Count
    pages: Count
    path: Line


class Parts(Model):
    parts: tuple[Part, ...]
    sheets: tuple[Line, ...]
    """Labels of the separator sheets in the order found; both sides of one count once."""
    pages: Count
    separator_pages: Count
    """Pages of the file = pages of all parts + separator pages."""
