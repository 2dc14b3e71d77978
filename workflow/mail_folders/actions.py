"""What can be done with a mail folder and its items, one class for each action; `item` names one of the items.

Sighting, assignment, acceptance, misdirected mail and filing: domain 2.4; DOMEA 2.1.
"""

from datetime import date

from pydantic import Field

from workflow.engine.access import Role
from workflow.engine.commands import Built, Command, Emitted, Permission, by_action, rows
from workflow.engine.fields import FreeText, Id, Line, Name
from workflow.errors import Forbidden, InvalidCommand
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
from workflow.mail_folders.guards import Question
from workflow.mail_folders.mail_folder import stream
from workflow.mail_folders.requirements import check_incoming
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.records.decide import decide as decide_record
from workflow.records.events import DocumentAdded
from workflow.records.record import Record
from workflow.records.record import stream as record_stream
from workflow.records.work_actions import AddDocument
from workflow.text import Text

SCANNED = "scan-batch:"
"""How the reference of an item begins that a scan centre delivered (`scan-batch:…#item`)."""
DISTRIBUTORS = {Role.REGISTRAR, Role.APPROVER, Role.CASE_WORKER}
RECEIVING = Permission(
    frozenset({*DISTRIBUTORS, Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, Role.SYSTEM}),
    en="this role receives no mail",
    de="Diese Rolle nimmt keine Post entgegen",
    basis="domain 2.4: Posteingang",
)
_INCOMING = {
    "title": "Antrag auf Förderung", "channel": "portal", "sender": "Windpark Nord GmbH",
    "file": {"sha256": "ab" * 32, "file_name": "antrag.pdf"},
}  # fmt: skip


class OpenFolder(
    Command, action="create", en="Open a mail folder", de="Postmappe anlegen",
    example={"title": "Posteingang 1. Juni", "unit": "poststelle", "items": [_INCOMING]},
):  # fmt: skip
    """A new folder with what came in."""

    title: Line = "Posteingang"
    unit: Name | None = None
    items: tuple[Incoming, ...] = Field(default=(), max_length=1000)
    authority: Name | None = None
    as_delivered: bool = False
    """As their channel delivers them: what it requires must be met. Else they are entered by hand."""

    PERMISSION = RECEIVING

    def open(self, context: Context) -> list[Emitted]:
        """The folder and its items; `InvalidCommand` or `Forbidden` where the authority is not the actor's own."""
        authority = self.authority or context.actor.authority
        if authority is None:
            raise InvalidCommand([("/authority", Text("angeben, für welche Behörde", "say for which authority"))])
        if context.actor.authority not in {None, authority}:
            raise Forbidden("this is another authority", "Das ist eine andere Behörde")
        if self.as_delivered:
            self._check_channels(local_day(context.now))
        folder = context.new_id()
        opened = FolderOpened(folder=folder, authority=authority, unit=self.unit or "poststelle", title=self.title)
        received = [(stream(folder), Receive(incoming=incoming).receive(context)) for incoming in self.items]
        return [(stream(folder), opened), *received]

    def _check_channels(self, day: date) -> None:
        faults = [
            (f"/items/{number}{where}", wrong)
            for number, incoming in enumerate(self.items)
            for where, wrong in check_incoming(incoming, day)
        ]
        if faults:
            raise InvalidCommand(faults)


class Receive(
    Command, action="receive", en="Enter what came in", de="Eingang erfassen", example={"incoming": _INCOMING}
):
    """One more item."""

    incoming: Incoming

    PERMISSION = RECEIVING

    def receive(self, context: Context) -> ItemReceived:
        """The item, of whatever need: the post room need not know what is in it. `InvalidCommand` where `reference`
        speaks as only the engine does.
        """
        reference = self.incoming.reference or ""
        if reference.startswith(SCANNED) and reference != context.cause:
            says = Text(
                f"{SCANNED} nennt, was eine Scanstelle geliefert hat", f"{SCANNED} names what a scan centre delivered"
            )
            raise InvalidCommand([("/incoming/reference", says)])
        return ItemReceived(item=context.new_id(), incoming=self.incoming, at=context.now)


