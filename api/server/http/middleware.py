"""What comes before and after every request, in one layer of plain ASGI: its id, its limits, headers, log and metrics.

One layer, because each costs every request; plain ASGI, because Starlette's base class for middleware doubles the cost
of a small one.
"""

import asyncio
import logging
import os
import re
import time
from typing import Any

from pydantic_core import to_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.application.problems import MEDIA_TYPE, describe_status
from api.server.observability.metrics import Metrics
from api.server.observability.tracing import Tracing
from api.settings import Settings

ACCESS = logging.getLogger("eva.access")
FAULTS = logging.getLogger("eva.fault")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
LARGEST_BODY = 64 * 2**20
LARGEST_FILE = 512 * 2**20
FILE_SECONDS = 900.0
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""Of every answer."""
DEFAULTS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""Of every answer that does not say otherwise."""
ALWAYS = ("/health/", "/metrics")
STREAMS = ("/stream", "/progress")


class RequestMiddleware:
    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, tracing: Tracing) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._tracing = tracing
        self._active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, send)
        path: str = scope["path"]
        stream, file = path.endswith(STREAMS), path.endswith("/content")
        largest = LARGEST_FILE if file else LARGEST_BODY
        seconds = None if stream else FILE_SECONDS if file else self._settings.request_seconds
        self._active += not stream
        try:
            if self._active > self._settings.most_requests and not path.startswith(ALWAYS):
                await visit.problem(503, "too many requests are under way")
            elif visit.announced > largest:
                await visit.problem(413, f"at most {largest:,} bytes are taken here")
            else:
                await self._answer(scope, receive, visit, seconds)
        finally:
            self._active -= not stream
            self._note(scope, visit)

    async def _answer(self, scope: Scope, receive: Receive, visit: "_Visit", seconds: float | None) -> None:
        try:
            with self._tracing.request(scope["method"]) as span:
                async with asyncio.timeout(seconds):
                    await self._app(scope, receive, visit.send)
                self._tracing.finish(span, scope["method"], _route(scope), visit.status)
        except TimeoutError:
            if not visit.status:
                await visit.problem(408, "it took too long; ask for the outcome with the same Idempotency-Key")
        except Exception:  # noqa: BLE001 - the last line: it is logged and told, and the next request goes on
            FAULTS.exception("fault", extra={"request_id": visit.id, "method": scope["method"], "path": scope["path"]})
            if not visit.status:
                await visit.problem(500, "a fault of the server; it has been logged")

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


class _Visit:
    def __init__(self, scope: Scope, send: Send) -> None:
        self.begun = time.perf_counter()
        self.status = 0
        self.announced = 0
        self._send = send
        given = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value
            elif name == b"content-length" and value.isdigit():
                self.announced = int(value[:18])
        self.id = (given if REQUEST_ID.fullmatch(given) else os.urandom(8).hex().encode()).decode()
        scope["eva.request_id"] = self.id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[Any] = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += HEADERS
            headers += [(name, value) for name, value in DEFAULTS.items() if name not in present]
            headers.append((b"x-request-id", self.id.encode()))
            message["headers"] = headers
        await self._send(message)

    async def problem(self, status: int, detail: str) -> None:
        body = to_json(describe_status(status, detail))
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        if status in {408, 503}:
            headers.append((b"retry-after", b"1"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
