"""The soak's judges find what they are there for: a command lost or doubled, time that goes back, a forged row."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.application.catalogue import ALL
from tests.soak.judge import Sample, judge_log, judge_memory
from tests.soak.load import Heard
from tests.workflow.conftest import Office
from workflow.views.queries import Views

MARKERS = {"c0-0", "c0-1", "c0-2"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A log as a soak leaves it."""
    office = Office(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    record = office.record(title="<c0-0>")
    office.do("mueller", "work", record, note="<c0-1>")
    office.slip("co_sign schmidt", title="<c0-2>")
    Views(office.engine).catch_up()
    office.engine.close()
    return office.url


def wrong(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value and name != "events"}


def test_a_good_log_is_judged_good(url: str) -> None:
    assert wrong(judge_log(url, MARKERS)) == {}


def test_a_lost_and_a_doubled_command_are_found(url: str) -> None:
    assert wrong(judge_log(url, {*MARKERS, "c1-7"})) == {"lost": ["c1-7"]}
    office = Office(url, catalogue=ALL)
    office.record(title="<c0-1>")
    office.engine.close()
    assert wrong(judge_log(url, MARKERS)) == {"doubled": ["c0-1"]}


def test_a_forged_row_is_found(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db, db:
        db.execute("UPDATE view_records SET title = 'forged'")
    (difference,) = judge_log(url, MARKERS)["differences"]
    assert "'forged'" in difference


def test_time_that_goes_back_is_found(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflow.engine.clock import SteadyClock
    from workflow.engine.decider import Work

    office = Office(url, catalogue=ALL)
    work = Work.__init__

    def forgetful(self: Work, decider: Any, head: Any, latest: Any, careful: bool) -> None:
        work(self, decider, head, latest.replace(year=1), careful)

    monkeypatch.setattr(Work, "__init__", forgetful)
    office.engine.clock = SteadyClock(lambda: office.now.replace(year=2020))
    office.record(title="<c0-9>")
    office.engine.close()
    assert wrong(judge_log(url, MARKERS)) == {"times_back": 1}


@pytest.mark.parametrize(
    ("megabytes", "flat"),
    [([200] * 30, True), ([200, 230, 190] * 10, True), (range(200, 260, 2), False), (range(100, 110), True)],
)
def test_memory_that_grows_is_told_from_memory_that_comes_and_goes(megabytes: Any, flat: bool) -> None:
    samples = [Sample(n * 10**6, 100 * i, 10 * i) for i, n in enumerate(megabytes)]
    growth = judge_memory(samples)
    assert growth.flat is flat
    assert growth.bytes_a_stream == pytest.approx(10 * growth.bytes_a_command)


def test_answers_that_a_soak_does_not_expect_are_kept() -> None:
    import httpx

    heard = Heard()
    for status in (200, 201, 503, 507, 404, 500, 401):
        heard.count(httpx.Response(status, text=json.dumps({"status": status})), "GET /x")
    assert [line.split()[2] for line in heard.unexpected] == ["500", "401"]
