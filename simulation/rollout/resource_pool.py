"""Resources that projects share: those that are held (rollout teams), and those that are booked ahead (all others).

`Pool`: SimPy's `PriorityResource` has a fixed capacity and gives one unit to everybody. Here the capacity follows a
list of levels, and who comes when nobody waits may get several units. A falling capacity never interrupts work: the
pool shrinks when somebody finishes.

`Bookings`: trainers, provisioning slots and staff councils are booked day by day. Who asks first books first: on every
day as much as is left and as they can use, until their work is done. So a job ends the earlier the more there is, and
nothing is given that is not there. It costs no event, since its end is known when it is booked.
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.random_streams import compiled


class Level(NamedTuple):
    time: float
    capacity: int


class Grant(NamedTuple):
    """Units of a pool; `freed_by` is who gave them back last if one had to wait for them."""

    owner: int
    units: int
    begun: float
    freed_by: int | None


class Pool:
    """A shared pool; `request` is triggered with a `Grant`, smaller priority first, then first come first served."""

    def __init__(self, env: simpy.Environment, levels: Sequence[Level]) -> None:
        self._env = env
        self._free = 0
        self._size = 0
        self._waiting: list[tuple[float, int, int, int, float, simpy.Event]] = []
        self._asked = 0
        self._last_freed_by: int | None = None
        self.waited = 0.0
        """Working days that owners waited, in sum."""
        self.held: list[tuple[float, float, int]] = []
        """When units were held: from, to, how many."""
        for level in levels:
            self.change_at(level)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def request(self, owner: int, priority: float, most: int = 1) -> simpy.Event:
        """Up to `most` units, one at least; more than one only if nobody else waits for them."""
        event = self._env.event()
        self._asked += 1
        heappush(self._waiting, (priority, self._asked, owner, most, self._env.now, event))
        self._serve()
        return event

    def take(self, owner: int) -> Grant:
        """A unit at once, even if none is free: for what is known to have begun."""
        self._free -= 1
        return Grant(owner, 1, self._env.now, None)

    def release(self, grant: Grant) -> None:
        self.held.append((grant.begun, self._env.now, grant.units))
        self._last_freed_by = grant.owner
        self._free += grant.units
        self._serve()

    def change_at(self, level: Level) -> None:
        """Change the size of the pool at a time."""
        if level.time <= self._env.now:
            self._resize(level.capacity)
        else:
            self._env.timeout(level.time - self._env.now).callbacks.append(lambda _: self._resize(level.capacity))

    def add(self, units: int, after: float) -> None:
        """Add units to the pool once `after` has passed."""
        self._env.timeout(after).callbacks.append(lambda _: self._resize(self._size + units))

    def _resize(self, size: int) -> None:
        self._free += size - self._size
        self._size = size
        self._serve()

    def _serve(self) -> None:
        now = self._env.now
        while self._waiting and self._free >= 1:
            _, _, owner, most, asked, event = heappop(self._waiting)
            units = max(1, min(most, self._free - len(self._waiting)))
            self._free -= units
            self.waited += now - asked
            event.succeed(Grant(owner, units, now, self._last_freed_by if now > asked else None))


class Bookings:
    """`capacity`: units per working day, shape (days,); with `shared` the units are those of another programme, in
    place of `capacity`. What was waited and taken is that of the own jobs.
    """

    def __init__(self, capacity: NDArray[np.float64], shared: "Bookings | None" = None) -> None:
        self.capacity: NDArray[np.float64] = shared.capacity if shared else capacity
        self.left: NDArray[np.float64] = shared.left if shared else capacity.copy()
        self.taken = np.zeros(len(self.left))
        """Units per working day that own jobs have taken, shape (days,)."""
        self.waited = 0.0
        """Working days that jobs took longer than with all the units that they could use."""

    def book(self, begin: float, work: float, most: float) -> float:
        """When `work` unit-days are done that begin at `begin` and use at most `most` units; `inf` if never."""
        end: float = book(self.left, self.taken, begin, work, most)
        self.waited += max(end - begin - work / most, 0.0)
        return end

    @property
    def used(self) -> NDArray[np.float64]:
        """Units in use per working day, by all who share them, shape (days,)."""
        return self.capacity - self.left


@compiled
def book(left: Any, own: Any, begin: float, work: float, most: float) -> Any:
    """Take `work` from the days of `left` (units, shape (days,)) from `begin` on, add it to `own` and say when it is
    done.
    """
    if work <= 0.0:
        return begin
    day, rest = int(begin), 1.0 - (begin - int(begin))
    while day < len(left):
        taken = min(left[day], most * rest, work)
        left[day] -= taken
        own[day] += taken
        work -= taken
        if work <= 1e-9:
            return day + 1.0 - rest + taken / most
        day, rest = day + 1, 1.0
    return np.inf
