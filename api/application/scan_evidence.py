"""Evidence on scanned files that only the server may give: raw scan, product, verification; never taken from a client.

A file is stored, synced and read back before the command that names it is decided; rejected files are in quarantine.
"""

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanning.batch_actions.decide import find_item
from scanning.batch_actions.machine import MACHINE
from scanning.batch_actions.paper import Destroy, ReleaseDestruction
from scanning.batches.handling import handle_image
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch, ScanItem, stream
from scanning.capture.damage import check_item
from scanning.document_files import store_document
from scanning.requirements.scan_product import RawScan
from scanning.storage.content_store import ContentStore
from scanning.text_recognition.postprocess import Handling
from workflow.engine.commands import parse
from workflow.engine.engine import Engine
from workflow.engine.fields import line
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context
from workflow.records.files import File
from workflow.text import Text

if TYPE_CHECKING:
    from scanning.capture.services import ScanServices

MADE_HERE: Mapping[str, frozenset[str]] = {
    "seal": frozenset({"product", "stored"}),
    "verify": frozenset({"verification"}),
    "release_destruction": frozenset({"evidence"}),
    "destroy": frozenset({"evidence"}),
}
"""Action -> fields of its body that are made from the files, whatever a client says."""


class ScanFiles:
    """Files of scan batches on disk; store, readers and seal are opened when the first file comes."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._opening = threading.Lock()
        self._opened: ScanServices | None = None

    @property
    def services(self) -> "ScanServices":
        from scanning.capture.services import ScanServices  # noqa: PLC0415 - the libraries of sealing take their time to load

        with self._opening:
            if self._opened is None:
                self._opened = ScanServices(self._engine, self._folder)
            return self._opened

    @property
    def store(self) -> ContentStore:
        return self.services.store

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def most_bytes(self) -> int:
        """Of a file; of a longer one so much and a little more is kept in quarantine."""
        return self.services.reader_pool.limits.file_bytes

    def new_draft(self) -> Path:
        """An empty file of the store for a file that is arriving; left alone, it goes to quarantine a day later."""
        return self.store.new_draft()

    def store_draft(self, draft: Path, name: str, how: Handling) -> RawScan:
        """Check and store a file that has arrived, and its PDF/A.

        Raises `FileRejected`, then its bytes are in quarantine.
        """
        return self.services.capture.store_scan(self.store.adopt(draft), name, how=how)

    def store_document(self, draft: Path, name: str) -> File:
        """Check and store a document's file that has arrived; `FileRejected`, then its bytes are in quarantine."""
        now, pool = self._engine.clock(), self.services.reader_pool
        return store_document(self.store.adopt(draft), line(name), self.store, pool, now)

    def check_allowed(self, context: Context, batch: Batch, item: ScanItem, action: str, command_id: str) -> None:
        """Reject before the work what would be rejected after it; a repeated command has been decided already."""
        if not self._engine.log.read_command(command_id):
            MACHINE.step(item.state, action, context.actor.roles, Question(batch, item, None, context))

    def complete_body(
        self, context: Context, batch: Batch, action: str, data: dict[str, Any], command_id: str
    ) -> dict[str, Any]:
        """The body of an action with the server's evidence; the same again for a repeated command."""
        item = find_item(batch, data.get("item"))
        if action in MADE_HERE:
            self.check_allowed(context, batch, item, action, command_id)
        if action in {"scan", "rework"}:
            raw = data.get("raw")
            said = {name: data.get(name) is True for name in ("duplex", "as_it_is")}
            how = handle_image(batch, item, action, **said)
            return {**data, "raw": self._store_again(raw if isinstance(raw, dict) else {}, how)}
        given = {key: value for key, value in data.items() if key not in MADE_HERE[action]}
        known = self._find_evidence(command_id)
        if known is None:
            known = self._make_evidence(Question(batch, item, None, context), action, given)
        return {**given, **known}

    def _make_evidence(self, question: Question, action: str, data: dict[str, Any]) -> dict[str, Any]:
        batch, item = question.batch, question.item
        if action == "seal":
            return self._make_product(batch, item)
        if action == "verify":
            return {"verification": self._verify(batch, item)}
        command = parse(ReleaseDestruction, data) if action == ReleaseDestruction.ACTION else parse(Destroy, data)
        command = self.services.destruction.add_evidence(question, command)
        return command.model_dump(mode="json", include=set(MADE_HERE[action]))

    def _find_evidence(self, command_id: str) -> dict[str, Any] | None:
        for row in self._engine.log.read_command(command_id):
            if row.type.startswith("scan.") and row.payload is not None:
                recorded = json.loads(row.payload)
                return {key: recorded[key] for fields in MADE_HERE.values() for key in fields if key in recorded}
        return None

    def _store_again(self, raw: dict[str, Any], how: Handling) -> dict[str, Any]:
        """Check a file that the store has already, so that nothing said of it comes from the client."""
        key, name = str(raw.get("sha256")), str(raw.get("file_name") or "scan")
        if not re.fullmatch("[0-9a-f]{64}", key) or not self.store.has(key):
            says = Text(
                "eine solche Datei gibt es nicht; sie kommt mit PUT an .../items/{n}/content",
                "there is no such file; put it to .../items/{n}/content",
            )
            raise InvalidCommand([("/raw/sha256", says)])
        return self.services.capture.store_scan(self.store.path(key), name, how=how).model_dump(mode="json")

    def _make_product(self, batch: Batch, item: ScanItem) -> dict[str, Any]:
        """Make PDF/A, transfer note and seal; store them and read them back."""
        if item.scan is None or item.check is None:
            return {}  # the machine gives the reason why it cannot be sealed now
        product, stored = self.services.capture.make_product(batch, item)
        return {"product": product.model_dump(mode="json"), "stored": stored.model_dump(mode="json")}

    def _verify(self, batch: Batch, item: ScanItem) -> dict[str, Any]:
        if item.product is None:
            raise InvalidCommand([("/item", Text("es gibt noch kein Scanprodukt", "there is no product yet"))])
        report = self.services.maintenance.verify_product(stream(batch.id), item.product)
        check_item(self._engine, self.store, batch, item)
        return self.services.maintenance.to_verification(report).model_dump(mode="json")


def get_item(batch: Batch, number: str) -> ScanItem:
    """The item of a path, by number or id; raises `NotFound`."""
    try:
        return find_item(batch, int(number) if number.isdecimal() and len(number) < 7 else number)
    except InvalidCommand as error:
        raise NotFound("item", number) from error
