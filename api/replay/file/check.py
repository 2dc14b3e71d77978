"""Checks what the steps of a case mean: unknown names and actions, and expectations that can never be met."""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from api.replay.file import bodies, scan_stand_ins
from api.replay.file.bodies import find_keys
from api.replay.file.format import STATUSES, Case, Expect, Step
from api.replay.file.load import load
from api.replay.file.names import NAMEABLE, Target
from api.replay.file.schema_faults import show_value, unknown_name
from api.replay.file.validator_words import read_problems, show_path
from simulation.inputs.faults import Fault, Place, UnusableInput
from simulation.inputs.yaml_file import Node
from workflow.catalogue import MACHINES
from workflow.engine.commands import Command, parse
from workflow.engine.events import types
from workflow.engine.machine import Machine
from workflow.errors import InvalidCommand

ANY_ID = "00000000-0000-5000-8000-000000000000"
WITHOUT_ID = {name for name, resource in RESOURCES.items() if resource.naming != "uuid"}
"""Resources that people name themselves, such as `staff/schmidt`."""


class Checked(NamedTuple):
    """`remarks` are about what is right and yet looks like a slip."""

    cases: list[Case]
    remarks: list[Fault]


def load_checked(path: Path, text: str | None = None, within: Path | None = None) -> list[Case]:
    """As `load`, and checks what the steps mean; raises `UnusableInput` with every fault."""
    return check_file(path, text, within).cases


def check_file(path: Path, text: str | None = None, within: Path | None = None) -> Checked:
    """As `load_checked`, with remarks."""
    cases, faults = load(path, text, within)
    remarks: list[Fault] = []
    for case in cases:
        checker = _Checker(case)
        faults += checker.faults()
        remarks += checker.remarks
    if faults:
        raise UnusableInput(faults)
    return Checked(cases, sorted(set(remarks)))


