"""The scan line: multi-server first-come-first-served stations in a row, computed exactly, item by item.

Preparation, scanning, checking and release (BSI TR-03138: Dokumentenvorbereitung, Scannen, Nachbearbeitung,
Integritätssicherung). Time is in hours from the start of the horizon.

- Each station has one queue and as many equal servers as its capacity says at the time: a step function of time, so
  shifts, holidays, new staff and new scanners are all the same thing. Before its first step nobody works.
- The head of the queue starts as soon as fewer than capacity are busy. Work begun is finished, also past the end of
  the shift.
- Excluded items leave after preparation. An item that fails the check joins the queue of the scanners again, as often
  as its `rescans` says.
- At one instant those who finish leave first, then capacities change, then arrivals join their queues by item number,
  then work begins.

Tests hold it equal, to the last bit, to the same line as SimPy processes. Here nothing is scheduled:
`simulation.scan_line.kernel` computes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulation.random_streams import compiled
from simulation.scan_line.kernel import STATIONS, advance
from simulation.scan_line.ordered_list import WIDTH, Lists

Array = NDArray[Any]
Capacity = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Times (hours, ascending) and the number of servers from each time on."""


@dataclass(frozen=True)
class Served:
    """What left the line in a period, in order of leaving, and how busy the stations were in it.

    Shape (n,) each but `departures`: (4, n), last departure from each station, NaN where not visited, empty unless the
    line was made with `trace`. `busy_hours` and `staffed_hours`: (4,), server hours worked and server hours there in
    the period; work past the end of a shift makes the first exceed the second. `in_system`: items in the line at the
    end; `waiting`: when those of them that are still to be released arrived, ascending.
    """

    tag: NDArray[np.int64]
    arrival: NDArray[np.float64]
    left: NDArray[np.float64]
    excluded: NDArray[np.bool_]
    rescans: NDArray[np.int8]
    departures: NDArray[np.float64]
    busy_hours: NDArray[np.float64]
    staffed_hours: NDArray[np.float64]
    in_system: int
    waiting: NDArray[np.float64]


@dataclass(frozen=True)
class _Items:
    """Items by number: what is known on arrival, how often the check will still fail, and the trace if wanted."""

    tag: NDArray[np.int64]
    arrival: NDArray[np.float64]
    service: NDArray[np.float64]
    excluded: NDArray[np.bool_]
    rescans: NDArray[np.int8]
    failures: NDArray[np.int8]
    departures: NDArray[np.float64]

    def __getitem__(self, chosen: NDArray[Any]) -> "_Items":
        return _Items(*[values[..., chosen] for values in vars(self).values()])

    def __add__(self, other: "_Items") -> "_Items":
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Items(*[np.concatenate(pair, axis=-1) for pair in pairs])


