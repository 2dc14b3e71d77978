"""How well a forecast is known from so many runs: standard errors, when to stop, and how many digits are true.

The standard error of a quantile is the one of Maritz and Jarrett (1978): the quantile is one of the ordered values, and
the chance that it is the k-th is that of a beta distribution, whatever the values are distributed like.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def get_quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Empirical quantiles over the first axis (smallest value with at least that share at or below), `inf` allowed."""
    result: Floats = np.quantile(values, shares, axis=0, method="inverted_cdf")
    return result


@cache
def get_order_weights(runs: int, share: float) -> Floats:
    """The chance that the quantile of `share` is the k-th smallest of the values, shape (runs,)."""
    from scipy.special import betainc  # noqa: PLC0415  # takes a while to load, and only this needs it

    rank = math.ceil(share * runs - 1e-9) or 1  # the quantile that is shown is the value of this rank
    steps = betainc(rank, runs - rank + 1, np.arange(runs + 1) / runs)
    weights: Floats = np.diff(steps)
    return weights


def estimate_quantile_errors(ordered: Floats, shares: Sequence[float]) -> Floats:
    """Standard errors of the quantiles of values in ascending order along the first axis, shape (shares, …).

    NaN where a value is not finite and may be the quantile: how far beyond the horizon it lies is not known.
    """
    runs = len(ordered)
    errors = []
    for share in shares:
        weights = get_order_weights(runs, share)
        kept = weights > 1e-12
        part, chances = ordered[kept], weights[kept] / weights[kept].sum()
        with np.errstate(invalid="ignore"):
            mean = np.tensordot(chances, part, 1)
            square = np.tensordot(chances, (part - mean) ** 2, 1)
            errors.append(np.sqrt(square))
    return np.array(errors)


def measure_largest_error(users: Floats) -> float:
    """The largest standard error of the 10, 50 and 90 % quantiles, as a share of the median; 0 where all is known.

    `users`: shape (runs, …).
    """
    ordered = np.sort(users, axis=0)
    errors = estimate_quantile_errors(ordered, (0.1, 0.5, 0.9)).max(axis=0)
    middle = np.maximum(get_quantiles(ordered, (0.5,))[0], 1.0)
    return float((errors / middle).max(initial=0.0))


def describe_convergence(values: Floats) -> list[dict[str, float]]:
    """How 10, 50 and 90 % quantiles settle with the number of runs, and their standard errors.

    `values`: shape (runs,), in the order of the runs.
    """
    counts = [n for n in (25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000) if n < len(values)]
    names, rows = ("p10", "p50", "p90"), []
    for runs in (*counts, len(values)):
        ordered = np.sort(values[:runs])
        values_of = get_quantiles(ordered, (0.1, 0.5, 0.9)).tolist()
        errors = estimate_quantile_errors(ordered, (0.1, 0.5, 0.9)).tolist()
        told = {f"{name}_se": round(error, 1) for name, error in zip(names, errors, strict=True)}
        rows.append({"runs": runs, **dict(zip(names, values_of, strict=True)), **told})
    return rows


def estimate_mean_error(values: Floats) -> Floats:
    """Standard error of the mean over the first axis; infinite from a single run."""
    if len(values) < 2:
        return np.full(values.shape[1:], np.inf)
    error: Floats = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return error


def round_to_precision(value: float, error: float | None) -> float:
    """The value without the digits that its standard error makes meaningless: steps of a power of ten that are at
    most twice the error, so that the last digit shown says something.
    """
    if error is None or not math.isfinite(error) or not math.isfinite(value) or 2 * error < 1:
        return float(round(value))
    step = 10.0 ** math.floor(math.log10(2 * error))
    return float(round(value / step) * step)
