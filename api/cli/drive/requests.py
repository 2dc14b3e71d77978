"""Requests to a server by many clients at once, each after those that it builds on; what is slow and what differs.

A command is sent once all commands before it are answered that touched the same thing, or made something that its body
names. So the server sees the order that matters, and beyond it as many at once as there are clients.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from api.application.resources import RESOURCES
from api.cli.shared.output import in_language, language
from api.replay.run.over_http import BROKEN, BUSY, CONNECT_SECONDS, SECONDS, send_while_busy

AHEAD = 4
"""Requests that may be waiting for each client."""


class DriveError(Exception):
    """The server cannot be driven (any further); says why."""


class Wanted(NamedTuple):
    """A command for the server, and what came of it in the simulation."""

    action: str
    stream: str
    """Of what it is about; only the category where it makes a new one."""
    body: Mapping[str, Any]
    bearer: str
    absent: str | None
    key: str
    touched: frozenset[str]
    """Every stream that got an event."""
    state: str | None
    due: float
    """When it was to be sent, by `time.monotonic`."""


@dataclass
class Measured:
    """What the server took; times in seconds."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By action: from sending a request, the last time where it was told to come again, to its answer."""
    late: list[float] = field(default_factory=list)
    """By how much each request began later than its person asked for it."""
    refused: Counter[str] = field(default_factory=Counter)
    """What the simulation's engine allowed and the server did not, by action and reason."""
    other: Counter[str] = field(default_factory=Counter)
    """By action: answers with another state than in the simulation."""
    busy: int = 0
    """How often the server asked to come again (429, 503)."""


class Requests:
    """The clients of a server at `url`; at most `clients` requests are under way. `transport` is there for tests."""

    def __init__(self, url: str, token: str, clients: int, transport: httpx.BaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=clients + 1, max_keepalive_connections=clients + 1)
        patience = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        try:
            self._http = httpx.Client(base_url=url.rstrip("/"), timeout=patience, limits=limits, transport=transport)
        except httpx.InvalidURL as wrong:
            raise DriveError(f"{url}: {in_language('keine gültige URL', str(wrong))}") from wrong
        self.owner = token
        self._threads = ThreadPoolExecutor(clients, "eva-drive")
        self._room = threading.BoundedSemaphore(clients * AHEAD)
        self._last: dict[str, Future[None]] = {}
        """Stream -> the latest request that touches it."""
        self._streams: dict[str, str] = {}
        """Key of a thing, as bodies name it -> its stream."""
        self._lock = threading.Lock()
        self._failed: BaseException | None = None
        self.issued: list[str] = []
        """Ids of tokens that end with it."""
        self.measured = Measured()

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> dict[str, Any]:
        """An answer to whoever drives; `DriveError` where the server refuses."""
        answer = self._send(method, path, body, {"authorization": f"Bearer {self.owner}", "idempotency-key": key})[0]
        if answer.status_code >= 400:
            raise DriveError(f"{method} {path}: {answer.status_code} {_read_detail(answer)}")
        found: dict[str, Any] = answer.json()
        return found

    def send(self, wanted: Wanted) -> None:
        """Have a command sent, once there is room; `DriveError` where an earlier one could not be."""
        self._room.acquire()
        if self._failed is not None:
            raise DriveError(str(self._failed)) from self._failed
        before = {self._last[one] for one in self._list_needed(wanted) if one in self._last}
        future = self._threads.submit(self._do, wanted, before)
        future.add_done_callback(self._end)
        self._last |= dict.fromkeys(wanted.touched, future)
        self._streams |= {one.partition(":")[2]: one for one in wanted.touched}

    def close(self) -> None:
        """Wait for what is under way and revoke the tokens; `DriveError` where something could not be sent."""
        self._threads.shutdown()
        try:
            for token in self.issued if self._failed is None else ():
                self.ask("DELETE", f"/tokens/{token}", key=f"end-{token}")
        finally:
            self._http.close()
        if self._failed is not None:
            raise DriveError(str(self._failed)) from self._failed

    def _list_needed(self, wanted: Wanted) -> Iterable[str]:
        yield from wanted.touched
        for text in (*_list_texts(wanted.body), wanted.absent):
            if text in self._streams:
                yield self._streams[text]

    def _end(self, future: Future[None]) -> None:
        self._room.release()
        self._failed = self._failed or future.exception()

    def _do(self, wanted: Wanted, before: Iterable[Future[None]]) -> None:
        for one in before:  # all of them were begun earlier, so none waits for this one
            one.exception()
        name, _, key = wanted.stream.partition(":")
        resource = RESOURCES[name]
        path = f"/{resource.plural}" + (f"/{quote(key, safe='')}/actions/{wanted.action}" if key else "")
        headers = {"authorization": f"Bearer {wanted.bearer}", "idempotency-key": wanted.key}
        if wanted.absent is not None:
            headers["on-behalf-of"] = wanted.absent
        begun = time.monotonic()
        answer, took = self._send("POST", path, wanted.body, headers)
        with self._lock:
            self.measured.late.append(max(0.0, begun - wanted.due))
            self.measured.took[f"{resource.name}: {wanted.action}"].append(took)
            if answer.status_code >= 400:
                self.measured.refused[f"{wanted.action}: {answer.status_code} {_read_detail(answer)}"] += 1
            elif wanted.state is not None and answer.json().get("state") != wanted.state:
                self.measured.other[wanted.action] += 1

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, float]:
        """The answer and its seconds; again with the same key as long as the server is only busy."""
        headers = {**headers, "accept-language": language()}
        sent = httpx.Headers({name: text for name, text in headers.items() if text}, encoding="utf-8")
        took = 0.0

        def send() -> httpx.Response:
            nonlocal took
            begun = time.monotonic()
            answer = self._http.request(method, path, json=body, headers=sent)
            took = time.monotonic() - begun
            if answer.status_code in BUSY:
                with self._lock:
                    self.measured.busy += 1
            return answer

        try:
            answer = send_while_busy(send)
        except httpx.HTTPError as wrong:
            told = in_language("der Server antwortet nicht", "the server does not answer")
            raise DriveError(f"{self._http.base_url}: {told} ({type(wrong).__name__}: {wrong})") from wrong
        if answer.status_code >= BROKEN:
            raise DriveError(f"{method} {path}: {answer.status_code} {_read_detail(answer)}")
        return answer, took


def _read_detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])[:200]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


def _list_texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _list_texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _list_texts(one)
