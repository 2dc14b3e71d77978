"""Folding a mail folder: what each event makes of it and its items. An item's state is that of the row taken."""

from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import ContentErased, Event
from workflow.mail_folders.events import (
    FolderOpened,
    ItemAccepted,
    ItemAssigned,
    ItemFiled,
    ItemMisdirected,
    ItemReceived,
    ItemSighted,
)
from workflow.mail_folders.machine import MACHINE
from workflow.mail_folders.mail_folder import Item, MailFolder

evolve: Evolver[MailFolder] = Evolver()


def _item(folder: MailFolder, key: str, event: Event, **changes: object) -> MailFolder:
    item = folder.items.get(key)
    if item is None:  # erased with its file
        return folder
    item = replace(item, state=MACHINE.state_after(item.state, event), **changes)  # type: ignore[arg-type]
    return replace(folder, items={**folder.items, key: item})


@evolve.birth(FolderOpened)
def _opened(event: FolderOpened) -> MailFolder:
    return MailFolder(event.folder, event.authority, event.unit, event.title, {})


@evolve.on(ItemReceived)
def _received(folder: MailFolder, event: ItemReceived) -> MailFolder:
    return replace(folder, items={**folder.items, event.item: Item(event.item, event.incoming)})


@evolve.on(ItemSighted)
def _sighted(folder: MailFolder, event: ItemSighted) -> MailFolder:
    return _item(folder, event.item, event)


@evolve.on(ItemAssigned)
def _assigned(folder: MailFolder, event: ItemAssigned) -> MailFolder:
    return _item(folder, event.item, event, assigned_to=event.to, accepted=False)


@evolve.on(ItemAccepted)
def _accepted(folder: MailFolder, event: ItemAccepted) -> MailFolder:
    return _item(folder, event.item, event, accepted=True)


@evolve.on(ItemMisdirected)
def _misdirected(folder: MailFolder, event: ItemMisdirected) -> MailFolder:
    return _item(folder, event.item, event, assigned_to=None)


@evolve.on(ItemFiled)
def _filed(folder: MailFolder, event: ItemFiled) -> MailFolder:
    return _item(folder, event.item, event, record=event.record, case=event.case, document=event.document)


@evolve.on(ContentErased)
def _erased(folder: MailFolder, event: ContentErased) -> MailFolder:
    return replace(folder, items={key: item for key, item in folder.items.items() if key != event.item})
