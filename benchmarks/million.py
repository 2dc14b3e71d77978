"""A log of a million events: loading one aggregate, a page of the cockpit, an inbox; and rebuilding every view."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.office import CLERK, SECOND, enter_people, office
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.engine.store.database import Database
from workflow.engine.store.hash_chain import GENESIS, Recorded, event_hash
from workflow.engine.store.tables import EVENTS
from workflow.views.queries import Views

EVENTS_WANTED = 1_000_000
SIZES = (10_000, EVENTS_WANTED)


def make_pattern() -> list[Recorded]:
    """The events of some cases as the engine writes them."""
    clock = iter(datetime(2021, 6, 1 + n % 28, 8, n % 60, tzinfo=UTC) for n in count())
    engine = Engine("sqlite://", catalogue=WORKFLOW, clock=lambda: next(clock))
    enter_people(engine)
    for number in range(40):
        steps = office(engine, number)
        for _ in islice(steps, 9 if number % 4 else 6):  # every fourth slip is still on its way
            pass
    rows = list(engine.log.read_all())
    engine.close()
    return rows


def _copies(pattern: list[Recorded], wanted: int) -> Iterator[Recorded]:
    """The pattern again and again, with other ids, as one chain; people are entered once."""
    position, before = 0, GENESIS
    for copy in count():
        tag = f"{copy:08x}"

        names: dict[str, str] = {}
        for row in pattern:
            kind, _, key = row.stream.partition(":")
            if kind == "staff" and copy:
                continue
            fresh = names.setdefault(
                key, tag + key[8:] if len(key) == 36 else key if kind == "staff" else f"{key}.{copy}"
            )
            payload = (row.payload or "").replace(key, fresh).replace('"43.21-', f'"43.{copy}-')
            position += 1
            made = row._replace(
                position=position, stream=f"{kind}:{fresh}", command_id=f"{tag}{row.command_id}", payload=payload
            )
            before = event_hash(before, made)
            yield made._replace(hash=before)
            if position == wanted:
                return


def fill(url: str, pattern: list[Recorded], wanted: int) -> Engine:
    Engine(url, catalogue=WORKFLOW).close()  # makes the tables
    page: list[dict[str, Any]] = []
    database = Database(url)
    with database.write() as connection:
        for row in _copies(pattern, wanted):
            page.append(row._asdict())
            if len(page) == 5000:
                connection.execute(sa.insert(EVENTS), page)
                page = []
        if page:
            connection.execute(sa.insert(EVENTS), page)
    database.close()
    return Engine(url, catalogue=WORKFLOW)


def find_median(action: Callable[[], object], times: int = 60) -> float:
    """Milliseconds, the first of several left out."""
    found = []
    for _ in range(times + 1):
        began = time.perf_counter()
        action()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found[1:])


def million() -> list[dict[str, Any]]:
    """Both benchmarks that need the long log."""
    pattern = make_pattern()
    times: dict[int, dict[str, float]] = {}
    rebuild = {}
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        for size in SIZES:
            engine = fill(f"sqlite:///{Path(folder, f'{size}.db').resolve()}", pattern, size)
            views = Views(engine)
            began = time.perf_counter()
            views.rebuild()
            rebuild[size] = size / (time.perf_counter() - began)
            times[size] = _loads(engine, views)
            engine.close()
    worst = max(ms for name, ms in times[EVENTS_WANTED].items() if not name.startswith("search"))
    small = times[SIZES[0]]
    told = "; ".join(f"{name} {ms:.2f} ms ({small[name]:.2f})" for name, ms in times[EVENTS_WANTED].items())
    from_few = f"all views from {EVENTS_WANTED:,} events; from {SIZES[0]:,}: {rebuild[SIZES[0]]:,.0f}/s"
    return [
        {
            "name": "view_rebuild_events_per_second",
            "value": rebuild[EVENTS_WANTED],
            "unit": "events/s",
            "target": 20_000,
            "detail": from_few,
        },
        {
            "name": "aggregate_load_ms_at_1m_events",
            "value": worst,
            "unit": "ms",
            "target": 10,
            "detail": f"in brackets at {SIZES[0]:,} events: {told}",
        },
    ]


def _loads(engine: Engine, views: Views) -> dict[str, float]:
    with engine.projection("benchmark").reading() as connection:
        streams = [
            row[0]
            for row in connection.execute(
                sa.text("SELECT stream FROM events WHERE type = 'slip.created' ORDER BY position LIMIT 500")
            )
        ]
    chosen = iter(streams * 3)

    def cold() -> object:
        stream = next(chosen)
        engine._decider.memory.forget({stream})
        return engine.load(stream)

    return {
        "aggregate": find_median(cold),
        "cockpit page": find_median(lambda: (views.cockpit(CLERK, limit=50), views.counts(CLERK))),
        "inbox": find_median(lambda: views.inbox(SECOND, limit=50)),
        "search for a number": find_median(lambda: views.records(CLERK, "43.5-0007", limit=50), 10),
        "search for a word in every record": find_median(lambda: views.records(CLERK, "förderantrag", limit=50), 5),
    }
