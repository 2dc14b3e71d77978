"""The mail folder (E-Postmappe) with its items, as the API shows it."""

from typing import Annotated

from api.application.resources.representation import From, Representation
from api.application.resources.resource import Resource, find_any_allowed
from workflow.engine.access import Protection
from workflow.engine.machine import Option
from workflow.mail_folders.actions import COMMANDS, RECEIVING, Receive
from workflow.mail_folders.decide import options
from workflow.mail_folders.events import Channel
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import MailFolder
from workflow.organisation.house_rules import Context
from workflow.records.events import File


class MailItemRepresentation(Representation):
    """One incoming item."""

    id: str
    state: str
    title: Annotated[str, From("incoming.title")]
    channel: Annotated[Channel, From("incoming.channel")]
    sender: Annotated[str | None, From("incoming.sender")]
    protection: Annotated[Protection, From("incoming.protection")]
    reference: Annotated[str | None, From("incoming.reference")]
    file: Annotated[File | None, From("incoming.file")]
    assigned_to: str | None
    accepted: bool
    record: str | None
    case: str | None
    document: str | None


class MailFolderRepresentation(Representation):
    """A mail folder (E-Postmappe); its state is that of the item least far."""

    state: str
    authority: str
    unit: str
    title: str
    protection: Protection
    items: list[MailItemRepresentation]


def _options(folder: MailFolder, context: Context, item: str | None) -> list[Option]:
    merged = find_any_allowed(options(folder, context, key) for key in ([item] if item else folder.items))
    return [*merged, RECEIVING.option(Receive.ACTION, context.actor)]


RESOURCE = Resource(
    name="mail-folder",
    plural="mail-folders",
    en="mail folder",
    de="E-Postmappe",
    commands=COMMANDS,
    representation=MailFolderRepresentation,
    options=_options,
    machine=MACHINE,
    part="item",
)
