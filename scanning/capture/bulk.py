"""Many files at once, before anything is recorded: checked, split at separator sheets, stored; and what speaks against.

For whoever has the files already and vouches for what was done with the paper; a centre with people at each station
uses `ScanCapture` step by step. `scanning.capture.folder` records what was checked.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scanning.capture.capture import ScanCapture, SplitFile
from scanning.capture.page_files import Source, hash_text, split_pages
from scanning.rejection import FileRejected
from scanning.requirements.scan_product import RawScan
from scanning.separators import sheet
from scanning.text_recognition.postprocess import AS_IT_IS, Handling
from workflow.engine.store.durable_files import write_atomically
from workflow.errors import EvaError
from workflow.text import Text

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
    sheet_faults: list[tuple[str, Text]] = field(default_factory=list)
    """File, and what is wrong with its separator sheets: foreign, repeated, in another order."""


def check_files(
    capture: ScanCapture, files: Sequence[Path] | Sequence[Source], progress: Progress, known: Path | None = None,
    how: Handling = AS_IT_IS,
) -> CheckedFiles:  # fmt: skip
    """Check, split and store files in their order, as many at a time as there are readers.

    Nothing is recorded in the log. Rejected files are in quarantine. What was found is kept in the folder `known`, and
    a file that was checked before is not checked again.
    """
    sources = [file if isinstance(file, Source) else Source(file.name, (file,)) for file in files]
    checked = CheckedFiles()
    with ThreadPoolExecutor(capture.reader_pool.size) as pool:
        splits = pool.map(partial(_split, capture, known, how), sources)
        for number, (source, split) in enumerate(zip(sources, splits, strict=True), 1):
            if isinstance(split, FileRejected):
                checked.failures.append(Failure(str(source.pages[0]), split))
            else:
                checked.scans += split.scans
                checked.pages += split.pages
                checked.separator_sheets += len(split.sheets)
                missing = _find_missing_sheets(split.labels, split.sheets)
                checked.missing_sheets += [MissingSheet(source.name, number) for number in missing]
                checked.sheet_faults += [(source.name, fault) for fault in sheet.find_faults(split.sheets)]
            progress(number)
    return checked


def _split(capture: ScanCapture, known: Path | None, how: Handling, source: Source) -> SplitFile | FileRejected:
    note = known / f"{hash_text(source.hash() + source.name + how.describe())}.json" if known is not None else None
    before = _read_split(note) if note is not None else None
    if before is not None and all(capture.store.has(scan.sha256) for scan in before.scans):
        return before
    try:
        split = _split_anew(capture, source, how)
    except FileRejected as rejected:
        return rejected
    if note is not None:
        write_atomically(
            note, json.dumps({**split._asdict(), "scans": [s.model_dump(mode="json") for s in split.scans]})
        )
    return split


def _split_anew(capture: ScanCapture, source: Source, how: Handling) -> SplitFile:
    one = len(source.pages) == 1
    split = capture.split(source.pages[0], source.name, how) if one else split_pages(capture, source, how)
    at = min(datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in source.pages)
    if at > capture.engine.clock():  # the scanner's clock is wrong; then the time of recording counts
        return split
    return split._replace(scans=tuple(scan.model_copy(update={"captured_at": at}) for scan in split.scans))


def _read_split(note: Path) -> SplitFile | None:
    """What was found when the file was checked before; None where nothing is kept, or it cannot be read."""
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        scans = tuple(RawScan.model_validate_json(json.dumps(scan)) for scan in kept["scans"])
        return SplitFile(scans, tuple(kept["labels"]), tuple(kept["sheets"]), kept["pages"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _find_missing_sheets(labels: Sequence[str | None], sheets: Sequence[str]) -> list[int]:
    """Numbers of the sheets that were not recognised; 0 where pages lie before the first sheet."""
    if not sheets:
        return []
    missing = list(sheet.find_missing(sheets, max(map(sheet.parse_total, sheets))))
    return [0, *missing] if None in labels else missing
