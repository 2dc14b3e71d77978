"""A pool of resources whose size changes: never more at work than there are, nobody forgotten, priorities kept."""

from collections.abc import Generator
from typing import Any

import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulation.rollout.resource_pool import Level, Pool

LEVELS = st.lists(st.integers(0, 4), min_size=1, max_size=5).map(
    lambda sizes: [Level(10.0 * n, size) for n, size in enumerate([*sizes, 2])]
)
"""A new size every ten days; two at the end, so that everybody is served."""
JOBS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15), st.integers(0, 3)), min_size=1, max_size=12)


class Diary:
    """When who began and ended."""

    def __init__(self) -> None:
        self.begun: list[tuple[float, int]] = []
        self.ended: list[tuple[float, int]] = []


def play(levels: list[Level], jobs: list[tuple[int, int, int]]) -> Diary:
    """Jobs of (arrival, days of work, priority) through a pool."""
    env, diary = simpy.Environment(), Diary()
    pool = Pool(env, levels)

    def work(number: int, arrival: int, days: int, priority: int) -> Generator[Any, Any, None]:
        yield env.timeout(arrival + 0.5)
        grant = yield pool.request(number, priority)
        diary.begun.append((env.now, number))
        yield env.timeout(days)
        diary.ended.append((env.now, number))
        pool.release(grant)

    for number, job in enumerate(jobs):
        env.process(work(number, *job))
    env.run(1000)
    return diary


@given(LEVELS, JOBS)
def test_everybody_is_served_once(levels: list[Level], jobs: list[tuple[int, int, int]]) -> None:
    diary = play(levels, jobs)
    assert sorted(number for _, number in diary.begun) == list(range(len(jobs)))
    assert len(diary.ended) == len(jobs)


@given(LEVELS, JOBS)
def test_nobody_begins_where_all_places_are_taken(levels: list[Level], jobs: list[tuple[int, int, int]]) -> None:
    diary = play(levels, jobs)
    for time, _ in diary.begun:
        there = next(level.capacity for level in reversed(levels) if level.time <= time)
        at_work = sum(b <= time for b, _ in diary.begun) - sum(e <= time for e, _ in diary.ended)
        assert at_work <= max(there, 0) or there == 0 == at_work


@given(JOBS)
def test_with_places_for_all_nobody_waits(jobs: list[tuple[int, int, int]]) -> None:
    diary = play([Level(0.0, len(jobs))], jobs)
    begun = {number: time for time, number in diary.begun}
    assert all(begun[number] == job[0] + 0.5 for number, job in enumerate(jobs))


@given(st.permutations([0, 1, 2, 3]))
def test_of_those_who_wait_the_smaller_priority_comes_first(priorities: list[int]) -> None:
    jobs = [(0, 5, 0), *((1, 2, priority) for priority in priorities)]
    order = [number for _, number in play([Level(0.0, 1)], jobs).begun][1:]
    assert [priorities[number - 1] for number in order] == [0, 1, 2, 3]


def test_a_pool_that_opens_later_lets_everybody_wait_until_then() -> None:
    diary = play([Level(20.0, 1)], [(0, 3, 0), (2, 3, 0)])
    assert [time for time, _ in diary.begun] == [20.0, 23.0]


def test_who_had_to_wait_knows_whose_place_it_took() -> None:
    env, grants = simpy.Environment(), {}
    pool = Pool(env, [Level(0.0, 1)])

    def work(owner: int) -> Generator[Any, Any, None]:
        grant = yield pool.request(owner, 0)
        grants[owner] = grant.freed_by
        yield env.timeout(1)
        pool.release(grant)

    for owner in (1, 2, 3):
        env.process(work(owner))
    env.run()
    assert grants == {1: None, 2: 1, 3: 2}
    assert pool.waited == 1 + 2
    assert pool.held == [(0, 1, 1), (1, 2, 1), (2, 3, 1)]


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_several_units_are_given_only_where_nobody_else_waits_for_them(size: int, owners: int, most: int) -> None:
    env = simpy.Environment()
    pool = Pool(env, [Level(0.0, 0), Level(1.0, size)])
    asked = [pool.request(owner, owner, most) for owner in range(owners)]
    env.run(2)
    units = [one.value.units for one in asked if one.triggered]
    assert len(units) == min(size, owners)
    assert sum(units) <= size
    assert all(1 <= n <= most for n in units)
    if owners < size:
        assert sum(units) == min(size, owners * most)


def test_a_pool_shrinks_only_when_somebody_finishes() -> None:
    env, log = simpy.Environment(), []
    pool = Pool(env, [Level(0, 2), Level(3, 1), Level(20, 2)])

    def work(owner: int, days: int) -> Generator[Any, Any, None]:
        grant = yield pool.request(owner, 0)
        log.append((env.now, owner, grant.freed_by))
        yield env.timeout(days)
        pool.release(grant)

    for owner, days in enumerate((5, 10, 4, 4, 1)):
        env.process(work(owner, days))
    env.run(50)
    # From 3 on one place is gone: it is taken from 0 at 5; 2 waits for 1, 3 for 2, 4 for 3 (before 20).
    assert log == [(0, 0, None), (0, 1, None), (10, 2, 1), (14, 3, 2), (18, 4, 3)]


def test_what_has_begun_takes_a_place_even_if_none_is_free() -> None:
    env = simpy.Environment()
    pool = Pool(env, [Level(0.0, 1)])
    first, second = pool.take(1), pool.take(2)
    waits = pool.request(3, 0)
    pool.release(first)
    assert not waits.triggered
    pool.release(second)
    assert waits.triggered


def test_a_team_that_is_added_comes_after_its_time() -> None:
    env = simpy.Environment()
    pool = Pool(env, [Level(0.0, 1)])
    pool.take(1)
    waits = pool.request(2, 0)
    pool.add(1, 30.0)
    env.run(29)
    assert not waits.triggered
    env.run(31)
    assert waits.value.begun == 30
