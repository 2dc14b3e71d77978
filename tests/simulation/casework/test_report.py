"""The page and the terminal of casework in detail: bounds, names, numbers and what is left out where there is none."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from simulation.casework.casework import Casework
from simulation.casework.output import words
from simulation.casework.output.terminal import MOST_PEOPLE, render
from simulation.casework.output.words import Measure
from simulation.casework.output.write import _group, check_place, render_page
from simulation.scenario.figures import find_figures
from tests.simulation.casework.test_output import RESULT
from workflow.text import Text

PAGES = {language: render_page(RESULT, language) for language in ("de", "en")}


def show(result: Casework, language: str = "en") -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(render(result, language))
    return captured.get()


def with_frame(name: str, frame: pl.DataFrame) -> Casework:
    return replace(RESULT, frames={**RESULT.frames, name: frame})


@pytest.mark.parametrize(
    ("measure", "value", "german", "english"),
    [
        (Measure("n", Text("n", "n")), 1234.4, "1.234", "1,234"),
        (Measure("n", Text("n", "n"), 2), 1234.456, "1.234,46", "1,234.46"),
        (Measure("n", Text("n", "n"), 0, True), 0.125, "12 %", "12 %"),
        (Measure("n", Text("n", "n"), 1), None, "–", "–"),
        (Measure("n", Text("n", "n"), 0, True), None, "–", "–"),
    ],
)
def test_numbers_are_written_as_each_language_does(measure: Measure, value: Any, german: str, english: str) -> None:
    shown = [re.sub(r"\s", " ", measure.show(value, language)) for language in ("de", "en")]
    assert shown == [german, english]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_is_whole_in_either_language(language: str) -> None:
    page = PAGES[language]
    assert f'<html lang="{language}"' in page
    anchors = set(re.findall(r'href="#([a-z]+)"', page))
    assert anchors <= set(re.findall(r'id="([a-z]+)"', page))
    assert "{{" not in page
    assert "None" not in re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)


def test_every_figure_of_the_scenario_is_an_assumption_of_the_page_once() -> None:
    paths = [path for path, _, _ in find_figures(RESULT.scenario)]
    for path in paths:
        assert PAGES["en"].count(f"<code>{path}</code>") == 1, path


def test_assumptions_stand_in_sections_in_the_order_of_the_scenario() -> None:
    grouped = _group(RESULT.summary["assumptions"])
    titles = [one["title"].en for one in grouped]
    assert titles == ["Known work", "Staff", "Incoming work", "Handling", "Paper"]
    assert sum(len(one["entries"]) for one in grouped) == len(RESULT.summary["assumptions"])


def test_without_paper_nothing_is_said_of_it() -> None:
    without = with_frame("paper", RESULT["paper"].clear())
    assert 'id="paper"' not in render_page(without, "de")
    assert "on paper and electronic" not in show(without)
    assert "on paper and electronic" in show(RESULT)


def test_relief_is_shown_where_it_was_asked_for() -> None:
    row = {"unit": "ref-z2", "before": 9.0, "after": 7.5, "gain": 1.5, "gain_low": 0.25, "gain_high": 2.75}
    relieved = with_frame("relief", pl.DataFrame([row]))
    text = show(relieved)
    line = next(line for line in text.splitlines() if line.startswith("Unit Z2"))
    assert line.split()[2:] == ["9.0", "7.5", "1.50", "0.25", "2.75"]
    assert "One approver more" in text
    page = render_page(relieved, "en")
    assert "2.75" in page
    assert "--relieve" not in page
    assert "One approver more" not in show(RESULT)


def test_which_step_follows_which_is_drawn_and_listed_where_the_log_was_mined() -> None:
    for language, steps in (("de", "angelegt → Mitzeichnung ×2"), ("en", "created → co-signature ×2")):
        page = re.sub(r"</?span[^>]*>", "", re.sub(rf'<span lang="(?!{language}).*?</span>', "", PAGES[language]))
        assert f"<td>{steps}</td>" in page
        assert page.count("<svg") == 2
    without = with_frame("variants", RESULT["variants"].clear())
    assert 'id="flow"' not in render_page(without, "de")


def test_those_with_whom_most_waits_come_first_and_no_more_than_can_be_read() -> None:
    (row,) = RESULT["people"].head(1).to_dicts()
    many = pl.DataFrame([{**row, "person": f"p-{n:02d}", "held_up_hours": float(n)} for n in range(9)])
    text = show(with_frame("people", many))
    shown = re.findall(r"^p-\d\d", text, re.MULTILINE)
    assert shown == [f"p-{n:02d}" for n in range(8, 8 - MOST_PEOPLE, -1)]


def test_kinds_and_units_are_called_by_their_titles_and_the_whole_by_all() -> None:
    units, kinds = words.name_units(RESULT.scenario), words.name_kinds(RESULT.scenario)
    assert (units["leitung"].de, units["leitung"].en, units["-"].de) == ("Leitung", "Leadership", "alle")
    assert (kinds["funding"].de, kinds["-"].en) == ("Förderantrag", "all")
    assert set(words.STATION_NAMES) == set(type(RESULT.scenario.handling.stations).model_fields)
    for table, column in (("units", "unit"), ("kinds", "kind")):
        named = units if table == "units" else kinds
        assert set(RESULT[table][column]) <= {*named, "a", "b"}


@pytest.mark.parametrize("name", ["users", "units", "paper"])
def test_a_place_with_tables_of_something_else_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.csv").write_text("x", encoding="utf-8")
    with pytest.raises(FileExistsError, match=rf"holds {name}\.csv, which is no casework"):
        check_place(tmp_path)
    (tmp_path / "summary.json").write_text('{"kind": "forecast"}', encoding="utf-8")
    with pytest.raises(FileExistsError):
        check_place(tmp_path)
    (tmp_path / "summary.json").write_text('{"kind": "casework"}', encoding="utf-8")
    check_place(tmp_path)


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="is not a folder"):
        check_place(file)
    check_place(tmp_path / "new")
