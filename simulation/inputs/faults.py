"""Faults in input files, one line each: `FILE:LINE:COLUMN: what is wrong; what is expected`."""

from dataclasses import dataclass, field


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


def _escape(text: str) -> str:
    """The text with what does not print written as an escape, so that a file cannot steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
