"""A pool of like resources that projects share, whose size changes over time: rollout teams, trainers, slots.

SimPy's `PriorityResource` has a fixed capacity. Here it has the largest one, and what is not there at a time is held
by placeholders that come before everybody else. So a falling capacity never interrupts work: the pool shrinks when
somebody finishes.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import simpy


class Level(NamedTuple):
    time: float
    capacity: int


class Grant(NamedTuple):
    """A place in the pool; `freed_by` is who had it before if one had to wait for it."""

    request: Any
    freed_by: str | None


class Pool:
    """A shared pool; `request` waits for a place, smaller priority first, then first come first served."""

    def __init__(self, env: simpy.Environment, levels: Sequence[Level]) -> None:
        self._env = env
        self._size = max(1, *(level.capacity for level in levels))
        self._resource = simpy.PriorityResource(env, self._size)
        self._last_freed_by: str | None = None
        for place in range(self._size):
            for start, end in _find_absences(levels, place):
                env.process(self._absent(start, end))

    def request(self, owner: str, priority: int) -> Generator[Any, Any, Grant]:
        asked = self._env.now
        request = self._resource.request(priority=priority)
        yield request
        return Grant((request, owner), self._last_freed_by if self._env.now > asked else None)

    def release(self, grant: Grant) -> None:
        request, owner = grant.request
        self._last_freed_by = owner
        self._resource.release(request)

    def _absent(self, start: float, end: float) -> Generator[Any, Any, None]:
        if start > 0:
            yield self._env.timeout(start)
        with self._resource.request(priority=-1) as request:
            if end == float("inf"):
                yield request
                yield self._env.event()
            yield request | self._env.timeout(end - self._env.now)
            if self._env.now < end:
                yield self._env.timeout(end - self._env.now)


def _find_absences(levels: Sequence[Level], place: int) -> list[tuple[float, float]]:
    """The periods in which the place number `place` (from 0) does not exist."""
    periods: list[tuple[float, float]] = []
    missing_since: float | None = 0.0 if levels[0].time > 0 else None
    for time, capacity in levels:
        if capacity <= place and missing_since is None:
            missing_since = max(time, 0.0)
        elif capacity > place and missing_since is not None:
            if time > missing_since:
                periods.append((missing_since, time))
            missing_since = None
    if missing_since is not None:
        periods.append((missing_since, float("inf")))
    return periods
