"""What steps of levers cost: the planner's own small file, or one unit a step where none is given.

kind: costs
unit: {de: Tsd. Euro, en: thousand euros}
levers:
  rollout.teams: {step: 1, most: 6, cost: 350, from: 2022-01-01}
  project.p-strassen.start: {step: -3 months, most: 2, cost: 0}
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.valid_parts import as_far_as_valid
from simulation.inputs.yaml_file import Node, read_yaml
from simulation.levers.apply import change_scenario
from simulation.levers.change import parse_change
from simulation.levers.check import find_lever
from simulation.levers.describe import find_node, get_bounds
from simulation.levers.levers import Lever, list_levers
from simulation.loading.load import validate
from simulation.scenario.changes import Amount
from simulation.scenario.fields import Text as Both
from simulation.scenario.figures import Strict
from simulation.scenario.programme import Scenario
from workflow.text import Text

DEFAULT_LEVERS = ("rollout.teams", "rollout.trainers", "rollout.slots")
MOST_STEPS = 200


class StepCost(Strict):
    """What one step of a lever is, how many there may be, and what each costs."""

    step: Amount = 1.0
    most: Annotated[int, Field(ge=1, le=MOST_STEPS)]
    cost: Annotated[float, Field(ge=0)]
    start: date | None = Field(None, alias="from")

    def write(self, lever: str, steps: int) -> str:
        """So many steps as one change."""
        if isinstance(self.step, str):
            found = re.fullmatch(r"([+-]) ?([0-9]+) (.*)", self.step)
            assert found  # noqa: S101  # the pattern of `Amount`
            return f"{lever}{found[1]}={int(found[2]) * steps} {found[3]}"
        amount = self.step * steps
        return f"{lever}{'-' if amount < 0 else '+'}={abs(amount):g}" + (f"@{self.start}" if self.start else "")


class Costs(Strict):
    """A cost file. `unit`: of the costs."""

    kind: Literal["costs"]
    unit: Both
    levers: Annotated[dict[str, StepCost], Field(min_length=1, max_length=12)]


def read_costs(path: Path, scenario: Scenario) -> Costs:
    """Read a cost file; raises `UnusableInput` with every fault, also of levers that the scenario does not have."""
    root = read_yaml(path, str(path))
    costs, faults = validate(root, Costs)
    faults += _check_levers(root, scenario, costs)
    if faults:
        raise UnusableInput(faults)
    return costs


@as_far_as_valid
def _check_levers(root: Node, scenario: Scenario, costs: Costs) -> Iterator[Fault]:
    for name, cost in costs.levers.items():
        yield from _check(root, scenario, name, cost)


@as_far_as_valid
def _check(root: Node, scenario: Scenario, name: str, cost: StepCost) -> Iterator[Fault]:
    """Whether one step, and all of them, are changes that the scenario allows."""
    place = root.value["levers"].keys[name]
    try:
        change_scenario(scenario, [cost.write(name, 1)])
        change_scenario(scenario, [cost.write(name, cost.most)])
    except UnusableInput as unusable:
        yield from (Fault(place, fault.wrong, fault.expected) for fault in unusable.faults)


def make_costs(scenario: Scenario, names: Sequence[str]) -> Costs:
    """One unit a step: of a capacity up to twice what is there, from the first day of the quarter after next.

    Raises `UnusableInput` for what is no capacity or figure of the rollout.
    """
    levers, place = list_levers(scenario), Place("--levers", 1, 1)
    costs = {}
    for name in names:
        try:
            lever = find_lever(levers, parse_change(f"{name}+=0"))
        except UnusableInput as unusable:
            raise UnusableInput([Fault(place, one.wrong, one.expected) for one in unusable.faults]) from None
        if lever.kind != "steps":
            says = Text(f"`{name}` hat keinen eigenen Schritt", f"`{name}` has no step of its own")
            expected = Text("eine Kapazität, oder ein Schritt in --cost DATEI", "a capacity, or a step in --cost FILE")
            raise UnusableInput([Fault(place, says, expected)])
        costs[name] = StepCost.model_validate(
            {"most": _count_there(scenario, lever), "cost": 1, "from": get_start(scenario.spec.as_of.value)}
        )
    return Costs(kind="costs", unit=Both(de="Schritte", en="steps"), levers=costs)


def _count_there(scenario: Scenario, lever: Lever) -> int:
    steps = find_node(scenario.spec, lever.path)
    _, most = get_bounds(steps[0].value)
    return int(max(1, min(max(step.value.value for step in steps), MOST_STEPS, most or MOST_STEPS)))


def get_start(as_of: date) -> date:
    """The first day of the quarter after next: a decision, and then those who come."""
    quarter = (as_of.month - 1) // 3 + 2
    return date(as_of.year + quarter // 4, quarter % 4 * 3 + 1, 1)
