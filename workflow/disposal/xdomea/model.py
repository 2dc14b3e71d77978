"""What the disposal messages carry: header, records, cases, documents, files, decisions and results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from workflow.disposal.xdomea.codes import PRODUCT, Confidentiality, Disposal, Medium, Message, Proposal


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom (Kopf); `process` is one UUID for all messages of a disposal, `created` is aware."""

    process: str
    message: Message
    created: datetime
    sender: str
    receiver: str
    receipt_wanted: bool = False
    """Whether the receiver is asked for a receipt (Empfangsbestaetigung); 0506 cannot ask."""
    sender_code: str | None = None
    """Behördenschlüssel of the sender, where the two sides have agreed on one."""
    receiver_code: str | None = None
    product: str | None = PRODUCT
    product_version: str | None = None


@dataclass(frozen=True, slots=True)
class PrimaryFile:
    """One file of a version (Format and Primaerdokument); `name` begins with a UUID and is unique in the message."""

    name: str
    original_name: str | None
    author: str | None
    format_code: str
    """Of the code list Dateiformat, as 044 for PDF/A."""
    sha256: str | None
    """In hexadecimal; xdomea has no place for it, so it goes into an AnwendungsspezifischeErweiterung."""
    format_name: str | None = None
    """Name of the format, exactly where the code is `OTHER_FORMAT`."""
    format_version: str = ""


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    number: str
    files: tuple[PrimaryFile, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Who did what when (HistorienProtokollInformation); `at` is aware."""

    actor: str
    at: datetime
    action: str
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class DisposalDocument:
    id: str
    number: str
    title: str
    date_of_creation: date | None
    versions: tuple[DocumentVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalObject:
    """What a case and a record have in common; `retention_years` None is unlimited (Unbefristet)."""

    id: str
    number: str
    title: str
    started: date
    ended: date | None
    retention_years: int | None
    disposal: Disposal
    retention_end: date | None
    proposal: Proposal | None
    archive_id: str | None
    confidentiality: Confidentiality
    lead: str | None = None
    """The unit responsible (Federführung)."""
    authority: str | None = None
    """Who keeps the file (Aktenführung)."""
    medium: Medium | None = None
    file_plan_code: str | None = None
    file_plan_title: str | None = None
    history: tuple[HistoryEntry, ...] = ()
    """What its routing slips say of it: the route protocols (Laufwegprotokoll)."""
    documents: tuple[DisposalDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalCase(DisposalObject):
    """A case (Vorgang); at the top level where its record is not part of the transfer."""

    record_title: str | None = None
    """Title of the record it is part of (Aktenbetreff)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalRecord(DisposalObject):
    cases: tuple[DisposalCase, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the archive says of one object: only `success` permits its deletion (rule 11)."""

    id: str
    success: bool
    archive_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A 0502 (Bewertungsverzeichnis) as read; what it does not name is not appraised and stays B (rule 11)."""

    header: Header
    decisions: Mapping[str, Disposal]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A 0506 (AussonderungImportBestaetigen) as read."""

    header: Header
    results: tuple[ImportResult, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A 0504, 0505 or 0507 as read: the message that `confirms` names has arrived."""

    header: Header
    confirms: Message
