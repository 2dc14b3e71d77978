"""Every table has the columns, units and types that are declared, in every form in which it is left."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.frames import ROWS, TYPES, build_frame, get_quantiles, summarise_measure
from simulation.forecast.tables import PHASES, SCAN_CENTRES, TABLES, USERS, WORKLOAD, WRITTEN, Column, Table
from simulation.levers.load import load
from simulation.report.reference import render_reference
from simulation.rollout.demand import MonthWork
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.units import SHARE
from tests.conftest import ROOT, SMALL
from workflow.text import Text

CONTRACT = {
    "users": ["date", "product", "plan", "mean", "p05", "p10", "p50", "p90", "p95", "active_mean", "active_p05",
              "active_p10", "active_p50", "active_p90", "active_p95"],
    "authorities_live": ["date", "plan", "mean", "p05", "p10", "p50", "p90", "p95"],
    "authorities": ["id", "name", "kind", "department", "project", "users_e_akte", "users_e_laufmappe", "go_live_plan",
                    "go_live_p10", "go_live_p50", "go_live_p90"],
    "workload": [f"{n}{s}" for n in ("records_created", "routing_slips_sent", "training_seats", "storage_gb")
                 for s in ("", "_p10", "_p90")],
    "scan_centres": [f"{n}{s}" for n in ("items_in", "items_out", "pages_out", "backlog_end", "utilisation_prepare",
                                         "utilisation_scan", "utilisation_check", "turnaround_p50_hours",
                                         "turnaround_p95_hours", "within_target", "boxes_stored")
                     for s in ("", "_p10", "_p90")],
    "projects": [f"{p}_{e}_{x}" for p in ("preparation", "introduction", "operation") for e in ("start", "end")
                 for x in ("plan", "p50")],
}  # fmt: skip
"""Columns that users of the files rely on."""
COLUMNS = [(table, column) for table in TABLES for column in table.columns]


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(load(SMALL / "small.yaml"), replications=3)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_the_declared_columns_in_their_order_and_type(result: Forecast, table: Table) -> None:
    schema = result[table.name].schema
    assert list(schema) == [column.name for column in table.columns]
    assert list(schema.values()) == [TYPES[column.kind] for column in table.columns]
    assert result[table.name].height > 0


@pytest.mark.parametrize("name", CONTRACT)
def test_columns_that_users_rely_on_are_there(name: str) -> None:
    declared = next(table for table in TABLES if table.name == name)
    assert set(CONTRACT[name]) <= {column.name for column in declared.columns}
    assert name in WRITTEN


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_numbers_have_no_more_digits_than_declared(result: Forecast, table: Table) -> None:
    for column in table.columns:
        if column.kind == "number":
            values = result[table.name][column.name].drop_nulls()
            assert (values == values.round(column.digits)).all(), column.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_shares_lie_between_nothing_and_all(result: Forecast, table: Table) -> None:
    for column in table.columns:
        if column.unit is SHARE and not column.name.startswith("utilisation"):
            assert result[table.name][column.name].drop_nulls().is_between(0, 1).all(), column.name


@pytest.mark.parametrize("table", [SCAN_CENTRES, WORKLOAD], ids=lambda table: table.name)
def test_the_mean_of_a_measure_lies_between_the_extremes_of_the_runs(result: Forecast, table: Table) -> None:
    """With three replications the quantiles of 10 and 90 % are the smallest and the largest value."""
    frame = result[table.name]
    for measure in table.measures:
        rows = frame.select(measure.name, f"{measure.name}_p10", f"{measure.name}_p90").drop_nulls()
        mean, low, high = rows.get_columns()
        assert (low <= mean + 0.051).all(), measure.name
        assert (mean <= high + 0.051).all(), measure.name


def test_every_measure_that_is_computed_is_declared_and_no_other() -> None:
    assert [column.name for column in SCAN_CENTRES.measures] == list(MonthFigures._fields)
    assert [column.name for column in WORKLOAD.measures] == list(MonthWork._fields)
    assert set(ROWS) == {table.name for table in TABLES}


def test_every_column_is_explained_in_both_languages_and_every_number_has_a_unit() -> None:
    for table, column in COLUMNS:
        assert column.meaning.de.strip(), column.name
        assert column.meaning.en.strip(), column.name
        assert "|" not in column.meaning.de + column.meaning.en, "it would break the table of the reference page"
        assert (column.unit is not None) == (column.kind in {"integer", "number"}), column.name
        assert [other.name for other in table.columns].count(column.name) == 1, "names are unique in a table"


def test_the_reference_page_is_the_one_that_the_declarations_give() -> None:
    """`make pages` writes it."""
    page = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert page == render_reference()
    for table, column in COLUMNS:
        section = page.split(f"\n## `{table.name}`\n")[1].split("\n## ")[0]
        assert f"| `{column.name}` |" in section


PAIR = Table(
    "pair",
    Text("Paar", "pair"),
    (Column("name", "text", Text("Name", "name")), Column("size", "number", Text("Größe", "size"), digits=2)),
)


@pytest.mark.parametrize("row", [{"name": "a"}, {"name": "a", "size": 1.0, "weight": 2.0}, {}])
def test_a_row_with_other_columns_than_declared_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="pair"):
        build_frame(PAIR, [{"name": "b", "size": 2.0}, row])


def test_a_frame_is_rounded_and_keeps_what_is_missing() -> None:
    frame = build_frame(PAIR, [{"size": 1.23456, "name": "a"}, {"name": "b", "size": None}])
    assert frame.rows() == [("a", 1.23), ("b", None)]


def test_a_table_without_rows_keeps_its_columns_and_types() -> None:
    assert build_frame(PAIR, []).schema == {"name": pl.String, "size": pl.Float64}


FINITE = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30)


@given(FINITE, st.floats(0.01, 1))
def test_a_quantile_is_the_least_value_with_that_share_at_or_below_it(values: list[float], share: float) -> None:
    found = get_quantiles(np.array(values), (share,))[0]
    below = [value for value in values if value <= found]
    assert found in values
    assert len(below) / len(values) >= share - 1e-12
    less = [value for value in values if value < found]
    assert len(less) / len(values) < share + 1e-12


@given(FINITE, st.integers(0, 5))
def test_what_a_run_could_not_measure_is_left_out_of_a_measure(values: list[float], missing: int) -> None:
    found = summarise_measure(np.array([*values, *[np.nan] * missing]), "x")
    assert found == summarise_measure(np.array(values), "x")
    assert found["x_p10"] <= found["x_p90"]
    assert found["x"] == pytest.approx(np.mean(values), rel=1e-9, abs=1e-6)


def test_a_measure_that_no_run_had_is_empty() -> None:
    assert summarise_measure(np.array([np.nan, np.nan]), "x") == dict.fromkeys(("x", "x_p10", "x_p50", "x_p90"))


def test_the_csv_says_the_same_as_the_parquet_file(result: Forecast, tmp_path: Path) -> None:
    for table in TABLES:
        frame = result[table.name]
        frame.write_parquet(tmp_path / "table.parquet")
        text = frame.write_csv(date_format="%Y-%m-%d")
        rows: Sequence[dict[str, str]] = list(csv.DictReader(io.StringIO(text)))
        stored = pl.read_parquet(tmp_path / "table.parquet").to_dicts()
        assert len(rows) == len(stored)
        for written, kept in zip(rows[:40], stored[:40], strict=True):
            for column in table.columns:
                value = kept[column.name]
                assert written[column.name] == "" if value is None else str(value) in {
                    written[column.name], str(float(written[column.name])) if column.kind == "number" else ""
                }  # fmt: skip


def test_users_are_told_for_every_month_end_and_product(result: Forecast) -> None:
    frame = result[USERS.name]
    assert frame.group_by("product").len()["len"].to_list() == [24, 24]
    assert frame["date"].is_sorted() is False
    assert frame["date"].n_unique() == 24


def test_phases_of_a_project_follow_each_other_in_every_quantile(result: Forecast) -> None:
    edges = [f"{phase}_{edge}" for phase in PHASES for edge in ("start", "end")]
    for row in result["projects"].to_dicts():
        for band in ("plan", "p10", "p50", "p90"):
            days = [row[f"{edge}_{band}"] for edge in edges if row[f"{edge}_{band}"] is not None]
            assert days == sorted(days)
