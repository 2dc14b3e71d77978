"""The search for the cheapest mix against enumeration, on any goal that more of a lever never harms."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.questions.mixes.cheapest_mix import Mix, find_cheapest

MOST = (7, 7, 7)
STEPS = st.integers(0, 7)
COST = st.integers(1, 9)


class Goal:
    """Enough is what reaches one of some mixes in every lever: every goal that is monotone is of this form."""

    def __init__(self, *corners: Mix) -> None:
        self.corners, self.asked = corners, list[Mix]()

    def __call__(self, mix: Mix) -> bool:
        self.asked.append(mix)
        return self.holds(mix)

    def holds(self, mix: Mix) -> bool:
        return any(all(a >= b for a, b in zip(mix, corner, strict=True)) for corner in self.corners)


def price(mix: Mix, costs: tuple[float, ...]) -> float:
    return sum(count * cost for count, cost in zip(mix, costs, strict=True))


def enumerate_cheapest(goal: Goal, costs: tuple[float, ...]) -> float:
    mixes = product(*(range(limit + 1) for limit in MOST))
    return min(price(mix, costs) for mix in mixes if goal.holds(mix))


@settings(max_examples=25)
@given(st.lists(st.tuples(STEPS, STEPS, STEPS), min_size=1, max_size=4), st.tuples(COST, COST, COST))
def test_it_is_as_cheap_as_what_enumeration_finds_and_says_so(corners: list[Mix], costs: tuple[float, ...]) -> None:
    goal = Goal(*corners)
    best = find_cheapest(goal, MOST, costs, budget=10_000)
    assert best.mix is not None
    assert goal.holds(best.mix)
    assert price(best.mix, costs) == pytest.approx(enumerate_cheapest(goal, costs))
    assert best.proved
    assert best.undecided == 0
    assert len(goal.asked) == len(set(goal.asked)), "a mix was asked twice"
    assert list(best.tried) == goal.asked


@pytest.mark.parametrize(
    ("corners", "costs"),
    [
        ([(3, 2, 4)], (1.0, 1.0, 1.0)),
        ([(2, 0, 5), (5, 3, 1)], (350.0, 80.0, 120.0)),
        ([(0, 7, 0), (4, 0, 4)], (5.0, 1.0, 2.0)),
    ],
)
def test_it_takes_a_tenth_of_the_enumeration(corners: list[Mix], costs: tuple[float, ...]) -> None:
    goal = Goal(*corners)
    best = find_cheapest(goal, MOST, costs)
    assert best.proved
    assert price(best.mix or MOST, costs) == enumerate_cheapest(goal, costs)
    assert len(goal.asked) <= 512 / 10


def test_what_cannot_be_reached_is_said_after_one_question() -> None:
    goal = Goal((8, 0, 0))
    best = find_cheapest(goal, MOST, (1, 1, 1))
    assert best.mix is None
    assert goal.asked == [MOST]


def test_what_holds_anyway_costs_nothing() -> None:
    goal = Goal((0, 0, 0))
    best = find_cheapest(goal, MOST, (1, 1, 1))
    assert best.mix == (0, 0, 0)
    assert best.proved
    assert len(goal.asked) == 2


def test_a_spent_budget_leaves_the_best_so_far_and_no_claim() -> None:
    goal = Goal((3, 3, 3), (7, 0, 5), (0, 6, 6), (5, 5, 0))
    best = find_cheapest(goal, MOST, (3, 2, 2), budget=4)
    assert len(goal.asked) <= 5
    assert best.mix is not None
    assert goal.holds(best.mix)
    assert not best.proved
    assert best.undecided > 0


def test_of_too_many_mixes_nothing_is_proved() -> None:
    goal = Goal((20, 20, 20, 20))
    best = find_cheapest(goal, (40, 40, 40, 40), (1, 1, 1, 1), budget=60)
    assert best.mix is not None
    assert goal.holds(best.mix)
    assert price(best.mix, (1, 1, 1, 1)) == 80  # the descent alone finds it: one corner
    assert not best.proved


def test_levers_that_cost_nothing_are_taken_as_far_as_they_help() -> None:
    goal = Goal((2, 6, 0), (5, 0, 0))
    best = find_cheapest(goal, MOST, (10.0, 0.0, 1.0))
    assert best.mix is not None
    assert price(best.mix, (10.0, 0.0, 1.0)) == 20


@pytest.mark.parametrize("seed", range(3))
def test_the_seed_of_the_optimiser_changes_the_way_and_not_the_answer(seed: int) -> None:
    goal = Goal((2, 4, 1), (6, 1, 1))
    assert price(find_cheapest(goal, MOST, (3, 2, 1), seed=seed).mix or MOST, (3, 2, 1)) == 15