class _Checker:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.replay = case.replay
        self.names: dict[str, Target] = {}
        self.given: dict[str, tuple[Place, bool]] = {}
        self.used: set[str] = set()
        self.found: list[Fault] = []
        self.remarks: list[Fault] = []

    def faults(self) -> list[Fault]:
        self._deputies()
        for number, step in enumerate(self.replay.steps):
            self._step(number, step, self.case.node(number))
        for name, (place, own) in self.given.items():
            if own and name not in self.used:
                self.remarks.append(Fault(place, f"id `{name}` is not used"))
        return self.found

    def _add_fault(self, node: Node, wrong: str, expected: str = "") -> None:
        self.found.append(Fault(node.place, wrong, expected))

    def _add_unknown(self, name: str, known: Iterable[str], node: Node, what: str) -> None:
        self.found.append(unknown_name(name, list(known), node, what))

    def _deputies(self) -> None:
        people = self.case.root.value["actors"].value
        for name, person in self.replay.actors.items():
            for deputy in person.deputies:
                if deputy.deputy not in self.replay.actors and deputy.deputy not in self.case.lost:
                    where = people[name].find(("deputies",))
                    self._add_fault(where, f"no actor is called `{deputy.deputy}`", ", ".join(self.replay.actors))

    def _step(self, number: int, step: Step, node: Node) -> None:
        self._people(step, node)
        target = self._target(step, node)
        resource = RESOURCES.get(step.create or (target.resource if target else ""))
        if resource is not None:
            self._body(step, node, resource, target)
        self._name(number, step, node, resource, target)
        if step.expect is not None:
            self._expect(step, step.expect, node.value["expect"], resource)

    def _people(self, step: Step, node: Node) -> None:
        for key, name in (("as", step.as_), ("for", step.for_)):
            if name is not None and name not in self.replay.actors and name not in self.case.lost:
                self._add_unknown(name, self.replay.actors, node.value[key], "no actor is called")

    def _target(self, step: Step, node: Node) -> Target | None:
        """What the step is about; None where that is unknown, which becomes a fault."""
        if step.create is not None:
            if step.create not in RESOURCES or step.create in WITHOUT_ID:
                known = (name for name in RESOURCES if name not in WITHOUT_ID)
                self._add_unknown(step.create, known, node.value["create"], "nothing that can be created:")
                return None
            return Target(step.create, ANY_ID)
        written = step.on or step.look
        if written is None:
            return None
        return self._resolve(written, node.value["on" if step.on else "look"])

    def _resolve(self, written: str, node: Node) -> Target | None:
        first, *rest = written.split("/")
        if first in WITHOUT_ID and len(rest) == 1:
            return Target(first, rest[0])
        if first not in self.names:
            if first not in self.given and first not in self.case.lost:
                self._add_unknown(first, self.names, node, "nothing is called")
            return None
        self.used.add(first)
        target = self.names[first]
        if not rest:
            return target
        part = RESOURCES[target.resource].part
        if part is not None and rest[0].isdecimal() and not target.parts:
            return Target(target.resource, target.key, {part: ANY_ID})
        return Target(target.resource, target.key, {**target.parts, rest[-1]: ANY_ID})

    def _body(self, step: Step, node: Node, resource: Resource, target: Target | None) -> None:
        action = "create" if step.create else step.do
        if action is None:
            return
        command = resource.commands.get(action)
        if command is None:
            where = node.value["create" if step.create else "do"]
            if action in resource.by_time:
                self._add_fault(where, f"`{action}` happens by itself", "let time pass with `advance`")
            else:
                self._add_unknown(action, resource.commands, where, f"{resource.name} knows no action")
            return
        written = node.value.get("with", Node(node.place, {}))

        def resolve(_field: str, name: str) -> str:
            self._resolve(name, _find_text(written, name))
            return ANY_ID

        said = {**imply_fields(resource, target, command), **step.with_}
        if action in resource.evidence:
            said = scan_stand_ins.complete_body(action, said, None, self.replay.start)
        sent = bodies.build_body(command, said, resolve)
        refusal = step.expect.refusal if step.expect else None
        if refusal is not None and refusal.status == 422:
            return
        try:
            parse(command, sent)
        except InvalidCommand as wrong:
            self._add_command_faults(wrong, sent, command, action, written)

    def _add_command_faults(
        self, wrong: InvalidCommand, sent: dict[str, Any], command: type[Command], action: str, written: Node
    ) -> None:
        if not isinstance(wrong.__cause__, ValidationError):
            for _, says in wrong.faults:
                self._add_fault(written, f"`{action}`: {says}")
            return
        for problem in read_problems(wrong.__cause__.errors(include_url=False), sent):
            path, shown = problem.path, show_path(problem.path)
            if problem.kind == "missing":
                self._add_fault(written.find(path[:-1]), f"`{shown}` is missing in `with`")
            elif problem.kind == "extra_forbidden":
                known = find_keys(command, path[:-1])
                self._add_unknown(str(path[-1]), known, written.find(path[:-1]), f"`{action}` takes no")
            else:
                self._add_fault(written.find(path), f"`{shown}`{show_value(problem.value)}", problem.expected)

    def _name(self, number: int, step: Step, node: Node, resource: Resource | None, target: Target | None) -> None:
        if step.id is None:
            return
        where = node.value["id"]
        if step.id in self.given:
            self._add_fault(where, f"`{step.id}` stands for something else already", f"see {self.given[step.id][0]}")
        if step.id in RESOURCES:
            self._add_fault(where, f"`{step.id}` is a kind of resource", "another name")
        self.given.setdefault(step.id, (where.place, self.case.own[number]))
        if resource is None:
            return
        if step.create:
            self.names[step.id] = Target(resource.name, ANY_ID)
            return
        created = NAMEABLE.get((resource.name, str(step.do)))
        if created is None:
            self._add_fault(where, f"`{step.do}` creates nothing that could have a name")
            return
        parts = dict(target.parts) if target and created[1] != "case" else {}
        self.names[step.id] = Target(created[0], ANY_ID, {**parts, created[1]: ANY_ID})

    def _expect(self, step: Step, expect: Expect, node: Node, resource: Resource | None) -> None:
        refusal = expect.refusal
        if refusal is not None and refusal.status not in STATUSES:
            possible = ", ".join(map(str, STATUSES))
            self._add_fault(node.value["error"], f"no request is refused with {refusal.status}", possible)
        for event, where in _list_names(node.value.get("events")):
            if event not in _event_types():
                near = [t for t in _event_types() if t.rpartition(".")[2] == event] or sorted(_event_types())
                self._add_unknown(event, near, where, "no event is called")
        for name in expect.fields.values():
            if isinstance(name, str) and name.split("/")[0] in self.names:
                self.used.add(name.split("/")[0])
        if resource is None:
            return
        for action, where in _list_names(node.value.get("allowed")):
            if action not in resource.commands or action == "create":
                known = (a for a in resource.commands if a != "create")
                self._add_unknown(action, known, where, f"{resource.name} knows no action")
        if resource.machine is None:
            return
        if refusal is not None and refusal.guard is not None:
            self._guard(refusal.guard, refusal.status, node.find(("error", "guard")), resource.machine, step)
        if expect.state is not None:
            self._state(step, expect.state, node.value["state"], resource.machine, refused=refusal is not None)

    def _guard(self, guard: str, status: int, node: Node, machine: Machine[Any], step: Step) -> None:
        if guard not in machine.guards:
            # One resource may ask another: a slip that closes its case asks the record.
            if not any(guard in other.guards for other in MACHINES.values()):
                self._add_unknown(guard, machine.guards, node, f"{machine.name} has no guard")
            return
        guards = {name for row in machine.table if row.action == step.do for name in row.guards}
        if step.do is not None and guard not in guards:
            self._add_fault(node, f"`{step.do}` never asks `{guard}`", ", ".join(sorted(guards)) or "it asks nothing")
        wanted = 403 if machine.guards[guard].personal else 409
        if status != wanted:
            self._add_fault(node, f"`{guard}` refuses with {wanted}, never with {status}", str(wanted))

    def _state(self, step: Step, state: str, node: Node, machine: Machine[Any], refused: bool) -> None:
        if state not in machine.states:
            self._add_unknown(state, machine.states, node, f"{machine.name} has no state")
        elif step.create and state != machine.initial and not refused:
            self._add_fault(node, f"what is created is never `{state}`", machine.initial)
        elif step.do and not refused:
            led = get_following_states(machine, step.do)
            if led and state not in led:
                self._add_fault(node, f"`{step.do}` never leads to `{state}`", f"one of {', '.join(sorted(led))}")


