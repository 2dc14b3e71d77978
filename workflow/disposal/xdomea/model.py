"""What the disposal messages carry: header, records, cases, documents, files, decisions, results, and the codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

Message = Literal["0501", "0502", "0503", "0506"]
Version = Literal["3.0.0", "3.1.0"]
Disposal = Literal["A", "B", "V"]
Proposal = Literal["A", "V"]
Confidentiality = Literal["open", "restricted", "confidential", "secret", "top_secret"]
Kind = Literal["record", "case", "document"]
T = TypeVar("T")

NAMES: Mapping[str, str] = {
    "0501": "Aussonderung.Anbieteverzeichnis.0501",
    "0502": "Aussonderung.Bewertungsverzeichnis.0502",
    "0503": "Aussonderung.Aussonderung.0503",
    "0506": "Aussonderung.AussonderungImportBestaetigen.0506",
}
"""Name of each message, which is also its root element."""

PRODUCT = "eva"
OTHER_FORMAT = "100"
"""Code of a file format the code list does not name ("Sonstiges")."""

NAMESPACES: Mapping[str, str] = {version: f"urn:xoev-de:xdomea:schema:{version}" for version in ("3.0.0", "3.1.0")}
DISPOSALS: Mapping[str, Disposal] = {"A": "A", "B": "B", "V": "V"}
PROPOSALS: Mapping[str, Proposal] = {"A": "A", "V": "V"}
CONFIDENTIALITY: Mapping[str, Confidentiality] = {
    "001": "secret",
    "002": "restricted",
    "003": "open",
    "004": "top_secret",
    "005": "confidential",
}
CONFIDENTIALITY_CODES: Mapping[str, str] = {level: code for code, level in CONFIDENTIALITY.items()}
BOOLEANS: Mapping[str, bool] = {"1": True, "true": True, "0": False, "false": False}
KINDS: Mapping[str, Kind] = {
    "Akte": "record",
    "Teilakte": "record",
    "Vorgang": "case",
    "Teilvorgang": "case",
    "Dokument": "document",
    "Anlage": "document",
}
CHECKSUMS = "eva:sha256"
BERLIN = ZoneInfo("Europe/Berlin")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FILE_NAME = re.compile(UUID.pattern + r"[^/\\\x00-\x1f\x7f]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


class UnreadableMessage(ValueError):
    """The bytes are no such message; names the element or the line."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom (Kopf); `process` is one UUID for all messages of a disposal, `created` is aware."""

    process: str
    message: str
    created: datetime
    sender: str
    receiver: str
    receipt_wanted: bool = False
    """Whether the receiver is asked for a receipt (Empfangsbestaetigung); 0506 cannot ask."""
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
    """One version of a document in one or more formats."""

    number: str
    files: tuple[PrimaryFile, ...]


@dataclass(frozen=True, slots=True)
class DisposalDocument:
    """A document (Dokument)."""

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
    documents: tuple[DisposalDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalCase(DisposalObject):
    """A case (Vorgang); at the top level where its record is not part of the transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalRecord(DisposalObject):
    """A record (Akte) with its cases."""

    file_plan_code: str
    file_plan_title: str
    authority: str
    """Who keeps the record (Aktenfuehrung)."""
    cases: tuple[DisposalCase, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the archive says of one object: only `success` permits its deletion (rule 11)."""

    id: str
    success: bool
    archive_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object found in a 0501 or 0503; None is "not stated", as almost everything is optional in the standard."""

    id: str
    kind: Kind
    parent: str | None
    """Id of the object it lies in."""
    number: str | None
    title: str | None
    authority: str | None
    confidentiality: Confidentiality | None
    file_plan_code: str | None
    file_plan_title: str | None
    retention_years: int | None
    unlimited: bool
    """Whether the retention is stated to be unlimited, as against not stated."""
    disposal: Disposal | None
    archive_id: str | None
    proposal: Proposal | None
    retention_end: date | None
    started: date | None
    ended: date | None
    date_of_creation: date | None
    versions: tuple[DocumentVersion, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A 0501 (Anbieteverzeichnis) as read; a container comes before what lies in it."""

    header: Header
    objects: tuple[ListedObject, ...]


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A 0502 (Bewertungsverzeichnis) as read; what it does not name is not appraised and stays B (rule 11)."""

    header: Header
    decisions: Mapping[str, Disposal]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A 0503 (Aussonderung) as read; a container comes before what lies in it."""

    header: Header
    objects: tuple[ListedObject, ...]
    archive_ids_wanted: bool

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all objects: records, cases and documents."""
        return frozenset(found.id for found in self.objects)

    def documents_of(self, container: str) -> tuple[ListedObject, ...]:
        """Documents that lie directly in the record or case (or are enclosed with the document) of that id."""
        return tuple(found for found in self.objects if found.kind == "document" and found.parent == container)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A 0506 (AussonderungImportBestaetigen) as read."""

    header: Header
    results: tuple[ImportResult, ...]


def qualified(element: Element, name: str) -> str:
    """A name in the namespace of an element."""
    return f"{{{etree.QName(element).namespace}}}{name}"
