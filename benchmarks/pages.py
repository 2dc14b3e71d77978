"""Pages over 100,000 routing slips, in a log of 1.4 million events: what cockpit and inbox ask of the views, and how
soon a browser paints.

Debian's Chromium and one server process on loopback; from the address to the first text or picture
(PerformancePaintTiming, first-contentful-paint). Each look begins with an empty cache; the session is there already.
"""

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from api.application.catalogue import ALL
from api.server.auth.authenticator import issue
from benchmarks.http import process
from benchmarks.million import fill, find_median, make_pattern
from benchmarks.office import CLERK, SECOND
from scanning.handover import POLICIES
from workflow.engine.access import Protection
from workflow.engine.engine import Engine
from workflow.engine.subscribers import follow
from workflow.views.queries import Views

SLIPS = 100_000
TODAY = date(2021, 7, 1)
"""After the last event of the pattern."""
ASKED = {"cockpit": 50, "inbox": 30}
"""Page -> milliseconds that its questions may take."""
LOOKS = 7
PAINT = 1000
"""Milliseconds to the first paint of a page at most."""
PAINTED = """() => new Promise((resolve) => new PerformanceObserver((list) =>
    list.getEntriesByName("first-contentful-paint").forEach((entry) => resolve(entry.startTime))
).observe({ type: "paint", buffered: true }))"""
"""Evaluated once: what a page's security policy forbids is to be asked again and again by Playwright."""
PAINTED_PAGES = ("cockpit", "inbox", "routing slips in a state", "one routing slip", "records", "one record")
NAMES = (*(f"{name}_page_ms" for name in ASKED), *(f"first_paint_ms: {name}" for name in PAINTED_PAGES))


def pages() -> list[dict[str, Any]]:
    """Of the questions the median counts, of each page's looks the slowest."""
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        url = f"sqlite:///{Path(folder, 'eva.db').resolve()}"
        token, paths, asked = _prepare(url)
        with process("eva", url, "/health/ready") as port, _browser() as browser:
            painted = _look(browser, f"http://127.0.0.1:{port}", token, paths)
    return [
        *(
            {
                "name": f"{name}_page_ms", "value": found, "unit": "ms", "target": ASKED[name],
                "detail": f"all that the page asks, at {SLIPS:,} slips",
            }
            for name, found in asked.items()
        ),
        *(
            {
                "name": f"first_paint_ms: {name}", "value": max(found), "unit": "ms", "target": PAINT,
                "detail": f"slowest of {LOOKS} looks, median {statistics.median(found):.0f} ms, at {SLIPS:,} slips",
            }
            for name, found in painted.items()
        ),
    ]  # fmt: skip


def _prepare(url: str) -> tuple[str, dict[str, str], dict[str, float]]:
    """A log that everything has followed to its head: a token of the one with whom much waits, which pages to look at,
    and how long cockpit and inbox ask, in milliseconds.
    """
    pattern = make_pattern()
    made = sum(row.type == "slip.created" for row in pattern)
    fill(url, pattern, len(pattern) * SLIPS // made).close()
    engine = Engine(url, catalogue=ALL)
    token = issue(engine, SECOND.user, tuple(SECOND.roles), SECOND.authority, Protection.NORMAL, 1).bearer
    views = Views(engine)
    views.rebuild()
    for policy in POLICIES:
        follow(policy, engine)
    asked, paths = _ask_as_pages(views), _choose_pages(views)
    engine.close()
    return token, paths, asked


def _ask_as_pages(views: Views) -> dict[str, float]:
    """What the cockpit and an inbox ask; every slip lies in the weeks that are shown, the most that there can be."""

    def cockpit() -> None:
        views.slips(CLERK, limit=51)
        views.overview(CLERK, TODAY)

    def inbox() -> None:
        views.inbox(SECOND, 51)
        views.count_inbox(SECOND)

    return {"cockpit": find_median(cockpit, 20), "inbox": find_median(inbox, 20)}


def _choose_pages(views: Views) -> dict[str, str]:
    (waiting,), (record,) = views.inbox(SECOND, 1), views.records(SECOND, limit=1)
    slip, file = (row["stream"].partition(":")[2] for row in (waiting, record))
    things = f"things/routing-slips/{slip}", "records", f"things/records/{file}"
    paths = ("cockpit", "inbox", "cockpit?state=filed", *things)
    return dict(zip(PAINTED_PAGES, (f"/pages/{path}" for path in paths), strict=True))


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


def _look(browser: Browser, server: str, token: str, paths: dict[str, str]) -> dict[str, list[float]]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/login")
    page.locator("input[name=token]").fill(token)
    page.locator("form.stacked button").click()
    page.wait_for_url(f"{server}/**")
    known = context.storage_state()
    context.close()
    found: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(LOOKS):
        for name, path in paths.items():
            context = browser.new_context(storage_state=known)
            page = context.new_page()
            told = page.goto(server + path)
            if told is None or told.status != 200:
                raise RuntimeError(f"{path} is not shown")
            found[name].append(float(page.evaluate(PAINTED)))
            context.close()
    return found
