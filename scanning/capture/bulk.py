"""Many files at once become items of a batch: checked, split at separator sheets, noted, sealed and delivered.

For whoever has the files already and vouches for what was done with the paper; a centre with people at each station
uses `ScanCapture` step by step.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scanning.batch_actions.batch import CreateBatch
from scanning.batch_actions.capture import Check, Prepare, Scan
from scanning.batch_actions.delivery import Deliver
from scanning.batches.scan_batch import stream as stream_of
from scanning.batches.values import NewItem
from scanning.capture.capture import ScanCapture, SplitFile
from scanning.capture.item_access import load_batch
from scanning.rejection import FileRejected
from scanning.requirements.scan_product import RawScan
from scanning.separators import sheet
from workflow.engine.access import Actor, Protection
from workflow.errors import EvaError

Progress = Callable[[int], None]
"""Called with how many files or items are done."""


class Failure(NamedTuple):
    name: str
    error: EvaError


class MissingSheet(NamedTuple):
    """A separator sheet that was not recognised; number 0: the sheet before the first pages of a file."""

    file: str
    number: int


@dataclass
class CheckedFiles:
    scans: list[RawScan] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    pages: int = 0
    separator_sheets: int = 0
    missing_sheets: list[MissingSheet] = field(default_factory=list)


def check_files(capture: ScanCapture, files: Sequence[Path], progress: Progress) -> CheckedFiles:
    """Check, split and store files in their order, as many at a time as there are readers.

    Nothing is recorded in the log. Rejected files are in quarantine.
    """
    checked = CheckedFiles()
    with ThreadPoolExecutor(capture.reader_pool.size) as pool:
        splits = pool.map(partial(_split, capture), files)
        for number, (file, split) in enumerate(zip(files, splits, strict=True), 1):
            if isinstance(split, FileRejected):
                checked.failures.append(Failure(str(file), split))
            else:
                checked.scans += split.scans
                checked.pages += split.pages
                checked.separator_sheets += len(split.sheets)
                missing = _find_missing_sheets(split.labels, split.sheets)
                checked.missing_sheets += [MissingSheet(file.name, number) for number in missing]
            progress(number)
    return checked


def _split(capture: ScanCapture, file: Path) -> SplitFile | FileRejected:
    try:
        return capture.split(file, file.name)
    except FileRejected as rejected:
        return rejected


def _find_missing_sheets(labels: Sequence[str | None], sheets: Sequence[str]) -> list[int]:
    """Numbers of the sheets that were not recognised; 0 where pages lie before the first sheet."""
    if not sheets:
        return []
    missing = list(sheet.find_missing(sheets, max(map(sheet.parse_total, sheets))))
    return [0, *missing] if None in labels else missing


@dataclass(frozen=True)
class People:
    operator: Actor
    inspector: Actor | None = None
    """Who has looked at every page; None: nobody yet, and items stay scanned."""


def record_files(
    capture: ScanCapture, checked: CheckedFiles, people: People, batch: str | None, progress: Progress, *, centre: str,
    unit: str, title: str, protection: Protection, duplex: bool, environment: str, sheets: int | None,
    envelopes: int | None,
) -> tuple[str, list[Failure]]:  # fmt: skip
    """Record checked files as a new batch, or as scans of the items of `batch` that wait for one, in their order.

    Gives the stream of the batch, and the items that could not be taken all the way.
    """
    engine = capture.engine
    if batch is None:
        items = tuple(
            NewItem(title=raw.file_name, sheets=(raw.pages + 1) // 2 if duplex else raw.pages, protection=protection)
            for raw in checked.scans
        )
        create = CreateBatch(
            centre=centre, unit=unit, title=title, protection=protection, items=items, sheets=sheets,
            envelopes=envelopes,
        )  # fmt: skip
        stream = engine.handle(create, people.operator, "scan-batch").stream
    else:
        stream = stream_of(batch)
    failures: list[Failure] = []
    for done, (number, raw) in enumerate(zip(list_waiting_items(capture, stream), checked.scans, strict=False), 1):
        try:
            _record_item(capture, stream, number, raw, people, duplex, environment)
        except EvaError as error:
            failures.append(Failure(f"{raw.file_name} (item {number})", error))
        progress(done)
    return stream, failures


def list_waiting_items(capture: ScanCapture, stream: str) -> list[int]:
    items = load_batch(capture.engine, stream).items.values()
    return sorted(item.number for item in items if item.state in {"received", "prepared", "rejected"})


def _record_item(
    capture: ScanCapture, stream: str, number: int, raw: RawScan, people: People, duplex: bool, environment: str
) -> None:
    engine = capture.engine
    item = next(i for i in load_batch(engine, stream).items.values() if i.number == number)
    if item.state == "received":
        engine.handle(Prepare(item=number), people.operator, stream)
    engine.handle(Scan(item=number, raw=raw, duplex=duplex, environment=environment), people.operator, stream)
    if people.inspector is None:
        return
    engine.handle(Check(item=number, visual=True), people.inspector, stream)
    capture.seal(stream, number, people.operator)
    engine.handle(Deliver(item=number), people.inspector, stream)
