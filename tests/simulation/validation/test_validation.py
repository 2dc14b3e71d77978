"""Validation holds against truths known in closed form, and shows what is wrong where something is."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from simulation.rollout.conditioning import Known, condition_rollout, condition_work, list_known_counts
from simulation.rollout.simulate import get_model
from simulation.scenario.model import Checkpoint, PlanRow, RolloutScenario
from simulation.validation.backcast import compare_with_past, describe_shifts
from simulation.validation.baselines import ELSEWHERE_USERS, bass, gompertz, logistic, project_naively
from simulation.validation.influence import rank_influences
from simulation.validation.past_runs import PastRuns, find_alike, simulate_past_runs
from simulation.validation.self_test import measure_coverage
from tests.conftest import load_small

SCENARIO = load_small()
END = date(2021, 12, 31)


def make_grown(curve: Any, *figures: float) -> RolloutScenario:
    """A scenario whose known counts lie on a curve with a known end of 100,000 users."""
    days = [date(year, month, 1) for year in (2018, 2019, 2020) for month in (1, 7)]
    figure = SCENARIO.spec.plan[0].e_laufmappe
    checkpoints = []
    for day in days:
        share = float(curve(np.array([(day - days[0]).days / 365.25 + 1 / 12]), *figures)[0])
        users = figure.model_copy(update={"value": share * 100_000})
        checkpoints.append(Checkpoint.model_construct(day=day, users=users, tolerance=0.02))
    plan = [PlanRow.model_construct(year=2022, e_laufmappe=figure.model_copy(update={"value": 100_000}))]
    as_of = SCENARIO.spec.as_of.model_copy(update={"value": days[-1]})
    return SCENARIO.spec.model_copy(update={"checkpoints": checkpoints, "plan": plan, "as_of": as_of})


@pytest.mark.parametrize(
    ("name", "curve", "figures"),
    [("logistic", logistic, (1.2, 5.0)), ("gompertz", gompertz, (0.5, 4.0)), ("bass", bass, (-6.0, 1.4))],
)
def test_a_curve_through_counts_of_its_own_kind_is_found_again(name: str, curve: Any, figures: Any) -> None:
    later = [date(2021, 12, 31), date(2024, 12, 31)]
    found = project_naively(make_grown(curve, *figures), later)[name]
    at = np.array([(day - date(2018, 1, 1)).days / 365.25 + 1 / 12 for day in later])
    assert found == pytest.approx(100_000 * curve(at, *figures), rel=0.01)


def test_the_pace_of_another_state_goes_on_from_what_is_known_and_ends_at_the_plan() -> None:
    spec = make_grown(logistic, 1.2, 5.0)
    known = spec.checkpoints[-1].users.value
    year = date(2021, 7, 1)
    assert project_naively(spec, [spec.as_of.value, year])["elsewhere"] == pytest.approx(
        [known, known + 2 * ELSEWHERE_USERS], rel=0.01
    )
    assert project_naively(spec, [date(2100, 1, 1)])["elsewhere"].tolist() == [100_000]


def test_no_curve_is_laid_through_too_few_counts() -> None:
    assert list(project_naively(SCENARIO.spec, [END])) == ["elsewhere"]


def test_bands_of_draws_like_the_truth_cover_what_they_claim() -> None:
    """Past and future share a cause; the future has luck of its own: 80 % by construction."""
    generator = np.random.default_rng(4)
    cause, luck = generator.integers(0, 5, 1500), generator.normal(size=1500)
    runs = PastRuns(np.stack([1000.0 * 2**cause, 1000.0 * 2**cause + 300 * luck], axis=1), np.empty((0, 1)))
    (row,) = measure_coverage(runs, [Known(date(2020, 1, 1), 0.0, 0.02)], [END])
    assert row["truths"] == 1500
    assert row["covered"] == pytest.approx(0.8, abs=4 * row["error"])


def test_bands_that_know_nothing_of_the_past_do_not_pass_for_better() -> None:
    """Draws whose past is not alike are not asked, so a truth alone in its past counts for nothing."""
    runs = PastRuns(np.stack([1000.0 * 2.0 ** np.arange(20), np.arange(20.0)], axis=1), np.empty((0, 1)))
    assert measure_coverage(runs, [Known(date(2020, 1, 1), 0.0, 0.02)], [END]) == []


def test_alike_is_within_the_tolerance_of_every_count() -> None:
    past = np.array([[100.0, 500.0], [102.0, 500.0], [103.0, 500.0], [100.0, 511.0]])
    known = [Known(END, 0.0, 0.02)] * 2
    assert find_alike(past, 0, known).tolist() == [1]


def test_the_back_cast_of_what_was_kept_meets_what_is_known() -> None:
    model = get_model(SCENARIO, 1)
    rollout, work = condition_rollout(model), condition_work(model)
    rollout.find(4)
    work.find(6)
    runs = simulate_past_runs(model, rollout.numbers, tried=10)
    known = list_known_counts(SCENARIO.spec)
    for row, one in zip(compare_with_past(model, runs, work.numbers), known, strict=False):
        assert row["known_low"] == one.users
        assert abs(row["kept_p50"] - one.users) <= one.tolerance * one.users
    (of_work,) = [row for row in compare_with_past(model, runs, work.numbers) if row["measure"] == "records"]
    assert of_work["known_low"] <= of_work["kept_p10"] <= of_work["kept_p90"] <= of_work["known_high"]
    assert runs.prior.shape == (10, len(known) + 2)


def test_a_figure_that_only_high_draws_of_were_kept_is_shown_as_shifted() -> None:
    model, path = get_model(SCENARIO, 1), "rollout.lead_days"
    high = sorted(range(400), key=lambda number: -model.figures.draw(number)[path])[:60]
    first = describe_shifts(model, high)[0]
    assert first["name"] == path
    assert first["shift"] > 1
    assert first["kept_mean"] > first["prior_mean"]


PATHS = ["rollout.lead_days", "risks.rework", "rollout.team_size", "mail.paper_share", "rollout.teams_per_project"]


def test_what_an_outcome_depends_on_comes_first_with_sign_and_size() -> None:
    """Runs with the same draw differ by luck; mail moves no user, and no scenario draws its deadlines."""
    generator = np.random.default_rng(1)
    drawn = np.repeat(generator.normal(size=(120, 5)), 5, axis=0)
    drawn[:, 0] += drawn[:, 1]  # alike by chance: only one of them acts
    outcome = 1000 - 100 * drawn[:, 1] + 40 * drawn[:, 2] + 500 * drawn[:, 3] * 0 + generator.normal(0, 30, 600)
    first, second, *others = rank_influences(PATHS, drawn, outcome)
    assert (first["name"], second["name"]) == ("risks.rework", "rollout.team_size")
    assert first["sure"]
    assert second["sure"]
    assert first["effect"] == pytest.approx(-100 * 2.563 * drawn[:, 1].std(), abs=3 * first["error"])
    assert second["effect"] == pytest.approx(40 * 2.563 * drawn[:, 2].std(), abs=3 * second["error"])
    assert {row["name"] for row in others} == {"rollout.lead_days", "rollout.teams_per_project"}
    assert not any(row["sure"] for row in others)


def test_too_few_draws_say_nothing_of_influence() -> None:
    drawn = np.repeat(np.random.default_rng(1).normal(size=(20, 5)), 30, axis=0)
    assert rank_influences(PATHS, drawn, drawn[:, 0]) == []


def test_figures_with_one_cause_are_one_influence() -> None:
    same = np.linspace(0, 1, 100)
    paths = ["risks.shortage.teams", "risks.shortage.trainers"]
    (row,) = rank_influences(paths, np.stack([same, same], axis=1), same)
    assert row["sure"]
