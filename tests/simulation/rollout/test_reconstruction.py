"""Lists drawn anew: other sizes, another cut, another order, and every total of the report to the person."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.levers.load import load
from simulation.rollout.model import Model
from simulation.rollout.portfolio import Portfolio, list_authorities
from simulation.rollout.reconstruction import Reconstruction, distribute
from simulation.rollout.simulate import get_model, simulate
from simulation.scenario.programme import Scenario, count_in_preparation
from tests.conftest import NRW, SMALL

MODEL = Model(load(NRW), 3)
BASE = MODEL.portfolio
NUMBERS = st.integers(0, 100_000)
FINISHED = {"mwide", "mkffi", "it-nrw", "lbv", "jm", "vm"}


def draw(number: int) -> Portfolio:
    return MODEL.reconstruction.draw(number)


def users_at(portfolio: Portfolio, day: date) -> list[int]:
    """Users of both products if all goes as this list plans, pilots of the model ministry included (F094, F095)."""
    live = portfolio.go_live < MODEL.calendar.working_days_before[MODEL.calendar.get_day(day) + 1]
    counted = portfolio.seats[:, live].sum(axis=1)
    early = 0 if live[MODEL.number_of["mwide"]] else max(
        [p.users.value for p in MODEL.scenario.spec.early_users if p.start <= day], default=0
    )  # fmt: skip
    return (counted + early).tolist()


@given(NUMBERS)
def test_every_total_of_the_report_comes_out_to_the_person(number: int) -> None:
    drawn = draw(number)
    for row in MODEL.scenario.spec.plan:  # F093 to F100
        assert users_at(drawn, date(row.year, 12, 31)) == [row.e_akte.value, row.e_laufmappe.value]
    for known in MODEL.scenario.spec.checkpoints:  # 1,365 in March, about 4,900 in June 2021
        assert users_at(drawn, known.day)[1] == known.users.value
    assert drawn.seats.sum(axis=1).tolist() == [75_000, 111_389]


@given(NUMBERS)
def test_18000_users_are_in_preparation_in_every_list(number: int) -> None:
    drawn, known = draw(number), MODEL.calendar.get_time(date(2021, 8, 31))
    begun = drawn.windows[drawn.project, 0] <= known
    coming = begun & (drawn.go_live > MODEL.as_of)
    assert drawn.seats[1][coming].sum() == 18_000  # F103 C04


@given(NUMBERS)
def test_the_finished_authorities_and_known_sizes_stay(number: int) -> None:
    drawn = draw(number)
    stays = [n for n, a in enumerate(MODEL.scenario.authorities) if a.id in FINISHED]
    assert len(stays) == 6
    for of in (drawn, BASE):
        assert (of.go_live[stays] <= MODEL.as_of).sum() == 6
    for name in ("go_live", "project"):
        np.testing.assert_array_equal(getattr(drawn, name)[stays], getattr(BASE, name)[stays])
    stays.append(MODEL.number_of["gd"])
    np.testing.assert_array_equal(drawn.seats[:, stays], BASE.seats[:, stays])


@given(NUMBERS)
def test_kinds_keep_their_users_and_all_projects_their_authorities(number: int) -> None:
    drawn = draw(number)
    kinds = [a.kind for a in MODEL.scenario.authorities]
    for kind in set(kinds):
        here = np.array([k == kind for k in kinds])
        assert drawn.seats[:, here].sum() == BASE.seats[:, here].sum()
    assert set(drawn.project.tolist()) == set(range(45))
    assert (drawn.seats[1] > 0).all()
    assert ((drawn.seats[0] > 0) == (BASE.seats[0] > 0)).all()


@given(NUMBERS)
def test_every_list_can_be_kept(number: int) -> None:
    """Phases in order, go-lives within the introduction, and nothing planned before what it depends on."""
    drawn = draw(number)
    assert (np.diff(drawn.windows, axis=1) >= 0).all()
    begin, end = drawn.windows[drawn.project, 2], drawn.windows[drawn.project, 3]
    assert ((begin < drawn.go_live) & (drawn.go_live <= end)).all()
    for project, needed in enumerate(MODEL.needed):
        for other in needed:
            assert drawn.windows[project, 2] >= drawn.windows[other, 3]


def test_sizes_cut_and_order_really_differ() -> None:
    lists = [draw(number) for number in range(60)]
    seats, projects = np.stack([d.seats[1] for d in lists]), np.stack([d.project for d in lists])
    assert (seats.std(axis=0) > 0).sum() > 230
    assert (projects != BASE.project).any(axis=0).sum() > 150
    stk = [p.id for p in MODEL.scenario.projects].index("p-stk")
    assert len({d.windows[stk, 3] for d in lists}) == 8
    counts = np.stack([np.bincount(d.project, minlength=45) for d in lists])
    assert (counts.std(axis=0) > 0.5).sum() >= 10


def test_ministries_keep_to_their_range_nearly_always() -> None:
    rows = [n for n, a in enumerate(MODEL.scenario.authorities) if a.kind == "ministry" and a.id not in FINISHED]
    low, high = (
        np.array([getattr(MODEL.scenario.authorities[n], f"users_{e}") for n in rows]) for e in ("low", "high")
    )
    sizes = np.stack([draw(number).seats[1][rows] for number in range(200)])
    assert ((low * 0.8 <= sizes) & (sizes <= high * 1.25)).mean() > 0.97


def test_the_list_of_a_run_depends_on_its_number_alone() -> None:
    again = Reconstruction(MODEL.scenario, BASE, MODEL.calendar, 3)
    other = Reconstruction(MODEL.scenario, BASE, MODEL.calendar, 4)
    np.testing.assert_array_equal(again.draw(7).seats, draw(7).seats)
    assert (other.draw(7).seats != draw(7).seats).any()


def test_a_fixed_reconstruction_is_the_list_of_the_files() -> None:
    spec = MODEL.scenario.spec.model_copy(update={"reconstruction": "fixed"})
    model = Model(replace(MODEL.scenario, spec=spec), 3)
    assert model.draw_portfolio(5) is model.portfolio
    assert MODEL.draw_portfolio(5) is not MODEL.portfolio


def test_a_run_shows_the_lists_that_it_drew(nrw: Scenario) -> None:
    outcome = simulate(get_model(nrw, 1), 2)
    shown = outcome.authorities
    assert [a.users_e_laufmappe for a in shown] == outcome.portfolio.seats[1].tolist()
    assert [a.users_e_akte for a in shown] == outcome.portfolio.seats[0].tolist()
    ids = [p.id for p in nrw.projects]
    assert [ids.index(a.project) for a in shown] == outcome.portfolio.project.tolist()
    assert shown != nrw.authorities


def test_lists_of_the_files_are_shown_as_they_are(nrw: Scenario) -> None:
    assert list_authorities(nrw, MODEL.portfolio) == nrw.authorities


def test_a_small_list_without_clusters_keeps_its_order() -> None:
    scenario = load(SMALL / "small.yaml")
    model = Model(scenario, 1)
    drawn = model.reconstruction.draw(1)
    np.testing.assert_array_equal(drawn.project, model.portfolio.project)
    np.testing.assert_array_equal(drawn.windows, model.portfolio.windows)
    assert count_in_preparation(scenario, date(2021, 6, 1)) == 1230


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=30), st.integers(0, 5000))
def test_whole_numbers_are_distributed_in_proportion(weights: list[float], more: int) -> None:
    total = len(weights) + more
    found = distribute(np.array(weights), total)
    assert found.sum() == total
    assert found.min() >= 1
    exact = np.array(weights) * more / sum(weights) + 1
    assert np.abs(found - exact).max() < 1 + 1e-9


def test_three_parts_of_ten() -> None:
    assert distribute(np.array([1.0, 1.0, 1.0]), 10).tolist() == [4, 3, 3]
