"""What can happen to incoming mail in an E-Postmappe."""

from enum import StrEnum

from workflow.engine.access import Protection
from workflow.engine.events import Event, Model
from workflow.engine.fields import FreeText, Id, Line, Name, Time
from workflow.records.events import File


class Channel(StrEnum):
    SCAN_CENTRE = "scan_centre"
    PORTAL = "portal"
    EMAIL = "email"
    SPECIAL_MAILBOX = "special_mailbox"
    SPECIALIST_SYSTEM = "specialist_system"
    E_INVOICE = "e_invoice"
    LARGE_UPLOAD = "large_upload"


class Incoming(Model):
    title: Line
    channel: Channel = Channel.SCAN_CENTRE
    file: File | None = None
    sender: Line | None = None
    protection: Protection = Protection.NORMAL
    reference: Line | None = None
    """What the channel calls it, such as the scan batch and item."""


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
