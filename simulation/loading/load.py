"""Read a rollout scenario: the YAML file with its `extends`, and the two CSV lists beside it.

All faults are reported at once, each with file, line and column; nothing is guessed or repaired.
"""

import difflib
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from simulation.inputs.csv_file import MOST_ROWS, read_valid_rows
from simulation.inputs.extends import name_missing, read_with_bases
from simulation.inputs.faults import Fault, Place, Placed, UnusableInput, at_most, one_of, write_both
from simulation.inputs.valid_parts import Hole, NotValid, take_valid
from simulation.inputs.validator_words import Problem, read_problems
from simulation.inputs.yaml_file import Node
from simulation.loading.check_lists import check_lists
from simulation.loading.check_totals import check_totals
from simulation.loading.check_values import check_values
from simulation.scenario.changes import ChangeEntry
from simulation.scenario.json_schema import list_known_keys
from simulation.scenario.model import OnlyChanges, RolloutScenario
from simulation.scenario.programme import Authority, Project, Scenario, list_members, list_project
from workflow.text import Text, same

M = TypeVar("M", bound=BaseModel)


class ReadScenario(NamedTuple):
    """A scenario as its files say it, with a hole for what has a fault, and its changes apart."""

    scenario: Scenario
    faults: list[Fault]
    changes: list[ChangeEntry]
    faulty_changes: list[Fault]
    """Of their form."""
    root: Node
    """The content of the file, with places."""
    warnings: list[Fault]

    def refuse(self, path: Path, faults: list[Fault]) -> UnusableInput:
        return UnusableInput(_describe_base(self.root, path, faults) or faults)


def read_scenario(path: str | Path, text: str | None = None, within: Path | None = None) -> ReadScenario:
    """Read a scenario; raises `UnusableInput` for what is none.

    `text` stands for the content of the file at `path`; `within` is the only folder from which other files are then
    read.
    """
    root, doubts = read_with_bases(Path(path), text, within)
    check_kind(root, "rollout")
    spec, faults = validate(_keep(root, lambda key: key != "changes"), RolloutScenario)
    changes, faulty_changes = validate(_keep(root, lambda key: key == "changes"), OnlyChanges)
    authorities = _read_list(root, "authorities", Authority, faults, within)
    projects = _read_list(root, "projects", Project, faults, within)
    with suppress(NotValid):
        authorities = authorities or _list_groups(root, spec, faults)
    with suppress(NotValid):
        projects = projects or _list_own_projects(root, spec)
    members, plans = _take_items(authorities), _take_items(projects)
    scenario = Scenario(spec, members, plans, "" if faults else hash_content(spec, members, plans))
    places = (_place_ids(authorities), _place_ids(projects))
    faults += [*_find_twice(authorities), *_find_twice(projects), *check_lists(scenario, root, *places)]
    faults += check_values(spec, root)
    warnings = [] if faults else [*doubts, *check_totals(scenario, root)]
    return ReadScenario(scenario, faults, _list_changes(changes), faulty_changes, root, warnings)


def _keep(root: Node, chosen: Callable[[str], bool]) -> Node:
    return Node(root.place, {key: node for key, node in root.value.items() if chosen(key)}, root.keys)


def _take_items(rows: list[tuple[M, Placed]]) -> tuple[M, ...]:
    """A list that cannot be read at all is a hole: it is never empty."""
    return tuple(item for item, _ in rows) if rows else Hole()  # type: ignore[return-value]


def _list_changes(read: OnlyChanges) -> list[ChangeEntry]:
    try:
        return read.changes
    except NotValid:
        return []


def _place_ids(rows: list[tuple[Any, Placed]]) -> dict[str, Placed]:
    return {item.id: row for item, row in rows if "id" in vars(item)}


def _describe_base(root: Node, path: Path, faults: list[Fault]) -> list[Fault]:
    """One fault for a file that says neither its kind nor its name itself, as what several scenarios have in common,
    and does not fit the files that it extends; none for any other, and none where a fault stands in the file itself.
    """
    own = {name: node.place for name, node in root.value.items() if node.place.file == str(path)}
    if "kind" in own or "name" in own or any(fault.place.file == str(path) for fault in faults):
        return []
    place = min(own.values(), default=root.place)
    says = Text(
        "nur gemeinsame Grundlage anderer Szenarien, ohne eigenes `kind` und `name`",
        "only a common base for others, with no `kind` and `name` of its own",
    )
    return [Fault(place, says, Text("ein Szenario, das sie erweitert", "a scenario that extends it"))]


def check_kind(root: Node, expected: str) -> None:
    """`UnusableInput` for a file of another kind."""
    kind = root.value.get("kind")
    if kind is None or kind.value != expected:
        wrong = Text(f"kein Szenario der Art {expected}", f"no {expected} scenario")
        raise UnusableInput([Fault(kind.place if kind else root.place, wrong, same(f"`kind: {expected}`"))])


def validate(root: Node, model: type[M]) -> tuple[M, list[Fault]]:
    """The content of a file, and its faults; what has one is a hole."""
    plain = root.plain()
    try:
        return model.model_validate(plain), []
    except ValidationError as error:
        problems = read_problems(error.errors(include_url=False), plain)
        return take_valid(model, plain), [_describe_fault(root, problem, model) for problem in problems]


