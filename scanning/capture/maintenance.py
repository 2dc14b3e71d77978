"""Maintenance of stored files: which the log needs, verification, fixity, backup, deletion.

TR-03138 A.T.4 (reliable storage), A.IS.1, A.AM.VT.H.3 (intermediate results are deleted); rule 24.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from scanning.batch_actions.batch import RecordBackup
from scanning.batches.events import ItemSealed
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.scan_batch import stream as stream_of
from scanning.batches.sheet_count import read_batches
from scanning.batches.values import Verification
from scanning.capture.item_access import ItemKey, get_item
from scanning.capture.verification import Report, verify
from scanning.requirements.measures import measures_for
from scanning.requirements.scan_product import Product
from scanning.sealing.seal import Sealer
from scanning.storage import fixity
from scanning.storage.backup import BackupRun, copy_log_and_files
from scanning.storage.content_store import ContentStore
from scanning.storage.fixity import Fixity
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.engine.events import decode
from workflow.errors import Corrupted, NotFound
from workflow.records.record import Record
from workflow.records.record import stream as record_stream

HANDED_OVER = {"acknowledged", "destruction_due", "destroyed"}
"""States in which a product is a document of a case."""


class NeededFiles(NamedTuple):
    required: frozenset[str]
    """Must be there."""
    allowed: frozenset[str]
    """May be there until `tidy` deletes them: intermediate results."""


class Maintenance:
    def __init__(self, engine: Engine, store: ContentStore, sealer: Sealer | None) -> None:
        self.engine = engine
        self.store = store
        self.sealer = sealer

    def list_needed(self) -> NeededFiles:
        required: set[str] = set()
        allowed: set[str] = set()
        for batch in read_batches(self.engine):
            for item in batch.items.values():
                gone = self._deleted(item)
                (allowed if gone or is_deletable(batch, item) else required).update(_raws(item))
                (allowed if item.state in HANDED_OVER else required).update((*_contents(item), *_wholes(item)))
                (allowed if gone else required).update(_products(item))
        return NeededFiles(frozenset(required), frozenset(allowed - required))

    def fixity(self, every: timedelta | None = None, progress: Callable[[str], None] = lambda _: None) -> Fixity:
        """Read the whole store, or only the parts not read for `every`; `progress` is called with each part."""
        now = self.engine.clock()
        parts: Sequence[str] = fixity.PARTS
        if every is not None:  # and where no file is: there may have been some
            known = fixity.read_check_times(self.store)
            parts = [
                *fixity.list_due_parts(self.store, now, every),
                *(part for part in fixity.PARTS if part not in known),
            ]
        needed = self.list_needed()
        return fixity.check(self.store, needed.required, now, parts, needed.allowed, progress)

    def verify(self, stream: str, item: ItemKey, actor: Actor) -> Report:
        """Verify an item's product end to end; `NotFound` where it has none or the person may not know of it."""
        found = get_item(self.engine, stream, item, actor)
        product = found.item.product
        if product is None:
            raise NotFound("product", f"{stream} {found.item.number}")
        return self.verify_product(stream, product)

    def verify_product(self, stream: str, product: Product) -> Report:
        return verify(product, self.store, self.sealer, lambda: self._locate(stream, product))

    def to_verification(self, report: Report) -> Verification:
        return Verification(
            read_back_sha256=report.read_back_sha256,
            note_valid=report.holds("note") and report.holds("content"),
            seal_valid=report.holds("seal"),
            at=self.engine.clock(),
        )

    def backup(self, target: Path, actor: Actor, progress: Callable[[int], None] = lambda _: None) -> BackupRun:
        """Copy log and contents, verified, and record the run for each batch whose products it holds.

        Only products that were copied are named: one sealed meanwhile waits for the next run.
        """
        copied: set[str] = set()

        def list_needed() -> frozenset[str]:
            copied.update(self.list_needed().required)
            return frozenset(copied)

        run = copy_log_and_files(self.engine.log, self.store, target, self.engine.clock(), list_needed, progress)
        for batch in read_batches(self.engine):
            stream = stream_of(batch.id)
            held = [
                item.product.sha256
                for item in batch.items.values()
                if item.product is not None
                and item.stored is not None
                and item.stored.at <= run.taken_at
                and item.product.sha256 in copied
                and run.id not in batch.backups.get(item.product.sha256, ())
            ]
            if held:
                command = RecordBackup(run=run.id, taken_at=run.taken_at, products=tuple(held))
                self.engine.handle(command, actor, stream, command_id=f"backup:{run.id}:{stream}")
        return run

    def tidy(self, grace: float = 86_400.0) -> list[str]:
        """Delete what is no longer needed: intermediate results that the measures want gone (A.AM.VT.H.3), PDF/A
        copies of what is a document by now, and all files of records that were deleted (rule 12). Their hashes.

        What was stored within `grace` seconds stays, because a scan of the same file may be about to be recorded.
        """
        needed = self.list_needed()
        return [digest for digest in sorted(needed.allowed) if self.store.erase(digest, grace)]

    def _deleted(self, item: ScanItem) -> bool:
        """Whether the record that the product was filed into was deleted; then no file of it may stay (rule 12)."""
        if item.acknowledgement is None:
            return False
        state = self.engine.load(record_stream(item.acknowledgement.record)).state
        if not isinstance(state, Record):
            return False
        case = state.cases.get(item.acknowledgement.case)
        return state.state == "deleted" or case is None or case.life.state == "deleted"

    def _locate(self, stream: str, product: Product) -> str:
        """Position of the event that recorded a product, in a log that verifies."""
        head = self.engine.log.verify()
        for row in reversed(self.engine.log.read(stream)):
            if row.type == ItemSealed.TYPE and row.payload is not None:
                event = decode(row.type, row.schema_version, row.payload, row.position)
                if isinstance(event, ItemSealed) and event.product == product:
                    return f"position {row.position} of {head.position}, head {head.hash}"
        raise Corrupted(head.position, "no event records this product")


def is_deletable(batch: Batch, item: ScanItem) -> bool:
    """Whether an item's raw scans may be deleted: its measures demand it, and the product is a document by now."""
    return measures_for(item.protection, batch.terms).delete_raw and item.state in HANDED_OVER


def _products(item: ScanItem) -> Iterator[str]:
    yield from (delivery.sha256 for delivery in item.deliveries)
    if item.product is not None:
        yield item.product.sha256


def _raws(item: ScanItem) -> Iterator[str]:
    for scan in item.scans:
        yield scan.raw.sha256
        yield from scan.made_from


def _wholes(item: ScanItem) -> Iterator[str]:
    return (scan.raw.cut_from for scan in item.scans if scan.raw.cut_from is not None)


def _contents(item: ScanItem) -> Iterator[str]:
    return (scan.raw.content_sha256 for scan in item.scans if scan.raw.content_sha256 is not None)
