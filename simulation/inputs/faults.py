"""Faults in input files, one line each: `FILE:LINE:COLUMN: what is wrong; what is expected`, in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from simulation.numbers import format_number
from workflow.text import NOTHING, Text


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file; line and column count from 1, columns in characters. What was given with an option has line
    0, and is told as it was given.
    """

    file: str
    line: int
    column: int
    pointer: str = field(default="", compare=False)
    """JSON Pointer (RFC 6901) to the value in a YAML file."""

    def __str__(self) -> str:
        return f"{_escape(self.file)}:{self.line}:{self.column}" if self.line else _escape(self.file)


class Placed(Protocol):
    """Where the cells of a row stand."""

    def place(self, column: str | None = None) -> Place: ...


@dataclass(frozen=True, order=True)
class Fault:
    place: Place
    wrong: Text
    expected: Text = NOTHING

    def tell(self, language: str) -> str:
        """The line in German for `de`, else in English."""
        text = "; ".join(filter(None, (self.wrong.get(language), self.expected.get(language))))
        return f"{self.place}: {_escape(' '.join(text.split()))}"

    def __str__(self) -> str:
        return self.tell("en")


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
        self.fault = Fault(Place(asked, 1, 1), wrong, expected)
        self.says = Text(*("; ".join(filter(None, both)) for both in zip(wrong, expected, strict=True)))
        super().__init__(self.says.en)


def one_of(names: Iterable[object], most: int | None = None) -> Text:
    """What may stand at a place; of many names the first `most`."""
    listed = list(map(str, names))
    more = ", …" if most is not None and len(listed) > most else ""
    told = ", ".join(listed[:most]) + more
    return Text(f"eines von {told}", f"one of {told}") if told else NOTHING


def write_both(number: float) -> Text:
    return Text(format_number(number, "de"), format_number(number, "en"))


def at_most(number: float) -> Text:
    told = write_both(number)
    return Text(f"höchstens {told.de}", f"at most {told.en}")


def at_least(number: float) -> Text:
    told = write_both(number)
    return Text(f"mindestens {told.de}", f"at least {told.en}")


def contradict(most: float, least: float) -> Text:
    top, low = at_most(most), at_least(least)
    return Text(f"{top.de}, aber {low.de}", f"{top.en}, but {low.en}")


def such_as(example: str) -> Text:
    return Text(f"etwa {example}", f"such as {example}")


def _escape(text: str) -> str:
    """The text with what does not print written as an escape, so that a file cannot steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
