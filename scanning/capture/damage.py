"""Damage of stored files reaches the items that rest on them: each is stopped at once, and goes on once all is well.

TR-03138 A.T.4; rule 24: paper may be the only thing left to make a lost file from.
"""

from collections.abc import Container, Iterable

from scanning.batch_actions.paper import ReportDamage
from scanning.batches.scan_batch import Batch, ScanItem, stream
from scanning.batches.sheet_count import read_batches
from scanning.batches.values import DamagedFile
from scanning.capture.needed_files import list_needed_by
from scanning.storage.content_store import ContentStore
from scanning.storage.fixity import Fixity, has_hash
from workflow.engine.access import SYSTEM
from workflow.engine.engine import Engine


def report_damage(engine: Engine, found: Fixity, required: Container[str], parts: Container[str]) -> int:
    """Record with every item concerned what a fixity run found in the parts it read, and what is well again.

    Gives the number of items that are stopped now.
    """
    missing = set(found.missing)
    wrong = missing | {sha for sha in found.changed if sha in required}
    stopped = 0
    for batch in read_batches(engine):
        for item in batch.items.values():
            unread = {one.sha256 for one in item.damaged if one.sha256[:2] not in parts}
            known = {one.sha256: one for one in item.damaged}
            damaged = [
                known.get(sha) or DamagedFile(sha256=sha, use=use, missing=sha in missing)
                for sha, use in item.files.items()
                if sha in wrong or sha in unread
            ]
            stopped += bool(damaged)
            _record(engine, batch, item, damaged)
    return stopped


def check_item(engine: Engine, store: ContentStore, batch: Batch, item: ScanItem) -> tuple[DamagedFile, ...]:
    """Read every file that an item rests on, and record what is damaged or well again; the damaged ones."""
    required = list_needed_by(engine, batch, item).required
    damaged = tuple(
        DamagedFile(sha256=sha, use=use, missing=not store.has(sha))
        for sha, use in item.files.items()
        if sha in required and not (store.has(sha) and has_hash(store.path(sha), sha))
    )
    _record(engine, batch, item, damaged)
    return damaged


def _record(engine: Engine, batch: Batch, item: ScanItem, damaged: Iterable[DamagedFile]) -> None:
    if set(damaged) != set(item.damaged):
        engine.handle(ReportDamage(item=item.id, files=tuple(damaged)), SYSTEM, stream(batch.id))
