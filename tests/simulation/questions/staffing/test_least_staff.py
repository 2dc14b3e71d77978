"""The search for the least staff against enumeration, on any goal that more staff never misses."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.questions.staffing import least_staff
from simulation.questions.staffing.least_staff import Staff, find_least

MOST = (9, 7, 8)
COUNT = st.integers(1, 7)
MIX = st.tuples(COUNT, COUNT, COUNT)


class Corners:
    """Enough is what reaches any of some mixes at every station: every goal that is monotone is of this form.

    A few runs refute only what is `plainly` too small; what stands between costs all runs.
    """

    def __init__(self, *corners: Staff, plainly: Staff = MOST) -> None:
        self.corners, self.plainly = corners, plainly
        self.refuted, self.asked, self.measured = list[Staff](), list[Staff](), dict[Staff, bool]()

    def holds(self, staff: Staff) -> bool:
        return any(all(a >= b for a, b in zip(staff, corner, strict=True)) for corner in self.corners)

    def is_refuted(self, staff: Staff) -> bool:
        self.refuted.append(staff)
        return not self.holds(staff) and any(a <= b for a, b in zip(staff, self.plainly, strict=True))

    def is_enough(self, staff: Staff) -> bool:
        self.asked.append(staff)
        return self.holds(staff)

    def measure(self, staff: Staff) -> bool:
        self.measured[staff] = self.holds(staff)
        return self.measured[staff]


def enumerate_least(goal: Corners) -> Staff:
    mixes = product(*(range(1, limit + 1) for limit in MOST))
    return min((mix for mix in mixes if goal.holds(mix)), key=lambda mix: (sum(mix), mix))


@given(st.lists(MIX, min_size=1, max_size=4), MIX, MIX)
def test_it_is_what_enumeration_finds_whatever_is_guessed(corners: list[Staff], plainly: Staff, guess: Staff) -> None:
    goal = Corners(*corners, plainly=plainly)
    found = find_least(goal, guess, MOST)
    assert found.staff == enumerate_least(goal)
    assert found.is_least
    assert len(goal.asked) == len(set(goal.asked)), "a mix was asked twice"
    assert len(goal.refuted) == len(set(goal.refuted)), "a mix was asked twice"


@given(MIX)
def test_one_mix_that_is_needed_takes_few_questions(corner: Staff) -> None:
    """Of 504 mixes: with a good guess one fewer at each station, and the mix itself."""
    goal = Corners(corner)
    assert find_least(goal, corner, MOST).tried <= 4
    assert goal.asked == [corner]


@given(st.lists(MIX, min_size=1, max_size=4))
def test_the_proof_is_measured_and_not_concluded(corners: list[Staff]) -> None:
    """The mix found was tried by all runs and is enough; one fewer at each station was too and is not."""
    goal = Corners(*corners)
    found = find_least(goal, (4, 4, 4), MOST)
    assert found.staff is not None
    assert goal.measured[found.staff]
    for station in range(3):
        fewer = tuple(count - (n == station) for n, count in enumerate(found.staff))
        if fewer[station] >= 1:
            assert goal.measured[fewer] is False


def test_a_smaller_mix_that_the_proof_finds_enough_is_the_answer() -> None:
    """More staff is worse here by chance: the search concludes wrongly, and the proof sees it."""

    class Chance(Corners):
        def holds(self, staff: Staff) -> bool:
            return staff == (2, 2, 2) or super().holds(staff)

        def is_refuted(self, staff: Staff) -> bool:
            return not super().holds(staff)

    found = find_least(Chance((3, 2, 2)), (3, 2, 2), MOST)
    assert found.staff == (2, 2, 2)
    assert not found.is_least, "what the search concluded of smaller mixes was wrong"


def test_what_cannot_be_reached_is_said_and_never_taken_for_least() -> None:
    for plainly in (MOST, (0, 0, 0)):
        goal = Corners((10, 1, 1), plainly=plainly)
        found = find_least(goal, (3, 3, 3), MOST)
        assert found.staff is None
        assert MOST in (goal.refuted if plainly == MOST else goal.asked)


@pytest.mark.parametrize("guess", [(1, 1, 1), (9, 7, 8), (3, 3, 3)])
def test_a_wrong_guess_costs_questions_and_changes_nothing(guess: Staff) -> None:
    goal = Corners((3, 3, 3))
    found = find_least(goal, guess, MOST)
    assert found.staff == (3, 3, 3)
    assert found.tried <= 20


def test_stations_that_make_up_for_each_other_are_mixed() -> None:
    """Alone each station could do with one if the others have plenty; together it takes six."""
    goal = Corners((4, 1, 1), (1, 4, 1), (1, 1, 4), (2, 2, 2))
    assert find_least(goal, (1, 1, 1), MOST).staff == (1, 1, 4)


@given(st.lists(MIX, min_size=1, max_size=4))
def test_a_search_that_is_given_up_says_so_and_its_mix_is_enough(corners: list[Staff]) -> None:
    goal = Corners(*corners, plainly=(0, 0, 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(least_staff, "MOST_TRIED", 2)
        found = find_least(goal, (1, 1, 1), MOST)
    assert found.staff is not None
    assert goal.holds(found.staff)
    assert found.is_least <= (sum(found.staff) == sum(enumerate_least(goal)))
    for station, count in enumerate(found.staff):
        fewer = tuple(other - (n == station) for n, other in enumerate(found.staff))
        assert count == 1 or not goal.holds(fewer)
