"""`eva capacity`: a year of a centre is the year of the forecast; what is found is the least, by the whole grid."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from simulation.forecast.replication import Wanted, replicate
from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import change_scenario
from simulation.questions.runs import Setting
from simulation.questions.staffing import search as searching
from simulation.questions.staffing.capacity import list_years, size_capacity
from simulation.questions.staffing.scan_year import (
    CentreRuns,
    YearRun,
    YearTask,
    count_staffed_hours,
    find_days,
    measure_load,
    simulate_year,
)
from simulation.questions.staffing.search import Goal, Search, YearTrial
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers
from tests.conftest import load_small

COLUMN = {name: n for n, name in enumerate(MonthFigures._fields)}
SEED = 7
RUNS = 3
HOURS = 6.0


CHANGES = [
    "mail.items_per_user_day*=0.2", "scan.items.prepared_sheets_per_hour*=0.1",
    "scan.items.scanned_pages_per_hour*=0.1", "scan.items.indexed_items_per_hour*=0.1",
]  # fmt: skip
"""A fifth of the mail, ten times the work of each item: several people are busy, and a year runs in a moment."""
SCENARIO = change_scenario(load_small(), CHANGES)
CENTRE = SCENARIO.spec.scan.centres[0]


def simulate(number: int, staff: tuple[int, ...], hours: float = HOURS, least: float = 0.0, **other: Any) -> YearRun:
    runs = CentreRuns(SCENARIO, Setting(SEED), None, "centre", hours)._replace(**other)
    return simulate_year(runs, YearTask(2022, number, staff, least))


def share(number: int, staff: tuple[int, ...], hours: float = HOURS) -> float:
    return simulate(number, staff, hours).share


def test_a_year_has_the_mail_of_the_forecast() -> None:
    for mode in ("risk", "plan"):
        done = replicate(SCENARIO, mode, SEED, Wanted(2, rollout=False)).scan
        assert done is not None
        assert (
            simulate(2, (9, 9, 9), setting=Setting(SEED, mode)).items == done.figures[0, 12:, COLUMN["items_in"]].sum()
        )


def test_with_the_staff_of_the_scenario_a_year_has_the_punctuality_of_the_forecast() -> None:
    """The forecast begins the year with what waits from December: nearly the same where little waits."""
    staffed = change_scenario(SCENARIO, [f"scan.centre.{name}=30" for name in ("prepare", "scan", "check", "release")])
    done = replicate(staffed, "risk", SEED, Wanted(0, rollout=False)).scan
    assert done is not None
    months = done.figures[0, 12:]
    measured = months[:, COLUMN["items_measured"]]
    expected = (months[:, COLUMN["within_target"]] * measured).sum() / measured.sum()
    found = simulate(0, (30, 30, 30), CENTRE.target_hours.value, scenario=staffed)
    assert found.share == pytest.approx(expected, abs=0.01)


def test_the_work_expected_is_the_work_done() -> None:
    """Expected hours of each station against the time that a line with plenty of staff is busy."""
    done = replicate(SCENARIO, "risk", SEED, Wanted(1, rollout=False)).scan
    assert done is not None
    _, items, work = measure_load(
        CentreRuns(SCENARIO, Setting(SEED), None, "centre", HOURS), YearTask(2022, 1, (1, 1, 1))
    )
    assert items == done.figures[0, 12:, COLUMN["items_in"]].sum()
    calm = change_scenario(SCENARIO, [f"scan.centre.{name}=60" for name in ("prepare", "scan", "check")])
    figures = replicate(calm, "risk", SEED, Wanted(1, rollout=False)).scan
    assert figures is not None
    there = count_staffed_hours(SCENARIO, CENTRE, 2022) * 60
    for station, name in enumerate(("prepare", "scan", "check")):
        busy = float(np.mean(figures.figures[0, 12:, COLUMN[f"utilisation_{name}"]])) * there[station]
        assert work[station] == pytest.approx(busy, rel=0.05), name


def test_more_staff_and_more_time_are_never_worse() -> None:
    least = share(0, (2, 1, 2))
    for more in ((3, 1, 2), (2, 2, 2), (2, 1, 3)):
        assert share(0, more) >= least - 0.002
    shares = [share(0, (3, 2, 3), hours) for hours in (1.0, 3.0, 6.0, 12.0)]
    assert shares == sorted(shares)
    assert share(0, (60, 60, 60), 100.0) > 0.999


def test_what_waits_at_the_years_end_is_not_in_time() -> None:
    """With one person for the work of many, most of the mail waits; a share of what is released would hide it."""
    assert share(0, (1, 1, 1)) < 0.2


@pytest.fixture(scope="module")
def grid() -> dict[tuple[int, ...], list[float]]:
    """The share in time of every mix within the box, in every run."""
    mixes = list(product(range(1, 7), range(1, 3), range(1, 8)))
    return {mix: [share(number, mix) for number in range(RUNS)] for mix in mixes}


@pytest.mark.parametrize(("wanted", "confidence"), [(0.9, 0.8), (0.8, 1.0), (0.6, 0.5)])
def test_it_finds_what_the_whole_grid_finds(
    grid: dict[tuple[int, ...], list[float]], wanted: float, confidence: float
) -> None:
    enough = {
        mix for mix, shares in grid.items()
        if np.mean([value >= wanted for value in shares]) >= confidence
    }  # fmt: skip
    expected = min(enough, key=lambda mix: (sum(mix), mix))
    with open_workers(1) as pool:
        search = Search(pool, SCENARIO, CENTRE, Setting(SEED), Goal(HOURS, wanted, confidence), RUNS)
        row = search.find_year(2022)
    assert (row["prepare"], row["scan"], row["check"]) == expected
    assert search.evaluations <= len(grid) * RUNS / 5
    held = [value >= wanted for value in grid[expected]]
    assert row["runs_held"] == pytest.approx(np.mean(held))
    assert row["low"] <= row["runs_held"] <= row["high"]
    assert row["share_p10"] == min(grid[expected])
    for station, name in enumerate(("prepare", "scan", "check")):
        fewer = tuple(count - (n == station) for n, count in enumerate(expected))
        if fewer[station]:
            assert fewer not in enough
            assert row[f"fewer_{name}"] == pytest.approx(np.mean([value >= wanted for value in grid[fewer]]))
        else:
            assert row[f"fewer_{name}"] is None, "there is no mix to compute"


def test_a_year_that_is_left_early_is_one_that_misses_the_goal() -> None:
    for staff in ((1, 1, 1), (2, 1, 2), (3, 2, 3)):
        whole, left = (simulate(0, staff, least=least) for least in (0.0, 0.9))
        assert whole.whole
        assert left.whole == (left == whole)
        if not left.whole:
            assert whole.share <= left.share < 0.9
    assert not simulate(0, (1, 1, 1), least=0.9).whole


@pytest.mark.parametrize("after", [1, 6])
def test_a_search_that_was_interrupted_goes_on_with_what_it_has(tmp_path: Path, after: int) -> None:
    def interrupt(done: int, _wanted: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    def ask(**options: Any) -> Any:
        return size_capacity(SCENARIO, "centre", HOURS, 0.9, replications=RUNS, seed=SEED, **options)

    with pytest.raises(KeyboardInterrupt):
        ask(kept=tmp_path, on_progress=interrupt)
    whole, resumed, again = ask(), ask(kept=tmp_path), ask(kept=tmp_path)
    assert resumed["capacity"].equals(whole["capacity"])
    assert resumed.summary["evaluations"] == whole.summary["evaluations"] - after
    assert again.summary["evaluations"] == 0


def test_it_says_that_one_fewer_is_missed_only_where_that_was_computed() -> None:
    answer = size_capacity(SCENARIO, "centre", HOURS, 0.9, replications=RUNS, seed=SEED)
    row = answer["capacity"].row(0, named=True)
    assert row["scan"] == 1, "this test is about a station that cannot have fewer"
    assert row["least"] == "yes"
    said = answer.sentences[0]
    assert f"held in {RUNS} of {RUNS} runs, 100 % (" in said.en
    assert f"gehalten in {RUNS} von {RUNS} Durchläufen, 100 % (mit 95 % Sicherheit " in said.de
    assert "That it is really 90 % is not shown with so many runs." in said.en
    assert "preparation 0 %" in said.en
    assert "in der Vorbereitung 0 %" in said.de
    assert "scanning" not in said.en.split("computed again")[1]
    idle = size_capacity(SCENARIO, "centre", 500.0, 0.01, replications=2, seed=SEED)
    assert idle["capacity"].select("prepare", "scan", "check").row(0) == (1, 1, 1)
    assert "fewer than one" in idle.sentences[0].en
    assert "missed" not in idle.sentences[0].en


def test_years_are_those_after_the_reference_date_in_which_it_is_open() -> None:
    assert list_years(SCENARIO, CENTRE) == [2022]
    later = CENTRE.model_copy(update={"opens": CENTRE.opens.model_copy(update={"value": SCENARIO.spec.horizon.end})})
    assert list_years(SCENARIO, later) == [2022]


def test_days_of_a_year_are_all_of_them(nrw: Scenario) -> None:
    from simulation.calendar import get_calendar

    calendar = get_calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    assert [last - first for first, last in (find_days(calendar, year) for year in (2023, 2024))] == [365, 366]


def test_staffed_hours_count_every_shift() -> None:
    two = change_scenario(SCENARIO, ["scan.centre.check.shifts=06:00-14:00+22:00-06:00@2022-01-01"])
    from simulation.levers.apply import show_changes

    changed = show_changes(two).spec.scan.centres[0]
    before, after = (count_staffed_hours(SCENARIO, centre, 2022) for centre in (CENTRE, changed))
    assert after[0] == before[0]
    days = np.diff(list(find_days_working(SCENARIO)))[0]
    assert after[2] == pytest.approx(16 * days, rel=0.01)


def find_days_working(scenario: Scenario) -> Iterator[int]:
    from simulation.calendar import get_calendar

    calendar = get_calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)
    yield from (int(calendar.working_days_before[day]) for day in find_days(calendar, 2022))


def test_a_goal_out_of_reach_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PLENTY", 0)  # at most four of each
    answer = size_capacity(SCENARIO, "centre", 0.05, 0.99, replications=2, seed=SEED)
    row = answer["capacity"].row(0, named=True)
    assert row["prepare"] is None
    assert "the goal is not held" in answer.sentences[0].en
    assert "nicht zu halten" in answer.sentences[0].de


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"centre": "nowhere"}, "unknown scan centre `nowhere`; one of centre"),
        ({"hours": 0.0}, "hours above 0"),
        ({"share": 1.0}, "a share"),
        ({"confidence": 0.0}, "confidence"),
        ({"years": [1999]}, "no such year; one of 2022"),
    ],
)
def test_what_cannot_be_asked_is_refused(changed: dict[str, Any], says: str) -> None:
    arguments = {"centre": "centre", "hours": 6.0, "share": 0.9} | changed
    with pytest.raises(Unanswerable, match=says):
        size_capacity(SCENARIO, replications=2, **arguments)


def test_the_same_question_has_the_same_answer_whatever_the_order_of_the_runs() -> None:
    renamed = replace(SCENARIO, spec=SCENARIO.spec.model_copy(update={"name": "other"}))
    one, other = (size_capacity(s, "centre", HOURS, 0.8, replications=4, seed=SEED) for s in (SCENARIO, renamed))
    assert one["capacity"].equals(other["capacity"])


def test_the_command_writes_the_need_of_each_year(
    eva: Callable[..., Any], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out"
    done = eva(
        "capacity", small, "--centre", "centre", "--within", 8, "--share", "90%", "--replications", 3, "--workers", 1,
        *(part for change in CHANGES for part in ("--set", change)), "--out", out,
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "In 2022" in done.out
    assert "scanners" in done.out
    table = pl.read_csv(out / "capacity.csv")
    assert table["year"].to_list() == [2022]
    assert table["runs_held"][0] >= 0.9
    summary = json.loads((out / "capacity.json").read_text(encoding="utf-8"))
    assert summary["evaluations"] < 300
    page = (out / "capacity.html").read_text(encoding="utf-8")
    for text in ("Personen in der Vorbereitung", "people at preparation", "ohne Rückstand", "without backlog"):
        assert text in page
    assert sorted(path.name for path in out.iterdir()) == [
        "capacity.csv", "capacity.html", "capacity.json", "capacity.parquet", "capacity.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--centre", "nowhere", "--within", "8", "--share", "90%"), "unknown scan centre"),
        (("--centre", "centre", "--within", "8", "--share", "190%"), "--share:1:1: `190%` is no share"),
        (("--centre", "centre", "--within", "8"), "--share"),
        (("--centre", "centre", "--within", "0", "--share", "90%"), "--within"),
    ],
)
def test_wrong_input_writes_nothing(
    eva: Callable[..., Any], small: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    out = tmp_path / "out"
    done = eva("capacity", small, *arguments, "--no-cache", "--replications", 2, "--workers", 1, "--out", out)
    assert done.status == 2
    assert says in done.err
    assert not out.exists()


def test_a_year_whose_runs_are_missing_has_no_share() -> None:
    """Workers that lose the first run of each staff: the others alone would be taken for all."""

    def lose(do: Any, items: Any) -> Any:
        return (do(item) for item in (items if do.func is measure_load else items[1:]))

    with pytest.raises(LookupError, match="not evaluated"):
        YearTrial(Search(lose, SCENARIO, CENTRE, Setting(SEED), Goal(HOURS, 0.5, 1.0), 2), 2022).get_shares((9, 9, 9))
