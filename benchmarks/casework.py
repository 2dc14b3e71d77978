"""Simulated staff at the engine: commands a second, a year of the model ministry, authorities side by side."""

import time
from datetime import date
from functools import partial
from typing import Any

from scenarios import FOLDER
from simulation.casework.casework import Wanted, adapt, replicate
from simulation.casework.simulate import simulate
from simulation.casework.workplace import Run
from simulation.loading.load_casework import load_casework
from simulation.workers import open_workers

MINISTRY = FOLDER / "nrw" / "model-ministry.yaml"
AUTHORITIES = 10
WORKERS = 2


def casework_commands_per_second() -> dict[str, Any]:
    """One month of the model ministry in memory, on one core, after a few days that load and compile everything."""
    loaded = load_casework(MINISTRY)[0]
    simulate(adapt(loaded, days=3).scenario, 1, Run(1))
    began = time.process_time()
    outcome = simulate(adapt(loaded, days=30).scenario, 1, Run(1))
    seconds = time.process_time() - began
    detail = f"{outcome.commands:,} commands, {outcome.head.position:,} events in {seconds:.1f} s of one core"
    return {
        "name": "casework_commands_per_second", "value": outcome.commands / seconds, "unit": "commands/s",
        "target": 5000, "detail": f"{detail}; set-up of 539 people included",
    }  # fmt: skip


def casework_year_seconds() -> dict[str, Any]:
    scenario = load_casework(MINISTRY)[0].scenario
    horizon = scenario.horizon.model_copy(update={"start": date(2020, 6, 1), "end": date(2021, 5, 31)})
    began = time.process_time()
    outcome = simulate(scenario.model_copy(update={"horizon": horizon, "known_work": []}), 1, Run(1))
    seconds = time.process_time() - began
    detail = f"{outcome.commands:,} commands of 539 people, processor time of one core, in memory"
    return {"name": "casework_year_seconds", "value": seconds, "unit": "s", "target": 120, "detail": detail}


def casework_parallel_efficiency() -> dict[str, Any]:
    """A month of ten authorities on two workers against one after another, the start of the workers included. They have
    539 people each; the 258 of the programme have 432 on average.
    """
    scenario = adapt(load_casework(MINISTRY)[0], days=30).scenario
    task = partial(replicate, scenario.model_dump_json(by_alias=True), 1)
    wanted = [Wanted(Run(number)) for number in range(1, AUTHORITIES + 1)]
    seconds = []
    for workers in (1, WORKERS):
        began = time.perf_counter()
        with open_workers(workers) as work:
            list(work(task, wanted))
        seconds.append(time.perf_counter() - began)
    detail = f"{AUTHORITIES} authorities of 539 people: {seconds[0]:.1f} s on 1 worker, {seconds[1]:.1f} s on {WORKERS}"
    return {
        "name": "casework_parallel_efficiency", "value": seconds[0] / seconds[1] / WORKERS, "unit": "", "target": 0.85,
        "detail": detail,
    }  # fmt: skip
