"""Validation errors of the models as faults, each at the place of its value or key in the file."""

import difflib

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from api.replay.file.format import Deputy, Expect, Fragment, Person, Refusal, Replay, Some, Step, Timer
from simulation.inputs.faults import Fault
from simulation.inputs.yaml_file import Node

Path = tuple[str | int, ...]
INSIDE: dict[str, type[BaseModel]] = {
    "actors": Person, "deputies": Deputy, "steps": Step, "expect": Expect, "error": Refusal, "allowed": Some,
    "events": Some, "timers": Timer,
}  # fmt: skip
"""Key -> the model of what stands below it."""


def to_faults(root: Node, wrong: ValidationError) -> list[Fault]:
    details = wrong.errors(include_url=False)
    return [_fault(root, problem) for problem in details if not _other_branch(root, problem)]


def unknown_name(key: str, known: list[str], place_of: Node, what: str = "unknown key") -> Fault:
    """A word that is not known, with the nearest one that is."""
    near = difflib.get_close_matches(key, known, 1)
    listed = ", ".join(known[:14]) + (", …" if len(known) > 14 else "")
    expected = f"`{near[0]}`?" if near else f"one of {listed}" if listed else ""
    return Fault(place_of.keys.get(key, place_of.place), f"{what} `{key[:60]}`", expected)


def _other_branch(root: Node, problem: ErrorDetails) -> bool:
    """Whether the error is about a branch of a union that the value does not even resemble."""
    value, branch = root.find(problem["loc"]).value, problem["loc"][-1]
    models = {"Refusal", "Some"}
    if isinstance(value, dict):
        return problem["type"] in {"int_type", "tuple_type"} and branch not in models
    return problem["type"] == "model_type" and branch in models


def _fault(root: Node, problem: ErrorDetails) -> Fault:
    path, kind = problem["loc"], problem["type"]
    if kind == "extra_forbidden" or path[-1:] == ("[key]",):
        path = path[:-1] if path[-1] == "[key]" else path
        return unknown_name(str(path[-1]), _known(path[:-1]), root.find(path[:-1]))
    node, name = root.find(path), ".".join(str(part) for part in path)
    if kind == "missing":
        return Fault(node.place, f"`{name}` is missing")
    says = problem["msg"].removeprefix("Value error, ")
    if kind == "value_error" and isinstance(node.value, dict):
        return Fault(node.place, says)
    value = problem.get("input")
    shown = f" {value}" if isinstance(value, str | int | float) and len(str(value)) < 60 else ""
    return Fault(node.place, f"`{name}`:{shown}", says)


def _known(path: Path) -> list[str]:
    names = [part for part in path if part in INSIDE]
    model = INSIDE[str(names[-1])] if names else Fragment if path[:1] == ("fragment",) else Replay
    return [field.alias or name for name, field in model.model_fields.items()]
