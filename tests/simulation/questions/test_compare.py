"""`eva compare`: twins differ by the what-if only, what is kept is not computed again, and the files say the same."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import polars as pl
import pytest
from lxml.etree import fromstring

from simulation.forecast.replication import Wanted, replicate
from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import change_scenario
from simulation.questions.compare import compare
from simulation.questions.runs import Runs, Setting
from simulation.workers import open_workers
from tests.conftest import load_small

SCENARIO = load_small()
FEWER = change_scenario(SCENARIO, ["rollout.teams=1"])
LATER = change_scenario(SCENARIO, ["project.p-finance.start+=6 months"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


def test_a_run_of_a_question_is_the_run_of_the_forecast() -> None:
    with open_workers(1) as pool:
        runs = Runs(pool, Setting(7)).get([FEWER], range(12))[0]
    for number in (0, 11):
        whole = replicate(FEWER, "risk", 7, Wanted(number, scan=False)).rollout
        assert whole is not None
        np.testing.assert_array_equal(runs[number].met, whole.met)
        np.testing.assert_array_equal(runs[number].users, whole.users[:, [11, 23]])


def test_differences_are_those_of_each_run_with_its_twin(kept: Path) -> None:
    answer = compare([SCENARIO, FEWER, LATER], replications=30, seed=7, kept=kept)
    with open_workers(1) as pool:
        base, fewer = Runs(pool, Setting(7)).get([SCENARIO, FEWER], range(30))
    expected = np.mean([b.delay - a.delay for a, b in zip(base, fewer, strict=True)])
    row = answer["compare"].row(
        by_predicate=(pl.col("outcome") == "delay") & (pl.col("scenario") == "small rollout.teams=1"), named=True
    )
    assert row["difference"] == pytest.approx(expected, abs=1e-3)
    assert row["low"] < row["difference"] < row["high"]
    assert answer["ranking"]["probability_best"].sum() == pytest.approx(1, abs=1e-3)
    assert answer.summary["computed"] == 90
    again = compare([SCENARIO, FEWER], replications=40, seed=7, kept=kept)
    assert again.summary["computed"] == 20  # ten more of each; the other thirty lie there


def test_more_runs_are_made_until_the_best_is_known() -> None:
    answer = compare([SCENARIO, FEWER], replications=2, seed=7, outcome="delay", until_sure=0.999)
    assert answer.summary["probability_best"] >= 0.999
    assert answer.summary["best"] == "small"


def test_scan_centres_are_compared_where_mail_differs() -> None:
    more = change_scenario(SCENARIO, ["mail.items_per_user_day*=2"])
    rows = compare([SCENARIO, more], replications=3, scan_replications=2, seed=7)["compare"]
    items = rows.filter(pl.col("outcome") == "scan.centre.items.2022").to_dicts()[0]
    assert items["value"] == pytest.approx(2 * items["base_value"], rel=0.02)
    assert "scan.centre.items.2022" not in compare([SCENARIO, FEWER], replications=3, seed=7)["compare"]["outcome"]


def test_scenarios_are_ranked_by_an_outcome_of_a_scan_centre_and_its_runs_are_doubled() -> None:
    more = change_scenario(SCENARIO, ["mail.items_per_user_day*=2"])
    asked: dict[str, Any] = {"replications": 2, "seed": 7, "outcome": "scan.centre.items.2022"}
    answer = compare([SCENARIO, more], scan_replications=2, **asked)
    assert answer["ranking"]["outcome"].unique().to_list() == ["scan.centre.items.2022"]
    assert answer["ranking"]["runs"].to_list() == [2, 2]
    assert "2 paired runs" in answer.charts[0].caption.en
    sure = compare([SCENARIO, more], scan_replications=1, **asked, until_sure=0.6)
    assert 2 <= sure.summary["scan_replications"] < 10  # from a single run nothing is sure, and then soon
    assert sure.summary["replications"] == 2


def test_scan_centres_that_only_one_scenario_has_are_left_out() -> None:
    spec = SCENARIO.spec
    renamed = spec.scan.model_copy(update={"centres": [spec.scan.centres[0].model_copy(update={"id": "other"})]})
    lists = tuple(a.model_copy(update={"scan_centre": a.scan_centre and "other"}) for a in SCENARIO.authorities)
    changed = spec.model_copy(update={"scan": renamed, "name": "o"})
    other = replace(SCENARIO, spec=changed, authorities=lists, digest="o")
    answer = compare([SCENARIO, other], replications=2, scan_replications=1, seed=7)
    assert not [name for name in answer["compare"]["outcome"] if name.startswith("scan.")]


def test_each_scenario_is_read_where_its_own_centres_stand_and_when_its_own_deadline_is_due() -> None:
    """A second centre that nobody uses, before the first in one scenario and after it in the other."""
    spec, (centre,) = SCENARIO.spec, SCENARIO.spec.scan.centres
    idle, day = centre.model_copy(update={"id": "idle"}), spec.horizon.start
    early = [spec.deadlines[0].model_copy(update={"day": day}), *spec.deadlines[1:]]

    def make(name: str, centres: list[Any], deadlines: list[Any]) -> Any:
        scan = spec.scan.model_copy(update={"centres": centres})
        changed = spec.model_copy(update={"name": name, "scan": scan, "deadlines": deadlines})
        return replace(SCENARIO, spec=changed, digest=name)

    first, other = make("first", [centre, idle], spec.deadlines), make("other", [idle, centre], early)
    table = compare([first, other], replications=4, scan_replications=1, seed=7)["compare"]
    rows = {row["outcome"]: row for row in table.to_dicts()}
    busy = rows["scan.centre.items.2022"]
    assert busy["value"] == busy["base_value"] > 0
    assert rows["scan.idle.items.2022"]["value"] == rows["scan.idle.items.2022"]["base_value"] == 0
    idle = rows["scan.idle.within_target.2022"]
    assert (idle["value"], idle["base_value"], idle["difference"], idle["runs"]) == (None, None, None, 0)
    asked = compare([first, other], replications=4, scan_replications=1, seed=7, outcome=idle["outcome"])
    assert "–" in asked.sentences[0].de
    assert asked["ranking"]["probability_best"].to_list() == [0.5, 0.5]
    deadline = f"deadline.{spec.deadlines[0].id}"
    assert rows[deadline]["value"] == 0, "it is met on no first day"
    moved = compare([other, first], replications=4, scan_replications=1, seed=7)["compare"]
    back = next(row for row in moved.to_dicts() if row["outcome"] == deadline)
    assert (back["base_value"], back["value"]) == (0, rows[deadline]["base_value"])
    assert back["value"] > 0


def test_an_unknown_outcome_is_told_with_the_known_ones_before_anything_runs(tmp_path: Path) -> None:
    more = change_scenario(SCENARIO, ["mail.items_per_user_day*=2"])
    for other, known in ((more, r"delay, .*, scan\.centre\.items\.2022"), (FEWER, "delay")):
        with pytest.raises(Unanswerable, match=f"unknown outcome `luck`; one of .*{known}"):
            compare([SCENARIO, other], outcome="luck", kept=tmp_path)
    with pytest.raises(Unanswerable, match=r"unknown outcome `scan\.nowhere`; one of .*scan\.centre"):
        compare([SCENARIO, FEWER], outcome="scan.nowhere", kept=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "says"), [((), "the same"), (("deadlines",), "differ in deadlines")], ids=["same", "deadlines"]
)
def test_scenarios_that_cannot_be_compared_are_refused(change: tuple[str, ...], says: str) -> None:
    spec = SCENARIO.spec.model_copy(update={"deadlines": []}) if change else SCENARIO.spec
    with pytest.raises(Unanswerable, match=says):
        compare([SCENARIO, replace(SCENARIO, spec=spec)], replications=2)


def test_the_command_writes_tables_a_workbook_and_a_page(
    eva: Callable[..., Any], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out"
    done = eva("compare", small, "--set", "rollout.teams=1", "--replications", 12, "--workers", 1, "--out", out)
    assert done.status == 0, done.err
    assert "users of E-Laufmappe at the end of 2022" in done.out
    summary = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    assert summary["replications"] == 12
    table = pl.read_csv(out / "compare.csv")
    assert table.equals(pl.read_parquet(out / "compare.parquet").cast(table.schema))  # type: ignore[arg-type]
    numbers, texts = read_workbook(out / "compare.xlsx")
    assert set(table["difference"].round(4)) <= {round(number, 4) for number in numbers}
    assert table["title_de"][0] in texts
    assert "Unterschied, gepaart" in texts
    assert "difference" in texts, "the other files call it so"
    assert "paired difference" in texts, "what the columns mean stands there in both languages"
    page = (out / "compare.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "95 % interval" in page
    assert "95-%-Intervall" in page
    assert "://" not in page.replace("http://www.w3.org", "")


def read_workbook(path: Path) -> tuple[set[float], set[str]]:
    """The numbers of the first sheet and all texts, as a spreadsheet reads them."""
    with ZipFile(path) as book:
        sheet = fromstring(book.read("xl/worksheets/sheet1.xml"))
        shared = fromstring(book.read("xl/sharedStrings.xml"))
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    numbers = {float(cell.findtext(f"{name}v") or 0) for cell in sheet.iter(f"{name}c") if cell.get("t") is None}
    return numbers, {text.text or "" for text in shared.iter(f"{name}t")}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "a second one"),
        (("--set", "rollout.teams=1", "--outcome", "happiness"), "unknown outcome `happiness`"),
        (("--set", "rollout.temas=1"), "--set rollout.temas=1: unknown lever"),
        (("--set", "rollout.teams=1", "--until-sure", "sure"), "--until-sure:1:1: `sure`"),
    ],
)
def test_wrong_input_writes_nothing(
    eva: Callable[..., Any], small: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    out = tmp_path / "out"
    done = eva("compare", small, *arguments, "--replications", 2, "--workers", 1, "--no-cache", "--out", out, "--quiet")
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert not out.exists()
