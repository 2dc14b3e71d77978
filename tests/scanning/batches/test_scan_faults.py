"""The random tests find what they are there for: faults planted one by one, told by the auditor who reads the log."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from scanning.batch_actions import delivery
from scanning.batch_actions import evolve as batch_fold
from scanning.batches import guards, release_gate
from scanning.batches.events import ItemAcknowledged, ItemExcluded
from tests.scanning.batches import scan_machine
from tests.scanning.batches.scan_machine import ScanMachine, many
from tests.scanning.conftest import VH, ScanOffice, product
from tests.scanning.requirements.audit import Auditor
from workflow.engine.aggregate import replace
from workflow.engine.machine import Guard


def without(name):
    """A guard that always agrees."""
    return lambda patch: patch.setitem(guards.GUARDS, name, Guard(lambda _: True, "", ""))


def early(patch):
    """A paper period of ten days."""
    honest = batch_fold.evolve._steps[ItemAcknowledged]

    def hasty(batch, event):
        return honest(batch, event.model_copy(update={"paper_until": event.paper_until - timedelta(days=170)}))

    patch.setitem(batch_fold.evolve._steps, ItemAcknowledged, hasty)


def twice(patch):
    """Sealing again gives the very same product, and it may be delivered again."""
    without("product_fits")(patch)

    def same(batch, item, _, kind, timestamp, **note):
        return product(batch, item, item.scan.at, kind, timestamp, **note)

    patch.setattr(scan_machine, "product", same)


def forgetful(patch):
    """An excluded item vanishes."""

    def vanished(batch, event):
        return replace(batch, items={key: item for key, item in batch.items.items() if key != event.item})

    patch.setitem(batch_fold.evolve._steps, ItemExcluded, vanished)


def unseen(patch):
    """Whatever lies in a mail folder is taken for filed."""
    one = "00000000-0000-4000-8000-000000000000"
    pretended = SimpleNamespace(id=one, record=one, case=one)
    for module in (guards, release_gate):
        patch.setattr(module, "find_filed_document", lambda question: pretended if question.item.delivery else None)
    patch.setattr(delivery, "find_filed_document", lambda _: pretended)
    patch.setattr(delivery, "find_mail_item", lambda _: pretended)


FAULTS = {
    "no_hold": (without("no_hold"), "destroyed under hold"),
    "no_defect": (without("no_defect"), "destroyed with an open defect"),
    "complete": (without("complete"), "sheets do not agree"),
    "stored": (without("stored"), "destroyed not stored"),
    "read_back": (without("read_back"), "destroyed found changed"),
    "not_the_releaser": (without("not_the_releaser"), "released and done by one"),
    "second_person": (without("second_person"), "released by a maker"),
    "eligible": (without("eligible"), "although excluded or to be returned"),
    "early": (early, "destroyed before the period"),
    "twice": (twice, "twice"),
    "forgetful": (forgetful, "an item was lost"),
    "unseen": (unseen, "without a filed document"),
}
"""Fault -> how to plant it, and what is said of it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, told = FAULTS[fault]
    office, auditor = ScanOffice("sqlite://"), Auditor()
    office.register("clerk", clearance=VH)
    machine = type("OfFaults", (ScanMachine,), {"office": office, "auditor": auditor, "predicts": False})
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=told):
        many(machine, 150)
    office.engine.close()


def test_without_a_fault_nothing_is_found() -> None:
    office, auditor = ScanOffice("sqlite://"), Auditor()
    office.register("clerk", clearance=VH)
    machine = type("OfFaults", (ScanMachine,), {"office": office, "auditor": auditor})
    many(machine, 40)
    destroyed = sum(item["destroyed"] for items in auditor.items.values() for item in items.values())
    assert destroyed > 5
    office.engine.close()
