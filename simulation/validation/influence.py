"""Which uncertain figures the number of users depends on, read from the runs that were made anyway.

Runs with the same draw differ by luck only, so their mean is taken; a linear regression on all uncertain figures of
rollout and risks together tells the effect of each with the others held (Saltelli et al. 2008, chapter 1). Users count
from the go-live of their authority, so no other figure can have an influence. Figures that share their draw are one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.rollout.risks import DRAWN, name_cause

Floats = NDArray[np.float64]
SECTIONS = ("rollout.", "risks.")
LEAST_FREE = 20
"""Draws that must be there beyond the figures, or the regression says nothing."""
SURE = 2.6
"""Standard errors from which an effect is told from chance: with 60 figures less than one is mistaken for one."""
Z_LOW_TO_HIGH = 2.563
"""From the 10 % to the 90 % quantile, in standard deviations."""


def rank_influences(paths: Sequence[str], drawn: Floats, outcome: Floats) -> list[dict[str, Any]]:
    """Figures with the `effect` on `outcome`, shape (runs,), of a high value (90 % quantile) against a low one (10 %),
    its standard error, and whether it is `sure`; the largest sure ones first. `drawn`: shape (runs, figures).
    """
    columns: dict[str, int] = {}
    for n, path in enumerate(paths):
        if path.startswith(SECTIONS) and DRAWN.search(path) and drawn[:, n].min() < drawn[:, n].max():
            columns.setdefault(name_cause(path), n)
    chosen = list(columns.values())
    values, group = np.unique(drawn[:, chosen], axis=0, return_inverse=True)
    free = len(values) - len(chosen) - 1
    if not chosen or free < LEAST_FREE:
        return []
    mean = np.bincount(group.ravel(), outcome) / np.bincount(group.ravel())
    effects, errors = _regress((values - values.mean(axis=0)) / values.std(axis=0), mean, free)
    rows = [
        {
            "name": paths[n], "effect": round(float(effect), 1), "error": round(float(error), 1),
            "sure": bool(abs(effect) > SURE * error),
        }
        for n, effect, error in zip(chosen, Z_LOW_TO_HIGH * effects, Z_LOW_TO_HIGH * errors, strict=True)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row["sure"], -abs(row["effect"]), row["name"]))


def _regress(values: Floats, outcome: Floats, free: int) -> tuple[Floats, Floats]:
    """Least squares: the slope of each column of `values`, which are centred, and its standard error."""
    slopes, *_ = np.linalg.lstsq(values, outcome - outcome.mean(), rcond=None)
    left = outcome - outcome.mean() - values @ slopes
    spread = np.linalg.pinv(values.T @ values).diagonal()
    errors: Floats = np.sqrt(np.maximum(spread, 0) * float(left @ left) / free)
    return slopes, errors
