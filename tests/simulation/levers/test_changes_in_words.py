"""The report of a what-if says what was changed, wherever somebody looks first."""

import csv
from pathlib import Path

import pytest
from lxml import html
from rich.console import Console

from simulation.forecast.forecast import Forecast, forecast
from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.report.terminal import render_summary
from simulation.report.write import write_forecast
from tests.conftest import SMALL

CHANGES = ["rollout.teams+=2@2022-01-01", "risks.rework=0.3"]
SAID = {"de": "Rollout-Teams: +2 ab 01.01.2022", "en": "rollout teams: +2 from 1 Jan 2022"}


@pytest.fixture(scope="module")
def what_if() -> Forecast:
    return forecast(change_scenario(load(SMALL / "small.yaml"), CHANGES), replications=2, scan_replications=1)


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where charts lie that need not be drawn again."""
    return tmp_path_factory.mktemp("charts")


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_and_terminal_say_the_changes_under_the_title(
    what_if: Forecast, charts: Path, tmp_path: Path, language: str
) -> None:
    write_forecast(what_if, tmp_path / "out", language, charts)
    page = html.fromstring((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert page.findtext(".//title").endswith({"de": "mit Änderungen", "en": "with changes"}[language])
    heading = page.find(".//h1")
    assert heading is not None
    note = heading.getnext()
    assert note is not None
    assert SAID[language] in note.text_content()
    (table,) = [one for one in page.iter("table") if "Geänderte Annahmen" in one.findtext("caption/span", "")]
    (row,) = [one for one in table.iter("tr") if "0,3 ab" in one.text_content()]
    assert [cell.text_content() for cell in row.iter("td")][:1] == ["0,30.3"]
    console = Console(width=80)
    with console.capture() as shown:
        console.print(render_summary(what_if, language))
    assert SAID[language] in shown.get().split("\n\n")[0]


def test_the_list_of_assumptions_has_the_change(what_if: Forecast, charts: Path, tmp_path: Path) -> None:
    write_forecast(what_if, tmp_path / "out", kept=charts)
    with (tmp_path / "out" / "assumptions.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    rework = rows["risks.rework"]
    assert (rework["value"], rework["low"], rework["high"]) == ("0.3", "0.3", "0.3")
    assert rework["changed_de"].startswith("0,3 ab ")
    assert rework["changed_en"].startswith("0.3 from ")


def test_a_forecast_without_changes_says_none() -> None:
    plain = forecast(load(SMALL / "small.yaml"), replications=2, scan_replications=1)
    assert plain.summary["changed"] == []
    console = Console(width=80)
    with console.capture() as shown:
        console.print(render_summary(plain, "de"))
    assert "Was wäre, wenn" not in shown.get()
