"""Each lever moves the shipped plan as it should: sign and least size, under common random numbers."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from simulation.levers.apply import apply_changes, change_scenario, read_changes
from simulation.rollout.model import Model
from simulation.rollout.simulate import get_model, simulate
from simulation.scenario.figures import replace_figures
from simulation.scenario.model import RolloutScenario
from simulation.scenario.programme import Scenario

RUNS = range(32)
YEARS = (2022, 2023, 2024)
Change = Callable[[RolloutScenario], RolloutScenario]


@pytest.fixture(scope="module")
def model(nrw: Scenario) -> Model:
    return get_model(nrw, 5)


@pytest.fixture(scope="module")
def base(model: Model) -> Any:
    return count(model, lambda spec: spec)


def count(model: Model, change: Change) -> Any:
    """Users of the E-Laufmappe at the ends of `YEARS`, shape (runs, years)."""
    ends = [model.calendar.working_days_before[model.calendar.get_day(date(y, 12, 31)) + 1] for y in YEARS]
    runs = [simulate(model, number, change=change) for number in RUNS]
    return np.array([[run.portfolio.seats[1][run.go_live < end].sum() for end in ends] for run in runs])


def make_change(nrw: Scenario, text: str) -> Change:
    """A change as `--set` takes it, as a run of the forecast applies it: from the day after the last known count."""
    changes = read_changes(change_scenario(nrw, [text]))
    first = date.fromordinal(nrw.spec.as_of.value.toordinal() + 1)
    return lambda spec: apply_changes(spec, changes, first)


@pytest.mark.parametrize(
    ("change", "year", "least", "most"),
    [
        ("rollout.teams*=0.5@2022-01-01", 2023, -0.60, -0.10),
        ("rollout.teams*=2@2022-01-01", 2023, 0.03, 0.30),
        ("rollout.trainers*=0.5@2022-01-01", 2023, -0.60, -0.08),
        ("rollout.trainers*=2@2022-01-01", 2023, 0.01, 0.30),
        ("rollout.slots*=0.5@2022-01-01", 2023, -0.60, -0.08),
        ("rollout.slots*=2@2022-01-01", 2023, 0.01, 0.30),
        ("rollout.staff_council_days*=0.5", 2022, 0.005, 0.20),
        ("rollout.staff_council_days*=2", 2022, -0.40, -0.03),
        ("rollout.teams*=0.25@2022-01-01", 2023, -0.80, -0.30),
        ("rollout.teams+=3@2022-01-01", 2023, 0.01, 0.30),
    ],
)
def test_a_lever_moves_users_with_its_sign_and_at_least_its_size(
    nrw: Scenario, model: Model, base: Any, change: str, year: int, least: float, most: float
) -> None:
    place = YEARS.index(year)
    changed = count(model, make_change(nrw, change))
    effect = changed[:, place].mean() / base[:, place].mean() - 1
    assert least <= effect <= most, f"{change}: {effect:+.1%}"
    better = changed[:, place] - base[:, place]
    assert (better * np.sign(effect) >= 0).mean() >= 0.8


@pytest.mark.parametrize(("every", "least", "most"), [(1.0, 0.0, 0.15), (12.0, -0.40, -0.02)])
def test_the_release_quarter_is_a_lever(model: Model, base: Any, every: float, least: float, most: float) -> None:
    """Releases every month or once a year: who needs something of the next one waits less or longer."""
    changed = count(model, lambda spec: replace_figures(spec, {"rollout.releases.every_months": every}))
    effect = changed[:, 0].mean() / base[:, 0].mean() - 1
    assert least <= effect <= most, f"{effect:+.1%}"


def test_less_and_less_of_a_capacity_is_worse_and_worse(nrw: Scenario, model: Model, base: Any) -> None:
    for lever in ("teams", "trainers", "slots"):
        means = [base.mean()] + [
            count(model, make_change(nrw, f"rollout.{lever}*={factor}@2022-01-01")).mean() for factor in (0.6, 0.3)
        ]
        assert means[0] > means[1] > means[2], lever


def test_a_change_by_nothing_changes_nothing(model: Model, base: Any) -> None:
    nothing = count(model, lambda spec: replace_figures(spec, {}))
    np.testing.assert_array_equal(nothing, base)


def test_capacities_out_of_reach_are_no_longer_the_bottleneck(nrw: Scenario, model: Model, base: Any) -> None:
    """Lifting every limit helps much more than one of them, and what is left is not waiting for capacities."""
    paths = ("rollout.teams", "rollout.training.trainers", "rollout.provisioning.slots")
    values = {f"{path}.2021-01-01.value": 500.0 for path in paths} | {"rollout.teams.2022-01-01.value": 500.0}
    changed = count(model, lambda spec: replace_figures(spec, values))
    assert changed[:, 1].mean() > 1.05 * base[:, 1].mean()
    assert nrw.spec.rollout.teams[-1].value.value < 500
