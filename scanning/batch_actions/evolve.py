"""Folding a scan batch: what each event makes of it and its items. An item's state is that of the row taken."""

from scanning.batch_actions.machine import MACHINE
from scanning.batches import events as e
from scanning.batches.scan_batch import Acknowledgement, Batch, Defect, Delivery, QualityCheck, Scan, ScanItem
from scanning.batches.values import NewItem
from workflow.engine.access import highest
from workflow.engine.aggregate import Evolver, replace
from workflow.engine.events import Event

evolve: Evolver[Batch] = Evolver()


@evolve.birth(e.BatchCreated)
def _created(event: e.BatchCreated) -> Batch:
    return Batch(
        event.batch, event.centre, event.carrier, event.provisional, event.authority, event.unit, event.title,
        event.purpose, event.envelopes, event.sheets, event.protection, event.terms, event.secret, event.on,
    )  # fmt: skip


@evolve.on(e.ItemReceived)
def _received(batch: Batch, event: e.ItemReceived) -> Batch:
    need = highest([batch.own_protection, event.new.protection])
    item = ScanItem(event.item, event.number, event.new, need, event.new.sheets)
    return replace(batch, items={**batch.items, item.id: item})


def _item(batch: Batch, key: str, event: Event, **changes: object) -> Batch:
    state = MACHINE.state_after(batch.items[key].state, event)
    item = replace(batch.items[key], state=state, **changes)  # type: ignore[arg-type]
    return replace(batch, items={**batch.items, key: item})


@evolve.on(e.ItemPrepared)
def _prepared(batch: Batch, event: e.ItemPrepared) -> Batch:
    return _item(batch, event.item, event, prepared_by=event.by, sheets=event.sheets)


@evolve.on(e.ItemExcluded)
def _excluded(batch: Batch, event: e.ItemExcluded) -> Batch:
    return _item(batch, event.item, event, exclusion=event.reason, onward=event.onward, released_by=None
    )  # fmt: skip


@evolve.on(e.ItemDoubted)
def _doubted(batch: Batch, event: e.ItemDoubted) -> Batch:
    return _item(batch, event.item, event, doubted_by=event.by)


@evolve.on(e.ItemCleared)
def _cleared(batch: Batch, event: e.ItemCleared) -> Batch:
    return _item(batch, event.item, event, doubted_by=None, **_UNMADE)


def raw_sha256(item: ScanItem) -> str:
    """Of the latest scan, empty before the first."""
    return item.scan.raw.sha256 if item.scan else ""


_UNMADE: dict[str, object] = {
    "check": None, "product": None, "stored": None, "verification": None, "delivery": None, "acknowledgement": None,
    "released_by": None,
}  # fmt: skip
"""A new scan makes everything void that was done with the one before."""


@evolve.on(e.ItemScanned)
def _scanned(batch: Batch, event: e.ItemScanned) -> Batch:
    scan = Scan(
        event.number, event.by, event.at, event.raw, event.sheets, event.duplex, event.environment,
        event.duplicate_of, event.drawn,
    )  # fmt: skip
    item = batch.items[event.item]
    return _item(batch, event.item, event, scans=(*item.scans, scan), **_UNMADE)


@evolve.on(e.ItemReworked)
def _reworked(batch: Batch, event: e.ItemReworked) -> Batch:
    *before, last = batch.items[event.item].scans
    scan = replace(
        last,
        raw=event.raw,
        reworked_by=(*last.reworked_by, event.by),
        made_from=(*last.made_from, event.made_from),
        duplicate_of=(*last.duplicate_of, *event.duplicate_of),
    )
    return _item(batch, event.item, event, scans=(*before, scan), **_UNMADE)


@evolve.on(e.ItemRecounted)
def _recounted(batch: Batch, event: e.ItemRecounted) -> Batch:
    return _item(batch, event.item, event, sheets=event.sheets)


@evolve.on(e.ItemChecked)
def _checked(batch: Batch, event: e.ItemChecked) -> Batch:
    check = QualityCheck(event.by, event.at, event.visual, event.result)
    return _item(batch, event.item, event, check=check)


@evolve.on(e.ItemRejected)
def _rejected(batch: Batch, event: e.ItemRejected) -> Batch:
    return _item(batch, event.item, event, **_UNMADE)


