"""Rollouts from the start with nothing recorded: what the model says of the past, and of a future whose past is known.

The forecast replays the known past as it was. Here it is simulated, so that it can be held against what is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulation.rollout.conditioning import TRIAL, Known, count_past, count_users_on, list_known_counts
from simulation.rollout.conditions import draw_conditions
from simulation.rollout.model import Model
from simulation.rollout.risks import draw_luck
from simulation.rollout.rollout import Rollout, Setting
from simulation.scenario.model import RolloutScenario

Floats = NDArray[np.float64]
TRIED = 240
"""Draws from the prior: enough for its quantiles and for a self-test, and as many rollouts as take a second or two."""
HEADLINE_YEAR = 2023
"""By its end the programme is to be done: the deadline of the E-Government act is the day after (F026)."""


@dataclass(frozen=True)
class PastRuns:
    """Users of the E-Laufmappe. `prior`: (draws, days) on the known days and then at the planned year ends, for draws
    from the ranges of the scenario; `kept`: (draws, known days) for those that agree with the known history.
    """

    prior: Floats
    kept: Floats


def list_planned_ends(spec: RolloutScenario) -> list[date]:
    """Year ends within the horizon that have a plan and are not known yet."""
    ends = [date(row.year, 12, 31) for row in spec.plan]
    return [day for day in ends if spec.as_of.value < day <= spec.horizon.end]


def choose_headline(years: Sequence[int]) -> int:
    """Of planned years the one whose end report, pages and comparisons speak of: the same whatever the runs give, so
    that a what-if and its plan can be held side by side.
    """
    return HEADLINE_YEAR if HEADLINE_YEAR in years else years[-1]


def simulate_past_runs(model: Model, kept: Sequence[int], tried: int = TRIED) -> PastRuns:
    """`kept`: the numbers of the draws that agree with the known history."""
    spec = model.scenario.spec
    known = list_known_counts(spec)
    days = [one.day for one in known] + list_planned_ends(spec)
    prior = [_count_users(model, number, days) for number in range(tried)]
    past = [list(count_past(model, number, known)) for number in kept]
    return PastRuns(np.array(prior).reshape(tried, len(days)), np.array(past).reshape(len(kept), len(known)))


def _count_users(model: Model, number: int, days: Sequence[date]) -> list[float]:
    """Users on each day in a rollout from the start to its end, with the draw of this number."""
    spec = model.figures.replace(model.figures.draw(number))
    luck = draw_luck(spec, model.project_keys, TRIAL + number, model.high_projects)
    conditions = draw_conditions(spec, model.calendar, model.dated, TRIAL + number)
    rollout = Rollout(model, Setting(spec, model.portfolio, conditions, luck, known=False))
    rollout.run()
    return [count_users_on(model, rollout.go_live, day) for day in days]


def find_alike(past: Floats, truth: int, known: Sequence[Known]) -> NDArray[np.int64]:
    """The other draws that agree with the past of one draw as draws must agree with the known past."""
    tolerance = np.array([one.tolerance for one in known])
    alike = (np.abs(past - past[truth]) <= tolerance * past[truth] + 1e-9).all(axis=1)
    alike[truth] = False
    return np.flatnonzero(alike)
