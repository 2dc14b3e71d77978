"""Load a rollout scenario: the YAML file with its `extends`, and the two CSV lists beside it.

Everything wrong is told at once, each with file, line and column; nothing is guessed or repaired.
"""

import difflib
import hashlib
import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulation.cross_checks import cross_check, plan_warnings
from simulation.csv_source import Row, read_rows
from simulation.faults import Fault, Place, UnusableInput
from simulation.programme import Authority, Project, Scenario
from simulation.scenario import RolloutScenario
from simulation.yaml_source import Node, merge, read_yaml

MOST_EXTENDS = 20
M = TypeVar("M", bound=BaseModel)


def load(path: str | Path) -> Scenario:
    """Load a scenario; raises `UnusableInput` with every fault found."""
    return load_with_warnings(path)[0]


def load_with_warnings(path: str | Path) -> tuple[Scenario, list[Fault]]:
    """Load a scenario, and say where its lists deviate from the plan's totals (allowed in a what-if)."""
    path = Path(path)
    root = _with_bases(path, str(path), [])
    spec = _validated(root)
    authorities = _list_beside(root.value["authorities"], Authority)
    projects = _list_beside(root.value["projects"], Project)
    scenario = Scenario(
        spec,
        tuple(a for a, _ in authorities),
        tuple(p for p, _ in projects),
        _digest(spec, [a for a, _ in authorities], [p for p, _ in projects]),
    )
    places = ({a.id: row for a, row in authorities}, {p.id: row for p, row in projects})
    faults = _twice(authorities) + _twice(projects) + cross_check(scenario, root, *places)
    if faults:
        raise UnusableInput(faults)
    return scenario, plan_warnings(scenario, root)


def _with_bases(path: Path, name: str, seen: list[Path]) -> Node:
    """The file laid on what it extends, and that on what it extends."""
    root = read_yaml(path, name)
    base = root.value.pop("extends", None)
    if base is None:
        return root
    if not isinstance(base.value, str) or "\x00" in base.value:
        raise UnusableInput([Fault(base.place, "`extends` is no file name", "the name of a scenario file")])
    chain = [*seen, path.resolve()]
    other = path.parent / base.value
    if other.resolve() in chain or len(chain) > MOST_EXTENDS:
        raise UnusableInput([Fault(base.place, f"`extends: {base.value}` leads back in a circle")])
    if not other.is_file():
        raise UnusableInput([Fault(base.place, f"`extends: {base.value[:100]}`: there is no such file")])
    root.keys.pop("extends")
    return merge(_with_bases(other, str(other), chain), root)


def _validated(root: Node) -> RolloutScenario:
    kind = root.value.get("kind")
    if kind is None or kind.value != "rollout":
        place = kind.place if kind else root.place
        raise UnusableInput([Fault(place, "this is no rollout scenario", "`kind: rollout`")])
    try:
        return RolloutScenario.model_validate(root.plain())
    except ValidationError as error:
        raise UnusableInput([_fault(root, problem) for problem in error.errors()]) from error


def _fault(root: Node, problem: ErrorDetails) -> Fault:
    """A validation error as a fault at its place."""
    path = problem["loc"]
    if problem["type"] == "extra_forbidden":
        parent, key = root.find(path[:-1]), str(path[-1])
        near = difflib.get_close_matches(key, _known_keys(path[:-1]), 1)
        return Fault(parent.keys.get(key, parent.place), f"unknown key `{key}`", f"`{near[0]}`?" if near else "")
    place = root.find(path).place
    name = ".".join(map(str, path))
    if problem["type"] == "missing":
        return Fault(place, f"`{name}` is missing")
    value = problem.get("input")
    shown = f" (here: {value})" if isinstance(value, str | int | float) and len(str(value)) < 60 else ""
    return Fault(place, f"`{name}`{shown}" if name else "the file", problem["msg"].removeprefix("Value error, "))


def _known_keys(path: tuple[str | int, ...]) -> list[str]:
    """Keys that the schema knows at a path."""
    schema = RolloutScenario.model_json_schema(by_alias=True)
    node: dict[str, Any] = schema
    for part in path:
        node = _resolved(schema, node)
        node = node.get("items", {}) if isinstance(part, int) else node.get("properties", {}).get(part, {})
    return list(_resolved(schema, node).get("properties", {}))


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    found: dict[str, Any] = schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node
    return found


def _list_beside(named: Node, model: type[M]) -> list[tuple[M, Row]]:
    """The list that a scenario names, beside the file that names it."""
    path = Path(named.place.file).parent / named.value
    if not path.is_file():
        raise UnusableInput([Fault(named.place, f"`{named.value}`: there is no such file")])
    return read_rows(path, str(path), model)


def _twice(rows: list[tuple[Any, Row]]) -> list[Fault]:
    first: dict[str, Place] = {}
    faults = []
    for item, row in rows:
        if item.id in first:
            faults.append(Fault(row.place("id"), f"`{item.id}` stands here twice, first in line {first[item.id].line}"))
        first.setdefault(item.id, row.place("id"))
    return faults


def _digest(spec: RolloutScenario, *lists: list[Any]) -> str:
    """SHA-256 over the canonical JSON of everything that was loaded."""
    content = [
        spec.model_dump(mode="json", by_alias=True),
        *[[i.model_dump(mode="json") for i in rows] for rows in lists],
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
