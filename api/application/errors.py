"""Errors of the application besides those of the engine; `problems` says how HTTP tells them."""

from collections.abc import Mapping, Sequence

from simulation.inputs.faults import Fault
from workflow.errors import MOST_FAULTS, EvaError, InvalidCommand


class Unauthorised(EvaError):
    """No token, or one that is not in force (401)."""

    def __init__(self, en: str = "the token is not valid", de: str = "Das Token ist nicht gültig") -> None:
        super().__init__(en, de)


class MalformedRequest(EvaError):
    """The request itself, not what it asks for, is wrong; who reads requests says of each kind with which `status`."""

    status: int = 400


class TooOften(EvaError):
    """The token has made too many requests (429); `seconds` until the next may come."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many requests; try again in {seconds:.1f} s", "Zu viele Anfragen; bitte warten")
        self.seconds = seconds


class TooMany(TooOften):
    """There are as many as there may be (429); `seconds` until it may be worth another try."""

    def __init__(self, en: str, de: str, seconds: float = 60.0) -> None:
        EvaError.__init__(self, en, de)
        self.seconds = seconds


class UnusableScenario(InvalidCommand):
    """A scenario with faults (422); each has its JSON Pointer, file, line and column."""

    def __init__(self, faults: Sequence[Fault], below: str) -> None:
        self.found, self._below = faults[:MOST_FAULTS], below
        super().__init__([(below or fault.place.pointer, fault.wrong) for fault in self.found])

    def describe(self, language: str) -> list[Mapping[str, str | int]]:
        return [describe_fault(fault, self._below, language) for fault in self.found]


def describe_fault(fault: Fault, below: str, language: str) -> Mapping[str, str | int]:
    """A fault as it is told; `below` is where the scenario stands in a larger body."""
    return {
        "pointer": below or fault.place.pointer, "scenario_pointer": fault.place.pointer, "file": fault.place.file,
        "line": fault.place.line, "column": fault.place.column,
        "detail": fault.wrong.get(language), "expected": fault.expected.get(language),
    }  # fmt: skip
