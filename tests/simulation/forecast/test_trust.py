"""What a forecast says of its own trust: where it begins, how it settles, what it was held against."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from simulation.forecast.collect import Collection
from simulation.forecast.forecast import LEAST_FOR_ERROR, describe_trust, forecast, list_planned_months
from simulation.forecast.precision import describe_convergence
from simulation.levers.apply import change_scenario
from simulation.questions.outcomes import find_outcome, list_outcomes
from simulation.rollout.conditioning import list_known_counts
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()


@pytest.fixture(scope="module")
def collection() -> Collection:
    found = Collection(SCENARIO, "risk", 1)
    found.extend(LEAST_FOR_ERROR, 0)
    return found


@pytest.fixture(scope="module")
def trust(collection: Collection) -> dict[str, Any]:
    return describe_trust(collection, [collection.rollouts[n] for n in range(LEAST_FOR_ERROR)])


def test_a_plan_and_its_what_ifs_speak_of_the_same_year_end_whatever_runs_give(trust: dict[str, Any]) -> None:
    """The year that was furthest behind differed between them, and from one number of runs to another."""
    headlines = {trust["headline"]}
    for change in ("rollout.teams+=20", "rollout.teams=1"):
        collection = Collection(change_scenario(SCENARIO, [change]), "risk", 1)
        collection.extend(4, 0)
        headlines.add(describe_trust(collection, [collection.rollouts[n] for n in range(4)])["headline"])
    (year,) = {day[:4] for day in headlines}
    assert find_outcome(list_outcomes(SCENARIO), None).name.endswith(year), "and comparisons of it too"


def test_the_planned_months_are_listed_once_and_not_for_every_run(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def count(scenario: Scenario) -> list[int]:
        asked.append(scenario)
        return list_planned_months(scenario)

    monkeypatch.setattr("simulation.forecast.forecast.list_planned_months", count)
    describe_trust(collection, [collection.rollouts[n] for n in range(10)])
    assert len(asked) == 1


def test_every_known_count_stands_in_the_back_cast(trust: dict[str, Any]) -> None:
    rows = trust["validation"]["backcast"]
    known = list_known_counts(SCENARIO.spec)
    assert [row["date"] for row in rows if row["measure"] == "users"] == [one.day.isoformat() for one in known]
    assert [row["measure"] for row in rows[len(known) :]] == [one.measure for one in SCENARIO.spec.known_work]
    assert all(row["source"] for row in rows)


def test_how_many_draws_were_tried_and_kept_is_told(trust: dict[str, Any]) -> None:
    draws = trust["validation"]["draws"]
    assert 0 < draws["rollout"] <= draws["rollout_tried"]
    assert 0 < draws["work"] <= draws["work_tried"]


def test_only_what_is_drawn_has_an_influence(trust: dict[str, Any]) -> None:
    names = [row["name"] for row in trust["validation"]["influences"]]
    assert names
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.startswith(("deadlines", "plan", "scan.centres.centre.prepare"))]


def test_the_last_row_of_the_convergence_is_the_forecast(collection: Collection, trust: dict[str, Any]) -> None:
    month = dict(zip(("2021-12-31", "2022-12-31"), list_planned_months(SCENARIO), strict=True))[trust["headline"]]
    users = np.sort([run.users[1, month] for run in collection.rollouts.values()])
    last = trust["validation"]["convergence"][-1]
    assert last["runs"] == LEAST_FOR_ERROR
    assert (last["p10"], last["p50"], last["p90"]) == (users[9], users[49], users[89])


def test_a_planned_year_behind_the_horizon_is_none_that_the_report_begins_with() -> None:
    ends = SCENARIO.spec.horizon.model_copy(update={"end": date(2022, 6, 30)})
    shorter = replace(SCENARIO, spec=SCENARIO.spec.model_copy(update={"horizon": ends}), digest="shorter")
    collection = Collection(shorter, "risk", 3)
    collection.extend(4, 1)
    told = describe_trust(collection, [collection.rollouts[n] for n in range(4)])
    assert told["headline"] == "2021-12-31"


def test_a_what_if_is_not_validated_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def describe(scenario: Scenario) -> dict[str, Any]:
        collection = Collection(scenario, "risk", 3, kept=tmp_path)
        collection.extend(LEAST_FOR_ERROR, 1)
        return describe_trust(collection, [collection.rollouts[n] for n in range(LEAST_FOR_ERROR)])["validation"]

    base = describe(SCENARIO)
    monkeypatch.setattr("simulation.validation.validate.simulate_past_runs", None)
    what_if = describe(change_scenario(SCENARIO, ["rollout.teams+=1"]))
    for name in ("backcast", "shifts", "coverage", "draws"):
        assert what_if[name] == base[name]


def test_few_runs_and_a_plan_are_not_validated(collection: Collection) -> None:
    few = describe_trust(collection, [collection.rollouts[n] for n in range(10)])
    assert few["headline"]
    assert few["validation"] == {}
    assert forecast(SCENARIO, replications=1, scan_replications=1, mode="plan").summary["validation"] == {}


def test_quantiles_settle_as_their_standard_errors_say() -> None:
    """The median of normal numbers has the standard error sqrt(pi / 2 / n)."""
    values = np.random.default_rng(2).normal(100, 10, 5001)
    rows = describe_convergence(values)
    assert [row["runs"] for row in rows] == [25, 50, 100, 200, 500, 1000, 2000, 5000, 5001]
    for row in rows[3:]:
        assert row["p50_se"] == pytest.approx(10 * np.sqrt(np.pi / 2 / row["runs"]), rel=0.6)
        assert row["p50"] == pytest.approx(100, abs=4 * row["p50_se"])
    assert rows[-1]["p90"] == pytest.approx(100 + 10 * norm.ppf(0.9), abs=1)
