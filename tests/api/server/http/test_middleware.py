"""What comes before and after every request: its id, headers, limits, time, and what becomes of a fault."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from api.server.http.admission import Admission
from api.server.http.middleware import LARGEST_BODY, LARGEST_FILE, RequestMiddleware
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from api.settings import Settings

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answered(NamedTuple):
    """What a client was sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


async def fine(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"fine"})


async def hidden_page(_scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"cache-control", b"max-age=60"), (b"content-security-policy", b"default-src 'self'")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def slow(_scope: Scope, _receive: Receive, _send: Send) -> None:
    await asyncio.sleep(60)


async def slow_after_its_beginning(scope: Scope, receive: Receive, send: Send) -> None:
    await fine(scope, receive, send)
    await asyncio.sleep(60)


async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


async def broken_after_its_beginning(scope: Scope, receive: Receive, send: Send) -> None:
    await fine(scope, receive, send)
    raise ZeroDivisionError


class Layer:
    """The middleware around an application, with what it counts."""

    def __init__(self, app: App, **settings: Any) -> None:
        self.metrics = Metrics()
        self.layer = RequestMiddleware(app, Settings(**settings), self.metrics, Tracing(False))

    async def send(self, path: str = "/records", method: str = "GET", **headers: str) -> Answered:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        await self.layer({"type": "http", "method": method, "path": path, "headers": raw}, receive, send)
        starts = [one for one in sent if one["type"] == "http.response.start"]
        assert len(starts) == 1, "one answer, whatever happens"
        found = {name.decode(): text.decode() for name, text in starts[0]["headers"]}
        body = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        return Answered(starts[0]["status"], found, body)

    def ask(self, path: str = "/records", method: str = "GET", **headers: str) -> Answered:
        return asyncio.run(self.send(path, method, **headers))


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "eva"):
        yield caplog


def test_every_answer_has_the_headers_that_keep_browsers_careful() -> None:
    headers = Layer(fine).ask().headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_an_answer_that_says_otherwise_is_left_alone() -> None:
    headers = Layer(hidden_page).ask().headers
    assert headers["cache-control"] == "max-age=60"
    assert headers["content-security-policy"] == "default-src 'self'"


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64])
def test_the_id_of_a_request_comes_back(given: str) -> None:
    assert Layer(fine).ask(x_request_id=given).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "<script>", "a;b"])
def test_an_id_that_is_none_is_replaced(given: str) -> None:
    found = Layer(fine).ask(x_request_id=given).headers["x-request-id"]
    assert found != given
    assert len(found) == 16


def test_two_requests_have_two_ids() -> None:
    layer = Layer(fine)
    assert layer.ask().headers["x-request-id"] != layer.ask().headers["x-request-id"]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/records", LARGEST_BODY, 200),
        ("/records", LARGEST_BODY + 1, 413),
        ("/scan-batches/1/items/1/content", LARGEST_BODY + 1, 200),
        ("/scan-batches/1/items/1/content", LARGEST_FILE, 200),
        ("/scan-batches/1/items/1/content", LARGEST_FILE + 1, 413),
    ],
)
def test_a_body_that_says_it_is_too_large_is_refused_unread(path: str, size: int, status: int) -> None:
    assert Layer(fine).ask(path, "POST", content_length=str(size)).status == status


@pytest.mark.parametrize("length", ["-1", "viel", "", "1e99"])
def test_a_length_that_is_no_number_says_nothing(length: str) -> None:
    assert Layer(fine).ask(content_length=length).status == 200


def test_what_takes_too_long_is_told_how_to_ask_for_its_outcome() -> None:
    answered = Layer(slow, request_seconds=0.01).ask()
    assert (answered.status, answered.headers["retry-after"]) == (408, "1")
    assert "Idempotency-Key" in answered.problem["detail"]
    assert answered.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("app", "length", "said"),
    [(slow, "0", "hat zu lange gedauert"), (broken, "0", "Fehler des Servers"), (fine, "9" * 12, "höchstens")],
)
@pytest.mark.parametrize(("wanted", "language"), [("de-DE,de;q=0.9", "de"), ("fr", "de"), ("en", "en")])
def test_what_ends_before_any_route_is_told_in_the_readers_language(
    app: App, length: str, said: str, wanted: str, language: str
) -> None:
    layer = Layer(app, request_seconds=0.01, language="de")
    answered = layer.ask("/records", "POST", content_length=length, accept_language=wanted)
    assert answered.headers["content-language"] == language
    assert (said in answered.problem["detail"]) == (language == "de")


def test_what_takes_too_long_after_its_beginning_is_cut() -> None:
    assert Layer(slow_after_its_beginning, request_seconds=0.01).ask().status == 200


@pytest.mark.parametrize("path", ["/events/stream", "/runs/1/progress"])
def test_a_stream_may_take_as_long_as_it_likes(path: str) -> None:
    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        await fine(scope, receive, send)

    assert Layer(waits, request_seconds=0.01).ask(path).status == 200
    assert Layer(waits, request_seconds=0.01).ask("/records").status == 408


