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
        grant = yield from pool.request(str(number), priority)
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

    def work(name: str) -> Generator[Any, Any, None]:
        grant = yield from pool.request(name, 0)
        grants[name] = grant.freed_by
        yield env.timeout(1)
        pool.release(grant)

    for name in ("first", "second", "third"):
        env.process(work(name))
    env.run()
    assert grants == {"first": None, "second": "first", "third": "second"}
