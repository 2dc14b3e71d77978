"""What came of a replay: passed, or the first step that did not do as expected, with all that helps to see why."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from simulation.inputs.faults import Place
from workflow.text import Text

NOTHING = Text("nichts", "nothing")
SUCCEEDED = Text("es ist gelungen", "it succeeded")


class Unmet(NamedTuple):
    """One expectation that was not met; `path` is its place in the step. What is told in words is a `Text`."""

    path: tuple[str, ...]
    expected: Any
    got: Any

    def __str__(self) -> str:
        return self.tell("en")

    def tell(self, language: str) -> str:
        expected, got = (format_value(one, language) for one in (self.expected, self.got))
        if self.path == ("error",) and self.got is None:
            got = SUCCEEDED.get(language)
        told = Text(f"erwartet {expected}, gekommen {got}", f"expected {expected}, got {got}")
        return f"{'.'.join(self.path)}: {told.get(language)}"


class HistoryLine(NamedTuple):
    who: str
    what: Text
    on: str
    result: Text
    events: tuple[str, ...]
    time: str


@dataclass(frozen=True)
class Failure:
    place: Place
    number: int
    """Of the step, from 0."""
    step: str
    unmet: tuple[Unmet, ...]
    hint: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Verdict:
    file: str
    title: str
    steps: int
    """Done as expected."""
    seconds: float
    failure: Failure | None = None
    history: tuple[HistoryLine, ...] = ()
    corrections: tuple[tuple[Place, tuple[Unmet, ...]], ...] = field(default=(), compare=False)
    """With `--update`: every unmet expectation of the case, by the place of its step."""

    @property
    def passed(self) -> bool:
        return self.failure is None


def format_value(value: Any, language: str) -> str:
    if isinstance(value, Text):
        return value.get(language)
    if isinstance(value, list | tuple):
        return f"[{', '.join(format_value(one, language) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {format_value(one, language)}' for key, one in value.items())}}}"
    return NOTHING.get(language) if value is None else str(value)
