"""Clients for load: threads that keep sending, remember what was acknowledged, and send again with the same key."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.patience import PATIENT


@dataclass
class Told:
    """What a client saw."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    """Key -> version answered."""
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    unanswered: list[tuple[str, str, Any]] = field(default_factory=list)
    """Key, path and body of what got no answer."""

    def count(self, status: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1


def quantile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Worker(threading.Thread):
    """Sends commands to one path until told to stop or the server is gone."""

    def __init__(self, base: str, token: str, path: str, prefix: str, stop: threading.Event,
                 match: bool = False) -> None:  # fmt: skip
        super().__init__(daemon=True)
        self.told = Told()
        self._base, self._token, self._path, self._prefix, self._stop_, self._match = (
            base, token, path, prefix, stop, match,
        )  # fmt: skip

    def run(self) -> None:
        headers = {"authorization": f"Bearer {self._token}"}
        with httpx.Client(base_url=self._base, headers=headers, timeout=PATIENT) as http:
            for number in itertools.count():
                if self._stop_.is_set():
                    return
                key = f"{self._prefix}-{number}"
                try:
                    self._send(http, key)
                except httpx.HTTPError:
                    self.told.unanswered.append((key, self._path, {"note": key}))
                    return

    def _send(self, http: httpx.Client, key: str) -> None:
        condition = {}
        if self._match:
            condition = {"if-match": http.get(self._path.partition("/actions/")[0]).headers["etag"]}
        begun = time.perf_counter()
        answer = http.post(self._path, json={"note": key}, headers={"idempotency-key": key, **condition})
        self.told.seconds.append(time.perf_counter() - begun)
        self.told.count(answer.status_code)
        if answer.status_code == 200:
            self.told.acknowledged[key] = answer.json()["version"]


def together(
    workers: list[Worker], stop: threading.Event, seconds: float, enough: Callable[[], bool] = lambda: True
) -> None:
    """Let all work for a while, and on a slow machine until it is enough."""
    for worker in workers:
        worker.start()
    begun = time.monotonic()
    while (went := time.monotonic() - begun) < seconds or (not enough() and went < PATIENT):
        time.sleep(0.05)
    stop.set()
    for worker in workers:
        worker.join(PATIENT)
