"""The draws that agree with what is known are the same, whoever looks for them."""

import pytest

from simulation.forecast.found_draws import find_draws
from simulation.rollout.conditioning import TRIED_AT_ONCE, KeptDraws, condition_rollout
from simulation.rollout.model import Model
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers

SEED = 4711
"""Which no other test asks for: this process remembers what it found."""


def test_several_workers_find_what_one_finds(nrw: Scenario) -> None:
    """Far from all draws agree, and what is tried beyond the last one that is needed does not count."""
    alone = condition_rollout(Model(nrw, SEED))
    alone.find(30)
    with open_workers(2) as workers:
        found = find_draws(nrw, SEED, 30, workers=workers)
    assert found.rollout.tolist() == alone.numbers
    assert found.tried[0] == alone.tried > 60


@pytest.mark.parametrize("wanted", [1, 5, 100])
@pytest.mark.parametrize("most_tried", [10, TRIED_AT_ONCE, 5 * TRIED_AT_ONCE + 7])
def test_tried_one_by_one_or_many_at_once(wanted: int, most_tried: int) -> None:
    one, other = (KeptDraws(lambda n: n % 7 == 3, most_tried=most_tried) for _ in range(2))
    one.find(wanted)
    other.find(wanted, lambda numbers: list(other.try_all(numbers)))
    assert (one.numbers, one.tried) == (other.numbers, other.tried)
    assert one.tried == min(most_tried, 7 * (wanted - 1) + 4)
