"""Releasing and destroying paper: product and backup are read from the disks at that moment, and verified (rule 24).

What was known before is not taken: a product may have been lost since it was stored, a backup since it ran. What cannot
be read is not verified, and what is not verified lets no paper go. Damage that is found stops the item, as the damage
that a fixity run finds does.
"""

from dataclasses import replace

from scanning.batch_actions.machine import MACHINE
from scanning.batch_actions.paper import Destroy, ReleaseDestruction
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.batches.values import BackupReading, DestructionEvidence
from scanning.capture.damage import check_item
from scanning.capture.item_access import ItemKey, get_item
from scanning.capture.maintenance import Maintenance
from scanning.requirements.scan_product import Product
from scanning.storage.backup import read_copy
from workflow.engine.access import Actor
from workflow.engine.pending import Done
from workflow.errors import NotFound

LetsPaperGo = ReleaseDestruction | Destroy


class Destruction:
    """Gives the two steps that let paper go the evidence they rest on."""

    def __init__(self, maintenance: Maintenance) -> None:
        self._maintenance = maintenance
        self._engine = maintenance.engine

    def release(self, stream: str, item: ItemKey, actor: Actor, *, command_id: str | None = None) -> Done:
        """Authorise the destruction of an item's paper; raises what `workflow.errors` lists."""
        found = get_item(self._engine, stream, item, actor, ReleaseDestruction.ACTION)
        command = self.add_evidence(found, ReleaseDestruction(item=found.item.id))
        return self._engine.handle(command, actor, stream, command_id=command_id)

    def destroy(
        self, stream: str, item: ItemKey, actor: Actor, method: str = "", *, command_id: str | None = None
    ) -> Done:
        """Record that an item's paper was destroyed; as `release`."""
        found = get_item(self._engine, stream, item, actor, Destroy.ACTION)
        command = self.add_evidence(found, Destroy(item=found.item.id, method=method))
        return self._engine.handle(command, actor, stream, command_id=command_id)

    def add_evidence(self, question: Question, command: LetsPaperGo) -> LetsPaperGo:
        """The command with what is read now.

        Where a file is damaged, that is recorded with the item, and the machine's refusal is raised.
        """
        batch, item = question.batch, question.item
        complete = command.model_copy(update={"evidence": self._read(batch, item)})
        damaged = check_item(self._engine, self._maintenance.store, batch, item)
        now = replace(question, item=replace(item, damaged=damaged), command=complete)
        MACHINE.step(item.state, command.ACTION, question.context.actor.roles, now)
        return complete

    def _read(self, batch: Batch, item: ScanItem) -> DestructionEvidence:
        product = item.product
        if product is None:
            raise NotFound("product", f"{batch.id} {item.number}")
        report = self._maintenance.read_product(product)
        return DestructionEvidence(
            verification=self._maintenance.to_verification(report), backup=self._read_backup(batch, product)
        )

    def _read_backup(self, batch: Batch, product: Product) -> BackupReading | None:
        """The copy of the latest recorded run that is there as it was recorded."""
        runs = [run for run in batch.backups.get(product.sha256, ()) if run in batch.manifests]
        original = self._maintenance.store.root / "objects" / product.sha256[:2] / product.sha256[2:4] / product.sha256
        for run in reversed(runs):
            for folder in self._maintenance.backups.list():
                copy = read_copy(folder, run, original, product.sha256)
                if copy is not None and copy == (batch.manifests[run], product.sha256):
                    return BackupReading(run=run, manifest_sha256=copy.manifest_sha256, read_back_sha256=copy.sha256)
        return None
