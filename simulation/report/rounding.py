"""The one rounding of a figure, the same in boxes, tables, terminal and pages: to what its own standard error tells, or
where none is known to three digits.

A gap is the difference of the numbers that are shown, so that whoever subtracts them gets it.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from simulation.forecast.precision import round_to_precision
from simulation.forecast.tables import Column
from simulation.scenario.units import AUTHORITIES, WORKING_HOURS

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


class Rounded(NamedTuple):
    value: float | None
    decimals: int = 0


def round_digits(value: float | None, count: int = 3, decimals: int = 0) -> Rounded:
    """To so many digits that mean something, and at most so many decimal ones."""
    if value is None or value == 0:
        return Rounded(value)
    place = min(count - 1 - math.floor(math.log10(abs(value))), decimals)
    return Rounded(round(value, place), max(place, 0))


def round_measure(column: Column, value: float | None) -> Rounded:
    """A measure of a month or a year, whose error is not known."""
    return round_digits(value, 2, 1) if column.unit is WORKING_HOURS else round_digits(value)


def round_cell(column: Column, row: Mapping[str, Any]) -> Rounded:
    """A number of a row of a table: what is counted stays as it is, what comes from runs has its error beside it."""
    value = row[column.name]
    if value is None or column.kind == "integer" or column.unit is AUTHORITIES:
        return Rounded(value)
    if f"{column.name}_se" in row:
        return Rounded(round_figure(value, row[f"{column.name}_se"], row.get("plan")))
    return round_measure(column, value)


def round_deadline(deadline: Mapping[str, Any]) -> dict[str, float]:
    """Users to their precision; authorities are few enough to be counted."""
    counted = not deadline["measure"].startswith("seats")
    shared = deadline.get("error")  # one for all in runs of earlier releases
    return {
        name: round_figure(deadline[name], None if counted else deadline.get(f"{name}_se", shared), deadline["target"])
        for name in ("expected", "p10", "p90")
    }
