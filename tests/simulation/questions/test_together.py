"""Several programmes over shared resources: nothing changes where nothing is shared, and nobody gains by sharing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulation.forecast.simulated_rollout import prepare
from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.questions.runs import Setting, simulate_key_run
from simulation.questions.together import RESOURCES, check_programmes, list_deadlines, run_together, say_deadline
from simulation.rollout.simulate import simulate, simulate_together
from simulation.scenario.programme import Scenario
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
    assert both[0].waited["trainers"] > alone.waited["trainers"]
    late = [np.where(np.isfinite(one.go_live), one.go_live, 1e6) for one in (alone, *both)]
    assert max(late[1].mean(), late[2].mean()) > late[0].mean()
    assert both[0].waited["trainers"] == both[1].waited["trainers"]


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
    assert says in say_deadline(row).en


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
    assert answer["shared"]["resource"].to_list() == list(RESOURCES)
    assert answer.summary["replications"] == RUNS
    assert len(answer.sentences) == len(rows)


def test_blocks_of_runs_give_what_a_single_one_does(travel: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [travel, rename(travel, "twin")]
    whole = run_together(both, RUNS, Setting(SEED))
    monkeypatch.setattr("simulation.questions.together.BLOCK", 3)
    parts = run_together(both, RUNS, Setting(SEED))
    for table in ("together", "shared"):
        assert parts[table].equals(whole[table])


def test_what_cannot_run_beside_each_other_is_refused(travel: Scenario) -> None:
    with pytest.raises(ValueError, match="two or more different programmes"):
        check_programmes([travel])
    with pytest.raises(ValueError, match="two or more different programmes"):
        check_programmes([travel, travel])
    horizon = travel.spec.horizon.model_copy(update={"end": travel.spec.horizon.end.replace(year=2024)})
    shorter = replace(travel, spec=travel.spec.model_copy(update={"name": "shorter", "horizon": horizon}))
    with pytest.raises(ValueError, match="their horizons differ"):
        check_programmes([travel, shorter])


def test_the_command_writes_table_and_page(eva: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = ("--replications", 2, "--workers", 2, "--no-cache")
    done = eva("forecast", "programmes/efab.yaml", "programmes/sormas-x.yaml", "--together", *few, "--out", out)
    assert done.status == 0, done.err
    assert "sormas-x: Decree" in done.out
    assert (out / "together.csv").read_text(encoding="utf-8").startswith("scenario,title_de,")
    assert "Programmes beside each other" in (out / "together.html").read_text(encoding="utf-8")


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
