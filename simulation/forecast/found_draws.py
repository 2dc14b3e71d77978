"""The draws that agree with what is known: looked for once for all runs of a scenario and all workers, and kept.

What agrees with the past depends on the scenario as its files say it, and not on what a what-if changes from now on.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulation.forecast.run_store import RunStore, make_key
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.rollout.conditioning import NothingFits
from simulation.rollout.model import Model
from simulation.rollout.simulate import get_kept, get_model
from simulation.scenario.programme import Scenario
from simulation.workers import Workers
from workflow.text import Text

Ints = NDArray[np.int64]
MOST_REMEMBERED = 16
TRIED_BY_ONE = 16
"""Draws that a worker tries at a time."""
_REMEMBERED: OrderedDict[str, "FoundDraws"] = OrderedDict()


@dataclass(frozen=True)
class FoundDraws:
    """`rollout`, `work`: the numbers of the draws found so far that agree with the known history and with the known
    work, ascending; `tried`: shape (2,), how many were tried for them.
    """

    rollout: Ints
    work: Ints
    tried: Ints


def find_draws(
    scenario: Scenario, seed: int, runs: int, folder: Path | None = None, workers: Workers | None = None
) -> FoundDraws:  # fmt: skip
    """The draws of the first `runs` runs. What lies in `folder`, where runs are kept, is not looked for again. Several
    `workers` look for them side by side and find the same.

    Raises `UnusableInput` where no draw agrees with what is known.
    """
    key = make_key(hash_content(scenario), "draws", seed)
    store = RunStore(folder, key, FoundDraws) if folder else None
    known = _REMEMBERED.get(key) or (store.load(1).get(0) if store else None)
    model = get_model(scenario, seed)
    if known:
        hand_over(known, model)
    try:
        rollout, work = get_kept(model)
        rollout.find(runs, partial(_try_side_by_side, workers, scenario, seed) if workers else None)
        work.find(runs)  # a hundredth of the work
    except NothingFits as nothing:
        expected = Text(
            "weitere Spannen, oder weitere Toleranzen bekannter Zahlen",
            "wider ranges, or wider tolerances of known counts",
        )
        raise UnusableInput([Fault(Place(scenario.spec.name, 1, 1), nothing.text, expected)]) from None
    found = _collect(model)
    if store and (known is None or (found.tried > known.tried).any() or not store.folder.exists()):
        store.keep({0: found})
    _REMEMBERED[key] = found
    _REMEMBERED.move_to_end(key)
    if len(_REMEMBERED) > MOST_REMEMBERED:
        _REMEMBERED.popitem(last=False)
    return found


def _try_side_by_side(workers: Workers, scenario: Scenario, seed: int, numbers: range) -> list[bool]:
    parts = [numbers[n : n + TRIED_BY_ONE] for n in range(0, len(numbers), TRIED_BY_ONE)]
    return [fits for _, found in sorted(workers(partial(_try, scenario, seed), parts)) for fits in found]


def _try(scenario: Scenario, seed: int, numbers: range) -> tuple[int, list[bool]]:
    rollout, _ = get_kept(get_model(scenario, seed))
    return numbers.start, list(rollout.try_all(numbers))


def hand_over(found: FoundDraws, model: Model) -> None:
    """Let the runs of a model use what was found."""
    for kept, numbers, tried in zip(get_kept(model), (found.rollout, found.work), found.tried.tolist(), strict=True):
        kept.resume(numbers.tolist(), tried)


def _collect(model: Model) -> FoundDraws:
    rollout, work = get_kept(model)
    return FoundDraws(np.array(rollout.numbers), np.array(work.numbers), np.array([rollout.tried, work.tried]))


def hash_content(scenario: Scenario) -> str:
    """Of the scenario without its changes."""
    lists = [one.model_dump_json() for one in (*scenario.authorities, *scenario.projects)]
    return sha256("\n".join([scenario.spec.model_dump_json(by_alias=True), *lists]).encode()).hexdigest()
