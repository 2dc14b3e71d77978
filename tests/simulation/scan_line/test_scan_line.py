"""The compiled scan line equals its SimPy reference to the last bit, on differing lines and on random ones."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import ndarray

from simulation.scan_line.kernel import RELEASE, STATIONS
from simulation.scan_line.line import ScanLine
from tests.simulation.scan_line import simpy_line


class Line(NamedTuple):
    """A line and its items."""

    capacities: list
    arrival: np.ndarray
    service: np.ndarray
    excluded: np.ndarray
    rescans: np.ndarray


def steady(*servers):
    return [(np.zeros(1), np.array([c])) for c in servers]


def shifts(servers, begin, end, days, closed=()):
    """Servers from `begin` to `end` o'clock on days 0 to `days`, but for the closed ones; in the end for ever."""
    open_days = np.array([d for d in range(days) if d not in closed])
    times = np.append(np.stack([open_days * 24 + begin, open_days * 24 + end], axis=1).ravel(), days * 24 + begin)
    return times.astype(float), np.append(np.tile([servers, 0], len(open_days)), servers)


def items(n, seed, per_hour=4.0, excluded=0.0, rescanned=0.0, whole=False):
    rng = np.random.default_rng(seed)
    if whole:
        arrival = np.sort(rng.integers(0, max(n // 4, 1), n)).astype(float)
        service = rng.integers(1, 4, (STATIONS, n)).astype(float)
    else:
        arrival, service = np.cumsum(rng.exponential(1 / per_hour, n)), rng.exponential(0.4, (STATIONS, n)) + 1e-6
    fails = rng.integers(1, 4, n) * (rng.random(n) < rescanned)
    return arrival, service, rng.random(n) < excluded, fails.astype(np.int8)


def at_once(n):
    """Everything at the same instant with the same service: nothing but ties."""
    return np.repeat([1.0, 5.0], n // 2), np.ones((STATIONS, n)), np.zeros(n, bool), np.zeros(n, np.int8)


WEEK = [shifts(3, 7, 15, 14), shifts(2, 7, 16, 14), shifts(3, 8, 17, 14), shifts(1, 7, 18, 14)]
RISING = (np.array([0.0, 30.0, 60.0]), np.array([1, 2, 6]))
FALLING = (np.array([0.0, 20.0, 40.0, 200.0]), np.array([6, 2, 1, 6]))
LINES = {
    "plain": Line(steady(6, 3, 4, 2), *items(300, 1)),
    "one server each": Line(steady(1, 1, 1, 1), *items(200, 2, per_hour=1.5)),
    "many servers": Line(steady(40, 30, 35, 20), *items(400, 3, per_hour=60)),
    "shifts end": Line(WEEK, *items(400, 4)),
    "a backlog over night": Line(WEEK, *items(400, 5, per_hour=20)),
    "capacity rises": Line([RISING, *steady(2, 3, 2)], *items(300, 6)),
    "capacity falls while all are busy": Line([FALLING] * 4, *items(300, 7)),
    "holidays": Line([shifts(4, 7, 15, 14, closed=(2, 3, 9))] * 4, *items(300, 8)),
    "rescans": Line(steady(4, 2, 3, 2), *items(400, 9, rescanned=0.1)),
    "heavy rescans with ties": Line(steady(2, 2, 2, 1), *items(300, 10, rescanned=0.5, whole=True)),
    "nothing but ties": Line(steady(3, 2, 3, 1), *at_once(60)),
    "exclusions": Line(steady(3, 2, 2, 1), *items(300, 11, excluded=0.3)),
    "nobody there at first": Line([(np.array([50.0]), np.array([3]))] * 4, *items(100, 12)),
    "everything together": Line(
        [FALLING, shifts(3, 7, 15, 14), RISING, shifts(2, 6, 20, 14, closed=(4,))],
        *items(400, 13, excluded=0.15, rescanned=0.3, whole=True),
    ),
}


def run(line, cuts=()):
    """Departures of all items, the line being advanced in periods that end at `cuts`."""
    kernel, left = ScanLine(line.capacities, trace=True), np.full((STATIONS, len(line.arrival)), np.nan)
    edges = [-np.inf, *sorted(cuts), 1e6]
    for begin, until in pairwise(edges):
        now = np.flatnonzero((line.arrival >= begin) & (line.arrival < until))
        served = kernel.advance(
            line.arrival[now], line.service[:, now], line.excluded[now], line.rescans[now], now, until=until
        )
        assert (np.diff(served.left) >= 0).all()
        assert (served.left < until).all()
        left[:, served.tag] = served.departures
    return left


@pytest.mark.parametrize("name", LINES)
def test_equal_to_simpy_to_the_last_bit(name: str) -> None:
    expected = simpy_line.run(*LINES[name])
    np.testing.assert_array_equal(run(LINES[name]), expected)
    np.testing.assert_array_equal(run(LINES[name], cuts=(10.0, 24.0, 24.5, 100.0, 101.0)), expected)


def test_the_comparison_would_notice_a_last_bit() -> None:
    line = LINES["rescans"]
    service = np.nextafter(line.service, 9)
    assert not np.array_equal(run(line), run(line._replace(service=service)), equal_nan=True)


@st.composite
def lines(draw):
    n = draw(st.integers(1, 40))
    whole = st.integers(1, 4).map(float)
    arrival = np.sort(np.array(draw(st.lists(st.integers(0, 15), min_size=n, max_size=n)), dtype=float))
    service = np.array(draw(st.lists(st.lists(whole, min_size=n, max_size=n), min_size=STATIONS, max_size=STATIONS)))
    capacities = []
    for _ in range(STATIONS):
        steps = draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3)), max_size=5, unique_by=lambda s: s[0]))
        steps = [(0, draw(st.integers(0, 3))), *sorted(steps), (41, draw(st.integers(1, 3)))]
        capacities.append((np.array([t for t, _ in steps], dtype=float), np.array([c for _, c in steps])))
    excluded = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    rescans = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=np.int8)
    return Line(capacities, arrival, service, excluded, rescans)


