"""Capturing scans: a file is checked, stored and recorded for an item, and later becomes the sealed product.

The order is always: written, synced (file and folder), read back, compared; only then the event that names the file.
A crash in between leaves a file without an event, which does no harm, and never an event without its file.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scanning.batch_actions import capture as c
from scanning.batches.events import ItemSealed
from scanning.batches.handling import handle_image
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.values import Stored
from scanning.capture.item_access import ItemKey, get_item
from scanning.capture.scan_findings import list_anomalies, mark_pages, name_part
from scanning.inspection.results import FoundDifference, ScanRead
from scanning.readers.process_pool import ReaderPool
from scanning.rejection import FileRejected, RejectionReason
from scanning.requirements.measures import measures_for
from scanning.requirements.scan_product import PageDifference, Product, RawScan, TransferNote
from scanning.sealing import transfer_note
from scanning.sealing.seal import Sealer, append_note_and_seal
from scanning.storage.content_store import ContentStore, Incoming, Step, ignore_step
from scanning.storage.file_io import read_blocks
from scanning.storage.rejected import quarantining
from scanning.text_recognition.postprocess import AS_IT_IS, Handling, postprocess
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.engine.fields import line
from workflow.engine.pending import Done
from workflow.errors import Corrupted, DuplicateCommand, NotFound


class CapturedFile(NamedTuple):
    done: Done
    raw: RawScan


class SplitFile(NamedTuple):
    """A file split at its separator sheets; `scans` and `labels` belong together."""

    scans: tuple[RawScan, ...]
    labels: tuple[str | None, ...]
    """Text of the sheet before each part; None before the first sheet."""
    sheets: tuple[str, ...]
    """Labels of all separator sheets found."""
    pages: int
    """Of the whole file, sheets included."""


class ScanCapture:
    """Brings files and log together; safe to use from many threads."""

    def __init__(
        self,
        engine: Engine,
        store: ContentStore,
        reader_pool: ReaderPool,
        sealer: Sealer | None,
        on_step: Step = ignore_step,
    ) -> None:
        self.engine = engine
        self.store = store
        self.reader_pool = reader_pool
        self.sealer = sealer
        self.on_step = on_step

    def record_scan(
        self, stream: str, item: ItemKey, source: Iterable[bytes] | Path, file_name: str, actor: Actor, *,
        command_id: str | None = None, expected_version: int | None = None, sheets: int | None = None,
        duplex: bool = False, environment: str = "Scanner nicht angegeben", as_it_is: bool = False,
    ) -> CapturedFile:  # fmt: skip
        """Check a scanned file, store it with its PDF/A and record it as `scan` of an item.

        Its pages are handled as the terms of the batch want it, or not at all with `as_it_is`.

        Raises `FileRejected` (then the bytes are in quarantine, and its `sha256` is theirs), and what
        `workflow.errors` lists.
        """
        how = self._choose_handling(stream, item, actor, "scan", command_id, duplex=duplex, as_it_is=as_it_is)
        raw = self.store_scan(source, file_name, how=how)
        command = c.Scan(item=item, raw=raw, sheets=sheets, duplex=duplex, environment=environment)
        done = self.engine.handle(command, actor, stream, expected_version=expected_version, command_id=command_id)
        self.on_step("recorded")
        return CapturedFile(done, raw)

    def record_rework(
        self, stream: str, item: ItemKey, source: Iterable[bytes] | Path, file_name: str, reason: str, actor: Actor, *,
        command_id: str | None = None, expected_version: int | None = None, as_it_is: bool = False,
    ) -> CapturedFile:  # fmt: skip
        """Check, store and record a more legible image of a scan (A.NB.1), as `record_scan` does."""
        how = self._choose_handling(stream, item, actor, "rework", command_id, as_it_is=as_it_is)
        raw = self.store_scan(source, file_name, how=how)
        command = c.Rework(item=item, raw=raw, reason=reason)
        done = self.engine.handle(command, actor, stream, expected_version=expected_version, command_id=command_id)
        return CapturedFile(done, raw)

    def _choose_handling(
        self, stream: str, item: ItemKey, actor: Actor, action: str, command_id: str | None, **said: bool
    ) -> Handling:
        """How a file is to be handled; raises what the action would raise, unless the command was decided before."""
        before = command_id is not None and self.engine.log.read_command(command_id)
        found = get_item(self.engine, stream, item, actor, None if before else action)
        return handle_image(found.batch, found.item, action, **said)

    def store_scan(
        self, source: Iterable[bytes] | Path | Incoming, file_name: str, cut_from: str | None = None,
        how: Handling = AS_IT_IS,
    ) -> RawScan:  # fmt: skip
        """Check a file and store it and its PDF/A; raises `FileRejected`, then its bytes are in quarantine."""
        now, name = self.engine.clock(), line(file_name)
        incoming = self._receive(source, name, now)
        with TemporaryDirectory(dir=self.store.root / "incoming") as folder:
            read = self._read(incoming, name, Path(folder), now, how, split=False)
            return self._keep(read, incoming, name, cut_from=cut_from)

    def split(self, source: Iterable[bytes] | Path, file_name: str, how: Handling = AS_IT_IS) -> SplitFile:
        """Split a file scanned in one go at its separator sheets; without sheets it is one scan as it is.

        The whole and all parts are checked and stored. Raises `Corrupted` where the pages of parts and sheets do not
        add up to those of the whole, and `FileRejected`; then the whole is in quarantine.
        """
        now, name = self.engine.clock(), line(file_name)
        incoming = self._receive(source, name, now)
        with TemporaryDirectory(dir=self.store.root / "incoming") as folder:
            read = self._read(incoming, name, Path(folder), now, how, split=True)
            pages, parts = read.inspection.pages, read.parts
            if parts is None:
                return SplitFile((self._keep(read, incoming, name, marked=read.marked_pages),), (None,), (), pages)
            if pages != parts.pages or sum(p.pages for p in parts.parts) + parts.separator_pages != pages:
                raise Corrupted(0, f"{pages} pages became {parts}", f"aus {pages} Seiten wurden {parts}")
            whole = self.store.keep(incoming).sha256
            scans = [
                mark_pages(self.store_scan(Path(part.path), name_part(name, part), whole, how), part.marked_pages)
                for part in parts.parts
            ]
        return SplitFile(tuple(scans), tuple(part.label for part in parts.parts), parts.sheets, pages)

    def _read(
        self, incoming: Incoming, name: str, folder: Path, now: datetime, how: Handling, *, split: bool
    ) -> ScanRead:
        """Have a file read in child processes; one that is rejected goes to quarantine."""
        out, pictures, parts = folder / "content", folder / "pictures", folder / "parts"
        pictures.mkdir()
        parts.mkdir()
        with quarantining(self.store, incoming, name, now):
            read = self.reader_pool.read(incoming.path, name, out, pictures, parts if split else None)
            read = postprocess(self.reader_pool, read, folder, how)
        self.on_step("inspected")
        return read

    def _keep(
        self, read: ScanRead, incoming: Incoming, name: str, cut_from: str | None = None, marked: tuple[int, ...] = ()
    ) -> RawScan:
        """Store a file that was read, its PDF/A, and the pictures of pages that look different."""
        found, made = read.inspection, read.converted
        if made is None or made.pages + len(made.dropped) != found.pages:
            raise Corrupted(0, f"of {found.pages} pages some are lost", f"von {found.pages} Seiten fehlen welche")
        content = self.store.keep(self.store.adopt(Path(read.content)))
        self.on_step("converted")
        differences = tuple(map(self._keep_pictures, made.differences))
        raw = self.store.keep(incoming)
        self.on_step("stored")
        scan = RawScan(
            sha256=raw.sha256,
            size=raw.size,
            media_type=found.media_type,
            file_name=name,
            pages=found.pages,
            blank_pages=found.blank_pages,
            unreadable_pages=found.unreadable_pages,
            findings=(
                *found.findings,
                *(line(f"converted: {anomaly}") for anomaly in made.anomalies),
                *(line(f"different: {one}") for one in (*(d.detail for d in differences), *made.other_differences)),
            ),
            treatment=made.treatment,
            differences=differences,
            dropped_pages=made.dropped,
            content_sha256=content.sha256,
            cut_from=cut_from,
        )
        return mark_pages(scan, marked)

    def _keep_pictures(self, found: FoundDifference) -> PageDifference:
        paths = {"before": found.before, "converted": found.converted, "after": found.after}
        pictures = {of: path and self.store.keep(self.store.adopt(Path(path))).sha256 for of, path in paths.items()}
        return PageDifference.model_validate({"page": found.page, "detail": found.detail, **pictures})

    def seal(
        self, stream: str, item: ItemKey, actor: Actor, *, command_id: str | None = None,
        expected_version: int | None = None,
    ) -> Done:  # fmt: skip
        """Make the product of a checked item: note, seal, stored and read back, then recorded as `seal`.

        A repeated `command_id` gives the first result without sealing again.
        """
        if command_id is not None and (before := self._find_sealed(command_id, stream, actor)):
            return before
        found = get_item(self.engine, stream, item, actor, "seal")
        product, stored = self.make_product(found.batch, found.item)
        command = c.SealItem(item=found.item.id, product=product, stored=stored)
        done = self.engine.handle(command, actor, stream, expected_version=expected_version, command_id=command_id)
        self.on_step("recorded")
        return done

    def get_pdf(self, stream: str, item: ItemKey, actor: Actor) -> Path:
        """Path of an item's PDF, to be read only: the product, or before the seal the PDF/A that is inspected.

        Raises `NotFound` where there is none, or the person may not know of it.
        """
        found = get_item(self.engine, stream, item, actor)
        if found.item.product is not None:
            return self.store.path(found.item.product.sha256)
        scan = found.item.scan
        if scan is None or scan.raw.content_sha256 is None:
            raise NotFound("content", f"{stream} {found.item.number}")
        return self.store.path(scan.raw.content_sha256)

    def _receive(self, source: Iterable[bytes] | Path | Incoming, name: str, now: datetime) -> Incoming:
        most = self.reader_pool.limits.file_bytes
        if not isinstance(source, Incoming):
            return self.store.receive(read_blocks(source) if isinstance(source, Path) else source, most, name, now)
        self.on_step("received")
        if source.size > most:
            rejected = FileRejected(RejectionReason.TOO_BIG, f"> {most} bytes")
            self.store.quarantine(source, name, rejected, now)
            raise rejected
        return source

    def _find_sealed(self, command_id: str, stream: str, actor: Actor) -> Done | None:
        """The result of a command seen before: a second seal would differ from the first, so none is made."""
        rows = self.engine.log.read_command(command_id)
        if not rows:
            return None
        first = rows[0]
        if (first.stream, first.actor, first.type) != (stream, actor.user, ItemSealed.TYPE):
            raise DuplicateCommand(command_id)
        return Done(stream, first.version, self.engine.load(stream).state, tuple(rows), repeated=True)

    def make_product(self, batch: Batch, item: ScanItem) -> tuple[Product, Stored]:
        """Make the product of a checked item and store it; the command `seal` then names both results.

        Raises `NotFound` where the item has no scan or was not checked.
        """
        scan, check, now = item.scan, item.check, self.engine.clock()
        if scan is None or check is None:
            raise NotFound("checked scan", f"{batch.id} {item.number}")
        content, converted = self._read_content(scan.raw)
        note = TransferNote(
            created_by=scan.by,
            organisation=line(f"Scanstelle {batch.centre}, {batch.carrier or batch.authority}"),
            environment=line(f"{scan.environment}; PDF/A-2b durch eva"),
            anomalies=(*list_anomalies(scan, batch.id), *converted),
            captured_at=scan.captured_at,
            qa_by=check.by,
            qa_result=check.result,
            identity=transfer_note.IDENTITY,
            raw_sha256=scan.raw.sha256,
            content_sha256=sha256(content).hexdigest(),
        )
        timestamp = measures_for(item.protection, batch.terms).timestamp
        data, seal = append_note_and_seal(content, note, now, self.sealer, timestamp)
        self.on_step("sealed")
        product = Product(
            sha256=sha256(data).hexdigest(),
            size=len(data),
            pages=scan.raw.kept_pages,
            note=note,
            note_sha256=transfer_note.hash_note(note),
            seal=seal,
        )
        evidence = self.store.put(data)
        if evidence.sha256 != product.sha256:
            raise Corrupted(0, f"stored as {evidence.sha256}", f"abgelegt als {evidence.sha256}")
        self.on_step("stored")
        return product, Stored(
            sha256=evidence.sha256,
            file_synced=evidence.file_synced,
            folder_synced=evidence.folder_synced,
            read_back_sha256=evidence.read_back_sha256,
            at=now,
        )

    def _read_content(self, raw: RawScan) -> tuple[bytes, tuple[str, ...]]:
        """The PDF/A of a scan and its anomalies; converted now where that was not done when the scan was stored."""
        if raw.content_sha256 is not None:
            return self.store.read(raw.content_sha256), ()
        with TemporaryDirectory(dir=self.store.root / "incoming") as folder:
            out = Path(folder) / "content"
            made = self.reader_pool.read(self.store.path(raw.sha256), raw.file_name, out, Path(folder)).converted
            if made is None or made.differences:
                what = made.differences[0].detail if made else "-"
                raise Corrupted(0, f"pages look different in the PDF/A: {what}", f"Seiten anders im PDF/A: {what}")
            return out.read_bytes(), made.treatment
