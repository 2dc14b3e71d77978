"""The mail folder (E-Postmappe) with its items, as the API shows it."""

from dataclasses import replace
from typing import Annotated

from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Resource, find_any_allowed
from workflow.engine.access import Protection
from workflow.engine.machine import Option
from workflow.mail_folders.access import show
from workflow.mail_folders.actions import COMMANDS
from workflow.mail_folders.channels import Channel
from workflow.mail_folders.decide import options, receiving
from workflow.mail_folders.events import Proof
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import MailFolder
from workflow.organisation.house_rules import Context
from workflow.records.files import File
from workflow.records.record import Record, stream

MailItemState = Annotated[str, one_of("MailItemState", MACHINE.states)]


class MailItemRepresentation(Representation):
    """One incoming item."""

    id: str
    state: MailItemState
    title: Annotated[str, From("incoming.title")]
    channel: Annotated[Channel, From("incoming.channel")]
    sender: Annotated[str | None, From("incoming.sender")]
    protection: Annotated[Protection, From("incoming.protection")]
    reference: Annotated[str | None, From("incoming.reference")]
    file: Annotated[File | None, From("incoming.file")]
    proof: Annotated[Proof | None, From("incoming.proof")]
    assigned_to: str | None
    accepted: bool
    record: str | None
    case: str | None
    document: str | None


class MailFolderRepresentation(Representation):
    """A mail folder (E-Postmappe); its state is that of the item least far. Whoever knows of it only by items given to
    them sees no other items, and neither unit nor title.
    """

    state: MailItemState
    authority: str
    unit: str | None
    title: str | None
    protection: Protection
    items: list[MailItemRepresentation]


def _options(folder: MailFolder, context: Context, item: str | None) -> list[Option]:
    merged = find_any_allowed(options(folder, context, key) for key in ([item] if item else folder.items))
    return [*merged, receiving(folder, context.actor)]


def _list_records(folder: MailFolder) -> set[str]:
    return {item.record for item in folder.items.values() if item.record is not None}


def _knows_record(key: str, context: Context) -> bool:
    record = context.find(stream(key), Record)
    return record is not None and record.known_to(context.actor)


def _show(folder: MailFolder, context: Context) -> MailFolder | None:
    """As `show`, without naming the records that items went to and the person may not know of."""
    shown = show(folder, context)
    hidden = {key for key in _list_records(shown) if not _knows_record(key, context)} if shown else set()
    if shown is None or not hidden:
        return shown
    items = {
        key: replace(item, record=None, case=None, document=None) if item.record in hidden else item
        for key, item in shown.items.items()
    }
    return replace(shown, items=items)


def _tell(folder: MailFolder, fields: Fields, context: Context) -> bool:
    """That an item was filed is told to those who may know the record."""
    record = fields.get("record")
    known = folder.whole or fields.get("item") in folder.items
    return known and (record is None or _knows_record(record, context))


RESOURCE = Resource(
    name="mail-folder",
    plural="mail-folders",
    en="mail folder",
    de="E-Postmappe",
    commands=COMMANDS,
    representation=MailFolderRepresentation,
    knowledge=Knowledge(_show, _tell, lambda folder: map(stream, _list_records(folder))),
    options=_options,
    machine=MACHINE,
    part="item",
    filters=(
        Filter("state", "only those in one of these states", tuple(MACHINE.states)),
        Filter("authority", "only those of one of these authorities"),
        Filter("unit", "only those of one of these units"),
    ),
)
