"""A backup run becomes an event of each batch whose products it holds: by the system alone, so that no run that never
was lets paper go (rule 24).
"""

from collections.abc import Callable
from datetime import datetime

from scanning.batch_actions.batch import RecordBackup
from scanning.batches.scan_batch import stream
from scanning.batches.sheet_count import read_batches
from workflow.engine.access import SYSTEM
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded


def record_backup_run(
    engine: Engine, run: str, taken_at: datetime, manifest_sha256: str, is_held: Callable[[str], bool]
) -> list[Recorded]:
    """Record a run with each batch; `is_held` says of a product's SHA-256 whether it was copied. The events.

    A run that was recorded before is not recorded again.
    """
    recorded: list[Recorded] = []
    for batch in read_batches(engine):
        held = [
            item.product.sha256
            for item in batch.items.values()
            if item.product is not None
            and item.stored is not None
            and item.stored.at <= taken_at
            and is_held(item.product.sha256)
            and run not in batch.backups.get(item.product.sha256, ())
        ]
        if held:
            command = RecordBackup(run=run, taken_at=taken_at, products=tuple(held), manifest_sha256=manifest_sha256)
            recorded += engine.handle(command, SYSTEM, stream(batch.id)).events
    return recorded
