"""What comes before and after every request, in one layer of plain ASGI: its id, its limits, headers, log and metrics.

One layer, because each costs every request; plain ASGI, because Starlette's base class for middleware doubles the cost
of a small one.
"""

import asyncio
import logging
import random
import re
import time
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.application.problems import MEDIA_TYPE, describe_status
from api.server.http.admission import ALWAYS, SECRET, Admission
from api.server.http.describe import API_VERSION
from api.server.http.errors import TooLarge
from api.server.http.request import read_language
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from api.settings import Settings
from workflow.text import Text

ACCESS = logging.getLogger("eva.access")
FAULTS = logging.getLogger("eva.fault")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
LARGEST_BODY = 64 * 2**20
LARGEST_FILE = 512 * 2**20
FILE_SECONDS = 900.0
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"eva-api-version", API_VERSION.encode()),
]
"""Of every answer."""
DEFAULTS = {
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer that does not say otherwise."""
STREAMS = ("/stream", "/progress")
CROWDED = {
    429: Text("zu viele Ihrer Anfragen sind in Arbeit", "too many requests of yours are under way"),
    503: Text("zu viele Anfragen sind in Arbeit", "too many requests are under way"),
}
TOOK_TOO_LONG = Text(
    "das hat zu lange gedauert; fragen Sie mit demselben Idempotency-Key nach dem Ergebnis",
    "it took too long; ask for the outcome with the same Idempotency-Key",
)
FAULT = Text("ein Fehler des Servers; er ist aufgezeichnet", "a fault of the server; it has been logged")
GONE = 499
"""In log and metrics, of a request whose client went away before it was answered; nobody is sent it."""


class RequestMiddleware:
    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, tracing: Tracing, admission: Admission | None = None
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._tracing = tracing
        self._admission = admission or Admission(settings.most_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, send, self._settings.language)
        path: str = scope["path"]
        stream, file = path.endswith(STREAMS), path.endswith("/content")
        largest = LARGEST_FILE if file else LARGEST_BODY
        seconds = None if stream else FILE_SECONDS if file else self._settings.request_seconds
        entered = 200 if stream else self._admission.enter(visit.caller)
        try:
            if entered != 200 and not path.startswith(ALWAYS):
                await visit.problem(entered, CROWDED[entered])
            elif visit.announced > largest:
                await visit.problem(413, TooLarge(largest).text)
            else:
                await self._answer(scope, receive, visit, seconds)
        finally:
            if not stream:
                self._admission.leave(visit.caller)
            self._note(scope, visit)

    async def _answer(self, scope: Scope, receive: Receive, visit: "_Visit", seconds: float | None) -> None:
        try:
            with self._tracing.request(scope["method"]) as span:
                async with asyncio.timeout(seconds):
                    await self._app(scope, receive, visit.send)
                self._tracing.finish(span, scope["method"], _route(scope), visit.status)
        except TimeoutError:
            if not visit.status:
                await visit.problem(408, TOOK_TOO_LONG)
        except ClientDisconnect:
            visit.status = visit.status or GONE
        except Exception:  # noqa: BLE001 - the last line: it is logged and told, and the next request goes on
            FAULTS.exception("fault", extra={"request_id": visit.id, "method": scope["method"], "path": scope["path"]})
            if not visit.status:
                await visit.problem(500, FAULT)

    def _note(self, scope: Scope, visit: "_Visit") -> None:
        seconds = time.perf_counter() - visit.begun
        self._metrics.request(scope["method"], _route(scope), visit.status, seconds)
        if ACCESS.isEnabledFor(logging.INFO):
            ACCESS.info("request", extra={
                "request_id": visit.id, "method": scope["method"], "path": scope["path"], "status": visit.status,
                "ms": round(seconds * 1000, 2), "user": scope.get("eva.user"),
            })  # fmt: skip


def _route(scope: Scope) -> str:
    """The operation's path with its parameters' names, which names nobody."""
    return str(scope.get("eva.route") or getattr(scope.get("route"), "path", "other"))


def _make_id() -> str:
    """Another for every request, and no secret: a draw from the system would let go of the interpreter."""
    return f"{random.getrandbits(64):016x}"


class _Visit:
    def __init__(self, scope: Scope, send: Send, language: str) -> None:
        self.begun = time.perf_counter()
        self.status = 0
        self.announced = 0
        self.caller = b""
        self.path: str = scope["path"]
        self._scope = scope
        self._send = send
        self._language = language
        given = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"authorization" or (name == b"cookie" and not self.caller):
                self.caller = value[-SECRET:]
            elif name == b"content-length" and value.isdigit():
                self.announced = int(value[:18])
        self.id = given.decode() if REQUEST_ID.fullmatch(given) else _make_id()
        scope["eva.request_id"] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[Any] = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += HEADERS
            headers += [(name, value) for name, value in DEFAULTS.items() if name not in present]
            headers.append((b"x-request-id", self.id.encode()))
            rate = self._scope.get("eva.rate")
            if rate is not None:
                headers += rate.headers()
            message["headers"] = headers
        await self._send(message)

    async def problem(self, status: int, detail: Text) -> None:
        language = read_language(Headers(scope=self._scope).get("accept-language", ""), self._language)
        where = {"instance": quote(self.path), "request_id": self.id}
        body = to_json(describe_status(status, detail.get(language), language) | where)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode()),
            (b"content-language", language.encode()),
        ]  # fmt: skip
        if status in {408, 429, 503}:
            headers.append((b"retry-after", b"1"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
