"""A scenario that cannot be used, as an error with the place of every fault."""

from collections.abc import Mapping, Sequence

from api.server.auth.authenticator import TooOften
from simulation.inputs.faults import Fault
from workflow.engine.errors import EvaError, InvalidCommand


class TooMany(TooOften):
    """There are as many as there may be (429); `seconds` until it may be worth another try."""

    def __init__(self, en: str, de: str, seconds: float = 60.0) -> None:
        EvaError.__init__(self, en, de)
        self.seconds = seconds


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
