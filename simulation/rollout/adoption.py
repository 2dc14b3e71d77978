"""From go-live to people who really work with the products.

After go-live use grows along a logistic curve through one half and nine tenths of an authority's seats; before
`as_of` the counts of the report hold and nothing is smoothed. In mode `plan` a seat counts from its go-live day.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from simulation.calendar import Calendar
from simulation.random_streams import Streams, compiled, draw_uniforms, make_keys
from simulation.scenario.programme import Scenario

COMPLETE = 40.0
"""From here on the logistic curve is 1 to the last digit."""
Days = NDArray[np.float64]
"""Day numbers of the horizon; `inf` for what never comes."""


def compute_using_share(
    scenario: Scenario, calendar: Calendar, go_live_days: Days, at_days: Days, streams: Streams | None
) -> NDArray[np.float64]:
    """Share of each authority's seats in use, shape (authorities, at_days); without `streams` as in mode `plan`."""
    if streams is None:
        return (at_days[None, :] + 1 > go_live_days[:, None]).astype(float)
    known = go_live_days <= calendar.get_day(scenario.spec.as_of.value)
    shares: NDArray[np.float64] = _grow(go_live_days, known, *_draw_curves(scenario, streams), at_days)
    return shares


@compiled
def _grow(go_live: Any, known: Any, half: Any, ninety: Any, at_days: Any) -> Any:
    shares = np.zeros((len(go_live), len(at_days)))
    for n in range(len(go_live)):
        for d in range(len(at_days)):
            elapsed = at_days[d] + 1 - go_live[n]
            if elapsed > 0:
                grown = math.log(9) * (elapsed - half[n]) / (ninety[n] - half[n])
                shares[n, d] = 1.0 if known[n] or grown > COMPLETE else 1 / (1 + math.exp(-grown))
    return shares


def compute_day_in_use(
    scenario: Scenario, calendar: Calendar, go_live_days: Days, share: float, streams: Streams | None
) -> Days:
    """The day from which `share` of each authority's seats is in use, shape (authorities,)."""
    if streams is None:
        return go_live_days
    half, ninety = _draw_curves(scenario, streams)
    elapsed = np.maximum(half + (ninety - half) * math.log(share / (1 - share)) / math.log(9), 1.0)
    known = go_live_days <= calendar.get_day(scenario.spec.as_of.value)
    return np.where(known, go_live_days, go_live_days + np.ceil(elapsed - 1e-9) - 1)


def _draw_curves(scenario: Scenario, streams: Streams) -> tuple[Days, Days]:
    """Days after go-live until one half and nine tenths of the seats are in use, shape (authorities,) each."""
    adoption = scenario.spec.adoption
    keys = _make_keys(streams.seed, tuple(a.id for a in scenario.authorities))
    pace = np.exp(adoption.spread.value * special.ndtri(draw_uniforms(keys, streams.replication, 1)[:, 0]))
    half = adoption.half_weeks.value * 7 * pace
    return half, max(adoption.ninety_weeks.value, adoption.half_weeks.value * 1.05) * 7 * pace


@lru_cache(maxsize=8)
def _make_keys(seed: int, authorities: tuple[str, ...]) -> NDArray[np.uint64]:
    return make_keys(seed, authorities, "adoption")


def get_seats(scenario: Scenario) -> NDArray[np.int64]:
    """Seats of each authority as the lists say, shape (2, authorities): E-Akte, E-Laufmappe."""
    people = scenario.authorities
    return np.array([[a.users_e_akte for a in people], [a.users_e_laufmappe for a in people]])


def count_users(
    scenario: Scenario, calendar: Calendar, share: NDArray[np.float64], at_days: Days,
    seats: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Users of each authority and product, shape (2, authorities, at_days): E-Akte, E-Laufmappe; pilots included.

    `seats`: shape (2, authorities), those of the lists unless given.
    """
    seats = get_seats(scenario) if seats is None else seats
    found: NDArray[np.float64] = seats[:, :, None] * share[None, :, :]
    index = {a.id: n for n, a in enumerate(scenario.authorities)}
    for pilot in sorted(scenario.spec.early_users, key=lambda p: p.start):
        n = index[pilot.authority]
        waiting = (at_days >= calendar.get_day(pilot.start)) & (share[n] == 0)
        found[:, n, waiting] = pilot.users.value
    return found


def count_planned_users(scenario: Scenario, calendar: Calendar, at_days: Days) -> NDArray[np.float64]:
    """`count_users` as planned: every seat counts from its planned go-live."""
    go_live = np.array([float(calendar.get_day(a.go_live)) for a in scenario.authorities])
    share = compute_using_share(scenario, calendar, go_live, at_days, None)
    return count_users(scenario, calendar, share, at_days)
