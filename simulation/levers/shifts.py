"""Shifts of a station as a change says them: `07:00-15:00+15:00-23:00`, from a day until a day."""

from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import ValidationError

from simulation.inputs.faults import Fault, Place, UnusableInput, such_as
from simulation.levers.change import OPTION, Change
from simulation.scenario.scanning import Shift
from workflow.text import Text


def parse_shifts(change: Change) -> list[Shift]:
    """The shifts that a change sets, worked while it holds; raises `UnusableInput`."""
    try:
        edges = [part.split("-") for part in change.word.split("+")]
        return [
            Shift.model_validate({"from": begin, "to": end, "starting": change.start, "ending": change.until})
            for begin, end in edges
        ]
    except (ValueError, ValidationError):
        place = Place(OPTION, 1, len(change.lever) + 1)
        wrong = Text(
            f"`{change.text}`: `{change.word}` sind keine Schichten",
            f"`{change.text}`: `{change.word}` are no shifts",
        )
        raise UnusableInput([Fault(place, wrong, such_as("07:00-15:00+15:00-23:00"))]) from None


def change_shifts(shifts: Sequence[Shift], change: Change) -> list[Shift]:
    """The shifts outside the period of the change as they were, within it those that it sets."""
    kept = [_cut(shift, None, change.start - timedelta(1)) for shift in shifts] if change.start else []
    kept += [_cut(shift, change.until + timedelta(1), None) for shift in shifts] if change.until else []
    return [shift for shift in kept if shift] + parse_shifts(change)


def _cut(shift: Shift, first: date | None, last: date | None) -> Shift | None:
    """The part of a shift's days from a day until a day; None where none are left."""
    starting = max(filter(None, (shift.starting, first)), default=None)
    ending = min(filter(None, (shift.ending, last)), default=None)
    if starting and ending and starting > ending:
        return None
    return shift.model_copy(update={"starting": starting, "ending": ending})
