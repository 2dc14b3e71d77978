"""The driver that talks to a server: what it sends, how often it tries again, and what it takes for a fault."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.replay.file.format import Person
from api.replay.run import over_http
from api.replay.run.driver import ReplayError, Who
from api.replay.run.over_http import OverHttp
from workflow.text import Text

START = datetime(2021, 6, 1, 6, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers as a test says, and keeps what was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: dict[tuple[str, str], list[Any]] = {}

    def on(self, method: str, path: str, *answers: Any) -> None:
        self.answers[method, path] = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        waiting = self.answers.get((request.method, request.url.path))
        if waiting is None:
            return httpx.Response(404, json={"status": 404, "detail": "nicht da"})
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


class Transport(httpx.MockTransport):
    """Remembers that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    one = Server()
    one.on("POST", "/sandboxes", httpx.Response(201, json={"id": "s1"}))
    one.on("POST", "/sandboxes/s1/tokens", {"token": "t-mueller", "user": "mueller"})
    one.on("DELETE", "/sandboxes/s1", httpx.Response(204))
    monkeypatch.setattr(over_http.time, "sleep", lambda _seconds: None)
    return one


@pytest.fixture
def driver(server: Server) -> OverHttp:
    made = OverHttp("http://server", "t-owner", START, "Titel", httpx.MockTransport(server))
    made.enter("mueller", Person(roles=("case_worker",), authority="mwide"))
    return made


def test_a_sandbox_is_opened_with_start_and_title_and_thrown_away(server: Server, driver: OverHttp) -> None:
    driver.close()
    opened, entered, closed = server.requests
    assert json.loads(opened.content) == {"start": "2021-06-01T06:00:00+00:00", "title": "Titel"}
    assert opened.headers["authorization"] == "Bearer t-owner"
    assert json.loads(entered.content)["roles"] == ["case_worker"]
    assert (closed.method, closed.url.path) == ("DELETE", "/sandboxes/s1")


def test_a_person_acts_with_their_own_token_and_for_whom_they_say(server: Server, driver: OverHttp) -> None:
    server.on("POST", "/sandboxes/s1/records", httpx.Response(201, json={"id": "r1", "events": [{"type": "x"}]}))
    outcome = driver.create(Who("mueller", "schäfer"), "record", {"title": "Akte"})
    request = server.requests[-1]
    assert request.headers["authorization"] == "Bearer t-mueller"
    assert dict(request.headers.raw)[b"on-behalf-of"] == "schäfer".encode()
    assert len(request.headers["idempotency-key"]) == 32
    assert (outcome.status, outcome.key, outcome.events) == (201, "r1", ({"type": "x"},))
    assert not outcome.refused


def test_a_refusal_is_an_outcome_and_no_error(server: Server, driver: OverHttp) -> None:
    german, english = (httpx.Response(409, json={"detail": told, "guard": "x"}) for told in ("nein", "no"))
    server.on("POST", "/sandboxes/s1/records/r1/actions/work", german, english)
    outcome = driver.act(Who("mueller"), "record", "r1", "work", {})
    assert outcome.refused
    assert (outcome.detail, outcome.problem["guard"]) == (Text("nein", "no"), "x")
    first, again = server.requests[-2:]
    assert [one.headers["accept-language"] for one in (first, again)] == ["de", "en"]
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]


def test_what_others_have_made_possible_meanwhile_is_done(server: Server, driver: OverHttp) -> None:
    refused, done = httpx.Response(409, json={"detail": "nein"}), httpx.Response(200, json={"id": "r1"})
    server.on("POST", "/sandboxes/s1/records/r1/actions/work", refused, done)
    assert not driver.act(Who("mueller"), "record", "r1", "work", {}).refused


@pytest.mark.parametrize("busy", [429, 503])
def test_a_busy_server_is_asked_again_with_the_same_key(server: Server, driver: OverHttp, busy: int) -> None:
    waiting = httpx.Response(busy, headers={"retry-after": "1"}, json={})
    server.on("POST", "/sandboxes/s1/records", waiting, waiting, httpx.Response(201, json={"id": "r1"}))
    assert driver.create(Who("mueller"), "record", {}).key == "r1"
    keys = [request.headers["idempotency-key"] for request in server.requests[-3:]]
    assert len(set(keys)) == 1


