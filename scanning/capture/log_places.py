"""Where the log records each product: the log is verified once, and each batch is read once, however many are asked."""

from functools import cache

from scanning.batches.events import ItemSealed
from scanning.requirements.scan_product import Product
from workflow.engine.events import decode
from workflow.engine.store.hash_chain import Head
from workflow.engine.store.log import Log
from workflow.errors import Corrupted
from workflow.text import Text


class LogPlaces:
    def __init__(self, log: Log) -> None:
        self._log = log
        self._head: Head | Corrupted | None = None
        self._list_sealed = cache(self._read_sealed)

    def locate(self, stream: str, product: Product) -> Text:
        """Position of the event that recorded a product, in a log that verifies; raises `Corrupted`."""
        head = self._verify()
        found = self._list_sealed(stream).get(product.sha256)
        if found is None or found[1] != product:
            raise Corrupted(head.position, "no event records this product", "kein Ereignis verzeichnet dieses Produkt")
        at = f"{found[0]}", f"{head.position}", head.hash
        return Text("Position {} von {}, Kopf {}".format(*at), "position {} of {}, head {}".format(*at))

    def _verify(self) -> Head:
        if self._head is None:
            try:
                self._head = self._log.verify()
            except Corrupted as wrong:
                self._head = wrong
        if isinstance(self._head, Corrupted):
            raise self._head
        return self._head

    def _read_sealed(self, stream: str) -> dict[str, tuple[int, Product]]:
        """SHA-256 of each product that a batch has sealed -> position of the latest event, and what it records."""
        found: dict[str, tuple[int, Product]] = {}
        for row in self._log.read(stream):
            if row.type == ItemSealed.TYPE and row.payload is not None:
                event = decode(row.type, row.schema_version, row.payload, row.position)
                if isinstance(event, ItemSealed):
                    found[event.product.sha256] = (row.position, event.product)
        return found
