"""Driving a server over HTTP, each case in a sandbox of its own there, which is thrown away afterwards."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from api.application.resources import RESOURCES
from api.replay.file.format import Person
from api.replay.run.driver import Outcome, ReplayError, ServerGone, TimerSet, Who, describe_passing
from workflow.text import Text, same

SECONDS = 60.0
CONNECT_SECONDS = 10.0
BUSY = frozenset({429, 503})
PATIENCE = 30
"""Number of attempts while the server is busy."""
BROKEN = 500


def send_while_busy(send: Callable[[], httpx.Response]) -> httpx.Response:
    """The first answer of a server that is not only busy, or the last of so many; `send` is the same each time."""
    for _ in range(PATIENCE - 1):
        answer = send()
        if answer.status_code not in BUSY:
            return answer
        time.sleep(min(2.0, float(answer.headers.get("retry-after") or 0.2)))
    return send()


class OverHttp:
    """Implements `driver.Driver`; with `sandbox`, in one that is there and stays. `transport` is there for tests."""

    def __init__(
        self,
        url: str,
        token: str,
        start: datetime,
        title: str,
        transport: httpx.BaseTransport | None = None,
        sandbox: str | None = None,
        language: str = "de",
    ) -> None:
        self.now = start
        patience = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=patience, transport=transport)
        self._owner = {"authorization": f"Bearer {token}", "accept-language": language}
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._throw_away = sandbox is None
        try:
            own = sandbox or self._must("POST", "/sandboxes", {"start": start.isoformat(), "title": title[:500]})["id"]
            self._base = f"/sandboxes/{quote(own, safe='')}"
            if sandbox is not None:
                self._wait_for(start)
        except ReplayError:
            self._client.close()
            raise

    def _wait_for(self, start: datetime) -> None:
        """Let the clock of a sandbox that is there already come to the start of the case."""
        now = datetime.fromisoformat(self._must("GET", self._base, None)["now"])
        if now > start:
            raise ReplayError(
                Text(
                    f"im Sandkasten ist es schon {now.isoformat()}; der Fall beginnt {start.isoformat()}",
                    f"in the sandbox it is {now.isoformat()} already; the case starts {start.isoformat()}",
                )
            )
        if now < start:
            self.advance(start)

    def enter(self, name: str, person: Person) -> str:
        body = {
            "user": name, "roles": list(person.roles), "authority": person.authority, "clearance": person.clearance,
        }  # fmt: skip
        entered = self._must("POST", f"{self._base}/tokens", body)
        self._tokens[name], self._ids[name] = entered["token"], entered["user"]
        return self._ids[name]

    def appoint_deputy(self, name: str, deputy: str, since: datetime, until: datetime) -> None:
        body = {"user": self._ids[name], "deputy": deputy, "since": since.isoformat(), "until": until.isoformat()}
        self._must("POST", f"{self._base}/deputies", body)

    def create(self, who: Who, resource: str, body: Mapping[str, Any]) -> Outcome:
        return self._ask("POST", f"{self._base}/{RESOURCES[resource].plural}", body, who)

    def act(self, who: Who, resource: str, key: str, action: str, body: Mapping[str, Any]) -> Outcome:
        path = f"{self._path(resource, key)}/actions/{quote(action, safe='')}"
        return self._ask("POST", path, body, who)

    def show(self, who: Who, resource: str, key: str) -> Outcome:
        return self._ask("GET", self._path(resource, key), None, who)

    def allowed(self, who: Who, resource: str, key: str, part: str | None) -> list[str]:
        path = f"{self._path(resource, key)}/actions"
        named = RESOURCES[resource].part
        if part is not None and named is not None:
            path += f"?{named}={quote(part, safe='')}"
        found = self._must("GET", path, None, self._headers(who))
        return [option["action"] for option in found["actions"] if option["allowed"]]

    def timers(self, resource: str, key: str) -> list[TimerSet]:
        found = self._must("GET", f"{self._base}/timers?stream={quote(f'{resource}:{key}', safe='')}", None)
        return [TimerSet(one["timer"], datetime.fromisoformat(one["at"])) for one in found["timers"]]

    def advance(self, until: datetime) -> Outcome:
        events: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        reached = False
        while not reached:
            passed = self._must("POST", f"{self._base}/clock", {"until": until.isoformat()})
            events += passed["events"]
            refused += passed["refused"]
            reached = passed.get("reached", True)
        self.now = until
        return describe_passing(events, ((one["stream"], one["timer"], same(one["why"])) for one in refused))

    def back_up(self, run: str) -> Outcome:
        return Outcome(200, events=tuple(self._must("POST", f"{self._base}/backups", {"run": run})["events"]))

    def close(self) -> None:
        try:
            if self._throw_away:
                self._send("DELETE", self._base, None, self._owner)
        finally:
            self._client.close()

    def _path(self, resource: str, key: str) -> str:
        return f"{self._base}/{RESOURCES[resource].plural}/{quote(key, safe='')}"

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, who: Who) -> Outcome:
        """What comes of a request; a refusal is heard in both languages, by the same request again."""
        headers = self._headers(who) | ({"idempotency-key": secrets.token_hex(16)} if method == "POST" else {})
        german = _read_outcome(self._send(method, path, body, headers | {"accept-language": "de"}))
        if not german.refused:
            return german
        english = _read_outcome(self._send(method, path, body, headers | {"accept-language": "en"}))
        if not english.refused:  # others work in this sandbox too
            return english
        return replace(german, detail=Text(*(str(one.problem.get("detail", "")) for one in (german, english))))

    def _headers(self, who: Who) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._tokens[who.user]}"}
        if who.absent is not None:
            headers["on-behalf-of"] = self._ids.get(who.absent, who.absent)
        return headers

    def _must(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """A request that is not refused by rights, of the sandbox's owner if no headers are given."""
        answer = self._send(method, path, body, headers or self._owner)
        if answer.status_code >= 400:
            raise ReplayError(same(f"{method} {path}: {answer.status_code} {read_detail(answer)}"))
        found: dict[str, Any] = answer.json()
        return found

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str]) -> httpx.Response:
        """The same request again, with its key, as long as the server is only busy."""
        key = {"idempotency-key": secrets.token_hex(16)} if method == "POST" else {}
        sent = httpx.Headers(key | headers, encoding="utf-8")
        try:
            answer = send_while_busy(lambda: self._client.request(method, path, json=body, headers=sent))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as wrong:
            url = self._client.base_url
            raise ServerGone(Text(f"{url}: kein Server antwortet", f"{url}: no server answers: {wrong}")) from wrong
        except httpx.HTTPError as wrong:
            says = Text(
                f"{method} {path}: die Verbindung riss ab ({type(wrong).__name__})",
                f"{method} {path}: {type(wrong).__name__}: {wrong}",
            )
            raise ReplayError(says) from wrong
        if answer.status_code >= BROKEN:
            raise ReplayError(same(f"{method} {path}: {answer.status_code} {answer.text[:300]}"))
        return answer


def read_detail(answer: httpx.Response) -> str:
    """What a refusal says, or how its answer begins where that is no problem document."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, LookupError, TypeError):
        return answer.text[:300]


def _read_outcome(answer: httpx.Response) -> Outcome:
    try:
        content: dict[str, Any] = answer.json() if answer.content else {}
    except ValueError as wrong:
        about = f"{answer.request.url}: {answer.status_code}"
        raise ReplayError(Text(f"{about} ist kein JSON", f"{about} is no JSON")) from wrong
    if answer.status_code >= 400:
        return Outcome(answer.status_code, problem=content)
    events = tuple(content.pop("events", ()))
    return Outcome(answer.status_code, str(content["id"]), content, events)
