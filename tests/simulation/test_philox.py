"""One stream per replication, entity and purpose: the same everywhere, and independent of all others."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.random_streams import Streams, draw_words, philox, unit

WORDS = st.integers(0, 2**64 - 2)


@given(WORDS, WORDS, WORDS, WORDS)
def test_compiled_philox_gives_numpys_bits(key0: Any, key1: Any, counter0: Any, counter1: Any) -> None:
    key, counter = np.array([key0, key1], np.uint64), np.array([counter0, counter1, 0, 0], np.uint64)
    # NumPy counts up before it draws.
    expected = np.random.Philox(key=key, counter=counter).random_raw(4)
    at = (int(counter0) + 1, counter1)
    assert [int(w) for w in philox(key[0], key[1], np.uint64(at[0]), np.uint64(at[1]))] == [int(w) for w in expected]


def test_known_answer_of_random123() -> None:
    """First vector of the authors' known-answer file for philox4x64-10: zero key, zero counter."""
    words = philox(np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    assert [f"{int(w):016x}" for w in words] == [
        "16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counter", "key", "known"),
    [
        (0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (0x85A308D3_243F6A88, 0x299F31D0_A4093822, None),
    ],
)
def test_known_answers_of_the_small_form(counter: int, key: int, known: str | None) -> None:
    """First vector of the authors' known-answer file for philox4x32-10; others by the function in whole numbers."""
    words = np.empty((4, 1), np.uint32)
    draw_words(words, np.uint64(key), counter >> 32, counter & 0xFFFFFFFF, 1)
    found = " ".join(f"{word:08x}" for word in words[:, 0])
    assert found == (known or compute_small_philox(counter & 0xFFFFFFFF, counter >> 32, key))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**20), st.integers(0, 2**20), st.integers(1, 40))
def test_many_at_once_are_those_of_each_alone(key: int, day: int, first: int, count: int) -> None:
    words = np.empty((4, count), np.uint32)
    draw_words(words, np.uint64(key), day, first, count)
    for k, four in enumerate(words.T):
        assert " ".join(f"{word:08x}" for word in four) == compute_small_philox(first + k, day, key)


def compute_small_philox(first: int, second: int, key: int) -> str:
    """Philox4x32-10 as figure 2 of Salmon et al. (SC 2011) has it, with Python's numbers."""
    left, right, low = [second, 0], [first, 0], 2**32 - 1
    keys, multipliers = [key & low, key >> 32], (0xD2511F53, 0xCD9E8D57)
    for _ in range(10):
        products = [m * r for m, r in zip(multipliers, right, strict=True)]
        high = [product >> 32 for product in products]
        right = [high[1] ^ left[0] ^ keys[0], high[0] ^ left[1] ^ keys[1]]
        left = [products[1] & low, products[0] & low]
        keys = [(keys[0] + 0x9E3779B9) & low, (keys[1] + 0xBB67AE85) & low]
    return " ".join(f"{word:08x}" for word in (right[0], left[0], right[1], left[1]))


def test_streams_differ_by_every_part_of_their_name() -> None:
    keys = {
        tuple(Streams(seed, replication).key(entity, purpose))
        for seed in (1, 2)
        for replication in (0, 1)
        for entity in ("fa-hagen", "fa-hamm")
        for purpose in ("mail", "items")
    }
    assert len(keys) == 16


def test_numbers_lie_inside_the_unit_interval() -> None:
    assert 0 < unit(np.uint64(0)) < unit(np.uint64(2**64 - 1)) < 1
