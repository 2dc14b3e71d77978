"""The forecast: many replications of a scenario, gathered into the tables that planners read.

    >>> from simulation.scenario.load import load
    >>> from simulation.forecast.forecast import forecast
    >>> result = forecast(load("scenarios/nrw/plan-2021.yaml"), replications=20)  # doctest: +SKIP
    >>> result.users  # doctest: +SKIP

Every table is a polars frame with the columns of the CSV file of the same name.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from simulation.forecast.executors import ENGINES, run
from simulation.scenario.programme import Scenario

if TYPE_CHECKING:
    from simulation.forecast.replication import Replication

REPLICATIONS = 40
SEED = 2021
MODES = ("risk", "plan")

Progress = Callable[[int, int], None]
"""Called after every replication with (replications done, items simulated so far)."""


@dataclass(frozen=True)
class Forecast:
    """All tables of a forecast; `summary` is the content of `summary.json`.

    `departments` (date, department, plan, p50: E-Laufmappe users) is shown in the report only.
    """

    users: pl.DataFrame
    authorities: pl.DataFrame
    projects: pl.DataFrame
    scan_centres: pl.DataFrame
    workload: pl.DataFrame
    departments: pl.DataFrame
    summary: dict[str, Any]


def forecast(
    scenario: Scenario,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    mode: str = "risk",
    on_progress: Progress | None = None,
) -> Forecast:
    """Simulate `scenario` `replications` times and gather the results.

    The same scenario, seed and number of replications give the same tables whatever `workers` and `engine` are.
    Raises `ValueError` for an unknown mode or engine and `EngineUnavailable` where an engine is not installed.
    """
    if mode not in MODES or engine not in ENGINES or replications < 1 or workers < 1:
        raise ValueError(f"mode {mode!r} of {MODES}, engine {engine!r} of {tuple(ENGINES)}, and at least one of each")
    begun = time.perf_counter()
    found: list[Replication | None] = [None] * replications
    items = 0
    with closing(run(scenario, mode, seed, replications, workers, engine)) as results:
        for done, (number, replication) in enumerate(results, 1):
            found[number] = replication
            items += replication.items
            if on_progress:
                on_progress(done, items)
    from simulation.forecast import tables  # noqa: PLC0415  # loaded while nobody waits for work to begin
    from simulation.forecast.key_figures import summarise  # noqa: PLC0415

    ordered = [r for r in found if r is not None]
    gathered = tables.gather(scenario, ordered)
    summary = summarise(scenario, ordered, mode=mode, seed=seed, seconds=time.perf_counter() - begun)
    return Forecast(**gathered, summary=summary)
