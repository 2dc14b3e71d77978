"""The recorder of a sandbox: which changes were requested, by whom, and with which result, to be replayed.

The log holds what has happened, not what was asked for, and nothing of what was refused. A sandbox is for trying, so
it keeps both; it is bounded in number and in bytes, and ends with the sandbox. Bodies are kept as bytes and read only
when somebody asks for them, away from the event loop.
"""

import json
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from api.server.auth.authenticator import Authenticator
from workflow.errors import EvaError

MOST = 2000
BACKUPS = "/backups"
"""Path that stands for a backup run."""
LARGEST = 65_536
"""Bytes of a body that is kept."""
MOST_BYTES = 4 * 2**20
"""Of all bodies together; beyond them the oldest requests go."""


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
    key: str | None = None
    """The `Idempotency-Key`, which is not told."""

    @property
    def identity(self) -> tuple[Any, ...]:
        return self.at, self.user, self.path, self.key, self.on_behalf_of, self.body

    @property
    def size(self) -> int:
        return len(self.body or b"") + len(self.answer or b"") + len(self.path) + len(self.on_behalf_of or "")


@dataclass
class Recording:
    entry: RecordedRequest
    recorder: "RequestRecorder"
    known: bool = False
    """Whether the token was good here; else nothing is kept."""
    _body: bytearray = field(default_factory=bytearray)

    def listen(self, receive: Receive) -> Receive:
        """The same body, overheard."""

        async def overheard() -> Message:
            message = await receive()
            if self.known and len(self._body) <= LARGEST:
                self._body += message.get("body", b"")
            return message

        return overheard

    def finish(self, messages: list[Message]) -> None:
        if not self.known:
            return
        answer = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
        self.entry.body, self.entry.answer = _keep(bytes(self._body)), _keep(answer)
        start: Message = next((m for m in messages if m["type"] == "http.response.start"), {})
        self.entry.status = start.get("status", 0)
        if not any(name == b"idempotency-replayed" for name, _ in start.get("headers", ())):
            self.recorder.add(self.entry)


class RequestRecorder:
    def __init__(self) -> None:
        self._entries: deque[RecordedRequest] = deque()
        self.bytes = 0
        """Of all bodies and answers that are kept."""

    def add(self, entry: RecordedRequest) -> None:
        """One that was refused and is sent again at once stays one line."""
        if self._entries and entry.key and entry.identity == self._entries[-1].identity:
            self.bytes -= self._entries.pop().size
        self._entries.append(entry)
        self.bytes += entry.size
        while len(self._entries) > MOST or self.bytes > MOST_BYTES:
            self.bytes -= self._entries.popleft().size

    def record(self, request: Request, authenticator: Authenticator, now: datetime) -> Recording:
        """Begin a line; one without a token that is good here is not kept."""
        entry = RecordedRequest(
            now, request.scope.get("path", ""), "", [], None, "normal", _read_name(request.headers.get("on-behalf-of")),
            key=request.headers.get("idempotency-key"),
        )  # fmt: skip
        recording = Recording(entry, self)
        with suppress(EvaError):
            holder = authenticator.authenticate(request.headers.get("authorization"), False)
            entry.user, entry.authority = holder.user, holder.authority
            entry.roles, entry.clearance = sorted(holder.roles), holder.clearance.value
            recording.known = True
        return recording

    def read(self) -> list[dict[str, Any]]:
        """Every request that is kept, the oldest first, with body and answer as values; None where they are no JSON."""
        return [
            {**_describe(entry), "body": _parse(entry.body), "answer": _parse(entry.answer)}
            for entry in list(self._entries)
        ]

    def note_backup(self, now: datetime, run: str, events: list[Any]) -> None:
        """Add a line for a backup run, which nobody asks for in their own name."""
        answer = {"events": [{"type": event["type"]} for event in events]}
        asked, told = (json.dumps(one).encode() for one in ({"run": run}, answer))
        self.add(RecordedRequest(now, BACKUPS, "", [], None, "normal", None, asked, 200, told))


def _describe(entry: RecordedRequest) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name != "key"}


def _read_name(header: str | None) -> str | None:
    """A name in UTF-8, which headers carry as Latin-1; one that is none is refused, and kept as it came."""
    if header is None:
        return None
    try:
        return header.encode("latin-1").decode()
    except ValueError:
        return header


def _keep(text: bytes) -> bytes | None:
    return text if 0 < len(text) <= LARGEST else None


def _parse(text: bytes | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
