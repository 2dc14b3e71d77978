"""Faults in input files, one line each: `FILE:LINE:COLUMN: what is wrong; what is expected`."""

from dataclasses import dataclass, field

from workflow.text import NOTHING, Text


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file; line and column count from 1, columns in characters."""

    file: str
    line: int
    column: int
    pointer: str = field(default="", compare=False)
    """JSON Pointer (RFC 6901) to the value in a YAML file."""

    def __str__(self) -> str:
        return f"{_escape(self.file)}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Fault:
    place: Place
    wrong: str
    expected: str = ""

    def __str__(self) -> str:
        text = f"{self.wrong}; {self.expected}" if self.expected else self.wrong
        return f"{self.place}: {_escape(' '.join(text.split()))}"


class UnusableInput(Exception):
    """Input that cannot be used; `faults` lists all faults once, by file, line and column."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


class Unanswerable(Exception):
    """What was asked cannot be answered. `asked`: the option of a command, or the scenario, that is wrong, which is the
    place of `fault`; `says` leaves it out.
    """

    def __init__(self, asked: str, wrong: Text, expected: Text = NOTHING) -> None:
        self.fault = Fault(Place(asked, 1, 1), wrong.en, expected.en)
        self.says = Text(*("; ".join(filter(None, both)) for both in zip(wrong, expected, strict=True)))
        super().__init__(self.says.en)


def _escape(text: str) -> str:
    """The text with what does not print written as an escape, so that a file cannot steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
