"""A scenario that cannot be used, as an error with the place of every fault."""

from collections.abc import Mapping, Sequence

from simulation.inputs.faults import Fault
from workflow.errors import InvalidCommand

MOST_FAULTS = 100


class UnusableScenario(InvalidCommand):
    """A scenario with faults (422); each has its JSON Pointer, file, line and column."""

    def __init__(self, faults: Sequence[Fault], below: str) -> None:
        self.places = [shown(fault, below) for fault in faults[:MOST_FAULTS]]
        super().__init__([(str(place["pointer"]), str(place["detail"])) for place in self.places])


def shown(fault: Fault, below: str) -> Mapping[str, str | int]:
    """A fault as it is told; `below` is where the scenario stands in a larger body."""
    return {
        "pointer": below or fault.place.pointer, "scenario_pointer": fault.place.pointer, "file": fault.place.file,
        "line": fault.place.line, "column": fault.place.column, "detail": fault.wrong, "expected": fault.expected,
    }  # fmt: skip
