"""Folding a scan batch: what each event makes of it and its items. An item's state is that of the row taken."""

from collections.abc import Callable, Mapping
from typing import Any

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


_UNMADE: dict[str, Any] = {
    "check": None, "product": None, "stored": None, "verification": None, "delivery": None, "acknowledgement": None,
    "released_by": None,
}  # fmt: skip
"""A new scan makes everything void that was done with the one before."""


def _scan(item: ScanItem, event: e.ItemScanned) -> dict[str, Any]:
    scan = Scan(
        event.number, event.by, event.at, event.raw, event.sheets, event.duplex, event.environment,
        event.duplicate_of, event.drawn,
    )  # fmt: skip
    return {"scans": (*item.scans, scan), **_UNMADE}


def _rework(item: ScanItem, event: e.ItemReworked) -> dict[str, Any]:
    *before, last = item.scans
    scan = replace(
        last,
        raw=event.raw,
        reworked_by=(*last.reworked_by, event.by),
        made_from=(*last.made_from, event.made_from),
        duplicate_of=(*last.duplicate_of, *event.duplicate_of),
    )
    return {"scans": (*before, scan), **_UNMADE}


def _deliver(item: ScanItem, event: e.ItemDelivered) -> dict[str, Any]:
    delivery = Delivery(event.unit, event.folder, event.mail_item, event.sha256)
    return {"delivery": delivery, "deliveries": (*item.deliveries, delivery)}


def _acknowledge(item: ScanItem, event: e.ItemAcknowledged) -> dict[str, Any]:
    found = Acknowledgement(event.by, event.record, event.case, event.document, event.sha256, event.paper_until)
    # A wanting document is made good by one from another scan only, not by a new seal on the same.
    now = _raw_sha256(item)
    return {"acknowledgement": found, "defects": {key: d for key, d in item.defects.items() if d.raw_sha256 == now}}


def _report_defect(item: ScanItem, event: e.DefectReported) -> dict[str, Any]:
    defects = {**item.defects, event.defect: Defect(event.reason, _raw_sha256(item))}
    return {"defects": defects, **(_UNMADE if event.rescan else {"released_by": None})}


def _raw_sha256(item: ScanItem) -> str:
    """Of the latest scan, empty before the first."""
    return item.scan.raw.sha256 if item.scan else ""


def _without(known: Mapping[str, object], key: str) -> dict[str, Any]:
    return {other: value for other, value in known.items() if other != key}


_CHANGES: dict[type[Event], Callable[[ScanItem, Any], dict[str, Any]]] = {
    e.ItemPrepared: lambda _, event: {"prepared_by": event.by, "sheets": event.sheets},
    e.ItemExcluded: lambda _, event: {"exclusion": event.reason, "onward": event.onward, "released_by": None},
    e.ItemDoubted: lambda _, event: {"doubted_by": event.by},
    e.ItemCleared: lambda *_: {"doubted_by": None, **_UNMADE},
    e.ItemScanned: _scan,
    e.ItemReworked: _rework,
    e.ItemRecounted: lambda _, event: {"sheets": event.sheets},
    e.ItemChecked: lambda _, event: {"check": QualityCheck(event.by, event.at, event.visual, event.result)},
    e.ItemRejected: lambda *_: _UNMADE,
    e.ItemSealed: lambda _, event: {"product": event.product, "stored": event.stored, "verification": None},
    e.SealRejected: lambda item, _: {**_UNMADE, "check": item.check},
    e.ItemVerified: lambda _, event: {"verification": event.verification},
    e.FilesDamaged: lambda _, event: {"damaged": event.files},
    e.ItemDelivered: _deliver,
    e.ItemAcknowledged: _acknowledge,
    e.ItemFellDue: lambda *_: {},
    e.DefectReported: _report_defect,
    e.DefectSettled: lambda item, event: {"defects": _without(item.defects, event.defect)},
    e.HoldSet: lambda item, event: {"holds": {**item.holds, event.hold: event.reason}, "released_by": None},
    e.HoldReleased: lambda item, event: {"holds": _without(item.holds, event.hold)},
    e.ProtectionRaised: lambda _, event: {"protection": event.new, "released_by": None},
    e.DestructionReleased: lambda _, event: {"released_by": event.by},
    e.ItemDestroyed: lambda _, event: {"destroyed_by": event.by},
}
"""What each event changes of its item, besides the state."""


@evolve.on(*_CHANGES)
def _changed(batch: Batch, event: Any) -> Batch:
    item = batch.items[event.item]
    changes = _CHANGES[type(event)](item, event)
    changed = replace(item, state=MACHINE.state_after(item.state, event), **changes)
    if changed.damaged:  # what it does not rest on any more does not matter
        changed = replace(changed, damaged=tuple(file for file in changed.damaged if file.sha256 in changed.files))
    return replace(batch, items={**batch.items, item.id: changed})


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
    manifest = {event.run: event.manifest_sha256} if event.manifest_sha256 is not None else {}
    return replace(batch, backups={**batch.backups, **runs}, manifests={**batch.manifests, **manifest})
