"""Commands over HTTP from 32 clients against one client, and against the same rows stored bare, in turns in one run.

One server process on SQLite. Bare is the driver alone: the rows that the server has just stored, one commit for each,
by one writer in a database of its own on the same disk.
"""

import statistics
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.commands import Bare
from benchmarks.http import CLIENTS, ROUNDS, SECONDS, Measured, measure, numbered, served
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log


def _store(bare: Bare, rows: list[Recorded]) -> float:
    """Rows a second."""
    stored, began = 0, time.perf_counter()
    for row in rows:
        bare.store([row])
        stored += 1
        if time.perf_counter() - began >= SECONDS:
            break
    return stored / (time.perf_counter() - began)


def _in_turns(folder: Path) -> tuple[list[Measured], list[Measured], list[float]]:
    """One client, many clients, and bare, turn by turn; the first turn warms up."""
    url, keys = f"sqlite:///{folder / 'eva.db'}", count()
    one, many, bare_rates = list[Measured](), list[Measured](), list[float]()
    with served(url) as server:
        log, bare = Log(url, read_only=True), Bare(f"sqlite:///{folder / 'bare.db'}")
        try:
            position = log.head().position
            for _ in range(ROUNDS + 1):
                one.append(measure(server.port, lambda n: numbered(server, keys, n), clients=1))
                many.append(measure(server.port, lambda n: numbered(server, keys, n)))
                rows = list(log.read_all(position))
                position = rows[-1].position
                bare_rates.append(_store(bare, rows))
        finally:
            bare.close()
            log.close()
    return one[1:], many[1:], bare_rates[1:]


def _told(name: str, many: list[Measured], rates: list[float], beside: str) -> dict[str, Any]:
    ratios = sorted(a.rate / rate for a, rate in zip(many, rates, strict=True))
    rate, p99 = (statistics.median(found) for found in ([a.rate for a in many], [1000 * a.p99 for a in many]))
    return {
        "name": name, "value": statistics.median(ratios), "unit": "x", "target": None,
        "detail": f"{rate:,.0f} commands/s from {CLIENTS} clients (p99 {p99:.0f} ms), {beside}; {len(ratios)} turns, "
                  f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
    }  # fmt: skip


def http_clients() -> list[dict[str, Any]]:
    """Both ratios on SQLite, from one run."""
    Path("out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        one, many, bare = _in_turns(Path(folder).resolve())
    alone, p99 = statistics.median(a.rate for a in one), 1000 * statistics.median(a.p99 for a in one)
    beside = f"one client {alone:,.0f}/s (p99 {p99:.0f} ms)"
    return [
        _told("http_commands_32_clients_vs_1", many, [a.rate for a in one], beside),
        _told("http_commands_vs_bare_rows", many, bare, f"bare {statistics.median(bare):,.0f} rows/s one commit each"),
    ]
