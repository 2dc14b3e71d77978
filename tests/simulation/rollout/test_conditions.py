"""What a run meets: capacities over time, events on their dates and with their cause, releases, days off."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.rollout.conditions import Dated, build_profile, draw_conditions, list_levels, plan_conditions
from simulation.rollout.model import Model
from simulation.scenario.figures import replace_figures
from simulation.scenario.model import RolloutScenario
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
MODEL = Model(SCENARIO, 1)
CALENDAR = MODEL.calendar
RUNS = range(60)


def change(**values: float) -> RolloutScenario:
    """The small scenario with some figures changed; `__` stands for a dot."""
    spec: RolloutScenario = replace_figures(
        SPEC, {k.replace("__", ".").replace("year_end", "year-end").replace("mail_shock", "mail-shock"): v
               for k, v in values.items()}
    )  # fmt: skip
    return spec


def conditions(spec: RolloutScenario, number: int) -> Any:
    return draw_conditions(spec, CALENDAR, MODEL.dated, number)


def at(of: date) -> int:
    return int(CALENDAR.get_time(of))


def test_planned_capacities_are_those_of_the_scenario() -> None:
    capacity = plan_conditions(SPEC, CALENDAR).capacity
    assert set(capacity) == {"teams", "trainers", "slots"}
    assert capacity["teams"][at(date(2021, 6, 1))] == 2
    assert capacity["teams"][at(date(2022, 1, 1))] == 3
    assert capacity["trainers"][-1] == 4


def test_new_teams_come_evenly_over_their_ramp() -> None:
    profile = build_profile(SPEC.rollout.teams, CALENDAR, 10.0)
    first = at(date(2022, 1, 1))
    np.testing.assert_allclose(profile[first - 1 : first + 11], [2, *(2 + n / 10 for n in range(1, 11)), 3])


def test_a_step_down_needs_no_ramp() -> None:
    down = [SPEC.rollout.teams[0], SPEC.rollout.teams[1].model_copy(update={"value": SPEC.rollout.team_size})]
    fewer = replace_figures(SPEC, {"rollout.teams.2022-01-01.value": 1.0}).rollout.teams
    first = at(date(2022, 1, 1))
    assert build_profile(fewer, CALENDAR, 10.0)[first - 1 : first + 1].tolist() == [2, 1]
    assert build_profile(down, CALENDAR, 10.0)[first + 20] == 4


def test_levels_are_the_days_on_which_whole_units_change() -> None:
    assert list_levels(np.array([2.0, 2.4, 2.6, 3.0, 1.0])) == [(0.0, 2), (2.0, 3), (4.0, 1)]


def test_a_shortage_leaves_its_share_and_at_least_one() -> None:
    left = conditions(change(risks__shortage__trainers=0.5), 1).capacity["trainers"]
    assert left[at(date(2021, 6, 1))] == pytest.approx(2)
    least = conditions(change(risks__shortage__trainers=0.01), 1).capacity["trainers"]
    assert (least[at(date(2021, 6, 1)) :] == 1).all()


def test_a_reorganisation_takes_its_share_of_slots_for_its_months_only() -> None:
    spec = change(
        risks__events__reorganisation__probability=1.0, risks__events__reorganisation__late_days=0.0,
        risks__events__reorganisation__months=3.0, risks__events__reorganisation__lost__slots=0.5,
        risks__shortage__provisioning=1.0,
    )  # fmt: skip
    for number in RUNS:
        slots = conditions(spec, number).capacity["slots"]
        begin, end = at(date(2022, 1, 3)), at(date(2022, 4, 4))
        assert slots[begin - 1] == 2
        assert (slots[begin:end] == 1).all()
        assert slots[end] == 2


def test_an_event_happens_as_often_as_its_probability_and_with_what_has_its_cause() -> None:
    spec = change(
        risks__events__reorganisation__probability=0.6, risks__events__reorganisation__lost__slots=0.5,
        risks__events__mail_shock__probability=0.3, risks__shortage__provisioning=1.0,
    )  # fmt: skip
    found = [conditions(spec, number) for number in range(400)]
    reorganised = np.array([one.capacity["slots"].min() < 2 for one in found])
    shocked = np.array(["ministry" in one.demand.mail for one in found])
    assert reorganised.mean() == pytest.approx(0.6, abs=0.08)
    assert shocked.mean() == pytest.approx(0.3, abs=0.08)
    assert not (shocked & ~reorganised).any()


def test_a_mail_shock_concerns_its_kinds_and_its_months() -> None:
    spec = change(
        risks__events__mail_shock__probability=1.0, risks__events__mail_shock__months=3.0,
        risks__events__mail_shock__mail__ministry=1.5,
    )  # fmt: skip
    mail = conditions(spec, 1).demand.mail
    assert set(mail) == {"ministry"}
    days = [CALENDAR.get_day(date(*day)) for day in ((2022, 2, 28), (2022, 3, 1), (2022, 5, 30), (2022, 6, 2))]
    assert mail["ministry"][days].tolist() == [1, 1.5, 1.5, 1]


def test_how_late_an_event_comes_is_even_between_its_date_and_its_latest() -> None:
    spec = change(risks__events__reorganisation__probability=1.0, risks__events__reorganisation__late_days=100.0)
    first = (date(2022, 1, 3) - CALENDAR.start).days
    late = [
        spell.begin - first
        for number in range(300)
        for spell in Dated(spec, 1).list_spells(spec, CALENDAR, number)
        if spell.event.id == "reorganisation"
    ]
    assert 0 <= min(late) <= max(late) <= 100
    assert np.mean(late) == pytest.approx(50, abs=6)


def test_nobody_goes_live_around_the_turn_of_any_year() -> None:
    following = conditions(SPEC, 1).next_go_live
    for year in (2021, 2022, 2025):
        before, after = at(date(year, 12, 10)), at(date(year + 1, 1, 11))
        assert following[before] == before
        assert following[at(date(year, 12, 20))] == pytest.approx(after, abs=2)
    assert (following >= np.arange(len(following))).all()


@given(st.integers(0, 500), st.floats(1, 6))
def test_releases_come_in_order_and_none_before_it_is_due(number: int, every: float) -> None:
    spec = change(rollout__releases__every_months=every)
    come = MODEL.dated.draw_releases(spec, CALENDAR, number)
    due = CALENDAR.get_time(date(2021, 1, 4)) + np.arange(len(come)) * every * len(CALENDAR.working_days) / (
        len(CALENDAR.month_starts) - 1
    )
    assert (np.diff(come) >= 0).all()
    assert (come >= due - 1e-6).all()


def test_a_release_that_is_on_time_comes_every_quarter() -> None:
    come = MODEL.dated.draw_releases(change(risks__release_slip__probability=0.0), CALENDAR, 1)
    assert len(come) == pytest.approx(4 * CALENDAR.days / 365.25, abs=1)


def test_events_of_other_names_share_nothing() -> None:
    events = [replace_id(event, f"other-{event.id}") for event in SPEC.risks.events]
    other = SPEC.model_copy(update={"risks": SPEC.risks.model_copy(update={"events": events})})
    one, two = Dated(SPEC, 1), Dated(other, 1)
    spells = [
        [
            (s.event.months.value, round(s.begin))
            for n in range(40)
            for s in d.list_spells(spec, CALENDAR, n)
            if not s.event.yearly
        ]
        for d, spec in ((one, SPEC), (two, other))
    ]
    assert spells[0] != spells[1]


def replace_id(event: Any, name: str) -> Any:
    return event.model_copy(update={"id": name, "cause": None})


def test_the_calendar_goes_on_after_the_horizon() -> None:
    model = Model(replace(SCENARIO), 1)
    assert model.calendar.start == SPEC.horizon.start
    assert model.calendar.days > 3650
    assert model.months == len(model.calendar.month_starts) - 1
