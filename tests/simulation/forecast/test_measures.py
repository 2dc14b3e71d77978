"""Counts from go-live over time, and the day on which a deadline is met."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import get_calendar
from simulation.forecast.measures import Course, build_courses, count_users_from_go_live
from simulation.forecast.replication import Replication, RolloutRun, Wanted, replicate
from simulation.forecast.simulated_rollout import get_long_calendar
from simulation.rollout.adoption import count_planned_users, get_seats
from simulation.rollout.portfolio import convert_to_days
from simulation.rollout.simulate import get_model, simulate
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()
CALENDAR = get_long_calendar(SCENARIO.spec)
PLANNED = np.array([float(CALENDAR.get_day(a.go_live)) for a in SCENARIO.authorities])
DAYS = st.lists(st.one_of(st.integers(0, 60).map(float), st.just(np.inf)), min_size=1, max_size=20)


def run(number: int, mode: str = "risk") -> RolloutRun:
    found = replicate(SCENARIO, mode, 3, Wanted(number, scan=False)).rollout
    assert found
    return found


@given(DAYS, st.integers(1, 20))
def test_a_target_is_met_on_the_first_day_at_whose_end_it_is_reached(days: list[float], target: int) -> None:
    course = Course.add_up(np.array(days), np.ones(len(days)))
    met = course.find_day(target)
    reached = [day for day in range(61) if sum(d <= day for d in days) >= target]
    assert met == (reached[0] if reached else np.inf)


@given(DAYS, st.integers(0, 61))
def test_a_count_holds_at_the_end_of_its_day(days: list[float], day: int) -> None:
    course = Course.add_up(np.array(days), np.full(len(days), 2.0))
    assert course.count_on(np.array([float(day)]))[0] == 2 * sum(d <= day for d in days)


def test_early_users_give_way_to_their_authority() -> None:
    """20 people of the ministry work with it from 11 January on; at its go-live all its seats count, not 20 more."""
    pilot = SCENARIO.spec.early_users[0]
    n = next(n for n, a in enumerate(SCENARIO.authorities) if a.id == pilot.authority)
    others = np.where(np.arange(len(PLANNED)) == n, PLANNED, np.inf)
    courses = build_courses(SCENARIO, CALENDAR, others, None, get_seats(SCENARIO))
    days = np.array([float(CALENDAR.get_day(pilot.start)) - 1, float(CALENDAR.get_day(pilot.start)), PLANNED[n]])
    seats = SCENARIO.authorities[n].users_e_laufmappe
    assert count_users_from_go_live(courses, days)[1].tolist() == [0, pilot.users.value, seats]


def test_the_plan_counts_as_the_reconstruction_does(nrw: Scenario) -> None:
    calendar = get_calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    planned = np.array([float(calendar.get_day(a.go_live)) for a in nrw.authorities])
    days = np.array([float(calendar.get_day(date(year, 12, 31))) for year in range(2017, 2025)])
    found = count_users_from_go_live(build_courses(nrw, calendar, planned, None, get_seats(nrw)), days)
    assert found.tolist() == count_planned_users(nrw, calendar, days).sum(axis=1).tolist()


@pytest.mark.parametrize("number", range(3))
def test_people_who_work_with_it_are_among_those_whose_authority_is_live(number: int) -> None:
    found = run(number)
    assert (found.active <= found.users + 1e-9).all()
    assert (found.active < found.users).any()
    assert found.departments.sum(axis=0) == pytest.approx(found.users[1])


def test_what_is_met_on_a_day_is_there_at_the_end_of_it() -> None:
    found = run(1)
    for deadline, value, met in zip(SCENARIO.spec.deadlines, found.measured, found.met, strict=True):
        day = (deadline.day - CALENDAR.start).days
        assert (met <= day) == (value >= deadline.target.value - 0.5)


def test_an_authority_is_digital_when_its_people_use_it_and_its_mail_comes_scanned() -> None:
    courses = build_courses(SCENARIO, CALENDAR, PLANNED, None, get_seats(SCENARIO))
    digital, live = courses["authorities_fully_digital"], courses["authorities_live"]
    assert (digital.days >= live.days).all()
    opens = max(CALENDAR.get_day(a.scan_from) for a in SCENARIO.authorities if a.scan_from)
    assert digital.days.max() >= opens


@pytest.fixture(scope="module")
def moved() -> Replication:
    return replicate(SCENARIO, "risk", 3, Wanted(2, scan=False, moves=True))


def test_a_project_moves_the_end_by_what_the_same_run_gains_when_it_is_on_time(moved: Replication) -> None:
    """The last go-live of the run, less that of the same run in which this project alone meets no trouble."""
    assert moved.moves
    assert moved.rollout
    model = get_model(SCENARIO, 3)
    for project, days in enumerate(moved.moves.moves):
        better = simulate(model, 2, on_time=project)
        last = convert_to_days(CALENDAR, better.go_live).max()
        assert days == moved.rollout.go_live.max() - last


def test_nothing_moves_the_end_of_a_plan_that_is_kept() -> None:
    planned = replicate(SCENARIO, "plan", 3, Wanted(0, scan=False, moves=True)).moves
    assert planned
    assert not planned.moves.any()


def test_capacities_in_use_are_not_more_than_are_there(moved: Replication) -> None:
    assert moved.rollout
    use, there = moved.rollout.use, moved.rollout.capacity
    assert use.shape == there.shape == (3, len(CALENDAR.month_starts) - 1)
    assert (use[1:] <= there[1:] + 1e-6).all()
    assert use.sum() > 0
    assert (moved.rollout.slack >= 0).all()
