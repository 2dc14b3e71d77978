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


MOST_CHARACTERS = 300_000
"""Of a document whose text is read: a book of 150 pages; what comes after is not found by its words."""


class DocumentText(Model):
    """The text of a PDF, by page; `whole` is false where it was longer than is kept."""

    pages: tuple[str, ...]
    whole: bool


class FoundDifference(Model):
    """A page that looks different after the conversion, with both pictures as files."""

    page: Count
    detail: Line
    before: Line
    """Path of the picture of the source, PNG."""
    after: Line | None
    """Path of the picture of the result; None where the page is not in it."""
    converted: Line | None = None
    """Path of the picture after the conversion, of a page that this changed and that was turned straight then."""


class Converted(Model):
    """Result of a conversion, besides the file it wrote."""

    pages: Annotated[int, Field(ge=1)]
    anomalies: tuple[Line, ...]
    """What a person has to look at."""
    treatment: tuple[Line, ...]
    """What was done to each page, in German; for field c of the transfer note."""
    redrawn: tuple[Count, ...] = ()
    """Pages that became pictures."""
    differences: tuple[FoundDifference, ...] = ()
    """Pages that look different in the result."""
    other_differences: tuple[Line, ...] = ()
    """What differs besides, without pictures."""
    dropped: tuple[Count, ...] = ()
    """Pages of the source, from 1, that were left out."""


class Part(Model):
    """Pages between two separator sheets, as a file of their own."""

    label: Line | None
    """Text of the sheet before it; None for what lies before the first sheet."""
    first_page: Count
    pages: Count
    path: Line
    marked_pages: tuple[Count, ...] = ()
    """Pages of the part, from 1, that bear a separator's code but are no sheet."""


class Parts(Model):
    parts: tuple[Part, ...]
    sheets: tuple[Line, ...]
    """Labels of the separator sheets in the order found; two sides of one count once."""
    pages: Count
    separator_pages: Count
    """Pages of the file = pages of all parts + separator pages."""
    marked_pages: tuple[Count, ...] = ()
    """Pages of the file, from 1, that bear a separator's code but are no sheet; they are in the parts."""


class ScanRead(Model):
    """Result of reading a file in one go: its check, and the PDF/A or, where there are separator sheets, its parts."""

    inspection: Inspection
    converted: Converted | None = None
    content: Line = "-"
    """Path of the PDF/A."""
    parts: Parts | None = None
    marked_pages: tuple[Count, ...] = ()
    """Pages, from 1, that bear a separator's code in a file without sheets."""


class Postprocessed(Model):
    """Pages turned straight or left out, besides the file it wrote; nothing was written where nothing was done."""

    pages: Annotated[int, Field(ge=1)]
    treatment: tuple[Line, ...]
    differences: tuple[FoundDifference, ...]
    dropped: tuple[Count, ...]


class TextPictures(Model):
    """Pages drawn for the recognition of text."""

    pages: tuple[Count, ...]
    """Numbers of the pages that were drawn, from 1."""
    pictures: tuple[Line, ...]
    """Their pictures, grey, PGM."""
    with_text: tuple[Count, ...]
    """Pages that have text already."""


class TextAdded(Model):
    """Text laid behind pages, besides the file it wrote."""

    pages: tuple[Count, ...]
    """Pages with recognised text, from 1; nothing was written where there are none."""
    refused: Line | None = None
    """Why no text was added at all, in German."""
