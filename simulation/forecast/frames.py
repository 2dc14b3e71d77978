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
from simulation.forecast.precision import estimate_mean_error, estimate_quantile_errors, get_quantiles
from simulation.forecast.replication import (
    MovesRun,
    RolloutRun,
    ScanRun,
    get_month_end_days,
    list_departments,
    sum_by_department,
)
from simulation.forecast.simulated_rollout import get_long_calendar
from simulation.forecast.tables import BANDS, PHASES, PRODUCTS, TABLES, Table
from simulation.rollout.adoption import count_planned_users
from simulation.rollout.demand import MonthWork
from simulation.rollout.outcome import POOLS
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.programme import Scenario
from simulation.validation.baselines import project_naively

Floats = NDArray[np.float64]
Row = dict[str, Any]
DAYS_PER_WORKING_DAY = 7 / 5
STORAGE = MonthWork._fields.index("storage_gb")
PUNCTUAL = 0.95
"""Share of items within the target below which a month of a scan centre counts as overloaded."""
TYPES: dict[str, type[pl.DataType]] = {
    "date": pl.Date, "text": pl.String, "integer": pl.Int64, "number": pl.Float64,
}  # fmt: skip


class Source(NamedTuple):
    """Replications in the order of their numbers; `months`: how many months of the long calendar are shown."""

    scenario: Scenario
    rollouts: Sequence[RolloutRun]
    scans: Sequence[ScanRun]
    moves: Sequence[MovesRun]
    calendar: Calendar
    months: int

    def stack(self, name: str) -> Floats:
        return np.stack([getattr(run, name) for run in self.rollouts])

    def list_months(self) -> list[date]:
        return self.calendar.list_month_ends()[: self.months]

    def date(self, day: float) -> date | None:
        """A day number as a date; None for what lies beyond all that is followed."""
        return self.calendar.start + timedelta(int(day)) if np.isfinite(day) else None


def build_tables(
    scenario: Scenario, rollouts: Sequence[RolloutRun], scans: Sequence[ScanRun], moves: Sequence[MovesRun]
) -> dict[str, pl.DataFrame]:
    source = _make_source(scenario, rollouts, scans, moves)
    return {table.name: build_frame(table, ROWS[table.name](source)) for table in TABLES}


def build_users(scenario: Scenario, rollouts: Sequence[RolloutRun]) -> list[Row]:
    """The rows of the table of users alone, for whoever cannot wait for the others."""
    return _users(_make_source(scenario, rollouts, (), ()))


def _make_source(
    scenario: Scenario, rollouts: Sequence[RolloutRun], scans: Sequence[ScanRun], moves: Sequence[MovesRun]
) -> Source:
    calendar = get_long_calendar(scenario.spec)
    return Source(scenario, rollouts, scans, moves, calendar, count_shown_months(scenario, rollouts))


def count_shown_months(scenario: Scenario, rollouts: Sequence[RolloutRun]) -> int:
    """The months of the horizon, and more until 95 % of the runs have all authorities live."""
    ends = get_long_calendar(scenario.spec).list_month_ends()
    horizon = sum(day <= scenario.spec.horizon.end for day in ends)
    live = get_quantiles(np.stack([run.live for run in rollouts]), (0.05,))[0]
    late = np.flatnonzero(live >= len(scenario.authorities))
    return max(horizon, int(late[0]) + 1 if len(late) else len(ends))


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


def summarise_measure(values: Floats, name: str) -> Row:
    """Mean, 10, 50 and 90 % quantile of one measure over replications; None where no replication had it."""
    present = values[np.isfinite(values)]
    if not len(present):
        return dict.fromkeys((name, f"{name}_p10", f"{name}_p50", f"{name}_p90"))
    low, middle, high = get_quantiles(present, (0.1, 0.5, 0.9))
    bands = {f"{name}_p10": float(low), f"{name}_p50": float(middle), f"{name}_p90": float(high)}
    return {name: float(present.mean()), **bands}


def _summarise_measures(values: Floats, names: Sequence[str]) -> Row:
    """`summarise_measure` of each of the measures, `values` of shape (replications, measures)."""
    return {key: value for n, name in enumerate(names) for key, value in summarise_measure(values[:, n], name).items()}


def summarise_count(values: Floats, prefix: str = "", *, errors: bool) -> list[Row]:
    """Mean and quantiles over replications, with standard errors where asked for, for every month.

    `values`: shape (replications, months).
    """
    shares = [percent / 100 for percent in BANDS]
    names = [f"{prefix}{name}" for name in ("mean", *(f"p{percent:02}" for percent in BANDS))]
    ordered = np.sort(values, axis=0)
    rows = [np.concatenate([values.mean(axis=0)[None], get_quantiles(ordered, shares)])]
    if errors:
        rows.append(np.concatenate([estimate_mean_error(values)[None], estimate_quantile_errors(ordered, shares)]))
        names += [f"{name}_se" for name in names]
    table = np.concatenate(rows)
    return [{name: _finite(value) for name, value in zip(names, month, strict=True)} for month in table.T]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _users(source: Source) -> list[Row]:
    plan = {(p, date(row.year, 12, 31)): getattr(row, p).value for row in source.scenario.spec.plan for p in PRODUCTS}
    users, active = source.stack("users"), source.stack("active")
    return [
        {"date": day, "product": product, "plan": plan.get((product, day)), **counted, **working}
        for n, product in enumerate(PRODUCTS)
        for day, counted, working in zip(
            source.list_months(),
            summarise_count(users[:, n, : source.months], errors=True),
            summarise_count(active[:, n, : source.months], "active_", errors=False),
            strict=True,
        )
    ]


