"""What can happen to incoming mail in an E-Postmappe."""

from enum import StrEnum

from workflow.engine.access import Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import FreeText, Id, Line, Name, Time
from workflow.mail_folders.channels import Channel
from workflow.records.files import File


class Proof(StrEnum):
    """By what a document stands for the written form (§ 3a VwVfG, Regulation 910/2014)."""

    QUALIFIED_SIGNATURE = "qualified_signature"
    QUALIFIED_SEAL = "qualified_seal"


class Incoming(Model):
    title: Line
    channel: Channel = Channel.SCAN_CENTRE
    file: File | None = None
    sender: Line | None = None
    protection: Protection = Protection.NORMAL
    reference: Line | None = None
    """What the channel calls it, such as the scan batch and item."""
    proof: Proof | None = None
    """A qualified signature or seal that was found valid when it came in (F019, F025)."""
    written_form: bool = False
    """Whether the law asks for the written form; then a proof is needed, or a channel that stands for it."""


class FolderOpened(Event, type="mail.folder_opened"):
    folder: Id
    authority: Name
    unit: Name
    title: Line


class ItemReceived(Event, type="mail.item_received"):
    item: Id
    incoming: Incoming
    at: Time


class ItemSighted(Event, type="mail.item_sighted"):
    """Looked at by the one who distributes (Sichtvermerk)."""

    item: Id
    by: Name
    note: FreeText


class ItemAssigned(Event, type="mail.item_assigned"):
    item: Id
    to: Name
    by: Name
    note: FreeText


class ItemAccepted(Event, type="mail.item_accepted"):
    item: Id
    by: Name


class ItemMisdirected(Event, type="mail.item_misdirected"):
    """Not for this person (Irrläufer); waits to be assigned anew."""

    item: Id
    by: Name
    reason: Line


class ItemFiled(Event, type="mail.item_filed"):
    item: Id
    record: Id
    case: Id
    document: Id
