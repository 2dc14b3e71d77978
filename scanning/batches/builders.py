"""What is recorded when a row of the scan batch's machine is taken: one small function per event."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from scanning.batches import commands as c
from scanning.batches import events as e
from scanning.batches.file_index import ScanFile, mail_stream
from scanning.batches.file_index import stream as file_stream
from scanning.batches.guards import Ask, filed_document, mail_item
from scanning.batches.scan_batch import Scan, reference, stream
from workflow.engine.access import SYSTEM
from workflow.engine.aggregate import Emitted
from workflow.engine.events import Event
from workflow.errors import InvalidCommand
from workflow.mail_folders import actions as mail
from workflow.mail_folders.decide import decide as decide_mail
from workflow.mail_folders.events import Channel, FolderOpened, Incoming, ItemReceived
from workflow.mail_folders.mail_folder import MailFolder
from workflow.mail_folders.mail_folder import stream as folder_stream
from workflow.organisation.working_days import local_day
from workflow.records.events import File

Builder = Callable[[Ask, Any], list[Emitted]]


def _here(ask: Ask, event: Event) -> list[Emitted]:
    return [(stream(ask.batch.id), event)]


def is_in_sample(secret: str, item: str, raw: str, percent: int, at: str = "") -> bool:
    """Whether an item is in the sample (A.SC.8): a hash decides, of the batch's secret, the scan and its instant, so
    that nobody knows before the scan is made, and the same log gives the same sample.
    """
    digest = sha256(f"{secret}/{item}/{raw}/{at}".encode()).digest()
    return int.from_bytes(digest[:8]) % 10_000 < 100 * percent


def _prepared(ask: Ask, command: c.Prepare) -> list[Emitted]:
    before = ask.item.sheets
    sheets = before if command.sheets is None else command.sheets
    return _here(ask, e.ItemPrepared(item=ask.item.id, by=_by(ask), sheets=sheets, sheets_before=before))


def _by(ask: Ask) -> str:
    return ask.context.actor.user


def _excluded(ask: Ask, command: c.Exclude) -> list[Emitted]:
    event = e.ItemExcluded(
        item=ask.item.id, by=_by(ask), reason=command.reason, onward=command.onward, note=command.note
    )
    return _here(ask, event)


def _used(ask: Ask, raw: str) -> tuple[tuple[str, ...], Emitted]:
    """Who used the same file before, and the event that says that this item uses it now."""
    known = ask.context.find(file_stream(raw), ScanFile)
    mark = f"{ask.batch.id}#{ask.item.id}"
    return known.used_by if known else (), (file_stream(raw), e.FileScanned(sha256=raw, used_by=mark))


def _scanned(ask: Ask, command: c.Scan) -> list[Emitted]:
    batch, item, raw = ask.batch, ask.item, command.raw
    twins, used = _used(ask, raw.sha256)
    sheets = command.sheets
    if sheets is None:
        sheets = (raw.pages + 1) // 2 if command.duplex else raw.pages
    event = e.ItemScanned(
        item=item.id,
        number=len(item.scans) + 1,
        by=_by(ask),
        at=ask.context.now,
        raw=raw,
        sheets=sheets,
        duplex=command.duplex,
        environment=command.environment,
        duplicate_of=twins,
        drawn=is_in_sample(batch.secret, item.id, raw.sha256, ask.measures.sample_percent, ask.context.now.isoformat()),
    )
    return [*_here(ask, event), used]


def _scan(ask: Ask) -> Scan:
    scan = ask.item.scan
    if scan is None:
        raise InvalidCommand([("/item", "the item has no scan")])
    return scan


def _reworked(ask: Ask, command: c.Rework) -> list[Emitted]:
    scan = _scan(ask)
    if command.raw.sha256 == scan.raw.sha256:
        raise InvalidCommand([("/raw/sha256", "nothing was reworked")])
    if command.raw.pages != scan.raw.pages:
        raise InvalidCommand([("/raw/pages", "rework neither adds nor takes pages")])
    twins, used = _used(ask, command.raw.sha256)
    event = e.ItemReworked(
        item=ask.item.id,
        by=_by(ask),
        raw=command.raw,
        made_from=scan.raw.sha256,
        reason=command.reason,
        duplicate_of=twins,
    )
    return [*_here(ask, event), used]


def _recounted(ask: Ask, command: c.Recount) -> list[Emitted]:
    if command.sheets == ask.item.sheets:
        raise InvalidCommand([("/sheets", "nothing would change")])
    event = e.ItemRecounted(
        item=ask.item.id, by=_by(ask), sheets=command.sheets, sheets_before=ask.item.sheets, reason=command.reason
    )
    return _here(ask, event)


def _checked(ask: Ask, command: c.Check) -> list[Emitted]:
    scan = _scan(ask)
    how = "looked at" if command.visual else "outside the sample; automatic checks passed"
    if command.visual and not ask.measures.full_check:
        how = "looked at, in the sample" if scan.drawn else "looked at, outside the sample"
    event = e.ItemChecked(
        item=ask.item.id,
        by=_by(ask),
        at=ask.context.now,
        visual=command.visual,
        result=(f"{how}: {command.note}" if command.note.strip() else how)[:500],
        duplicates=scan.duplicate_of,
    )
    return _here(ask, event)


def _sealed(ask: Ask, command: c.SealItem) -> list[Emitted]:
    event = e.ItemSealed(item=ask.item.id, by=_by(ask), product=command.product, stored=command.stored)
    return _here(ask, event)


def _verified(ask: Ask, command: c.Verify) -> list[Emitted]:
    return _here(ask, e.ItemVerified(item=ask.item.id, by=_by(ask), verification=command.verification))


def _delivered(ask: Ask, command: c.Deliver) -> list[Emitted]:
    """The product is received by the addressee's mail folder in the same transaction, so exactly once."""
    batch, item, product = ask.batch, ask.item, ask.item.product
    if product is None:
        raise InvalidCommand([("/item", "the item has no product")])
    unit = command.unit or item.new.unit or batch.unit
    incoming = Incoming(
        title=item.new.title,
        channel=Channel.SCAN_CENTRE,
        file=File(sha256=product.sha256, file_name=f"{batch.id}-{item.number}.pdf", size=product.size),
        sender=item.new.sender,
        protection=item.protection,
        reference=reference(batch.id, item.id),
    )
    received = _to_folder(ask, unit, incoming)
    folder = received[0][0].partition(":")[2]
    mail_key = next(event.item for _, event in received if isinstance(event, ItemReceived))
    event = e.ItemDelivered(
        item=item.id, by=_by(ask), unit=unit, folder=folder, mail_item=mail_key, sha256=product.sha256
    )
    index = e.MailDelivered(mail_item=mail_key, batch=batch.id, key=item.id)
    return [*_here(ask, event), *received, (mail_stream(mail_key), index)]


