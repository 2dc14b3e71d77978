"""How checks say where something is wrong, and what they say in several places."""

from datetime import date

from simulation.inputs.faults import Fault
from simulation.inputs.yaml_file import Node
from workflow.text import NOTHING, Text

MEAN_ABOVE_MEDIAN = Text("ein Mittel nicht unter dem Median", "a mean not below the median")
NEVER_ENDS = Text("endet mit keinem, der Rollout käme nie zum Ende", "ends with none, so the rollout would never end")
Path = tuple[str | int, ...]


def fault_at(root: Node, path: Path, wrong: Text, expected: Text = NOTHING) -> Fault:
    return Fault(root.find(path).place, wrong, expected)


def from_to(first: date, last: date) -> Text:
    return Text(f"{first} bis {last}", f"{first} to {last}")


def lies_outside(day: date) -> Text:
    return Text(f"{day} liegt außerhalb des Horizonts", f"{day} lies outside the horizon")
