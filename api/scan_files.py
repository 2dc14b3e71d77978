"""The scanned files of a house: taken in and checked, turned into the sealed product, verified again.

A file is stored, synced and read back before the command that names it is decided; what is refused lies in quarantine.
What the log then says of a file (raw scan, product, verification) is made here and never taken from a client.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanning.answers import Inspection
from scanning.batch import Batch, ScanItem
from scanning.batch_decisions import meant
from scanning.batch_events import Stored, Verification
from scanning.content import ContentStore
from scanning.limits import LIMITS
from scanning.product import Product, RawScan, TransferNote
from scanning.refusal import Refused
from scanning.shown import line
from scanning.workers import Workers
from workflow.engine import Engine
from workflow.errors import InvalidCommand, NotFound

if TYPE_CHECKING:
    from scanning.seal import Sealer

MADE_HERE = ("scan", "rework", "seal", "verify")
"""Actions whose evidence the server makes."""


class ScanFiles:
    """Files of scan batches on disk; the store and its readers are opened when the first file comes."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._store: ContentStore | None = None
        self._workers: Workers | None = None
        self._sealer: Sealer | None = None

    @property
    def store(self) -> ContentStore:
        """Where the files lie."""
        if self._store is None:
            self._store = ContentStore(self._folder / "content")
        return self._store

    def close(self) -> None:
        """End the readers."""
        if self._workers is not None:
            self._workers.close()

    def take(self, blocks: Iterator[bytes], name: str) -> RawScan:
        """Store and check a file; `Refused` where it will not do, its bytes then lie in quarantine."""
        now = self._engine.clock()
        incoming = self.store.receive(blocks, LIMITS.file_bytes, name, now)
        try:
            found = self._reader().inspect(incoming.path, name)
        except Refused as refused:
            self.store.quarantine(incoming, line(name), refused, now)
            raise
        evidence = self.store.keep(incoming)
        return self._raw(found, evidence.sha256, evidence.size, name)

    def completed(self, batch: Batch, action: str, data: dict[str, Any], command_id: str) -> dict[str, Any]:
        """The body of an action with what only the server can say; the same again for a repeated command."""
        item = meant(batch, data.get("item"))
        if action in {"scan", "rework"}:
            raw = data.get("raw")
            return {**data, "raw": self._known(raw if isinstance(raw, dict) else {})}
        given = {key: value for key, value in data.items() if key not in {"product", "stored", "verification"}}
        return {**given, **(self._before(command_id) or self._made(batch, item, action))}

    def _made(self, batch: Batch, item: ScanItem, action: str) -> dict[str, Any]:
        return self._product(batch, item) if action == "seal" else {"verification": self._verified(item)}

    def _before(self, command_id: str) -> dict[str, Any] | None:
        """What was made for the same command the first time."""
        for row in self._engine.log.by_command(command_id):
            if row.type in {"scan.item_sealed", "scan.item_verified"} and row.payload is not None:
                told = json.loads(row.payload)
                return {key: told[key] for key in ("product", "stored", "verification") if key in told}
        return None

    def _known(self, raw: dict[str, Any]) -> dict[str, Any]:
        """A file that was put here before, as it is and not as the client says."""
        key, name = str(raw.get("sha256")), str(raw.get("file_name") or "scan")
        if not re.fullmatch("[0-9a-f]{64}", key) or not self.store.has(key):
            raise InvalidCommand([("/raw/sha256", "there is no such file; put it to .../items/{n}/content")])
        path = self.store.path(key)
        return self._raw(self._reader().inspect(path, name), key, path.stat().st_size, name).model_dump(mode="json")

    @staticmethod
    def _raw(found: Inspection, key: str, size: int, name: str) -> RawScan:
        return RawScan(
            sha256=key, size=size, media_type=found.media_type, file_name=line(name), pages=found.pages,
            blank_pages=found.blank_pages, unreadable_pages=found.unreadable_pages, findings=found.findings,
        )  # fmt: skip

    def _product(self, batch: Batch, item: ScanItem) -> dict[str, Any]:
        """PDF/A, transfer note, seal: stored and read back."""
        from scanning.seal import finish  # noqa: PLC0415 - the libraries of sealing take their time to load
        from scanning.transfer_note import IDENTITY, digest  # noqa: PLC0415

        scan, check, now = item.scan, item.check, self._engine.clock()
        if scan is None or check is None:
            return {}  # the machine says why it cannot be sealed now
        room = self.store.room()
        converted = self._reader().convert(self.store.path(scan.raw.sha256), scan.raw.media_type, room)
        made = self.store.keep(self.store.adopt(room))
        content = self.store.read(made.sha256)
        note = TransferNote(
            created_by=scan.by,
            organisation=batch.centre,
            environment=scan.environment,
            anomalies=tuple(dict.fromkeys((*scan.raw.findings, *converted.anomalies))),
            captured_at=scan.at,
            qa_by=check.by,
            qa_result=check.result,
            identity=IDENTITY,
            raw_sha256=scan.raw.sha256,
            content_sha256=sha256(content).hexdigest(),
        )
        data, seal = finish(content, note, now, self._seal(now), timestamp=True)
        evidence = self.store.put(data)
        product = Product(
            sha256=evidence.sha256, size=evidence.size, pages=scan.raw.pages, note=note, note_sha256=digest(note),
            seal=seal,
        )  # fmt: skip
        stored = Stored(
            sha256=evidence.sha256, file_synced=evidence.file_synced, folder_synced=evidence.folder_synced,
            read_back_sha256=evidence.read_back_sha256, at=now,
        )  # fmt: skip
        return {"product": product.model_dump(mode="json"), "stored": stored.model_dump(mode="json")}

    def _verified(self, item: ScanItem) -> dict[str, Any]:
        from scanning.verify import verify  # noqa: PLC0415 - as above

        product, now = item.product, self._engine.clock()
        if product is None:
            raise InvalidCommand([("/item", "there is no product yet")])
        report = verify(product, self.store, self._seal(now), self._place)
        found = Verification(
            read_back_sha256=report.read_back_sha256, note_valid=report.holds("note"),
            seal_valid=report.holds("seal"), at=now,
        )  # fmt: skip
        return found.model_dump(mode="json")

    def _place(self) -> str:
        head = self._engine.log.head()
        return f"log at position {head.position}"

    def _reader(self) -> Workers:
        if self._workers is None:
            self._workers = Workers()
        return self._workers

    def _seal(self, now: datetime) -> "Sealer":
        from scanning.seal_settings import SealSettings, sealer  # noqa: PLC0415 - as above

        if self._sealer is None:
            self._sealer = sealer(SealSettings(folder=self._folder / "seal"), now)
        return self._sealer


def item_of(batch: Batch, number: str) -> ScanItem:
    """The item of a path, by number or id; `NotFound`."""
    try:
        return meant(batch, int(number) if number.isdecimal() and len(number) < 7 else number)
    except InvalidCommand as wrong:
        raise NotFound("item", number) from wrong
