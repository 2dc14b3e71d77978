"""Written, synced, read back, compared, and only then the event: a kill between any two steps leaves no event without
its file, and whoever begins again comes to the same end (docs/reference/log.md, what the log promises).

`EVA_KILL_CYCLES` kills so often at each step.
"""

import multiprocessing
import os
import random
from collections import Counter
from hashlib import sha256
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from scanning.batches import events as e
from scanning.batches.sheet_count import read_batches
from scanning.capture.maintenance import Maintenance
from scanning.requirements.scan_product import Product, RawScan
from tests.patience import PATIENT
from tests.scanning.capture.capture_process import ITEMS, STEPS, main, opened, work
from tests.scanning.conftest import PEOPLE
from workflow.engine.events import decode

CYCLES = int(os.environ.get("EVA_KILL_CYCLES", "1"))
OCCURRENCES = {"received": 6, "inspected": 3, "converted": 3, "linked": 9, "folder_synced": 9, "read_back": 9,
               "stored": 6, "sealed": 3, "recorded": 6}  # fmt: skip
"""How often each step is reached in a whole run of three items: a scan has two files, a product one."""


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scanning.capture.capture_process"])
    return context


def run(processes, folder, step="", occurrence=0, fault=False) -> int:
    process = processes.Process(target=main, args=(folder, step, occurrence, fault))
    process.start()
    process.join(PATIENT)
    assert process.exitcode is not None
    return process.exitcode


def named_in_the_log(capture) -> set[str]:
    """Every content that any event names."""
    found: set[str] = set()
    for row in capture.engine.log.read_all():
        event = decode(row.type, row.schema_version, row.payload, row.position)
        for value in vars(event).values():
            if isinstance(value, RawScan):
                found |= {value.sha256, value.content_sha256}
            if isinstance(value, Product):
                found.add(value.sha256)
    return found


def lost(folder) -> set[str]:
    """Contents that the log names and the store does not have as they were."""
    capture = opened(folder, lambda _step: None)
    capture.engine.log.verify()

    def there(digest: str) -> bool:
        return capture.store.has(digest) and sha256(capture.store.path(digest).read_bytes()).hexdigest() == digest

    found = {digest for digest in named_in_the_log(capture) if not there(digest)}
    capture.engine.close()
    return found


@pytest.mark.parametrize("step", STEPS)
def test_no_event_without_its_file(processes: ForkServerContext, tmp_path: Path, step: str) -> None:
    draw = random.Random(step)
    for cycle in range(CYCLES):
        folder = tmp_path / str(cycle)
        folder.mkdir()
        occurrence = draw.randint(1, OCCURRENCES[step])
        assert run(processes, folder, step, occurrence) == -9
        assert lost(folder) == set(), occurrence
        again = draw.choice(STEPS)
        run(processes, folder, again, draw.randint(1, 3))
        assert lost(folder) == set(), again
        assert run(processes, folder) == 0
        assert lost(folder) == set()
        complete(folder)


def complete(folder) -> None:
    capture = opened(folder, lambda _step: None)
    maintenance = Maintenance(capture.engine, capture.store, capture.sealer)
    (batch,) = read_batches(maintenance.engine)
    stream = f"scan-batch:{batch.id}"
    assert [item.state for item in batch.items.values()] == ["sealed"] * ITEMS
    types = [row.type for row in capture.engine.log.read(stream)]
    assert types.count(e.ItemScanned.TYPE) == types.count(e.ItemSealed.TYPE) == ITEMS
    for number in range(1, ITEMS + 1):
        assert maintenance.verify(stream, number, PEOPLE["inge"]).ok
    found = maintenance.fixity()
    assert found.intact
    capture.engine.close()


def test_an_event_before_its_file_is_found(processes: ForkServerContext, tmp_path: Path) -> None:
    """Positive control: the same test finds a desk that answers before it has stored."""
    found = []
    for occurrence in range(1, 4):
        folder = tmp_path / str(occurrence)
        folder.mkdir()
        assert run(processes, folder, "recorded", occurrence, fault=True) == -9
        found.append(bool(lost(folder)))
    assert all(found)


def test_the_steps_are_those_that_are_reached(tmp_path: Path) -> None:
    """Each step is reached as often as assumed, so no kill above was in vain."""
    reached = Counter()
    work(opened(tmp_path, lambda step: reached.update([step])))
    assert reached == OCCURRENCES
    assert set(STEPS) == set(OCCURRENCES)