@evolve.on(e.ItemSealed)
def _sealed(batch: Batch, event: e.ItemSealed) -> Batch:
    return _item(batch, event.item, event, product=event.product, stored=event.stored, verification=None
    )  # fmt: skip


@evolve.on(e.SealRejected)
def _seal_rejected(batch: Batch, event: e.SealRejected) -> Batch:
    return _item(batch, event.item, event, **{**_UNMADE, "check": batch.items[event.item].check})


@evolve.on(e.ItemVerified)
def _verified(batch: Batch, event: e.ItemVerified) -> Batch:
    return _item(batch, event.item, event, verification=event.verification)


@evolve.on(e.ItemDelivered)
def _delivered(batch: Batch, event: e.ItemDelivered) -> Batch:
    delivery = Delivery(event.unit, event.folder, event.mail_item, event.sha256)
    item = batch.items[event.item]
    return _item(batch, event.item, event, delivery=delivery, deliveries=(*item.deliveries, delivery))


@evolve.on(e.ItemAcknowledged)
def _acknowledged(batch: Batch, event: e.ItemAcknowledged) -> Batch:
    found = Acknowledgement(
        event.by, event.record, event.case, event.document, event.sha256, event.paper_until
    )  # fmt: skip
    # A wanting document is made good by one from another scan only, not by a new seal on the same.
    now = raw_sha256(batch.items[event.item])
    defects = {key: d for key, d in batch.items[event.item].defects.items() if d.raw_sha256 == now}
    return _item(batch, event.item, event, acknowledgement=found, defects=defects)


@evolve.on(e.ItemFellDue)
def _fell_due(batch: Batch, event: e.ItemFellDue) -> Batch:
    return _item(batch, event.item, event)


@evolve.on(e.DefectReported)
def _defect_reported(batch: Batch, event: e.DefectReported) -> Batch:
    item = batch.items[event.item]
    defects = {**item.defects, event.defect: Defect(event.reason, raw_sha256(item))}
    changes = _UNMADE if event.rescan else {"released_by": None}
    return _item(batch, event.item, event, defects=defects, **changes)


@evolve.on(e.DefectSettled)
def _defect_settled(batch: Batch, event: e.DefectSettled) -> Batch:
    defects = {key: why for key, why in batch.items[event.item].defects.items() if key != event.defect}
    return _item(batch, event.item, event, defects=defects)


@evolve.on(e.HoldSet)
def _hold_set(batch: Batch, event: e.HoldSet) -> Batch:
    holds = {**batch.items[event.item].holds, event.hold: event.reason}
    return _item(batch, event.item, event, holds=holds, released_by=None)


@evolve.on(e.HoldReleased)
def _hold_released(batch: Batch, event: e.HoldReleased) -> Batch:
    holds = {key: why for key, why in batch.items[event.item].holds.items() if key != event.hold}
    return _item(batch, event.item, event, holds=holds)


@evolve.on(e.ProtectionRaised)
def _raised(batch: Batch, event: e.ProtectionRaised) -> Batch:
    return _item(batch, event.item, event, protection=event.new, released_by=None)


@evolve.on(e.DestructionReleased)
def _released(batch: Batch, event: e.DestructionReleased) -> Batch:
    return _item(batch, event.item, event, released_by=event.by)


@evolve.on(e.ItemDestroyed)
def _destroyed(batch: Batch, event: e.ItemDestroyed) -> Batch:
    return _item(batch, event.item, event, destroyed_by=event.by)


@evolve.on(e.ItemForgotten)
def _forgotten(batch: Batch, event: e.ItemForgotten) -> Batch:
    stone = ScanItem(
        event.item, event.number, NewItem(title="gelöscht", sheets=event.declared), event.protection, event.sheets,
        event.state, released_by=event.released_by, destroyed_by=event.destroyed_by,
    )  # fmt: skip
    items = {**batch.items, event.item: stone}
    return replace(batch, items=dict(sorted(items.items(), key=lambda item: item[1].number)))


@evolve.on(e.BatchCounted)
def _counted(batch: Batch, event: e.BatchCounted) -> Batch:
    return replace(batch, envelopes_counted=event.envelopes, sheets_counted=event.sheets)


@evolve.on(e.BackupRecorded)
def _backed_up(batch: Batch, event: e.BackupRecorded) -> Batch:
    runs = {sha: (*batch.backups.get(sha, ()), event.run) for sha in event.products}
    return replace(batch, backups={**batch.backups, **runs})