def _to_folder(ask: Ask, unit: str, incoming: Incoming) -> list[Emitted]:
    """The batch has one folder per unit: what came in together stays together."""
    batch = ask.batch
    context = ask.context.seen_by(ask.context.stream, SYSTEM)
    known = batch.folders.get(unit)
    folder = ask.context.find(folder_stream(known), MailFolder) if known else None
    if folder is not None:
        return decide_mail(folder, mail.Receive(incoming=incoming), context)
    opening = mail.OpenFolder(title=batch.title, unit=unit, items=(incoming,), authority=batch.authority)
    found = decide_mail(None, opening, context)
    if not isinstance(found[0][1], FolderOpened):
        raise TypeError("a mail folder begins with its opening")
    return found


def _acknowledged(ask: Ask, _: c.Acknowledge) -> list[Emitted]:
    item, document = mail_item(ask), filed_document(ask)
    if item is None or document is None or item.record is None or item.case is None:
        raise InvalidCommand([("/item", "it is not filed")])
    until = local_day(ask.context.now) + timedelta(days=ask.batch.terms.paper_days)
    event = e.ItemAcknowledged(
        item=ask.item.id,
        by=_by(ask),
        record=item.record,
        case=item.case,
        document=document.id,
        sha256=ask.item.product.sha256 if ask.item.product else "",
        paper_until=until,
    )
    return _here(ask, event)


def _defect_reported(ask: Ask, command: c.ReportDefect) -> list[Emitted]:
    event = e.DefectReported(
        item=ask.item.id, defect=ask.context.new_id(), by=_by(ask), reason=command.reason, rescan=command.rescan
    )
    return _here(ask, event)


def _the_one(named: str | None, known: Any, what: str) -> str:
    if named is None and len(known) == 1:
        return str(next(iter(known)))
    if named is None or named not in known:
        raise InvalidCommand([(f"/{what}", f"there are {len(known)}; name one of them")])
    return named


def _defect_settled(ask: Ask, command: c.SettleDefect) -> list[Emitted]:
    defect = _the_one(command.defect, ask.item.defects, "defect")
    return _here(ask, e.DefectSettled(item=ask.item.id, defect=defect, by=_by(ask), result=command.result))


