"""Faults planted in the machines: a row removed, a guard inverted or dropped, a role swapped, an event renamed.

Each mutant changes one table in this process for as long as a block lasts, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from api.replay.coverage.keys import Answer, Opened, RowKey, get_row_key
from api.replay.coverage.unreachable import find_unreachable
from workflow.engine.access import Role
from workflow.engine.machine import Guard, Machine, Row


class Mutant(NamedTuple):
    """A fault in one row of a machine."""

    machine: Machine[Any]
    row: Row
    kind: str
    detail: str

    @property
    def key(self) -> RowKey:
        return get_row_key(self.machine, self.row)

    def __str__(self) -> str:
        key = self.key
        return f"{key.machine}: {key.source} --{key.action}--> {key.target} [{key.event}]: {self.kind} {self.detail}"


def mutants(machine: Machine[Any]) -> list[Mutant]:
    """Every fault of every row that something could notice; `belts` has the rest."""
    return [one for one in list_all(machine) if noticeable(one)]


def list_all(machine: Machine[Any]) -> list[Mutant]:
    found = []
    for row in machine.table:
        found += [Mutant(machine, row, "renamed", row.event)]
        if len(machine.table) > 1:  # without any row, a machine would take those of its commands
            found += [Mutant(machine, row, "removed", "")]
        found += [Mutant(machine, row, "inverted", guard) for guard in row.guards]
        found += [Mutant(machine, row, "dropped", guard) for guard in row.guards]
        found += [Mutant(machine, row, "swapped", role.value) for role in sorted(row.roles)]
    return found


EQUIVALENT = {
    ("record", "transferred", "confirm", "dropped", "import_failed"): "the row before it asks the opposite, so that "
    "this one is only reached when it says yes",
}
"""Mutants that do just what the sound machine does, with the reason."""


def noticeable(mutant: Mutant) -> bool:
    """What no replay can exercise in the sound machine, no replay can miss in the mutant."""
    key, name = mutant.key, mutant.machine.name
    if find_unreachable(name, "row", key) or (name, key.source, key.action, mutant.kind, mutant.detail) in EQUIVALENT:
        return False
    if mutant.kind == "dropped":
        return find_unreachable(name, "guard", Answer(key, mutant.detail, False)) is None
    if mutant.kind == "swapped":
        return find_unreachable(name, "role", Opened(key, mutant.detail)) is None
    return True


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The fault is in the machine until the block ends."""
    machine = mutant.machine
    table, guards = machine.table, machine.guards  # the very objects: others hold them too
    try:
        _set(machine, *_faulty(mutant))
        yield
    finally:
        _set(machine, table, guards)


def _faulty(mutant: Mutant) -> tuple[list[Row], dict[str, Guard[Any]]]:
    machine, row = mutant.machine, mutant.row
    guards = dict(machine.guards)
    if mutant.kind == "removed":
        return [one for one in machine.table if one is not row], guards
    if mutant.kind == "renamed":
        changed = replace(row, event=f"{row.event}_renamed")
    elif mutant.kind == "swapped":
        role = Role(mutant.detail)
        other = next((one for one in Role if one not in row.roles and one is not Role.SYSTEM), None)
        roles = row.roles - {role} | ({other} if other else frozenset())
        changed = replace(row, roles=frozenset(roles))
    elif mutant.kind == "dropped":
        changed = replace(row, guards=tuple(guard for guard in row.guards if guard != mutant.detail))
    else:
        old = guards[mutant.detail]
        guards["inverted"] = old._replace(test=lambda question: not old.test(question))
        changed = replace(row, guards=tuple("inverted" if g == mutant.detail else g for g in row.guards))
    return [changed if one is row else one for one in machine.table], guards


def _set(machine: Machine[Any], table: Sequence[Row], guards: Mapping[str, Guard[Any]]) -> None:
    object.__setattr__(machine, "table", table)
    object.__setattr__(machine, "guards", guards)
    machine.__post_init__()
