"""A pile of real files becomes items of a batch: checked, cut at separator sheets, noted, sealed, delivered.

For whoever has the files already and vouches for what was done with the paper; a centre with people at each station
uses `ScanCapture` step by step.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scanning.batches import commands as c
from scanning.batches.events import NewItem
from scanning.batches.scan_batch import stream as stream_of
from scanning.capture.asking import batch_of
from scanning.capture.capture import Cut, ScanCapture
from scanning.rejection import Refused
from scanning.requirements.scan_product import RawScan
from scanning.separators import sheet
from workflow.engine.access import Actor, Protection
from workflow.errors import EvaError

Told = Callable[[str, int], None]
"""Name of a step and how many files or items have passed it."""


class Wrong(NamedTuple):
    """A file or item that did not pass, and why."""

    name: str
    why: EvaError


class Missing(NamedTuple):
    """A separator sheet that was not recognised; number 0: whatever should stand before the first pages of a file."""

    file: str
    number: int


@dataclass
class Pile:
    """Files checked and cut, before anything is recorded."""

    scans: list[RawScan] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    pages: int = 0
    separator_sheets: int = 0
    missing: list[Missing] = field(default_factory=list)
    """What the separator sheets say is missing."""


def open_pile(capture: ScanCapture, files: Sequence[Path], told: Told) -> Pile:
    """Check, cut and store files, in their order and as many at a time as there are readers.

    Nothing is recorded in the log. Refused files are in quarantine.
    """
    pile = Pile()
    with ThreadPoolExecutor(capture.workers.size) as pool:
        for number, (file, cut) in enumerate(zip(files, pool.map(partial(_cut, capture), files), strict=True), 1):
            if isinstance(cut, Refused):
                pile.wrong.append(Wrong(str(file), cut))
            else:
                pile.scans += cut.scans
                pile.pages += cut.pages
                pile.separator_sheets += len(cut.sheets)
                pile.missing += [Missing(file.name, number) for number in _missing(cut.labels, cut.sheets)]
            told("check", number)
    return pile


def _cut(capture: ScanCapture, file: Path) -> Cut | Refused:
    try:
        return capture.cut(file, file.name)
    except Refused as refused:
        return refused


def _missing(labels: Sequence[str | None], sheets: Sequence[str]) -> list[int]:
    """A sheet that was not recognised is missed by its number; so are pages that no sheet stands before."""
    if not sheets:
        return []
    found = list(sheet.missing(sheets, max(map(sheet.total, sheets))))
    return [0, *found] if None in labels else found


@dataclass(frozen=True)
class People:
    """Who did what with the paper."""

    operator: Actor
    inspector: Actor | None = None
    """Who has looked at every page; None: nobody yet, and items stay scanned."""


def enter(
    capture: ScanCapture, pile: Pile, people: People, batch: str | None, told: Told, *, centre: str, unit: str,
    title: str, protection: Protection, duplex: bool, environment: str, sheets: int | None, envelopes: int | None,
) -> tuple[str, list[Wrong]]:  # fmt: skip
    """Record a pile as a new batch, or as scans of the items of `batch` that wait for one, in their order.

    The stream of the batch, and the items that did not go all the way.
    """
    engine = capture.engine
    if batch is None:
        items = tuple(
            NewItem(title=raw.file_name, sheets=(raw.pages + 1) // 2 if duplex else raw.pages, protection=protection)
            for raw in pile.scans
        )
        create = c.CreateBatch(
            centre=centre, unit=unit, title=title, protection=protection, items=items, sheets=sheets,
            envelopes=envelopes,
        )  # fmt: skip
        stream = engine.handle(create, people.operator, "scan-batch").stream
    else:
        stream = stream_of(batch)
    waiting = waiting_items(capture, stream)
    wrong: list[Wrong] = []
    for done, (number, raw) in enumerate(zip(waiting, pile.scans, strict=False), 1):
        try:
            _pass_on(capture, stream, number, raw, people, duplex, environment)
        except EvaError as no:
            wrong.append(Wrong(f"{raw.file_name} (item {number})", no))
        told("enter", done)
    return stream, wrong


def waiting_items(capture: ScanCapture, stream: str) -> list[int]:
    """Numbers of the items of a batch that wait for a scan."""
    items = batch_of(capture.engine, stream).items.values()
    return sorted(item.number for item in items if item.state in {"received", "prepared", "rejected"})


def _pass_on(
    capture: ScanCapture, stream: str, number: int, raw: RawScan, people: People, duplex: bool, environment: str
) -> None:
    """One item from the paper to the mail folder, as far as people have done their part."""
    engine = capture.engine
    item = next(i for i in batch_of(engine, stream).items.values() if i.number == number)
    if item.state == "received":
        engine.handle(c.Prepare(item=number), people.operator, stream)
    engine.handle(c.Scan(item=number, raw=raw, duplex=duplex, environment=environment), people.operator, stream)
    if people.inspector is None:
        return
    engine.handle(c.Check(item=number, visual=True), people.inspector, stream)
    capture.seal(stream, number, people.operator)
    engine.handle(c.Deliver(item=number), people.inspector, stream)
