"""One figure is rounded alike wherever it is shown: in boxes, tables and the terminal."""

from dataclasses import replace
from io import StringIO

import polars as pl
import pytest
from lxml import html
from rich.console import Console

from simulation.forecast.forecast import LEAST_FOR_ERROR, Forecast, forecast
from simulation.forecast.tables import AUTHORITIES_LIVE, SCAN_CENTRES, USERS, Table
from simulation.levers.load import load
from simulation.report.html import render_page
from simulation.report.rounding import Rounded, round_cell, round_deadline
from simulation.report.terminal import render_summary
from tests.conftest import SMALL


@pytest.fixture(scope="module")
def result() -> Forecast:
    """Users with known errors, told like a hundred runs."""
    found = forecast(load(SMALL / "small.yaml"), replications=2)
    figures = {"p10": 57_016, "p50": 68_786, "p90": 76_614, "p10_se": 900, "p50_se": 800, "p90_se": 40, "plan": 76_614}
    users = found["users"].with_columns(pl.lit(value).alias(name) for name, value in figures.items())
    summary = {**found.summary, "replications": LEAST_FOR_ERROR}
    return replace(found, tables={**found.tables, "users": users}, summary=summary)


def test_report_and_terminal_round_a_figure_alike(result: Forecast) -> None:
    page = html.fromstring(render_page(result, {"de": {}, "en": {}}, "de"))
    for english in page.xpath("//body//*[@lang='en']"):
        english.drop_tree()
    paper = StringIO()
    Console(width=100, file=paper).print(render_summary(result, "de"))
    (boxes,) = page.find_class("tiles")
    table = page.xpath("//h2[@id='users']/following::table[1]")[0]
    for text in (table.text_content(), paper.getvalue()):
        assert "57.000 – 76.614" in text
        assert "69.000" in text
        assert "−7.614" in text, "69.000 less 76.614"
        assert "68.786" not in text
    assert "57.000 – 76.614" in boxes.text_content()
    assert "69.000" in boxes.text_content()


def test_authorities_are_counted_and_people_rounded() -> None:
    figures = {"expected": 144.0, "p10": 139.0, "p90": 150.0, "expected_se": 5.0, "p10_se": 5.0, "p90_se": 5.0}
    assert round_deadline({"measure": "authorities_live", "target": 258, **figures}) == {
        "expected": 144,
        "p10": 139,
        "p90": 150,
    }
    assert round_deadline({"measure": "seats_e_akte", "target": 148, **figures}) == {
        "expected": 140,
        "p10": 140,
        "p90": 150,
    }, "above the target of 148"


@pytest.mark.parametrize(
    ("table", "name", "row", "shown"),
    [
        (USERS, "p50", {"p50": 68_786.0, "p50_se": 800.0, "plan": 76_614}, Rounded(69_000)),
        (USERS, "p90", {"p90": 76_580.0, "p90_se": 800.0, "plan": 76_614}, Rounded(76_614)),
        (USERS, "p50", {"p50": 68_786.0, "p50_se": None, "plan": None}, Rounded(68_786)),
        (USERS, "active_p50", {"active_p50": 57_016.0}, Rounded(57_000)),
        (USERS, "plan", {"plan": 76_614}, Rounded(76_614)),
        (USERS, "plan", {"plan": None}, Rounded(None)),
        (AUTHORITIES_LIVE, "p50", {"p50": 144.0, "p50_se": 5.0, "plan": 258}, Rounded(144)),
        (SCAN_CENTRES, "items_in", {"items_in": 412_345.6}, Rounded(412_000)),
        (SCAN_CENTRES, "turnaround_p95_hours", {"turnaround_p95_hours": 7.3456}, Rounded(7.3, 1)),
        (SCAN_CENTRES, "turnaround_p95_hours", {"turnaround_p95_hours": 43.21}, Rounded(43)),
    ],
)
def test_a_cell_of_a_table_has_no_more_digits_than_are_known(
    table: Table, name: str, row: dict[str, float | None], shown: Rounded
) -> None:
    (column,) = (one for one in table.columns if one.name == name)
    assert round_cell(column, row) == shown
