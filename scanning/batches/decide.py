"""Deciding what is asked of a scan batch: the machine says whether, the builders say what."""

from datetime import timedelta

from scanning.batches import commands as c
from scanning.batches import events as e
from scanning.batches.builders import BUILDERS
from scanning.batches.guards import Ask
from scanning.batches.machine import MACHINE
from scanning.batches.scan_batch import SCAN_STAFF, Batch, ScanItem, stream
from scanning.batches.scan_centre import terms_for
from workflow.engine.access import Role, highest
from workflow.engine.aggregate import Emitted, Timer
from workflow.engine.commands import Command
from workflow.engine.machine import Option
from workflow.errors import EvaError, Forbidden, InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import local_day, start_of

COMMANDS: dict[str, type[Command]] = {
    model.ACTION: model
    for model in (
        c.CreateBatch, c.ReceiveItem, c.CountBatch, c.RecordBackup, c.Prepare, c.Exclude, c.Doubt, c.Clear, c.Scan,
        c.Rework, c.Recount, c.Check, c.Reject, c.SealItem, c.RejectSeal, c.Verify, c.Deliver, c.Acknowledge,
        c.ReportDefect, c.SettleDefect, c.SetHold, c.ReleaseHold, c.RaiseProtection, c.ReleaseDestruction, c.Destroy,
    )
}  # fmt: skip
"""What people may ask."""

OF_THE_BATCH: dict[str, frozenset[Role]] = {
    "receive": frozenset({Role.SCAN_OPERATOR, Role.SCAN_INSPECTOR, Role.REGISTRAR}),
    "count": frozenset({Role.SCAN_INSPECTOR, Role.REGISTRAR}),
    "record_backup": frozenset({Role.ADMIN, Role.SYSTEM}),
}
"""Actions on the batch as a whole, possible in any state, and who may take them."""


def decide(batch: Batch | None, command: Command, context: Context) -> list[Emitted]:
    """The events that a command leads to, with the streams they belong to; raises what `errors` lists."""
    if isinstance(command, c.CreateBatch):
        return _create(command, context)
    if batch is None or not (batch.known_to(context.actor) or _keeps_backups(batch, command, context)):
        raise NotFound("scan-batch", context.stream.partition(":")[2])
    if command.ACTION in OF_THE_BATCH:
        return _of_the_batch(batch, command, context)
    item = find_item(batch, getattr(command, "item", None))
    ask = Ask(batch, item, command, context)
    row = MACHINE.step(item.state, command.ACTION, context.actor.roles, ask)
    return BUILDERS[row.event](ask, command)


def options(batch: Batch, context: Context, item: str | int | None = None) -> list[Option]:
    """Every action on an item and on the batch, and whether it may be done now."""
    found = find_item(batch, item)
    mine = MACHINE.allowed(found.state, context.actor.roles, Ask(batch, found, None, context))
    return [*mine, *(_whole(action, context) for action in OF_THE_BATCH)]


def find_item(batch: Batch, key: str | int | None) -> ScanItem:
    """The item of that id or number, or the only one."""
    if key is None and len(batch.items) == 1:
        return next(iter(batch.items.values()))
    if isinstance(key, int):
        found = next((item for item in batch.items.values() if item.number == key), None)
    else:
        found = batch.items.get(key) if key else None
    if found is None:
        raise InvalidCommand([("/item", f"the batch has {len(batch.items)} items; name one by id or number")])
    return found


def due(batch: Batch, _rules: Rules) -> list[Timer]:
    """When the paper periods end."""
    found = []
    for item in batch.items.values():
        if item.state == "acknowledged" and item.acknowledgement is not None:
            at = start_of(item.acknowledgement.paper_until + timedelta(days=1))
            found.append(Timer(f"paper:{item.id}", at, c.FallDue(item=item.id)))
    return found


def _keeps_backups(batch: Batch, command: Command, context: Context) -> bool:
    """Backups are taken of everything of an authority, by persons who need not know what is in it."""
    ours = context.actor.authority in {None, batch.authority, batch.carrier}
    return isinstance(command, c.RecordBackup | c.Verify) and ours and Role.ADMIN in context.actor.roles


