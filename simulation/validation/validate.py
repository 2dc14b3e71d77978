"""What the report says of trust that depends on scenario and seed only, and on no run and no what-if."""

from collections.abc import Sequence
from typing import Any

from simulation.rollout.conditioning import list_known_counts
from simulation.rollout.model import Model
from simulation.validation.backcast import compare_with_past, describe_shifts
from simulation.validation.past_runs import list_planned_ends, simulate_past_runs
from simulation.validation.self_test import measure_coverage


def validate(model: Model, rollout: Sequence[int], work: Sequence[int], tried: Sequence[int]) -> dict[str, Any]:
    """`rollout`, `work`: numbers of the draws that agree with the known history and the known work, of `tried` each."""
    spec = model.scenario.spec
    runs = simulate_past_runs(model, rollout)
    return {
        "backcast": compare_with_past(model, runs, work),
        "draws": {"prior": len(runs.prior), "rollout": len(rollout), "rollout_tried": int(tried[0]),
                  "work": len(work), "work_tried": int(tried[1])},
        "shifts": describe_shifts(model, rollout),
        "coverage": measure_coverage(runs, list_known_counts(spec), list_planned_ends(spec)),
    }  # fmt: skip
