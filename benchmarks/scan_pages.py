"""Pages a second from a scanned file to the sealed product in the store: check, PDF/A, hash, note, seal, read back."""

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from scanning.batches.scan_batch import Batch, QualityCheck, Scan, ScanItem
from scanning.batches.values import NewItem
from scanning.capture.services import ScanServices
from scanning.requirements.terms import Purpose, Terms
from workflow.engine.access import Protection

PAGES, FILES = 5, 24
"""Median mail has two to three pages, the mean is four to six (domain 3.5)."""
ITEMS = 1000
NOW = datetime(2021, 6, 1, 8, tzinfo=UTC)
FIVE_SCANNERS = 5 * 220 / 60
"""Pages a second that five scanners of 220 pages a minute make at their best (domain 3.5, RP Kassel)."""


class Clock:
    """Stands still."""

    def clock(self) -> datetime:
        return NOW


def _letter(number: int, page: int) -> Image.Image:
    """A4 at 300 dpi, black and white, a page full of text."""
    sheet = Image.new("L", (2480, 3508), 255)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(42)
    for line in range(45):
        draw.text((250, 300 + 65 * line), f"{number}/{page}/{line}: hiermit beantrage ich die Förderung nach", 0, font)
    return sheet.convert("1")


def _file(number: int) -> bytes:
    out = io.BytesIO()
    first, *others = (_letter(number, page) for page in range(PAGES))
    strip = {278: first.height}  # a page is one strip, as scanners write it
    first.save(
        out, "TIFF", save_all=True, append_images=others, compression="group4", dpi=(300, 300), tiffinfo=strip
    )  # fmt: skip
    return out.getvalue()


def _one(services: ScanServices, number: int, data: bytes) -> None:
    """As the desk does it, the log left out: that is measured elsewhere."""
    raw = services.capture.store_scan((data,), f"{number}.tif")
    new = NewItem(title="Antrag", sheets=PAGES)
    scan = Scan(1, "otto", NOW, raw, PAGES, False, "Scanner", (), False)
    check = QualityCheck("inge", NOW, True, "ohne Befund")
    item = ScanItem(str(number), number, new, Protection.NORMAL, PAGES, scans=(scan,), check=check)
    batch = Batch(
        id="b", centre="scanstelle", carrier=None, provisional=True, authority="mwide", unit="post", title="Post",
        purpose=Purpose.INCOMING_MAIL, envelopes_counted=None, sheets_counted=None, own_protection=Protection.NORMAL,
        terms=Terms(), secret=str(number), arrived_on=NOW.date(),
    )  # fmt: skip
    services.capture.make_product(batch, item)


@contextmanager
def _cores(count: int) -> Any:
    """Only so many cores for this process and its children."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(every)[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def _rate(cores: int, files: list[bytes], spent: Counter[str]) -> float:
    """Pages a second with as many readers and threads as cores."""
    since = [0.0]

    def at(step: str) -> None:
        now = time.perf_counter()
        spent[step] += now - since[0]
        since[0] = now

    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder, _cores(cores), ScanServices(
        Clock(), Path(folder), readers=cores, on_step=at if cores == 1 else lambda _step: None  # type: ignore[arg-type]
    ) as services, ThreadPoolExecutor(cores) as pool:  # fmt: skip
        list(pool.map(lambda n: _one(services, n, files[n]), range(cores)))  # the readers are up
        spent.clear()
        began = since[0] = time.perf_counter()
        list(pool.map(lambda n: _one(services, n, files[n]), range(cores, len(files))))
        return PAGES * (len(files) - cores) / (time.perf_counter() - began)


STEPS = {
    "check, PDF/A and comparison": ("inspected",),
    "note and seal": ("sealed",),
    "hash, write, sync, read back": ("received", "linked", "folder_synced", "read_back", "converted", "stored"),
}
"""What each step of the desk counts for."""


def scan_pages_per_second() -> dict[str, Any]:
    Path("out").mkdir(exist_ok=True)
    files = [_file(number) for number in range(FILES)]
    spent: Counter[str] = Counter()
    one = _rate(1, files, spent)
    total = sum(spent.values())
    shares = ", ".join(f"{name} {sum(spent[s] for s in steps) / total:.0%}" for name, steps in STEPS.items())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    more = f"; 2 cores {_rate(2, files, Counter()):.0f}/s" if cores > 1 else "; this machine has one core"
    detail = (
        f"A4, 300 dpi, G4, {PAGES} pages a file, {len(files[0]) / PAGES / 1024:.0f} KB a page; time: {shares}{more}"
    )
    return {"name": "scan_pages_per_second", "value": one, "unit": "pages/s", "target": FIVE_SCANNERS, "detail": detail}


def _photo(number: int) -> bytes:
    """A4 at 300 dpi in colour, as a JPEG of some 2 MB."""
    sheet = Image.merge("RGB", [_letter(number, page).convert("L") for page in range(3)])
    noise = Image.effect_noise(sheet.size, 12).convert("RGB")
    out = io.BytesIO()
    Image.blend(sheet, noise, 0.2).save(out, "JPEG", quality=80, dpi=(300, 300))
    return out.getvalue()


def scan_colour_ms_per_page() -> dict[str, Any]:
    """From a colour JPEG to its stored PDF/A: checked, searched for sheets, converted, compared, read back."""
    Path("out").mkdir(exist_ok=True)
    files = [_photo(number) for number in range(8)]
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder, _cores(1), ScanServices(
        Clock(), Path(folder)  # type: ignore[arg-type]
    ) as services:  # fmt: skip
        services.capture.split((files[0],), "0.jpg")  # the reader is up
        began = time.perf_counter()
        for number, data in enumerate(files[1:], 1):
            services.capture.split((data,), f"{number}.jpg")
        value = (time.perf_counter() - began) * 1000 / (len(files) - 1)
    detail = f"A4, 300 dpi, JPEG of {len(files[0]) / 2**20:.1f} MB, comparison on, one core"
    return {"name": "scan_colour_ms_per_page", "value": value, "unit": "ms", "target": 85.0, "detail": detail}


def scan_thousand_items_cpu_seconds() -> dict[str, Any]:
    """`eva scan FOLDER --inspector …`: letters of a page from the folder to delivery, its process and its readers'."""
    Path("out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        inside = Path(folder) / "eingang"
        inside.mkdir()
        for number in range(ITEMS):
            sheet = _letter(number, 0)
            sheet.save(
                inside / f"{number:04}.tif", compression="group4", dpi=(300, 300), tiffinfo={278: sheet.height}
            )  # fmt: skip
        command = [sys.executable, "-m", "api.cli.main", "scan", str(inside), "--scanner", "Scanner",
                   "--inspector", "inge", "--quiet", "--json"]  # fmt: skip
        environment = {**os.environ, "EVA_DATABASE_URL": f"sqlite:///{folder}/eva.db", "EVA_DATA": f"{folder}/data"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        told = subprocess.run(command, env=environment, check=True, capture_output=True).stdout  # noqa: S603 - our own
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    delivered = sum(item["state"] == "delivered" for item in json.loads(told)["items"])
    if delivered != ITEMS:
        raise RuntimeError(f"{delivered} of {ITEMS} items were delivered")
    value = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    detail = f"{ITEMS} letters of a page, A4, 300 dpi, G4: checked, compared, sealed with timestamp, delivered"
    return {"name": "scan_thousand_items_cpu_seconds", "value": value, "unit": "s", "target": 73.0, "detail": detail}
