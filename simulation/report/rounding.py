"""The one rounding of a figure, the same in boxes, tables, terminal and pages: to what its own standard error tells.

A gap is the difference of the numbers that are shown, so that whoever subtracts them gets it.
"""

from collections.abc import Mapping
from typing import Any

from simulation.forecast.precision import round_to_precision

QUANTILES = ("p10", "p50", "p90")


def round_year_end(row: Mapping[str, Any]) -> dict[str, float | None]:
    """Quantiles and `gap` to the plan of a row of the table of users."""
    shown: dict[str, float | None] = {
        name: round_figure(row[name], row[f"{name}_se"], row["plan"]) for name in QUANTILES
    }  # fmt: skip
    return shown | {"gap": round_gap(row["p50"], row["p50_se"], row["plan"])}


def round_figure(value: float, error: float | None, plan: float | None) -> float:
    """To its precision, but not past the plan: what reaches no more than the plan must not seem to reach more."""
    rounded = round_to_precision(value, error)
    passes = plan is not None and min(value, rounded) <= plan <= max(value, rounded)
    return float(plan) if passes and plan is not None else rounded


def round_gap(value: float, error: float | None, plan: float | None) -> float | None:
    return None if plan is None else round_figure(value, error, plan) - plan


def round_deadline(deadline: Mapping[str, Any]) -> dict[str, float]:
    """Users to their precision; authorities are few enough to be counted."""
    counted = not deadline["measure"].startswith("seats")
    shared = deadline.get("error")  # one for all in runs of earlier releases
    return {
        name: round_figure(deadline[name], None if counted else deadline.get(f"{name}_se", shared), deadline["target"])
        for name in ("expected", "p10", "p90")
    }
