"""What is drawn for a run: the figures that nobody knows, and the luck of each project.

Two kinds of uncertainty are kept apart. Assumed figures of a scenario are drawn once per run from the triangular
distribution over their range. Work, delays and needs are then drawn for each project with those figures. Evidence for
the ranges stands with each figure in the scenario; all of it dates from before September 2021.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from simulation.random_streams import Streams, draw_uniforms, make_keys
from simulation.scenario.figures import RANGED, Replacer, find_figures
from simulation.scenario.model import RolloutScenario

DRAWN = re.compile(r"^(rollout|risks|adoption|work|mail|scan\.items|scan\.paper)\.|^scan\.centres\.[^.]+\.late_months$")
"""Figures that are uncertain where they are assumed with a range. Dates, targets and the staff of scan centres are
decisions and are not drawn."""
SHARED = (
    (r"\.\d{4}-\d\d-\d\d\.value$", ""),
    (r"^risks\.shortage\..*", "risks.shortage"),
    (r"^scan\.centres\.[^.]+\.late", "scan.late"),
)
"""Figures whose paths become alike share their draw, because they have one cause: all steps of a capacity, the shortage
of all resources ("at all levels", F224), and how late scan centres open."""


class Figures:
    """The uncertain figures of a scenario, drawn run by run, each from its own stream by its path."""

    def __init__(self, spec: RolloutScenario, seed: int) -> None:
        self._spec = spec
        every = find_figures(spec)
        self.stated = {path: float(figure.value) for path, figure, _ in every}
        found = {
            path: figure
            for path, figure, _ in every
            if DRAWN.search(path) and figure.basis in RANGED and figure.uncertain
        }
        self.paths = list(found)
        bounds = [(cast("float", f.low), f.value, cast("float", f.high)) for f in found.values()]
        self._low, self._mode, self._high = np.array(bounds, dtype=float).reshape(-1, 3).T
        self._keys = make_keys(seed, [name_cause(path) for path in found], "figure")
        self._replacer = Replacer(spec, found)

    def draw(self, number: int) -> dict[str, float]:
        """Values by path of the draw with this number."""
        shares = draw_uniforms(self._keys, number, 1)[:, 0]
        return dict(zip(self.paths, invert_triangular(shares, self._low, self._mode, self._high).tolist(), strict=True))

    def list_values(self, drawn: Mapping[str, float]) -> NDArray[np.float64]:
        """The values of all figures, in the order of `find_figures`: those drawn, and else those stated."""
        return np.fromiter((self.stated | dict(drawn)).values(), float)

    def replace(self, values: Mapping[str, float]) -> RolloutScenario:
        """The scenario with drawn values."""
        drawn: RolloutScenario = self._replacer.replace(values)
        return drawn


def name_cause(path: str) -> str:
    """What the stream of a figure is named by: its path, or what it shares with others."""
    for pattern, shared in SHARED:
        path = re.sub(pattern, shared, path)
    return path


def invert_triangular(
    shares: NDArray[np.float64], low: NDArray[np.float64], mode: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quantiles of triangular distributions; a range multiplied by a factor gives the quantile multiplied by it."""
    width = high - low
    rising = low + np.sqrt(shares * width * (mode - low))
    falling = high - np.sqrt((1 - shares) * width * (high - mode))
    return np.where(shares * width < mode - low, rising, falling)


def draw_scenario(spec: RolloutScenario, streams: Streams) -> RolloutScenario:
    """The scenario with every uncertain figure drawn for one run."""
    figures = Figures(spec, streams.seed)
    return figures.replace(figures.draw(streams.replication))


class Luck(NamedTuple):
    """How each project goes, shape (projects,) each: factors on its work, on its time before the staff council, days
    that an analysis of its protection need takes longer, and whether it needs something of the next release.
    """

    preparation: NDArray[np.float64]
    introduction: NDArray[np.float64]
    council: NDArray[np.float64]
    analysis: NDArray[np.float64]
    needs_release: NDArray[np.bool_]


def get_planned_luck(projects: int) -> Luck:
    one, none = np.ones(projects), np.zeros(projects)
    return Luck(one, one, one, none, np.zeros(projects, dtype=bool))


def draw_luck(spec: RolloutScenario, keys: NDArray[np.uint64], number: int, high: NDArray[np.bool_]) -> Luck:
    """The luck of every project, each from its own stream of `keys`; `high`: projects with high protection need."""
    risks, u = spec.risks, draw_uniforms(keys, number, 12)
    sigma = risks.duration.spread.value
    analysis = risks.protection.analysis
    days = draw_delays(u[:, 6], u[:, 7], u[:, 8], analysis.probability.value, analysis.mean_days.value)
    return Luck(
        draw_factors(u[:, 0], u[:, 1], sigma),
        draw_factors(u[:, 2], u[:, 3], sigma),
        draw_factors(u[:, 4], u[:, 5], risks.staff_council.value),
        np.where(high, days, 0.0),
        u[:, 9] < spec.rollout.releases.needed.value,
    )


def draw_factors(first: NDArray[np.float64], second: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Lognormal factors with mean 1, from two uniforms each (Box and Muller 1958)."""
    normal = np.sqrt(-2 * np.log(first)) * np.cos(2 * np.pi * second)
    factors: NDArray[np.float64] = np.exp(sigma * normal - sigma * sigma / 2)
    return factors


def draw_delays(
    hit: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64], probability: float, mean: float
) -> NDArray[np.float64]:
    """Working days lost: gamma distributed with shape 2 where it hits."""
    return np.where(hit < probability, -np.log(first * second) / 2 * mean, 0.0)


def spare(luck: Luck, project: int) -> Luck:
    """The same luck, but one project goes as planned."""
    planned = get_planned_luck(len(luck.council))
    here = np.arange(len(luck.council)) == project
    return Luck(
        np.where(here, planned.preparation, luck.preparation),
        np.where(here, planned.introduction, luck.introduction),
        np.where(here, planned.council, luck.council),
        np.where(here, planned.analysis, luck.analysis),
        np.where(here, planned.needs_release, luck.needs_release),
    )
