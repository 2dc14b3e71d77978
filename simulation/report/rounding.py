"""The one rounding of a figure, the same in boxes, tables, terminal and pages: to what its own standard error tells.

A gap is the difference of the numbers that are shown, so that whoever subtracts them gets it.
"""

from collections.abc import Mapping
from typing import Any

from simulation.forecast.precision import round_to_precision

QUANTILES = ("p10", "p50", "p90")


def round_year_end(row: Mapping[str, Any]) -> dict[str, float | None]:
    """Quantiles and `gap` to the plan of a row of the table of users."""
    shown: dict[str, float | None] = {name: round_to_precision(row[name], row[f"{name}_se"]) for name in QUANTILES}
    return shown | {"gap": round_gap(row["p50"], row["p50_se"], row["plan"])}


def round_gap(value: float, error: float | None, plan: float | None) -> float | None:
    return None if plan is None else round_to_precision(value, error) - plan


def round_deadline(deadline: Mapping[str, Any]) -> dict[str, float]:
    """Users to their precision; authorities are few enough to be counted."""
    counted = not deadline["measure"].startswith("seats")
    names = ("expected", "p10", "p90")
    errors = {
        name: deadline.get(f"{name}_se", deadline.get("error")) for name in names
    }  # one in all in earlier releases
    return {name: round_to_precision(deadline[name], None if counted else errors[name]) for name in names}
