"""`eva reach`: as cheap as the cheapest of all mixes, with the same runs; says when nothing is enough; goes on."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from simulation.forecast.measures import get_due_days
from simulation.inputs.faults import UnusableInput
from simulation.levers.apply import change_scenario
from simulation.questions.mixes.cheaper_mixes import Cheaper, Evaluated, count_telling_runs, judge_cheaper
from simulation.questions.mixes.cheapest_mix import Best, Space
from simulation.questions.mixes.costs import Costs, get_start, make_costs, read_costs
from simulation.questions.mixes.reach import reach
from simulation.questions.mixes.reach_sentences import say_best
from simulation.questions.mixes.trial import Trial
from simulation.questions.runs import Runs, Setting
from simulation.workers import open_workers
from tests.conftest import load_small

SEED = 7
RUNS = 20
LOADED = load_small()
POOR = [
    "rollout.teams=1", "rollout.trainers=1", "rollout.slots=1", "rollout.training.hours_per_user*=8",
    "rollout.provisioning.users_per_slot_day*=0.125", "rollout.introduction.per_thousand_users*=8",
]  # fmt: skip
"""One team, one trainer, one slot and eight times the work to begin with, so that more of each helps."""
SCENARIO = change_scenario(LOADED, POOR)
COSTS = Costs.model_validate({
    "kind": "costs", "unit": {"de": "Tsd. Euro", "en": "thousand euros"},
    "levers": {
        "rollout.teams": {"most": 2, "cost": 35, "from": SCENARIO.spec.as_of.value.replace(month=6, day=1)},
        "rollout.trainers": {"most": 3, "cost": 8}, "rollout.slots": {"most": 2, "cost": 12},
    },
})  # fmt: skip
DEADLINE = SCENARIO.spec.deadlines[-1]


def count_held(texts: list[str], numbers: range = range(RUNS)) -> int:
    due = get_due_days(SCENARIO.spec)[-1]
    with open_workers(1) as pool:
        runs = Runs(pool, Setting(SEED)).get([change_scenario(SCENARIO, texts)], numbers)[0]
    return sum(run.met[len(SCENARIO.spec.deadlines) - 1] <= due for run in runs)


@pytest.fixture(scope="module")
def every_mix() -> dict[tuple[int, ...], int]:
    """Runs that hold the deadline, of every mix."""
    names, most = list(COSTS.levers), [cost.most for cost in COSTS.levers.values()]
    found = {}
    for mix in product(*(range(count + 1) for count in most)):
        found[mix] = count_held([COSTS.levers[n].write(n, k) for n, k in zip(names, mix, strict=True) if k])
    return found


def price(mix: tuple[int, ...]) -> float:
    return sum(count * cost.cost for count, cost in zip(mix, COSTS.levers.values(), strict=True))


def test_more_never_harms_here(every_mix: dict[tuple[int, ...], int]) -> None:
    """What the search takes for granted, on all pairs; a run may differ where projects queue in another order."""
    worse = [
        (one, other) for one in every_mix for other in every_mix
        if all(a <= b for a, b in zip(one, other, strict=True)) and every_mix[other] < every_mix[one] - 1
    ]  # fmt: skip
    assert not worse


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_it_is_as_cheap_as_the_cheapest_of_all(every_mix: dict[tuple[int, ...], int], share: float) -> None:
    wanted = every_mix[tuple(cost.most for cost in COSTS.levers.values())] * share / RUNS
    enough = [price(mix) for mix, held in every_mix.items() if held >= wanted * RUNS - 1e-9]
    answer = reach(SCENARIO, DEADLINE.id, wanted, costs=COSTS, replications=RUNS, seed=SEED)
    assert answer.summary["cost"] == pytest.approx(min(enough))
    assert answer.summary["undecided"] == 0
    assert not answer.summary["proved"] or not answer.summary["close"]
    assert count_held(answer.summary["changes"]) >= wanted * RUNS - 1e-9
    further = count_held(answer.summary["changes"], range(RUNS, 2 * RUNS))
    assert answer.summary["checked"] == pytest.approx(further / RUNS)


def test_a_cheaper_mix_whose_interval_includes_what_is_wanted_is_not_said_to_be_too_little() -> None:
    """A mix with 49 of 100 where 50 were wanted was “known not to be enough”; its interval went up to 59."""
    answer = reach(SCENARIO, DEADLINE.id, 0.4, costs=COSTS, replications=RUNS, seed=SEED)
    summary, frame = answer.summary, answer["reach"]
    for row in frame.iter_rows(named=True):
        assert (row["told"] == "no") == (row["low"] <= 0.4 <= row["high"])
    cheaper = frame.filter((pl.col("cost") < summary["cost"]) & (pl.col("told") == "no"))
    assert cheaper.height > 0, "this test is about such a mix"
    assert not summary["proved"]
    assert summary["cheaper"]["not_told_apart"] > 0
    assert {one["cost"] for one in summary["close"]} <= set(cheaper["cost"])
    said = answer.sentences[1]
    surest = summary["close"][0]
    assert f"{100 * surest['probability']:.1f} % ({100 * surest['low']:.1f} % to" in said.en
    assert "Not told apart, the surest first" in said.en
    assert "Nicht zu unterscheiden, die sichersten zuerst" in said.de
    assert "--replications" in said.en


def test_what_is_known_of_cheaper_mixes_is_told_apart() -> None:
    """Two are refuted by 2 of 100, one has an interval that reaches 50 %, and two are left."""
    best = Best((2, 1), False, 2, ())
    evaluated = {(2, 1): Evaluated(55, 100), (1, 0): Evaluated(2, 100), (0, 1): Evaluated(49, 100)}
    found = judge_cheaper(best, Space((2, 1), np.array([1.0, 1.0])), evaluated, 0.5)
    assert found == Cheaper(refuted=2, close_count=1, undecided=2, close=((0, 1),))
    assert not found.all_refuted
    telling = count_telling_runs(Evaluated(49, 100), 0.5)
    assert telling is not None
    assert 8_000 < telling < 14_000
    assert count_telling_runs(Evaluated(4999, 10_000), 0.5) is None


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (99, "100 further runs)."), (58, "not shown by this"), (43, "less than wanted: whether it is enough is open"),
        (20, "less than wanted: by these runs it is not enough"),
    ],
)  # fmt: skip
def test_further_runs_below_what_is_wanted_are_said_plainly(held: int, says: str) -> None:
    with open_workers(1) as pool:
        trial = Trial(SCENARIO, DEADLINE, 0.5, COSTS, Runs(pool, Setting(SEED)), 100)
    trial.evaluated = {(0, 0, 0): Evaluated(10, 100), (1, 0, 0): Evaluated(54, 100)}
    said = say_best(trial, (1, 0, 0), Evaluated(held, 100))
    assert says in said.en
    assert f"{held}.0 % (" in said.en
    assert f"{held},0 % (" in said.de
    assert "54.0 % (44.3 % to 63.4 %, 100 runs) instead of 10.0 % (" in said.en
    begun = said.en.startswith("Nothing was found that further runs bear out.")
    assert begun == said.de.startswith("Gefunden ist nichts, was weitere Durchläufe bestätigen.") == (held < 50)


def test_nothing_cheaper_on_the_frontier_is_as_sure() -> None:
    frame = reach(SCENARIO, DEADLINE.id, 0.4, costs=COSTS, replications=RUNS, seed=SEED)["reach"]
    frontier = frame.filter(pl.col("frontier") == "yes").sort("cost")
    assert frontier["probability"].is_sorted()
    assert frontier["cost"].is_sorted()
    for row in frontier.iter_rows(named=True):
        cheaper = frame.filter((pl.col("cost") < row["cost"]) & (pl.col("probability") >= row["probability"]))
        assert cheaper.is_empty()
    for row in frame.iter_rows(named=True):
        assert row["low"] <= row["probability"] <= row["high"]
        assert (row["runs"] == RUNS) or row["enough"] == "no"


def test_it_says_plainly_when_nothing_is_enough() -> None:
    early = DEADLINE.model_copy(update={"day": SCENARIO.spec.as_of.value.replace(month=4, day=1)})
    hopeless = replace(SCENARIO, spec=SCENARIO.spec.model_copy(update={"deadlines": [early]}), digest="hopeless")
    answer = reach(hopeless, DEADLINE.id, 0.9, costs=COSTS, replications=RUNS, seed=SEED)
    assert answer.summary["reached"] is False
    assert answer.summary["cost"] is None
    assert answer.sentences[0].en.startswith("Nothing within the bounds holds")
    assert answer.sentences[0].de.startswith("Nichts innerhalb der Grenzen")
    assert len(answer["reach"]) == 1


def test_an_interrupted_search_goes_on_from_there(tmp_path: Path) -> None:
    class InterruptedHere(Exception):
        pass

    def stop(done: int, _wanted: int) -> None:
        if done >= 60:
            raise InterruptedHere

    arguments: dict[str, Any] = {"costs": COSTS, "replications": RUNS, "seed": SEED, "kept": tmp_path}
    with pytest.raises(InterruptedHere):
        reach(SCENARIO, DEADLINE.id, 0.4, on_progress=stop, **arguments)
    rest = reach(SCENARIO, DEADLINE.id, 0.4, **arguments)
    whole = reach(SCENARIO, DEADLINE.id, 0.4, **(arguments | {"kept": None}))
    assert rest["reach"].equals(whole["reach"])
    assert rest.summary["computed"] <= whole.summary["computed"] - 50
    again = reach(SCENARIO, DEADLINE.id, 0.4, **arguments)
    assert again.summary["computed"] == 0


def test_steps_are_written_as_changes() -> None:
    step = COSTS.levers["rollout.teams"]
    assert step.write("rollout.teams", 2) == "rollout.teams+=2@2021-06-01"
    later = step.model_copy(update={"step": "-3 months", "start": None})
    assert later.write("project.p-finance.start", 2) == "project.p-finance.start-=6 months"
    fewer = step.model_copy(update={"step": -0.5, "start": None})
    assert fewer.write("rollout.staff_council_days", 3) == "rollout.staff_council_days-=1.5"


def test_without_a_cost_file_every_step_counts_one() -> None:
    costs = make_costs(LOADED, ["rollout.teams", "rollout.slots"])
    assert {name: cost.cost for name, cost in costs.levers.items()} == {"rollout.teams": 1, "rollout.slots": 1}
    assert costs.levers["rollout.teams"].most == 3  # as many again as there are at most
    with pytest.raises(UnusableInput, match="no step of its own"):
        make_costs(LOADED, ["scan.centre.opens"])
    with pytest.raises(UnusableInput, match="unknown lever"):
        make_costs(LOADED, ["rollout.temas"])


@pytest.mark.parametrize(
    ("day", "start"), [("2021-02-28", "2021-07-01"), ("2021-08-31", "2022-01-01"), ("2021-12-31", "2022-04-01")]
)
def test_steps_begin_with_the_quarter_after_next(day: str, start: str) -> None:
    from datetime import date

    assert get_start(date.fromisoformat(day)) == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("lever", "says", "line"),
    [
        ("rollout.temas: {most: 1, cost: 1}", "unknown lever", 4),
        ("rollout.teams: {most: 0, cost: 1}", "at least", 4),
        ("rollout.teams: {most: 1, cost: -1}", "at least", 4),
        ("rollout.teams: {most: 1, cost: 1, step: -9}", "at least", 4),
        ("project.p-pilot.start: {step: -1 month, most: 1, cost: 1}", "known and cannot be changed", 4),
        ("rollout.teams: {most: 1, price: 1}", "is missing|is no key here", 4),
    ],
)
def test_a_wrong_cost_file_is_told_with_its_place(tmp_path: Path, lever: str, says: str, line: int) -> None:
    text = f"kind: costs\nunit: {{de: a, en: b}}\nlevers:\n  {lever}\n"
    path = tmp_path / "costs.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput, match=says) as refused:
        read_costs(path, LOADED)
    assert refused.value.faults[0].place.line == line


def test_the_command_answers_and_its_status_says_whether_it_can_be(
    eva: Callable[..., Any], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    costs, out = tmp_path / "costs.yaml", tmp_path / "out"
    costs.write_text(
        "kind: costs\nunit: {de: Tsd. Euro, en: thousand euros}\nlevers:\n"
        "  rollout.trainers: {most: 4, cost: 8, from: 2021-06-01}\n  rollout.slots: {most: 2, cost: 12}\n",
        encoding="utf-8",
    )
    poor = [part for change in POOR for part in ("--set", change)]
    arguments = [
        "reach",
        small,
        *poor,
        "--deadline",
        DEADLINE.id,
        "--cost",
        costs,
        "--replications",
        10,
        "--workers",
        1,
    ]
    done = eva(*arguments, "--probability", "10%", "--out", out)
    assert done.status == 0, done.err
    summary = json.loads((out / "reach.json").read_text(encoding="utf-8"))
    assert summary["reached"]
    assert set(summary["levers"]) == {"rollout.trainers", "rollout.slots"}
    table = pl.read_csv(out / "reach.csv")
    assert table.columns[:3] == ["rollout.trainers", "rollout.slots", "cost"]
    page = (out / "reach.html").read_text(encoding="utf-8")
    assert "thousand euros" in page
    assert "Tsd. Euro" in page
    for wrong, says in (
        (("--probability", "10%", "--levers", "rollout.teams"), "no cost is given for rollout.teams"),
        (("--probability", "2"), "--probability:1:1"),
    ):
        refused = eva(*arguments, *wrong, "--out", tmp_path / "none")
        assert refused.status == 2
        assert says in refused.err
    assert not (tmp_path / "none").exists()
    unknown = eva("reach", small, "--deadline", "never", "--probability", "50%", "--out", tmp_path / "none")
    assert unknown.status == 2
    assert "unknown deadline `never`" in unknown.err
