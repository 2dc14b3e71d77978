"""Paired differences, the gain of common random numbers, and the chance of having picked the best: by closed forms."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_rel

from simulation.questions.statistics import compare_chances, compare_means, estimate_best, measure_gain

RNG = np.random.default_rng(1)
LUCK = RNG.normal(size=400)


def test_the_interval_of_a_paired_difference_is_students() -> None:
    base, other = 10 + LUCK, 11 + LUCK + RNG.normal(size=400) / 5
    found = compare_means(base, other)
    expected = ttest_rel(other, base).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_common_luck_cancels() -> None:
    """Var(X) + Var(Y) over Var(Y - X): with the same luck and a fifth of noise beside it, 2.04 / 0.04 = 51."""
    base, other = 10 + LUCK, 11 + LUCK + RNG.normal(size=400) / 5
    assert measure_gain(base, other) == pytest.approx(51, rel=0.2)
    assert measure_gain(base, RNG.permutation(other)) == pytest.approx(1, rel=0.2)
    assert measure_gain(base, base + 1) == np.inf
    assert measure_gain(np.ones(5), np.ones(5)) == 1


def test_the_interval_of_two_shares_covers_the_truth() -> None:
    """Of 1,000 experiments with a true difference of 10 points, about 95 % of the intervals hold it."""
    hits = 0
    for _ in range(1000):
        luck = RNG.random(60)
        interval = compare_chances((luck < 0.4).astype(float), (luck < 0.5).astype(float))
        hits += interval.low <= 0.1 <= interval.high
    assert 0.93 <= hits / 1000 <= 0.99
    none = compare_chances(np.zeros(50), np.zeros(50))
    assert none.value == 0
    assert none.low < 0 < none.high  # nothing seen in 50 runs is not nothing


def test_the_chance_of_the_best_of_two_is_that_of_a_normal_difference() -> None:
    base, other = LUCK, LUCK + 0.01 + RNG.normal(size=400) / 10
    difference = other - base
    expected = norm.cdf(difference.mean() / (difference.std(ddof=1) / 20))
    chances = estimate_best([base, other], 1, 3)
    assert chances[1] == pytest.approx(expected, abs=0.01)
    assert estimate_best([base, other], -1, 3)[0] == pytest.approx(expected, abs=0.01)


def test_scenarios_alike_in_every_run_share_the_chance() -> None:
    assert estimate_best([LUCK, LUCK, LUCK - 1], 1, 3).tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert estimate_best([LUCK], 1, 3).tolist() == [1.0]
