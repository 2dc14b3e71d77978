"""From replications to tables: quantiles over replications, dates for people, the columns of the contract."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulation.calendar import WorkingDays
from simulation.forecast.replication import Replication, by_department, department_names, month_end_days
from simulation.rollout.adoption import planned_users
from simulation.scan_line.centre import FIGURES
from simulation.scenario.programme import Scenario

PRODUCTS = ("e_akte", "e_laufmappe")
PHASES = ("preparation", "introduction", "operation")
WORK = ("records_created", "routing_slips_sent", "training_seats", "storage_gb")
BANDS = ("p05", "p10", "p50", "p90", "p95")


def gather(scenario: Scenario, found: Sequence[Replication]) -> dict[str, pl.DataFrame]:
    """All tables by name."""
    calendar = WorkingDays(scenario.spec.horizon.start, scenario.spec.horizon.end)
    return {
        "users": _users(scenario, calendar, found),
        "authorities": _authorities(scenario, calendar, found),
        "projects": _projects(scenario, calendar, found),
        "scan_centres": _scan_centres(scenario, calendar, found),
        "workload": _workload(calendar, found),
        "departments": _departments(scenario, calendar, found),
    }


def over(found: Sequence[Replication], name: str) -> NDArray[np.float64]:
    """One result of all replications, stacked in order along the first axis."""
    return np.stack([getattr(r, name) for r in found]).astype(float)


def quantiles(values: NDArray[np.float64], shares: Sequence[float]) -> NDArray[np.float64]:
    """Empirical quantiles over the first axis (smallest value with at least that share at or below), `inf` allowed."""
    result: NDArray[np.float64] = np.quantile(values, shares, axis=0, method="inverted_cdf")
    return result


def _users(scenario: Scenario, calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    values = over(found, "users")
    mean, bands = values.mean(axis=0), quantiles(values, (0.05, 0.1, 0.5, 0.9, 0.95))
    ends = calendar.month_ends()
    plan = {(p, date(row.year, 12, 31)): getattr(row, p).value for row in scenario.spec.plan for p in PRODUCTS}
    return pl.DataFrame(
        [
            {
                "date": day,
                "product": product,
                "plan": plan.get((product, day)),
                "mean": round(mean[n, month], 1),
                **{band: round(bands[b, n, month], 1) for b, band in enumerate(BANDS)},
            }
            for n, product in enumerate(PRODUCTS)
            for month, day in enumerate(ends)
        ],
        schema_overrides={"plan": pl.Int64},
        infer_schema_length=None,
    )


def day_as_date(calendar: WorkingDays, day: float) -> date | None:
    """A day number as a date; None beyond the horizon."""
    return calendar.start + timedelta(int(day)) if np.isfinite(day) else None


def _authorities(scenario: Scenario, calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    bands = quantiles(over(found, "go_live"), (0.1, 0.5, 0.9))
    rows = [
        {
            **{name: getattr(a, name) for name in ("id", "name", "kind", "department", "project")},
            "users_e_akte": a.users_e_akte,
            "users_e_laufmappe": a.users_e_laufmappe,
            "go_live_plan": a.go_live,
            **{f"go_live_{p}": day_as_date(calendar, bands[b, n]) for b, p in enumerate(("p10", "p50", "p90"))},
        }
        for n, a in enumerate(scenario.authorities)
    ]
    dates = {f"go_live_{p}": pl.Date for p in ("plan", "p10", "p50", "p90")}
    return pl.DataFrame(rows, schema_overrides=dates, infer_schema_length=None)


def _projects(scenario: Scenario, calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    bands = quantiles(over(found, "phases"), (0.1, 0.5, 0.9))
    critical = over(found, "critical").mean(axis=0)
    edges = [f"{phase}_{edge}" for phase in PHASES for edge in ("start", "end")]
    rows: list[dict[str, Any]] = []
    for n, project in enumerate(scenario.projects):
        members = [a for a in scenario.authorities if a.project == project.id]
        row: dict[str, Any] = {"id": project.id, "name": project.name, "authorities": len(members)}
        for e, edge in enumerate(edges):
            row[f"{edge}_plan"] = getattr(project, edge)
            for b, band in enumerate(("p10", "p50", "p90")):
                row[f"{edge}_{band}"] = day_as_date(calendar, bands[b, n, e])
        late = (row["introduction_end_p50"] or scenario.spec.horizon.end) - project.introduction_end
        row["delay_p50_days"] = max(late.days, 0)
        row["critical_share"] = round(critical[n], 4)
        row["users"] = sum(a.users_e_laufmappe for a in members)
        rows.append(row)
    dates = {f"{edge}_{x}": pl.Date for edge in edges for x in ("plan", "p10", "p50", "p90")}
    return pl.DataFrame(rows, schema_overrides=dates, infer_schema_length=None)


def _mean_and_bands(values: NDArray[np.float64], name: str, digits: int) -> dict[str, float | None]:
    """Mean, 10 % and 90 % quantile of one figure over replications; None where no replication had it."""
    there = values[np.isfinite(values)]
    if not len(there):
        return {name: None, f"{name}_p10": None, f"{name}_p90": None}
    low, high = quantiles(there, (0.1, 0.9))
    return {
        name: round(float(there.mean()), digits),
        f"{name}_p10": round(float(low), digits),
        f"{name}_p90": round(float(high), digits),
    }


def _scan_centres(scenario: Scenario, calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    values = over(found, "scan")
    rows = []
    for c, centre in enumerate(scenario.spec.scan.centres):
        for month, day in enumerate(calendar.month_ends()):
            if day < centre.opens.value:
                continue
            row: dict[str, Any] = {"month": f"{day:%Y-%m}", "centre": centre.id}
            for f, figure in enumerate(FIGURES):
                row |= _mean_and_bands(values[:, c, month, f], figure, 4 if "ut" in figure or "within" in figure else 1)
            rows.append(row)
    figures = [f"{f}{suffix}" for f in FIGURES for suffix in ("", "_p10", "_p90")]
    schema = {"month": pl.String, "centre": pl.String, **dict.fromkeys(figures, pl.Float64)}
    return pl.DataFrame(rows, schema=schema)


def _workload(calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    values = over(found, "work")
    rows = []
    for month, day in enumerate(calendar.month_ends()):
        row: dict[str, Any] = {"month": f"{day:%Y-%m}"}
        for n, name in enumerate(WORK):
            row |= _mean_and_bands(values[:, n, month], name, 1)
        rows.append(row)
    return pl.DataFrame(rows)


def _departments(scenario: Scenario, calendar: WorkingDays, found: Sequence[Replication]) -> pl.DataFrame:
    middle = quantiles(over(found, "departments"), (0.5,))[0]
    plan = by_department(scenario, planned_users(scenario, calendar, month_end_days(calendar))[1])
    return pl.DataFrame(
        [
            {"date": day, "department": name, "plan": float(plan[d, month]), "p50": round(middle[d, month], 1)}
            for d, name in enumerate(department_names(scenario))
            for month, day in enumerate(calendar.month_ends())
        ]
    )
