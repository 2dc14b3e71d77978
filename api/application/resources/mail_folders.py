"""The mail folder (E-Postmappe) with its items, as the API shows it."""

from typing_extensions import TypedDict

from api.application.resources.resource import Fields, Resource
from workflow.engine.access import Protection
from workflow.engine.machine import Option
from workflow.mail_folders.actions import COMMANDS, RECEIVING, Receive
from workflow.mail_folders.decide import options
from workflow.mail_folders.events import Channel
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import Item, MailFolder
from workflow.organisation.house_rules import Context
from workflow.records.events import File


class FileShown(TypedDict):
    """A file by its SHA-256."""

    sha256: str
    file_name: str
    media_type: str
    size: int


class ItemShown(TypedDict):
    """One incoming item."""

    id: str
    state: str
    title: str
    channel: Channel
    sender: str | None
    protection: Protection
    reference: str | None
    file: FileShown | None
    assigned_to: str | None
    accepted: bool
    record: str | None
    case: str | None
    document: str | None


class MailFolderShown(TypedDict):
    """A mail folder (E-Postmappe); its state is that of the item least far."""

    state: str
    authority: str
    unit: str
    title: str
    protection: Protection
    items: list[ItemShown]


def _item(item: Item) -> ItemShown:
    incoming = item.incoming
    return {
        "id": item.id,
        "state": item.state,
        "title": incoming.title,
        "channel": incoming.channel,
        "sender": incoming.sender,
        "protection": incoming.protection,
        "reference": incoming.reference,
        "file": _file(incoming.file),
        "assigned_to": item.assigned_to,
        "accepted": item.accepted,
        "record": item.record,
        "case": item.case,
        "document": item.document,
    }


def _file(file: File | None) -> FileShown | None:
    if file is None:
        return None
    return {"sha256": file.sha256, "file_name": file.file_name, "media_type": file.media_type, "size": file.size}


def represent(folder: MailFolder) -> Fields:
    """The folder with its items."""
    shown: MailFolderShown = {
        "state": folder.state,
        "authority": folder.authority,
        "unit": folder.unit,
        "title": folder.title,
        "protection": folder.protection,
        "items": [_item(item) for item in folder.items.values()],
    }
    return dict(shown)


def _options(folder: MailFolder, context: Context, item: str | None) -> list[Option]:
    """What may be done with an item; without one named, an action is allowed if it is for any of them."""
    each = [options(folder, context, key) for key in ([item] if item else folder.items)]
    merged = [next((o for o in same if o.allowed), same[0]) for same in zip(*each, strict=True)]
    return [*merged, RECEIVING.option(Receive.ACTION, context.actor)]


def _knows(folder: MailFolder, context: Context) -> bool:
    return folder.known_to(context.actor)


RESOURCE = Resource(
    name="mail-folder",
    plural="mail-folders",
    en="mail folder",
    de="E-Postmappe",
    commands=COMMANDS,
    representation=MailFolderShown,
    represent=represent,
    knows=_knows,
    options=_options,
    machine=MACHINE,
    part="item",
)
