"""The mail folder (E-Postmappe): incoming items from any channel, sighted, assigned, and filed into a case.

Sighting (Sichtung, Sichtvermerk), assignment, acceptance of competence or misdirected (Irrläufer), filing: domain 2.4;
DOMEA 2.1. A folder holds what came in together, so that its stream stays short.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import Field

from workflow import record_commands as rc
from workflow.access import Actor, Protection, Role, highest
from workflow.changing import replace
from workflow.commands import Command
from workflow.context import Context, Emitted
from workflow.erasure import ContentErased
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.events import Event, Model
from workflow.evolver import Evolver
from workflow.machine import Guard, Machine, Option, Row, rows
from workflow.record import Record
from workflow.record import stream as record_stream
from workflow.record_decisions import decide as decide_record
from workflow.record_events import DocumentAdded
from workflow.staff import clearance_of, deputises, has_left
from workflow.text import Id, Line, Name, Text, Time


class Channel(StrEnum):
    """How it came in."""

    SCAN_CENTRE = "scan_centre"
    PORTAL = "portal"
    EMAIL = "email"
    SPECIAL_MAILBOX = "special_mailbox"
    SPECIALIST_SYSTEM = "specialist_system"
    E_INVOICE = "e_invoice"
    LARGE_UPLOAD = "large_upload"


class Incoming(Model):
    """An item as it comes in."""

    title: Line
    channel: Channel = Channel.SCAN_CENTRE
    file: rc.File | None = None
    sender: Line | None = None
    protection: Protection = Protection.NORMAL
    reference: Line | None = None
    """What the channel calls it, such as the scan batch and item."""


class FolderOpened(Event, type="mail.folder_opened"):
    """A folder was opened for a unit."""

    folder: Id
    authority: Name
    unit: Name
    title: Line


class ItemReceived(Event, type="mail.item_received"):
    """An item came in."""

    item: Id
    incoming: Incoming
    at: Time


class ItemSighted(Event, type="mail.item_sighted"):
    """Looked at by the one who distributes (Sichtvermerk)."""

    item: Id
    by: Name
    note: Text


class ItemAssigned(Event, type="mail.item_assigned"):
    """Given to a person."""

    item: Id
    to: Name
    by: Name
    note: Text


class ItemAccepted(Event, type="mail.item_accepted"):
    """The person says that they are competent."""

    item: Id
    by: Name


class ItemMisdirected(Event, type="mail.item_misdirected"):
    """Not for this person (Irrläufer); waits to be assigned anew."""

    item: Id
    by: Name
    reason: Line


class ItemFiled(Event, type="mail.item_filed"):
    """A document of a case now."""

    item: Id
    record: Id
    case: Id
    document: Id


class OpenFolder(Command, action="create"):
    """A new folder with what came in."""

    title: Line = "Posteingang"
    unit: Name | None = None
    items: tuple[Incoming, ...] = Field(default=(), max_length=1000)
    authority: Name | None = None


class Receive(Command, action="receive"):
    """One more item."""

    incoming: Incoming


class ItemCommand(Command):
    """Base; without `item` the only one in the folder is meant."""

    item: Id | None = None


class Sight(ItemCommand, action="sight"):
    """Look at it, with a note."""

    note: Text = ""


class Assign(ItemCommand, action="assign"):
    """Give it to somebody."""

    to: Name
    note: Text = ""


class Accept(ItemCommand, action="accept"):
    """It is mine."""


class Misdirect(ItemCommand, action="misdirect"):
    """It is not mine."""

    reason: Line


class FileItem(ItemCommand, action="file"):
    """Put it into a case as a document."""

    record: Id
    case: Id
    title: Line | None = None


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
        return min(found, key=list(MACHINE.states).index) if found else "received"

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


@dataclass(frozen=True)
class Ask:
    """What a guard may look at."""

    folder: MailFolder
    item: Item
    command: Command | None
    context: Context

    def asking(self, action: str) -> "Ask":  # noqa: ARG002 - guards here look at commands, not at action names
        """The same without a command."""
        return replace(self, command=None)


def _mine(ask: Ask) -> bool:
    to, actor = ask.item.assigned_to, ask.context.actor
    return to is not None and (to in {actor.user, actor.on_behalf_of} or deputises(actor.user, to, ask.context))


def _mine_or_system(ask: Ask) -> bool:
    return Role.SYSTEM in ask.context.actor.roles or _mine(ask)


def _addressee_fits(ask: Ask) -> bool:
    command, need = ask.command, ask.item.incoming.protection
    if not isinstance(command, Assign):
        return True
    cleared = need is Protection.NORMAL or clearance_of(command.to, ask.context).covers(need)
    return cleared and not has_left(command.to, ask.context)


GUARDS: dict[str, Guard[Ask]] = {
    "cleared": Guard(
        lambda a: a.context.actor.clearance.covers(a.item.incoming.protection),
        "clearance does not cover the protection need",
        "die Freigabe deckt den Schutzbedarf nicht",
        personal=True,
    ),
    "mine": Guard(_mine_or_system, "it is assigned to somebody else", "zugewiesen ist jemand anders", personal=True),
    "addressee_fits": Guard(
        _addressee_fits,
        "the addressee lacks clearance or has left",
        "der Person fehlt die Freigabe oder sie ist ausgeschieden",
    ),
    "not_accepted": Guard(lambda a: not a.item.accepted, "already accepted", "bereits angenommen"),
    "has_file": Guard(
        lambda a: a.item.incoming.file is not None, "the item has no file", "zur Sendung gibt es keine Datei"
    ),
}

DISTRIBUTORS = {Role.REGISTRAR, Role.APPROVER, Role.CASE_WORKER}
OPENERS = {*DISTRIBUTORS, Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, Role.SYSTEM}


def _rows() -> list[Row]:
    here = ("cleared",)
    return [
        *rows(
            "received", "sight", "sighted", DISTRIBUTORS, "mail.item_sighted", *here,
            en="sighted", de="gesichtet", basis="domain 2.4: Sichtung (Leitung; Sichtvermerk)",
        ),
        *rows(
            "sighted misdirected assigned", "assign", "assigned", {*DISTRIBUTORS, Role.SYSTEM}, "mail.item_assigned",
            *here, "addressee_fits",
            en="assigned", de="zugewiesen", basis="domain 2.4: Zuweisung",
        ),
        *rows(
            "received", "assign", "assigned", {Role.SYSTEM}, "mail.item_assigned", "addressee_fits",
            en="assigned by a rule", de="regelbasiert zugewiesen", basis="F061: direct assignment by rules",
        ),
        *rows(
            "assigned", "accept", None, DISTRIBUTORS, "mail.item_accepted", *here, "mine", "not_accepted",
            en="accepted", de="Zuständigkeit anerkannt", basis="domain 2.4",
        ),
        *rows(
            "assigned", "misdirect", "misdirected", DISTRIBUTORS, "mail.item_misdirected", *here, "mine",
            en="misdirected", de="Irrläufer", basis="domain 2.4: Irrläufer zurück",
        ),
        *rows(
            "assigned", "file", "filed", {*DISTRIBUTORS, Role.SYSTEM}, "mail.item_filed", *here, "mine", "has_file",
            en="filed into a case", de="zum Vorgang genommen", basis="rule 1",
        ),
    ]  # fmt: skip


MACHINE: Machine[Ask] = Machine(
    name="mail-folder",
    states={
        "received": "eingegangen",
        "misdirected": "Irrläufer",
        "sighted": "gesichtet",
        "assigned": "zugewiesen",
        "filed": "veraktet",
    },
    initial="received",
    ends=frozenset({"filed"}),
    table=_rows(),
    guards=GUARDS,
)

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
    item = _meant(folder, getattr(command, "item", None))
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
