"""Under load and under kill: nothing lost, nothing doubled, nobody overwritten, no gap, and it comes back by itself."""

import os
import random
import threading
import time
from pathlib import Path

import pytest

from api.application.catalogue import ALL
from tests.api.conftest import Served
from tests.api.server.load import Worker, quantile, together
from tests.patience import PATIENT
from workflow.engine.engine import Engine
from workflow.views.queries import Views

CYCLES = int(os.environ.get("EVA_KILL_CYCLES", "2"))
SECONDS = CYCLES
"""For which sixty-four clients work at once; a lost update shows within the first."""


def records(who, count):
    return [who.post("/records", {"title": f"Akte {n}", "file_plan_code": "43.21"}).headers["location"]
            for n in range(count)]  # fmt: skip


def stored(url):
    """Command key -> versions stored, by stream; and the log verifies, and views are those of a rebuild."""
    engine = Engine(url, catalogue=ALL)
    try:
        engine.log.verify()
        views = Views(engine)
        views.catch_up()
        followed = views.everything()
        views.rebuild()
        assert views.everything() == followed
        return [row for row in engine.log.read_all() if row.type == "record.worked"]
    finally:
        engine.close()


def test_sixty_four_clients_on_eight_records_overwrite_nobody(own_server: Served) -> None:
    served = own_server
    who = served.client("mueller", "case_worker")
    paths, stop = records(who, 8), threading.Event()
    workers = [
        Worker(served.base, who.token, f"{paths[n % 8]}/actions/work", f"c{n}", stop, match=True) for n in range(64)
    ]

    def count(status: int) -> int:
        return sum(worker.told.statuses.get(status, 0) for worker in workers)

    together(workers, stop, SECONDS, lambda: min(count(200), count(412)) > 50)
    statuses = {status for worker in workers for status in worker.told.statuses}
    assert statuses <= {200, 412}
    accepted = [(w._path, v) for w in workers for v in w.told.acknowledged.values()]
    refused = count(412)
    assert len(accepted) == len(set(accepted)), "a version was answered twice: a lost update"
    assert len(accepted) > 50
    assert refused > 50, "nobody was ever refused, so nothing was tested"
    rows = stored(served.url)
    by_stream = {}
    for row in rows:
        by_stream.setdefault(row.stream, []).append(row.version)
    assert sum(map(len, by_stream.values())) == len(accepted)
    for versions in by_stream.values():
        assert versions == list(range(2, len(versions) + 2))
    times = [second for worker in workers for second in worker.told.seconds]
    print(f"64 clients: {len(accepted)} accepted, {refused} refused, p99 {quantile(times, 0.99) * 1000:.0f} ms")


@pytest.mark.timeout(3000)
def test_kill_9_under_load_loses_and_doubles_nothing(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for database in ("sqlite", "postgresql"):
        folder = tmp_path / database
        folder.mkdir()
        url = f"sqlite:///{folder}/eva.db" if database == "sqlite" else request.getfixturevalue("postgresql")
        acknowledged = _killed(url, folder, CYCLES)
        rows = stored(url)
        keys = [row.command_id for row in rows]
        assert len(keys) == len(set(keys)), "doubled"
        missing = {f"key:mueller:{key}" for key in acknowledged} - set(keys)
        assert not missing, f"{len(missing)} lost"
        assert len(acknowledged) > 10 * CYCLES


def _kill_while_working(served, workers, acknowledged, pause):
    """Kill the server a moment after so many commands were acknowledged, however long that takes here."""
    for worker in workers:
        worker.start()
    end = time.monotonic() + PATIENT
    while sum(len(worker.told.acknowledged) for worker in workers) < acknowledged and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(pause)
    served.kill()
    for worker in workers:
        worker.join(PATIENT)


def _killed(url, folder, cycles):
    """Keys acknowledged over some kills at random moments; what got no answer is sent again with the same key."""
    served, draw, acknowledged = Served(url, folder), random.Random(11), {}
    served.start()
    try:
        who = served.client("mueller", "case_worker")
        (path,) = records(who, 1)
        for cycle in range(cycles):
            stop = threading.Event()
            workers = [Worker(served.base, who.token, f"{path}/actions/work", f"k{cycle}-{n}", stop) for n in range(16)]
            _kill_while_working(served, workers, draw.randint(15, 60), draw.uniform(0, 0.05))
            served.start()
            for worker in workers:
                acknowledged |= worker.told.acknowledged
                for key, where, body in worker.told.unanswered:
                    again = who.post(where, body, key=key)
                    assert again.status_code == 200, again.text
                    acknowledged[key] = again.json()["version"]
        return acknowledged
    finally:
        served.stop()


def test_a_server_that_answers_before_it_has_stored_would_be_found(tmp_path: Path) -> None:
    """The positive control: answers are given half a second before the commit, and a kill then loses some."""
    served = Served(f"sqlite:///{tmp_path}/eva.db", tmp_path)
    served.start()
    who = served.client("mueller", "case_worker")
    (path,) = records(who, 1)
    served.stop()
    served.module = "tests.api.server.http.answers_too_early"
    served.start()
    who = served.client("mueller", "case_worker")
    workers = [Worker(served.base, who.token, f"{path}/actions/work", f"e{n}", threading.Event()) for n in range(8)]
    _kill_while_working(served, workers, 8, 0)
    served.stop()
    told = {f"key:mueller:{key}" for worker in workers for key in worker.told.acknowledged}
    engine = Engine(served.url, catalogue=ALL)
    kept = {row.command_id for row in engine.log.read_all()}
    engine.close()
    assert told - kept
