"""Tables of a forecast per year, as report and terminal show them."""

from typing import Any

import polars as pl

from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import SCAN_CENTRES, WORKLOAD, Column, Table
from simulation.report.rounding import round_year_end

Row = dict[str, Any]
LEAST_BUSY = 0.3
"""In a year in which nothing is used more than this there is no bottleneck."""


def get_year_ends(forecast: Forecast, since: int) -> list[Row]:
    """Each year end from `since` on: `year`, `known` (whether up to `as_of`), and by product the row of users.

    To the row come its figures rounded, `shown`, with the `gap` of median and plan, None where there is no plan.
    """
    ends = forecast["users"].filter((pl.col("date").dt.month() == 12) & (pl.col("date").dt.year() >= since))
    years: dict[Any, Row] = {}
    for row in ends.sort("date").iter_rows(named=True):
        day = row["date"]
        year = years.setdefault(day, {"year": day.year, "known": day.isoformat() <= forecast.summary["as_of"]})
        year[row["product"]] = row | {"shown": round_year_end(row)}
    return list(years.values())


def find_bottlenecks(forecast: Forecast) -> list[Row]:
    """For each year not over on `as_of` with work left: the mean of the monthly median utilisation of every capacity,
    and which is the highest (`scarcest`).
    """
    frame = forecast["capacities"].with_columns(year=pl.col("month").str.head(4))
    means = frame.group_by("year", "capacity", maintain_order=True).agg(pl.col("utilisation_p50").mean())
    years: dict[str, Row] = {}
    for row in means.filter(pl.col("year") >= forecast.summary["as_of"][:4]).iter_rows(named=True):
        if row["utilisation_p50"] is not None:
            years.setdefault(row["year"], {"year": row["year"]})[row["capacity"]] = row["utilisation_p50"]
    busy = [year for year in years.values() if max(v for k, v in year.items() if k != "year") >= LEAST_BUSY]
    return [year | {"scarcest": max((k for k in year if k != "year"), key=lambda k: year[k])} for year in busy]


def get_latest_projects(forecast: Forecast, count: int) -> list[Row]:
    """The projects with the largest delay in the median, the larger ones first where delays are equal."""
    return forecast["projects"].sort("delay_p50_days", "users", descending=True).head(count).to_dicts()


def sum_up_centres(forecast: Forecast) -> dict[str, list[Row]]:
    """Measures of each scan centre per year, without the months in which nothing came and nothing waited."""
    busy = (pl.col("items_in") > 0) | (pl.col("backlog_end") > 0)
    frame = _sum_up_years(forecast["scan_centres"].filter(busy), SCAN_CENTRES, "centre")
    return {centre: frame.filter(pl.col("centre") == centre).to_dicts() for centre in forecast.summary["centres"]}


def sum_up_workload(forecast: Forecast) -> list[Row]:
    """Totals of each year; `until` is the last month of one of which there is only a part, else None."""
    last: str = forecast["workload"]["month"].max()  # type: ignore[assignment]
    part = last if not last.endswith("-12") else ""
    return [
        {**row, "until": part if row["year"] == part[:4] else None}
        for row in _sum_up_years(forecast["workload"], WORKLOAD).to_dicts()
    ]


def _sum_up_years(frame: pl.DataFrame, table: Table, *keys: str) -> pl.DataFrame:
    years = frame.with_columns(year=pl.col("month").str.head(4))
    return years.group_by(*keys, "year", maintain_order=True).agg(*map(_over_year, table.measures))


def _over_year(column: Column) -> pl.Expr:
    values = pl.col(column.name)
    if column.over_year == "sum":
        return pl.when(values.is_not_null().any()).then(values.sum()).alias(column.name)
    if column.over_year == "max":
        return values.max()
    weight = pl.col(column.weight)
    mean = (values * weight).sum() / weight.sum()
    return pl.when(weight.sum() > 0).then(mean).alias(column.name)  # None where there was nothing to measure
