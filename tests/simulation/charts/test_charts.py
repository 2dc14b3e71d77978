"""Every chart is drawn in both languages from the table that it names; what has no rows is left out."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from simulation.charts.captions import EXTREMES, write_caption
from simulation.charts.charts import CHARTS, LOCALES, RUN_PAGE_CHARTS, Chart, Series, get_charts
from simulation.charts.draw import KINDS, draw_chart, has_rows, render_svgs
from simulation.charts.intervals import WIDTH, wrap
from simulation.charts.style import number_format
from simulation.forecast.forecast import LEAST_FOR_ERROR, Forecast, forecast
from simulation.forecast.tables import PRODUCTS, TABLES
from simulation.levers.load import load
from simulation.report.html import render_page
from simulation.scenario.units import GIGABYTES, PEOPLE, SHARE, WORKING_HOURS
from tests.conftest import SMALL
from workflow.text import Text

COLUMNS = {table.name: {column.name for column in table.columns} for table in TABLES}
BOTH = pytest.mark.parametrize("language", LOCALES)
EVERY = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)


@pytest.fixture(scope="module")
def result() -> Forecast:
    """Two runs, drawn like a hundred."""
    found = forecast(load(SMALL / "small.yaml"), replications=2)
    return replace(found, summary={**found.summary, "replications": LEAST_FOR_ERROR})


def spec_of(chart: Chart, result: Forecast, language: str) -> dict[str, Any]:
    spec: dict[str, Any] = draw_chart(chart, result, language).to_dict()
    return spec


def values_of(spec: dict[str, Any], key: str) -> set[Any]:
    return {row[key] for rows in spec["datasets"].values() for row in rows if key in row}


@EVERY
def test_a_chart_shows_columns_of_its_table(chart: Chart) -> None:
    assert chart.kind in KINDS
    assert chart in get_charts(chart.section)
    assert [c.name for c in CHARTS].count(chart.name) == 1
    if chart.table != "summary":
        known = COLUMNS[chart.table] | ({"target"} if chart.facet == "centre" else set())
        assert {series.column for series in chart.series} <= known
        assert chart.facet is None or chart.facet in known


@EVERY
@BOTH
def test_a_chart_speaks_the_language_of_its_reader(result: Forecast, chart: Chart, language: str) -> None:
    text = json.dumps(spec_of(chart, result, language), ensure_ascii=False)
    other = "en" if language == "de" else "de"
    for word in [series.label for series in chart.series]:
        assert word.get(language) in text
        assert word.get(other) not in text
    if chart.kind != "gantt":
        assert chart.unit.get(language) in text


@BOTH
def test_every_chart_that_has_rows_becomes_an_svg(result: Forecast, language: str) -> None:
    svgs = render_svgs(result, language)
    nothing = {"scan_backlog", "scan_overload"}  # throughout, in the small scenario
    assert list(svgs) == [chart.name for chart in CHARTS if chart.name not in nothing]
    assert all(svg.startswith("<svg ") and svg.rstrip().endswith("</svg>") for svg in svgs.values())
    assert all("http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", svg) for svg in svgs.values())


def test_of_few_runs_a_chart_says_what_its_band_is(result: Forecast) -> None:
    summary = {**result.summary, "replications": 9}
    users, scans = (next(c for c in CHARTS if c.name == name) for name in ("users", "scan_load"))
    assert "9 Durchläufen: kleinster bis größter Wert" in write_caption(users, summary).de
    assert "2 Durchläufen: kleinster bis größter Wert" in write_caption(scans, summary).de, "items of two runs"
    assert "80" in write_caption(users, result.summary).de
    few = replace(result, summary=summary)
    keys = values_of(spec_of(users, few, "de"), "key") | {json.dumps(spec_of(users, few, "de"), ensure_ascii=False)}
    assert any("kleinster bis größter Wert" in key and "80 %" not in key for key in keys)
    assert "deadlines" not in [chart.name for chart in CHARTS if has_rows(chart, few)], "no probability of few runs"


def test_german_charts_have_german_thousands_marks(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "users")
    svgs = {language: render_svgs(result, language, (chart,))["users"] for language in LOCALES}
    assert ">1.200<" in svgs["de"]
    assert ">1,200<" in svgs["en"]


def test_charts_of_the_page_of_a_run_are_few() -> None:
    assert [chart.name for chart in RUN_PAGE_CHARTS] == ["users", "deadlines"]


def test_what_has_no_rows_is_not_drawn(result: Forecast) -> None:
    bare = replace(
        result,
        tables={**result.tables, "scan_centres": result["scan_centres"].clear()},
        summary={**result.summary, "deadlines": []},
    )
    left = [chart.name for chart in CHARTS if has_rows(chart, bare)]
    assert left == ["users", "authorities_live", "projects", "capacities", "departments", "baselines"]
    assert list(render_svgs(bare, "de", tuple(c for c in CHARTS if c.table == "scan_centres"))) == []


def test_a_line_chart_without_panels_shows_each_series_over_time(result: Forecast) -> None:
    chart = Chart(
        "storage", "work", "workload", "lines", Text("Speicher", "Storage"), Text("Je Monat.", "Per month."),
        GIGABYTES, (Series("storage_gb", Text("neu", "new")), Series("storage_gb_p90", Text("hoch", "high"))),
    )  # fmt: skip
    spec = spec_of(chart, result, "en")
    assert values_of(spec, "key") == {"new", "high"}
    rows = [row for rows in spec["datasets"].values() for row in rows if row["key"] == "new"]
    assert [row["value"] for row in rows] == result["workload"]["storage_gb"].to_list()
    assert "facet" not in spec


def test_panels_are_the_scan_centres_by_their_names_with_their_targets(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "scan_turnaround")
    spec = spec_of(chart, result, "de")
    centres = result.summary["centres"].values()
    assert values_of(spec, "panel") == {centre["name"]["de"] for centre in centres}
    rows = [row for rows in spec["datasets"].values() for row in rows if row["key"] == "Zielwert (Annahme)"]
    assert {row["value"] for row in rows} == {centre["target_hours"] for centre in centres}


def test_months_before_the_first_item_of_a_centre_are_left_out(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "scan_load")
    frame = result["scan_centres"]
    first = frame.filter(frame["items_in"] > 0)["month"].min()
    assert min(day[:7] for day in values_of(spec_of(chart, result, "en"), "date")) == first


def test_capacities_are_shown_by_their_names_from_what_the_runs_used(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "capacities")
    spec = spec_of(chart, result, "de")
    assert values_of(spec, "panel") == {"Rollout-Teams", "Schulende", "Bereitstellungsplätze"}
    assert all(0 <= value <= 1 for value in values_of(spec, "value"))


def test_departments_come_in_the_order_of_their_size(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "departments")
    order = spec_of(chart, result, "en")["facet"]["sort"]
    largest = {d: max(f["plan"]) for (d,), f in result["departments"].group_by("department")}
    assert [largest[name] for name in order] == sorted(largest.values(), reverse=True)


def test_shares_share_an_axis_and_everything_else_has_its_own(result: Forecast) -> None:
    scales = {
        chart.name: spec_of(chart, result, "en")["resolve"]["scale"]["y"] for chart in CHARTS if chart.kind == "lines"
    }
    shares = {chart.name for chart in CHARTS if chart.unit is SHARE}
    assert {"capacities", "scan_overload", "scan_utilisation"} <= shares
    assert {name: scale for name, scale in scales.items() if name in shares} == dict.fromkeys(
        shares & set(scales), "shared"
    )
    assert {scale for name, scale in scales.items() if name not in shares} == {"independent"}


def test_the_users_of_both_products_stand_side_by_side(result: Forecast) -> None:
    spec = spec_of(CHARTS[0], result, "en")
    assert [panel["title"] for panel in spec["hconcat"]] == list(PRODUCTS.values())


def test_authorities_are_compared_with_their_plan_at_year_ends(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "authorities_live")
    spec = spec_of(chart, result, "en")
    rows = [row for rows in spec["datasets"].values() for row in rows if row.get("plan") is not None]
    assert {(row["date"][:10], row["plan"]) for row in rows} == {
        (str(row["date"]), row["plan"]) for row in result["authorities_live"].to_dicts() if row["date"].month == 12
    }


def test_bands_begin_where_the_known_past_ends(result: Forecast) -> None:
    spec = spec_of(CHARTS[0], result, "en")
    band = spec["hconcat"][0]["layer"][0]
    days = [row["date"][:10] for row in spec["datasets"][band["data"]["name"]]]
    assert min(days) == result.summary["as_of"]


@pytest.mark.parametrize(("unit", "form"), [(SHARE, ".0%"), (WORKING_HOURS, ",.1f"), (PEOPLE, ",.0f")])
def test_an_axis_is_written_as_its_unit_asks(unit: Text, form: str) -> None:
    assert number_format(unit) == form


@pytest.mark.parametrize("text", ["kurz", "ein Wort nach dem anderen " * 6, "x" * 90, "a " + "y" * 60 + " b"])
def test_a_long_label_is_broken_between_words_and_loses_none(text: str) -> None:
    lines = wrap(text).split("|")
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= WIDTH or " " not in line for line in lines)
    assert all(lines)


def test_what_is_nothing_throughout_is_a_sentence_and_no_chart(result: Forecast) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "scan_overload")
    months = result["scan_centres"]
    for share in (0.0, 0.5):
        some = replace(result, tables={**result.tables, "scan_centres": months.with_columns(overload_share=share)})
        assert has_rows(chart, some) == (share > 0)
        page = render_page(some, {"de": {}, "en": {}}, "de")
        assert ("In keinem Durchlauf und keinem Monat bleiben weniger als 95" in page) == (share == 0)


@BOTH
def test_the_legend_of_lines_names_their_band_and_shows_their_dashes(result: Forecast, language: str) -> None:
    chart = next(chart for chart in CHARTS if chart.name == "scan_turnaround")
    svg = render_svgs(result, language, (chart,))["scan_turnaround"]
    legend = svg[svg.index("role-legend") :]
    assert EXTREMES.get(language) in legend, "two runs with every item"
    symbols = re.findall(r'<path [^>]*stroke-dasharray="[\d,]+"', legend)
    assert len(symbols) >= 2, "dashed and dotted"
