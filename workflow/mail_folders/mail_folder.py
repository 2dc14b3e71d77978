"""The mail folder (E-Postmappe): incoming items from any channel, sighted, assigned, and filed into a case.

Sighting (Sichtung, Sichtvermerk), assignment, acceptance of competence or misdirected (Irrläufer), filing: domain 2.4;
DOMEA 2.1. A folder holds what came in together, so that its stream stays short.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.engine.access import Actor, Protection, Role, highest
from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import ContentErased
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

STATES = {
    "received": "eingegangen",
    "misdirected": "Irrläufer",
    "sighted": "gesichtet",
    "assigned": "zugewiesen",
    "filed": "veraktet",
}
"""State of an item -> German term, the least far first."""


@dataclass(frozen=True)
class Item:
    """An item now."""

    id: str
    incoming: Incoming
    state: str = "received"
    assigned_to: str | None = None
    accepted: bool = False
    record: str | None = None
    case: str | None = None
    document: str | None = None


@dataclass(frozen=True)
class MailFolder:
    """A folder and its items by id."""

    id: str
    authority: str
    unit: str
    title: str
    items: Mapping[str, Item]

    @property
    def state(self) -> str:
        """State of the item that is least far; of an empty folder, `received`."""
        found = [item.state for item in self.items.values()]
        return min(found, key=list(STATES).index) if found else "received"

    @property
    def protection(self) -> Protection:
        """Maximum of the items' needs (rule 20)."""
        return highest([Protection.NORMAL, *(item.incoming.protection for item in self.items.values())])

    def known_to(self, actor: Actor) -> bool:
        """Those of the authority with clearance, and whoever was given an item."""
        given = {item.assigned_to for item in self.items.values()}
        return bool(
            Role.SYSTEM in actor.roles
            or {actor.user, actor.acts_as} & given
            or actor.may_know(self.authority, self.protection)
        )


evolve: Evolver[MailFolder] = Evolver()


@evolve.birth(FolderOpened)
def _opened(event: FolderOpened) -> MailFolder:
    return MailFolder(event.folder, event.authority, event.unit, event.title, {})


def _item(folder: MailFolder, key: str, **changes: object) -> MailFolder:
    item = folder.items.get(key)
    if item is None:  # erased with its file
        return folder
    return replace(folder, items={**folder.items, key: replace(item, **changes)})  # type: ignore[arg-type]


@evolve.on(ItemReceived)
def _received(folder: MailFolder, event: ItemReceived) -> MailFolder:
    return replace(folder, items={**folder.items, event.item: Item(event.item, event.incoming)})


@evolve.on(ItemSighted)
def _sighted(folder: MailFolder, event: ItemSighted) -> MailFolder:
    return _item(folder, event.item, state="sighted")


@evolve.on(ItemAssigned)
def _assigned(folder: MailFolder, event: ItemAssigned) -> MailFolder:
    return _item(folder, event.item, state="assigned", assigned_to=event.to, accepted=False)


@evolve.on(ItemAccepted)
def _accepted(folder: MailFolder, event: ItemAccepted) -> MailFolder:
    return _item(folder, event.item, accepted=True)


@evolve.on(ItemMisdirected)
def _misdirected(folder: MailFolder, event: ItemMisdirected) -> MailFolder:
    return _item(folder, event.item, state="misdirected", assigned_to=None)


@evolve.on(ItemFiled)
def _filed(folder: MailFolder, event: ItemFiled) -> MailFolder:
    return _item(folder, event.item, state="filed", record=event.record, case=event.case, document=event.document)


@evolve.on(ContentErased)
def _erased(folder: MailFolder, event: ContentErased) -> MailFolder:
    return replace(folder, items={key: item for key, item in folder.items.items() if key != event.item})


def stream(folder: str) -> str:
    """Stream of a folder."""
    return f"mail-folder:{folder}"
