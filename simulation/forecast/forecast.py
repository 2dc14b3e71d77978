"""The forecast: many replications of a scenario, summarised in the tables that planners read.

    >>> from simulation.scenario.load import load
    >>> from simulation.forecast.forecast import forecast
    >>> result = forecast(load("scenarios/nrw/plan-2021.yaml"), replications=20)  # doctest: +SKIP
    >>> result["users"]  # doctest: +SKIP

Every table is a polars frame with the columns that `simulation.forecast.tables` declares.
"""

import time
from collections.abc import Callable, Mapping
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
    """The tables of a forecast by name, as `simulation.forecast.tables` declares them, and the `summary.json`."""

    tables: Mapping[str, pl.DataFrame]
    summary: dict[str, Any]

    def __getitem__(self, table: str) -> pl.DataFrame:
        """A table; raises `KeyError` for an unknown name."""
        return self.tables[table]


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
    """Simulate `scenario` `replications` times and summarise the results.

    The same scenario, seed and number of replications give the same tables whatever `workers` and `engine` are.
    Raises `ValueError` for an unknown mode or engine and `EngineUnavailable` where an engine is not installed.
    """
    if mode not in MODES or engine not in ENGINES or replications < 1 or workers < 1:
        raise ValueError(f"mode {mode!r} of {MODES}, engine {engine!r} of {tuple(ENGINES)}, and at least one of each")
    begun = time.perf_counter()
    found: dict[int, Replication] = {}
    items = 0
    with closing(run(scenario, mode, seed, replications, workers, engine)) as results:
        for done, (number, replication) in enumerate(results, 1):
            found[number] = replication
            items += replication.items
            if on_progress:
                on_progress(done, items)
    from simulation.forecast.frames import build_tables  # noqa: PLC0415  # loaded while nobody waits for work to begin
    from simulation.forecast.key_figures import summarise  # noqa: PLC0415

    ordered = [found[number] for number in range(replications)]
    tables = build_tables(scenario, ordered)
    summary = summarise(scenario, ordered, mode=mode, seed=seed, seconds=time.perf_counter() - begun)
    return Forecast(tables, summary)
