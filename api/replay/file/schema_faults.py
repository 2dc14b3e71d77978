"""Validation errors of the models as faults, each at the place of its value or key in the file."""

import difflib
from datetime import date

from pydantic import BaseModel, ValidationError

from api.replay.file.format import Deputy, Expect, Fragment, Person, Refusal, Replay, Some, Step, Timer
from simulation.inputs.faults import Fault, one_of
from simulation.inputs.validator_words import Problem, read_problems, show_path
from simulation.inputs.yaml_file import Node
from workflow.engine.naming.located_errors import Place
from workflow.text import Text, same

UNKNOWN_KEY = Text("unbekannter Schlüssel", "unknown key")
INSIDE: dict[str, type[BaseModel]] = {
    "actors": Person, "deputies": Deputy, "steps": Step, "expect": Expect, "error": Refusal, "allowed": Some,
    "events": Some, "timers": Timer,
}  # fmt: skip
"""Key -> the model of what stands below it."""


def to_faults(root: Node, wrong: ValidationError) -> list[Fault]:
    details = wrong.errors(include_url=False)
    return [_fault(root, problem) for problem in read_problems(details, root.plain())]


def unknown_name(key: str, known: list[str], place_of: Node, what: Text = UNKNOWN_KEY) -> Fault:
    """A word that is not known, with the nearest one that is."""
    near = difflib.get_close_matches(key, known, 1)
    expected = same(f"`{near[0]}`?") if near else one_of(known, 14)
    wrong = Text(*(f"{says} `{key[:60]}`" for says in what))
    return Fault(place_of.keys.get(key, place_of.place), wrong, expected)


def name_unfit(name: str, value: object) -> Text:
    """A value as it stands in the file, where it is short enough to be shown."""
    if isinstance(value, str | int | float | date) and len(str(value)) < 60:
        return same(f"`{name}`: {value}")
    return Text(f"`{name}` passt nicht", f"`{name}` does not fit")


def _fault(root: Node, problem: Problem) -> Fault:
    path = problem.path
    if path[-1:] == ("[key]",):
        key = str(path[-2])
        place = root.find(path[:-2])
        return Fault(
            place.keys.get(key, place.place),
            Text(f"`{key[:60]}` ist kein Name", f"`{key[:60]}` is no name"),
            problem.expected,
        )
    if problem.kind == "extra_forbidden":
        return unknown_name(str(path[-1]), _known(path[:-1]), root.find(path[:-1]))
    node, name = root.find(path), show_path(path)
    if problem.kind == "missing":
        return Fault(node.place, Text(f"`{name}` fehlt", f"`{name}` is missing"))
    if problem.kind == "value_error" and isinstance(node.value, dict):
        return Fault(node.place, problem.expected)
    return Fault(node.place, name_unfit(name, problem.value), problem.expected)


def _known(path: Place) -> list[str]:
    names = [part for part in path if part in INSIDE]
    model = INSIDE[str(names[-1])] if names else Fragment if path[:1] == ("fragment",) else Replay
    return [field.alias or name for name, field in model.model_fields.items()]