def imply_fields(resource: Resource, target: Target | None, command: type[Any]) -> dict[str, str]:
    """What `on` already says: the case, item, document, hold meant, or the key of what is named by people."""
    if target is None:
        return {}
    said = dict(target.parts)
    if resource.key is not None:
        said[resource.key] = target.key
    return {name: value for name, value in said.items() if name in command.model_fields}


def get_following_states(machine: Machine[Any], action: str) -> set[str]:
    """States to which an action may lead, with what follows of itself."""
    found = {row.target for row in machine.table if row.action == action}
    return found | {row.target for row in machine.table if row.by_time and row.source in found}


@functools.cache
def _event_types() -> frozenset[str]:
    return frozenset(types())


def _list_names(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Names in a list, a single text, or in `includes` and `excludes`."""
    if node is not None and isinstance(node.value, str):
        yield node.value, node
    for inner in _list_inner(node):
        yield from _list_names(inner)


def _list_inner(node: Node | None) -> list[Node]:
    value = node.value if node is not None else None
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _find_text(node: Node, text: str) -> Node:
    """Where a text stands in a value; for a key, where the key stands."""
    if node.value == text:
        return node
    if isinstance(node.value, dict) and text in node.keys:
        return Node(node.keys[text], text)
    found = (_find_text(inner, text) for inner in _list_inner(node))
    return next((one for one in found if one.value == text), Node(node.place, None))
