"""Collect replications: take those that are kept, compute those that are missing, keep what was computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from simulation.forecast.counterfactuals import VariantsRun
from simulation.forecast.found_draws import find_draws
from simulation.forecast.replication import MovesRun, Replication, RolloutRun, ScanRun, Wanted, load_model, replicate
from simulation.forecast.run_store import RunStore, make_key
from simulation.scenario.programme import Scenario
from simulation.workers import open_workers

Progress = Callable[[int, int], None]
"""Called with (replications done, items simulated) as they come."""
Watch = Callable[[Sequence[RolloutRun]], None]
"""Called with the rollouts that have come since it was called last, those that were kept first."""


@dataclass
class Collection:
    """The replications of a scenario by number, as far as they were asked for. `kept`: the folder of kept runs."""

    scenario: Scenario
    mode: str
    seed: int
    workers: int = 1
    engine: str = "local"
    kept: Path | None = None
    watch: Watch | None = None
    meanwhile: Callable[["Collection"], object] | None = None
    """Called while other processes compute: for what needs no run, and would be waited for afterwards."""
    validation: dict[str, Any] | None = None
    rollouts: dict[int, RolloutRun] = field(default_factory=dict)
    scans: dict[int, ScanRun] = field(default_factory=dict)
    moves: dict[int, MovesRun] = field(default_factory=dict)
    variants: dict[int, VariantsRun] = field(default_factory=dict)

    def extend(
        self, replications: int, scan_replications: int, move_replications: int = 0,
        on_progress: Progress | None = None, variant_replications: int = 0,
    ) -> None:  # fmt: skip
        """Have replications 0 to `replications` - 1, the first `scan_replications` of them with scan centres, the first
        `move_replications` with every project on time in turn, and the first `variant_replications` with one thing
        different in turn.
        """
        counts = {
            "rollouts": replications, "scans": scan_replications, "moves": move_replications,
            "variants": variant_replications if self.mode == "risk" else 0,
        }  # fmt: skip
        there = set(self.rollouts)
        for name, store in self._stores().items():
            setattr(self, name, store.load(counts[name]) | getattr(self, name))
        loaded = [run for number, run in self.rollouts.items() if number not in there]
        if self.watch and loaded:
            self.watch(loaded)
        wanted = self._list_missing(**counts)
        done, items = replications - len(wanted), sum(scan.items for scan in self.scans.values())
        if on_progress and done:
            on_progress(done, items)
        if wanted:
            self._compute(wanted, done, items, on_progress)

    def _stores(self) -> dict[str, RunStore[Any]]:
        if self.kept is None:
            return {}
        key = make_key(self.scenario.digest, self.mode, self.seed)
        kinds = {"rollouts": RolloutRun, "scans": ScanRun, "moves": MovesRun, "variants": VariantsRun}
        return {name: RunStore(self.kept, key, kind) for name, kind in kinds.items()}

    def _list_missing(self, rollouts: int, scans: int, moves: int, variants: int) -> list[Wanted]:
        """Those with scan centres first: they take longest."""
        wanted = [
            Wanted(
                n,
                rollout=n < rollouts and n not in self.rollouts,
                scan=n < scans and n not in self.scans,
                moves=n < moves and n not in self.moves,
                variants=n < variants and n not in self.variants,
            )
            for n in range(max(rollouts, scans, moves, variants))
        ]
        return [one for one in wanted if one.rollout or one.scan or one.moves or one.variants]

    def _compute(self, wanted: list[Wanted], done: int, items: int, on_progress: Progress | None) -> None:
        new: dict[str, dict[int, Any]] = {"rollouts": {}, "scans": {}, "moves": {}, "variants": {}}
        most = max(one.number for one in wanted) + 1
        prepare = partial(load_model, self.scenario, self.seed)
        try:
            with open_workers(min(self.workers, len(wanted)), self.engine, prepare) as work:
                several = work if self.workers > 1 else None
                draws = find_draws(self.scenario, self.seed, most, self.kept, several) if self.mode == "risk" else None
                do = partial(replicate, self.scenario, self.mode, self.seed, found=draws)
                for place, result in enumerate(work(do, wanted)):
                    if self.meanwhile and several and not place:
                        self.meanwhile(self)
                    for name, found in zip(new, _list_parts(result), strict=True):
                        if found is not None:
                            new[name][result.number] = found
                    if self.watch and result.rollout is not None:
                        self.watch([result.rollout])
                    items += result.scan.items if result.scan else 0
                    done += 1
                    if on_progress:
                        on_progress(done, items)
        finally:  # what was computed before an interrupt is not computed again either
            for name, runs in new.items():
                getattr(self, name).update(runs)
            for name, store in self._stores().items():
                store.keep(new[name])


def _list_parts(result: Replication) -> tuple[Any, ...]:
    return result.rollout, result.scan, result.moves, result.variants
