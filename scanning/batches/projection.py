"""Scan batches in lists."""

import json
from collections import Counter

from scanning.batches.scan_batch import SCAN_STAFF, Batch
from workflow.engine.access import Actor
from workflow.views.marks import NO_MARKS, Marks
from workflow.views.projection import RANK, Row, Rows
from workflow.views.queries import EVERYTHING, After, Views, Wanted


def of_batch(stream: str, batch: Batch, _marks: Marks = NO_MARKS) -> Rows:
    detail = {
        "centre": batch.centre,
        "unit": batch.unit,
        "envelopes": batch.envelopes,
        "sheets": batch.sheets,
        "items": len(batch.items),
        "states": dict(sorted(Counter(item.state for item in batch.items.values()).items())),
    }
    row = {
        "stream": stream, "category": "scan-batch", "authority": batch.authority, "guest": batch.carrier,
        "title": batch.title, "state": batch.state, "protection": RANK[batch.protection],
        "detail": json.dumps(detail, ensure_ascii=False),
    }  # fmt: skip
    return {"view_list": [row]}


def batches(
    views: Views, actor: Actor, wanted: Wanted = EVERYTHING, limit: int = 50, after: After | None = None
) -> list[Row]:
    """Batches that a person may know of, `detail` read; `after` as in `Views.listed`."""
    guests = bool(actor.roles & SCAN_STAFF)
    found = views.listed(actor, "scan-batch", wanted, limit, after, guests=guests)
    return [{**row, "detail": json.loads(row["detail"])} for row in found]
