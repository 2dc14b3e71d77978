"""The mail of a scan centre, item by item: arrival, pages, and hours of work at every station.

Every item takes its 128 random bits from the stream of its authority at the counter (day, number of the item on that
day), so the mail of one authority never depends on another. Distributions are tabulated: random bits
choose one of a table of equally likely values, which costs one look-up per draw.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simulation.random_streams import compiled, draw_words, inlined, philox, unit
from simulation.scenario.scanning import ScanCentre, ScanItems

TABLE_BITS = 12
PAGE_TABLE_BITS = 14
MASK = np.uint32(2**TABLE_BITS - 1)
SAMPLE_BITS, REST_OF_PAGES_BITS, REST_OF_TIMES_BITS = 32 - TABLE_BITS, 32 - PAGE_TABLE_BITS, 32 - 2 * TABLE_BITS
REST_OF_PAGES = np.uint32(2**REST_OF_PAGES_BITS - 1)
DRAWN_AT_ONCE = 256
"""Items; their random bits stay in the fastest memory."""
MOST_PAGES = 500
"""Longer items are sent to the external service for existing files (Bestandsaktenscan, F077), not to this line."""


@dataclass(frozen=True)
class Tables:
    """Tabulated distributions: pages of an item, and the spread of handling times and of daily volumes around 1."""

    pages: NDArray[np.uint16]
    times: NDArray[np.float64]
    days: NDArray[np.float64]


class Rates(NamedTuple):
    """Hours per unit of work, and shares of items. Compiled code takes it apart: all are float."""

    handling: float
    prepared_page: float
    scanned_page: float
    indexed_item: float
    sampled_page: float
    release: float
    excluded: float
    rescanned: float


@dataclass(frozen=True)
class Clients:
    """The authorities of a centre: expected items per day, shape (clients, days), and the keys of their streams,
    shape (clients, 2) for `philox` and (clients,) for `draw_words`.

    `sampled`: share of items whose pages are all looked at, by protection need, shape (clients,).
    """

    expected: NDArray[np.float64]
    count_keys: NDArray[np.uint64]
    item_keys: NDArray[np.uint64]
    sampled: NDArray[np.float64]


@dataclass(frozen=True)
class Items:
    """The items of some days in the order of their arrival; times in hours of the horizon, shape (n,) each.

    `service`: shape (4, n), hours at preparation, scanning, checking, release.
    """

    arrival: NDArray[np.float64]
    service: NDArray[np.float64]
    pages: NDArray[np.int64]
    excluded: NDArray[np.bool_]
    rescans: NDArray[np.int8]


class Room:
    """Memory for up to `most` items that is used again and again: fresh memory costs a third of what is put there."""

    def __init__(self, most: int) -> None:
        self._numbers, self._pages = np.empty(5 * most), np.empty(most, np.int64)
        self._excluded, self._rescans = np.empty(most, np.bool_), np.empty(most, np.int8)

    def take(self, n: int) -> Items:
        return Items(
            self._numbers[:n], self._numbers[n : 5 * n].reshape(4, n), self._pages[:n], self._excluded[:n],
            self._rescans[:n],
        )  # fmt: skip


def tabulate(items: ScanItems, day_spread: float) -> Tables:
    sigma = math.sqrt(2 * max(math.log(items.pages_mean.value / items.pages_median.value), 0.0))
    pages = items.pages_median.value * np.exp(sigma * special.ndtri(_get_middles(PAGE_TABLE_BITS)))
    return Tables(
        pages=np.clip(np.rint(pages), 1, MOST_PAGES).astype(np.uint16),
        times=_tabulate_spread(items.time_spread.value),
        days=_tabulate_spread(day_spread),
    )


def _get_middles(bits: int) -> NDArray[np.float64]:
    middles: NDArray[np.float64] = (np.arange(2**bits) + 0.5) / 2**bits
    return middles


def _tabulate_spread(variation: float) -> NDArray[np.float64]:
    """Gamma distribution with mean 1 and the given coefficient of variation."""
    square = variation**2
    if square == 0:  # also where the variation is above 0 and too small to be squared
        return np.ones(2**TABLE_BITS)
    shape = 1 / square
    values = special.gammaincinv(shape, _get_middles(TABLE_BITS))
    result: NDArray[np.float64] = values / values.mean()
    return result


def get_rates(items: ScanItems) -> Rates:
    return Rates(
        handling=items.handling_seconds.value / 3600,
        prepared_page=1 / (items.prepared_sheets_per_hour.value * items.pages_per_sheet.value),
        scanned_page=1 / items.scanned_pages_per_hour.value,
        indexed_item=1 / items.indexed_items_per_hour.value,
        sampled_page=items.seconds_per_sampled_page.value / 3600,
        release=items.release_seconds.value / 3600,
        excluded=items.excluded.value,
        rescanned=items.rescanned.value,
    )


def are_valid(tabulated: Tables, rates: Rates) -> bool:
    """Whether every item that is drawn from these takes some time at every station, as the line demands. Items come in
    the order of their arrival in any case.
    """
    takes = np.concatenate([tabulated.times, rates[:6]])
    return bool(((takes > 0) & np.isfinite(takes)).all())


def draw_day_counts(clients: Clients, tabulated: Tables) -> NDArray[np.int64]:
    """Items of each client on each day of the horizon, shape (clients, days): Poisson around a spread mean."""
    counts: NDArray[np.int64] = _draw_day_counts(clients.expected, clients.count_keys, tabulated.days)
    return counts


def draw_items(
    centre: ScanCentre,
    clients: Clients,
    counts: NDArray[np.int64],
    days: range,
    tabulated: Tables,
    rates: Rates,
    room: "Room | None" = None,
) -> Items:
    """The items that reach a centre on `days`, by delivery; within a delivery in the order of the clients.

    With `room` they lie there, until it is used again.
    """
    n = int(counts[:, days.start : days.stop].sum())
    items = (room or Room(n)).take(n)
    hours = np.array([parse_clock(d.at) for d in centre.deliveries])
    shares = np.cumsum([0.0] + [d.share.value for d in centre.deliveries])
    shares[-1] = 1.0
    _fill(
        items.arrival, items.service, items.pages, items.excluded, items.rescans,
        counts, clients.item_keys, clients.sampled, days.start, days.stop, hours, shares,
        tabulated.pages, tabulated.times, rates,
    )  # fmt: skip
    return items


def parse_clock(clock: str) -> float:
    """Hours since midnight: 7.5 for 07:30."""
    hours, minutes = clock.split(":")
    return int(hours) + int(minutes) / 60


@compiled
def _draw_day_counts(expected: Any, keys: Any, spread: Any) -> Any:
    counts = np.zeros(expected.shape, np.int64)
    for client in range(expected.shape[0]):
        for day in range(expected.shape[1]):
            if expected[client, day] > 0:
                a, b, _, _ = philox(keys[client, 0], keys[client, 1], day, 0)
                mean = expected[client, day] * spread[b >> np.uint64(64 - TABLE_BITS)]
                counts[client, day] = poisson_quantile(unit(a), mean)
    return counts


@compiled
def poisson_quantile(u: float, mean: float) -> int:
    """The least k with P(N <= k) >= u for a Poisson number N: sums outward from the mode, exact to rounding."""
    mode = int(mean)
    at_mode = math.exp(mode * math.log(mean) - mean - math.lgamma(mode + 1.0))
    below, term, k = 0.0, at_mode, mode
    while k >= 0 and term > 1e-18:
        below += term
        term *= k / mean
        k -= 1
    k, term = mode, at_mode
    if u <= below:
        while k > 0 and below - term >= u:
            below -= term
            term *= k / mean
            k -= 1
        return k
    while below < u and term > 1e-300:
        k += 1
        term *= mean / k
        below += term
        if term < 1e-18:
            break
    return k


@compiled
def _fill(
    arrival: Any, service: Any, pages: Any, excluded: Any, rescans: Any, counts: Any, keys: Any, sampled: Any,
    first_day: int, last_day: int, hours: Any, shares: Any, page_table: Any, time_table: Any, rates: Any,
) -> None:  # fmt: skip
    at, words = 0, np.empty((4, DRAWN_AT_ONCE), np.uint32)
    for day in range(first_day, last_day):
        for delivery in range(len(hours)):
            for client in range(counts.shape[0]):
                low = int(counts[client, day] * shares[delivery])
                high = int(counts[client, day] * shares[delivery + 1])
                for first in range(low, high, DRAWN_AT_ONCE):
                    drawn = min(DRAWN_AT_ONCE, high - first)
                    draw_words(words, keys[client], day, first, drawn)
                    arrival[at : at + drawn] = day * 24.0 + hours[delivery]
                    _fill_drawn(
                        service, pages, excluded, rescans, at, drawn, words, sampled[client], page_table, time_table,
                        rates,
                    )  # fmt: skip
                    at += drawn


@inlined
def _fill_drawn(
    service: Any, pages: Any, excluded: Any, rescans: Any, at: int, drawn: int, words: Any, sampled: float,
    page_table: Any, time_table: Any, rates: Any,
) -> None:  # fmt: skip
    for k in range(drawn):
        a, b, c, d = words[0, k], words[1, k], words[2, k], words[3, k]
        n = page_table[a >> np.uint32(REST_OF_PAGES_BITS)]
        time1, time2 = time_table[b & MASK], time_table[(b >> np.uint32(TABLE_BITS)) & MASK]
        time3 = time_table[d & MASK]
        out = _share(c, 32) < rates.excluded
        look = n * rates.sampled_page if _share(d >> np.uint32(TABLE_BITS), SAMPLE_BITS) < sampled else 0.0
        service[0, at + k] = (rates.handling + (0.0 if out else n * rates.prepared_page)) * time1
        service[1, at + k] = n * rates.scanned_page * time2
        service[2, at + k] = (rates.indexed_item + look) * time3
        service[3, at + k] = rates.release
        pages[at + k], excluded[at + k], rescans[at + k] = n, out, 0
        # What the choice of pages leaves of the first word, and the times of the second.
        rest = ((a & REST_OF_PAGES) << np.uint32(REST_OF_TIMES_BITS)) | (b >> np.uint32(2 * TABLE_BITS))
        u = _share(rest, REST_OF_PAGES_BITS + REST_OF_TIMES_BITS)
        if u < rates.rescanned and not out:
            rescans[at + k] = _draw_rescans(u, rates.rescanned)


@inlined
def _share(bits: Any, width: int) -> Any:
    """The middle of that one of 2**`width` equal parts of (0, 1) which the bits name."""
    return (bits + 0.5) * (1.0 / 2**width)


@compiled
def _draw_rescans(u: float, share: float) -> int:
    """How often an item fails the check before it passes, at most 5: afterwards it is handled as a doubtful item."""
    times = 0
    left = share
    while times < 5 and u < left:
        times += 1
        left *= share
    return times
