"""The search for the least staff of a scan centre, year by year, and what it asks of each mix."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.found_draws import find_draws
from simulation.forecast.key_figures import wilson_interval
from simulation.forecast.run_store import make_key
from simulation.questions.kept_evaluations import KeptEvaluations
from simulation.questions.runs import Progress, Setting
from simulation.questions.staffing.least_staff import Found, Staff, find_least
from simulation.questions.staffing.scan_year import (
    STATIONS,
    CentreRuns,
    YearRun,
    YearTask,
    count_staffed_hours,
    measure_load,
    simulate_task,
)
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import ScanCentre
from simulation.workers import Workers

BLOCK = 4
"""Runs after which it is asked whether too many have missed the goal."""
MARGIN = 1.15
"""Staff with which a search begins, in times of what the work itself takes."""
PLENTY = 4
"""Times the staff that the work itself takes: as much as the search may give a station."""


class Goal(NamedTuple):
    """Share of the items within so many working hours, in this share of the runs."""

    hours: float
    share: float
    confidence: float


class Search:
    """Searches years of one centre. What was simulated is kept, so that a search that was interrupted goes on."""

    def __init__(
        self, pool: Workers, scenario: Scenario, centre: ScanCentre, setting: Setting, goal: Goal, replications: int,
        on_progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.pool, self.scenario, self.centre, self.setting, self.goal = pool, scenario, centre, setting, goal
        self.numbers = range(replications)
        found = find_draws(scenario, setting.seed, replications, setting.kept) if setting.mode == "risk" else None
        self.runs = CentreRuns(scenario, setting, found, centre.id, goal.hours)
        self.may_fail = replications - int(np.ceil(goal.confidence * replications - 1e-9))
        key = make_key(f"{scenario.digest}/{centre.id}/capacity", setting.mode, setting.seed)
        self.kept = KeptEvaluations(setting.kept, key, YearRun)
        self._on_progress = on_progress
        self.evaluations = 0
        """Years of single runs that were simulated, and not kept from before."""

    def find_year(self, year: int) -> dict[str, Any]:
        trial = YearTrial(self, year)
        there = np.maximum(count_staffed_hours(self.scenario, self.centre, year), 1.0)
        guess = tuple(np.maximum(np.ceil(MARGIN * trial.work / there), 1).astype(int).tolist())
        most = tuple(PLENTY * count + 4 for count in guess)
        return self._describe(trial, find_least(trial, guess, most))

    def count_evaluation(self) -> None:
        self.evaluations += 1
        if self._on_progress:
            self._on_progress(self.evaluations, self.evaluations)

    def _describe(self, trial: "YearTrial", found: Found) -> dict[str, Any]:
        year, runs = trial.year, len(self.numbers)
        row: dict[str, Any] = {"year": year, "runs": runs, "mixes_tried": found.tried}
        steps = {name: getattr(self.centre, name).capacity for name in STATIONS}
        stated = {name: [s.value.value for s in of if s.start.year <= year] or [0] for name, of in steps.items()}
        row |= {f"stated_{name}": values[-1] for name, values in stated.items()}
        row |= {"items_p50": float(np.median(trial.items)), "least": "yes" if found.is_least else "no"}
        empty = ("share_p10", "runs_held", "low", "high", *(f"fewer_{name}" for name in STATIONS))
        if found.staff is None:
            return row | dict.fromkeys((*STATIONS, *empty))
        shares = trial.get_shares(found.staff)
        held = int((shares >= self.goal.share).sum())
        low, high = wilson_interval(held, runs)
        row |= dict(zip(STATIONS, found.staff, strict=True))
        row |= {"share_p10": float(np.quantile(shares, 0.1, method="inverted_cdf")), "runs_held": held / runs}
        fewer = {name: _take_one(found.staff, station) for station, name in enumerate(STATIONS)}
        held_by_fewer = {
            f"fewer_{name}": trial.count_held(mix) / runs if min(mix) >= 1 else None for name, mix in fewer.items()
        }
        return row | {"low": low, "high": high} | held_by_fewer


class YearTrial:
    """What is asked of the staff of one year, as `find_least` asks it: the runs with most work first."""

    def __init__(self, search: Search, year: int) -> None:
        self._search, self.year = search, year
        tasks = [YearTask(year, number, (1, 1, 1)) for number in search.numbers]
        found = search.pool(partial(measure_load, search.runs), tasks)
        loads = {number: (items, work) for number, items, work in found}
        self.items = [items for items, _ in loads.values()]
        self._order = sorted(loads, key=lambda number: (-float(loads[number][1].max()), number))
        hardest = self._order[min(search.may_fail, len(self._order) - 1)]
        self.work: NDArray[np.float64] = loads[hardest][1]
        """Hours at each station in the hardest run that has to hold, shape (3,)."""

    def is_refuted(self, staff: Staff) -> bool:
        """Whether more runs than may miss the goal do so, of the hardest."""
        few = self._order[: self._search.may_fail + 1]
        self._simulate(staff, few)
        return self._is_refuted_by(staff, few)

    def is_enough(self, staff: Staff) -> bool:
        for start in range(0, len(self._order), BLOCK):
            self._simulate(staff, self._order[start : start + BLOCK])
            if self._is_refuted_by(staff, self._order[: start + BLOCK]):
                return False
        return True

    def measure(self, staff: Staff) -> bool:
        self._simulate(staff, self._order)
        return not self._is_refuted_by(staff, self._order)

    def count_held(self, staff: Staff) -> int:
        """Of the runs that were simulated."""
        return sum(self._holds(staff, number) for number in self._order)

    def get_shares(self, staff: Staff) -> NDArray[np.float64]:
        """The share in time in every run, in the order of their numbers."""
        self._simulate(staff, self._order, whole=True)
        hours = self._search.goal.hours
        found = [self._search.kept.require(self.year, hours, staff, number) for number in self._search.numbers]
        return np.array([run.share for run in found])

    def _is_refuted_by(self, staff: Staff, numbers: Sequence[int]) -> bool:
        return sum(not self._holds(staff, number) for number in numbers) > self._search.may_fail

    def _holds(self, staff: Staff, number: int) -> bool:
        run = self._get(staff, number)
        return run is not None and bool(run.whole) and run.share >= self._search.goal.share

    def _get(self, staff: Staff, number: int, *, whole: bool = False) -> YearRun | None:
        """A run as far as it answers: one that was left says only that it missed the goal."""
        run = self._search.kept.get(self.year, self._search.goal.hours, staff, number)
        return run if run and (run.whole or (not whole and run.share < self._search.goal.share)) else None

    def _simulate(self, staff: Staff, numbers: Sequence[int], *, whole: bool = False) -> None:
        search, least = self._search, 0.0 if whole else self._search.goal.share
        missing = [number for number in numbers if self._get(staff, number, whole=whole) is None]
        tasks = [YearTask(self.year, number, staff, least) for number in missing]
        try:
            for number, run in search.pool(partial(simulate_task, search.runs), tasks):
                search.kept.add(run, self.year, search.goal.hours, staff, number)
                search.count_evaluation()
        finally:  # what was computed before an interrupt is not computed again
            search.kept.save()


def _take_one(staff: Staff, station: int) -> Staff:
    return tuple(count - (n == station) for n, count in enumerate(staff))
