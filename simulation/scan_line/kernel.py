"""The compiled kernel of the scan line: departures from arrivals, one pass over the items of a period.

In a queue served in order, starts never go back, and while c servers are there the next item starts when the c-th last
of all departures so far is over. So one list of departures per station, kept in order, is all that is needed: it tells
when a server is free, and it is the queue of the next station. Departures come almost in order, and each is put in
place from the end. Scanning and checking feed each other and are passed through together.
"""

from typing import Any

import numpy as np

from simulation.random_streams import compiled, inlined

PREPARE, SCAN, CHECK, RELEASE = range(4)
STATIONS = 4


@inlined
def _start(
    station: int, arrival: float, departed: Any, count: int, step: Any, last: Any, times: Any, servers: Any, bounds: Any
) -> Any:
    """Return when the next item of a station begins, given its `count` departures in order; `inf` if never."""
    now = max(arrival, last[station])
    at, end = step[station], bounds[station + 1]
    while True:
        while at + 1 < end and times[at + 1] <= now:
            at += 1
        there = servers[at] if times[at] <= now else 0
        change = times[at] if now < times[at] else (times[at + 1] if at + 1 < end else np.inf)
        if there > 0:
            free = now if count < there else max(now, departed[count - there])
            if free < change or change == np.inf:
                now = free
                break
        now = change
        if now == np.inf:
            break
    step[station], last[station] = at, now
    return now


@inlined
def _put(times: Any, codes: Any, head: int, tail: int, time: float, code: int) -> None:
    """Put a departure into its list, ordered by (time, code); it belongs close to the end."""
    k = tail
    while k > head and (times[k - 1] > time or (times[k - 1] == time and codes[k - 1] > code)):
        times[k] = times[k - 1]
        codes[k] = codes[k - 1]
        k -= 1
    times[k] = time
    codes[k] = code


@inlined
def _serve(
    station: int, code: int, arrival: float, service: Any, traced: Any, since: float, until: float, departed: Any,
    codes: Any, heads: Any, tails: Any, step: Any, last: Any, times: Any, servers: Any, bounds: Any, busy_hours: Any,
) -> Any:  # fmt: skip
    start = _start(station, arrival, departed, tails[station], step, last, times, servers, bounds)
    departure = start + service[station, code >> 1]
    _put(departed, codes, heads[station], tails[station], departure, code)
    tails[station] += 1
    busy_hours[station] += max(0.0, min(departure, until) - max(start, since))
    if len(traced):
        traced[station, code >> 1] = departure
    return departure


@compiled
def advance(  # noqa: PLR0912, PLR0915  # one pass over everything; in pieces it would lose a third of its speed
    arrival: Any, service: Any, excluded: Any, failures: Any, traced: Any, new: int, since: float, until: float,
    departed: Any, codes: Any, heads: Any, tails: Any,
    step: Any, last: Any, times: Any, servers: Any, bounds: Any, busy_hours: Any,
) -> Any:  # fmt: skip
    """Advance all items to `until`; return who left as excluded and when, who as released and when, by time.

    A list of departures is read from its head by the next station. Its codes are twice the item's number, plus one
    where the item does not go on to the next station: excluded by preparation, sent back by the check.
    """
    n = len(arrival)
    prepared_at, scanned_at, checked_at, released_at = departed[0], departed[1], departed[2], departed[3]
    prepared, scanned, checked, released = codes[0], codes[1], codes[2], codes[3]
    for station in range(STATIONS):
        for k in range(tails[station]):
            # Work of an earlier period that goes on in this one; these hours have not been counted yet.
            start = departed[station, k] - service[station, codes[station, k] >> 1]
            busy_hours[station] += max(0.0, min(departed[station, k], until) - max(start, since))
    for number in range(n - new, n):
        _serve(PREPARE, 2 * number + excluded[number], arrival[number], service, traced, since, until, prepared_at,
               prepared, heads, tails, step, last, times, servers, bounds, busy_hours)  # fmt: skip

    sorted_out, sorted_out_at, n_sorted_out = np.empty(n, np.int64), np.empty(n), 0
    again, again_at, first_again, n_again = np.empty(len(checked), np.int64), np.empty(len(checked)), 0, 0
    for k in range(tails[CHECK]):
        if checked[k] & 1:
            again[n_again], again_at[n_again] = checked[k] & ~1, checked_at[k]
            n_again += 1
    back = _earliest_back(scanned_at, scanned, 0, tails[SCAN], service, failures)
    while True:
        k, time, code, comes_again = heads[PREPARE], until, -1, False
        if k < tails[PREPARE] and prepared_at[k] < until:
            time, code = prepared_at[k], prepared[k]
        if first_again < n_again and (
            again_at[first_again] < time or (again_at[first_again] == time and again[first_again] < code)
        ):
            time, code, comes_again = again_at[first_again], again[first_again], True
        if time >= back or code < 0:
            # Before this one the check may send others back: let it take what was scanned before this one and them.
            k = heads[SCAN]
            while k < tails[SCAN] and scanned_at[k] < time:
                fails = failures[scanned[k] >> 1] > 0
                heads[SCAN] = k + 1
                left_check = _serve(CHECK, scanned[k] + fails, scanned_at[k], service, traced, since, until, checked_at,
                                    checked, heads, tails, step, last, times, servers, bounds, busy_hours)  # fmt: skip
                if fails:
                    failures[scanned[k] >> 1] -= 1
                    _put(again_at, again, first_again, n_again, left_check, scanned[k])
                    n_again += 1
                    time = min(time, again_at[first_again])
                k += 1
            back = _earliest_back(scanned_at, scanned, k, tails[SCAN], service, failures)
            if code < 0 and not (first_again < n_again and again_at[first_again] < until):
                break
            continue
        if comes_again:
            first_again += 1
        else:
            heads[PREPARE] += 1
        if code & 1:
            sorted_out[n_sorted_out], sorted_out_at[n_sorted_out] = code >> 1, time
            n_sorted_out += 1
        else:
            left_scan = _serve(SCAN, code, time, service, traced, since, until, scanned_at,
                               scanned, heads, tails, step, last, times, servers, bounds, busy_hours)  # fmt: skip
            if failures[code >> 1] > 0:
                back = min(back, left_scan + service[CHECK, code >> 1])

    while heads[CHECK] < tails[CHECK] and checked_at[heads[CHECK]] < until:
        k = heads[CHECK]
        heads[CHECK] += 1
        if not checked[k] & 1:
            _serve(RELEASE, checked[k], checked_at[k], service, traced, since, until, released_at,
                   released, heads, tails, step, last, times, servers, bounds, busy_hours)  # fmt: skip
    heads[RELEASE] = np.searchsorted(released_at[: tails[RELEASE]], until)
    out = heads[RELEASE]
    return sorted_out[:n_sorted_out], sorted_out_at[:n_sorted_out], released[:out] >> 1, released_at[:out]


@inlined
def _earliest_back(scanned_at: Any, codes: Any, head: int, tail: int, service: Any, failures: Any) -> Any:
    """Return a time before which no item still to be checked can come back; `inf` if none will."""
    earliest = np.inf
    for k in range(head, tail):
        number = codes[k] >> 1
        if failures[number] > 0:
            earliest = min(earliest, scanned_at[k] + service[CHECK, number])
    return earliest
