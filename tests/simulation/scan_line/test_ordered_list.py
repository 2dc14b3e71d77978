"""A list into which eight places are put in order at once is the list that sorting gives."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from simulation.random_streams import compiled
from simulation.scan_line.ordered_list import WIDTH, Lists, put


@compiled
def put_all(times, codes, new_times, new_codes):
    for n in range(len(new_times)):
        put(times[WIDTH:], codes[WIDTH:], n, new_times[n], new_codes[n])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=60))
@example([(5, n) for n in range(30, 0, -1)])
@example([(n, 0) for n in range(40, 0, -1)])
def test_puts_are_insertions(items: list[tuple[int, int]]) -> None:
    times, codes = Lists().make(1, len(items))
    put_all(
        times[0], codes[0], np.array([t / 4 for t, _ in items], dtype=float), np.array([c for _, c in items], np.int64)
    )
    assert list(zip((times[0, WIDTH:] * 4).tolist(), codes[0, WIDTH:].tolist(), strict=True)) == sorted(items)


def test_room_that_is_used_again_is_empty_again() -> None:
    lists = Lists()
    times, codes = lists.make(2, 50)
    times[:], codes[:] = 7.0, 7
    times, codes = lists.make(3, 20)
    assert times.shape == codes.shape == (3, WIDTH + 20)
    assert np.isneginf(times[:, :WIDTH]).all()
