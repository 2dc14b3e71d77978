"""How sure a comparison is: paired differences under common random numbers, and the chance to have found the best."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
DRAWS = 100_000


class Interval(NamedTuple):
    value: float
    low: float
    high: float


def compare_means(base: Floats, other: Floats, confidence: float = CONFIDENCE) -> Interval:
    """Mean of the paired differences other - base, shape (runs,) each, with Student's interval."""
    difference = other - base
    runs, mean = len(difference), float(difference.mean())
    if runs < 2:
        return Interval(mean, -np.inf, np.inf)
    half = float(stdtrit(runs - 1, 0.5 + confidence / 2)) * float(difference.std(ddof=1)) / np.sqrt(runs)
    return Interval(mean, mean - half, mean + half)


def compare_chances(base: Floats, other: Floats, confidence: float = CONFIDENCE) -> Interval:
    """Difference of two shares of the same runs (0 or 1), with the interval of Agresti and Min (2005): half a run is
    added to each of the four cells, so that it has its coverage where few runs differ.
    """
    runs = len(base)
    gained, lost = (float((left > right).sum()) + 0.5 for left, right in ((other, base), (base, other)))
    total = runs + 2.0
    mean = (gained - lost) / total
    half = float(ndtri(0.5 + confidence / 2)) * np.sqrt(gained + lost - (gained - lost) ** 2 / total) / total
    return Interval(float((other - base).mean()), max(mean - half, -1.0), min(mean + half, 1.0))


def measure_gain(base: Floats, other: Floats) -> float:
    """How many times more independent runs would be needed for the same interval of the difference; `inf` where the
    pairs differ by a constant.
    """
    together = float((other - base).var(ddof=1)) if len(base) > 1 else 0.0
    apart = float(base.var(ddof=1) + other.var(ddof=1)) if len(base) > 1 else 0.0
    if together <= 1e-12 * apart:
        return np.inf if apart > 0 else 1.0
    return apart / together


def estimate_best(values: Sequence[Floats], better: int, seed: int) -> Floats:
    """For each scenario the probability that it is really the best, shape (scenarios,).

    The posterior of the means is taken as normal with the covariance of the runs over their number, which common random
    numbers make small for differences (Chick and Inoue 2001). Scenarios that are equal in every run share the chance.
    """
    table = np.stack(values) * better
    runs = table.shape[1]
    if len(table) == 1:
        return np.ones(1)
    if not runs:
        return np.full(len(table), 1 / len(table))
    means = table.mean(axis=1)
    covariance = np.cov(table) / runs if runs > 1 else np.diag(np.full(len(table), np.inf))
    if not np.isfinite(covariance).all():
        return np.full(len(table), 1 / len(table))
    spread, axes = np.linalg.eigh(np.atleast_2d(covariance))
    normal = np.random.default_rng(seed).standard_normal((DRAWS, len(table)))
    drawn = means + (normal * np.sqrt(np.maximum(spread, 0.0))) @ axes.T
    scale = np.abs(means).max() + 1.0
    best = drawn >= drawn.max(axis=1, keepdims=True) - 1e-9 * scale
    chance: Floats = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return chance
