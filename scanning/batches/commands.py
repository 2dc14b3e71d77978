"""What can be asked of a scan batch; `item` names one of its items by its id or its number."""

from typing import Annotated

from pydantic import Field

from scanning.batches.events import NewItem, Purpose, Sheets, Stored, Verification
from scanning.requirements.exclusions import Exclusion, Onward
from scanning.requirements.scan_product import Product, RawScan
from workflow.engine.access import Protection
from workflow.engine.commands import Command
from workflow.engine.fields import Count, FreeText, Id, Line, Name, Sha256, Time

Number = Annotated[int, Field(ge=1, le=100_000)]


class CreateBatch(Command, action="create"):
    """A batch has arrived; `authority` is the client whose mail it is."""

    centre: Name = "scanstelle"
    authority: Name | None = None
    unit: Name = "poststelle"
    title: Line = "Posteingang"
    purpose: Purpose = Purpose.INCOMING_MAIL
    envelopes: Count | None = None
    """Counted on arrival; as many as items where it is left out, those that come later included."""
    sheets: Count | None = None
    """Counted on arrival; the items' sheets where it is left out, those that come later included."""
    protection: Protection = Protection.NORMAL
    """Need of the whole; each item has at least this (A.G.2)."""
    items: tuple[NewItem, ...] = Field(default=(), max_length=1000)


class ReceiveItem(Command, action="receive"):
    """One more item of the batch."""

    new: NewItem


class CountBatch(Command, action="count"):
    """Correct what was counted on arrival."""

    sheets: Count
    envelopes: Count | None = None
    reason: Line


class RecordBackup(Command, action="record_backup"):
    """A verified backup run; without `products` it holds every product stored before it was taken."""

    run: Line
    taken_at: Time
    products: tuple[Sha256, ...] | None = None


class ItemCommand(Command):
    """Base; without `item` the only one in the batch is meant."""

    item: Id | Number | None = None


class Prepare(ItemCommand, action="prepare"):
    """It is fit for scanning; `sheets` as counted now, as on arrival where it is left out."""

    sheets: Sheets | None = None


class Exclude(ItemCommand, action="exclude"):
    """Take it off the way to destruction."""

    reason: Exclusion
    onward: Onward = Onward.PAPER
    note: FreeText = ""


class Doubt(ItemCommand, action="doubt"):
    """Stop: whether it is authentic or whole is in doubt."""

    reason: Line


class Clear(ItemCommand, action="clear"):
    """The superior or sender was asked; it may go on."""

    note: Line


class Scan(ItemCommand, action="scan"):
    """Scan it, for the first time or again; the file has been checked and stored."""

    raw: RawScan
    sheets: Count | None = None
    """The scanner's own count; where it is left out a sheet has one page, or two in duplex."""
    duplex: bool = False
    environment: Line = "Scanner nicht angegeben"


class Rework(ItemCommand, action="rework"):
    """A more legible image made from the scan."""

    raw: RawScan
    reason: Line


class Recount(ItemCommand, action="recount"):
    """Count the paper of an item again."""

    sheets: Sheets
    reason: Line


class Check(ItemCommand, action="check"):
    """It is good and complete."""

    visual: bool = True
    """Whether it was looked at; an item outside the sample may pass on the automatic checks alone."""
    accept_duplicate: bool = False
    """An identical file was pointed out and is right nevertheless."""
    note: FreeText = ""


class Reject(ItemCommand, action="reject"):
    """It has to be scanned again."""

    reason: Line


class SealItem(ItemCommand, action="seal"):
    """The product, sealed and stored."""

    product: Product
    stored: Stored


class RejectSeal(ItemCommand, action="reject_seal"):
    """Note and seal have to be made anew."""

    reason: Line


class Verify(ItemCommand, action="verify"):
    """The stored product was read and verified."""

    verification: Verification


class Deliver(ItemCommand, action="deliver"):
    """Put it into the mail folder of its addressee."""

    unit: Name | None = None


class Acknowledge(ItemCommand, action="acknowledge"):
    """It has been filed into a case."""


class ReportDefect(ItemCommand, action="report_defect"):
    """The document is wanting; with `rescan` the paper is scanned again, else somebody looks first."""

    reason: Line
    rescan: bool = True


class SettleDefect(ItemCommand, action="settle_defect"):
    """The defect was looked into and is none."""

    defect: Id | None = None
    result: Line


class SetHold(ItemCommand, action="hold"):
    """Keep the paper."""

    reason: Line


class ReleaseHold(ItemCommand, action="release_hold"):
    """That reason to keep it is gone; without `hold` the only one is meant."""

    hold: Id | None = None
    reason: Line


class RaiseProtection(ItemCommand, action="raise_protection"):
    """The need is higher than thought."""

    protection: Protection
    reason: Line


class FallDue(ItemCommand, action="fall_due"):
    """By time: the paper period is over."""


class Forget(ItemCommand, action="forget"):
    """By consequence: the file it belongs to was deleted."""

    with_file: Line


class ReleaseDestruction(ItemCommand, action="release_destruction"):
    """Authorise the destruction of the paper."""


class Destroy(ItemCommand, action="destroy"):
    """The paper was destroyed; `method` goes into the protocol."""

    method: FreeText = ""
