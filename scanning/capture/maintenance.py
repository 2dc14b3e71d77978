"""Maintenance of stored files: verification, fixity, backup, deletion.

TR-03138 A.T.4 (reliable storage), A.IS.1, A.AM.VT.H.3 (intermediate results are deleted); rule 24.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from scanning.backup_runs import record_backup_run
from scanning.batches.values import Verification
from scanning.capture.damage import report_damage
from scanning.capture.item_access import ItemKey, get_item
from scanning.capture.log_places import LogPlaces
from scanning.capture.needed_files import list_needed
from scanning.capture.verification import Report, verify
from scanning.requirements.scan_product import Product
from scanning.sealing.seal import Sealer
from scanning.storage import fixity
from scanning.storage.backup import BackupFolders, BackupRun, copy_log_and_files
from scanning.storage.content_store import ContentStore
from scanning.storage.fixity import Fixity
from workflow.engine.access import Actor
from workflow.engine.engine import Engine
from workflow.errors import NotFound
from workflow.text import Text


class Maintenance:
    def __init__(
        self, engine: Engine, store: ContentStore, sealer: Sealer | None, backups: BackupFolders | None = None
    ) -> None:
        self.engine = engine
        self.store = store
        self.sealer = sealer
        self.backups = backups or BackupFolders(store.root.parent / "backups.json")

    def fixity(self, every: timedelta | None = None, progress: Callable[[str], None] = lambda _: None) -> Fixity:
        """Read the whole store, or only the parts not read for `every`; `progress` is called with each part.

        Items whose files are changed or missing are stopped at once, and go on once these are well again.
        """
        now = self.engine.clock()
        parts: Sequence[str] = fixity.PARTS
        if every is not None:  # and where no file is: there may have been some
            known = fixity.read_check_times(self.store)
            parts = [
                *fixity.list_due_parts(self.store, now, every),
                *(part for part in fixity.PARTS if part not in known),
            ]
        needed = list_needed(self.engine)
        found = fixity.check(self.store, needed.required, now, parts, needed.allowed, progress)
        report_damage(self.engine, found, needed.required, frozenset(parts))
        return found

    def verify(self, stream: str, item: ItemKey, actor: Actor) -> Report:
        """Verify an item's product end to end; `NotFound` where it has none or the person may not know of it."""
        found = get_item(self.engine, stream, item, actor)
        product = found.item.product
        if product is None:
            raise NotFound("product", f"{stream} {found.item.number}")
        return self.verify_product(stream, product)

    def verify_product(self, stream: str, product: Product) -> Report:
        return next(self.verify_products([(stream, product)]))

    def verify_products(self, products: Iterable[tuple[str, Product]]) -> Iterator[Report]:
        """Verify products of streams end to end; the log is verified once for all of them."""
        places = LogPlaces(self.engine.log)
        for stream, product in products:
            yield verify(product, self.store, self.sealer, partial(places.locate, stream, product))

    def read_product(self, product: Product) -> Report:
        """As `verify_product`, the log left out: it is verified on its own."""
        return verify(product, self.store, self.sealer, lambda: Text("nicht gefragt", "not asked"))

    def to_verification(self, report: Report) -> Verification:
        return Verification(
            read_back_sha256=report.read_back_sha256,
            note_valid=report.holds("note") and report.holds("content"),
            seal_valid=report.holds("seal"),
            at=self.engine.clock(),
        )

    def backup(self, target: Path, progress: Callable[[int], None] = lambda _: None) -> BackupRun:
        """Copy log and contents, verified, and record the run for each batch whose products it holds.

        Only products that were copied are named: one sealed meanwhile waits for the next run.
        """
        copied: set[str] = set()

        def list_required() -> frozenset[str]:
            copied.update(list_needed(self.engine).required)
            return frozenset(copied)

        run = copy_log_and_files(self.engine.log, self.store, target, self.engine.clock(), list_required, progress)
        self.backups.add(target)
        record_backup_run(self.engine, run.id, run.taken_at, run.manifest_sha256, copied.__contains__)
        return run

    def tidy(self, grace: float = 86_400.0) -> list[str]:
        """Delete what is no longer needed: intermediate results that the measures want gone (A.AM.VT.H.3), PDF/A
        copies of what is a document by now, and all files of records that were deleted (rule 12). Their hashes.

        What was stored within `grace` seconds stays, because a scan of the same file may be about to be recorded.
        """
        needed = list_needed(self.engine)
        return [digest for digest in sorted(needed.allowed) if self.store.erase(digest, grace)]
