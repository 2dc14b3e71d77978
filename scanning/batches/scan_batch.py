"""The scan batch (Stapel) and its items (Scangut): what is known of them now.

Arrival, preparation, scanning, checking, sealing, delivery, paper period, destruction: BSI TR-03138, domain 3.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from scanning.batches.values import DamagedFile, FileUse, NewItem, Stored, Verification
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Purpose, Terms
from workflow.engine.access import Actor, Protection, Role, highest

STATES = {
    "received": "eingegangen",
    "in_doubt": "in Klärung",
    "prepared": "vorbereitet",
    "rejected": "zurückgewiesen",
    "scanned": "gescannt",
    "checked": "geprüft",
    "sealed": "gesiegelt",
    "delivered": "zugestellt",
    "acknowledged": "angenommen",
    "destruction_due": "vernichtungsreif",
    "destroyed": "vernichtet",
    "excluded": "ausgeschlossen",
}
"""State of an item -> German term, the least far first."""

SCAN_STAFF = frozenset({Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, Role.REGISTRAR})


@dataclass(frozen=True)
class Scan:
    number: int
    by: str
    at: datetime
    raw: RawScan
    sheets: int
    duplex: bool
    environment: str
    duplicate_of: tuple[str, ...]
    drawn: bool
    reworked_by: tuple[str, ...] = ()
    """Persons who reworked the image; `raw` is then the reworked one."""
    made_from: tuple[str, ...] = ()
    """SHA-256 of the scans it was reworked from, oldest first."""

    @property
    def captured_at(self) -> datetime:
        """When the paper was scanned: as the file says, else when the scan was recorded (A.NB.4 d)."""
        return self.raw.captured_at or self.at

    @property
    def count_fits(self) -> bool:
        most = 2 * self.sheets if self.duplex else self.sheets
        return self.sheets <= self.raw.pages <= most

    @property
    def flagged(self) -> bool:
        """Whether automatic checks, rework or a twin call for a look by a person (A.AM.IN.H.7, A.NB.2)."""
        raw = self.raw
        marks = (raw.blank_pages, raw.unreadable_pages, raw.findings, raw.differences, self.reworked_by,
                 self.duplicate_of)  # fmt: skip
        return any(marks) or not self.count_fits


@dataclass(frozen=True)
class QualityCheck:
    by: str
    at: datetime
    visual: bool
    result: str


@dataclass(frozen=True)
class Delivery:
    unit: str
    folder: str
    mail_item: str
    sha256: str


@dataclass(frozen=True)
class Acknowledgement:
    by: str
    record: str
    case: str
    document: str
    sha256: str
    paper_until: date


@dataclass(frozen=True)
class Defect:
    """A fault that a clerk found, in a document made from this raw scan."""

    reason: str
    raw_sha256: str


@dataclass(frozen=True)
class ScanItem:
    id: str
    number: int
    new: NewItem
    protection: Protection
    sheets: int
    """As counted last."""
    state: str = "received"
    prepared_by: str | None = None
    exclusion: Exclusion | None = None
    onward: Onward | None = None
    doubted_by: str | None = None
    scans: tuple[Scan, ...] = ()
    check: QualityCheck | None = None
    product: Product | None = None
    stored: Stored | None = None
    verification: Verification | None = None
    damaged: tuple[DamagedFile, ...] = ()
    """Files it rests on that are not as they were stored."""
    delivery: Delivery | None = None
    deliveries: tuple[Delivery, ...] = ()
    """All there ever were."""
    acknowledgement: Acknowledgement | None = None
    defects: Mapping[str, Defect] = field(default_factory=dict)
    """Open ones."""
    holds: Mapping[str, str] = field(default_factory=dict)
    """Those in force, with their reason; each counts on its own."""
    released_by: str | None = None
    destroyed_by: str | None = None

    @property
    def scan(self) -> Scan | None:
        return self.scans[-1] if self.scans else None

    @property
    def operators(self) -> frozenset[str]:
        """Persons who made what was delivered: prepared, scanned, reworked."""
        scan = self.scan
        made = (scan.by, *scan.reworked_by) if scan else ()
        return frozenset({*made, *((self.prepared_by,) if self.prepared_by else ())})

    @property
    def files(self) -> dict[str, FileUse]:
        """SHA-256 of the files that it rests on now: its latest scan and its product; those of earlier scans not."""
        found: dict[str, FileUse] = {}
        if self.scan is not None:
            raw = self.scan.raw
            found |= dict.fromkeys((*self.scan.made_from, raw.sha256), FileUse.RAW)
            found |= {sha: FileUse.WHOLE for sha in (raw.cut_from,) if sha is not None}
            found |= {sha: FileUse.CONTENT for sha in (raw.content_sha256,) if sha is not None}
        return found if self.product is None else found | {self.product.sha256: FileUse.PRODUCT}


@dataclass(frozen=True)
class Batch:
    id: str
    centre: str
    carrier: str | None
    provisional: bool
    authority: str
    unit: str
    title: str
    purpose: Purpose
    envelopes_counted: int | None
    sheets_counted: int | None
    """On arrival or when counted again; None where each item's own count is the count."""
    own_protection: Protection
    terms: Terms
    secret: str
    arrived_on: date
    items: Mapping[str, ScanItem] = field(default_factory=dict)
    backups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """SHA-256 of a product -> verified backup runs that hold it."""
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Backup run -> SHA-256 of what its folder says of it."""

    @property
    def state(self) -> str:
        """State of the item that is least far; of an empty batch, `received`."""
        found = [item.state for item in self.items.values()]
        return min(found, key=list(STATES).index) if found else "received"

    @property
    def protection(self) -> Protection:
        """Maximum of its own need and its items' (A.G.2)."""
        return highest([self.own_protection, *(item.protection for item in self.items.values())])

    @property
    def folders(self) -> dict[str, str]:
        """Unit -> mail folder opened for it."""
        return {delivery.unit: delivery.folder for item in self.items.values() for delivery in item.deliveries}

    @property
    def envelopes(self) -> int:
        return len(self.items) if self.envelopes_counted is None else self.envelopes_counted

    @property
    def sheets(self) -> int:
        """What came in; without a count of the whole, what was declared for each item."""
        declared = sum(item.new.sheets for item in self.items.values())
        return declared if self.sheets_counted is None else self.sheets_counted

    @property
    def sheets_of_items(self) -> int:
        return sum(item.sheets for item in self.items.values())

    def known_to(self, actor: Actor) -> bool:
        """Those of the client, and the scan staff of the centre's own authority, with clearance."""
        if Role.SYSTEM in actor.roles:
            return True
        ours = actor.authority in {None, self.authority}
        theirs = actor.authority is not None and actor.authority == self.carrier and bool(actor.roles & SCAN_STAFF)
        return (ours or theirs) and actor.clearance.covers(self.protection)


def stream(batch: str) -> str:
    return f"scan-batch:{batch}"


def reference(batch: str, item: str) -> str:
    """What a mail item says where it comes from."""
    return f"{stream(batch)}#{item}"
