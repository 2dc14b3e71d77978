"""Evidence on scanned files that only the server may give: raw scan, product, verification; never taken from a client.

A file is stored, synced and read back before the command that names it is decided; rejected files are in quarantine.
"""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanning.batch_actions.decide import find_item
from scanning.batch_actions.machine import MACHINE
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch, ScanItem, stream
from scanning.requirements.scan_product import RawScan
from scanning.storage.content_store import ContentStore
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context

if TYPE_CHECKING:
    from scanning.capture.services import ScanServices


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

    def store_scan(self, blocks: Iterator[bytes], name: str) -> RawScan:
        """Check and store a file and its PDF/A; raises `FileRejected`, then its bytes are in quarantine."""
        return self.services.capture.store_scan(blocks, name)

    def check_allowed(self, context: Context, batch: Batch, item: ScanItem, action: str, command_id: str) -> None:
        """Reject before the work what would be rejected after it; a repeated command has been decided already."""
        if not self._engine.log.read_command(command_id):
            MACHINE.step(item.state, action, context.actor.roles, Question(batch, item, None, context))

    def complete_body(
        self, context: Context, batch: Batch, action: str, data: dict[str, Any], command_id: str
    ) -> dict[str, Any]:
        """The body of an action with the server's evidence; the same again for a repeated command."""
        item = find_item(batch, data.get("item"))
        if action in {"seal", "verify"}:
            self.check_allowed(context, batch, item, action, command_id)
        if action in {"scan", "rework"}:
            raw = data.get("raw")
            return {**data, "raw": self._store_again(raw if isinstance(raw, dict) else {})}
        given = {key: value for key, value in data.items() if key not in {"product", "stored", "verification"}}
        return {**given, **(self._find_evidence(command_id) or self._make_evidence(batch, item, action))}

    def _make_evidence(self, batch: Batch, item: ScanItem, action: str) -> dict[str, Any]:
        return self._make_product(batch, item) if action == "seal" else {"verification": self._verify(batch, item)}

    def _find_evidence(self, command_id: str) -> dict[str, Any] | None:
        for row in self._engine.log.read_command(command_id):
            if row.type in {"scan.item_sealed", "scan.item_verified"} and row.payload is not None:
                recorded = json.loads(row.payload)
                return {key: recorded[key] for key in ("product", "stored", "verification") if key in recorded}
        return None

    def _store_again(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Check a file that the store has already, so that nothing said of it comes from the client."""
        key, name = str(raw.get("sha256")), str(raw.get("file_name") or "scan")
        if not re.fullmatch("[0-9a-f]{64}", key) or not self.store.has(key):
            raise InvalidCommand([("/raw/sha256", "there is no such file; put it to .../items/{n}/content")])
        return self.services.capture.store_scan(self.store.path(key), name).model_dump(mode="json")

    def _make_product(self, batch: Batch, item: ScanItem) -> dict[str, Any]:
        """Make PDF/A, transfer note and seal; store them and read them back."""
        if item.scan is None or item.check is None:
            return {}  # the machine gives the reason why it cannot be sealed now
        product, stored = self.services.capture.make_product(batch, item)
        return {"product": product.model_dump(mode="json"), "stored": stored.model_dump(mode="json")}

    def _verify(self, batch: Batch, item: ScanItem) -> dict[str, Any]:
        if item.product is None:
            raise InvalidCommand([("/item", "there is no product yet")])
        report = self.services.maintenance.verify_product(stream(batch.id), item.product)
        return self.services.maintenance.to_verification(report).model_dump(mode="json")


def get_item(batch: Batch, number: str) -> ScanItem:
    """The item of a path, by number or id; raises `NotFound`."""
    try:
        return find_item(batch, int(number) if number.isdecimal() and len(number) < 7 else number)
    except InvalidCommand as error:
        raise NotFound("item", number) from error
