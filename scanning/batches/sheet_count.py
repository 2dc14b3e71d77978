"""Counting sheets: every sheet exactly once, sheets in = sheets out + excluded; per item, batch, centre and day.

TR-03138 A.DV.2 and A.NB.3; rule 22. Sheets are counted by different persons: on arrival, in preparation, by the
scanner. A separator sheet that was not recognised makes one item of two: it has too many pages, and envelopes are
missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date
from operator import add
from typing import Any, NamedTuple

from scanning.batches.scan_batch import STATES, Batch, ScanItem
from workflow.engine.engine import Engine
from workflow.text import Text

DONE = frozenset(list(STATES)[list(STATES).index("sealed") : list(STATES).index("destroyed") + 1])
"""States in which a sheet has come out as a scan product."""


@dataclass(frozen=True)
class SheetCount:
    envelopes: int = 0
    items: int = 0
    sheets_in: int = 0
    """As counted on arrival."""
    sheets_out: int = 0
    """As counted by the scanner, of items that are sealed or further."""
    excluded: int = 0
    under_way: int = 0
    """Neither out nor excluded yet."""

    @property
    def difference(self) -> int:
        """Sheets that are missing (positive) or too many (negative)."""
        return self.sheets_in - self.sheets_out - self.excluded - self.under_way

    @property
    def closed(self) -> bool:
        return self.under_way == 0 and self.difference == 0

    def __add__(self, other: "SheetCount") -> "SheetCount":
        return SheetCount(*map(add, astuple(self), astuple(other)))


class Mismatch(NamedTuple):
    """Two counts that should agree and do not; `item` is None for the batch as a whole."""

    batch: str
    item: int | None
    text: Text
    """What was counted twice."""
    expected: int
    found: int


def count_sheets(batch: Batch) -> SheetCount:
    out = excluded = under_way = 0
    for item in batch.items.values():
        if item.state == "excluded":
            excluded += item.sheets
        elif item.state in DONE:
            out += item.scan.sheets if item.scan else item.sheets  # of a deleted file only the count is left
        else:
            under_way += item.sheets
    return SheetCount(batch.envelopes, len(batch.items), batch.sheets, out, excluded, under_way)


def find_mismatches(batch: Batch) -> list[Mismatch]:
    found = [m for item in batch.items.values() for m in _compare_item(batch.id, item)]
    if batch.sheets != batch.sheets_of_items:
        text = Text("Blätter bei Eingang / aller Sendungen", "sheets on arrival / of all items")
        found.append(Mismatch(batch.id, None, text, batch.sheets, batch.sheets_of_items))
    if len(batch.items) < batch.envelopes:
        text = Text(
            "Umschläge / Sendungen: Trennblatt übersehen?", "envelopes / items: was a separator not recognised?"
        )
        found.append(Mismatch(batch.id, None, text, batch.envelopes, len(batch.items)))
    return found


def _compare_item(batch: str, item: ScanItem) -> Iterable[Mismatch]:
    scan = item.scan
    if scan is None or item.state in {"received", "in_doubt", "prepared", "rejected", "excluded"}:
        return
    if scan.sheets != item.sheets:
        text = Text("Blätter vorbereitet / gescannt", "sheets prepared / scanned")
        yield Mismatch(batch, item.number, text, item.sheets, scan.sheets)
    if not scan.count_fits:
        text = Text("Blätter gescannt / Seiten", "sheets scanned / pages")
        yield Mismatch(batch, item.number, text, scan.sheets, scan.raw.pages)
    if item.product is not None and item.product.pages != scan.raw.kept_pages:
        text = Text("Seiten gescannt / im Scanprodukt", "pages scanned / in the product")
        yield Mismatch(batch, item.number, text, scan.raw.kept_pages, item.product.pages)


def sum_by_centre_and_day(batches: Iterable[Batch]) -> dict[tuple[str, date], SheetCount]:
    """Sheets of what arrived at each centre on each day, in order."""
    found: dict[tuple[str, date], SheetCount] = {}
    for batch in batches:
        key = batch.centre, batch.arrived_on
        found[key] = found.get(key, SheetCount()) + count_sheets(batch)
    return dict(sorted(found.items()))


def describe_counts(batches: Sequence[Batch]) -> dict[str, list[dict[str, Any]]]:
    """As JSON: counts of each batch, of each centre and day, and what does not agree."""
    return {
        "batches": [{"batch": batch.id, **_describe(count_sheets(batch))} for batch in batches],
        "centres": [
            {"centre": centre, "day": day.isoformat(), **_describe(count)}
            for (centre, day), count in sum_by_centre_and_day(batches).items()
        ],
        "mismatches": [
            {"batch": m.batch, "item": m.item, "counts": m.text.en, "expected": m.expected, "found": m.found}
            for batch in batches
            for m in find_mismatches(batch)
        ],
    }


def _describe(count: SheetCount) -> dict[str, Any]:
    return {**asdict(count), "difference": count.difference, "closed": count.closed}


def read_batches(engine: Engine) -> Iterable[Batch]:
    after = ""
    while streams := engine.log.streams("scan-batch", after=after, most=1000):
        for stream in streams:
            state = engine.load(stream).state
            if isinstance(state, Batch):
                yield state
        after = streams[-1].partition(":")[2]
