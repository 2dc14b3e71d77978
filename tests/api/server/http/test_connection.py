"""Connections by raw sockets: heads and bodies without end, too many at once, and that others are served meanwhile."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.server.http.connection import HEAD_BYTES, HEADERS, Connection
from tests.patience import PATIENT

WHOLE = b"GET / HTTP/1.1\r\nhost: eva\r\n\r\n"
WITH_BODY = b"POST / HTTP/1.1\r\nhost: eva\r\ncontent-length: 100\r\n\r\n"


class Quick(Connection):
    """Less patient, so that tests are quick."""

    head_seconds = 1.0
    body_seconds = 1.0


class App:
    """Answers with the size of the body once it is there; notes whose client went away before."""

    def __init__(self) -> None:
        self.gone = 0
        self.heard = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.heard += 1
        if scope["path"] == "/early":
            await Response("early")(scope, receive, send)
            return
        try:
            body = await request.body()
        except ClientDisconnect:
            self.gone += 1
            return
        await Response(str(len(body)))(scope, receive, send)


@contextmanager
def served(kind: type[Connection] = Quick, most: int | None = None) -> Iterator[tuple[int, App]]:
    app = App()
    config = uvicorn.Config(app, port=0, http=kind, limit_concurrency=most, lifespan="off", log_level="critical",
                            timeout_keep_alive=60, proxy_headers=False)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1], app
    finally:
        server.should_exit = True
        thread.join(PATIENT)


def connect(port: int, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENT)
    made.sendall(sent)
    return made


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body up to the close; (0, b"") where it was closed without a word."""
    text = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65_536):
            text += data
    head, _, body = text.partition(b"\r\n\r\n")
    return (int(head.split()[1]) if head else 0), body


def ask(port: int) -> bytes:
    """One good request on a connection of its own."""
    with connect(port, WHOLE) as made:
        return made.recv(65_536)


@pytest.fixture(scope="module")
def quick() -> Iterator[tuple[int, App]]:
    with served() as found:
        yield found


@pytest.mark.parametrize("piece", [b"a" * 8192, b"a: b\r\n" * 1000], ids=["one value", "many headers"])
def test_a_head_without_end_is_ended_when_it_is_too_long(quick: tuple[int, App], piece: bytes) -> None:
    sent, status = 0, 0
    with connect(quick[0], b"GET / HTTP/1.1\r\nx: ") as made:
        with contextlib.suppress(ConnectionError):
            while sent < 64 * HEAD_BYTES:
                made.sendall(piece)
                sent += len(piece)
        status, _ = answer(made)
    assert status in {431, 0}, "0 where the system dropped the answer with what was left unread"
    assert sent < 64 * HEAD_BYTES
    assert ask(quick[0]).startswith(b"HTTP/1.1 200")


def lines(count: int, size: int) -> bytes:
    """Headers of so many bytes in all, the last of which asks to close."""
    rest = size - 4 * (count - 2) - len("connectionclose") - 1
    return b"a: bcd\r\n" * (count - 2) + b"x: " + b"y" * rest + b"\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (lines(HEADERS, 4096), 200),
        (lines(HEADERS + 1, 4096), 431),
        (lines(9, HEAD_BYTES - 1), 200),
        (lines(9, HEAD_BYTES), 431),
        (b"a b\r\n\r\n", 400),
    ],
    ids=["most headers", "one more", "most bytes", "one more byte", "no header"],
)
def test_how_long_a_head_may_be(quick: tuple[int, App], head: bytes, status: int) -> None:
    with connect(quick[0], b"GET / HTTP/1.1\r\n" + head) as made:
        told, body = answer(made)
    assert told == status
    assert status == 200 or json.loads(body)["status"] == status


def test_what_never_comes_to_its_end_is_ended(quick: tuple[int, App]) -> None:
    halves = [b"", b"GET", b"GET / HTTP/1.1\r\nhost: eva\r\n", WITH_BODY, WITH_BODY + b"x" * 99]
    with contextlib.ExitStack() as opened:
        answers = [answer(made) for made in [opened.enter_context(connect(quick[0], half)) for half in halves]]
    assert [status for status, _ in answers] == [0, 408, 408, 408, 408]
    assert {json.loads(body)["status"] for status, body in answers if status} == {408}


def test_one_byte_now_and_then_is_no_way_to_stay(quick: tuple[int, App]) -> None:
    with connect(quick[0], b"GET / HTTP/1.1\r\nx: ") as made, contextlib.suppress(ConnectionError):
        for _ in range(600):
            made.sendall(b"a")
            time.sleep(0.02)
        pytest.fail("the connection was kept for twelve seconds")


def test_the_application_hears_that_the_body_will_not_come() -> None:
    with served() as (port, app):
        with connect(port, WITH_BODY) as made:
            answer(made)
        for _ in range(500):
            if app.gone:
                break
            time.sleep(0.01)
        assert app.gone == 1


def test_a_body_after_its_answer_is_not_read_for_ever(quick: tuple[int, App]) -> None:
    head = b"POST /early HTTP/1.1\r\nhost: eva\r\ntransfer-encoding: chunked\r\n\r\n"
    with connect(quick[0], head) as made, contextlib.suppress(ConnectionError):
        for _ in range(2000):
            made.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            time.sleep(0.005)
        pytest.fail("the body was read for ten seconds")


def test_a_slow_body_that_keeps_coming_is_waited_for() -> None:
    class Patient(Quick):
        head_seconds = 5.0

    with served(Patient) as (port, _):
        pieces = 40
        with connect(port, b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (16_384 * pieces)) as made:
            for _ in range(pieces):
                made.sendall(b"x" * 16_384)
                time.sleep(0.02)
            assert made.recv(65_536).endswith(str(16_384 * pieces).encode())


def test_a_connection_that_rests_between_requests_is_kept(quick: tuple[int, App]) -> None:
    with connect(quick[0], WHOLE) as made:
        assert made.recv(65_536).startswith(b"HTTP/1.1 200")
        time.sleep(2.5)
        made.sendall(WHOLE)
        assert made.recv(65_536).startswith(b"HTTP/1.1 200")


def test_pipelined_requests_are_answered_in_their_order(quick: tuple[int, App]) -> None:
    posts = [b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % n + b"x" * n for n in (1, 22, 333)]
    with connect(quick[0], b"".join([*posts, b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n"])) as made:
        text = b""
        while data := made.recv(65_536):
            text += data
    bodies = [part.partition(b"\r\n\r\n")[2] for part in text.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [b"1", b"22", b"333", b"0"]


def test_where_there_are_too_many_the_most_overdue_goes_and_the_new_one_is_served() -> None:
    class Patient(Quick):
        head_seconds = body_seconds = 60.0

    with served(Patient, most=10) as (port, app), contextlib.ExitStack() as opened:
        half = [opened.enter_context(connect(port, b"GET / HTTP/1.1\r\nx: ")) for _ in range(60)]
        assert ask(port).startswith(b"HTTP/1.1 200"), "half-sent requests keep nobody out"
        assert app.heard == 1
        assert answer(half[0])[0] in {408, 0}


def test_where_all_have_an_answer_under_way_the_new_one_is_told_to_come_again() -> None:
    class Waiting(Connection):
        """Every request counts as one that is being answered."""

        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self._owed = None

    with served(Waiting, most=2) as (port, _), contextlib.ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(connect(port, WITH_BODY))
        time.sleep(0.2)
        assert answer(opened.enter_context(connect(port)))[0] == 503
