"""What a finished run has left, as the pages show it: its forecast read again, and rows chosen, searched and sorted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.server.jobs import tables
from simulation.charts.charts import CHARTS, Chart
from simulation.charts.source_line import count_runs
from simulation.forecast.tables import TABLES, WRITTEN, Column, Table
from simulation.scenario.units import SHARE
from workflow.text import Text

if TYPE_CHECKING:
    from simulation.forecast.forecast import Forecast

BY_NAME = {table.name: table for table in TABLES if table.written}
SHOWN: Mapping[str, tuple[str, ...]] = {
    "users": ("date", "product", "plan", "p10", "p50", "p90", "active_p50"),
    "authorities_live": ("date", "plan", "p10", "p50", "p90"),
    "authorities": ("name", "kind", "department", "users_e_akte", "users_e_laufmappe", "go_live_plan", "go_live_p10",
                    "go_live_p50", "go_live_p90"),
    "projects": ("name", "authorities", "users", "preparation_start_p50", "introduction_start_p50",
                 "introduction_end_plan", "introduction_end_p10", "introduction_end_p50", "introduction_end_p90",
                 "delay_p50_days", "slack_days_p50"),
    "capacities": ("month", "capacity", "available", "in_use", "utilisation", "utilisation_p90"),
    "scan_centres": ("month", "centre", "items_in", "items_out", "backlog_end", "backlog_end_p90",
                     "utilisation_prepare", "utilisation_scan", "utilisation_check", "turnaround_p95_hours",
                     "within_target", "boxes_stored"),
    "workload": ("month", "records_created", "routing_slips_sent", "training_seats", "storage_gb"),
    "baselines": ("date", "baseline", "users"),
}  # fmt: skip
"""Columns of a table that people read first; the files have all."""
EDGE = re.compile(r"(?:^|_)p[19]0$")
"""Names of columns that hold an edge of the band of 80 %."""
FACETS: Mapping[str, str] = {
    "authorities": "department", "users": "product", "capacities": "capacity", "scan_centres": "centre",
    "baselines": "baseline",
}  # fmt: skip
"""Column by whose values a table is cut."""
EARLY, LATE = Text("in 10 von 100 bis", "in 10 of 100 by"), Text("in 90 von 100 bis", "in 90 of 100 by")
HEADINGS: Mapping[str, Text] = {
    "date": Text("Monatsende", "month end"), "product": Text("Produkt", "product"), "plan": Text("Plan", "plan"),
    "p10": Text("10 von 100 darunter", "10 in 100 below"), "p50": Text("Median", "median"),
    "p90": Text("90 von 100 darunter", "90 in 100 below"), "active_p50": Text("wirklich aktiv", "really active"),
    "name": Text("Name", "name"), "kind": Text("Art", "kind"), "department": Text("Ressort", "department"),
    "users_e_akte": Text("E-Akte", "E-Akte"), "users_e_laufmappe": Text("E-Laufmappe", "E-Laufmappe"),
    "go_live_plan": Text("Start nach Plan", "go-live as planned"), "go_live_p10": EARLY,
    "go_live_p50": Text("Start, Median", "go-live, median"), "go_live_p90": LATE,
    "authorities": Text("Behörden", "authorities"), "users": Text("Personen", "people"),
    "preparation_start_p50": Text("Vorbereitung ab", "preparation from"),
    "introduction_start_p50": Text("Einführung ab", "introduction from"),
    "introduction_end_plan": Text("gestartet nach Plan", "live as planned"),
    "introduction_end_p10": EARLY,
    "introduction_end_p50": Text("gestartet, Median", "live, median"),
    "introduction_end_p90": LATE, "delay_p50_days": Text("Verzug, Tage", "delay, days"),
    "slack_days_p50": Text("Puffer, Tage", "slack, days"), "month": Text("Monat", "month"),
    "capacity": Text("Kapazität", "capacity"), "available": Text("vorhanden", "there"),
    "in_use": Text("im Einsatz", "at work"), "utilisation": Text("Auslastung", "utilisation"),
    "utilisation_p90": Text("in 90 von 100 höchstens", "at most in 90 of 100"),
    "centre": Text("Scanstelle", "scan centre"), "items_in": Text("Eingang", "items in"),
    "items_out": Text("freigegeben", "released"), "backlog_end": Text("Rückstand", "backlog"),
    "backlog_end_p90": Text("in 90 von 100 höchstens", "at most in 90 of 100"),
    "utilisation_prepare": Text("Vorbereitung", "preparation"), "utilisation_scan": Text("Scannen", "scanning"),
    "utilisation_check": Text("Prüfung", "checking"),
    "turnaround_p95_hours": Text("95 % binnen, Std.", "95 % within, h"),
    "within_target": Text("im Zielwert", "within target"), "boxes_stored": Text("Kartons", "boxes"),
    "records_created": Text("neue E-Akten", "records created"),
    "routing_slips_sent": Text("E-Laufmappen", "routing slips"),
    "training_seats": Text("Schulungsplätze", "training seats"), "storage_gb": Text("Speicher, GB", "storage, GB"),
    "baseline": Text("Fortschreibung", "projection"),
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """Which rows of a table, and in which order; an address says all of it."""

    text: str = ""
    part: str = ""
    sort: str = ""
    down: bool = False


def read_forecast(out: Path) -> "Forecast":
    """The forecast of a finished run, as its charts need it."""
    import polars as pl  # noqa: PLC0415 - heavy: only who reads results pays

    from simulation.forecast.forecast import Forecast  # noqa: PLC0415

    read = {name: pl.read_parquet(out / f"{name}.parquet") for name in WRITTEN if (out / f"{name}.parquet").exists()}
    return Forecast(read, dict(tables.summary(out)))


def has_table(out: Path, table: str) -> bool:
    """Whether a run left the table: those of earlier releases have fewer."""
    return table in BY_NAME and (out / f"{table}.parquet").is_file()


def list_charts(table: str) -> list[Chart]:
    """The charts that show a table."""
    return [chart for chart in CHARTS if chart.table == table]


def list_columns(table: Table, summary: Mapping[str, Any]) -> list[Column]:
    """The columns that are shown, in their order; quantiles of few runs are not."""
    from simulation.forecast.forecast import has_bands  # noqa: PLC0415 - as above

    runs = count_runs(summary, of_scans=table.name == "scan_centres")
    sure = has_bands(summary["mode"], runs)
    shown = [name for name in SHOWN[table.name] if sure or not EDGE.search(name)]
    return [column for name in shown for column in table.columns if column.name == name]


def read_rows(out: Path, table: Table, view: View) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a view, and the values that the table can be cut by."""
    every = tables.rows(out, table.name)
    facet = FACETS.get(table.name)
    parts = sorted({str(row[facet]) for row in every if row[facet]}) if facet else []
    words = view.text.casefold().split()
    found = [
        row for row in every
        if (not view.part or facet is None or str(row[facet]) == view.part) and _has_words(row, words)
    ]  # fmt: skip
    if any(column.name == view.sort for column in table.columns):
        there = sorted((row for row in found if row[view.sort] is not None), key=lambda row: row[view.sort],
                       reverse=view.down)  # fmt: skip
        found = there + [row for row in found if row[view.sort] is None]
    return found, parts


