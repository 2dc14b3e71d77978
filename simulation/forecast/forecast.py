"""The forecast: many replications of a scenario, summarised in the tables that planners read.

    >>> from simulation.levers.load import load
    >>> from simulation.forecast.forecast import forecast
    >>> result = forecast(load("scenarios/nrw/plan-2021.yaml"), replications=200)  # doctest: +SKIP
    >>> result["users"]  # doctest: +SKIP

Every table is a polars frame with the columns that `simulation.forecast.tables` declares.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from simulation.forecast.kept_results import keep, recall, recall_or_compute
from simulation.forecast.run_store import make_key
from simulation.levers.apply import show_changes
from simulation.replications import REPLICATIONS, SCAN_REPLICATIONS
from simulation.scenario.programme import Scenario
from simulation.workers import ENGINES

if TYPE_CHECKING:
    from simulation.forecast.collect import Collection, Watch
    from simulation.forecast.replication import RolloutRun

MOST_REPLICATIONS = 100_000
LEAST_FOR_ERROR = 100
"""Fewer runs may all be alike by chance, and seem to have no error."""
MOVE_REPLICATIONS = 10
"""Runs in which every project is on time in turn: they cost as much as 45 others each."""
VARIANT_REPLICATIONS = 40
"""Runs that are repeated with one thing different in turn."""
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
    scan_replications: int = SCAN_REPLICATIONS,
    seed: int = SEED,
    workers: int = 1,
    engine: str = "local",
    mode: str = "risk",
    until_error: float | None = None,
    kept: Path | None = None,
    on_progress: Progress | None = None,
    watch: "Watch | None" = None,
) -> Forecast:
    """Simulate `scenario` `replications` times, the first `scan_replications` of them with every item in the scan
    centres, and summarise the results. Runs that lie in the folder `kept` are not computed again.
    With `until_error` there are at least `LEAST_FOR_ERROR` replications, and their number is doubled until no quantile
    that is shown of the users at the planned year ends has a larger standard error, as a share of the median, or
    `MOST_REPLICATIONS` are reached. `watch` is called with the rollouts as they come.

    The same scenario, seed and numbers of replications give the same tables whatever `workers` and `engine` are.
    Raises `ValueError` for an unknown mode or engine and `EngineUnavailable` where an engine is not installed.
    """
    if mode not in MODES or engine not in ENGINES or min(replications, scan_replications, workers) < 1:
        raise ValueError(f"mode {mode!r} of {MODES}, engine {engine!r} of {tuple(ENGINES)}, and at least one of each")
    begun = time.perf_counter()
    replications = max(replications, LEAST_FOR_ERROR) if until_error else replications
    key = make_key(f"{scenario.digest}/{replications}/{scan_replications}/{until_error}", mode, seed)
    known = recall(kept, key) if kept else None
    if known:
        tables, summary = known
        if on_progress:
            on_progress(summary["replications"], summary["items_simulated"])
        return Forecast(tables, summary | {"wall_seconds": round(time.perf_counter() - begun, 2)})
    from simulation.forecast.collect import Collection  # noqa: PLC0415  # the compiler is loaded where work is done

    meanwhile = _validate if _is_validated(scenario, mode, replications) else None
    collection = Collection(scenario, mode, seed, workers, engine, kept, watch, meanwhile)
    scan_replications = min(scan_replications, replications)
    move_replications = min(MOVE_REPLICATIONS, replications)
    variant_replications = min(VARIANT_REPLICATIONS, replications)
    collection.extend(replications, scan_replications, move_replications, on_progress, variant_replications)
    from simulation.forecast.precision import measure_largest_error  # noqa: PLC0415

    def measure_error() -> float:
        runs = [collection.rollouts[number].users for number in range(replications)]
        return measure_largest_error(np.stack(runs)[:, :, list_planned_months(scenario)])

    while until_error is not None and measure_error() > until_error and replications < MOST_REPLICATIONS:
        replications = min(2 * replications, MOST_REPLICATIONS)
        collection.extend(replications, scan_replications, move_replications, on_progress)
    from simulation.forecast.counterfactuals import describe_variants  # noqa: PLC0415
    from simulation.forecast.frames import build_tables  # noqa: PLC0415  # loaded while nobody waits for work to begin
    from simulation.forecast.key_figures import summarise  # noqa: PLC0415

    rollouts = [collection.rollouts[number] for number in range(replications)]
    scans = [collection.scans[number] for number in range(scan_replications)]
    shown = show_changes(scenario)
    moves = [collection.moves[number] for number in range(move_replications)]
    tables = build_tables(shown, rollouts, scans, moves)
    summary = summarise(scenario, rollouts, scans, mode=mode, seed=seed, seconds=time.perf_counter() - begun)
    variants = describe_variants(scenario.spec, [collection.variants[n] for n in sorted(collection.variants)])
    summary |= {"largest_error": round(measure_error(), 5), "variants": variants}
    result = Forecast(tables, summary | describe_trust(collection, rollouts))
    if kept:
        keep(kept, key, result.tables, result.summary)
    return result


def describe_trust(collection: "Collection", rollouts: Sequence["RolloutRun"]) -> dict[str, Any]:
    """`headline`: the planned year end with which the report begins, the same for a plan and its what-ifs;
    `validation`: how far the forecast can be trusted, from `LEAST_FOR_ERROR` runs on, else empty.
    """
    from simulation.forecast.key_figures import name_in_both  # noqa: PLC0415  # the compiler is loaded here too
    from simulation.forecast.precision import describe_convergence  # noqa: PLC0415
    from simulation.scenario.figures import find_figures  # noqa: PLC0415
    from simulation.validation.influence import rank_influences  # noqa: PLC0415
    from simulation.validation.past_runs import choose_headline, list_planned_ends  # noqa: PLC0415

    scenario = collection.scenario
    ends = list_planned_ends(scenario.spec)
    if not ends:
        return {"headline": None, "validation": {}}
    months = list_planned_months(scenario)
    users = np.stack([run.users[1, months] for run in rollouts])
    years = [day.year for day in ends]
    place = years.index(choose_headline(years))
    told: dict[str, Any] = {"headline": ends[place].isoformat(), "validation": {}}
    if _is_validated(scenario, collection.mode, len(rollouts)):
        paths = [path for path, _, _ in find_figures(scenario.spec)]
        told["validation"] = _validate(collection) | {
            "influences": rank_influences(paths, np.stack([run.drawn for run in rollouts]), users[:, place]),
            "convergence": describe_convergence(users[:, place]),
        }
        for row in [*told["validation"]["shifts"], *told["validation"]["influences"]]:
            row.update(name_in_both(scenario.spec, row["name"]))
    return told


def _is_validated(scenario: Scenario, mode: str, replications: int) -> bool:
    from simulation.validation.past_runs import list_planned_ends  # noqa: PLC0415  # the compiler is loaded here too

    return has_bands(mode, replications) and bool(list_planned_ends(scenario.spec))


def _validate(collection: "Collection") -> dict[str, Any]:
    """What the report says of trust, the same for all what-ifs of a scenario: computed once, and kept."""
    from simulation.forecast.found_draws import find_draws, hash_content  # noqa: PLC0415  # the compiler is loaded here
    from simulation.rollout.conditioning import MOST_KEPT  # noqa: PLC0415
    from simulation.rollout.simulate import get_model  # noqa: PLC0415
    from simulation.validation.validate import validate  # noqa: PLC0415

    scenario, seed, kept = collection.scenario, collection.seed, collection.kept

    def compute() -> dict[str, Any]:
        draws = find_draws(scenario, seed, MOST_KEPT, kept)
        return validate(get_model(scenario, seed), draws.rollout.tolist(), draws.work.tolist(), draws.tried.tolist())

    if collection.validation is None:
        collection.validation = recall_or_compute(kept, make_key(hash_content(scenario), "validation", seed), compute)
    return collection.validation


def tells_bands(summary: Mapping[str, Any]) -> bool:
    """Whether bands and probabilities of a forecast are stated in words and tables: from `LEAST_FOR_ERROR` runs on."""
    return has_bands(summary["mode"], summary["replications"])


def has_bands(mode: str, runs: int) -> bool:
    return mode == "risk" and runs >= LEAST_FOR_ERROR


def list_planned_months(scenario: Scenario) -> list[int]:
    """The months, counted from the start of the horizon, of the planned year ends within it that are not known yet."""
    from simulation.validation.past_runs import list_planned_ends  # noqa: PLC0415  # the compiler is loaded here too

    start = scenario.spec.horizon.start
    return [(day.year - start.year) * 12 + 12 - start.month for day in list_planned_ends(scenario.spec)]