def _authorities_live(source: Source) -> list[Row]:
    counted = summarise_count(source.stack("live")[:, : source.months], errors=True)
    return [
        {"date": day, "plan": sum(a.go_live <= day for a in source.scenario.authorities), **row}
        for day, row in zip(source.list_months(), counted, strict=True)
    ]


def _date_columns(source: Source, name: str, plan: date, bands: Floats) -> Row:
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
    moves = get_quantiles(np.stack([run.moves for run in source.moves]), (0.5, 0.9))
    slack = get_quantiles(source.stack("slack"), (0.5,))[0] * DAYS_PER_WORKING_DAY
    edges = [f"{phase}_{edge}" for phase in PHASES for edge in ("start", "end")]
    rows: list[Row] = []
    for n, project in enumerate(source.scenario.projects):
        members = [a for a in source.scenario.authorities if a.project == project.id]
        row: Row = {"id": project.id, "name": project.name, "name_en": project.name_en, "authorities": len(members)}
        for e, edge in enumerate(edges):
            row |= _date_columns(source, edge, getattr(project, edge), bands[:, n, e])
        late = (row["introduction_end_p50"] or source.scenario.spec.horizon.end) - project.introduction_end
        row["delay_p50_days"] = max(late.days, 0)
        row["end_moves_days_p50"], row["end_moves_days_p90"] = (int(days) for days in moves[:, n])
        row["slack_days_p50"] = round(slack[n]) if np.isfinite(slack[n]) else None
        row["users"] = sum(a.users_e_laufmappe for a in members)
        rows.append(row)
    return rows


def _capacities(source: Source) -> list[Row]:
    use, there = source.stack("use"), source.stack("capacity")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.minimum(use / there, 1.0)
    return [
        {
            "month": f"{day:%Y-%m}", "capacity": name,
            **summarise_measure(use[:, n, month], "in_use"), **summarise_measure(there[:, n, month], "available"),
            **summarise_measure(share[:, n, month], "utilisation"),
        }
        for n, name in enumerate(POOLS)
        for month, day in enumerate(source.list_months())
    ]  # fmt: skip


def _scan_centres(source: Source) -> list[Row]:
    if not source.scans:
        return []
    values = np.stack([run.figures for run in source.scans])
    within = values[:, :, :, MonthFigures._fields.index("within_target")]
    rows = []
    for c, centre in enumerate(source.scenario.spec.scan.centres):
        for month, day in enumerate(source.list_months()[: values.shape[2]]):
            if day >= centre.opens.value:
                measures = _summarise_measures(values[:, c, month], MonthFigures._fields)
                measures["overload_share"] = _share_below(within[:, c, month], PUNCTUAL)
                rows.append({"month": f"{day:%Y-%m}", "centre": centre.id, **measures})
    return rows


def _share_below(values: Floats, limit: float) -> float | None:
    """Share of the runs with a figure that lie below the limit; None where none has one."""
    present = values[np.isfinite(values)]
    return float((present < limit).mean()) if len(present) else None


def _workload(source: Source) -> list[Row]:
    """Storage comes from the runs with scan centres, and is not known beyond their horizon."""
    work = source.stack("work")
    storage = np.full((max(len(source.scans), 1), work.shape[2]), np.nan)
    for row, (rollout, scan) in zip(storage, zip(source.rollouts, source.scans, strict=False), strict=False):
        row[: len(scan.storage_gb)] = rollout.work[STORAGE][: len(scan.storage_gb)] + scan.storage_gb
    rows: list[Row] = []
    for month, day in enumerate(source.list_months()):
        measures = _summarise_measures(work[:, :STORAGE, month], MonthWork._fields[:STORAGE])
        measures |= summarise_measure(storage[:, month], MonthWork._fields[STORAGE])
        rows.append({"month": f"{day:%Y-%m}", **measures})
    return rows


def _departments(source: Source) -> list[Row]:
    scenario, calendar = source.scenario, source.calendar
    middle = get_quantiles(source.stack("departments"), (0.5,))[0]
    ends = get_month_end_days(calendar)[: source.months]
    plan = sum_by_department(scenario, count_planned_users(scenario, calendar, ends)[1])
    return [
        {"date": day, "department": name, "plan": float(plan[d, month]), "p50": middle[d, month]}
        for d, name in enumerate(list_departments(scenario))
        for month, day in enumerate(source.list_months())
    ]


def _baselines(source: Source) -> list[Row]:
    days = source.list_months()
    return [
        {"date": day, "baseline": name, "users": float(users)}
        for name, values in project_naively(source.scenario.spec, days).items()
        for day, users in zip(days, values, strict=True)
    ]


ROWS: Mapping[str, Callable[[Source], list[Row]]] = {
    "users": _users,
    "authorities_live": _authorities_live,
    "authorities": _authorities,
    "projects": _projects,
    "capacities": _capacities,
    "scan_centres": _scan_centres,
    "workload": _workload,
    "departments": _departments,
    "baselines": _baselines,
}