class ScanLine:
    """A line that is advanced period by period; splitting a time into periods changes no result."""

    def __init__(self, capacities: Sequence[Capacity], *, trace: bool = False) -> None:
        if len(capacities) != STATIONS:
            raise ValueError(f"{len(capacities)} capacities for {STATIONS} stations")
        checked = [_check_capacity(*c) for c in capacities]
        self._times = np.concatenate([times for times, _ in checked])
        self._servers = np.concatenate([servers for _, servers in checked])
        self._bounds = np.cumsum([0] + [len(times) for times, _ in checked])
        self._step, self._last = self._bounds[:-1] - 1, np.full(STATIONS, -np.inf)
        self._rows, self._until = STATIONS if trace else 0, -np.inf
        self._lists, nothing = Lists(), np.empty(0)
        self._inside = self._items(nothing, np.empty((STATIONS, 0)), nothing, nothing, nothing)
        self._coming = [(nothing, np.empty(0, np.int32)) for _ in range(STATIONS)]

    def advance(
        self, arrival: Array, service: Array, excluded: Array, rescans: Array, tag: Array, *, until: float,
        checked: bool = False,
    ) -> Served:  # fmt: skip
        """Let items arrive and the line run up to (not including) `until`.

        `arrival`: (n,) hours, ascending, not before the previous `until` and before this one; `service`: (4, n) hours
        above 0; `rescans`: how often the check fails; `tag`: the caller's number for each item. Raises `ValueError`
        for anything else, unless the caller knows that it is so (`checked`): looking takes as long as a tenth of the
        work.
        """
        new = self._items(arrival, service, excluded, rescans, tag)
        if not checked:
            _check(new, self._until, until)
        items = self._inside + new if len(self._inside.tag) else new
        busy_hours = np.zeros(STATIONS)
        times, codes, tails = self._prepare_departures(len(items.tag) + int(items.failures.sum()))
        heads = np.zeros(STATIONS, np.int64)
        left, left_at = advance(
            items.arrival, items.service, items.excluded, items.failures, items.departures, len(new.tag),
            self._until, until, times, codes, heads, tails,
            self._step, self._last, self._times, self._servers, self._bounds, busy_hours,
        )  # fmt: skip
        coming = [slice(WIDTH + heads[s], WIDTH + tails[s]) for s in range(STATIONS)]
        self._keep(items, left, [(times[s, part], codes[s, part]) for s, part in enumerate(coming)])
        staffed, self._until = self._staffed_hours(self._until, until), until
        tags, arrivals, out, again = pick(left, items.tag, items.arrival, items.excluded, items.rescans)
        gone = items.departures[:, left]
        inside = self._inside
        waiting = inside.arrival[~inside.excluded]
        return Served(tags, arrivals, left_at, out, again, gone, busy_hours, staffed, len(inside.tag), waiting)

    def _items(self, arrival: Array, service: Array, excluded: Array, rescans: Array, tag: Array) -> _Items:
        n = len(arrival)
        if not (service.shape == (STATIONS, n) and excluded.shape == rescans.shape == tag.shape == (n,)):
            raise ValueError(f"{n} arrivals need service of shape (4, {n}) and {n} flags, rescans and tags")
        return _Items(
            tag.astype(np.int64, copy=False), arrival.astype(np.float64, copy=False),
            service.astype(np.float64, copy=False), excluded.astype(bool, copy=False),
            rescans.astype(np.int8, copy=False), rescans.astype(np.int8), np.full((self._rows, n), np.nan),
        )  # fmt: skip

    def _prepare_departures(self, passes: int) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64]]:
        """One row per station with room for every pass to come, beginning with the departures still to come."""
        tails = np.array([len(coming) for coming, _ in self._coming])
        times, codes = self._lists.make(STATIONS, passes + int(tails.max()))
        for station, (coming, who) in enumerate(self._coming):
            part = slice(WIDTH, WIDTH + len(coming))
            times[station, part], codes[station, part] = coming, who
        return times, codes, tails

    def _keep(
        self, items: _Items, left: NDArray[np.int64], coming: list[tuple[NDArray[np.float64], NDArray[np.int32]]]
    ) -> None:
        """Keep the items still inside, renumbered in their order."""
        if len(left) == len(items.tag):
            self._inside, self._coming = (
                items[np.empty(0, np.int64)],
                [(np.empty(0), np.empty(0, np.int32)) for _ in coming],
            )
            return
        stays = np.ones(len(items.tag), bool)
        stays[left] = False
        inside = np.flatnonzero(stays)
        self._inside = items[inside]
        self._coming = [
            (times.copy(), (2 * np.searchsorted(inside, who >> 1) + (who & 1)).astype(np.int32))
            for times, who in coming
        ]

    def _staffed_hours(self, begin: float, end: float) -> NDArray[np.float64]:
        hours = np.zeros(STATIONS)
        for station in range(STATIONS):
            part = slice(self._bounds[station], self._bounds[station + 1])
            edges = np.clip(np.append(self._times[part], np.inf), max(begin, self._times[part.start]), end)
            hours[station] = np.dot(np.diff(edges), self._servers[part])
        return hours


def _check_capacity(times: ArrayLike, servers: ArrayLike) -> Capacity:
    at, number = np.asarray(times, np.float64), np.asarray(servers, np.int64)
    if at.ndim != 1 or at.shape != number.shape or not len(at):
        raise ValueError("a capacity needs as many times as numbers of servers, at least one")
    if not (np.isfinite(at).all() and (np.diff(at) >= 0).all()):
        raise ValueError("the times of a capacity are finite and ascending")
    if (number < 0).any() or number.max(initial=0) > 1_000_000:
        raise ValueError("a capacity lies between 0 and 1,000,000 servers")
    return at, number


def _check(new: _Items, before: float, until: float) -> None:
    if not np.isfinite(until) or until < before:
        raise ValueError(f"until is {until}; it must be finite and not before {before}")
    if len(new.arrival):
        if not are_ascending(new.arrival):
            raise ValueError("arrivals are not ascending")
        if not (before <= new.arrival[0] and new.arrival[-1] < until):
            raise ValueError(f"arrivals from {new.arrival[0]} to {new.arrival[-1]} outside [{before}, {until})")
        if not are_positive(new.service):
            raise ValueError("a service time is not a finite number above 0")
        if (new.rescans < 0).any():
            raise ValueError("a negative number of rescans")


@compiled
def are_positive(values: Any) -> bool:
    """Whether all of a matrix is finite and above 0; without a way out on the way, which would take longer."""
    fine = True
    for row in values:
        for value in row:
            fine &= (value > 0) & (value < np.inf)
    return fine


@compiled
def are_ascending(values: Any) -> bool:
    fine = True
    for k in range(1, len(values)):
        fine &= values[k] >= values[k - 1]
    return fine


@compiled
def pick(left: Any, tag: Any, arrival: Any, excluded: Any, rescans: Any) -> Any:
    """Return what is known of those who left; in one go, since each look-up waits for memory."""
    n = len(left)
    tags, arrivals = np.empty(n, np.int64), np.empty(n)
    out, again = np.empty(n, np.bool_), np.empty(n, np.int8)
    for k in range(n):
        who = left[k]
        tags[k], arrivals[k], out[k], again[k] = tag[who], arrival[who], excluded[who], rescans[who]
    return tags, arrivals, out, again
