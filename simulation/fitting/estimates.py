"""Estimates with their intervals of 95 %: shares, rates, and times by the family that fits them best."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
FAMILIES = ("lognorm", "gamma", "weibull_min", "expon")
LEAST = 8
"""Fewer values tell nothing of a time."""
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    value: float
    low: float
    high: float
    of: int
    """Number of observations."""


class Times(NamedTuple):
    """Median and deviation of the logarithm, as a scenario has them, and what other families make of the values."""

    median: Estimate
    spread: Estimate
    best: str
    """Family with the least AIC."""
    aic: dict[str, float]


def estimate_share(hits: int, of: int) -> Estimate:
    """Jeffreys' interval: Brown, Cai, DasGupta (2001)."""
    tail = (1 - CONFIDENCE) / 2
    low = stats.beta.ppf(tail, hits + 0.5, of - hits + 0.5) if hits else 0.0
    high = stats.beta.ppf(1 - tail, hits + 0.5, of - hits + 0.5) if hits < of else 1.0
    return Estimate(hits / of if of else 0.5, float(low), float(high), of)


def estimate_rate(count: int, units: float) -> Estimate:
    """Of a Poisson process per unit; Garwood's exact interval."""
    tail = (1 - CONFIDENCE) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    high = stats.chi2.ppf(1 - tail, 2 * count + 2) / 2
    return Estimate(count / units, float(low) / units, float(high) / units, count)


def estimate_times(values: Sequence[float], beyond: Sequence[float] = ()) -> Times | None:
    """None where there are too few positive values. `beyond`: times that lasted longer than so much, how long is not
    known. The log-normal distribution by maximum likelihood; intervals from the observed information, of the spread on
    its logarithm.
    """
    known = np.array([value for value in values if value > 0])
    longer = np.array([value for value in beyond if value > 0])
    if len(known) < LEAST:
        return None
    logs, bounds = np.log(known), np.log(longer)
    if np.ptp(logs) < 1e-9:  # all the same: there is nothing to estimate
        exactly = float(known[0])
        return Times(Estimate(exactly, exactly, exactly, len(known)), Estimate(0.0, 0.0, 0.0, len(known)), "none", {})

    def miss(at: Any) -> float:
        mean, deviation = at[0], np.exp(at[1])
        return -float(stats.norm.logpdf(logs, mean, deviation).sum() + stats.norm.logsf(bounds, mean, deviation).sum())

    start = np.array([logs.mean(), np.log(max(logs.std(ddof=1), 1e-3))])
    mean, log_deviation = optimize.minimize(miss, start, method="Nelder-Mead", options={"xatol": 1e-6}).x
    errors = _find_errors(miss, np.array([mean, log_deviation]))
    n = len(known)
    t = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1))
    aic = compare_families(known, longer)
    return Times(
        _make_estimate(mean, t * errors[0], n),
        _make_estimate(log_deviation, t * errors[1], n),
        min(aic, key=lambda name: aic[name]),
        aic,
    )


def _make_estimate(log: float, half: float, of: int) -> Estimate:
    return Estimate(float(np.exp(log)), float(np.exp(log - half)), float(np.exp(log + half)), of)


def _find_errors(miss: Callable[[Any], float], at: Floats) -> Floats:
    """Standard errors of two parameters, from the second differences at the optimum."""
    step = 1e-3
    moves = step * np.eye(2)
    second = np.array([
        [(miss(at + a + b) - miss(at + a - b) - miss(at - a + b) + miss(at - a - b)) / (4 * step**2) for b in moves]
        for a in moves
    ])  # fmt: skip
    found: Floats = np.sqrt(np.diag(np.linalg.inv(second)))
    return found


def compare_families(known: Floats, longer: Floats) -> dict[str, float]:
    """AIC by family, each fitted by maximum likelihood with its start at 0."""
    found = {}
    for name in FAMILIES:
        family = getattr(stats, name)
        data = stats.CensoredData(uncensored=known, right=longer) if len(longer) else known
        with np.errstate(all="ignore"):  # the search steps where a density is none, and turns back
            parameters = family.fit(data, floc=0)
            likelihood = family.logpdf(known, *parameters).sum() + family.logsf(longer, *parameters).sum()
        found[name] = float(2 * (len(parameters) - 1) - 2 * likelihood)
    return found
