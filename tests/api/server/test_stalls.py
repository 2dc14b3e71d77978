"""While clients keep the server busy in every way that is known, another one's read is answered and ready is true.

What hangs here hangs until it is given up, so the tests hold on a machine of any speed; `benchmarks.stalls` measures.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.server.dependencies.work import Work
from api.server.routes import scan_content, scenarios
from api.server.sandboxes.sandbox import Sandbox
from tests.api.server_in_thread import Served
from tests.patience import PATIENT

SLEEPS = b"__import__('time').sleep(600)"
"""The text of a check that does not come to its end, where the child process evaluates it."""


@contextlib.contextmanager
def clients(served: Served, number: int, ask: Callable[[httpx.Client, int], httpx.Response]) -> Iterator[list[int]]:
    """So many requests at once, by three persons; the statuses of those answered by now. At the end all go away."""
    people = [served.client(f"stalling-{n}", "planner", "case_worker") for n in range(3)]
    statuses: list[int] = []

    def one(n: int) -> None:
        with contextlib.suppress(httpx.HTTPError, RuntimeError), httpx.Client(
            base_url=served.url, headers=people[n % 3].headers, timeout=PATIENT
        ) as client:  # fmt: skip
            open_.append(client)
            statuses.append(ask(client, n).status_code)

    open_: list[httpx.Client] = []
    with ThreadPoolExecutor(number) as pool:
        for n in range(number):
            pool.submit(one, n)
        yield statuses
        for client in open_:
            close_sockets(client)


def close_sockets(client: httpx.Client) -> None:
    """Hang up, whatever the client is waiting for."""
    for connection in client._transport._pool.connections:  # type: ignore[attr-defined]
        stream = getattr(connection._connection, "_network_stream", None)
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def is_served(served: Served) -> None:
    """A list, which needs a thread, a page of nothing, a change, and what the server says of itself."""
    reader = served.client("leser", "case_worker", authority="mwide")
    made = reader.post("/records", json={"title": "Akte", "file_plan_code": "43.21"})
    assert made.status_code == 201
    for path in (made.headers["location"], "/records", "/cockpit", "/events?limit=5", "/scenarios"):
        assert reader.get(path).status_code == 200, path
    assert reader.get("/health/ready").json() == {"status": "ready", "why": None}


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def work(served: Served) -> Work:
    found: Work = served.app.state.work
    return found


def test_scenario_checks_that_do_not_end(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "check", eval)
    line = work(served).scenarios.line

    def check(client: httpx.Client, _: int) -> httpx.Response:
        return client.post("/scenarios/check", content=SLEEPS, headers={"content-type": "application/yaml"})

    with clients(served, 15, check) as statuses:
        until(lambda: len(statuses) >= 9)
        is_served(served)
        assert set(statuses) == {429}, "two of each are waiting or under way, the others are told at once"
        assert line.length == 6
    until(lambda: line.length == 0)


def test_sandbox_clocks_that_do_not_arrive(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []

    def advance(_sandbox: Sandbox, _advance: str, _until: Any, _language: str, given_up: threading.Event) -> None:
        told.append(given_up.wait(PATIENT))

    people = [served.client(f"stalling-{n}", "planner", "case_worker") for n in range(3)]
    homes = [person.post("/sandboxes", json={}).headers["location"] for person in people]
    monkeypatch.setattr(Sandbox, "advance_clock", advance)
    line = work(served).clocks.line
    with clients(served, 18, lambda client, n: client.post(f"{homes[n % 3]}/clock", json={"advance": "P1Y"})) as found:
        until(lambda: len(found) >= 6)
        is_served(served)
        assert set(found) == {429}
        assert line.length == 12
    until(lambda: line.length == 0)
    assert set(told) == {True}, "whatever had begun was told that nobody waits for it"


def test_uploads_that_crawl(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_content, "_check_action", lambda *_: None)
    line = work(served).uploads
    bearers = [served.bearer(f"crawling-{n}", "scan_operator", authority="mwide") for n in range(6)]
    path = "/scan-batches/00000000-0000-0000-0000-000000000000/items/1/content"
    with contextlib.ExitStack() as opened:
        for n in range(45):
            made = opened.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=PATIENT))
            lines = [f"PUT {path} HTTP/1.1", "host: eva", f"authorization: Bearer {bearers[n % 6]}",
                     f"idempotency-key: k-{n}", "content-type: application/pdf", "content-length: 400000"]  # fmt: skip
            made.sendall("\r\n".join([*lines, "", "%PDF"]).encode())
        until(lambda: line.length == 16)
        is_served(served)
    until(lambda: line.length == 0)


def test_bodies_of_a_login_that_do_not_come(served: Served) -> None:
    with contextlib.ExitStack() as opened:
        for _ in range(600):
            made = opened.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=PATIENT))
            made.sendall(b"POST /login HTTP/1.1\r\nhost: eva\r\ncontent-type: application/x-www-form-urlencoded\r\n"
                         b"content-length: 1000\r\n\r\ntoken=")  # fmt: skip
        is_served(served)
        bearer = served.bearer("ehrlich", "case_worker", authority="mwide")
        assert httpx.post(f"{served.url}/login", data={"token": bearer}, timeout=PATIENT).status_code == 303
