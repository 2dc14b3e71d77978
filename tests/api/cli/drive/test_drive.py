"""Simulated staff against a real server: what they do is there, and what comes of it is what was simulated."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.cli.drive.office import make_pace
from api.cli.drive.requests import DriveError, Measured, Requests, Wanted
from api.cli.drive.summary import summarise
from tests.api.server_in_thread import Served
from tests.patience import PATIENT


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    return served.bearer("treiber", "admin", authority="musteramt")


def test_staff_work_on_the_server_as_they_do_in_the_simulation(
    served: Served, token: str, eva: Callable[..., Any]
) -> None:
    done = eva("drive", "--url", served.url, "--token", token, "--days", 25, "--speed", 0, "--clients", 6, "--json")
    assert done.status == 0, done.err
    summary = json.loads(done.out)
    assert (summary["refused"], summary["other_states"], summary["busy"]) == ({}, {}, 0)
    counts = {row["action"]: row["count"] for row in summary["actions"]}
    assert summary["requests"] == counts["all"] == sum(counts.values()) - counts["all"] > 100
    clerk = served.client("nachschau", "case_worker", authority="musteramt")
    for resource, action in (("records", "record: create"), ("routing-slips", "routing-slip: create")):
        assert len(clerk.get(f"/{resource}", params={"limit": 200}).json()["items"]) == counts[action] > 5
    assert counts["routing-slip: sign"] > 5
    slip = clerk.get("/routing-slips", params={"limit": 1}).json()["items"][0]["id"]
    actors = {event["actor"] for event in clerk.get(f"/routing-slips/{slip}/history").json()["events"]}
    assert "treiber" not in actors, "each acts as themselves"
    served.services.engine.log.verify()
    rows = served.client("nachschau2", "admin", authority="musteramt").get("/tokens", params={"limit": 200}).json()
    assert {row["user"] for row in rows["items"] if row["in_force"]} == {"treiber", "nachschau", "nachschau2"}


def test_times_are_told_in_a_table(served: Served, token: str, eva: Callable[..., Any]) -> None:
    done = eva("drive", "--url", served.url, "--token", token, "--days", 6, "--speed", 0, "--quiet")
    assert done.status == 0, done.err
    assert "Times of answers in milliseconds" in done.out
    assert "requests in" in done.out


def test_who_is_no_admin_of_the_authority_drives_nobody(served: Served, eva: Callable[..., Any]) -> None:
    clerk = served.bearer("klara", "case_worker", authority="musteramt")
    for url, wrong in (
        (served.url, clerk), (served.url, "nichts"), ("http://127.0.0.1:1", clerk), ("http://localhost:port", clerk),
    ):  # fmt: skip
        done = eva("drive", "--url", url, "--token", wrong, "--days", 5, "--speed", 0)
        assert done.status == 2
        assert done.err.strip().splitlines()[-1].startswith("eva drive: ")
        assert "Traceback" not in done.err


def make_wanted(stream: str, number: int, *touched: str, **body: Any) -> Wanted:
    return Wanted("work", stream, body, "token", None, f"k{number}", frozenset({stream, *touched}), "in_work", 0.0)


def test_a_request_waits_for_those_it_builds_on_and_for_no_other() -> None:
    seen, lock, may_go = list[str](), threading.Lock(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key == "k1":
            assert may_go.wait(PATIENT)
        with lock:
            seen.append(key)
        return httpx.Response(200, json={"state": "in_work"})

    requests = Requests("http://eva", "token", 4, httpx.MockTransport(answer))
    for one in (
        make_wanted("record:a", 1, "routing-slip:s"), make_wanted("record:b", 2), make_wanted("routing-slip:s", 3),
        make_wanted("record:c", 4, record="a"),
    ):  # fmt: skip
        requests.send(one)
    end = time.monotonic() + PATIENT
    while seen != ["k2"] and time.monotonic() < end:
        time.sleep(0.01)
    assert seen == ["k2"]
    may_go.set()
    requests.close()
    assert seen[:2] == ["k2", "k1"]
    assert set(seen[2:]) == {"k3", "k4"}


def test_a_busy_server_is_asked_again_and_a_broken_one_ends_it() -> None:
    asked = list[int]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(1)
        broken = request.headers["idempotency-key"] == "k2"
        if broken:
            return httpx.Response(500, json={"detail": "kaputt"})
        if len(asked) < 3:
            return httpx.Response(503, headers={"retry-after": "0.01"})
        return httpx.Response(409 if len(asked) == 4 else 200, json={"state": "closed", "detail": "nein"})

    requests = Requests("http://eva", "token", 1, httpx.MockTransport(answer))
    requests.send(make_wanted("record:a", 1))
    requests.send(make_wanted("record:a", 3))
    requests.send(make_wanted("record:a", 2))
    with pytest.raises(DriveError, match="kaputt"):
        requests.close()
    assert requests.measured.busy == 2
    assert dict(requests.measured.other) == {"work": 1}
    assert list(requests.measured.refused) == ["work: 409 nein"]
    with pytest.raises(DriveError):
        requests.send(make_wanted("record:b", 4))


def test_the_pace_is_that_of_office_hours() -> None:
    pace, now = make_pace(60.0), time.monotonic()
    assert pace(600.0) - pace(0.0) == pytest.approx(10.0)
    assert pace(0.0) <= now
    assert make_pace(0.0)(1e9) <= time.monotonic()


def test_shares_are_of_the_times_that_were_taken() -> None:
    measured = Measured()
    measured.took["record: work"] = [n / 1000 for n in range(1, 101)]
    row = summarise(measured, 10.0)["actions"][0]
    assert {name: row[name] for name in ("count", "p50", "p95", "p99", "max")} == {
        "count": 100, "p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0,
    }  # fmt: skip
    assert summarise(Measured(), 1.0)["late"] == {"count": 0}
