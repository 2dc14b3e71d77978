"""The whole forecast of the NRW plan: items per second and where the time goes, workers, memory."""

import os
import time
from typing import Any

from simulation.forecast.executors import run
from simulation.forecast.replication import replicate
from simulation.scan_line import centre
from simulation.scenario.load import load
from simulation.scenario.programme import Scenario

SCENARIO = "scenarios/nrw/plan-2021.yaml"
REPLICATIONS = 100
SEED = 2021


def forecast_items_per_second() -> dict[str, Any]:
    """One worker; also where its time goes."""
    scenario = load(SCENARIO)
    replicate(scenario, "risk", SEED, 0)
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
        begun = time.perf_counter()
        items = sum(replicate(scenario, "risk", SEED, n).items for n in range(4))
        seconds = time.perf_counter() - begun
    finally:
        for place, function in saved.items():
            setattr(*place, function)
    spent["everything else"] = seconds - sum(spent.values())
    where = ", ".join(f"{name} {100 * s / seconds:.0f} %" for name, s in sorted(spent.items(), key=lambda x: -x[1]))
    return {
        "name": "forecast_items_per_second", "value": items / seconds, "unit": "items/s", "target": None,
        "detail": f"{items / 4:,.0f} items and {seconds / 4:.2f} s a replication 2017 to 2025, one worker; {where}",
    }  # fmt: skip


def _timed(function: Any, name: str, spent: dict[str, float]) -> Any:
    def timed(*args: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - begun

    return timed


def forecast_parallel_efficiency() -> list[dict[str, Any]]:
    """100 replications on up to four workers against one worker, start of the workers included; and their memory."""
    scenario, workers = load(SCENARIO), min(4, len(os.sched_getaffinity(0)))
    alone = _throughput(scenario, range(3))
    begun = time.perf_counter()
    found = [result for _, result in run(scenario, "risk", SEED, REPLICATIONS, workers, "local")]
    seconds = time.perf_counter() - begun
    alone = (alone + _throughput(scenario, range(3, 6))) / 2
    together = sum(r.items for r in found) / seconds
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
    items = sum(replicate(scenario, "risk", SEED, n).items for n in numbers)
    return items / (time.perf_counter() - begun)
