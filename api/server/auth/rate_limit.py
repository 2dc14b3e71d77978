"""How many requests a token may make: a bucket for each, filled at a rate, emptied by requests."""

import time
from math import ceil
from typing import NamedTuple

from api.application.errors import TooOften


class Rate(NamedTuple):
    """What is left to a token: `remaining` requests at once of `limit`, and all of them again in `seconds`."""

    limit: int
    remaining: int
    seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As of the draft of the IETF on RateLimit headers."""
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.seconds),
        ]


class RateLimit:
    def __init__(self, rate: float, burst: float, most: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._most = most
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Count a request; `TooOften` where it comes too early, and then it is not counted."""
        level = self._fill(key)
        if level < 1:
            raise TooOften((1 - level) / self._rate)
        self._spend(key, 1)

    def count(self, key: str, number: int) -> None:
        """Count what a request that was let in asks for besides; the next waits for what the bucket now lacks."""
        self._fill(key)
        self._spend(key, number)

    def _fill(self, key: str) -> float:
        """What is in the bucket now, which becomes the one used last."""
        now = time.monotonic()
        level, since = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        self._buckets[key] = (level, now)
        if len(self._buckets) > self._most:
            del self._buckets[next(iter(self._buckets))]
        return level

    def _spend(self, key: str, number: int) -> None:
        level, since = self._buckets[key]
        self._buckets[key] = (level - number, since)

    def get(self, key: str) -> Rate:
        """What is left, as of the last request."""
        level = self._buckets.get(key, (self._burst, 0.0))[0]
        return Rate(int(self._burst), max(int(level), 0), ceil((self._burst - level) / self._rate))
