"""A folder of letters from the scanner to the destroyed paper, killed ten times and resumed by the same calls.

Nothing happens twice and nothing is missing: every sheet that came in has come out or is excluded. `EVA_ITEMS` takes
as many letters, with readers in processes of their own where there are many; `make soak` takes a thousand.
"""

import multiprocessing
import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from scanning.batches.sheet_count import count_sheets, find_mismatches, read_batches
from scanning.storage.content_store import ContentStore
from tests.scanning import papers
from tests.scanning.capture.chain_process import main, opened

ITEMS = int(os.environ.get("EVA_ITEMS", "12"))
KILLS = 10
STEPS_OF_A_LETTER = 39
"""Two for each command, and those of storing; so ten kills lie between the first file and the last destroyed letter."""
EVERY_TENTH_TWICE = 10
ONCE = ("scan.item_received", "scan.item_scanned", "scan.item_checked", "scan.item_sealed", "scan.item_delivered",
        "scan.item_acknowledged", "scan.destruction_released", "scan.item_destroyed")  # fmt: skip


def write_letters(folder: Path) -> tuple[int, int]:
    """Letters of one to three pages; every tenth was scanned twice. Numbers of sheets in, and of sheets twice."""
    folder.mkdir()
    sheets = twice = 0
    for number in range(ITEMS):
        pages = 1 + number % 3
        copied = number % EVERY_TENTH_TWICE == EVERY_TENTH_TWICE - 1
        text = f"Brief {number - 3 if copied else number}"
        made = [papers.page(f"{text} {page}", dpi=72, lines=12) for page in range(pages)]
        (folder / f"{number:04}.tif").write_bytes(papers.tiff_of(made))
        sheets += pages
        twice += pages if copied else 0
    return sheets, twice


@pytest.mark.timeout(3600)
def test_ten_kills_on_the_way_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scanning.capture.chain_process"])
    sheets, twice = write_letters(tmp_path / "eingang")
    draw, statuses = random.Random(ITEMS), []
    most = STEPS_OF_A_LETTER * ITEMS // KILLS
    for steps in [*(draw.randint(most * 9 // 10, most) for _ in range(KILLS)), 0]:
        process = context.Process(target=main, args=(tmp_path, steps, ITEMS > 100))
        process.start()
        process.join()
        statuses.append(process.exitcode)
    assert statuses == [-signal.SIGKILL] * KILLS + [0]
    check(tmp_path, sheets, twice)


def check(folder: Path, sheets: int, twice: int) -> None:
    with opened(folder) as services:
        engine = services.capture.engine
        engine.log.verify()
        (batch,) = read_batches(engine)
        states = Counter(item.state for item in batch.items.values())
        copies = ITEMS // EVERY_TENTH_TWICE
        assert states == {"destroyed": ITEMS - copies, "excluded": copies}
        assert sorted(item.new.title for item in batch.items.values()) == [f"{n:04}.tif" for n in range(ITEMS)]
        raw = [item.scan.raw.sha256 for item in batch.items.values() if item.scan]
        assert len(raw) == len(set(raw)) == ITEMS - copies
        count = count_sheets(batch)
        assert (count.sheets_in, count.sheets_out, count.excluded) == (sheets, sheets - twice, twice)
        assert count.closed
        assert find_mismatches(batch) == []
        types = Counter(row.type for row in engine.log.read_all())
        assert {name: types[name] for name in ONCE} == dict.fromkeys(ONCE, ITEMS - copies) | {ONCE[0]: ITEMS}
        assert types["record.document_added"] == ITEMS - copies
        assert services.maintenance.fixity().intact
        products = {item.product.sha256 for item in batch.items.values() if item.product}
        assert all(ContentStore(folder / "sicherung").has(sha) for sha in products)
