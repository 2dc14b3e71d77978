"""A run with one thing different differs by that thing only, and is told with its interval."""

import numpy as np
import pytest

from simulation.forecast.counterfactuals import VARIANTS, VariantsRun, describe_variants, simulate_variants
from simulation.forecast.replication import Wanted, replicate
from simulation.forecast.simulated_rollout import simulate_rollout
from simulation.levers.apply import change_scenario
from tests.conftest import load_small

SCENARIO = load_small()
IDS = [variant.id for variant in VARIANTS]


def count_users(changes: list[str], number: int) -> list[float]:
    found = replicate(change_scenario(SCENARIO, changes), "risk", 3, Wanted(number, scan=False)).rollout
    assert found
    return [found.users[1, 11], found.users[1, 23]]  # the small scenario begins in January 2021


@pytest.mark.parametrize("number", [0, 5])
def test_what_helps_is_the_gain_of_the_same_run_with_that_change(number: int) -> None:
    gains = simulate_variants(SCENARIO, 3, number, simulate_rollout(SCENARIO, "risk", 3, number)).gains
    for variant in VARIANTS:
        if variant.kind == "help":
            more = np.subtract(count_users(list(variant.changes), number), count_users([], number))
            assert gains[IDS.index(variant.id)].tolist() == more.tolist()


@pytest.mark.parametrize("number", [2, 7])
def test_a_cause_taken_away_is_a_figure_set(number: int) -> None:
    gains = simulate_variants(SCENARIO, 3, number, simulate_rollout(SCENARIO, "risk", 3, number)).gains
    without = np.subtract(count_users(["rollout.staff_council_days=0"], number), count_users([], number))
    assert gains[IDS.index("staff_councils")].tolist() == without.tolist()


def test_gains_are_told_with_their_interval_and_most_comes_first() -> None:
    gains = np.zeros((2, len(VARIANTS), 2))
    gains[0, IDS.index("slots")], gains[1, IDS.index("slots")] = 10.0, 30.0
    rows = describe_variants(SCENARIO.spec, [VariantsRun(one) for one in gains])
    first = next(row for row in rows if row["kind"] == "help")
    half = 1.96 * np.std([10, 30], ddof=1) / np.sqrt(2)
    assert (first["id"], first["users"]) == ("slots", 20)
    assert (first["low"], first["high"]) == (round(20 - half), round(20 + half))
    assert describe_variants(SCENARIO.spec, []) == []