def test_a_fault_is_logged_in_full_and_told_in_short(faults: pytest.LogCaptureFixture) -> None:
    answered = Layer(broken).ask(x_request_id="anfrage-1")
    assert answered.status == 500
    assert "ZeroDivision" not in answered.body.decode()
    (record,) = [one for one in faults.records if one.name == "eva.fault"]
    assert record.exc_info is not None
    assert vars(record)["request_id"] == "anfrage-1"


def test_a_fault_after_the_beginning_is_logged_too(faults: pytest.LogCaptureFixture) -> None:
    assert Layer(broken_after_its_beginning).ask().status == 200
    assert [one.name for one in faults.records if one.name == "eva.fault"] == ["eva.fault"]


def test_after_a_fault_the_next_request_is_answered() -> None:
    layer = Layer(broken, most_requests=1)
    assert [layer.ask().status for _ in range(3)] == [500, 500, 500]


class Held:
    """An application whose requests wait until they are let go."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.gate.wait()
        await fine(scope, receive, send)


async def crowd(layer: Layer, held: Held, first: list[str], then: str) -> int:
    """Status of one more request while others are under way."""
    waiting = [asyncio.create_task(layer.send(path)) for path in first]
    await asyncio.sleep(0)
    last = asyncio.create_task(layer.send(then))
    await asyncio.sleep(0)
    held.gate.set()
    await asyncio.gather(*waiting)
    return (await last).status


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        (["/a"], "/b", 200),
        (["/a", "/b"], "/c", 503),
        (["/a", "/b"], "/health/ready", 200),
        (["/a", "/b"], "/metrics", 200),
        (["/events/stream"] * 5, "/a", 200),
        (["/runs/1/progress"] * 5 + ["/a"], "/b", 200),
    ],
    ids=["room", "full", "health", "metrics", "streams", "streams and one"],
)
def test_so_many_requests_at_once_and_no_more(first: list[str], then: str, status: int) -> None:
    async def run() -> int:
        held = Held()
        return await crowd(Layer(held, most_requests=2), held, first, then)

    assert asyncio.run(run()) == status


def test_the_one_too_many_is_told_when_to_come_again() -> None:
    async def run() -> Answered:
        held = Held()
        layer = Layer(held, most_requests=1)
        waiting = asyncio.create_task(layer.send())
        await asyncio.sleep(0)
        refused = await layer.send()
        held.gate.set()
        await waiting
        assert (await layer.send()).status == 200
        return refused

    refused = asyncio.run(run())
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert refused.problem["status"] == 503


def test_one_caller_has_a_share_and_others_are_served() -> None:
    async def run() -> tuple[list[Answered], Answered, Answered]:
        held = Held()
        layer = Layer(held, most_requests=16)
        greedy = [asyncio.create_task(layer.send(authorization="Bearer greedy" + "a" * 43)) for _ in range(10)]
        await asyncio.sleep(0)
        other = asyncio.create_task(layer.send(authorization="Bearer other" + "b" * 43))
        cookie = asyncio.create_task(layer.send(cookie="eva_session=c"))
        await asyncio.sleep(0)
        held.gate.set()
        return await asyncio.gather(*greedy), await other, await cookie

    greedy, other, cookie = asyncio.run(run())
    assert sorted(one.status for one in greedy) == [200] * 4 + [429] * 6
    assert {one.headers.get("retry-after") for one in greedy} == {None, "1"}
    assert (other.status, cookie.status) == (200, 200)


def test_where_all_have_left_nothing_is_remembered_of_anybody() -> None:
    admission = Admission(8)
    entered = [admission.enter(b"%d" % (n % 3)) for n in range(9)]
    assert entered == [200, 200, 200, 200, 200, 200, 429, 429, 503]
    assert admission.full
    for n in range(9):
        admission.leave(b"%d" % (n % 3))
    assert vars(admission) == vars(Admission(8))


def test_a_client_that_goes_away_is_no_fault(faults: pytest.LogCaptureFixture) -> None:
    async def left(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    layer = Layer(left)
    with pytest.raises(AssertionError, match="one answer"):
        layer.ask()
    assert not [one for one in faults.records if one.name == "eva.fault"]
    assert 'status="499"' in layer.metrics.render().decode()


def test_every_request_is_counted_and_logged_without_its_query(faults: pytest.LogCaptureFixture) -> None:
    layer = Layer(fine)
    layer.ask("/records", x_request_id="nummer-7")
    text = layer.metrics.render().decode()
    assert 'eva_requests_total{method="GET",route="other",status="200"} 1.0' in text
    (record,) = [one for one in faults.records if one.name == "eva.access"]
    assert {name: vars(record)[name] for name in ("request_id", "method", "path", "status", "user")} == {
        "request_id": "nummer-7", "method": "GET", "path": "/records", "status": 200, "user": None,
    }  # fmt: skip


def test_what_is_no_request_goes_through() -> None:
    seen = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return None

    asyncio.run(Layer(app).layer({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]
