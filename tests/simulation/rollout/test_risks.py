"""What is drawn for a run: inside its range, from its own stream, and only where it is uncertain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.random_streams import Streams, draw_uniforms, make_keys
from simulation.rollout.risks import (
    DRAWN,
    Figures,
    draw_delays,
    draw_factors,
    draw_luck,
    draw_scenario,
    get_planned_luck,
    invert_triangular,
    spare,
)
from simulation.scenario.figures import find_figures, replace_figures
from simulation.scenario.model import RolloutScenario
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
REPLICATIONS = st.integers(0, 10_000)
KEYS = make_keys(1, [f"project {n}" for n in range(2_000)], "project")


@given(REPLICATIONS)
def test_drawn_figures_lie_in_their_range_and_all_others_stay(replication: int) -> None:
    drawn = {path: figure for path, figure, _ in find_figures(draw_scenario(SPEC, Streams(7, replication)))}
    for path, figure, _ in find_figures(SPEC):
        if DRAWN.search(path) and figure.basis == "assumed" and figure.low is not None and figure.uncertain:
            assert figure.low <= drawn[path].value <= figure.high
        else:
            assert drawn[path] == figure


@pytest.mark.parametrize(
    "path", ["rollout.teams.2021-01-01.value", "rollout.training.trainers.2021-01-01.value", "rollout.lead_days",
             "rollout.staff_council.at_once", "scan.centres.centre.late_months", "risks.shortage.teams"],
)  # fmt: skip
def test_capacities_and_openings_are_drawn(path: str) -> None:
    figures = Figures(SPEC, 1)
    values = {figures.draw(n)[path] for n in range(20)}
    assert len(values) == 20


def test_the_staff_of_scan_centres_and_decisions_are_not_drawn() -> None:
    paths = Figures(SPEC, 1).paths
    assert not [path for path in paths if ".capacity." in path or ".management.bring" in path]


def test_the_mean_of_many_draws_is_that_of_the_triangular_distribution() -> None:
    figure = SPEC.adoption.half_weeks.model_copy(update={"value": 6.0, "low": 3.0, "high": 18.0})
    spec = SPEC.model_copy(update={"adoption": SPEC.adoption.model_copy(update={"half_weeks": figure})})
    figures = Figures(spec, 1)
    values = [figures.draw(n)["adoption.half_weeks"] for n in range(2000)]
    assert np.mean(values) == pytest.approx((3 + 6 + 18) / 3, abs=0.2)


@given(st.floats(0.001, 0.999), st.floats(0, 1), st.floats(0.1, 10), st.floats(0.1, 5))
def test_a_range_multiplied_by_a_factor_gives_draws_multiplied_by_it(
    u: float, at: float, width: float, factor: float
) -> None:
    low, mode, high = (np.array([x]) for x in (1.0, 1.0 + at * width, 1.0 + width))
    drawn = invert_triangular(np.array([u]), low, mode, high)
    scaled = invert_triangular(np.array([u]), low * factor, mode * factor, high * factor)
    assert scaled[0] == pytest.approx(factor * drawn[0])


def test_quantiles_of_the_triangular_distribution_are_those_of_its_closed_form() -> None:
    shares = np.linspace(0.01, 0.99, 99)
    low, mode, high = (np.full(99, x) for x in (2.0, 3.0, 7.0))
    x = invert_triangular(shares, low, mode, high)
    below = np.where(x < 3, (x - 2) ** 2 / (5 * 1), 1 - (7 - x) ** 2 / (5 * 4))
    np.testing.assert_allclose(below, shares)


def test_all_steps_of_a_capacity_share_their_draw() -> None:
    spec = replace_figures(SPEC, {})
    figures = Figures(spec, 1)
    for number in range(10):
        drawn = figures.draw(number)
        first, second = (drawn[f"rollout.teams.{year}-01-01.value"] for year in (2021, 2022))
        assert second - first == pytest.approx(1)


def test_a_changed_range_moves_no_other_draw() -> None:
    figure = SPEC.work.records_per_user_day
    wider = figure.model_copy(update={"high": figure.value * 10 + 1, "low": 0.0, "basis": "assumed"})
    other = SPEC.model_copy(update={"work": SPEC.work.model_copy(update={"records_per_user_day": wider})})
    before, after = (Figures(spec, 2).draw(3) for spec in (SPEC, other))
    assert {path for path in before if before[path] != after[path]} == {"work.records_per_user_day"}


def test_without_risk_every_project_takes_as_much_work_as_planned() -> None:
    luck = get_planned_luck(3)
    assert luck.preparation.tolist() == luck.introduction.tolist() == luck.council.tolist() == [1, 1, 1]
    assert not luck.analysis.any()
    assert not luck.needs_release.any()


def test_factors_have_mean_one_and_their_spread() -> None:
    u = draw_uniforms(KEYS, 3, 2)
    factors = draw_factors(u[:, 0], u[:, 1], 0.4)
    assert factors.mean() == pytest.approx(1, abs=0.03)
    assert np.log(factors).std() == pytest.approx(0.4, abs=0.02)
    assert (factors < 1).mean() > 0.5


def test_delays_hit_as_often_and_last_as_long_as_stated() -> None:
    u = draw_uniforms(KEYS, 4, 3)
    delays = draw_delays(*u.T, 0.3, 40.0)
    assert (delays > 0).mean() == pytest.approx(0.3, abs=0.03)
    assert delays[delays > 0].mean() == pytest.approx(40, rel=0.1)


def certain(**changes: float) -> RolloutScenario:
    """The small scenario with some figures changed; `__` stands for a dot."""
    spec: RolloutScenario = replace_figures(SPEC, {name.replace("__", "."): value for name, value in changes.items()})
    return spec


def test_only_high_protection_pays_for_an_analysis() -> None:
    spec = certain(risks__protection__analysis__probability=1.0)
    high = np.arange(2000) % 2 == 0
    luck = draw_luck(spec, KEYS, 1, high)
    assert ((luck.analysis > 0) == high).all()


def test_a_probability_does_not_shift_other_draws() -> None:
    high = np.ones(2000, dtype=bool)
    often, never = (draw_luck(certain(risks__protection__analysis__probability=p), KEYS, 1, high) for p in (1.0, 0.0))
    assert often.analysis.all()
    assert not never.analysis.any()
    for one, other in zip(often, never, strict=True):
        if one is not often.analysis:
            np.testing.assert_array_equal(one, other)


def test_one_who_is_spared_goes_as_planned_and_nobody_else_changes() -> None:
    luck = draw_luck(certain(rollout__releases__needed=1.0), KEYS, 1, np.ones(2000, dtype=bool))
    better = spare(luck, 7)
    assert [float(one[7]) for one in better] == [1, 1, 1, 0, 0]
    for one, other in zip(luck, better, strict=True):
        np.testing.assert_array_equal(np.delete(one, 7), np.delete(other, 7))
