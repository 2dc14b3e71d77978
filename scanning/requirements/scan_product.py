"""What a scan is made of: the raw scan as it came from the scanner, the transfer note, and the sealed product.

Plain data, shared by the machine of the scan batch (which records it in the log) and by the work on files (which makes
it). TR-03138 A.SC.7 metadata, A.NB.4 transfer note (Transfervermerk), A.IS.1 integrity.
"""

from enum import StrEnum

from workflow.engine.events import Model
from workflow.engine.fields import Count, FreeText, Line, Name, Sha256, Time


class MediaType(StrEnum):
    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"


class PageDifference(Model):
    """A page that looks different in the PDF/A, or is not in it; the pictures are stored, PNG."""

    page: Count
    detail: Line
    before: Sha256
    """Picture of the page as scanned."""
    after: Sha256 | None
    """Picture of the page in the PDF/A; None where it is left out."""
    converted: Sha256 | None = None
    """Picture of the page after the conversion, where this changed it and it was turned straight then."""

    @property
    def pictures(self) -> tuple[Sha256, ...]:
        return tuple(one for one in (self.before, self.converted, self.after) if one is not None)


class RawScan(Model):
    """A scanned file that passed the check of its content; stored under its SHA-256 before this is recorded."""

    sha256: Sha256
    size: Count
    """Bytes."""
    media_type: MediaType
    file_name: Line
    pages: Count
    blank_pages: tuple[Count, ...] = ()
    """Numbers of pages without content, from 1."""
    unreadable_pages: tuple[Count, ...] = ()
    findings: tuple[Line, ...] = ()
    """What the checks remarked and the inspector should look at, as codes with detail."""
    treatment: tuple[Line, ...] = ()
    """What was done to each page on the way to PDF/A, in German; for field c of the transfer note."""
    differences: tuple[PageDifference, ...] = ()
    """Pages that look different in the PDF/A; a person has to accept them, or to have the paper scanned again."""
    dropped_pages: tuple[Count, ...] = ()
    """Blank backs that are not in the PDF/A; a person has to accept that too."""
    content_sha256: Sha256 | None = None
    """The PDF/A made of it, which the inspector looks at and which becomes the product; None where files are not
    kept here."""
    cut_from: Sha256 | None = None
    """The file of a whole batch scanned in one go that it was cut out of at separator sheets."""
    captured_at: Time | None = None
    """When the file was written by the scanner, as the file says; None where that is not known."""

    @property
    def kept_pages(self) -> int:
        """Pages of the PDF/A, and so of the product."""
        return self.pages - len(self.dropped_pages)


class TransferNote(Model):
    """Transfervermerk: the six fields of TR-03138 A.NB.4 a to f, bound to the scan's content."""

    created_by: Name
    """a: the person who made the scan product, not only the organisation."""
    organisation: Line
    """a: the scan centre."""
    environment: Line
    """b: technical and organisational environment (scanner, software, procedure)."""
    anomalies: tuple[Line, ...]
    """c: what was conspicuous; empty if nothing was."""
    captured_at: Time
    """d: when it was scanned."""
    qa_by: Name
    """e: who checked."""
    qa_result: Line
    """e: with which result."""
    identity: FreeText
    """f: statement that image and content are the same as the paper's."""
    raw_sha256: Sha256
    content_sha256: Sha256
    """The PDF/A before the note was embedded; the product's own hash stands in the log."""


class SealKind(StrEnum):
    """Strength of protection (TR-03138 A.IS.1, A.AM.IN.H.1, A.AM.IN.SH.2)."""

    TEST = "test"
    """Made with the test authority of a set-up; proves nothing to anyone, and says so."""
    ADVANCED = "advanced"
    QUALIFIED = "qualified"


class Seal(Model):
    """An electronic seal (PAdES) on the product."""

    kind: SealKind
    signer: Line
    certificate_sha256: Sha256
    sealed_at: Time
    timestamp_by: Line | None = None
    """Timestamp authority; None where none was asked for."""
    timestamp_at: Time | None = None


class Product(Model):
    """The sealed scan product (Scanprodukt): a PDF/A with its note, stored, read back and compared."""

    sha256: Sha256
    size: Count
    pages: Count
    profile: Line = "PDF/A-2b"
    note: TransferNote
    note_sha256: Sha256
    """SHA-256 of the note's JSON as embedded."""
    seal: Seal | None