def test_patience_ends(server: Server, driver: OverHttp) -> None:
    server.on("GET", "/sandboxes/s1/records/r1", httpx.Response(503, json={}))
    with pytest.raises(ReplayError, match="503"):
        driver.show(Who("mueller"), "record", "r1")
    asked = [request for request in server.requests if request.url.path.endswith("/records/r1")]
    assert len(asked) == over_http.PATIENCE


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(500, text="kaputt"), "500 kaputt"),
        (httpx.Response(200, text="<html>"), "is no JSON"),
        (httpx.ConnectError("refused"), "http://server: no server answers: refused"),
        (httpx.ReadTimeout("slow"), "ReadTimeout: slow"),
    ],
)
def test_what_no_release_answers_ends_the_replay(server: Server, driver: OverHttp, answer: Any, says: str) -> None:
    server.on("GET", "/sandboxes/s1/records/r1", answer)
    with pytest.raises(ReplayError, match=says):
        driver.show(Who("mueller"), "record", "r1")


def test_allowed_actions_of_a_part(server: Server, driver: OverHttp) -> None:
    server.on(
        "GET", "/sandboxes/s1/records/r1/actions",
        {"actions": [{"action": "work", "allowed": True}, {"action": "close", "allowed": False}]},
    )  # fmt: skip
    assert driver.allowed(Who("mueller"), "record", "r1", "c 1") == ["work"]
    assert server.requests[-1].url.params["case"] == "c 1"
    assert driver.allowed(Who("mueller"), "record", "r1", None) == ["work"]
    assert not server.requests[-1].url.params


def test_allowed_actions_that_are_refused_end_the_replay(driver: OverHttp) -> None:
    with pytest.raises(ReplayError, match="404"):
        driver.allowed(Who("mueller"), "record", "r1", None)


def test_timers_of_a_stream(server: Server, driver: OverHttp) -> None:
    server.on("GET", "/sandboxes/s1/timers", {"timers": [{"timer": "due", "at": "2021-07-01T00:00:00+02:00"}]})
    (timer,) = driver.timers("record", "r1")
    assert (timer.name, timer.at) == ("due", datetime(2021, 6, 30, 22, tzinfo=UTC))
    assert server.requests[-1].url.params["stream"] == "record:r1"


def test_time_passes_in_as_many_requests_as_the_server_needs(server: Server, driver: OverHttp) -> None:
    until = datetime(2031, 6, 1, tzinfo=UTC)
    server.on(
        "POST", "/sandboxes/s1/clock",
        {"events": [{"type": "a"}], "refused": [], "reached": False}, {"events": [{"type": "b"}], "refused": []},
    )  # fmt: skip
    outcome = driver.advance(until)
    assert (outcome.status, [event["type"] for event in outcome.events]) == (200, ["a", "b"])
    assert driver.now == until


def test_a_timer_that_is_refused_is_a_conflict(server: Server, driver: OverHttp) -> None:
    refused = [{"stream": "record:r1", "timer": "due", "why": "noch offen"}]
    server.on("POST", "/sandboxes/s1/clock", {"events": [], "refused": refused, "reached": True})
    outcome = driver.advance(datetime(2022, 1, 1, tzinfo=UTC))
    assert (outcome.status, outcome.detail.de) == (409, "record:r1 due: noch offen")


def test_an_appointment_names_the_span(server: Server, driver: OverHttp) -> None:
    server.on("POST", "/sandboxes/s1/deputies", {})
    driver.appoint_deputy("mueller", "weber", START, datetime(2021, 7, 1, tzinfo=UTC))
    assert json.loads(server.requests[-1].content) == {
        "user": "mueller", "deputy": "weber", "since": "2021-06-01T06:00:00+00:00",
        "until": "2021-07-01T00:00:00+00:00",
    }  # fmt: skip


def test_a_server_that_gives_no_sandbox_ends_the_replay() -> None:
    refusing = Server()
    refusing.on("POST", "/sandboxes", httpx.Response(429, json={"detail": "zu viele"}))
    refusing.answers["POST", "/sandboxes"] = [httpx.Response(403, json={"detail": "nein"})]
    transport = Transport(refusing)
    with pytest.raises(ReplayError, match="403"):
        OverHttp("http://server", "x", START, "T", transport)
    assert transport.closed, "no connection is left open"
