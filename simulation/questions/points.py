"""Points in the space of the uncertain figures: a few runs of a scenario with figures that are set and not drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.found_draws import FoundDraws, find_draws
from simulation.forecast.run_store import make_key
from simulation.questions.kept_evaluations import KeptEvaluations
from simulation.questions.outcomes import Outcome
from simulation.questions.runs import KeyRun, Progress, Setting, simulate_key_run
from simulation.rollout.risks import DRAWN, invert_triangular, name_cause
from simulation.scenario.figures import RANGED, find_figures
from simulation.scenario.programme import Scenario
from simulation.workers import Workers

Floats = NDArray[np.float64]
SAVED_AFTER = 50
"""Points after which what was computed is written."""


class Input(NamedTuple):
    """A cause that is drawn, with its figures; shapes (figures,)."""

    cause: str
    paths: tuple[str, ...]
    low: Floats
    mode: Floats
    high: Floats

    def get_values(self, share: float) -> dict[str, float]:
        """The values of its figures at a quantile of their ranges."""
        values = invert_triangular(np.full(len(self.paths), share), self.low, self.mode, self.high)
        return dict(zip(self.paths, values.tolist(), strict=True))


class Point(NamedTuple):
    """Figures to simulate a few runs with, and the number of the point."""

    number: int
    values: dict[str, float]


def list_inputs(scenario: Scenario) -> list[Input]:
    """The causes of the uncertain figures of the rollout; the outcomes depend on no others."""
    grouped: dict[str, list[tuple[str, Any]]] = {}
    for path, figure, _ in find_figures(scenario.spec):
        of_rollout = path.startswith(("rollout.", "risks."))
        if of_rollout and DRAWN.search(path) and figure.basis in RANGED and figure.uncertain:
            grouped.setdefault(name_cause(path), []).append((path, figure))
    return [_make_input(cause, of) for cause, of in grouped.items()]


def _make_input(cause: str, figures: Sequence[tuple[str, Any]]) -> Input:
    low, mode, high = (
        np.array([getattr(figure, edge) for _, figure in figures], dtype=float) for edge in ("low", "value", "high")
    )
    return Input(cause, tuple(path for path, _ in figures), low, mode, high)


@dataclass
class Points:
    """Simulates points of the space of inputs: the mean of the outcome over the same few runs. They are kept as they
    come, so that an analysis that was interrupted goes on.
    """

    workers: Workers
    scenario: Scenario
    setting: Setting
    inputs: Sequence[Input]
    outcome: Outcome
    runs: int
    on_progress: Progress | None = None
    done: int = 0
    computed: int = 0
    """Runs that were not kept from before."""
    wanted: int = 0
    """Runs that are not kept from before, as far as they have been asked for."""

    def __post_init__(self) -> None:
        key = make_key(f"{self.scenario.digest}/points", self.setting.mode, self.setting.seed)
        self._kept = KeptEvaluations(self.setting.kept, key, KeyRun)

    def measure(self, shares: Floats) -> Floats:
        """The outcome at each point, shape (points,). `shares`: quantiles of each input, shape (points, inputs)."""
        points = [Point(n, self._get_values(row)) for n, row in enumerate(shares.tolist())]
        self.done += len(points) * self.runs
        missing = [p for p in points if any(self._kept.get(p.values, n) is None for n in range(self.runs))]
        self.wanted += len(missing) * self.runs
        found = find_draws(self.scenario, self.setting.seed, self.runs, self.setting.kept)
        do = partial(simulate_point, self.scenario, self.setting, found, self.runs)
        try:
            for place, (number, key_runs) in enumerate(self.workers(do, missing), 1):
                for n, run in enumerate(key_runs):
                    self._kept.add(run, points[number].values, n)
                if place % SAVED_AFTER == 0:
                    self._kept.save()
                self.computed += len(key_runs)
                if self.on_progress:
                    self.on_progress(self.computed, self.wanted)
        finally:  # what was computed before an interrupt is not computed again
            self._kept.save()
        return np.array([self.outcome.measure(self._get_runs(point)).mean() for point in points])

    def _get_runs(self, point: Point) -> list[KeyRun]:
        return [self._kept.require(point.values, n) for n in range(self.runs)]

    def _get_values(self, shares: Sequence[float]) -> dict[str, float]:
        values: dict[str, float] = {}
        for one, share in zip(self.inputs, shares, strict=True):
            values |= one.get_values(share)
        return values


def simulate_point(
    scenario: Scenario, setting: Setting, found: FoundDraws | None, runs: int, point: Point
) -> tuple[int, list[KeyRun]]:
    return point.number, [simulate_key_run(scenario, setting, n, found, point.values) for n in range(runs)]
