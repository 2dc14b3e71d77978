"""What a replay prints and writes: lines, details, JSON, JUnit and the sequence diagram, in both languages."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.replay import output
from api.replay.run.jobs import FileResult
from api.replay.run.verdict import Failure, HistoryLine, Unmet, Verdict
from api.replay.trace import render_diagram
from simulation.inputs.faults import Fault, Place
from workflow.text import Text, same

WRONG = Text("falsch", "wrong")
PLACE = Place("fall.yaml", 9, 5)
NO = Text("409 nicht erlaubt", "409 not allowed")
PASSES = Text("die Zeit vergeht bis", "time passes until")
HISTORY = (
    HistoryLine("mueller", same("create"), "record", same("created"), ("record.created",), "2021-06-01"),
    HistoryLine("weber", same("close"), "akte", NO, (), "2021-06-02"),
    HistoryLine("system", PASSES, "2021-07-01", same(""), ("record.fell_due",), "2021-07-01"),
)
FAILURE = Failure(
    PLACE,
    1,
    "close akte as weber",
    (Unmet(("error",), None, NO),),
    (Text("möglich: work", "possible: work"),),
)
GOOD = Verdict("fall.yaml", "Gut", 3, 0.01)
BAD = Verdict("fall.yaml", "Schlecht; mit: Zeichen #1", 1, 0.02, FAILURE, HISTORY)


def result(*verdicts: Verdict, faults: tuple[Fault, ...] = ()) -> FileResult:
    return FileResult(Path("fall.yaml"), verdicts, faults, seconds=0.5)


@pytest.mark.parametrize(
    ("verdicts", "german", "english"),
    [
        ((GOOD,), "ok   fall.yaml: Gut (3 Schritte)", "ok   fall.yaml: Gut (3 steps)"),
        ((GOOD, GOOD), "ok   fall.yaml (6 Schritte, 2 Fälle)", "ok   fall.yaml (6 steps, 2 cases)"),
        ((GOOD, BAD), "FEHL fall.yaml (4 Schritte, 2 Fälle)", "FAIL fall.yaml (4 steps, 2 cases)"),
        ((), "ok   fall.yaml (0 Schritte)", "ok   fall.yaml (0 steps)"),
    ],
)
def test_a_file_is_one_line(verdicts: tuple[Verdict, ...], german: str, english: str) -> None:
    assert output.render_line(result(*verdicts), "de") == german
    assert output.render_line(result(*verdicts), "en") == english


def test_details_say_where_what_and_what_was_before() -> None:
    assert output.render_details(GOOD, "de") == []
    german, english = output.render_details(BAD, "de"), output.render_details(BAD, "en")
    assert len(german) == len(english) == 6
    assert german[1].strip() == "error: erwartet nichts, gekommen 409 nicht erlaubt"
    assert english[1].strip() == "error: expected nothing, got 409 not allowed"
    assert english[2].strip() == "hint: possible: work"
    assert english[3].strip() == "so far: 2021-06-01 mueller: create record -> created [record.created]"


def test_only_the_last_lines_of_a_long_history_are_shown() -> None:
    long = Verdict("f", "t", 1, 0.0, FAILURE, HISTORY * 20)
    lines = [line for line in output.render_details(long, "en") if "so far" in line]
    assert len(lines) == output.MOST_HISTORY


@pytest.mark.parametrize(
    ("results", "german", "english"),
    [
        ([result(GOOD)], "1 Datei, 1 Fall, 3 Schritte, 1.5 s", "1 file, 1 case, 3 steps, 1.5 s"),
        (
            [result(GOOD, BAD), result(faults=(Fault(PLACE, same("x")),))],
            "2 Dateien, 2 Fälle, 4 Schritte, 1.5 s; 1 nicht wie erwartet; 1 unbrauchbar",
            "2 files, 2 cases, 4 steps, 1.5 s; 1 not as expected; 1 unusable",
        ),
        ([], "0 Dateien, 0 Fälle, 0 Schritte, 1.5 s", "0 files, 0 cases, 0 steps, 1.5 s"),
    ],
)
def test_the_summary_counts(results: list[FileResult], german: str, english: str) -> None:
    assert output.render_summary(results, 1.5, "de") == german
    assert output.render_summary(results, 1.5, "en") == english


def test_json_has_everything_and_history_only_of_failures() -> None:
    shown = json.loads(output.render_json([result(GOOD, BAD), result(faults=(Fault(PLACE, WRONG),))], 1.23456, "de"))
    assert (shown["passed"], shown["seconds"]) == (False, 1.235)
    good, bad = shown["files"][0]["cases"]
    assert (good["passed"], good["failure"], good["history"]) == (True, None, [])
    assert bad["failure"]["place"] == "fall.yaml:9:5"
    assert (bad["failure"]["step"], bad["failure"]["what"]) == (2, "close akte as weber")
    assert bad["failure"]["unmet"] == [{"path": ["error"], "expected": None, "got": "409 nicht erlaubt"}]
    assert len(bad["history"]) == 3
    assert shown["files"][1]["faults"] == ["fall.yaml:9:5: falsch"]


def test_junit_has_a_suite_for_each_file_and_a_test_for_each_case() -> None:
    suites = ET.fromstring(output.render_junit([result(GOOD, BAD), result(faults=(Fault(PLACE, WRONG),))], "en"))  # noqa: S314 - our own
    first, second = suites
    assert (first.get("tests"), first.get("failures"), first.get("errors")) == ("2", "1", "0")
    (failure,) = first.iter("failure")
    assert failure.get("message") == "close akte as weber: error: expected nothing, got 409 not allowed"
    assert "hint: possible: work" in (failure.text or "")
    assert (second.get("tests"), second.get("errors")) == ("1", "1")
    (error,) = second.iter("error")
    assert error.get("message") == "fall.yaml:9:5: wrong"


def test_junit_speaks_the_chosen_language() -> None:
    told = output.render_junit([result(BAD)], "de").decode()
    assert "erwartet nichts, gekommen 409 nicht erlaubt" in told
    assert "Hinweis: möglich: work" in told
    assert "expected" not in told


@given(st.text(max_size=40))
def test_any_title_gives_well_formed_junit_and_json(title: str) -> None:
    clean = title.encode("utf-8", "replace").decode()
    results = [result(Verdict("f", clean, 1, 0.0, FAILURE))]
    (case,) = ET.fromstring(output.render_junit(results, "de")).iter("testcase")  # noqa: S314 - our own
    assert case.get("name") is not None
    assert json.loads(output.render_json(results, 0, "en"))["files"][0]["cases"][0]["title"] == clean


def test_the_diagram_shows_people_targets_days_and_refusals() -> None:
    lines = render_diagram(BAD, "en").splitlines()
    assert lines[:2] == ["sequenceDiagram", "    title Schlecht  mit  Zeichen  1"]
    text = "\n".join(lines)
    for part in (
        "actor p_mueller as mueller", "participant p_record as record", "note over p_mueller: 2021-06-01",
        "p_mueller->>p_record: create", "p_record-->>p_mueller: record.created", "p_akte--xp_weber: 409 not allowed",
        "note over p_system: time passes until 2021-07-01", "note over p_system: record.fell_due",
        "FAIL close akte as weber",
    ):  # fmt: skip
        assert part in text


def test_a_case_that_failed_at_once_has_a_diagram_too() -> None:
    text = render_diagram(Verdict("f", "t", 0, 0.0, FAILURE), "de")
    assert "participant nobody" in text
    assert "note over nobody: FEHL close akte as weber" in text


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_name_or_title_can_break_the_diagram(title: str, name: Any) -> None:
    history = (HistoryLine(name, same("work"), "akte", same("in_work"), (), "2021-06-01"),)
    lines = render_diagram(Verdict("f", title, 1, 0.0, None, history), "en").split("\n")
    assert len(lines) == 8 if name not in {"system", "akte"} else len(lines) >= 6
    assert not any(";" in line or "#" in line for line in lines)
