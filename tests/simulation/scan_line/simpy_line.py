"""The scan line as plain SimPy: one process per item. The reference that `simulation.scan_line.line` must equal.

Easy to read and to believe, and far too slow for millions of items.
"""

from collections.abc import Generator, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.scan_line.kernel import CHECK, PREPARE, RELEASE, SCAN, STATIONS
from simulation.scan_line.line import Capacity

LAST_OF_THE_INSTANT = 2
"""SimPy's priorities are 0 (urgent) and 1 (normal): what has this one comes after all else at its instant."""


class ReferenceStation:
    """A station whose work begins when an instant's departures, capacity changes and arrivals are all done."""

    def __init__(self, env: simpy.Environment, capacity: Capacity) -> None:
        self._env, self._busy, self._capacity = env, 0, 0
        self._queue: list[tuple[float, int, simpy.Event]] = []
        self._awake = False
        for time, servers in zip(*capacity, strict=True):
            env.process(self._change(time, servers))

    def visit(self, number: int, duration: float) -> Generator[Any, Any, None]:
        """Queue, be served, leave."""
        turn = self._env.event()
        heappush(self._queue, (self._env.now, number, turn))
        self._wake()
        yield turn
        yield self._env.timeout(duration)
        self._busy -= 1
        self._wake()

    def _change(self, time: float, servers: int) -> Generator[Any, Any, None]:
        if time > 0:
            yield self._env.timeout(time)
        self._capacity = servers
        self._wake()

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            event = self._env.event()
            event._ok, event._value = True, None  # as SimPy's own Timeout does
            assert event.callbacks is not None  # a new event has them
            event.callbacks.append(self._begin_work)
            self._env.schedule(event, priority=LAST_OF_THE_INSTANT)  # type: ignore[arg-type]

    def _begin_work(self, _event: simpy.Event) -> None:
        self._awake = False
        while self._queue and self._busy < self._capacity:
            self._busy += 1
            heappop(self._queue)[2].succeed()


def run(
    capacities: Sequence[Capacity],
    arrival: NDArray[np.float64],
    service: NDArray[np.float64],
    excluded: NDArray[np.bool_],
    rescans: NDArray[np.int8],
    until: float | None = None,
) -> NDArray[np.float64]:
    """Run the line; shape (4, n): last departure of each item from each station, NaN where it did not come to."""
    env = simpy.Environment()
    stations = [ReferenceStation(env, capacity) for capacity in capacities]
    left = np.full((STATIONS, len(arrival)), np.nan)

    def pass_through(number: int, station: int) -> Generator[Any, Any, None]:
        yield from stations[station].visit(number, service[station, number])
        left[station, number] = env.now

    def item(number: int) -> Generator[Any, Any, None]:
        yield env.timeout(arrival[number])
        yield from pass_through(number, PREPARE)
        if excluded[number]:
            return
        for _ in range(rescans[number] + 1):
            yield from pass_through(number, SCAN)
            yield from pass_through(number, CHECK)
        yield from pass_through(number, RELEASE)

    for number in range(len(arrival)):
        env.process(item(number))
    env.run(until)
    return left
