"""The compiled kernel of the scan line: departures from arrivals, one pass over the items of a period.

In a queue served in order, starts never go back, and while c servers are there the next item starts when the c-th last
of all departures so far is over. So one list of departures per station, kept in order, is all that is needed: it tells
when a server is free, and it is the queue of the next station. Departures come almost in order, and each is put in
place from the end. At the release, where every item takes equally long, nobody overtakes and nothing moves. Scanning
and checking feed each other and are passed through together.

What changes with every item is held in local variables, because the compiler keeps those in registers.
"""

from typing import Any

import numpy as np

from simulation.random_streams import compiled, inlined
from simulation.scan_line.ordered_list import WIDTH, put

PREPARE, SCAN, CHECK, RELEASE = range(4)
STATIONS = 4


@inlined
def _find_start(
    arrival: float, departed: Any, count: int, last: float, at: int, end: int, there: int, change: float,
    times: Any, servers: Any,
) -> Any:  # fmt: skip
    """Return when the next item of a station begins, `inf` if never, and the state of the station's capacity then.

    `departed`: its `count` departures in order; `last`: when the item before began; `there`: servers since step `at`
    of the capacity, until `change`.
    """
    now = max(last, arrival)
    while True:
        while now >= change and change < np.inf:
            at += 1
            there = servers[at]
            change = times[at + 1] if at + 1 < end else np.inf
        if there > 0:
            if count >= there:
                free = departed[count - there]
                now = max(now, free)
            if now < change or change == np.inf:
                break
        now = change
        if now == np.inf:
            break
    return now, at, there, change


@inlined
def _put_rarely(times: Any, codes: Any, head: int, tail: int, time: float, code: int) -> None:
    """As `put`, place by place, from `head` on: for a list in which hardly anything ever moves."""
    k = tail
    while k > head and (times[k - 1] > time or (times[k - 1] == time and codes[k - 1] > code)):
        times[k] = times[k - 1]
        codes[k] = codes[k - 1]
        k -= 1
    times[k] = time
    codes[k] = code


@inlined
def _count_busy(start: float, departure: float, until: float) -> Any:
    """Return the hours of work before `until`."""
    end = min(until, departure)
    return end - start if end > start else 0.0


