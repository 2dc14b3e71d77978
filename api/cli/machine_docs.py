"""The reference pages of the machines, written from the actions: who may do what, when and why, in both languages."""

import json
import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from scanning.catalogue import MACHINES
from workflow.engine.access import HUMANS, ROLE_NAMES, Role
from workflow.engine.machine import Machine, Row
from workflow.text import Text

HEADINGS = {
    "de": ("Deutsch", "Aktion", "von", "nach", "wer", "nicht, wenn", "was geschieht", "Grundlage"),
    "en": ("English", "action", "from", "to", "who", "not if", "what happens", "basis"),
}


class Line(NamedTuple):
    """Rows of a table that differ only in the state they lead from."""

    sources: list[str]
    row: Row


def render(machine: Machine[Any]) -> str:
    parts = [
        f"# Machine `{machine.name}`\n\nWritten from the actions by `make pages`; do not edit.",
        f"```mermaid\n{machine.mermaid().rstrip()}\n```",
        _table(("state", "Zustand"), [(f"`{state}`", german) for state, german in machine.states.items()]),
        *(f"## {HEADINGS[language][0]}\n\n{_actions(machine, language)}" for language in HEADINGS),
        f"## Bodies and events\n\n{_bodies(machine)}",
    ]
    return "\n\n".join(parts) + "\n"


def _table(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def _actions(machine: Machine[Any], language: str) -> str:
    return _table(HEADINGS[language][1:], (_cells(machine, line, language) for line in _lines(machine)))


def _lines(machine: Machine[Any]) -> list[Line]:
    """The table with one line for rows of several states that stand together."""

    def alike(row: Row) -> tuple[object, ...]:
        target = "" if row.target == row.source else row.target
        return row.action, target, row.roles, row.event, row.guards, row.en

    groups = [list(rows) for _, rows in groupby(machine.table, alike)]
    return [Line([row.source for row in rows], rows[0]) for rows in groups]


def _cells(machine: Machine[Any], line: Line, language: str) -> list[str]:
    row, german = line.row, language == "de"
    states = machine.states if german else {state: state.replace("_", " ") for state in machine.states}
    guards = [machine.guards[name] for name in row.guards]
    return [
        f"{_label(machine, row.action).get(language)} (`{row.action}`)",
        ", ".join(states[source] for source in line.sources),
        "=" if row.target in line.sources else states[row.target],
        _who(row.roles, language),
        "; ".join(guard.de if german else guard.en for guard in guards),
        row.de if german else row.en,
        row.basis,
    ]


def _label(machine: Machine[Any], action: str) -> Text:
    command = machine.command(action)
    return command.LABEL if command and command.LABEL.en else Text(action, action)


def _who(roles: frozenset[Role], language: str) -> str:
    if roles >= HUMANS:
        return Text("alle", "everyone").get(language)
    return ", ".join(ROLE_NAMES[role].get(language) for role in Role if role in roles)


def _bodies(machine: Machine[Any]) -> str:
    lines = []
    for command in machine.commands:
        rows = [row for row in machine.table if row.action == command.ACTION]
        events = dict.fromkeys(row.event for row in rows)
        guards = dict.fromkeys(guard for row in rows for guard in row.guards)
        example = f"`{json.dumps(command.EXAMPLE, ensure_ascii=False)}`" if command.open_to() else ""
        does = " ".join((command.__doc__ or "").split())
        lines.append((f"`{command.ACTION}`", does, _code(events), _code(guards), example))
    return _table(("action", "what it is for", "recorded as", "guards", "example"), lines)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def write(machines: Iterable[Machine[Any]], folder: str) -> None:
    for machine in machines:
        (Path(folder) / f"{machine.name}.md").write_text(render(machine), encoding="utf-8")


if __name__ == "__main__":
    write(MACHINES.values(), sys.argv[1])
