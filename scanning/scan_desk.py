"""The scan desk: takes a file for an item through check and store into the log, and from there to the sealed product.

Order, always: written, synced (file and folder), read back, compared; only then the event that names it. Whatever
happens in between leaves a file without an event, which does no harm, and never an event without its file.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scanning import batch_commands as c
from scanning import transfer_note
from scanning.asking import Item, ask
from scanning.batch import Scan
from scanning.batch_events import ItemSealed, Stored
from scanning.batch_guards import Ask
from scanning.content import ContentStore, Evidence, Step, from_file, quiet
from scanning.measures import measures_for
from scanning.product import Product, RawScan, TransferNote
from scanning.refusal import Refused
from scanning.seal import Sealer, finish
from scanning.shown import line
from scanning.workers import Workers
from workflow.access import Actor
from workflow.engine import Done, Engine
from workflow.errors import Corrupted, DuplicateCommand, NotFound


class Taken(NamedTuple):
    """A file that was checked, stored and recorded."""

    done: Done
    raw: RawScan


class ScanDesk:
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
        if command_id is None or not self.engine.log.by_command(command_id):
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
        if command_id is None or not self.engine.log.by_command(command_id):
            ask(self.engine, stream, item, "rework", actor)
        raw = self.store_scan(source, file_name)
        command = c.Rework(item=item, raw=raw, reason=reason)
        done = self.engine.handle(
            command, actor, stream, expected_version=expected_version, command_id=command_id
        )  # fmt: skip
        return Taken(done, raw)

    def store_scan(self, source: Iterable[bytes] | Path, file_name: str) -> RawScan:
        """Check a file and store it and its PDF/A; `Refused` puts its bytes into quarantine."""
        now, name = self.engine.clock(), line(file_name)
        blocks = from_file(source) if isinstance(source, Path) else source
        incoming = self.store.receive(blocks, self.workers.limits.file_bytes, name, now)
        try:
            found = self.workers.inspect(incoming.path, name)
            self.at("inspected")
            out = self.store.room()
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
        )

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
        now = self.engine.clock()
        data, product = self._product(asked, now)
        evidence = self.store.put(data)
        if evidence.sha256 != product.sha256:
            raise Corrupted(0, f"product {product.sha256} was stored as {evidence.sha256}")
        self.at("stored")
        command = c.SealItem(item=asked.item.id, product=product, stored=_stored(evidence, now))
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

    def _sealed_before(self, command_id: str, stream: str, actor: Actor) -> Done | None:
        """A seal is never made twice the same, so a repeated command is known before anything is made."""
        rows = self.engine.log.by_command(command_id)
        if not rows:
            return None
        first = rows[0]
        if (first.stream, first.actor, first.type) != (stream, actor.user, ItemSealed.TYPE):
            raise DuplicateCommand(command_id)
        return Done(stream, first.version, self.engine.load(stream).state, tuple(rows), repeated=True)

    def _product(self, asked: Ask, now: datetime) -> tuple[bytes, Product]:
        item, batch = asked.item, asked.batch
        scan, check = item.scan, item.check
        if scan is None or check is None or scan.raw.content_sha256 is None:
            raise NotFound("content", f"{asked.context.stream} {item.number}")
        content = self.store.read(scan.raw.content_sha256)
        note = TransferNote(
            created_by=scan.by,
            organisation=line(f"Scanstelle {batch.centre}, {batch.carrier or batch.authority}"),
            environment=line(f"{scan.environment}; PDF/A-2b durch eva"),
            anomalies=anomalies(scan),
            captured_at=scan.at,
            qa_by=check.by,
            qa_result=check.result,
            identity=transfer_note.IDENTITY,
            raw_sha256=scan.raw.sha256,
            content_sha256=scan.raw.content_sha256,
        )
        data, seal = finish(content, note, now, self.sealer, _timestamp(asked))
        self.at("sealed")
        product = Product(
            sha256=sha256(data).hexdigest(),
            size=len(data),
            pages=scan.raw.pages,
            note=note,
            note_sha256=transfer_note.digest(note),
            seal=seal,
        )
        return data, product


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


def _timestamp(asked: Ask) -> bool:
    return measures_for(asked.item.protection, asked.batch.terms).timestamp


def _stored(evidence: Evidence, at: datetime) -> Stored:
    return Stored(
        sha256=evidence.sha256,
        file_synced=evidence.file_synced,
        folder_synced=evidence.folder_synced,
        read_back_sha256=evidence.read_back_sha256,
        at=at,
    )
