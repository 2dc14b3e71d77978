"""The scan line against queueing theory, and against Ciw."""

import math
from typing import Any

import ciw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.scan_line.kernel import PREPARE, STATIONS
from simulation.scan_line.line import ScanLine

MANY = 1_000_000
TINY = 1e-9


def first_station(servers, arrival, service):
    """Waiting times at the first station; the others never hold anybody up."""
    n = len(arrival)
    line = ScanLine([(np.zeros(1), np.array([c])) for c in (servers, MANY, MANY, MANY)], trace=True)
    asked = np.full((STATIONS, n), TINY)
    asked[PREPARE] = service
    nothing = np.zeros(n, np.int8)
    served = line.advance(arrival, asked, nothing, nothing, np.arange(n), until=arrival[-1] + 1e9)
    order = np.argsort(served.tag)
    return served.departures[PREPARE][order] - service - arrival


def batch_means(values, batches=40):
    """Mean and its standard error from batches, after a tenth for warming up."""
    means = [part.mean() for part in np.array_split(values[len(values) // 10 :], batches)]
    return np.mean(means), np.std(means, ddof=1) / math.sqrt(batches)


def erlang_c_wait(rate, service_mean, servers):
    """Mean wait of M/M/c (Erlang 1917)."""
    load = rate * service_mean
    top = load**servers / math.factorial(servers) * servers / (servers - load)
    delayed = top / (sum(load**k / math.factorial(k) for k in range(servers)) + top)
    return delayed * service_mean / (servers - load)


@pytest.mark.parametrize(("servers", "use"), [(1, 0.7), (3, 0.8), (12, 0.85)])
def test_erlang_c(servers: int, use: float) -> None:
    rng, n = np.random.default_rng(servers), 600_000
    arrival, service = np.cumsum(rng.exponential(1.0, n)), rng.exponential(use * servers, n)
    mean, error = batch_means(first_station(servers, arrival, service))
    expected = erlang_c_wait(1.0, use * servers, servers)
    assert abs(mean - expected) < 4 * error
    assert mean == pytest.approx(expected, rel=0.06)
    # The test can tell: one server more or less would be far off.
    assert abs(mean - erlang_c_wait(1.0, use * servers, servers + 1)) > 8 * error


@pytest.mark.parametrize("variation", [0.0, 0.5, 1.6])
def test_pollaczek_khinchine(variation: float) -> None:
    """M/G/1 with gamma service: E[W] = rate E[S^2] / (2 (1 - load))."""
    rng, n, use = np.random.default_rng(7), 800_000, 0.75
    arrival = np.cumsum(rng.exponential(1.0, n))
    service = rng.gamma(1 / variation**2, use * variation**2, n) + 1e-12 if variation else np.full(n, use)
    mean, error = batch_means(first_station(1, arrival, service))
    expected = use**2 * (1 + variation**2) / (2 * (1 - use))
    assert abs(mean - expected) < 4 * error
    assert mean == pytest.approx(expected, rel=0.05)
    assert abs(mean - expected * (1 + (variation + 0.3) ** 2) / (1 + variation**2)) > 4 * error


def test_littles_law() -> None:
    """Items in the line on average = arrivals per hour x mean time in it, exactly over a finite run."""
    rng, n = np.random.default_rng(3), 5_000
    arrival, service = np.cumsum(rng.exponential(1.0, n)), rng.exponential(2.0, (STATIONS, n)) + TINY
    line = ScanLine([(np.zeros(1), np.array([4]))] * STATIONS)
    end = arrival[-1] + 1000
    nothing = np.zeros(n, np.int8)
    served = line.advance(arrival, service, nothing, nothing, np.arange(n), until=end)
    times = np.concatenate([served.arrival, served.left])
    order = np.argsort(times, kind="stable")
    inside = np.cumsum(np.where(order < n, 1, -1))
    average = np.dot(inside[:-1], np.diff(times[order])) / end
    assert average == pytest.approx(n / end * (served.left - served.arrival).mean())
    assert len(served.left) == n


def test_ciw_on_the_same_network() -> None:
    servers, use, runs, length = (3, 2, 3, 1), 0.7, 6, 4_000
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1.0), None, None, None],
        service_distributions=[ciw.dists.Exponential(1 / (c * use)) for c in servers],
        number_of_servers=list(servers),
        routing=[[float(b == a + 1) for b in range(STATIONS)] for a in range(STATIONS)],
    )
    theirs, ours = [], []
    for run in range(runs):
        ciw.seed(run)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(length)
        records = simulation.get_all_records()
        begun = {r.id_number: r.arrival_date for r in records if r.node == 1}
        done = {r.id_number: r.exit_date for r in records if r.node == STATIONS}
        theirs.append(np.mean([done[i] - begun[i] for i in done if begun[i] > 400]))
        rng = np.random.default_rng(run)
        arrival = np.cumsum(rng.exponential(1.0, length))
        service = rng.exponential(1.0, (STATIONS, length)) * np.array(servers)[:, None] * use + TINY
        nothing = np.zeros(length, np.int8)
        line = ScanLine([(np.zeros(1), np.array([c])) for c in servers])
        served = line.advance(arrival, service, nothing, nothing, np.arange(length), until=1e9)
        ours.append((served.left - served.arrival)[served.arrival > 400].mean())
    error = math.sqrt((np.var(theirs, ddof=1) + np.var(ours, ddof=1)) / runs)
    assert abs(np.mean(theirs) - np.mean(ours)) < 4 * error
    assert error < 0.1 * np.mean(ours)


@settings(max_examples=80)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3))
def test_more_servers_never_make_anybody_wait_longer(seed: Any, servers: Any, more: Any) -> None:
    """Common random numbers at one first-come-first-served station: every start moves forward or stays.

    With c servers item n starts at the later of its arrival and the c-th last of the earlier departures; by induction
    both only become smaller with more servers.
    """
    rng = np.random.default_rng(seed)
    arrival, service = np.cumsum(rng.exponential(1.0, 80)), rng.exponential(2.0, 80) + TINY
    few, many = (first_station(c, arrival, service) for c in (servers, servers + more))
    assert (many <= few + 1e-12).all()