def _describe_fault(root: Node, problem: Problem, model: type[BaseModel]) -> Fault:
    """A validation error as a fault at its place: at the value, at a key that is wrong, or where a key is missing."""
    path, kind = problem.path, problem.kind
    if kind == "extra_forbidden" or path[-1:] == ("[key]",):
        path = path[:-1] if path[-1] == "[key]" else path
        return _describe_unknown_key(root.find(path[:-1]), path, model)
    node, name = root.find(path), ".".join(map(str, path))
    if kind == "missing":
        return Fault(node.place, name_absent(name))
    if kind == "value_error":
        return _describe_contradiction(node, name, problem)
    value = problem.value
    shown = f": {value}" if isinstance(value, str | int | float) and len(str(value)) < 60 else ""
    return Fault(node.place, same(f"`{name}`{shown}"), problem.expected)


def _describe_unknown_key(parent: Node, path: tuple[str | int, ...], model: type[BaseModel]) -> Fault:
    """A key that the schema does not know, with the nearest one that it knows."""
    key, known = str(path[-1]), list_known_keys(path[:-1], model)
    near = difflib.get_close_matches(key, known, 1)
    expected = same(f"`{near[0]}`?") if near else one_of(known, 12)
    wrong = Text(f"unbekannter Schlüssel `{key[:60]}`", f"unknown key `{key[:60]}`")
    return Fault(parent.keys.get(key, parent.place), wrong, expected)


def _describe_contradiction(node: Node, name: str, problem: Problem) -> Fault:
    """A contradiction between several values, with a hint where the range comes from another file."""
    inner = node.value if isinstance(node.value, dict) else {}
    value, low = inner.get("value"), inner.get("low")
    wrong = Text(*(f"`{name}`: {says}" for says in problem.expected))
    if not (wrong.en.startswith(f"`{name}`: value ") and value and low):
        return Fault(node.place, wrong)
    if value.place.file == low.place.file:
        return Fault(value.place, wrong)
    hint = Text(
        f"ein Wert in der Spanne von {low.place}, oder neue low, high und source",
        f"a value within the range of {low.place}, or new low, high and source",
    )
    return Fault(value.place, wrong, hint)


def name_absent(name: str) -> Text:
    return Text(f"`{name}` fehlt", f"`{name}` is missing")


class _OfNode:
    """Places of what a scenario's file says itself: all of it stands where its entry begins."""

    def __init__(self, node: Node) -> None:
        self._place = node.place

    def place(self, column: str | None = None) -> Place:  # noqa: ARG002 - one place for every column
        return self._place


def _list_groups(root: Node, spec: RolloutScenario, faults: list[Fault]) -> list[tuple[Authority, Placed]]:
    """The authorities of all groups; none, and a fault, where they are too many."""
    groups = [] if isinstance(spec.authorities, str) else spec.authorities
    node = root.value.get("authorities", root)
    count = sum(group.count.value for group in groups)
    if count > MOST_ROWS:
        told = write_both(count)
        wrong = Text(f"`authorities`: {told.de} in allen Gruppen", f"`authorities`: {told.en} in all groups")
        faults.append(Fault(node.place, wrong, at_most(MOST_ROWS)))
        return []
    places = [_OfNode(one) for one in node.value] if groups else []
    return [(member, place) for group, place in zip(groups, places, strict=True) for member in list_members(group)]


def _list_own_projects(root: Node, spec: RolloutScenario) -> list[tuple[Project, Placed]]:
    projects = [] if isinstance(spec.projects, str) else spec.projects
    places = [_OfNode(node) for node in root.value["projects"].value] if projects else []
    return [(list_project(project), place) for project, place in zip(projects, places, strict=True)]


def _read_list(
    root: Node, name: str, model: type[M], faults: list[Fault], within: Path | None
) -> list[tuple[M, Placed]]:
    """The list that a scenario names, beside the file that names it; what is wrong with it is added to `faults`.

    Empty where the file says the list itself, or where it is none.
    """
    named = root.value.get(name)
    if named is None or not isinstance(named.value, str) or any(fault.place == named.place for fault in faults):
        return []
    path = Path(named.place.file).parent / named.value
    if not path.is_file() or (within is not None and not path.resolve().is_relative_to(within.resolve())):
        faults.append(Fault(named.place, name_missing(named.value)))
        return []
    try:
        rows, bad = read_valid_rows(path, str(path), model)
    except UnusableInput as unusable:
        faults.extend(unusable.faults)
        return []
    faults.extend(bad)
    return list(rows)


def _find_twice(rows: list[tuple[Any, Placed]]) -> list[Fault]:
    first: dict[str, Place] = {}
    faults = []
    for item, row in rows:
        if "id" not in vars(item):
            continue
        if item.id in first:
            line = first[item.id].line
            says = Text(
                f"`{item.id}` steht zweimal, zuerst in Zeile {line}",
                f"`{item.id}` stands here twice, first in line {line}",
            )
            faults.append(Fault(row.place("id"), says))
        first.setdefault(item.id, row.place("id"))
    return faults


def hash_content(spec: BaseModel, *lists: tuple[BaseModel, ...]) -> str:
    content = [
        spec.model_dump(mode="json", by_alias=True, exclude={"changes"}),
        *[[i.model_dump(mode="json") for i in rows] for rows in lists],
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
