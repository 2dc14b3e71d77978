"""A receiver of webhooks: keeps what it is sent, and answers what the test wants."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.patience import PATIENT


class Got(NamedTuple):
    path: str
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver:
    """`answers` are statuses to give, one after the other, then `usual`."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        self.usual = 204
        self.headers: dict[str, str] = {}
        self.port = 0
        self._changed = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, got: Got) -> int:
        with self._changed:
            self.got.append(got)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else self.usual

    def wait(self, number: int) -> list[Got]:
        """So many requests, at the least."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.got) >= number, PATIENT), f"{len(self.got)} came"
            return list(self.got)


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """Listen until the block ends, on the port that it had before if there was one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", receiver.port), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENT)
