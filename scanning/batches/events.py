"""Events of a scan batch and its items, from arrival to destruction."""

from typing import ClassVar

from scanning.batches.values import DamagedFile, DestructionEvidence, Grounds, NewItem, Sheets, Stored, Verification
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from scanning.requirements.terms import Purpose, Terms
from workflow.engine.access import Protection
from workflow.engine.events import Event
from workflow.engine.fields import Count, Day, FreeText, Id, Line, Name, Sha256, Time


class ItemEvent(Event):
    item: Id
    by: Name


class BatchCreated(Event, type="scan.batch_created"):
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
    """With item and scan it decides the sample, which nobody can foresee."""
    on: Day


class ItemReceived(Event, type="scan.item_received"):
    item: Id
    number: Count
    new: NewItem


class ItemPrepared(ItemEvent, type="scan.item_prepared"):
    """Found fit for scanning, unfolded, counted (Dokumentenvorbereitung)."""

    sheets: Sheets
    sheets_before: Sheets


class ItemExcluded(ItemEvent, type="scan.item_excluded"):
    """The item is not scanned, or its paper not destroyed, for good."""

    reason: Exclusion
    onward: Onward
    note: FreeText


class ItemDoubted(ItemEvent, type="scan.item_doubted"):
    reason: Line


class ItemCleared(ItemEvent, type="scan.item_cleared"):
    note: Line


class ItemScanned(Event, type="scan.item_scanned"):
    """A scan was made; the number tells the first from rescans."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"duplicate_of"})

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
    """Other scans with the very same file, as `batch#item`; of batches that not everybody may know who knows this."""
    drawn: bool
    """Whether this item is in the sample that is checked by eye."""


class ItemReworked(ItemEvent, type="scan.item_reworked"):
    """The image was made more legible; what it was made from is named (A.NB.1)."""

    SECRET: ClassVar[frozenset[str]] = frozenset({"duplicate_of"})

    raw: RawScan
    made_from: Sha256
    reason: Line
    duplicate_of: tuple[Line, ...]


class ItemRecounted(ItemEvent, type="scan.item_recounted"):
    sheets: Sheets
    sheets_before: Sheets
    reason: Line


class ItemChecked(ItemEvent, type="scan.item_checked"):
    SECRET: ClassVar[frozenset[str]] = frozenset({"duplicates"})

    at: Time
    visual: bool
    """Whether a person looked at it, rather than the automatic checks alone."""
    result: Line
    duplicates: tuple[Line, ...]
    """Identical files that the inspector was shown and accepted."""


class ItemRejected(ItemEvent, type="scan.item_rejected"):
    """The scan is not good enough; the paper is scanned again."""

    reason: Line


class ItemSealed(ItemEvent, type="scan.item_sealed"):
    product: Product
    stored: Stored


class SealRejected(ItemEvent, type="scan.seal_rejected"):
    """Seal or note is not valid; both are made again from the checked scan."""

    reason: Line


class ItemVerified(ItemEvent, type="scan.item_verified"):
    verification: Verification


class FilesDamaged(ItemEvent, type="scan.files_damaged"):
    """Which files of an item are not as they were stored, all of them; none: all is well again."""

    files: tuple[DamagedFile, ...]


class ItemDelivered(ItemEvent, type="scan.item_delivered"):
    unit: Name
    folder: Id
    mail_item: Id
    sha256: Sha256


class ItemAcknowledged(ItemEvent, type="scan.item_acknowledged"):
    """A document of a case with the product's hash; the paper period runs."""

    record: Id
    case: Id
    document: Id
    sha256: Sha256
    paper_until: Day
    """Last day of the paper period."""


class ItemFellDue(Event, type="scan.item_fell_due"):
    item: Id


class DefectReported(Event, type="scan.defect_reported"):
    item: Id
    defect: Id
    by: Name
    reason: Line
    rescan: bool


class DefectSettled(Event, type="scan.defect_settled"):
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
    item: Id
    hold: Id
    by: Name
    reason: Line


class ProtectionRaised(ItemEvent, type="scan.protection_raised"):
    """The need is higher than thought; stricter measures apply from now on."""

    old: Protection
    new: Protection
    reason: Line


class DestructionReleased(ItemEvent, type="scan.destruction_released"):
    grounds: Grounds
    evidence: DestructionEvidence | None = None
    """None in logs from before product and backup were read for it."""


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
    evidence: DestructionEvidence | None = None
    """None in logs from before product and backup were read for it."""


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
        return getattr(earlier, "item", None) == self.item and not isinstance(earlier, ItemForgotten)


class BatchCounted(Event, type="scan.batch_counted"):
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
    manifest_sha256: Sha256 | None = None
    """Of what the backup's folder says of the run; None in logs from before, and then it lets no paper go."""