@settings(max_examples=150)
@given(lines(), st.lists(st.integers(0, 80).map(float), max_size=4))
def test_random_lines_and_periods_equal_simpy(line: Any, cuts: Any) -> None:
    np.testing.assert_array_equal(run(line, cuts), simpy_line.run(*line))


def test_equal_to_bare_simpy_resources() -> None:
    """Without ties and with constant capacity, `simpy.Resource` as every modeller writes it gives the same bits."""
    line = LINES["plain"]
    env, left = simpy.Environment(), np.empty(len(line.arrival))
    stations = [simpy.Resource(env, int(c[0])) for _, c in line.capacities]

    def item(number):
        yield env.timeout(line.arrival[number])
        for station, resource in enumerate(stations):
            with resource.request() as turn:
                yield turn
                yield env.timeout(line.service[station, number])
        left[number] = env.now

    for number in range(len(line.arrival)):
        env.process(item(number))
    env.run()
    np.testing.assert_array_equal(run(line)[RELEASE], left)


@pytest.mark.parametrize("name", LINES)
def test_nothing_is_lost_at_any_time(name: str) -> None:
    """In = released + excluded + still inside; hours worked add up to the service asked for."""
    line = LINES[name]
    kernel, gone, worked = ScanLine(line.capacities), 0, np.zeros(STATIONS)
    edges = [-np.inf, 5.0, 24.0, 30.0, 60.0, 1e6]
    for begin, until in pairwise(edges):
        now = (line.arrival >= begin) & (line.arrival < until)
        served = kernel.advance(
            line.arrival[now],
            line.service[:, now],
            line.excluded[now],
            line.rescans[now],
            np.flatnonzero(now),
            until=until,
        )
        gone += len(served.tag)
        worked += served.busy_hours
        assert gone + served.in_system == (line.arrival < until).sum()
    assert gone == len(line.arrival)
    passes = np.where(line.excluded, 0, 1) * np.array([[1], [1], [1], [1]])
    passes[0], passes[1:3] = 1, passes[1:3] * (line.rescans + 1)
    np.testing.assert_allclose(worked, (line.service * passes).sum(axis=1))


def test_staffed_hours_are_the_capacity_over_the_period() -> None:
    line = ScanLine(WEEK)
    nothing = np.empty(0), np.empty((STATIONS, 0)), np.empty(0, bool), np.empty(0, np.int8), np.empty(0, int)
    assert line.advance(*nothing, until=24.0).staffed_hours.tolist() == [24, 18, 27, 11]
    assert line.advance(*nothing, until=24.0 + 8).staffed_hours.tolist() == [3, 2, 0, 1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"service": np.zeros((4, 2))}, "above 0"),
        ({"service": np.full((4, 2), np.nan)}, "finite"),
        ({"service": np.ones((3, 2))}, "shape"),
        ({"arrival": np.array([2.0, 1.0])}, "ascending"),
        ({"arrival": np.array([np.nan, 1.0])}, "ascending"),
        ({"arrival": np.array([1.0, 99.0])}, "outside"),
        ({"rescans": np.array([-1, 0])}, "negative"),
        ({"until": np.inf}, "finite"),
    ],
)
def test_unusable_items_are_refused(change: dict[str, float] | dict[str, ndarray], says: str) -> None:
    good = {
        "arrival": np.array([1.0, 2.0]), "service": np.ones((4, 2)), "excluded": np.zeros(2, bool),
        "rescans": np.zeros(2, np.int8), "tag": np.arange(2), "until": 10.0,
    }  # fmt: skip
    with pytest.raises(ValueError, match=says):
        ScanLine(steady(1, 1, 1, 1)).advance(**{**good, **change})


@pytest.mark.parametrize("bad", [([], []), ([0, 1], [1]), ([1, 0], [1, 1]), ([0], [-1]), ([np.nan], [1])])
def test_unusable_capacities_are_refused(
    bad: tuple[list[Any], list[Any]] | tuple[list[float], list[int]] | tuple[list[int], list[int]],
) -> None:
    with pytest.raises(ValueError, match="capacity"):
        ScanLine([(np.array(bad[0], float), np.array(bad[1], int))] * 4)
