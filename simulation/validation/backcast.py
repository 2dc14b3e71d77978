"""The back-cast: every figure of the time up to the reference date beside what the model says of it, before and after
its uncertain figures were conditioned on what is known; and what conditioning did to them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.rollout.conditioning import count_known_work, list_known_counts
from simulation.rollout.model import Model
from simulation.rollout.risks import name_cause
from simulation.scenario.figures import Replacer
from simulation.validation.past_runs import PastRuns

Floats = NDArray[np.float64]
SHARES = (0.1, 0.5, 0.9)
MOST_SHIFTS = 8
LEAST_SHIFT = 0.25
"""In standard deviations of the prior: smaller shifts are not told from chance with so many draws."""


def compare_with_past(model: Model, runs: PastRuns, work: Sequence[int]) -> list[dict[str, Any]]:
    """One row per known figure: `known` value or range, source, and quantiles of the prior and of what was kept.

    `work`: the numbers of the draws that agree with the known work.
    """
    spec = model.scenario.spec
    known = list_known_counts(spec)
    sources = {c.day: c.users.source for c in spec.checkpoints}
    rows = [
        _make_row("users", one.day.isoformat(), one.users, one.users, sources.get(one.day) or _source(spec, one.day),
                  runs.prior[:, n], runs.kept[:, n])
        for n, one in enumerate(known)
    ]  # fmt: skip
    replacer = Replacer(spec, [path for path in model.figures.paths if path.startswith("work.")])
    for one in spec.known_work:
        prior, kept = (
            np.array([count_known_work(model, replacer.replace(model.figures.draw(n)), one) for n in numbers])
            for numbers in (range(len(runs.prior)), work)
        )
        rows.append(_make_row(one.measure, one.day.isoformat(), one.at_least.value, one.at_most.value,
                              one.at_least.source, prior, kept))  # fmt: skip
    return rows


def _source(spec: Any, day: Any) -> str:
    return str(next(row.e_laufmappe.source for row in spec.plan if row.year == day.year))


def _make_row(
    measure: str, day: str, low: float, high: float, source: str, prior: Floats, kept: Floats
) -> dict[str, Any]:
    row: dict[str, Any] = {"measure": measure, "date": day, "known_low": low, "known_high": high, "source": source}
    for name, values in (("prior", prior), ("kept", kept)):
        found = np.quantile(values, SHARES, method="inverted_cdf") if len(values) else [None] * 3
        row |= {f"{name}_p{share:.0%}".rstrip("%"): _plain(v) for share, v in zip(SHARES, found, strict=True)}
    return row


def _plain(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)


def describe_shifts(model: Model, kept: Sequence[int]) -> list[dict[str, Any]]:
    """The figures that conditioning moved most: mean of the prior and of the kept draws, and the shift in standard
    deviations of the prior. Figures that share their draw are named once.
    """
    figures = model.figures
    prior = np.array([list(figures.draw(n).values()) for n in range(1000)])
    chosen = np.array([list(figures.draw(n).values()) for n in kept])
    shift = (chosen.mean(axis=0) - prior.mean(axis=0)) / np.maximum(prior.std(axis=0), 1e-12)
    rows: dict[str, dict[str, Any]] = {}
    for n in np.argsort(-np.abs(shift)):
        path = figures.paths[n]
        if path.startswith(("rollout.", "risks.")) and abs(shift[n]) >= LEAST_SHIFT:
            rows.setdefault(name_cause(path), {
                "name": path, "prior_mean": float(prior[:, n].mean()), "kept_mean": float(chosen[:, n].mean()),
                "shift": round(float(shift[n]), 2),
            })  # fmt: skip
    return list(rows.values())[:MOST_SHIFTS]
