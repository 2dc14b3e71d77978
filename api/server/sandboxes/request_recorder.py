"""The recorder of a sandbox: which changes were requested, by whom, and with which result, to be replayed.

The log holds what has happened, not what was asked for, and nothing of what was refused. A sandbox is for trying, so
it keeps both; it is bounded, and ends with the sandbox.
"""

import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from api.server.auth.authenticator import Authenticator
from workflow.errors import EvaError

MOST = 2000
LARGEST = 65_536
"""Bytes of a body that is kept."""


@dataclass
class RecordedRequest:
    at: datetime
    path: str
    user: str
    roles: list[str]
    authority: str | None
    clearance: str
    on_behalf_of: str | None
    body: Any = None
    status: int = 0
    answer: Any = None


@dataclass
class Recording:
    entry: RecordedRequest
    _body: bytearray = field(default_factory=bytearray)

    def listen(self, receive: Receive) -> Receive:
        """The same body, overheard."""

        async def overheard() -> Message:
            message = await receive()
            if len(self._body) <= LARGEST:
                self._body += message.get("body", b"")
            return message

        return overheard

    def finish(self, messages: list[Message]) -> None:
        self.entry.body = _read(bytes(self._body))
        self.entry.status = next((m["status"] for m in messages if m["type"] == "http.response.start"), 0)
        self.entry.answer = _read(b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body"))


class RequestRecorder:
    def __init__(self) -> None:
        self.entries: deque[RecordedRequest] = deque(maxlen=MOST)

    def record(self, request: Request, authenticator: Authenticator, now: datetime) -> Recording:
        """Begin a line; one without a token that is good here is not kept."""
        entry = RecordedRequest(
            now, request.scope.get("path", ""), "", [], None, "normal", request.headers.get("on-behalf-of")
        )
        with suppress(EvaError):
            holder = authenticator.authenticate(request.headers.get("authorization"), False)
            entry.user, entry.authority = holder.user, holder.authority
            entry.roles, entry.clearance = sorted(holder.roles), holder.clearance.value
            self.entries.append(entry)
        return Recording(entry)


def _read(text: bytes) -> Any:
    if not text or len(text) > LARGEST:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