@compiled
def advance(  # noqa: PLR0912, PLR0915  # one pass over everything; in pieces it would lose a third of its speed
    arrival: Any, service: Any, excluded: Any, failures: Any, traced: Any, new: int, since: float, until: float,
    departed: Any, codes: Any, heads: Any, tails: Any,
    step: Any, last: Any, times: Any, servers: Any, bounds: Any, busy_hours: Any,
) -> Any:  # fmt: skip
    """Advance all items to `until`; return who left, excluded or released, and when, in the order of time.

    A list of departures is read from its head by the next station. Its codes are twice the item's number, plus one
    where the item does not go on to the next station: excluded by preparation, sent back by the check.
    """
    n = len(arrival)
    is_traced = len(traced) > 0
    departed, codes = departed[:, WIDTH:], codes[:, WIDTH:]
    prepared_at, scanned_at, checked_at, released_at = departed[0], departed[1], departed[2], departed[3]
    prepared, scanned, checked, released = codes[0], codes[1], codes[2], codes[3]
    to_prepare, to_scan, to_check, to_release = service[0], service[1], service[2], service[3]
    for station in range(STATIONS):
        for k in range(tails[station]):
            # Work of an earlier period that goes on in this one; these hours have not been counted yet.
            start = departed[station, k] - service[station, codes[station, k] >> 1]
            busy_hours[station] += max(0.0, min(departed[station, k], until) - max(start, since))

    there = np.zeros(STATIONS, np.int64)
    change = np.zeros(STATIONS)
    for station in range(STATIONS):
        at = step[station]
        there[station] = servers[at] if at >= bounds[station] else 0
        change[station] = times[at + 1] if at + 1 < bounds[station + 1] else np.inf

    at, end, have, turn, begun = step[PREPARE], bounds[PREPARE + 1], there[PREPARE], change[PREPARE], last[PREPARE]
    tail, busy = tails[PREPARE], 0.0
    for number in range(n - new, n):
        begun, at, have, turn = _find_start(
            arrival[number], prepared_at, tail, begun, at, end, have, turn, times, servers
        )
        departure = begun + to_prepare[number]
        put(prepared_at, prepared, tail, departure, 2 * number + excluded[number])
        tail += 1
        busy += _count_busy(begun, departure, until)
        if is_traced:
            traced[PREPARE, number] = departure
    step[PREPARE], last[PREPARE], tails[PREPARE] = at, begun, tail
    busy_hours[PREPARE] += busy

    sorted_out, sorted_out_at, n_sorted_out = np.empty(n, np.int64), np.empty(n), 0
    again, again_at, first_again, n_again = np.empty(len(checked), np.int64), np.empty(len(checked)), 0, 0
    for k in range(tails[CHECK]):
        if checked[k] & 1:
            again[n_again], again_at[n_again] = checked[k] & ~1, checked_at[k]
            n_again += 1
    back = _earliest_back(scanned_at, scanned, 0, tails[SCAN], to_check, failures)

    head_p, tail_p = heads[PREPARE], tails[PREPARE]
    at_s, end_s, have_s, turn_s, begun_s = step[SCAN], bounds[SCAN + 1], there[SCAN], change[SCAN], last[SCAN]
    head_s, tail_s, busy_s = heads[SCAN], tails[SCAN], 0.0
    at_c, end_c, have_c, turn_c, begun_c = step[CHECK], bounds[CHECK + 1], there[CHECK], change[CHECK], last[CHECK]
    tail_c, busy_c = tails[CHECK], 0.0
    while True:
        code, comes_again = -1, False
        time = again_at[first_again] if first_again < n_again else np.inf
        limit = min(until, back, time)
        while head_p < tail_p and prepared_at[head_p] < limit:
            moment, who = prepared_at[head_p], prepared[head_p]
            head_p += 1
            if who & 1:
                sorted_out[n_sorted_out], sorted_out_at[n_sorted_out] = who >> 1, moment
                n_sorted_out += 1
                continue
            begun_s, at_s, have_s, turn_s = _find_start(
                moment, scanned_at, tail_s, begun_s, at_s, end_s, have_s, turn_s, times, servers
            )
            departure = begun_s + to_scan[who >> 1]
            put(scanned_at, scanned, tail_s, departure, who)
            tail_s += 1
            busy_s += _count_busy(begun_s, departure, until)
            if is_traced:
                traced[SCAN, who >> 1] = departure
            if failures[who >> 1] > 0:
                back = min(back, departure + to_check[who >> 1])
                limit = min(limit, back)

        time = until
        if head_p < tail_p and prepared_at[head_p] < until:
            time, code = prepared_at[head_p], prepared[head_p]
        if first_again < n_again and (
            again_at[first_again] < time or (again_at[first_again] == time and again[first_again] < code)
        ):
            time, code, comes_again = again_at[first_again], again[first_again], True
        if time >= back or code < 0:
            # Before this one the check may send others back: let it take what was scanned before this one and them.
            while head_s < tail_s and scanned_at[head_s] < time:
                moment, who = scanned_at[head_s], scanned[head_s]
                head_s += 1
                begun_c, at_c, have_c, turn_c = _find_start(
                    moment, checked_at, tail_c, begun_c, at_c, end_c, have_c, turn_c, times, servers
                )
                departure = begun_c + to_check[who >> 1]
                fails = failures[who >> 1] > 0
                put(checked_at, checked, tail_c, departure, who + fails)
                tail_c += 1
                busy_c += _count_busy(begun_c, departure, until)
                if is_traced:
                    traced[CHECK, who >> 1] = departure
                if fails:
                    failures[who >> 1] -= 1
                    _put_rarely(again_at, again, first_again, n_again, departure, who)
                    n_again += 1
                    time = min(time, again_at[first_again])
            back = _earliest_back(scanned_at, scanned, head_s, tail_s, to_check, failures)
            if code < 0 and not (first_again < n_again and again_at[first_again] < until):
                break
            continue
        if comes_again:
            first_again += 1
        else:
            head_p += 1
        if code & 1:
            sorted_out[n_sorted_out], sorted_out_at[n_sorted_out] = code >> 1, time
            n_sorted_out += 1
        else:
            begun_s, at_s, have_s, turn_s = _find_start(
                time, scanned_at, tail_s, begun_s, at_s, end_s, have_s, turn_s, times, servers
            )
            departure = begun_s + to_scan[code >> 1]
            put(scanned_at, scanned, tail_s, departure, code)
            tail_s += 1
            busy_s += _count_busy(begun_s, departure, until)
            if is_traced:
                traced[SCAN, code >> 1] = departure
            if failures[code >> 1] > 0:
                back = min(back, departure + to_check[code >> 1])
    heads[PREPARE], heads[SCAN] = head_p, head_s
    step[SCAN], last[SCAN], tails[SCAN] = at_s, begun_s, tail_s
    step[CHECK], last[CHECK], tails[CHECK] = at_c, begun_c, tail_c
    busy_hours[SCAN] += busy_s
    busy_hours[CHECK] += busy_c

    at, end, have, turn, begun = step[RELEASE], bounds[RELEASE + 1], there[RELEASE], change[RELEASE], last[RELEASE]
    head, tail, busy = heads[CHECK], tails[RELEASE], 0.0
    while head < tail_c and checked_at[head] < until:
        moment, who = checked_at[head], checked[head]
        head += 1
        if who & 1:
            continue
        begun, at, have, turn = _find_start(moment, released_at, tail, begun, at, end, have, turn, times, servers)
        departure = begun + to_release[who >> 1]
        _put_rarely(released_at, released, 0, tail, departure, who)
        tail += 1
        busy += _count_busy(begun, departure, until)
        if is_traced:
            traced[RELEASE, who >> 1] = departure
    heads[CHECK] = head
    step[RELEASE], last[RELEASE], tails[RELEASE] = at, begun, tail
    busy_hours[RELEASE] += busy
    heads[RELEASE] = np.searchsorted(released_at[:tail], until)
    return _merge(sorted_out[:n_sorted_out], sorted_out_at, released[: heads[RELEASE]], released_at)


@inlined
def _merge(sorted_out: Any, sorted_out_at: Any, released: Any, released_at: Any) -> Any:
    """Return the items of both lists and their times in one order, the excluded first where both left at once."""
    left, left_at = np.empty(len(sorted_out) + len(released), np.int64), np.empty(len(sorted_out) + len(released))
    first, second = 0, 0
    for k in range(len(left)):
        if second == len(released) or (first < len(sorted_out) and sorted_out_at[first] <= released_at[second]):
            left[k], left_at[k] = sorted_out[first], sorted_out_at[first]
            first += 1
        else:
            left[k], left_at[k] = released[second] >> 1, released_at[second]
            second += 1
    return left, left_at


@inlined
def _earliest_back(scanned_at: Any, codes: Any, head: int, tail: int, to_check: Any, failures: Any) -> Any:
    """Return a time before which no item still to be checked can come back; `inf` if none will."""
    earliest = np.inf
    for k in range(head, tail):
        number = codes[k] >> 1
        if failures[number] > 0:
            earliest = min(earliest, scanned_at[k] + to_check[number])
    return earliest
