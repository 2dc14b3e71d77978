"""Capture: takes a file for an item through check and store into the log, and from there to the sealed product.

Order, always: written, synced (file and folder), read back, compared; only then the event that names it. Whatever
happens in between leaves a file without an event, which does no harm, and never an event without its file.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scanning.batches import commands as c
from scanning.batches.events import ItemSealed, Stored
from scanning.batches.scan_batch import Batch, Scan, ScanItem
from scanning.capture.asking import Item, ask
from scanning.inspection.results import Part
from scanning.readers.process_pool import Workers
from scanning.rejection import Reason, Refused
from scanning.requirements.measures import measures_for
from scanning.requirements.scan_product import Product, RawScan, TransferNote
from scanning.sealing import transfer_note
from scanning.sealing.seal import Sealer, finish
from scanning.storage.content_store import ContentStore, Evidence, Incoming, Step, quiet
from scanning.storage.durable_files import from_file
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.engine.fields import line
from workflow.engine.pending import Done
from workflow.errors import Corrupted, DuplicateCommand, NotFound, StoreFull

SPARE = 64 * 2**20
"""Bytes of room below which a reader that breaks down may have done so for want of it."""


class Taken(NamedTuple):
    """A file that was checked, stored and recorded."""

    done: Done
    raw: RawScan


class Cut(NamedTuple):
    """A file taken apart; `scans` and `labels` belong together."""

    scans: tuple[RawScan, ...]
    labels: tuple[str | None, ...]
    """Of the sheet before each part; None before the first sheet."""
    sheets: tuple[str, ...]
    """Labels of all separator sheets found."""
    pages: int
    """Of the whole file, sheets included."""


class ScanCapture:
    """Brings files and log together; safe to use from many threads."""

    def __init__(
        self, engine: Engine, store: ContentStore, workers: Workers, sealer: Sealer | None, at: Step = quiet
    ) -> None:
        self.engine = engine
        self.store = store
        self.workers = workers
        self.sealer = sealer
        self.at = at

    def take(
        self, stream: str, item: Item, source: Iterable[bytes] | Path, file_name: str, actor: Actor, *,
        command_id: str | None = None, expected_version: int | None = None, sheets: int | None = None,
        duplex: bool = False, environment: str = "Scanner nicht angegeben",
    ) -> Taken:  # fmt: skip
        """Take a scanned file for an item: checked in a child, stored with its PDF/A, recorded as `scan`.

        Raises `Refused` (then the bytes are in quarantine and `sha256` is theirs), and what `workflow.errors` lists.
        """
        if command_id is None or not self.engine.log.read_command(command_id):
            ask(self.engine, stream, item, "scan", actor)
        raw = self.store_scan(source, file_name)
        command = c.Scan(item=item, raw=raw, sheets=sheets, duplex=duplex, environment=environment)
        done = self.engine.handle(
            command, actor, stream, expected_version=expected_version, command_id=command_id
        )  # fmt: skip
        self.at("recorded")
        return Taken(done, raw)

    def rework(
        self, stream: str, item: Item, source: Iterable[bytes] | Path, file_name: str, reason: str, actor: Actor, *,
        command_id: str | None = None, expected_version: int | None = None,
    ) -> Taken:  # fmt: skip
        """Take a more legible image of a scan (A.NB.1); as `take`, recorded as `rework`."""
        if command_id is None or not self.engine.log.read_command(command_id):
            ask(self.engine, stream, item, "rework", actor)
        raw = self.store_scan(source, file_name)
        command = c.Rework(item=item, raw=raw, reason=reason)
        done = self.engine.handle(
            command, actor, stream, expected_version=expected_version, command_id=command_id
        )  # fmt: skip
        return Taken(done, raw)

    def store_scan(self, source: Iterable[bytes] | Path, file_name: str, cut_from: str | None = None) -> RawScan:
        """Check a file and store it and its PDF/A; `Refused` puts its bytes into quarantine."""
        now, name = self.engine.clock(), line(file_name)
        incoming = self._receive(source, name, now)
        try:
            found = self.workers.inspect(incoming.path, name)
            self.at("inspected")
            out = self.store.working_folder()
            try:
                made = self.workers.convert(incoming.path, found.media_type, out)
                content = self.store.adopt(out)
            except Refused:
                out.unlink(missing_ok=True)
                raise
            self.at("converted")
            if made.pages != found.pages:
                raise Corrupted(0, f"{found.pages} pages became {made.pages}")
        except Refused as refused:
            if refused.reason is Reason.READER_FAILED and self.store.free() < SPARE:
                raise StoreFull(
                    "the content store has no room left", "Im Dateispeicher ist kein Platz mehr"
                ) from refused  # a good file must not be refused because of a full disk
            self.store.quarantine(incoming, name, refused, now)
            raise
        self.store.keep(content)
        raw = self.store.keep(incoming)
        self.at("stored")
        return RawScan(
            sha256=raw.sha256,
            size=raw.size,
            media_type=found.media_type,
            file_name=name,
            pages=found.pages,
            blank_pages=found.blank_pages,
            unreadable_pages=found.unreadable_pages,
            findings=(*found.findings, *(line(f"converted: {told}") for told in made.anomalies)),
            content_sha256=content.sha256,
            cut_from=cut_from,
        )

    def cut(self, source: Iterable[bytes] | Path, file_name: str) -> Cut:
        """Take apart a file scanned in one go, at its separator sheets; without sheets it is one scan as it is.

        All parts and the whole are checked and stored; pages of the parts and sheets add up to the whole, or
        `Corrupted`. `Refused` puts the whole into quarantine.
        """
        now, name = self.engine.clock(), line(file_name)
        incoming = self._receive(source, name, now)
        with TemporaryDirectory(dir=self.store.root / "incoming") as folder:
            try:
                found = self.workers.inspect(incoming.path, name)
                parts = self.workers.split(incoming.path, found.media_type, Path(folder))
            except Refused as refused:
                self.store.quarantine(incoming, name, refused, now)
                raise
            if found.pages != parts.pages or sum(p.pages for p in parts.parts) + parts.separator_pages != parts.pages:
                raise Corrupted(0, f"{found.pages} pages became {parts}")
            if not parts.sheets:
                scan = self.store_scan(incoming.path, name)
                self.store.discard(incoming)
                return Cut((scan,), (None,), (), found.pages)
            whole = self.store.keep(incoming).sha256
            scans = [self.store_scan(Path(part.path), _pages_of(name, part), whole) for part in parts.parts]
        return Cut(tuple(scans), tuple(part.label for part in parts.parts), parts.sheets, found.pages)

    def seal(
        self, stream: str, item: Item, actor: Actor, *, command_id: str | None = None,
        expected_version: int | None = None,
    ) -> Done:  # fmt: skip
        """Make the product of a checked item: note, seal, stored and read back, then recorded as `seal`.

        A repeated `command_id` answers the first result without sealing again.
        """
        if command_id is not None and (before := self._sealed_before(command_id, stream, actor)):
            return before
        asked = ask(self.engine, stream, item, "seal", actor)
        product, stored = self.product(asked.batch, asked.item)
        command = c.SealItem(item=asked.item.id, product=product, stored=stored)
        done = self.engine.handle(
            command, actor, stream, expected_version=expected_version, command_id=command_id
        )  # fmt: skip
        self.at("recorded")
        return done

    def content(self, stream: str, item: Item, actor: Actor) -> Path:
        """Where the PDF of an item lies, to be read only: the product, or before the seal what is to be inspected.

        `NotFound` where there is none, or the person may not know of it.
        """
        asked = ask(self.engine, stream, item, None, actor)
        if asked.item.product is not None:
            return self.store.path(asked.item.product.sha256)
        scan = asked.item.scan
        if scan is None or scan.raw.content_sha256 is None:
            raise NotFound("content", f"{stream} {asked.item.number}")
        return self.store.path(scan.raw.content_sha256)

    def _receive(self, source: Iterable[bytes] | Path, name: str, now: datetime) -> Incoming:
        blocks = from_file(source) if isinstance(source, Path) else source
        return self.store.receive(blocks, self.workers.limits.file_bytes, name, now)

    def _sealed_before(self, command_id: str, stream: str, actor: Actor) -> Done | None:
        """A seal is never made twice the same, so a repeated command is known before anything is made."""
        rows = self.engine.log.read_command(command_id)
        if not rows:
            return None
        first = rows[0]
        if (first.stream, first.actor, first.type) != (stream, actor.user, ItemSealed.TYPE):
            raise DuplicateCommand(command_id)
        return Done(stream, first.version, self.engine.load(stream).state, tuple(rows), repeated=True)

    def product(self, batch: Batch, item: ScanItem) -> tuple[Product, Stored]:
        """Make the product of a checked item and store it; what the command `seal` then names.

        `NotFound` where the item has no scan or was not checked.
        """
        scan, check, now = item.scan, item.check, self.engine.clock()
        if scan is None or check is None:
            raise NotFound("checked scan", f"{batch.id} {item.number}")
        content, converted = self._content(scan.raw)
        note = TransferNote(
            created_by=scan.by,
            organisation=line(f"Scanstelle {batch.centre}, {batch.carrier or batch.authority}"),
            environment=line(f"{scan.environment}; PDF/A-2b durch eva"),
            anomalies=(*anomalies(scan), *converted),
            captured_at=scan.at,
            qa_by=check.by,
            qa_result=check.result,
            identity=transfer_note.IDENTITY,
            raw_sha256=scan.raw.sha256,
            content_sha256=sha256(content).hexdigest(),
        )
        timestamp = measures_for(item.protection, batch.terms).timestamp
        data, seal = finish(content, note, now, self.sealer, timestamp)
        self.at("sealed")
        product = Product(
            sha256=sha256(data).hexdigest(),
            size=len(data),
            pages=scan.raw.pages,
            note=note,
            note_sha256=transfer_note.digest(note),
            seal=seal,
        )
        evidence = self.store.put(data)
        if evidence.sha256 != product.sha256:
            raise Corrupted(0, f"product {product.sha256} was stored as {evidence.sha256}")
        self.at("stored")
        return product, _stored(evidence, now)

    def _content(self, raw: RawScan) -> tuple[bytes, tuple[str, ...]]:
        """The PDF/A of a scan; made now, with what was remarked, where it was not made when the scan was taken."""
        if raw.content_sha256 is not None:
            return self.store.read(raw.content_sha256), ()
        out = self.store.working_folder()
        try:
            made = self.workers.convert(self.store.path(raw.sha256), raw.media_type, out)
            return out.read_bytes(), made.anomalies
        finally:
            out.unlink(missing_ok=True)


def _pages_of(name: str, part: Part) -> str:
    """Name of a part, with the suffix that tells its type."""
    last = part.first_page + part.pages - 1
    return f"{name[:300]}, {part.first_page}-{last}{Path(part.path).suffix}"


def anomalies(scan: Scan) -> tuple[str, ...]:
    """Field c of the note: what the checks and the rework found conspicuous."""
    raw = scan.raw
    told = list(raw.findings)
    for what, pages in (("Seiten ohne Inhalt", raw.blank_pages), ("schwer lesbare Seiten", raw.unreadable_pages)):
        if pages:
            told.append(line(f"{what}: {', '.join(map(str, pages))}"))
    if scan.reworked_by:
        told.append(line(f"nachbearbeitet durch {', '.join(scan.reworked_by)}"))
    if scan.duplicate_of:
        told.append(line(f"gleiche Datei wie {', '.join(scan.duplicate_of)}"))
    return tuple(told)


def _stored(evidence: Evidence, at: datetime) -> Stored:
    return Stored(
        sha256=evidence.sha256,
        file_synced=evidence.file_synced,
        folder_synced=evidence.folder_synced,
        read_back_sha256=evidence.read_back_sha256,
        at=at,
    )