def _hold_set(ask: Ask, command: c.SetHold) -> list[Emitted]:
    return _here(ask, e.HoldSet(item=ask.item.id, hold=ask.context.new_id(), by=_by(ask), reason=command.reason))


def _hold_released(ask: Ask, command: c.ReleaseHold) -> list[Emitted]:
    hold = _the_one(command.hold, ask.item.holds, "hold")
    return _here(ask, e.HoldReleased(item=ask.item.id, hold=hold, by=_by(ask), reason=command.reason))


def _raised(ask: Ask, command: c.RaiseProtection) -> list[Emitted]:
    event = e.ProtectionRaised(
        item=ask.item.id, by=_by(ask), old=ask.item.protection, new=command.protection, reason=command.reason
    )
    return _here(ask, event)


def _destruction_released(ask: Ask, _: c.ReleaseDestruction) -> list[Emitted]:
    return _here(ask, e.DestructionReleased(item=ask.item.id, by=_by(ask), grounds=_grounds(ask)))


def _forgotten(ask: Ask, command: c.Forget) -> list[Emitted]:
    item = ask.item
    raws = [sha for scan in item.scans for sha in (*scan.made_from, scan.raw.sha256)]
    files = dict.fromkeys([*raws, *(delivery.sha256 for delivery in item.deliveries)])
    event = e.ItemForgotten(
        item=item.id,
        number=item.number,
        declared=item.new.sheets,
        sheets=item.sheets,
        state=item.state,
        protection=item.protection,
        released_by=item.released_by,
        destroyed_by=item.destroyed_by,
        files=tuple(files),
        with_file=command.with_file,
    )
    return _here(ask, event)


def _grounds(ask: Ask) -> e.Grounds:
    """Every condition in figures; the guards have said yes before, so all is there."""
    item, known, product, check = ask.item, ask.item.acknowledgement, ask.item.product, ask.item.check
    if known is None or product is None or check is None:
        raise InvalidCommand([("/item", "the release gate is not passed")])
    return e.Grounds(
        sha256=product.sha256,
        sheets=item.sheets,
        checked_by=check.by,
        visual=check.visual,
        scans=len(item.scans),
        note_sha256=product.note_sha256,
        seal=product.seal.kind.value if product.seal else "none",
        backup_run=ask.batch.backups[product.sha256][-1],
        record=known.record,
        document=known.document,
        paper_until=known.paper_until,
        measures=ask.measures.ids,
    )


def _destroyed(ask: Ask, command: c.Destroy) -> list[Emitted]:
    grounds = _grounds(ask)
    event = e.ItemDestroyed(
        item=ask.item.id,
        number=ask.item.number,
        by=_by(ask),
        at=ask.context.now,
        released_by=str(ask.item.released_by),
        sheets=grounds.sheets,
        sha256=grounds.sha256,
        record=grounds.record,
        document=grounds.document,
        backup_run=grounds.backup_run,
        paper_until=grounds.paper_until,
        method=command.method,
    )
    return _here(ask, event)


BUILDERS: dict[str, Builder] = {
    "scan.item_prepared": _prepared,
    "scan.item_excluded": _excluded,
    "scan.item_doubted": lambda a, x: _here(a, e.ItemDoubted(item=a.item.id, by=_by(a), reason=x.reason)),
    "scan.item_cleared": lambda a, x: _here(a, e.ItemCleared(item=a.item.id, by=_by(a), note=x.note)),
    "scan.item_scanned": _scanned,
    "scan.item_reworked": _reworked,
    "scan.item_recounted": _recounted,
    "scan.item_checked": _checked,
    "scan.item_rejected": lambda a, x: _here(a, e.ItemRejected(item=a.item.id, by=_by(a), reason=x.reason)),
    "scan.item_sealed": _sealed,
    "scan.seal_rejected": lambda a, x: _here(a, e.SealRejected(item=a.item.id, by=_by(a), reason=x.reason)),
    "scan.item_verified": _verified,
    "scan.item_delivered": _delivered,
    "scan.item_acknowledged": _acknowledged,
    "scan.item_fell_due": lambda a, _: _here(a, e.ItemFellDue(item=a.item.id)),
    "scan.defect_reported": _defect_reported,
    "scan.defect_settled": _defect_settled,
    "scan.hold_set": _hold_set,
    "scan.hold_released": _hold_released,
    "scan.protection_raised": _raised,
    "scan.destruction_released": _destruction_released,
    "scan.item_destroyed": _destroyed,
    "scan.item_forgotten": _forgotten,
}
"""Event type -> what builds it."""