def _whole(action: str, context: Context) -> Option:
    try:
        _permit(action, context)
    except EvaError as no:
        return Option(action, False, str(no), no.de)
    return Option(action, True, None, None)


def _permit(action: str, context: Context) -> None:
    roles = OF_THE_BATCH[action]
    if not context.actor.roles & roles:
        who = ", ".join(sorted(roles))
        raise Forbidden(f"{action} is for {who}", f"{action} ist {who} vorbehalten")


def _of_the_batch(batch: Batch, command: Command, context: Context) -> list[Emitted]:
    _permit(command.ACTION, context)
    if isinstance(command, c.ReceiveItem):
        return [(stream(batch.id), _received(len(batch.items) + 1, command.new, context))]
    if isinstance(command, c.CountBatch):
        return [(stream(batch.id), _count(batch, command, context))]
    if isinstance(command, c.RecordBackup):
        return [(stream(batch.id), _backup(batch, command, context))]
    raise TypeError(f"nobody builds {command.ACTION}")


def _received(number: int, new: e.NewItem, context: Context) -> e.ItemReceived:
    return e.ItemReceived(item=context.new_id(), number=number, new=new)


def _count(batch: Batch, command: c.CountBatch, context: Context) -> e.BatchCounted:
    envelopes = batch.envelopes if command.envelopes is None else command.envelopes
    if (envelopes, command.sheets) == (batch.envelopes_counted, batch.sheets_counted):
        raise InvalidCommand([("/sheets", "nothing would change")])
    return e.BatchCounted(
        by=context.actor.user,
        envelopes=envelopes,
        sheets=command.sheets,
        envelopes_before=batch.envelopes,
        sheets_before=batch.sheets,
        reason=command.reason,
    )


def _backup(batch: Batch, command: c.RecordBackup, context: Context) -> e.BackupRecorded:
    if command.taken_at > context.now:
        raise InvalidCommand([("/taken_at", "lies in the future")])
    stored = {
        item.product.sha256: item.stored.at for item in batch.items.values() if item.product and item.stored
    }  # fmt: skip
    there = [sha for sha, at in stored.items() if at <= command.taken_at]
    named = there if command.products is None else list(command.products)
    unknown = [sha for sha in named if sha not in there]
    if unknown or not named:
        what = f"product {unknown[0]} was not" if unknown else "no product was"
        raise InvalidCommand([("/products", f"{what} stored in this batch before the backup was taken")])
    return e.BackupRecorded(run=command.run, taken_at=command.taken_at, by=context.actor.user, products=tuple(named))


def _create(command: c.CreateBatch, context: Context) -> list[Emitted]:
    if not context.actor.roles & SCAN_STAFF:
        raise Forbidden("this role takes in no paper", "Diese Rolle nimmt kein Papier entgegen")
    authority = command.authority or context.actor.authority
    if authority is None:
        raise InvalidCommand([("/authority", "say for which authority")])
    admitted = terms_for(command.centre, authority, command.purpose, context)
    if context.actor.authority not in {None, authority, admitted.carrier}:
        raise Forbidden("this is another authority", "Das ist eine andere Behörde")
    need = highest([command.protection, *(new.protection for new in command.items)])
    if not context.actor.clearance.covers(need):
        raise Forbidden("clearance does not cover the protection need", "Die Freigabe deckt den Schutzbedarf nicht")
    batch = context.new_id()
    created = e.BatchCreated(
        batch=batch,
        centre=command.centre,
        carrier=admitted.carrier,
        provisional=admitted.provisional,
        authority=authority,
        unit=command.unit,
        title=command.title,
        purpose=command.purpose,
        envelopes=command.envelopes,
        sheets=command.sheets,
        protection=command.protection,
        terms=admitted.terms,
        secret=context.new_id(),
        on=local_day(context.now),
    )
    received = [(stream(batch), _received(n, new, context)) for n, new in enumerate(command.items, 1)]
    return [(stream(batch), created), *received]
