"""Several programmes over shared resources: nothing changes where nothing is shared, and nobody gains by sharing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from simulation.calendar import get_calendar
from simulation.forecast.simulated_rollout import prepare, simulate_rollout
from simulation.inputs.faults import Unanswerable
from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.questions.programmes.tables import RESOURCES, list_deadlines, list_users, say_deadline
from simulation.questions.programmes.together import check_programmes, run_together
from simulation.questions.runs import Setting, simulate_key_run
from simulation.rollout.simulate import simulate, simulate_together
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers
from tests.conftest import ROOT, SMALL

FOLDER = ROOT / "scenarios" / "programmes"
SEED = 2021
RUNS = 4


def read(name: str) -> Scenario:
    return load(FOLDER / f"{name}.yaml")


@pytest.fixture(scope="module")
def travel() -> Scenario:
    return read("efab")


@pytest.fixture(scope="module")
def personnel() -> Scenario:
    return read("my-nrw")


def list_month_ends(scenario: Scenario) -> list[date]:
    return get_calendar(scenario.spec.horizon.start, scenario.spec.horizon.end).list_month_ends()


def rename(scenario: Scenario, name: str) -> Scenario:
    return replace(scenario, spec=scenario.spec.model_copy(update={"name": name}))


def test_a_programme_alone_runs_as_ever(travel: Scenario) -> None:
    played = prepare(travel, SEED)
    for number in range(RUNS):
        (together,) = simulate_together([played], number)
        np.testing.assert_array_equal(together.go_live, simulate(played.model, number).go_live)


def test_two_programmes_wait_for_the_trainers_that_both_need(personnel: Scenario) -> None:
    scarce = change_scenario(personnel, ["rollout.trainers*=0.3"])
    other = rename(scarce, "the-same-again")
    alone = simulate_together([prepare(scarce, SEED)], 1)[0]
    both = simulate_together([prepare(scarce, SEED), prepare(other, SEED)], 1)
    assert sum(one.waited["trainers"] for one in both) > 2 * alone.waited["trainers"]
    late = [np.where(np.isfinite(one.go_live), one.go_live, 1e6) for one in (alone, *both)]
    assert max(late[1].mean(), late[2].mean()) > late[0].mean()
    np.testing.assert_allclose(sum(one.own_use["trainers"] for one in both), both[0].use[1], atol=1e-9)
    assert min(one.own_use["trainers"].sum() for one in both) > 0


def test_the_providers_of_the_first_serve_both(personnel: Scenario) -> None:
    """Each waits for itself, and both together for longer than each alone."""
    other = rename(personnel, "twin")
    one_at_once = {"value": 1.0, "low": 1.0, "high": 1.0}
    providers = [
        one.model_copy(update={"introductions_at_once": one.introductions_at_once.model_copy(update=one_at_once)})
        for one in personnel.spec.rollout.providers
    ]
    rollout = personnel.spec.rollout.model_copy(update={"providers": providers})
    first = replace(personnel, spec=personnel.spec.model_copy(update={"rollout": rollout}), digest="few")
    alone = simulate_together([prepare(first, SEED)], 1)[0]
    both = simulate_together([prepare(first, SEED), prepare(other, SEED)], 1)
    assert sum(one.waited["providers"] for one in both) > alone.waited["providers"] + 1
    assert min(one.waited["providers"] for one in both) > 1


def test_teams_are_not_shared(personnel: Scenario) -> None:
    """Beside its twin a programme with few teams and plenty of all else goes live as if it were alone."""
    few = change_scenario(personnel, ["rollout.teams=2", "rollout.trainers*=50", "rollout.slots*=50"])
    alone = simulate_together([prepare(few, SEED)], 2)[0]
    assert alone.waited["teams"] > 1000
    for beside in simulate_together([prepare(few, SEED), prepare(rename(few, "twin"), SEED)], 2):
        np.testing.assert_array_equal(beside.go_live, alone.go_live)
        assert beside.waited["teams"] == pytest.approx(alone.waited["teams"], rel=0.01)


def test_the_plan_of_programmes_beside_each_other(personnel: Scenario) -> None:
    """It is played once; the twin of a programme makes its deadlines later where trainers are scarce."""
    scarce = change_scenario(personnel, ["rollout.trainers*=0.3"])
    answer = run_together([scarce, rename(scarce, "twin")], 9, Setting(SEED, "plan"))
    rows = answer["together"].to_dicts()
    assert [row["scenario"] for row in rows] == ["my-nrw", "my-nrw", "twin", "twin"]
    assert answer.summary["replications"] == 1
    assert max(row["later_p50"] for row in rows) > 0


def test_alone_it_is_the_programme_that_questions_know() -> None:
    """The deadline waits for the mail of all, and so for a scan centre that opens late here too."""
    small = load(SMALL / "small.yaml")
    deadline = small.spec.deadlines[1].model_copy(update={"measure": "authorities_fully_digital"})
    (centre,) = small.spec.scan.centres
    opens = centre.opens.model_copy(update={"value": date(2022, 12, 1)})
    scan = small.spec.scan.model_copy(update={"centres": [centre.model_copy(update={"opens": opens})]})
    spec = small.spec.model_copy(update={"deadlines": [deadline], "scan": scan})
    small = replace(small, spec=spec, digest="digital")
    setting = Setting(SEED)
    answer = run_together([small, rename(small, "twin")], 5, setting)
    days = sorted(float(simulate_key_run(small, setting, number, None).met[0]) for number in range(5))
    assert days[0] < days[-1]
    for row in answer["together"].to_dicts():
        assert (row["met_alone"] - spec.horizon.start).days == days[2]
        assert row["alone"] == np.mean(np.array(days) <= (deadline.day - spec.horizon.start).days)


@pytest.mark.parametrize(
    ("together", "later", "says"),
    [
        ([12, 13, 14], (3, 4), "in the median 3 days later"),
        ([10, np.inf, np.inf], (None, None), "in half of the runs never"),
        ([10, 10, np.inf], (0, None), "in the median 0 days later"),
        ([np.inf] * 3, (None, None), "in half of the runs never"),
    ],
)
def test_a_deadline_that_is_not_met_any_more_is_later_than_all(
    travel: Scenario, together: list[float], later: tuple[float | None, float | None], says: str
) -> None:
    (row,) = list_deadlines(travel, np.array([[10, 10, 10], together], dtype=float)[:, :, None])
    assert (row["later_p50"], row["later_p90"]) == later
    assert says in say_deadline(row, 3).en


def test_a_run_that_never_meets_a_deadline_is_not_made_later_by_others(travel: Scenario) -> None:
    (row,) = list_deadlines(travel, np.array([[10, np.inf, np.inf], [17, np.inf, np.inf]])[:, :, None])
    assert (row["later_p50"], row["later_p90"], row["met_alone"]) == (7, 7, None)


def test_an_answer_names_every_deadline_and_every_shared_resource(personnel: Scenario, travel: Scenario) -> None:
    seen = []
    answer = run_together([personnel, travel], RUNS, Setting(SEED), on_progress=lambda *counts: seen.append(counts))
    assert seen[-1] == (RUNS, RUNS)
    rows = answer["together"].to_dicts()
    named = [(one.spec.name, deadline.title.en) for one in (personnel, travel) for deadline in one.spec.deadlines]
    assert [(row["scenario"], row["title_en"]) for row in rows] == named
    assert answer.summary["replications"] == RUNS
    assert len(answer.sentences) == len(rows)
    assert all(said.en.endswith(f"from {RUNS} runs.") and " to " in said.en for said in answer.sentences)
    names = [one.spec.name for one in (personnel, travel)]
    assert answer["shared"]["resource"].to_list() == 2 * list(RESOURCES)
    assert answer["shared"]["scenario"].to_list() == [name for name in names for _ in RESOURCES]
    months = [day.strftime("%Y-%m") for day in list_month_ends(travel)]
    for table, each in (("together_users", ("e_akte", "e_laufmappe")), ("shared_use", ("trainers", "slots"))):
        assert answer[table]["scenario"].to_list() == [name for name in names for _ in months for _ in each]
    assert answer["shared_use"]["month"].unique(maintain_order=True).to_list() == months


def test_users_and_use_of_each_programme_are_those_of_its_runs(personnel: Scenario, travel: Scenario) -> None:
    """Alone they are what one run of the programme says; in the plan there is one run, and so one value."""
    answer = run_together([personnel, travel], 1, Setting(SEED, "plan"))
    last = answer["together_users"].filter(date=list_month_ends(travel)[-1], product="e_laufmappe")
    for scenario, row in zip((personnel, travel), last.to_dicts(), strict=True):
        run = simulate_rollout(scenario, "plan", SEED, 0)
        live = run.go_live <= (row["date"] - scenario.spec.horizon.start).days
        assert (
            row["alone_p10"] == row["alone_p50"] == row["alone_p90"] == run.outcome.portfolio.seats[1][live].sum() > 0
        )
        assert row["together_p50"] <= row["alone_p50"]
    use = answer["shared_use"].filter(resource="trainers")
    together = use.group_by("month").agg(used=pl.col("together").sum(), there=pl.col("there").first())
    assert (together["used"] <= together["there"] + 0.02).all()
    for scenario, rows in zip((personnel, travel), use.partition_by("scenario", maintain_order=True), strict=True):
        alone = simulate_together([prepare(scenario, SEED)], None)[0].use[1][: rows.height]
        np.testing.assert_allclose(rows["alone"].to_numpy(), alone, atol=0.006)


def test_quantiles_of_users_are_those_of_the_runs(travel: Scenario) -> None:
    users = np.stack([np.arange(10.0), np.arange(10.0) / 2])[:, :, None, None] * np.ones((2, 1))
    first, second = list_users(travel, [date(2022, 1, 31)], users)
    assert (first["product"], second["product"]) == ("e_akte", "e_laufmappe")
    assert [first[f"alone_{of}"] for of in ("p10", "p50", "p90")] == [0, 4, 8]
    assert [second[f"together_{of}"] for of in ("p10", "p50", "p90")] == [0, 2, 4]


def test_workers_and_engine_are_those_that_were_asked_for(
    eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []

    @contextmanager
    def note(workers: int, engine: str) -> Iterator[Any]:
        asked.append((workers, engine))
        with open_workers(1) as work:
            yield work

    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr("simulation.questions.programmes.together.open_workers", note)
    scenarios = ("programmes/efab.yaml", "programmes/sormas-x.yaml")
    options = ("--together", "--mode", "plan", "--replications", 50, "--workers", 3, "--engine", "dask", "--no-cache")
    done = eva("forecast", *scenarios, *options, "--json", "--out", tmp_path / "out")
    assert (done.status, asked) == (0, [(3, "dask")])
    assert json.loads(done.out)["replications"] == 1
    assert not (tmp_path / "kept").exists()


def test_blocks_of_runs_give_what_a_single_one_does(travel: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [travel, rename(travel, "twin")]
    whole = run_together(both, RUNS, Setting(SEED))
    monkeypatch.setattr("simulation.questions.programmes.together.BLOCK", 3)
    parts = run_together(both, RUNS, Setting(SEED))
    for table in ("together", "shared", "together_users", "shared_use"):
        assert parts[table].equals(whole[table])


def test_what_cannot_run_beside_each_other_is_refused(travel: Scenario) -> None:
    with pytest.raises(Unanswerable, match="two or more different programmes"):
        check_programmes([travel])
    with pytest.raises(Unanswerable, match="two or more different programmes"):
        check_programmes([travel, travel])
    horizon = travel.spec.horizon.model_copy(update={"end": travel.spec.horizon.end.replace(year=2024)})
    shorter = replace(travel, spec=travel.spec.model_copy(update={"name": "shorter", "horizon": horizon}))
    with pytest.raises(Unanswerable, match="their horizons differ"):
        check_programmes([travel, shorter])


def test_the_command_writes_table_and_page(eva: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = ("--replications", 2, "--workers", 2, "--no-cache")
    done = eva("forecast", "programmes/efab.yaml", "programmes/sormas-x.yaml", "--together", *few, "--out", out)
    assert done.status == 0, done.err
    assert "sormas-x: Decree" in done.out
    assert (out / "together.csv").read_text(encoding="utf-8").startswith("scenario,title_de,")
    page = (out / "together.html").read_text(encoding="utf-8")
    assert "Programmes beside each other" in page
    for drawn in ("E-Laufmappe: users of each programme", "trainers: use by each programme"):
        assert drawn in page
    written = (out / "together_users.csv").read_text(encoding="utf-8").splitlines()
    assert written[0].startswith("scenario,date,product,alone_p10,")
    assert len((out / "shared_use.csv").read_text(encoding="utf-8").splitlines()) == len(written)


@pytest.mark.parametrize("option", [("--scan-replications", 20), ("--until-error", "1%")], ids=lambda o: o[0])
def test_options_that_programmes_beside_each_other_do_not_have_are_refused(
    eva: Callable[..., Any], tmp_path: Path, option: tuple[str, Any]
) -> None:
    out = tmp_path / "out"
    done = eva("forecast", "programmes/efab.yaml", "programmes/sormas-x.yaml", "--together", *option, "--out", out)
    assert done.status == 2
    assert option[0] in done.err
    assert not out.exists()


def test_several_scenarios_without_the_option_are_refused(eva: Callable[..., Any], tmp_path: Path) -> None:
    done = eva("forecast", "programmes/efab.yaml", "programmes/sormas-x.yaml", "--out", tmp_path / "out")
    assert done.status == 2
    assert "--together" in done.err
    assert not (tmp_path / "out").exists()
