"""Streams: a share for each token, a place that is given back, and not one event more once the token ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from sse_starlette import ServerSentEvent
from starlette.requests import Request

from api.application.errors import TooMany, Unauthorised
from api.application.tokens import Holder
from api.server.auth.authenticator import parse_token_id, revoke
from api.server.dependencies.streams import SHARE, StreamResponse, check_header, open_line
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT

MOST = 16


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("streams"), most_streams=MOST) as found:
        yield found


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


async def numbers() -> AsyncIterator[ServerSentEvent]:
    for number in range(100):
        yield ServerSentEvent(str(number))


@pytest.mark.parametrize("good_for", [0, 1, 7])
def test_not_one_event_more_once_the_token_has_ended(good_for: int) -> None:
    """Checked before each event, not after each page of them."""
    from api.server.dependencies.streams import _while_allowed

    checked = 0

    async def check() -> None:
        nonlocal checked
        checked += 1
        if checked > good_for:
            raise Unauthorised

    async def heard() -> int:
        return len([event async for event in _while_allowed(numbers(), check)])

    assert asyncio.run(heard()) == good_for


def test_a_place_is_given_back_however_the_stream_ends() -> None:
    line = open_line(SHARE)

    async def receive() -> dict[str, str]:
        await asyncio.sleep(PATIENT)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message.get("body"):
            raise OSError("the network is gone")

    async def run() -> None:
        response = StreamResponse(numbers(), line, "a")
        assert line.length == 1
        with pytest.raises(TooMany):
            StreamResponse(numbers(), line, "a")
        with pytest.raises(OSError, match="network"):
            await response({"type": "http", "method": "GET"}, receive, send)  # type: ignore[arg-type]

    asyncio.run(run())
    assert line.length == 0


def test_one_token_has_its_share_and_others_listen(served: Served) -> None:
    line = served.app.state.streams
    greedy, other = (served.client(user, "case_worker", authority="mwide") for user in ("gierig", "andere"))
    with ExitStack() as opened:
        mine = [opened.enter_context(greedy.stream("GET", "/events/stream")) for _ in range(MOST // SHARE)]
        assert {one.status_code for one in mine} == {200}
        refused = greedy.get("/events/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert opened.enter_context(other.stream("GET", "/events/stream")).status_code == 200
        assert line.length == MOST // SHARE + 1
    until(lambda: line.length == 0)
    with greedy.stream("GET", "/events/stream") as again:
        assert again.status_code == 200


def test_a_stream_ends_when_its_token_is_revoked(served: Served) -> None:
    bearer = served.bearer("weg", "case_worker", authority="mwide")
    headers = {"authorization": f"Bearer {bearer}"}
    with httpx.stream("GET", f"{served.url}/events/stream", headers=headers, timeout=PATIENT) as listening:
        revoke(served.services.engine, parse_token_id(bearer), "lost")
        served.client("neu", "case_worker", authority="mwide").post(
            "/records", json={"title": "geheim", "file_plan_code": "43.21"}
        )
        assert "record.created" not in "".join(listening.iter_text())


def test_the_quick_look_at_a_token_sees_that_it_was_revoked(served: Served) -> None:
    bearer = served.bearer("quick", "case_worker", authority="mwide")
    scope = {"type": "http", "app": served.app, "headers": [(b"authorization", f"Bearer {bearer}".encode())]}
    asyncio.run(check_header(Request(scope)))
    revoke(served.services.engine, parse_token_id(bearer), "lost")
    with pytest.raises(Unauthorised):
        asyncio.run(check_header(Request(scope)))


def test_a_line_of_few_streams_has_a_share_of_one() -> None:
    line = open_line(2)
    line.enter(Holder("a", frozenset()).user)
    with pytest.raises(TooMany):
        line.enter("a")
