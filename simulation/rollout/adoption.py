"""From go-live to people who really work with the products.

After go-live use grows along a logistic curve through one half and nine tenths of an authority's seats; before
`as_of` the counts of the report hold and nothing is smoothed. In mode `plan` a seat counts from its go-live day.
"""

import math

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.scenario.programme import Scenario

Days = NDArray[np.float64]
"""Day numbers of the horizon; `inf` for what never comes."""


def compute_using_share(
    scenario: Scenario, calendar: Calendar, go_live_days: Days, at_days: Days, streams: Streams | None
) -> NDArray[np.float64]:
    """Share of each authority's seats in use, shape (authorities, at_days); without `streams` as in mode `plan`."""
    elapsed = at_days[None, :] + 1 - go_live_days[:, None]
    live = elapsed > 0
    if streams is None:
        return live.astype(float)
    adoption = scenario.spec.adoption
    pace = [
        math.exp(adoption.spread.value * streams.generator(a.id, "adoption").standard_normal())
        for a in scenario.authorities
    ]
    half = adoption.half_weeks.value * 7 * np.array(pace)[:, None]
    ninety = max(adoption.ninety_weeks.value, adoption.half_weeks.value * 1.05) * 7 * np.array(pace)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        curve = 1 / (1 + np.exp(-math.log(9) * (elapsed - half) / (ninety - half)))
    known = go_live_days <= calendar.get_day(scenario.spec.as_of.value)
    return np.where(live, np.where(known[:, None], 1.0, curve), 0.0)


def count_users(
    scenario: Scenario, calendar: Calendar, share: NDArray[np.float64], at_days: Days
) -> NDArray[np.float64]:
    """Users of each authority and product, shape (2, authorities, at_days): E-Akte, E-Laufmappe; pilots included."""
    people = scenario.authorities
    seats = np.array([[a.users_e_akte for a in people], [a.users_e_laufmappe for a in people]])
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
