"""Actions on a scan batch as a whole, possible in any state of its items: create, receive, count, record a backup."""

from typing import ClassVar

from pydantic import Field

from scanning.batches import events as e
from scanning.batches.scan_batch import SCAN_STAFF, Batch, stream
from scanning.batches.values import NewItem
from scanning.centres.admission import admit_batch
from scanning.requirements.terms import Purpose
from workflow.engine.access import Protection, Role, highest
from workflow.engine.commands import Command, Emitted, Permission
from workflow.engine.events import Event
from workflow.engine.fields import Count, Line, Name, Sha256, Time
from workflow.errors import Forbidden, InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.organisation.working_days import local_day
from workflow.text import Text

TAKING_IN = Permission(
    SCAN_STAFF,
    en="this role takes in no paper",
    de="Diese Rolle nimmt kein Papier entgegen",
    basis="TR-03138 A.DV.2",
)


class CreateBatch(
    Command, action="create", en="Create a batch", de="Stapel anlegen",
    example={"centre": "rheinland", "title": "Posteingang 1. Juni", "items": [{"title": "Antrag", "sheets": 2}]},
):  # fmt: skip
    """A batch has arrived; `authority` is the client whose mail it is."""

    centre: Name = "scanstelle"
    authority: Name | None = None
    unit: Name = "poststelle"
    title: Line = "Posteingang"
    purpose: Purpose = Purpose.INCOMING_MAIL
    envelopes: Count | None = None
    """Counted on arrival; as many as items where it is left out, those that come later included."""
    sheets: Count | None = None
    """Counted on arrival; the items' sheets where it is left out, those that come later included."""
    protection: Protection = Protection.NORMAL
    """Need of the whole; each item has at least this (A.G.2)."""
    items: tuple[NewItem, ...] = Field(default=(), max_length=1000)

    PERMISSION = TAKING_IN

    def open(self, context: Context) -> list[Emitted]:
        """The batch and its items; raises `Forbidden`, `InvalidCommand`, and what admission to the centre raises."""
        authority = self.authority or context.actor.authority
        if authority is None:
            raise InvalidCommand([("/authority", Text("angeben, für welche Behörde", "say for which authority"))])
        admitted = admit_batch(self.centre, authority, self.purpose, context)
        if context.actor.authority not in {None, authority, admitted.carrier}:
            raise Forbidden("this is another authority", "Das ist eine andere Behörde")
        need = highest([self.protection, *(new.protection for new in self.items)])
        if not context.actor.clearance.covers(need):
            raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
        batch = context.new_id()
        created = e.BatchCreated(
            batch=batch,
            centre=self.centre,
            carrier=admitted.carrier,
            provisional=admitted.provisional,
            authority=authority,
            unit=self.unit,
            title=self.title,
            purpose=self.purpose,
            envelopes=self.envelopes,
            sheets=self.sheets,
            protection=self.protection,
            terms=admitted.terms,
            secret=context.new_id(),
            on=local_day(context.now),
        )
        items = [e.ItemReceived(item=context.new_id(), number=n, new=new) for n, new in enumerate(self.items, 1)]
        return [(stream(batch), created), *((stream(batch), item) for item in items)]


class BatchCommand(Command):
    """Base of actions on the batch as a whole; a permission says who may."""

    PERMISSION: ClassVar[Permission]

    def record(self, batch: Batch, context: Context) -> Event:
        """The event; raises `InvalidCommand`."""
        raise NotImplementedError


class ReceiveItem(
    BatchCommand, action="receive", en="Enter what came in", de="Eingang erfassen",
    example={"new": {"title": "Nachzügler", "sheets": 1}},
):  # fmt: skip
    """One more item of the batch."""

    new: NewItem

    PERMISSION = Permission(
        SCAN_STAFF,
        en="Receiving an item is for registrar, scan operator, scan inspector",
        de="Scangut annehmen ist Registratur, Scankraft, Prüfkraft der Scanstelle vorbehalten",
        basis="TR-03138 A.DV.2",
    )

    def record(self, batch: Batch, context: Context) -> Event:
        return e.ItemReceived(item=context.new_id(), number=len(batch.items) + 1, new=self.new)


class CountBatch(
    BatchCommand, action="count", en="Count again", de="Neu zählen", example={"sheets": 2, "reason": "nachgezählt"}
):
    """Correct what was counted on arrival."""

    sheets: Count
    envelopes: Count | None = None
    reason: Line

    PERMISSION = Permission(
        frozenset({Role.SCAN_INSPECTOR, Role.REGISTRAR}),
        en="Counting again is for registrar, scan inspector",
        de="Neu zählen ist Registratur, Prüfkraft der Scanstelle vorbehalten",
        basis="TR-03138 A.NB.3",
    )

    def record(self, batch: Batch, context: Context) -> Event:
        envelopes = batch.envelopes if self.envelopes is None else self.envelopes
        if (envelopes, self.sheets) == (batch.envelopes_counted, batch.sheets_counted):
            raise InvalidCommand([("/sheets", Text("Es würde sich nichts ändern", "nothing would change"))])
        return e.BatchCounted(
            by=context.actor.user,
            envelopes=envelopes,
            sheets=self.sheets,
            envelopes_before=batch.envelopes,
            sheets_before=batch.sheets,
            reason=self.reason,
        )


class RecordBackup(BatchCommand, action="record_backup"):
    """By consequence: a backup run has copied these products and read them back. Nobody can enter one by hand."""

    run: Line
    taken_at: Time
    products: tuple[Sha256, ...]
    manifest_sha256: Sha256

    PERMISSION = Permission(
        frozenset({Role.SYSTEM}),
        en="backup runs are recorded by the system alone",
        de="Sicherungsläufe trägt nur das System ein",
        basis="TR-03138 A.T.4; rule 24",
    )

    def record(self, batch: Batch, context: Context) -> Event:
        if self.taken_at > context.now:
            raise InvalidCommand([("/taken_at", Text("liegt in der Zukunft", "lies in the future"))])
        stored = {
            item.product.sha256: item.stored.at for item in batch.items.values() if item.product and item.stored
        }  # fmt: skip
        there = {sha for sha, at in stored.items() if at <= self.taken_at}
        unknown = [sha for sha in self.products if sha not in there]
        if unknown or not self.products:
            what = f"product {unknown[0]} was not" if unknown else "no product was"
            nicht = f"Das Scanprodukt {unknown[0]} war nicht" if unknown else "Kein Scanprodukt war"
            says = Text(
                f"{nicht} in diesem Stapel gespeichert, bevor die Sicherung entstand",
                f"{what} stored in this batch before the backup was taken",
            )
            raise InvalidCommand([("/products", says)])
        return e.BackupRecorded(
            run=self.run,
            taken_at=self.taken_at,
            by=context.actor.user,
            products=self.products,
            manifest_sha256=self.manifest_sha256,
        )
