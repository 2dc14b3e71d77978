"""Completeness: every sheet exactly once, count in = count out + excluded; per item, batch, centre and day.

TR-03138 A.DV.2 and A.NB.3; rule 22. Each count is taken by somebody else: on arrival, in preparation, by the scanner.
A separator that was not recognised makes one item of two: the pages of the one are too many, and envelopes are missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from scanning.batches.scan_batch import STATES, Batch, ScanItem
from workflow.engine.engine import Engine

DONE = frozenset(list(STATES)[list(STATES).index("sealed") : list(STATES).index("destroyed") + 1])
"""States in which a sheet has come out as a scan product."""


@dataclass(frozen=True)
class Tally:
    """Sheets of a batch, or of several."""

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
        """Whether count in = count out + excluded."""
        return self.under_way == 0 and self.difference == 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.envelopes + other.envelopes,
            self.items + other.items,
            self.sheets_in + other.sheets_in,
            self.sheets_out + other.sheets_out,
            self.excluded + other.excluded,
            self.under_way + other.under_way,
        )


class Mismatch(NamedTuple):
    """Two counts that should agree and do not; `item` is None for the batch as a whole."""

    batch: str
    item: int | None
    en: str
    de: str
    expected: int
    found: int


def tally(batch: Batch) -> Tally:
    """Sheets of a batch now."""
    out = excluded = under_way = 0
    for item in batch.items.values():
        if item.state == "excluded":
            excluded += item.sheets
        elif item.state in DONE:
            out += item.scan.sheets if item.scan else item.sheets  # of a deleted file only the count is left
        else:
            under_way += item.sheets
    return Tally(batch.envelopes, len(batch.items), batch.sheets, out, excluded, under_way)


def mismatches(batch: Batch) -> list[Mismatch]:
    """Where counts do not agree."""
    found = [m for item in batch.items.values() for m in _of_item(batch.id, item)]
    if batch.sheets != batch.sheets_of_items:
        told = ("sheets on arrival / of all items", "Blätter bei Eingang / aller Sendungen")
        found.append(Mismatch(batch.id, None, *told, batch.sheets, batch.sheets_of_items))
    if len(batch.items) < batch.envelopes:
        told = ("envelopes / items: was a separator not recognised?", "Umschläge / Sendungen: Trennblatt übersehen?")
        found.append(Mismatch(batch.id, None, *told, batch.envelopes, len(batch.items)))
    return found


def _of_item(batch: str, item: ScanItem) -> Iterable[Mismatch]:
    scan = item.scan
    if scan is None or item.state in {"received", "in_doubt", "prepared", "rejected", "excluded"}:
        return
    if scan.sheets != item.sheets:
        told = ("sheets prepared / scanned", "Blätter vorbereitet / gescannt")
        yield Mismatch(batch, item.number, *told, item.sheets, scan.sheets)
    if not scan.count_fits:
        told = ("sheets scanned / pages", "Blätter gescannt / Seiten")
        yield Mismatch(batch, item.number, *told, scan.sheets, scan.raw.pages)
    if item.product is not None and item.product.pages != scan.raw.pages:
        told = ("pages scanned / in the product", "Seiten gescannt / im Scanprodukt")
        yield Mismatch(batch, item.number, *told, scan.raw.pages, item.product.pages)


def by_centre_and_day(batches: Iterable[Batch]) -> dict[tuple[str, date], Tally]:
    """Tallies of what arrived at each centre on each day, in order."""
    found: dict[tuple[str, date], Tally] = {}
    for batch in batches:
        key = batch.centre, batch.arrived_on
        found[key] = found.get(key, Tally()) + tally(batch)
    return dict(sorted(found.items()))


def all_batches(engine: Engine) -> Iterable[Batch]:
    """Every batch of an engine, page by page."""
    after = ""
    while streams := engine.log.streams("scan-batch", after=after, most=1000):
        for stream in streams:
            state = engine.load(stream).state
            if isinstance(state, Batch):
                yield state
        after = streams[-1].partition(":")[2]
