"""How many requests a token may make: a bucket for each, filled at a rate, emptied by requests."""

import time

from api.application.errors import TooOften


class RateLimit:
    def __init__(self, rate: float, burst: float, most: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._most = most
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        now = time.monotonic()
        level, since = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        self._buckets[key] = (max(level - 1, level if level < 1 else 0), now)
        if len(self._buckets) > self._most:
            del self._buckets[next(iter(self._buckets))]
        if level < 1:
            raise TooOften((1 - level) / self._rate)
