"""Coverage in a self-test: each draw in turn is taken for the truth, its past for what is known, and its future is
forecast from the other draws that agree with that past. Bands are honest if as many truths lie in them as they say.

The method is simulation-based calibration (Talts et al. 2018) for the quantiles that are shown.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from simulation.rollout.conditioning import Known
from simulation.validation.past_runs import PastRuns, find_alike

LEAST_ALIKE = 9
"""A truth with fewer others like it says nothing of quantiles."""
LOW, HIGH = 0.1, 0.9


def measure_coverage(runs: PastRuns, known: Sequence[Known], ends: Sequence[date]) -> list[dict[str, Any]]:
    """For each planned year end: of how many truths how large a share lies in the 80 % band, and its standard error."""
    past, future = runs.prior[:, : len(known)], runs.prior[:, len(known) :]
    places = []
    for truth in range(len(past)):
        alike = find_alike(past, truth, known)
        if len(alike) >= LEAST_ALIKE:
            others, own = future[alike], future[truth]
            below = (others < own).sum(axis=0) + (others == own).sum(axis=0) / 2
            places.append((below + 0.5) / (len(alike) + 1))
    if not places:
        return []
    inside = ((np.array(places) >= LOW) & (np.array(places) <= HIGH)).mean(axis=0)
    return [
        {
            "date": day.isoformat(), "truths": len(places), "claimed": HIGH - LOW, "covered": round(float(share), 4),
            "error": round(float(np.sqrt(0.8 * 0.2 / len(places))), 4),
        }
        for day, share in zip(ends, inside, strict=True)
    ]  # fmt: skip
