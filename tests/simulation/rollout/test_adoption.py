"""Growth of use after go-live: the logistic curve in closed form, pilots, and the plan without growth."""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.adoption import compute_using_share, count_planned_users, count_users
from simulation.scenario.figures import replace_figures
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
CALENDAR = Calendar(SPEC.horizon.start, SPEC.horizon.end)
EVEN = replace(SCENARIO, spec=replace_figures(SPEC, {"adoption.spread": 0.0}))
"""No difference between authorities."""
COUNT = len(SCENARIO.authorities)
AS_OF = CALENDAR.get_day(SPEC.as_of.value)


@given(st.floats(AS_OF + 1, 600), st.floats(0, 700))
def test_use_grows_along_the_logistic_curve(go_live: float, day: float) -> None:
    assume(day + 1 - go_live > 0)
    share = compute_using_share(EVEN, CALENDAR, np.full(COUNT, go_live), np.array([day]), Streams(1, 0))[0, 0]
    half, ninety = SPEC.adoption.half_weeks.value * 7, SPEC.adoption.ninety_weeks.value * 7
    expected = 1 / (1 + math.exp(-math.log(9) * (day + 1 - go_live - half) / (ninety - half)))
    assert share == pytest.approx(expected)


@given(st.integers(0, 1000), st.floats(AS_OF + 1, 400))
def test_use_never_falls_and_never_passes_all(replication: int, go_live: float) -> None:
    days = np.arange(0.0, 730.0, 7)
    share = compute_using_share(SCENARIO, CALENDAR, np.full(COUNT, go_live), days, Streams(2, replication))
    assert (share >= 0).all()
    assert (share <= 1).all()
    assert (np.diff(share, axis=1) >= 0).all()
    assert (share[:, days + 1 <= go_live] == 0).all()


def test_what_was_live_on_the_last_known_day_is_not_smoothed() -> None:
    go_live = np.full(COUNT, float(AS_OF))
    share = compute_using_share(SCENARIO, CALENDAR, go_live, np.array([AS_OF - 1.0, AS_OF, AS_OF + 1]), Streams(1, 0))
    assert share.tolist() == [[0, 1, 1]] * COUNT


def test_without_streams_a_seat_counts_from_its_first_day() -> None:
    go_live = np.array([100.0, 200.0, np.inf, 300.0, 0.0])
    share = compute_using_share(SCENARIO, CALENDAR, go_live, np.array([99.0, 100.0, 250.0]), None)
    assert share.tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1]]


def test_authorities_differ_only_by_their_own_stream() -> None:
    go_live, days = np.full(COUNT, AS_OF + 30.0), np.array([AS_OF + 90.0])
    share = compute_using_share(SCENARIO, CALENDAR, go_live, days, Streams(1, 0))
    fewer = replace(SCENARIO, authorities=SCENARIO.authorities[1:])
    again = compute_using_share(fewer, CALENDAR, go_live[1:], days, Streams(1, 0))
    assert len({float(value) for value in share[:, 0]}) == COUNT
    np.testing.assert_array_equal(share[1:], again)


def test_users_are_seats_times_share_by_product() -> None:
    share = np.full((COUNT, 2), 0.5)
    found = count_users(SCENARIO, CALENDAR, share, np.array([500.0, 600.0]))
    assert found.shape == (2, COUNT, 2)
    assert found[0, :, 0].tolist() == [a.users_e_akte / 2 for a in SCENARIO.authorities]
    assert found[1, :, 1].tolist() == [a.users_e_laufmappe / 2 for a in SCENARIO.authorities]


def test_a_pilot_counts_from_its_day_until_the_go_live() -> None:
    pilot = SPEC.early_users[0]
    row = next(n for n, a in enumerate(SCENARIO.authorities) if a.id == pilot.authority)
    start = float(CALENDAR.get_day(pilot.start))
    days = np.array([start - 1, start, start + 1])
    nobody = count_users(SCENARIO, CALENDAR, np.zeros((COUNT, 3)), days)
    assert nobody[:, row].tolist() == [[0, pilot.users.value, pilot.users.value]] * 2
    assert nobody.sum() == 4 * pilot.users.value
    live = count_users(SCENARIO, CALENDAR, np.ones((COUNT, 3)), days)
    assert live[1, row].tolist() == [SCENARIO.authorities[row].users_e_laufmappe] * 3


def test_planned_users_step_up_on_the_planned_days() -> None:
    for authority in SCENARIO.authorities:
        day = float(CALENDAR.get_day(authority.go_live))
        row = SCENARIO.authorities.index(authority)
        before, after = count_planned_users(SCENARIO, CALENDAR, np.array([day - 1, day]))[1, row]
        assert before < after == authority.users_e_laufmappe


def test_planned_users_at_the_end_are_all_seats() -> None:
    day = float(CALENDAR.get_day(SPEC.horizon.end - timedelta(1)))
    total = count_planned_users(SCENARIO, CALENDAR, np.array([day])).sum(axis=1).ravel()
    assert total.tolist() == [
        sum(a.users_e_akte for a in SCENARIO.authorities), sum(a.users_e_laufmappe for a in SCENARIO.authorities)
    ]  # fmt: skip
