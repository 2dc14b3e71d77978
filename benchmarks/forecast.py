"""The whole forecast of the NRW plan: items per second and where the time goes, workers, memory."""

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import Any

from simulation.forecast.found_draws import find_draws
from simulation.forecast.replication import Wanted, replicate
from simulation.levers.load import load
from simulation.rollout.conditioning import MOST_KEPT
from simulation.scan_line import centre
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers

SCENARIO = "scenarios/nrw/plan-2021.yaml"
REPLICATIONS = 100
SEED = 2021


def forecast_items_per_second() -> dict[str, Any]:
    """One worker; also where its time goes."""
    scenario = load(SCENARIO)
    _scan(scenario, 0)
    spent: dict[str, float] = {}
    originals = {
        (centre, "draw_items"): "drawing items",
        (centre.ScanLine, "advance"): "scan line",
        (centre, "_summarise_month"): "monthly figures",
    }
    saved = {place: getattr(*place) for place in originals}
    for place, name in originals.items():
        setattr(*place, _timed(saved[place], name, spent))
    try:
        begun = time.process_time()
        items = sum(_scan(scenario, n) for n in range(4))
        seconds = time.process_time() - begun
    finally:
        for place, function in saved.items():
            setattr(*place, function)
    spent["everything else"] = seconds - sum(spent.values())
    where = ", ".join(f"{name} {100 * s / seconds:.0f} %" for name, s in sorted(spent.items(), key=lambda x: -x[1]))
    return {
        "name": "forecast_items_per_second", "value": items / seconds, "unit": "items/s", "target": 10_000_000,
        "detail": f"{items / 4:,.0f} items and {seconds / 4:.2f} s of processor time a run of nine years; {where}",
    }  # fmt: skip


def rollout_replications_per_second() -> dict[str, Any]:
    """The rollout of the NRW plan without scan centres on one core. The draws that fit the known history are looked for
    once for all runs and kept, so they are timed apart.
    """
    scenario, runs = load(SCENARIO), 200
    begun = time.process_time()
    draws = find_draws(scenario, SEED, MOST_KEPT)
    found = time.process_time()
    for number in range(runs):
        replicate(scenario, "risk", SEED, Wanted(number, scan=False), draws)
    seconds = time.process_time() - found
    return {
        "name": "rollout_replications_per_second", "value": runs / seconds, "unit": "runs/s", "target": 100,
        "detail": f"{runs} runs in {seconds:.1f} s of processor time, after {found - begun:.1f} s once for the draws "
                  f"that agree with the known history ({draws.tried[0]:,} tried)",
    }  # fmt: skip


def forecast_default_seconds() -> list[dict[str, Any]]:
    """What `make forecast` does, from nothing and again from the runs that are kept."""
    command = [sys.executable, "-m", "api.cli.main", "forecast", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for number in range(2):
            begun = time.perf_counter()
            environment = os.environ | {"EVA_CACHE": f"{folder}/kept"}
            subprocess.run([*command, "--out", f"{folder}/{number}"], check=True, env=environment)  # noqa: S603
            seconds.append(time.perf_counter() - begun)
    cores = len(os.sched_getaffinity(0))
    return [
        {"name": "forecast_default_seconds", "value": seconds[0], "unit": "s", "target": 30,
         "detail": f"1,000 rollout runs and 20 with scan centres on {cores} cores (smaller is better)"},
        {"name": "forecast_repeated_seconds", "value": seconds[1], "unit": "s", "target": 2,
         "detail": "the same command again (smaller is better)"},
    ]  # fmt: skip


def _scan(scenario: Scenario, number: int) -> int:
    """The items of a replication, every one through its scan centre."""
    scan = replicate(scenario, "risk", SEED, Wanted(number)).scan
    return scan.items if scan else 0


def _timed(function: Any, name: str, spent: dict[str, float]) -> Any:
    def timed(*args: Any, **options: Any) -> Any:
        begun = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - begun

    return timed


def forecast_parallel_efficiency() -> list[dict[str, Any]]:
    """100 replications on up to four workers against one worker, start of the workers included; and their memory."""
    scenario, workers = load(SCENARIO), min(4, len(os.sched_getaffinity(0)))
    draws = find_draws(scenario, SEED, REPLICATIONS)
    _scan(scenario, 0)  # all is loaded and compiled before one worker is timed
    alone = _throughput(scenario, range(1, 6))
    begun = time.perf_counter()
    wanted = [Wanted(n) for n in range(REPLICATIONS)]
    with open_workers(workers) as work:
        found = list(work(partial(replicate, scenario, "risk", SEED, found=draws), wanted))
    seconds = time.perf_counter() - begun
    alone = (alone + _throughput(scenario, range(6, 11))) / 2
    together = sum(r.scan.items for r in found if r.scan) / seconds
    peak = max(r.peak_megabytes for r in found)
    return [
        {
            "name": "forecast_parallel_efficiency", "value": together / (workers * alone), "unit": "share",
            "target": 0.85,
            "detail": f"{REPLICATIONS} replications on {workers} workers in {seconds:.1f} s: {together:,.0f} items/s "
                      f"against {alone:,.0f} of one worker, measured before and after",
        },
        {
            "name": "forecast_peak_mb", "value": peak, "unit": "MB", "target": 1000,
            "detail": "largest resident memory of a worker over all its replications (smaller is better)",
        },
    ]  # fmt: skip


def _throughput(scenario: Scenario, numbers: range) -> float:
    begun = time.perf_counter()
    items = sum(_scan(scenario, n) for n in numbers)
    return items / (time.perf_counter() - begun)
