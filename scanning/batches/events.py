"""What can happen to a scan batch and its items, from arrival to destruction."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from scanning.requirements.exclusions import DocumentKind, Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Terms
from workflow.engine.access import Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import Count, Day, FreeText, Id, Line, Name, Sha256, Time

Sheets = Annotated[int, Field(ge=1, le=100_000)]
"""Sheets of paper; an item has at least one."""


class Purpose(StrEnum):
    """What is scanned."""

    INCOMING_MAIL = "incoming_mail"
    EXISTING_FILES = "existing_files"
    """Bestandsakten (F077)."""


class NewItem(Model):
    """An item (Scangut) as it arrives."""

    title: Line
    sheets: Sheets
    kind: DocumentKind = DocumentKind.LETTER
    return_obliged: bool = False
    """Whether the original has to go back (rückgabepflichtig)."""
    unit: Name | None = None
    """Addressee; the batch's where none is named."""
    sender: Line | None = None
    protection: Protection = Protection.NORMAL


class Stored(Model):
    """Evidence that a file is on disk: written, file and folder synced, then read back and hashed (A.T.4)."""

    sha256: Sha256
    """Of what was written."""
    file_synced: bool
    folder_synced: bool
    read_back_sha256: Sha256
    """Of what was read from the disk afterwards."""
    at: Time

    def proves(self, sha256: str) -> bool:
        """Whether that very content is stored durably."""
        return self.file_synced and self.folder_synced and self.sha256 == self.read_back_sha256 == sha256


class Verification(Model):
    """A later look at a stored product, end to end."""

    read_back_sha256: Sha256 | None
    """None: it could not be read."""
    note_valid: bool
    seal_valid: bool
    at: Time


class BatchCreated(Event, type="scan.batch_created"):
    """A batch arrived at a scan centre and was counted."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"secret"})

    batch: Id
    centre: Name
    carrier: Name | None
    """Authority that runs the centre; its staff work on the batch."""
    provisional: bool
    """The centre was not entered before."""
    authority: Name
    unit: Name
    title: Line
    purpose: Purpose
    envelopes: Count | None
    sheets: Count | None
    """As counted on arrival; None where each item's own count is the count."""
    protection: Protection
    terms: Terms
    secret: Id
    """What draws the sample, together with each item and its scan."""
    on: Day
    """Day of arrival."""


class ItemReceived(Event, type="scan.item_received"):
    """An item of the batch."""

    item: Id
    number: Count
    new: NewItem


class ItemPrepared(Event, type="scan.item_prepared"):
    """Found fit for scanning, unfolded, counted (Dokumentenvorbereitung)."""

    item: Id
    by: Name
    sheets: Sheets
    sheets_before: Sheets


class ItemExcluded(Event, type="scan.item_excluded"):
    """It leaves the way to destruction for good."""

    item: Id
    by: Name
    reason: Exclusion
    onward: Onward
    note: FreeText


class ItemDoubted(Event, type="scan.item_doubted"):
    """Authenticity or integrity is in doubt; it waits."""

    item: Id
    by: Name
    reason: Line


class ItemCleared(Event, type="scan.item_cleared"):
    """The doubt was resolved; it starts again."""

    item: Id
    by: Name
    note: Line


class ItemScanned(Event, type="scan.item_scanned"):
    """A scan was made; the number tells the first from rescans."""

    item: Id
    number: Count
    by: Name
    at: Time
    raw: RawScan
    sheets: Count
    """As counted by the scanner."""
    duplex: bool
    environment: Line
    duplicate_of: tuple[Line, ...]
    """Other scans with the very same file, as `batch#item`."""
    drawn: bool
    """Whether this item is in the sample that is checked by eye."""


class ItemReworked(Event, type="scan.item_reworked"):
    """The image was made more legible; what it was made from is named (A.NB.1)."""

    item: Id
    by: Name
    raw: RawScan
    made_from: Sha256
    reason: Line
    duplicate_of: tuple[Line, ...]


class ItemRecounted(Event, type="scan.item_recounted"):
    """The paper was counted again."""

    item: Id
    by: Name
    sheets: Sheets
    sheets_before: Sheets
    reason: Line


class ItemChecked(Event, type="scan.item_checked"):
    """Quality and completeness were found good."""

    item: Id
    by: Name
    at: Time
    visual: bool
    """Whether a person looked at it, rather than the automatic checks alone."""
    result: Line
    duplicates: tuple[Line, ...]
    """Identical files that the inspector was shown and accepted."""


