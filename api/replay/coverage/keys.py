"""What coverage counts by: rows, answers of guards, roles and refusals of a machine."""

from typing import Any, NamedTuple

from workflow.engine.machine import Machine, Row


class RowKey(NamedTuple):
    machine: str
    source: str
    action: str
    target: str
    event: str


class Answer(NamedTuple):
    row: RowKey
    guard: str
    yes: bool


class Opened(NamedTuple):
    """A role that alone opened a row."""

    row: RowKey
    role: str


class Refused(NamedTuple):
    """An action that was refused by `state`, `role` or `guard`."""

    machine: str
    action: str
    by: str


def get_row_key(machine: Machine[Any], row: Row) -> RowKey:
    return RowKey(machine.name, row.source, row.action, row.target, row.event)


def describe_row(key: RowKey) -> str:
    """A row as `source --action--> target [event]`."""
    return f"{key.source} --{key.action}--> {key.target} [{key.event}]"
