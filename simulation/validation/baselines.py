"""Naive baselines: growth curves fitted to the few known counts, to hold the forecast against.

Each knows the counts up to the reference date and, as what it grows to, the last figure of the plan; a model of the
programme must be worth more than these. Logistic (Verhulst 1838), Gompertz (1825), diffusion (Bass 1969).
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.rollout.conditioning import Known, list_known_counts
from simulation.scenario.model import RolloutScenario

Floats = NDArray[np.float64]
LEAST_COUNTS = 3
DAYS_PER_YEAR = 365.25
ELSEWHERE_USERS, ELSEWHERE_YEARS = 3700, 0.5
"""Users of another state's E-Akte in its first half year from July 2020 (Baden-Württemberg; domain 6). What came later
there was not known in August 2021."""


def logistic(t: Floats, pace: float, half: float) -> Floats:
    share: Floats = 1 / (1 + np.exp(np.clip(-pace * (t - half), -700, 700)))
    return share


def gompertz(t: Floats, pace: float, delay: float) -> Floats:
    share: Floats = np.exp(-np.exp(np.clip(-pace * (t - delay), -700, 700)))
    return share


def bass(t: Floats, log_innovation: float, imitation: float) -> Floats:
    innovation = np.exp(log_innovation)
    fading = np.exp(np.clip(-(innovation + imitation) * t, -700, 700))
    share: Floats = (1 - fading) / (1 + imitation / innovation * fading)
    return share


CURVES: dict[str, tuple[Callable[..., Floats], tuple[float, float], tuple[list[float], list[float]]]] = {
    "logistic": (logistic, (1.5, 6.0), ([0.01, 0.0], [20.0, 60.0])),
    "gompertz": (gompertz, (0.4, 4.0), ([0.01, 0.0], [20.0, 60.0])),
    "bass": (bass, (-8.0, 1.5), ([-25.0, 0.0], [0.0, 20.0])),
}
"""Share of all users by years since the first known count, the first guess of its two figures, and their bounds."""


def project_naively(spec: RolloutScenario, days: Sequence[date]) -> dict[str, Floats]:
    """Users of the E-Laufmappe by baseline and day, shape (days,) each; without those that cannot be fitted."""
    known = [one for one in list_known_counts(spec) if one.users > 0]
    if not known or not spec.plan:
        return {}
    most = float(max(row.e_laufmappe.value for row in spec.plan))
    since = _count_years(spec.as_of.value, days)
    steady = known[-1].users + np.maximum(since, 0) * ELSEWHERE_USERS / ELSEWHERE_YEARS
    curves = _fit_curves(known, days, most) if len(known) >= LEAST_COUNTS else {}
    return curves | {"elsewhere": np.minimum(steady, most)}


def _fit_curves(known: Sequence[Known], days: Sequence[date], most: float) -> dict[str, Floats]:
    from scipy.optimize import curve_fit  # noqa: PLC0415  # takes a while to load, and only this needs it

    origin = known[0].day
    at, users = _count_years(origin, [one.day for one in known]), np.array([one.users for one in known])
    later, found = _count_years(origin, days), dict[str, Floats]()
    for name, (curve, guess, bounds) in CURVES.items():

        def fitted(t: Floats, one: float, other: float, of: Any = curve) -> Floats:
            logarithm: Floats = np.log(np.maximum(most * of(t + 1 / 12, one, other), 1e-9))
            return logarithm

        try:
            best, _ = curve_fit(fitted, at, np.log(users), p0=guess, bounds=bounds, max_nfev=5000)
        except RuntimeError:
            continue
        found[name] = np.exp(fitted(later, *best))
    return found


def _count_years(origin: date, days: Sequence[date]) -> Floats:
    return np.array([(day - origin).days for day in days]) / DAYS_PER_YEAR
