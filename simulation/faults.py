"""What is wrong in a file that somebody wrote, and where: one line each, `FILE:LINE:COLUMN: wrong; expected`."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, order=True)
class Fault:
    """One fault with its place."""

    place: Place
    wrong: str
    expected: str = ""

    def __str__(self) -> str:
        text = f"{self.place.file}:{self.place.line}:{self.place.column}: {self.wrong}"
        return " ".join((f"{text}; {self.expected}" if self.expected else text).split())


class UnusableInput(Exception):
    """Input that cannot be used; `faults` lists everything found, in the order of the files."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))
