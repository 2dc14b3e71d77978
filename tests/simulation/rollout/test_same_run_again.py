"""The shorter ways to the same run: each project on time in turn, figures fixed, work as lists."""

import numpy as np
import pytest

from simulation.rollout.effort import compute_work, list_work
from simulation.rollout.model import Model
from simulation.rollout.simulate import simulate, simulate_each_on_time, simulate_go_lives
from tests.conftest import load_small

MODEL = Model(load_small(), 6)


@pytest.mark.parametrize("number", range(4))
def test_each_project_on_time_in_turn_is_the_run_with_it_on_time(number: int) -> None:
    found = list(simulate_each_on_time(MODEL, number))
    assert len(found) == len(MODEL.scenario.projects)
    for project, go_live in enumerate(found):
        np.testing.assert_array_equal(go_live, simulate(MODEL, number, on_time=project).go_live)


def test_without_fixed_figures_it_is_the_run_itself() -> None:
    outcome = simulate(MODEL, 3)
    go_live, portfolio = simulate_go_lives(MODEL, 3, None, None, {})
    np.testing.assert_array_equal(go_live, outcome.go_live)
    np.testing.assert_array_equal(portfolio.seats, outcome.portfolio.seats)


def test_fixed_are_figures_that_are_drawn_and_such_that_are_not() -> None:
    """Ten times the work for every project makes all later; a certain year-end freeze taken away none."""
    drawn, certain = {"risks.duration.programme": 10.0}, {"risks.events.year-end.probability": 0.0}
    as_it_was, _ = simulate_go_lives(MODEL, 3, None, None, {})
    longer, _ = simulate_go_lives(MODEL, 3, None, None, drawn)
    without, _ = simulate_go_lives(MODEL, 3, None, None, certain)
    assert longer.max() > as_it_was.max()
    assert (without <= as_it_was).all()


def test_work_as_lists_is_the_same_work() -> None:
    work = compute_work(MODEL.scenario.spec.rollout, MODEL.portfolio, MODEL.calendar, MODEL.scenario.authorities)
    for name, value in vars(list_work(work)).items():
        np.testing.assert_array_equal(value, getattr(work, name))
