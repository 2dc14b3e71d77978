"""Random streams: uniform, repeatable, and undisturbed by each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from simulation.random_streams import Streams, philox, unit

NAMES = st.text(min_size=1, max_size=20)
SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS, st.integers(0, 10_000), NAMES, NAMES)
def test_a_stream_is_repeated_from_its_name_alone(seed: int, replication: int, entity: str, purpose: str) -> None:
    one, other = (Streams(seed, replication).generator(entity, purpose).random(8) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@given(SEEDS, st.integers(0, 10_000), NAMES)
def test_drawing_from_one_stream_moves_no_other(seed: int, replication: int, entity: str) -> None:
    streams = Streams(seed, replication)
    first = streams.generator(entity, "mail").random(4)
    streams.generator(entity, "items").random(1000)
    np.testing.assert_array_equal(first, streams.generator(entity, "mail").random(4))


@given(SEEDS, NAMES)
def test_replications_have_other_numbers(seed: int, entity: str) -> None:
    keys = [tuple(Streams(seed, n).key(entity, "mail")) for n in range(10)]
    assert len(set(keys)) == 10


def test_a_key_is_two_words_of_64_bits() -> None:
    key = Streams(1, 2).key("fa-hagen", "mail")
    assert key.shape == (2,)
    assert key.dtype == np.uint64


@given(st.integers(0, 2**64 - 1))
def test_a_word_becomes_a_number_strictly_between_nothing_and_one(word: int) -> None:
    number = unit(np.uint64(word))
    assert 0 < number < 1
    assert number == ((word >> 12) + 0.5) / 2**52


@given(st.integers(0, 2**64 - 2))
def test_a_larger_word_never_gives_a_smaller_number(word: int) -> None:
    assert unit(np.uint64(word)) <= unit(np.uint64(word + 1))


def draw(entity: str, count: int) -> NDArray[np.float64]:
    """The four numbers of each of the first counters of a stream, shape (count, 4)."""
    key = Streams(7, 0).key(entity, "items")
    drawn = [philox(key[0], key[1], np.uint64(n), np.uint64(0)) for n in range(count)]
    return np.array([[unit(np.uint64(word)) for word in four] for four in drawn])


def test_numbers_over_counters_are_uniform_and_independent() -> None:
    """Kolmogorov and Smirnov for each of the four words; no correlation between them."""
    drawn = draw("fa-hagen", 2000)
    for column in drawn.T:
        assert stats.kstest(column, "uniform").pvalue > 0.001
    correlation = np.corrcoef(drawn.T)[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < 0.08


def test_neighbouring_entities_are_not_alike() -> None:
    one, other = draw("fa-01", 1000)[:, 0], draw("fa-02", 1000)[:, 0]
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    assert not set(one) & set(other)


@pytest.mark.parametrize(("seed", "replication"), [(0, 0), (2**63 - 1, 0), (0, 99_999)])
def test_the_largest_seeds_and_replications_have_streams(seed: int, replication: int) -> None:
    assert 0 <= Streams(seed, replication).generator("x", "y").random() < 1


def test_a_generator_is_philox_with_the_key_of_its_stream() -> None:
    streams = Streams(5, 3)
    ours = streams.generator("fa-hagen", "mail")
    theirs = np.random.Generator(np.random.Philox(key=streams.key("fa-hagen", "mail")))
    assert (ours.random(50) == theirs.random(50)).all()
    assert (ours.standard_normal(50) == theirs.standard_normal(50)).all()