class ItemRejected(Event, type="scan.item_rejected"):
    """The scan will not do; the paper is scanned again."""

    item: Id
    by: Name
    reason: Line


class ItemSealed(Event, type="scan.item_sealed"):
    """The product has its note and seal, and is stored."""

    item: Id
    by: Name
    product: Product
    stored: Stored


class SealRejected(Event, type="scan.seal_rejected"):
    """Seal or note will not do; both are made anew from the checked scan."""

    item: Id
    by: Name
    reason: Line


class ItemVerified(Event, type="scan.item_verified"):
    """The stored product was looked at again."""

    item: Id
    by: Name
    verification: Verification


class ItemDelivered(Event, type="scan.item_delivered"):
    """It lies in the mail folder of its addressee."""

    item: Id
    by: Name
    unit: Name
    folder: Id
    mail_item: Id
    sha256: Sha256


class ItemAcknowledged(Event, type="scan.item_acknowledged"):
    """A document of a case with the product's hash; the paper period runs."""

    item: Id
    by: Name
    record: Id
    case: Id
    document: Id
    sha256: Sha256
    paper_until: Day
    """Last day of the paper period."""


class ItemFellDue(Event, type="scan.item_fell_due"):
    """The paper period is over."""

    item: Id


class DefectReported(Event, type="scan.defect_reported"):
    """A clerk found the document wanting."""

    item: Id
    defect: Id
    by: Name
    reason: Line
    rescan: bool


class DefectSettled(Event, type="scan.defect_settled"):
    """A defect was looked into and is none any more."""

    item: Id
    defect: Id
    by: Name
    result: Line


class HoldSet(Event, type="scan.hold_set"):
    """The paper must be kept for a reason of its own (Aufbewahrungssperre)."""

    item: Id
    hold: Id
    by: Name
    reason: Line


class HoldReleased(Event, type="scan.hold_released"):
    """That reason is gone."""

    item: Id
    hold: Id
    by: Name
    reason: Line


class ProtectionRaised(Event, type="scan.protection_raised"):
    """The need is higher than thought; stricter measures apply from now on."""

    item: Id
    by: Name
    old: Protection
    new: Protection
    reason: Line


class Grounds(Model):
    """What the release of destruction rests on."""

    sha256: Sha256
    sheets: Count
    checked_by: Name
    visual: bool
    scans: Count
    note_sha256: Sha256
    seal: Line
    backup_run: Line
    record: Id
    document: Id
    paper_until: Day
    measures: tuple[Line, ...]


class DestructionReleased(Event, type="scan.destruction_released"):
    """A second person authorised the destruction of the paper."""

    item: Id
    by: Name
    grounds: Grounds


class ItemDestroyed(Event, type="scan.item_destroyed"):
    """The paper is gone: the destruction protocol (Vernichtungsprotokoll)."""

    item: Id
    number: Count
    by: Name
    at: Time
    released_by: Name
    sheets: Count
    sha256: Sha256
    record: Id
    document: Id
    backup_run: Line
    paper_until: Day
    method: FreeText


class ItemForgotten(Event, type="scan.item_forgotten"):
    """The file that the document belonged to was deleted for good, and what the batch knew of its content with it
    (rule 12). What stays is the protocol: which number, how many sheets, who released and destroyed.
    """

    item: Id
    number: Count
    declared: Sheets
    sheets: Sheets
    state: Line
    protection: Protection
    released_by: Name | None
    destroyed_by: Name | None
    files: tuple[Sha256, ...]
    """Raw scans and products, for whoever keeps files to delete."""
    with_file: Line

    DELETES: ClassVar[bool] = True

    def erases(self, earlier: Event) -> bool:
        """All that was told of the item before."""
        return getattr(earlier, "item", None) == self.item and not isinstance(earlier, ItemForgotten)


class BatchCounted(Event, type="scan.batch_counted"):
    """What had arrived was counted again."""

    by: Name
    envelopes: Count
    sheets: Count
    envelopes_before: Count
    sheets_before: Count
    reason: Line


class BackupRecorded(Event, type="scan.backup_recorded"):
    """A backup run holds these products, read back from the backup and compared."""

    run: Line
    taken_at: Time
    by: Name
    products: tuple[Sha256, ...]


class MailDelivered(Event, type="scan.mail_delivered"):
    """A mail item came from this batch item; found again when its content is erased."""

    mail_item: Id
    batch: Id
    key: Id
    """The batch item."""


class FileScanned(Event, type="scan.file_scanned"):
    """A file with this hash was scanned for an item."""

    sha256: Sha256
    used_by: Line
    """`batch#item`."""