class ItemCommand(Command):
    """Base; without `item` the only one in the folder is meant."""

    item: Id | None = None


class Sight(ItemCommand, action="sight", en="Sight", de="Sichten", example={"note": "eilt"}):
    """Look at an item for the first time, with a note (Sichtung, Sichtvermerk)."""

    note: FreeText = ""

    ROWS = rows(
        "received", "sighted", DISTRIBUTORS, ItemSighted, "cleared",
        en="sighted", de="gesichtet", basis="domain 2.4: Sichtung (Leitung; Sichtvermerk)",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return ItemSighted(item=question.item.id, by=question.user, note=self.note)


class Assign(ItemCommand, action="assign", en="Assign", de="Zuweisen", example={"to": "mueller"}):
    """Give an item to somebody (Zuweisung); a rule may do so at once."""

    to: Name
    note: FreeText = ""

    ROWS = rows(
        "sighted misdirected assigned", "assigned", {*DISTRIBUTORS, Role.SYSTEM}, ItemAssigned,
        "cleared", "addressee_fits",
        en="assigned", de="zugewiesen", basis="domain 2.4: Zuweisung",
    ) + rows(
        "received", "assigned", {Role.SYSTEM}, ItemAssigned, "addressee_fits",
        en="assigned by a rule", de="regelbasiert zugewiesen", basis="F061: direct assignment by rules",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return ItemAssigned(item=question.item.id, to=str(question.to), by=question.user, note=self.note)


class Accept(ItemCommand, action="accept", en="Accept", de="Zuständigkeit annehmen"):
    """Say that one is competent for an item."""

    ROWS = rows(
        "assigned", None, DISTRIBUTORS, ItemAccepted, "cleared", "mine", "not_accepted",
        en="accepted", de="Zuständigkeit anerkannt", basis="domain 2.4",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return ItemAccepted(item=question.item.id, by=question.user)


class Misdirect(
    ItemCommand, action="misdirect", en="Return as misdirected", de="Als Irrläufer zurückgeben",
    example={"reason": "gehört zu Referat 4"},
):  # fmt: skip
    """Give an item back that is for somebody else (Irrläufer)."""

    reason: Line

    ROWS = rows(
        "assigned", "misdirected", DISTRIBUTORS, ItemMisdirected, "cleared", "mine",
        en="misdirected", de="Irrläufer", basis="domain 2.4: Irrläufer zurück",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        return ItemMisdirected(item=question.item.id, by=question.user, reason=self.reason)


class FileItem(
    ItemCommand, action="file", en="File", de="Veraktet ablegen",
    example={"record": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11", "case": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"},
):  # fmt: skip
    """Put an item into a case as a document, in the same transaction."""

    record: Id
    case: Id
    title: Line | None = None

    ROWS = rows(
        "assigned", "filed", {*DISTRIBUTORS, Role.SYSTEM}, ItemFiled, "cleared", "mine", "has_file",
        en="filed into a case", de="zum Vorgang genommen", basis="rule 1",
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        incoming, context, home = question.item.incoming, question.context, stream(question.folder.id)
        if incoming.file is None:
            raise InvalidCommand([("/item", Text("Das Stück hat keine Datei", "the item has no file"))])
        add = AddDocument(
            case=self.case,
            title=self.title or incoming.title,
            file=incoming.file,
            protection=incoming.protection,
        )
        record = context.find(record_stream(self.record), Record)
        if record is None or not record.known_to(context.actor):
            raise InvalidCommand(
                [("/record", Text(f"Eine Akte {self.record} gibt es nicht", f"there is no record {self.record}"))]
            )
        added = decide_record(record, add, context.because_of(f"{home}#{question.item.id}"))
        document = next(event.document for _, event in added if isinstance(event, DocumentAdded))
        filed = ItemFiled(item=question.item.id, record=record.id, case=self.case, document=document)
        return [(home, filed), *added]


ACTIONS: tuple[type[Command], ...] = (OpenFolder, Receive, Sight, Assign, Accept, Misdirect, FileItem)
COMMANDS = by_action(ACTIONS)
"""What people may ask."""
