"""The compiled scan line against plain SimPy and against Ciw: the same line, in one process, taking turns."""

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import ciw
import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.scan_line.kernel import STATIONS
from simulation.scan_line.line import ScanLine

SERVERS = (6, 3, 4, 2)
LOAD = 0.85
ROUNDS = 5

Floats = NDArray[np.float64]


def _items(n: int) -> tuple[Floats, Floats]:
    """Arrivals and service times of n items on a line that is busy 85 % of the time."""
    rng = np.random.default_rng(1)
    service = rng.exponential(1.0, (STATIONS, n)) * np.array(SERVERS)[:, None] * LOAD + 1e-9
    return np.cumsum(rng.exponential(1.0, n)), service


def _kernel(arrival: Floats, service: Floats) -> Floats:
    """In periods of some 50,000 items, as a scan centre is run month by month."""
    n = len(arrival)
    line, left = ScanLine([(np.zeros(1), np.array([c])) for c in SERVERS]), np.empty(n)
    nothing, numbers = np.zeros(n, np.int8), np.arange(n)
    edges = [*range(0, n, 50_000), n]
    for first, last in pairwise(edges):
        part, until = slice(first, last), arrival[last] if last < n else arrival[-1] + 1e6
        served = line.advance(
            arrival[part], service[:, part], nothing[part], nothing[part], numbers[part], until=until
        )  # fmt: skip
        left[served.tag] = served.left
    return left


def _simpy(arrival: Floats, service: Floats) -> Floats:
    """One process per item and one `simpy.Resource` per station: what a modeller writes."""
    env = simpy.Environment()
    stations = [simpy.Resource(env, c) for c in SERVERS]
    left = np.empty(len(arrival))

    def item(number: int) -> Any:
        yield env.timeout(arrival[number])
        for station, resource in enumerate(stations):
            with resource.request() as turn:
                yield turn
                yield env.timeout(service[station, number])
        left[number] = env.now

    for number in range(len(arrival)):
        env.process(item(number))
    env.run()
    return left


def _rate(run: Callable[[], object], n: int) -> float:
    begun = time.perf_counter()
    run()
    return n / (time.perf_counter() - begun)


def kernel_vs_simpy() -> dict[str, Any]:
    small, large = _items(20_000), _items(500_000)
    if not (_kernel(*small) == _simpy(*small)).all():
        raise AssertionError("the kernel's departures differ from SimPy's")
    ratios, rates = [], []
    for _ in range(ROUNDS):
        slow, fast = _rate(lambda: _simpy(*small), 20_000), _rate(lambda: _kernel(*large), 500_000)
        ratios.append(fast / slow)
        rates.append((fast, slow))
    fast, slow = map(statistics.median, zip(*rates, strict=True))
    detail = f"{fast:,.0f} items/s against {slow:,.0f}, departures equal to the last bit; median of {ROUNDS} rounds"
    return {"name": "kernel_vs_simpy", "value": statistics.median(ratios), "unit": "x", "target": 300, "detail": detail}


def kernel_vs_ciw() -> dict[str, Any]:
    large, horizon = _items(500_000), 3_000.0
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1.0), None, None, None],
        service_distributions=[ciw.dists.Exponential(1 / (c * LOAD)) for c in SERVERS],
        number_of_servers=list(SERVERS),
        routing=[[float(after == before + 1) for after in range(STATIONS)] for before in range(STATIONS)],
    )
    ratios, rates = [], []
    for seed in range(ROUNDS):
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        slow = _rate(lambda simulation=simulation: simulation.simulate_until_max_time(horizon), int(horizon))
        fast = _rate(lambda: _kernel(*large), 500_000)
        ratios.append(fast / slow)
        rates.append((fast, slow))
    fast, slow = map(statistics.median, zip(*rates, strict=True))
    detail = f"{fast:,.0f} items/s against {slow:,.0f}; the same network, own random numbers; median of {ROUNDS} rounds"
    return {"name": "kernel_vs_ciw", "value": statistics.median(ratios), "unit": "x", "target": 300, "detail": detail}
