"""Deciding what is asked of a mail folder: the machine says whether, the builders say what."""

from collections.abc import Callable
from typing import Any

from workflow.engine.aggregate import Emitted
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.machine import Option
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.mail_folders.commands import Accept, Assign, FileItem, Misdirect, OpenFolder, Receive, Sight
from workflow.mail_folders.events import (
    FolderOpened,
    Incoming,
    ItemAccepted,
    ItemAssigned,
    ItemFiled,
    ItemMisdirected,
    ItemReceived,
    ItemSighted,
)
from workflow.mail_folders.machine import MACHINE, OPENERS, Ask
from workflow.mail_folders.mail_folder import Item, MailFolder, stream
from workflow.organisation.house_rules import Context
from workflow.records import commands as rc
from workflow.records.decide import decide as decide_record
from workflow.records.events import DocumentAdded
from workflow.records.record import Record
from workflow.records.record import stream as record_stream

COMMANDS: dict[str, type[Command]] = {
    model.ACTION: model for model in (OpenFolder, Receive, Sight, Assign, Accept, Misdirect, FileItem)
}
"""What people may ask."""


def decide(folder: MailFolder | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, OpenFolder):
        return _open(command, context)
    if folder is None or not folder.known_to(context.actor):
        raise NotFound("mail-folder", context.stream.partition(":")[2])
    if isinstance(command, Receive):
        _may_open(context)
        return [(stream(folder.id), _receive(command.incoming, context))]
    item = _meant(folder, command.told("item"))
    ask = Ask(folder, item, command, context)
    row = MACHINE.step(item.state, command.ACTION, context.actor.roles, ask)
    return _BUILDERS[row.event](ask, command)


def options(folder: MailFolder, context: Context, item: str | None = None) -> list[Option]:
    """Every action on an item, and whether it may be done now."""
    found = _meant(folder, item)
    return MACHINE.allowed(found.state, context.actor.roles, Ask(folder, found, None, context))


def _meant(folder: MailFolder, key: str | None) -> Item:
    if key is None and len(folder.items) == 1:
        return next(iter(folder.items.values()))
    if key is None or key not in folder.items:
        raise InvalidCommand([("/item", f"the folder has {len(folder.items)} items; name one of them")])
    return folder.items[key]


def _may_open(context: Context) -> None:
    if not context.actor.roles & OPENERS:
        raise Forbidden("this role receives no mail", "Diese Rolle nimmt keine Post entgegen")


def _open(command: OpenFolder, context: Context) -> list[Emitted]:
    _may_open(context)
    authority = command.authority or context.actor.authority
    if authority is None:
        raise InvalidCommand([("/authority", "say for which authority")])
    if context.actor.authority not in {None, authority}:
        raise Forbidden("this is another authority", "Das ist eine andere Behörde")
    folder = context.new_id()
    opened = FolderOpened(folder=folder, authority=authority, unit=command.unit or "poststelle", title=command.title)
    received = [(stream(folder), _receive(incoming, context)) for incoming in command.items]
    return [(stream(folder), opened), *received]


def _receive(incoming: Incoming, context: Context) -> ItemReceived:
    return ItemReceived(item=context.new_id(), incoming=incoming, at=context.now)


def _file(ask: Ask, command: FileItem) -> list[Emitted]:
    """The item becomes a document of the case in the same transaction."""
    incoming, context = ask.item.incoming, ask.context
    if incoming.file is None:
        raise InvalidCommand([("/item", "the item has no file")])
    add = rc.AddDocument(
        case=command.case,
        title=command.title or incoming.title,
        file=incoming.file,
        protection=incoming.protection,
        source=f"{stream(ask.folder.id)}#{ask.item.id}",
    )
    record = context.find(record_stream(command.record), Record)
    if record is None or not record.known_to(context.actor):
        raise InvalidCommand([("/record", f"there is no record {command.record}")])
    added = decide_record(record, add, context)
    document = next(event.document for _, event in added if isinstance(event, DocumentAdded))
    filed = ItemFiled(item=ask.item.id, record=record.id, case=command.case, document=document)
    return [(stream(ask.folder.id), filed), *added]


def _here(ask: Ask, event: Event) -> list[Emitted]:
    return [(stream(ask.folder.id), event)]


_BUILDERS: dict[str, Callable[[Ask, Any], list[Emitted]]] = {
    "mail.item_sighted": lambda a, c: _here(a, ItemSighted(item=a.item.id, by=a.context.actor.user, note=c.note)),
    "mail.item_assigned": lambda a, c: _here(
        a, ItemAssigned(item=a.item.id, to=c.to, by=a.context.actor.user, note=c.note)
    ),
    "mail.item_accepted": lambda a, _: _here(a, ItemAccepted(item=a.item.id, by=a.context.actor.user)),
    "mail.item_misdirected": lambda a, c: _here(
        a, ItemMisdirected(item=a.item.id, by=a.context.actor.user, reason=c.reason)
    ),
    "mail.item_filed": _file,
}