def _has_words(row: Mapping[str, Any], words: Sequence[str]) -> bool:
    text = " ".join(str(value) for value in row.values() if isinstance(value, str)).casefold()
    return all(word in text for word in words)


@dataclass(frozen=True)
class DepartmentRow:
    name: str
    authorities: int
    seats: int
    first: date | None
    half: date | None
    """When half of its seats are live, in the median of each authority."""
    last: date | None
    planned: date | None
    """When the last authority is to be live as planned."""


def sum_departments(out: Path) -> list[DepartmentRow]:
    """The rollout by department, the one with the most seats first."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in tables.rows(out, "authorities"):
        by_name.setdefault(row["department"] or "–", []).append(row)
    found = [_sum_department(name, rows) for name, rows in by_name.items()]
    return sorted(found, key=lambda one: (-one.seats, one.name))


def _sum_department(name: str, rows: Sequence[Mapping[str, Any]]) -> DepartmentRow:
    seats = sum(row["users_e_laufmappe"] for row in rows)
    days = sorted((row["go_live_p50"], row["users_e_laufmappe"]) for row in rows if row["go_live_p50"] is not None)
    half, live = None, 0
    for day, count in days:
        live += count
        half = half or (day if 2 * live >= seats else None)
    planned = [row["go_live_plan"] for row in rows if row["go_live_plan"] is not None]
    last = days[-1][0] if len(days) == len(rows) else None
    return DepartmentRow(
        name, len(rows), seats, days[0][0] if days else None, half, last, max(planned) if planned else None
    )


def is_share(column: Column) -> bool:
    return column.unit is SHARE
