"""Checks what the steps of a case mean: unknown names and actions, and expectations that can never be met."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from api.replay.file import bodies, scan_stand_ins
from api.replay.file.bodies import find_keys
from api.replay.file.format import STATUSES, Case, Expect, Step
from api.replay.file.load import load
from api.replay.file.names import NAMEABLE, Target, imply_fields
from api.replay.file.node_search import find_text, list_names
from api.replay.file.schema_faults import name_unfit, unknown_name
from simulation.inputs.faults import Fault, Place, UnusableInput, one_of
from simulation.inputs.valid_parts import NotValid
from simulation.inputs.validator_words import read_problems, show_path
from simulation.inputs.yaml_file import Node
from workflow.catalogue import MACHINES
from workflow.engine.commands import Command, parse
from workflow.engine.events import types
from workflow.engine.machine import Machine
from workflow.errors import InvalidCommand
from workflow.text import NOTHING, Text, same

NOBODY = Text("niemand unter `actors` heißt", "no actor is called")
NOT_CREATED = Text("nichts, das angelegt werden kann:", "nothing that can be created:")
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
        with suppress(NotValid):
            self._deputies()
        with suppress(NotValid):
            for number, step in enumerate(self.replay.steps):
                self._step(number, step, self.case.node(number))
        for name, (place, own) in self.given.items():
            if own and name not in self.used:
                self.remarks.append(Fault(place, Text(f"id `{name}` wird nicht benutzt", f"id `{name}` is not used")))
        return self.found

    def _add_fault(self, node: Node, wrong: Text, expected: Text = NOTHING) -> None:
        self.found.append(Fault(node.place, wrong, expected))

    def _add_unknown(self, name: str, known: Iterable[str], node: Node, what: Text) -> None:
        self.found.append(unknown_name(name, list(known), node, what))

    def _deputies(self) -> None:
        people = self.case.root.value["actors"].value
        for name, person in self.replay.actors.items():
            for deputy in person.deputies:
                if deputy.deputy not in self.replay.actors and deputy.deputy not in self.case.lost:
                    where = people[name].find(("deputies",))
                    says = Text(*(f"{nobody} `{deputy.deputy}`" for nobody in NOBODY))
                    self._add_fault(where, says, same(", ".join(self.replay.actors)))

    def _step(self, number: int, step: Step, node: Node) -> None:
        target = resource = None
        with suppress(NotValid):
            self._people(step, node)
        with suppress(NotValid):
            target = self._target(step, node)
            resource = RESOURCES.get(step.create or (target.resource if target else ""))
        with suppress(NotValid):
            if resource is not None:
                self._body(step, node, resource, target)
            self._name(number, step, node, resource, target)
        with suppress(NotValid):
            if step.expect is not None:
                self._expect(step, step.expect, node.value["expect"], resource)

    def _people(self, step: Step, node: Node) -> None:
        for key, name in (("as", step.as_), ("for", step.for_)):
            if name is not None and name not in self.replay.actors and name not in self.case.lost:
                self._add_unknown(name, self.replay.actors, node.value[key], NOBODY)

    def _target(self, step: Step, node: Node) -> Target | None:
        """What the step is about; None where that is unknown, which becomes a fault."""
        if step.create is not None:
            if step.create not in RESOURCES or step.create in WITHOUT_ID:
                known = (name for name in RESOURCES if name not in WITHOUT_ID)
                self._add_unknown(step.create, known, node.value["create"], NOT_CREATED)
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
                self._add_unknown(first, self.names, node, Text("nichts heißt", "nothing is called"))
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
                says = Text(f"`{action}` geschieht von selbst", f"`{action}` happens by itself")
                expected = Text("mit `advance` Zeit vergehen lassen", "let time pass with `advance`")
                self._add_fault(where, says, expected)
            else:
                self._add_unknown(action, resource.commands, where, _knows_no_action(resource.name))
            return
        written = node.value.get("with", Node(node.place, {}))

        def resolve(_field: str, name: str) -> str:
            self._resolve(name, find_text(written, name))
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
            for _, says in wrong.texts:
                self._add_fault(written, Text(*(f"`{action}`: {one}" for one in says)))
            return
        for problem in read_problems(wrong.__cause__.errors(include_url=False), sent):
            path, shown = problem.path, show_path(problem.path)
            if problem.kind == "missing":
                self._add_fault(
                    written.find(path[:-1]), Text(f"`{shown}` fehlt in `with`", f"`{shown}` is missing in `with`")
                )
            elif problem.kind == "extra_forbidden":
                known = find_keys(command, path[:-1])
                takes_no = Text(f"`{action}` kennt kein", f"`{action}` takes no")
                self._add_unknown(str(path[-1]), known, written.find(path[:-1]), takes_no)
            else:
                self._add_fault(written.find(path), name_unfit(shown, problem.value), problem.expected)

    def _name(self, number: int, step: Step, node: Node, resource: Resource | None, target: Target | None) -> None:
        if step.id is None:
            return
        where = node.value["id"]
        if step.id in self.given:
            says = Text(f"`{step.id}` steht schon für etwas anderes", f"`{step.id}` stands for something else already")
            seen = self.given[step.id][0]
            self._add_fault(where, says, Text(f"siehe {seen}", f"see {seen}"))
        if step.id in RESOURCES:
            says = Text(f"`{step.id}` ist eine Art von Ressource", f"`{step.id}` is a kind of resource")
            self._add_fault(where, says, Text("ein anderer Name", "another name"))
        self.given.setdefault(step.id, (where.place, self.case.own[number]))
        if resource is None:
            return
        if step.create:
            self.names[step.id] = Target(resource.name, ANY_ID)
            return
        created = NAMEABLE.get((resource.name, str(step.do)))
        if created is None:
            says = Text(
                f"`{step.do}` legt nichts an, das einen Namen haben könnte",
                f"`{step.do}` creates nothing that could have a name",
            )
            self._add_fault(where, says)
            return
        parts = dict(target.parts) if target and created[1] != "case" else {}
        self.names[step.id] = Target(created[0], ANY_ID, {**parts, created[1]: ANY_ID})

    def _expect(self, step: Step, expect: Expect, node: Node, resource: Resource | None) -> None:
        refusal = expect.refusal
        if refusal is not None and refusal.status not in STATUSES:
            says = Text(
                f"mit {refusal.status} wird keine Anfrage abgelehnt", f"no request is refused with {refusal.status}"
            )
            self._add_fault(node.value["error"], says, same(", ".join(map(str, STATUSES))))
        for event, where in list_names(node.value.get("events")):
            if event not in types():
                near = [t for t in types() if t.rpartition(".")[2] == event] or sorted(types())
                self._add_unknown(event, near, where, Text("kein Ereignis heißt", "no event is called"))
        for name in expect.fields.values():
            if isinstance(name, str) and name.split("/")[0] in self.names:
                self.used.add(name.split("/")[0])
        if resource is None:
            return
        for action, where in list_names(node.value.get("allowed")):
            if action not in resource.commands or action == "create":
                known = (a for a in resource.commands if a != "create")
                self._add_unknown(action, known, where, _knows_no_action(resource.name))
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
                self._add_unknown(
                    guard,
                    machine.guards,
                    node,
                    Text(f"{machine.name} hat keine Bedingung", f"{machine.name} has no guard"),
                )
            return
        guards = {name for row in machine.table if row.action == step.do for name in row.guards}
        if step.do is not None and guard not in guards:
            says = Text(f"`{step.do}` fragt nie nach `{guard}`", f"`{step.do}` never asks `{guard}`")
            asked = same(", ".join(sorted(guards))) if guards else Text("fragt nach nichts", "it asks nothing")
            self._add_fault(node, says, asked)
        wanted = 403 if machine.guards[guard].personal else 409
        if status != wanted:
            says = Text(
                f"`{guard}` lehnt mit {wanted} ab, nie mit {status}",
                f"`{guard}` refuses with {wanted}, never with {status}",
            )
            self._add_fault(node, says, same(wanted))

    def _state(self, step: Step, state: str, node: Node, machine: Machine[Any], refused: bool) -> None:
        if state not in machine.states:
            no_state = Text(f"{machine.name} hat keinen Zustand", f"{machine.name} has no state")
            self._add_unknown(state, machine.states, node, no_state)
        elif step.create and state != machine.initial and not refused:
            says = Text(f"was angelegt wird, ist nie `{state}`", f"what is created is never `{state}`")
            self._add_fault(node, says, same(machine.initial))
        elif step.do and not refused:
            led = get_following_states(machine, step.do)
            if led and state not in led:
                says = Text(f"`{step.do}` führt nie zu `{state}`", f"`{step.do}` never leads to `{state}`")
                self._add_fault(node, says, one_of(sorted(led)))


def _knows_no_action(name: str) -> Text:
    return Text(f"{name} kennt keine Aktion", f"{name} knows no action")


def get_following_states(machine: Machine[Any], action: str) -> set[str]:
    """States to which an action may lead, with what follows of itself."""
    found = {row.target for row in machine.table if row.action == action}
    return found | {row.target for row in machine.table if row.by_time and row.source in found}
