"""Tables per year: sums, largest months and means weighted by items, as their columns declare."""

from dataclasses import replace
from io import StringIO

import polars as pl
import pytest
from lxml import html
from rich.console import Console

from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.tables import SCAN_CENTRES, WORKLOAD
from simulation.levers.load import load
from simulation.report.html import render_page
from simulation.report.terminal import render_summary
from simulation.report.yearly import get_latest_projects, get_year_ends, sum_up_centres, sum_up_workload
from tests.conftest import SMALL


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(load(SMALL / "small.yaml"), replications=2)


def test_a_year_of_work_is_the_sum_of_its_months(result: Forecast) -> None:
    years = sum_up_workload(result)
    assert [year["year"] for year in years] == ["2021", "2022"]
    for year in years:
        months = result["workload"].filter(pl.col("month").str.starts_with(year["year"]))
        assert len(months) == 12
        for column in WORKLOAD.measures:
            assert year[column.name] == pytest.approx(months[column.name].sum())


def test_a_year_of_a_centre_follows_from_its_months(result: Forecast) -> None:
    for centre, years in sum_up_centres(result).items():
        for year in years:
            months = result["scan_centres"].filter(
                (pl.col("centre") == centre) & (pl.col("items_in") > 0) & pl.col("month").str.starts_with(year["year"])
            )
            for column in SCAN_CENTRES.measures:
                values, weights = months[column.name].to_list(), months[column.weight].to_list()
                combined = {
                    "sum": sum(values),
                    "max": max(values),
                    "mean": sum(value * items for value, items in zip(values, weights, strict=True)) / sum(weights),
                }
                assert year[column.name] == pytest.approx(combined[str(column.over_year)])


def test_every_centre_is_listed_even_where_it_had_no_mail(result: Forecast) -> None:
    silent = replace(result, tables={**result.tables, "scan_centres": result["scan_centres"].clear()})
    assert sum_up_centres(silent) == {centre: [] for centre in result.summary["centres"]}


def test_a_year_in_which_nothing_is_released_has_no_turnaround_and_nothing_within_the_target(result: Forecast) -> None:
    """It had `nan`; where nothing was to be measured at all there is no share either, and both are a dash."""
    hours = [pl.lit(None, pl.Float64).alias(f"turnaround_{name}_hours") for name in ("p50", "p95")]
    months = result["scan_centres"].with_columns(pl.lit(0.0).alias("items_out"), *hours)
    measured = months.with_columns(pl.lit(9.0).alias("items_measured"), pl.lit(0.0).alias("within_target"))
    empty = months.with_columns(pl.lit(0.0).alias("items_measured"), pl.lit(None, pl.Float64).alias("within_target"))
    for frame, share, said in ((measured, 0.0, "0\N{NARROW NO-BREAK SPACE}%"), (empty, None, "–")):
        silent = replace(result, tables={**result.tables, "scan_centres": frame})
        for years in sum_up_centres(silent).values():
            assert [(year["within_target"], year["turnaround_p50_hours"]) for year in years] == [(share, None)] * 2
        paper = StringIO()
        Console(width=100, file=paper).print(render_summary(silent, "en"))
        text = paper.getvalue().split("Scan centres")[1]
        assert said in text
        assert "nan" not in text
        assert "– h" not in text


def test_year_ends_hold_both_products_and_whether_they_were_known(result: Forecast) -> None:
    ends = get_year_ends(result, 2000)
    assert [end["year"] for end in ends] == [2021, 2022]
    for end in ends:
        assert {"e_akte", "e_laufmappe"} <= end.keys()
        assert end["e_akte"]["date"].isoformat() == f"{end['year']}-12-31"
        assert not end["known"]
    assert [end["year"] for end in get_year_ends(result, 2022)] == [2022]
    later = replace(result, summary={**result.summary, "as_of": "2021-12-31"})
    assert [end["known"] for end in get_year_ends(later, 2000)] == [True, False]


def test_the_latest_projects_come_first_and_the_larger_of_equal_ones(result: Forecast) -> None:
    late = get_latest_projects(result, 100)
    keys = [(project["delay_p50_days"], project["users"]) for project in late]
    assert keys == sorted(keys, reverse=True)
    assert len(late) == result["projects"].height
    assert get_latest_projects(result, 1) == late[:1]


def test_a_part_of_a_year_is_called_so_and_what_is_not_known_is_no_zero(result: Forecast) -> None:
    work = result["workload"].filter(pl.col("month") <= "2022-09")
    late = pl.col("month") > "2021-12"
    short = replace(result, tables={**result.tables, "workload": work.with_columns(
        storage_gb=pl.when(late).then(None).otherwise(pl.col("storage_gb")))})  # fmt: skip
    whole, part = sum_up_workload(short)
    assert (whole["until"], part["until"]) == (None, "2022-09")
    assert whole["storage_gb"] > 0
    assert part["storage_gb"] is None
    page = html.fromstring(render_page(short, {"de": {}, "en": {}}, "de"))
    row = page.xpath("(//h2[@id='work']/following::table)[1]//tbody/tr")[1]
    assert [span.text_content() for span in row[0].xpath("./span[@lang='de']")] == ["bis", "09/2022"]
    assert "–" in [cell.text_content() for cell in row]
