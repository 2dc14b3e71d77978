"""From replications to the rows of `simulation.forecast.tables`: means and quantiles over replications, days as dates.

Every quantile is the smallest value that occurred with at least that share of the replications at or below it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.forecast.replication import Replication, get_month_end_days, list_departments, sum_by_department
from simulation.forecast.tables import PHASES, PRODUCTS, TABLES, Table
from simulation.rollout.adoption import count_planned_users
from simulation.rollout.demand import MonthWork
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.programme import Scenario

Row = dict[str, Any]
TYPES: dict[str, type[pl.DataType]] = {
    "date": pl.Date, "text": pl.String, "integer": pl.Int64, "number": pl.Float64,
}  # fmt: skip


class Source(NamedTuple):
    scenario: Scenario
    calendar: Calendar
    replications: Sequence[Replication]

    def stack(self, name: str) -> NDArray[np.float64]:
        return np.stack([getattr(r, name) for r in self.replications]).astype(float)

    def date(self, day: float) -> date | None:
        """A day number as a date; None beyond the horizon."""
        return self.calendar.start + timedelta(int(day)) if np.isfinite(day) else None


def build_tables(scenario: Scenario, replications: Sequence[Replication]) -> dict[str, pl.DataFrame]:
    calendar = Calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)
    source = Source(scenario, calendar, replications)
    return {table.name: build_frame(table, ROWS[table.name](source)) for table in TABLES}


def build_frame(table: Table, rows: Sequence[Row]) -> pl.DataFrame:
    """The rows as a frame with the declared columns, rounded; raises `ValueError` where a row has other columns."""
    names = {column.name for column in table.columns}
    for row in rows:
        if row.keys() != names:
            raise ValueError(
                f"columns declared or computed, but not both, in {table.name}: {sorted(row.keys() ^ names)}"
            )
    for column in table.columns:
        if column.kind == "number":
            for row in rows:
                value = row[column.name]
                row[column.name] = None if value is None else round(value, column.digits)
    return pl.DataFrame(rows, schema={column.name: TYPES[column.kind] for column in table.columns})


def get_quantiles(values: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    """Empirical quantiles over the first axis (smallest value with at least that share at or below), `inf` allowed."""
    result: NDArray[np.float64] = np.quantile(values, shares, axis=0, method="inverted_cdf")
    return result


def summarise_measure(values: NDArray[np.float64], name: str) -> Row:
    """Mean, 10 % and 90 % quantile of one measure over replications; None where no replication had it."""
    present = values[np.isfinite(values)]
    if not len(present):
        return {name: None, f"{name}_p10": None, f"{name}_p90": None}
    low, high = get_quantiles(present, (0.1, 0.9))
    return {name: float(present.mean()), f"{name}_p10": float(low), f"{name}_p90": float(high)}


def _summarise_measures(values: NDArray[np.float64], names: Sequence[str]) -> Row:
    """`summarise_measure` of each of the measures, `values` of shape (replications, measures)."""
    return {key: value for n, name in enumerate(names) for key, value in summarise_measure(values[:, n], name).items()}


def _users(source: Source) -> list[Row]:
    values = source.stack("users")
    mean, bands = values.mean(axis=0), get_quantiles(values, (0.05, 0.1, 0.5, 0.9, 0.95))
    plan = {(p, date(row.year, 12, 31)): getattr(row, p).value for row in source.scenario.spec.plan for p in PRODUCTS}
    return [
        {
            "date": day,
            "product": product,
            "plan": plan.get((product, day)),
            "mean": mean[n, month],
            **{band: bands[b, n, month] for b, band in enumerate(("p05", "p10", "p50", "p90", "p95"))},
        }
        for n, product in enumerate(PRODUCTS)
        for month, day in enumerate(source.calendar.list_month_ends())
    ]


def _date_columns(source: Source, name: str, plan: date, bands: NDArray[np.float64]) -> Row:
    """A planned day and its 10, 50 and 90 % quantiles, `bands` of shape (3,) in day numbers."""
    return {f"{name}_plan": plan} | {
        f"{name}_{band}": source.date(day) for band, day in zip(("p10", "p50", "p90"), bands, strict=True)
    }


def _authorities(source: Source) -> list[Row]:
    bands = get_quantiles(source.stack("go_live"), (0.1, 0.5, 0.9))
    same = ("id", "name", "kind", "department", "project", "users_e_akte", "users_e_laufmappe")
    return [
        {name: getattr(a, name) for name in same} | _date_columns(source, "go_live", a.go_live, bands[:, n])
        for n, a in enumerate(source.scenario.authorities)
    ]


def _projects(source: Source) -> list[Row]:
    bands = get_quantiles(source.stack("phases"), (0.1, 0.5, 0.9))
    critical = source.stack("critical").mean(axis=0)
    edges = [f"{phase}_{edge}" for phase in PHASES for edge in ("start", "end")]
    rows: list[Row] = []
    for n, project in enumerate(source.scenario.projects):
        members = [a for a in source.scenario.authorities if a.project == project.id]
        row: Row = {"id": project.id, "name": project.name, "authorities": len(members)}
        for e, edge in enumerate(edges):
            row |= _date_columns(source, edge, getattr(project, edge), bands[:, n, e])
        late = (row["introduction_end_p50"] or source.scenario.spec.horizon.end) - project.introduction_end
        row["delay_p50_days"] = max(late.days, 0)
        row["critical_share"] = critical[n]
        row["users"] = sum(a.users_e_laufmappe for a in members)
        rows.append(row)
    return rows


def _scan_centres(source: Source) -> list[Row]:
    values = source.stack("scan")
    rows = []
    for c, centre in enumerate(source.scenario.spec.scan.centres):
        for month, day in enumerate(source.calendar.list_month_ends()):
            if day >= centre.opens.value:
                measures = _summarise_measures(values[:, c, month], MonthFigures._fields)
                rows.append({"month": f"{day:%Y-%m}", "centre": centre.id, **measures})
    return rows


def _workload(source: Source) -> list[Row]:
    values = source.stack("work")
    return [
        {"month": f"{day:%Y-%m}", **_summarise_measures(values[:, :, month], MonthWork._fields)}
        for month, day in enumerate(source.calendar.list_month_ends())
    ]


def _departments(source: Source) -> list[Row]:
    scenario, calendar = source.scenario, source.calendar
    middle = get_quantiles(source.stack("departments"), (0.5,))[0]
    plan = sum_by_department(scenario, count_planned_users(scenario, calendar, get_month_end_days(calendar))[1])
    return [
        {"date": day, "department": name, "plan": float(plan[d, month]), "p50": middle[d, month]}
        for d, name in enumerate(list_departments(scenario))
        for month, day in enumerate(calendar.list_month_ends())
    ]


ROWS: Mapping[str, Callable[[Source], list[Row]]] = {
    "users": _users,
    "authorities": _authorities,
    "projects": _projects,
    "scan_centres": _scan_centres,
    "workload": _workload,
    "departments": _departments,
}
