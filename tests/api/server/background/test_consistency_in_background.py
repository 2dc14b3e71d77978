"""A server notices by itself that what it shows is not what has happened, and when that is mended."""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.application.catalogue import ALL
from api.server.background.consistency import ConsistencyLoop
from api.server.background.timers import TimerLoop
from api.server.dependencies.readiness import Readiness
from api.server.observability.metrics import Metrics
from scanning.handover import POLICIES
from tests.api.server_in_thread import serving
from tests.patience import PATIENT
from tests.workflow.conftest import Office
from workflow.views import check
from workflow.views.queries import Views
from workflow.views.rebuild import rebuild


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    for _ in range(5):
        opened.slip("co_sign schmidt")
    Views(opened.engine).catch_up()
    yield opened
    opened.engine.close()


def plant(office: Office, statement: str) -> None:
    with closing(sqlite3.connect(office.url.removeprefix("sqlite:///"))) as db, db:
        db.execute(statement)


def value(metrics: Metrics, name: str) -> float:
    (line,) = [line for line in metrics.render().decode().splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[-1])


def rounds(loop: ConsistencyLoop, number: int = 1) -> int:
    """Steps of some whole rounds."""
    steps = 0
    for _ in range(number):
        loop.once()
        steps += 1
        while (loop._streams, loop._reactions) != ("", 0):
            loop.once()
            steps += 1
    return steps


def test_a_forged_row_is_told_once_makes_not_ready_and_is_over_when_mended(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    metrics, readiness = Metrics(), Readiness(office.engine)
    loop = ConsistencyLoop(office.engine, POLICIES, metrics)
    readiness.add(loop.why_not)
    assert value(metrics, "eva_consistency_age_seconds") == float("inf")
    rounds(loop)
    assert readiness.why_not() is None
    assert value(metrics, "eva_consistency_age_seconds") < 60
    plant(office, "UPDATE view_slips SET title = 'forged' WHERE stream = (SELECT min(stream) FROM view_slips)")
    rounds(loop, 2)
    assert readiness.why_not() == "view_slips: 1 differences"
    assert value(metrics, 'eva_consistency_differences{where="view_slips"}') == 1
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "title is 'forged'" in told.differences[0]
    rebuild(office.engine, POLICIES)
    assert readiness.why_not() is not None  # nobody has looked yet
    rounds(loop)
    assert readiness.why_not() is None
    assert "agrees with the log again" in caplog.text


def test_a_step_is_bounded_however_long_the_log(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = ConsistencyLoop(office.engine, POLICIES, Metrics())
    whole = rounds(loop)
    monkeypatch.setattr(check, "STREAMS_A_STEP", 1)
    assert rounds(loop) > whole + 4
    monkeypatch.undo()
    monkeypatch.setattr(check, "EVENTS_A_STEP", 1)
    assert rounds(loop) >= whole + 4
    plant(office, "UPDATE view_slips SET title = 'forged'")
    rounds(loop)
    assert loop.why_not() == "view_slips: 5 differences"  # each found once, whatever the steps


def test_what_has_not_caught_up_is_no_difference(office: Office) -> None:
    loop = ConsistencyLoop(office.engine, POLICIES, Metrics())
    slip = office.slip("co_sign schmidt")
    office.do("mueller", "start", slip)
    rounds(loop)
    assert loop.why_not() is None
    assert office.engine.projection("views").position() < office.engine.log.head().position
    plant(office, "UPDATE view_slips SET title = 'forged'")
    rounds(loop)
    assert loop.why_not() == "view_slips: 5 differences"


def test_a_refused_timer_put_off_by_days_is_no_difference(office: Office) -> None:
    slip = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-20"})
    office.do("mueller", "start", slip)
    loop = ConsistencyLoop(office.engine, POLICIES, Metrics())
    for at, refused, wrong in (("at", "'no'", False), ("date(at, '+2 days') || substr(at, 11)", "'no'", False),
                               ("date(at, '+1 day') || substr(at, 11)", "NULL", True)):  # fmt: skip
        plant(office, f"UPDATE timers SET at = {at}, refused = {refused}")
        rounds(loop, 2)
        assert (loop.why_not() is not None) is wrong, at


def test_a_policy_whose_position_was_moved_on_owes_a_reaction(office: Office) -> None:
    """Told and mended, but no reason not to serve: it may have been refused."""
    policy = POLICIES[0]
    owed = policy._replace(react=lambda event, _: [None] if event.position == 3 else [])
    office.engine.projection(policy.name).keep(4)
    metrics = Metrics()
    loop = ConsistencyLoop(office.engine, (owed,), metrics)
    rounds(loop)
    assert loop.why_not() is None
    assert value(metrics, 'eva_consistency_differences{where="reactions"}') == 1
    rebuild(office.engine, (owed,))
    assert office.engine.projection(policy.name).position() == 2


def test_a_clock_set_back_is_told_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    loop = TimerLoop(office.engine, (), 1.0, metrics)
    loop.once()
    assert value(metrics, "eva_clock_behind_seconds") == 0
    office.now -= timedelta(hours=1)
    for _ in range(3):
        loop.once()
    assert value(metrics, "eva_clock_behind_seconds") == 3600
    assert [record.getMessage() for record in caplog.records] == ["the clock was set back"]
    office.now += timedelta(hours=2)
    loop.once()
    assert value(metrics, "eva_clock_behind_seconds") == 0


def until(condition: Callable[[], bool], seconds: float = PATIENT) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_a_server_is_not_ready_while_what_it_shows_is_forged(tmp_path: Path) -> None:
    """From outside: a trigger on the events, then a row by which somebody finds what is not theirs."""
    with serving(tmp_path) as served:
        who = served.client("mueller", "case_worker", authority="mwide")
        who.post("/records", json={"title": "Akte", "file_plan_code": "43.21"})
        assert who.get("/records").json()["items"]

        def ready() -> tuple[int, str | None]:
            answer = httpx.get(f"{served.url}/health/ready", timeout=PATIENT)
            return answer.status_code, answer.json()["why"]

        def run(statement: str) -> None:
            with closing(sqlite3.connect(tmp_path / "eva.db", timeout=10)) as db, db:
                db.execute(statement)

        assert until(lambda: ready() == (200, None))
        run("CREATE TRIGGER eve AFTER INSERT ON events BEGIN DELETE FROM timers; END")
        assert until(lambda: ready() == (503, "schema: 1 differences"))
        run("DROP TRIGGER eve")
        run("UPDATE view_records SET title = 'forged'")
        assert until(lambda: ready() == (503, "view_records: 1 differences"))
        rebuild(served.services.engine, POLICIES)
        assert until(lambda: ready() == (200, None))
