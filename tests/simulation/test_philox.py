"""One stream per replication, entity and purpose: the same everywhere, and independent of all others."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.random_streams import Streams, philox, unit

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
