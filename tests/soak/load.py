"""Clients of a soak: whoever gets no answer sends the same again, until answered; streams are opened and closed."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

AGAIN = {408, 429, 503, 507}
"""Answers after which the same command is sent again."""


@dataclass
class Heard:
    """What all clients of a soak were told."""

    acknowledged: set[str] = field(default_factory=set)
    """Markers: each stands in what its command has stored."""
    statuses: Counter[int] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    streams: int = 0
    out_of_order: int = 0
    """Events of a stream that came before one seen already."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, answer: httpx.Response, what: str) -> None:
        with self.lock:
            self.statuses[answer.status_code] += 1
            if answer.status_code not in {200, 201, 404, *AGAIN}:
                self.unexpected.append(f"{what}: {answer.status_code} {answer.text[:300]}")


class Client(threading.Thread):
    """Does its rounds until told to stop."""

    def __init__(self, base: str, token: str, heard: Heard, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.heard, self.stopped = heard, stop
        self.http = httpx.Client(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=30)
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.round()
        except BaseException as fault:
            self.fault = fault
            raise
        finally:
            self.http.close()

    def round(self) -> None:
        raise NotImplementedError

    def until_answered(self, send: Callable[[], httpx.Response], what: str) -> httpx.Response | None:
        """The answer; None where the soak ends before there is one."""
        while not self.stopped.is_set():
            try:
                answer = send()
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            self.heard.count(answer, what)
            if answer.status_code not in AGAIN:
                return answer
            time.sleep(0.05)
        return None


class Clerk(Client):
    """Creates records and routing slips and works on them; `creating` is cleared where nothing new is to be made."""

    def __init__(self, name: str, creating: threading.Event, approver: str, *args: Any) -> None:
        super().__init__(*args)
        self.name_, self.creating, self.draw = name, creating, random.Random(name)
        self.numbers = itertools.count()
        self.records: list[str] = []
        self.approver = {"authorization": f"Bearer {approver}"}

    def do(self, path: str, body: dict[str, Any], marker: str, **headers: Any) -> httpx.Response | None:
        """Send a command; its marker is acknowledged with it."""
        how = {"idempotency-key": f"soak-{marker}", **headers}
        answer = self.until_answered(lambda: self.http.post(path, json=body, headers=how), f"POST {path}")
        if answer is not None and answer.is_success:
            with self.heard.lock:
                self.heard.acknowledged.add(marker)
        return answer

    def marker(self) -> str:
        return f"{self.name_}-{next(self.numbers)}"

    def round(self) -> None:
        chosen = self.draw.random()
        if not self.records or (self.creating.is_set() and chosen < 0.1):
            self.create_record()
        elif self.creating.is_set() and chosen < 0.2:
            self.circulate()
        else:
            marker = self.marker()
            self.do(f"{self.draw.choice(self.records)}/actions/work", {"note": f"<{marker}>"}, marker)

    def create_record(self) -> None:
        marker = self.marker()
        answer = self.do("/records", {"title": f"<{marker}>", "file_plan_code": "43.21"}, marker)
        if answer is not None and answer.status_code == 201:
            self.records = [*self.records[-40:], answer.headers["location"]]

    def circulate(self) -> None:
        marker = self.marker()
        stations = [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}]
        answer = self.do("/routing-slips", {"title": f"<{marker}>", "stations": stations}, marker)
        if answer is None or answer.status_code != 201:
            return
        slip = answer.headers["location"]
        for action, headers in (("start", {}), ("sign", self.approver)):
            path, key = f"{slip}/actions/{action}", {"idempotency-key": f"soak-{marker}-{action}", **headers}
            self.until_answered(lambda path=path, key=key: self.http.post(path, json={}, headers=key), path)  # type: ignore[misc]


class Listener(Client):
    """Opens a stream of events, listens for a moment, closes it."""

    def round(self) -> None:
        try:
            with self.http.stream("GET", "/events/stream", params={"after": 0}) as told:
                self.heard.count(told, "stream") if told.status_code in AGAIN else None
                if told.status_code != 200:
                    time.sleep(0.2)
                    return
                self.heard.streams += 1
                self.listen(told)
        except httpx.HTTPError:
            time.sleep(0.1)

    def listen(self, told: httpx.Response) -> None:
        seen, end = 0, time.monotonic() + random.uniform(0.05, 0.6)
        for line in told.iter_lines():
            if line.startswith("id: "):
                position = int(line[4:])
                self.heard.out_of_order += position <= seen
                seen = position
            if time.monotonic() > end or self.stopped.is_set():
                return


class Reader(Client):
    """Looks at lists, cockpit, metrics, one after the other."""

    PATHS = ("/records?limit=20", "/cockpit", "/inbox", "/routing-slips?limit=20", "/events?limit=50", "/me")

    def round(self) -> None:
        for path in self.PATHS:
            self.until_answered(lambda path=path: self.http.get(path), f"GET {path}")  # type: ignore[misc]
            self.stopped.wait(0.05)
