"""A connection of uvicorn with limits for clients that nobody knows yet: how much they may send before they are heard,
how long they may take, and how many may be connected.

httptools has no limit for a request's head and gathers a long header in quadratic time; uvicorn ends neither a head nor
a body that never comes to its end. One timer a connection watches for what is overdue, so that a request that arrives
at once costs none.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Iterable
from typing import Any, cast

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.application.problems import MEDIA_TYPE, describe_status

HEAD_BYTES = 65_536
"""Of a request's line and headers, names and values together."""
HEADERS = 100
HEAD_SECONDS = 10.0
"""From the first byte, or from the connection, to the end of the headers."""
BODY_SECONDS = 10.0
BODY_RATE = 16_384
"""Bytes a second that keep a body coming for longer than `BODY_SECONDS`."""


class Connection(HttpToolsProtocol):
    """Uvicorn's `limit_concurrency` is how many there may be: then one that owes something goes, or one that rests."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most, self.limit_concurrency = self.limit_concurrency, None
        self._owed: str | None = "request"
        """What the client has begun and not ended: `head` or `body`; `request` before its first byte."""
        self._since = 0.0
        """When that began, by the loop's clock."""
        self._received = 0
        """Bytes of it that came in packets of their own."""
        self._begun = 0
        self._refusal: tuple[int, str] | None = None
        self._watch: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._since = self.loop.time()
        self._watch = self.loop.call_later(self.head_seconds, self._look)
        if self.most is not None and len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        before = self._begun
        super().data_received(data)
        if before == self._begun:
            self._received += len(data)
            if self._received > HEAD_BYTES and self._owed in {"head", "request"}:
                self._refuse(431, f"the head of a request has at most {HEAD_BYTES:,} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._owe("head")

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > HEADERS or size > HEAD_BYTES:
            self._refusal = 431, f"the head of a request has at most {HEADERS} headers and {HEAD_BYTES:,} bytes"
            raise ValueError(self._refusal)  # to httptools a fault of the request, so it comes to `send_400_response`
        self._owe("body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._owed = None

    def send_400_response(self, msg: str) -> None:
        self._refuse(*(self._refusal or (400, msg)))

    def _owe(self, what: str) -> None:
        self._owed, self._since, self._received = what, self.loop.time(), 0
        self._begun += 1

    def _due(self) -> float:
        """Until when there is patience, by the loop's clock."""
        if self._owed != "body":
            return self._since + self.head_seconds
        read = self._received if self.cycle is None or not self.cycle.response_complete else 0
        return self._since + self.body_seconds + read / BODY_RATE

    def _look(self) -> None:
        """End the connection where something is overdue, else look again when it may be."""
        now = self.loop.time()
        if self._owed is None or self.flow.read_paused:  # nothing is owed, or it is we who do not read
            self._since = now
        if self._due() <= now:
            self._refuse(408, f"the {self._owed} did not arrive in time")
        else:
            self._watch = self.loop.call_later(self._due() - now, self._look)

    def _make_room(self) -> None:
        """End the connection that owes something and is due first, or else one that rests, or else this one."""
        others = cast("Iterable[Connection]", self.connections - {self})
        idle = [one for one in others if one._owed or one.cycle is None or one.cycle.response_complete]  # noqa: SLF001
        if idle:
            first = min(idle, key=lambda one: (one._owed is None, one._due()))  # noqa: SLF001 - all are of this class
            first._refuse(408, "others are waiting for a connection")  # noqa: SLF001
        else:
            self._refuse(503, "there are too many connections")

    def _refuse(self, status: int, why: str) -> None:
        """Say why, where a request has begun and no answer has; then close, by which the application hears of it."""
        if self.transport.is_closing():
            return
        if status == 503 or (self._owed in {"head", "body"} and not self._answering()):
            self.transport.write(_answer(status, why))
        self.transport.close()

    def _answering(self) -> bool:
        """Whether bytes of ours would come into the middle of an answer."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        return self._owed == "head" or bool(self.pipeline) or self.cycle.response_started


def _answer(status: int, why: str) -> bytes:
    body = to_json(describe_status(status, why))
    lines = [f"content-type: {MEDIA_TYPE}", f"content-length: {len(body)}", "connection: close"]
    if status in {408, 503}:
        lines.append("retry-after: 1")
    return STATUS_LINE[status] + "\r\n".join([*lines, "", ""]).encode() + body
