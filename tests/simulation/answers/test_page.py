"""The page, the charts and the workbook of an answer: both languages, units and sources, numbers as they are."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from lxml.etree import fromstring

from simulation.answers.charts import DRAW, render_svgs
from simulation.answers.page import MOST_ROWS, render_page
from simulation.answers.write import write_answer
from simulation.forecast.tables import Column, Table
from simulation.questions.answer import Answer, AnswerChart, describe_scenario
from simulation.scenario.units import SHARE
from tests.conftest import load_small
from workflow.text import Text

SCENARIO = load_small()
TABLE = Table(
    "trial",
    Text("Versuch", "Trial"),
    (
        Column("scenario", "text", Text("Szenario", "scenario")),
        Column("outcome", "text", Text("Größe", "outcome")),
        Column("title_de", "text", Text("Name", "name")),
        Column("title_en", "text", Text("Name, englisch", "name in English")),
        Column("difference", "number", Text("Unterschied", "difference")),
        Column("low", "number", Text("von", "from")),
        Column("high", "number", Text("bis", "to")),
        Column("chance", "number", Text("Anteil", "share"), SHARE),
        Column("day", "date", Text("Tag", "day")),
        Column("runs", "integer", Text("Durchläufe", "runs")),
        Column("differs", "text", Text("verschieden", "differs")),
    ),
)
ROW: dict[str, Any] = {
    "scenario": "<b>mehr & mehr</b>", "outcome": "users", "title_de": "Größe", "title_en": "size",
    "difference": -1234.5, "low": -2000.0, "high": 3.25, "chance": 0.123, "day": None, "runs": 1000, "differs": "no",
}  # fmt: skip
CHART = AnswerChart(
    "differences", "trial", "differences", Text("Unterschiede", "Differences"),
    Text("Quelle: trial.csv.", "Source: trial.csv."), Text("Personen", "people"), {"outcome": "users"},
)  # fmt: skip
SCHEMA: dict[str, Any] = {
    column.name: {"text": pl.String, "number": pl.Float64, "integer": pl.Int64, "date": pl.Date}[column.kind]
    for column in TABLE.columns
}


def make_answer(rows: int = 1) -> Answer:
    summary = {"scenarios": [describe_scenario(SCENARIO)], "seed": 7, "version": "0"}
    frame = pl.DataFrame([ROW] * rows, schema=SCHEMA)
    sentence = Text("Es sind 1.234,5 weniger.", "It is 1,234.5 less.")
    caveat = Text("Angenommen ist nichts.", "Nothing was assumed.")
    return Answer(
        "trial", Text("Frage", "Question"), (sentence,), (TABLE,), {"trial": frame}, (CHART,), summary, (caveat,)
    )


def read_text(page: str, language: str) -> str:
    """What a reader of one language sees."""
    other = "en" if language == "de" else "de"
    without = re.sub(rf'<span lang="{other}">.*?</span>', "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without))


@pytest.mark.parametrize(
    ("language", "seen"),
    [
        ("de", ("Frage", "Es sind 1.234,5 weniger.", "−1.234,5", "12,3", "nein", "Angenommen ist nichts.", "Größe")),
        ("en", ("Question", "It is 1,234.5 less.", "−1,234.5", "12.3", "no", "Nothing was assumed.", "size")),
    ],
)
def test_the_page_says_everything_in_both_languages(language: str, seen: tuple[str, ...]) -> None:
    page = render_page(make_answer(), SCENARIO, language)
    text = read_text(page, language)
    for words in seen:
        assert words in text, words
    assert f'<html lang="{language}">' in page


def test_the_page_needs_no_network_and_escapes_names() -> None:
    page = render_page(make_answer(), SCENARIO, "de")
    assert "://" not in page.replace("http://www.w3.org", "")
    assert "<b>mehr" not in page
    assert "&lt;b&gt;mehr &amp; mehr" in page
    assert "default-src 'none'" in page


def test_the_page_says_what_was_asked_and_what_it_rests_on() -> None:
    text = read_text(render_page(make_answer(), SCENARIO, "en"), "en")
    assert SCENARIO.digest[:16] in text
    assert re.search(r"\d+ from the report, \d+ public, \d+ assumed", text)
    assert "seed 7" in text


def test_a_long_table_is_cut_on_the_page_and_whole_in_its_file(tmp_path: Path) -> None:
    answer = make_answer(MOST_ROWS + 5)
    page = render_page(answer, SCENARIO, "de")
    assert page.count("<td>&lt;b&gt;mehr") == MOST_ROWS
    write_answer(answer, SCENARIO, tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "trial.csv").height == MOST_ROWS + 5


def test_every_chart_has_its_unit_and_source() -> None:
    for language, unit in (("de", "Personen"), ("en", "people")):
        svg = render_svgs(make_answer(), language)["differences"]
        fromstring(svg.encode())
        assert unit in svg
    assert "trial.csv" in render_page(make_answer(), SCENARIO, "de")


@pytest.mark.parametrize("kind", sorted(set(DRAW) - {"differences"}))
def test_charts_of_every_kind_are_drawn(kind: Any) -> None:
    frames: dict[str, pl.DataFrame] = {
        "frontier": pl.DataFrame({"cost": [0.0, 5.0, 9.0], "probability": [0.1, 0.6, 0.5], "low": [0.0, 0.5, 0.4],
                                  "high": [0.2, 0.7, 0.6], "frontier": ["yes", "yes", "no"]}),
        "tornado": pl.DataFrame({"title_de": ["eins", "zwei"], "title_en": ["one", "two"], "low_outcome": [1.0, 3.0],
                                 "high_outcome": [4.0, 2.0]}),
        "heat": pl.DataFrame({"one_de": ["a"], "one_en": ["a"], "other_de": ["b"], "other_en": ["b"],
                              "second_order": [0.3]}),
        "steps": pl.DataFrame({"year": [2022, 2023], "prepare": [3, 4], "scan": [1, None]}),
        "courses": pl.DataFrame({"scenario": ["a", "a"], "month": ["2022-01", "2022-02"], "alone_end": [1.0, 2.0],
                                 "together_end": [3.0, 5.0]}),
    }  # fmt: skip
    about = {
        "frontier": {"wanted": 0.8, "cost_de": "Kosten", "cost_en": "cost"},
        "tornado": {"most": 5, "middle": 2.5},
        "heat": {},
        "steps": {
            "columns_de": {"prepare": "Vorbereitung", "scan": "Scanner"},
            "columns_en": {"prepare": "preparation"},
        },
        "courses": {"time": "month", "ends": "_end", "where": {}},
    }
    chart = AnswerChart("one", "trial", kind, Text("T", "T"), Text("C", "C"), Text("Einheit", "unit"), about[kind])
    summary = {"scenarios": [describe_scenario(SCENARIO)], "replications": 1000}
    answer = Answer("trial", Text("F", "Q"), (), (), {"trial": frames[kind]}, (chart,), summary)
    drawn = render_svgs(answer, "de")["one"]
    assert "Einheit" in drawn
    assert all(part in drawn for part in ("Quelle: eva", "small", "28.02.2021", "1.000"))
    assert "unit" in render_svgs(answer, "en")["one"]


def test_other_files_stay_and_a_second_answer_replaces_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("stays", encoding="utf-8")
    write_answer(make_answer(1), SCENARIO, out)
    write_answer(make_answer(3), SCENARIO, out)
    assert (out / "mine.txt").read_text(encoding="utf-8") == "stays"
    assert pl.read_csv(out / "trial.csv").height == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing is left beside it"


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not a folder"):
        write_answer(make_answer(), SCENARIO, tmp_path / "out")
