"""What is drawn for a replication: inside its range, from its own stream, and only where it is uncertain."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.resource_pool import Level
from simulation.rollout.risks import (
    DRAWN,
    compute_capacity_levels,
    draw_luck,
    draw_scenario,
    get_planned_luck,
)
from simulation.scenario.figures import find_figures, replace_figures
from simulation.scenario.load import load
from tests.conftest import SMALL

SCENARIO = load(SMALL / "small.yaml")
SPEC = SCENARIO.spec
CALENDAR = Calendar(SPEC.horizon.start, SPEC.horizon.end)
REPLICATIONS = st.integers(0, 10_000)


@given(REPLICATIONS)
def test_drawn_figures_lie_in_their_range_and_all_others_stay(replication: int) -> None:
    drawn = {path: figure for path, figure, _ in find_figures(draw_scenario(SPEC, Streams(7, replication)))}
    for path, figure, _ in find_figures(SPEC):
        if path.startswith(DRAWN) and figure.basis == "assumed" and figure.low is not None:
            assert figure.low <= drawn[path].value <= figure.high
        else:
            assert drawn[path] == figure


def test_the_mean_of_many_draws_is_that_of_the_triangular_distribution() -> None:
    figure = SPEC.adoption.half_weeks.model_copy(update={"value": 6.0, "low": 3.0, "high": 18.0})
    spec = SPEC.model_copy(update={"adoption": SPEC.adoption.model_copy(update={"half_weeks": figure})})
    values = [draw_scenario(spec, Streams(1, n)).adoption.half_weeks.value for n in range(400)]
    assert np.mean(values) == pytest.approx((3 + 6 + 18) / 3, abs=0.5)


def test_a_changed_range_moves_no_other_draw() -> None:
    figure = SPEC.work.records_per_user_day
    wider = figure.model_copy(update={"high": figure.value * 10 + 1, "low": 0.0, "basis": "assumed"})
    other = SPEC.model_copy(update={"work": SPEC.work.model_copy(update={"records_per_user_day": wider})})
    before = {p: f.value for p, f, _ in find_figures(draw_scenario(SPEC, Streams(2, 3)))}
    after = {p: f.value for p, f, _ in find_figures(draw_scenario(other, Streams(2, 3)))}
    assert {path for path in before if before[path] != after[path]} <= {"work.records_per_user_day"}


def test_without_risk_every_project_takes_as_long_as_planned() -> None:
    luck = get_planned_luck(SCENARIO, CALENDAR)
    assert not luck.risky
    assert luck.provisioning_pace == 1
    assert {tuple(one) for one in luck.projects.values()} == {(1.0, 0.0, 0.0)}
    assert set(luck.projects) == {p.id for p in SCENARIO.projects}


@given(REPLICATIONS)
def test_luck_never_makes_a_project_shorter(replication: int) -> None:
    luck = draw_luck(SCENARIO, CALENDAR, Streams(3, replication))
    for one in luck.projects.values():
        assert one.factor >= 1
        assert one.preparation_delay >= 0
        assert one.introduction_delay >= 0


def test_only_high_protection_pays_for_an_analysis() -> None:
    certain = replace_figures(
        SPEC,
        {
            "risks.protection.analysis.probability": 1.0,
            "risks.staff_council.probability": 0.0,
            "risks.release_slip.probability": 0.0,
        },
    )
    scenario = replace(SCENARIO, spec=certain)
    high = {a.project for a in SCENARIO.authorities if a.protection == "high"}
    assert high
    luck = draw_luck(scenario, CALENDAR, Streams(1, 1)).projects
    assert {name for name, one in luck.items() if one.preparation_delay > 0} == high
    assert all(one.introduction_delay == 0 for one in luck.values())


def test_a_probability_of_one_delays_by_its_mean() -> None:
    certain = replace_figures(SPEC, {"risks.release_slip.probability": 1.0, "risks.release_slip.mean_days": 30.0})
    scenario = replace(SCENARIO, spec=certain)
    delays = [
        one.introduction_delay
        for n in range(200)
        for one in draw_luck(scenario, CALENDAR, Streams(5, n)).projects.values()
    ]
    assert np.mean(delays) == pytest.approx(30, rel=0.1)
    assert min(delays) > 0


def capacity_at(levels: list[Level], time: float) -> int:
    return next((level.capacity for level in reversed(levels) if level.time <= time), 0)


def test_planned_capacities_are_those_of_the_scenario() -> None:
    levels = compute_capacity_levels(SPEC, CALENDAR, get_planned_luck(SCENARIO, CALENDAR))
    assert set(levels) == {"teams", "trainers", "slots"}
    for step in SPEC.rollout.teams:
        assert capacity_at(levels["teams"], CALENDAR.get_time(step.start)) == step.value.value


def test_a_shortage_acts_after_the_last_known_day_and_leaves_at_least_one() -> None:
    scarce = replace_figures(SPEC, {"risks.shortage.teams": 0.01, "risks.shortage.trainers": 0.01})
    luck = replace(get_planned_luck(SCENARIO, CALENDAR), risky=True)
    planned, found = (compute_capacity_levels(spec, CALENDAR, luck) for spec in (SPEC, scarce))
    as_of = CALENDAR.get_time(SPEC.as_of.value)
    assert capacity_at(found["teams"], as_of - 1) == capacity_at(planned["teams"], as_of - 1)
    assert capacity_at(found["teams"], as_of + 1) == 1
    assert capacity_at(found["trainers"], as_of + 1) == 1


def test_a_reorganisation_takes_slots_for_its_months_only() -> None:
    values = {"risks.reorganisation.months": 3.0, "risks.reorganisation.lost": 1.0}
    spec = replace_figures(SPEC, values)
    start = spec.risks.reorganisation.start.value
    assert spec.as_of.value < start
    luck = replace(get_planned_luck(SCENARIO, CALENDAR), risky=True)
    slots = compute_capacity_levels(spec, CALENDAR, luck)["slots"]
    begin = CALENDAR.get_time(start)
    before, during = capacity_at(slots, begin - 1), capacity_at(slots, begin + 1)
    assert during == 1 <= before
    after = date(start.year + (start.month + 4 > 12), (start.month + 3) % 12 + 1, 28)
    if after < SPEC.horizon.end:
        assert capacity_at(slots, CALENDAR.get_time(after)) == before
