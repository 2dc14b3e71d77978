"""Booking ahead: work is done where there is capacity and nowhere else, and more capacity makes nothing later."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.rollout.resource_pool import Bookings, book

JOBS = st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 20), st.floats(0.5, 4)), min_size=1, max_size=8)
CAPACITY = st.floats(0.5, 6)
DAYS = 500


def book_all(capacity: float, jobs: list[tuple[float, float, float]]) -> tuple[Bookings, list[float]]:
    """The jobs (begin, work, most), in the order in which they begin."""
    bookings = Bookings(np.full(DAYS, capacity))
    return bookings, [bookings.book(*job) for job in sorted(jobs)]


@given(CAPACITY, JOBS)
def test_all_work_is_done_and_no_day_gives_more_than_it_has(
    capacity: float, jobs: list[tuple[float, float, float]]
) -> None:
    bookings, ends = book_all(capacity, jobs)
    assert np.isfinite(ends).all()
    assert bookings.used.sum() == pytest.approx(sum(work for _, work, _ in jobs))
    assert (bookings.left >= -1e-9).all()
    assert bookings.used.max() <= capacity + 1e-9


@given(CAPACITY, JOBS)
def test_nobody_ends_before_the_work_can_be_done(capacity: float, jobs: list[tuple[float, float, float]]) -> None:
    _, ends = book_all(capacity, jobs)
    for (begin, work, most), end in zip(sorted(jobs), ends, strict=True):
        assert end >= begin + work / most - 1e-6


@given(CAPACITY, st.floats(0, 3), JOBS)
def test_more_of_it_makes_the_first_job_no_later(
    capacity: float, more: float, jobs: list[tuple[float, float, float]]
) -> None:
    assert book_all(capacity + more, jobs)[1][0] <= book_all(capacity, jobs)[1][0] + 1e-9


@given(st.floats(0, 30), st.floats(0.1, 20), st.floats(0.5, 4))
def test_alone_a_job_is_limited_by_what_it_can_use(begin: float, work: float, most: float) -> None:
    bookings = Bookings(np.full(DAYS, 1000.0))
    assert bookings.book(begin, work, most) == pytest.approx(begin + work / most, abs=1e-6)
    assert bookings.waited == pytest.approx(0, abs=1e-6)


def test_two_who_want_the_same_days_share_them_in_the_order_of_asking() -> None:
    bookings = Bookings(np.full(DAYS, 2.0))
    assert bookings.book(0, 4, 2) == 2
    assert bookings.book(0, 4, 2) == 4
    assert bookings.waited == 2


def test_a_gap_that_the_first_leaves_is_used() -> None:
    bookings = Bookings(np.full(DAYS, 3.0))
    bookings.book(0, 20, 2)
    assert bookings.book(0, 5, 4) == pytest.approx(5, abs=1)
    assert bookings.left[:4].tolist() == [0, 0, 0, 0]


def test_what_is_not_there_is_never_given() -> None:
    left = np.array([1.0, 0.0, 1.0])
    own = np.zeros(3)
    assert book(left, own, 0.0, 2.0, 1.0) == 3
    assert own.tolist() == [1, 0, 1]
    assert book(np.array([1.0, 0.0]), own, 0.0, 2.0, 1.0) == np.inf
    assert book(np.zeros(3), own, 1.5, 0.0, 1.0) == 1.5


def test_who_share_units_wait_and_take_each_for_themselves() -> None:
    first = Bookings(np.full(DAYS, 2.0))
    second = Bookings(np.full(DAYS, 100.0), first)
    assert [first.book(0, 4, 2), second.book(0, 4, 2)] == [2, 4]
    assert (first.waited, second.waited) == (0, 2)
    assert (first.taken[:4].tolist(), second.taken[:4].tolist()) == ([2, 2, 0, 0], [0, 0, 2, 2])
    assert first.used.tolist() == second.used.tolist() == (first.taken + second.taken).tolist()
