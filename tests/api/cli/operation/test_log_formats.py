"""`eva log export --format` and `eva fit` from outside; what is in the files: tests/simulation/event_logs."""

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

HISTORY = Path(__file__).parents[3] / "histories" / "0.1.0.jsonl"
EVENTS = len(HISTORY.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def export(eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`eva log export` of a recorded history."""
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    assert eva("log", "restore", HISTORY).status == 0
    return lambda *arguments: eva("log", "export", *arguments)


def test_every_format_is_written_into_a_file(export: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("jsonl", "ocel", "xes", "csv"):
        done = export("--format", name, "--out", tmp_path / f"log.{name}")
        assert (done.status, done.out, done.err) == (0, "", "")
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8") == HISTORY.read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "log.ocel").read_text(encoding="utf-8"))["events"]) == EVENTS
    traces = [one for one in ET.parse(tmp_path / "log.xes").getroot() if one.tag.endswith("trace")]  # noqa: S314
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["category"], row["case"]) for row in rows} == {
        tuple(one.get("value") for key in ("category", "concept:name") for one in trace if one.get("key") == key)
        for trace in traces
    }
    assert len(traces) > 5
    assert not list(tmp_path.glob("*.part"))


def test_ocel_is_sqlite_where_the_file_is_called_so(export: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "log.sqlite"
    for _ in range(2):  # a second export takes the place of the first
        assert export("--format", "ocel", "--out", out).status == 0
        database = sqlite3.connect(out)
        assert database.execute("SELECT count(*) FROM event").fetchone() == (EVENTS,)
        database.close()
    assert not list(tmp_path.glob("*.part"))


def test_a_format_that_there_is_not_is_told(export: Callable[..., Any], tmp_path: Path) -> None:
    done = export("--format", "xml", "--out", tmp_path / "log")
    assert done.status == 2
    assert "'jsonl', 'ocel', 'xes', 'csv'" in done.err
    assert not (tmp_path / "log").exists()


def test_a_place_that_is_not_there_is_told(export: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("log.xes", "log.sqlite"):
        done = export("--format", "ocel", "--out", tmp_path / "nowhere" / name)
        assert done.status == 2
        assert "Traceback" not in done.err


def test_a_log_without_work_is_no_scenario(eva: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("case,activity,timestamp,category\n1,record.created,2021-06-01T08:00:00,record\n", encoding="utf-8")
    done = eva("fit", log, "--out", tmp_path / "fitted.yaml")
    assert done.status == 2
    assert done.err == f"{log}:1:1: no routing slip, or case, in which anything was done\n"
    assert not (tmp_path / "fitted.yaml").exists()
    assert "nothing.xes" in eva("fit", tmp_path / "nothing.xes").err


FEW = "case,activity,resource,timestamp\n" + "".join(
    f"{n},{what},{who},2021-06-{n + 1:02d}T{hour:02d}:00:00\n"
    for n in range(1, 20)
    for what, who, hour in (("Prüfung", "anna", 9), ("Mitzeichnung", "bert", 9 + n % 4 + 1), ("Versand", "anna", 15))
)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("figures fitted", "activity 'Mitzeichnung' is worked as co_sign", "scenario: ")),
        ("de", ("Zahlen geschätzt", "Aktivität 'Mitzeichnung' wird als co_sign bearbeitet", "Szenario: ")),
    ],
)
def test_a_fit_says_what_it_took_for_what(
    language: str, says: tuple[str, ...], eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", language)
    log, out = tmp_path / "log.csv", tmp_path / "fitted.yaml"
    log.write_text(FEW, encoding="utf-8")
    done = eva("fit", log, "--out", out)
    assert done.status == 0
    for one in says:
        assert one in done.out
    assert "co_sign lies: AIC " in done.out
    assert eva("check", out).status == 0
