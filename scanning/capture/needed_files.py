"""Which stored files the log needs: of every item and document, and of one item.

Required is what must be there; allowed what may be there until it is deleted: intermediate results that the measures
want gone (A.AM.VT.H.3), PDF/A copies of what is a document by now, and files of records that were deleted (rule 12).
"""

from collections.abc import Iterator
from typing import NamedTuple

from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.sheet_count import read_batches
from scanning.document_files import list_stored
from scanning.requirements.measures import measures_for
from workflow.engine.engine import Engine
from workflow.records.record import Record
from workflow.records.record import stream as record_stream

HANDED_OVER = {"acknowledged", "destruction_due", "destroyed"}
"""States in which a product is a document of a case."""


class NeededFiles(NamedTuple):
    required: frozenset[str]
    """Must be there."""
    allowed: frozenset[str]
    """May be there until `tidy` deletes them: intermediate results."""


def list_needed(engine: Engine) -> NeededFiles:
    """Of all items, documents and mail; what one requires another does not make deletable."""
    required: set[str] = set()
    allowed: set[str] = set()
    for batch in read_batches(engine):
        for item in batch.items.values():
            one = list_needed_by(engine, batch, item)
            required |= one.required
            allowed |= one.allowed
    stored = list_stored(engine.log)
    required |= stored.named
    allowed |= stored.deleted
    return NeededFiles(frozenset(required), frozenset(allowed - required))


def list_needed_by(engine: Engine, batch: Batch, item: ScanItem) -> NeededFiles:
    required: set[str] = set()
    allowed: set[str] = set()
    gone = _is_deleted(engine, item)
    (allowed if gone or is_deletable(batch, item) else required).update(_raws(item))
    (allowed if item.state in HANDED_OVER else required).update((*_contents(item), *_wholes(item)))
    (allowed if gone else required).update(_products(item))
    return NeededFiles(frozenset(required), frozenset(allowed))


def is_deletable(batch: Batch, item: ScanItem) -> bool:
    """Whether an item's raw scans may be deleted: its measures demand it, and the product is a document by now."""
    return measures_for(item.protection, batch.terms).delete_raw and item.state in HANDED_OVER


def _is_deleted(engine: Engine, item: ScanItem) -> bool:
    """Whether the record that the product was filed into was deleted; then no file of it may stay (rule 12)."""
    if item.acknowledgement is None:
        return False
    state = engine.load(record_stream(item.acknowledgement.record)).state
    if not isinstance(state, Record):
        return False
    case = state.cases.get(item.acknowledgement.case)
    return state.state == "deleted" or case is None or case.life.state == "deleted"


def _products(item: ScanItem) -> Iterator[str]:
    yield from (delivery.sha256 for delivery in item.deliveries)
    if item.product is not None:
        yield item.product.sha256


def _raws(item: ScanItem) -> Iterator[str]:
    for scan in item.scans:
        yield scan.raw.sha256
        for difference in scan.raw.differences:
            yield from difference.pictures
        yield from scan.made_from


def _wholes(item: ScanItem) -> Iterator[str]:
    return (scan.raw.cut_from for scan in item.scans if scan.raw.cut_from is not None)


def _contents(item: ScanItem) -> Iterator[str]:
    return (scan.raw.content_sha256 for scan in item.scans if scan.raw.content_sha256 is not None)
