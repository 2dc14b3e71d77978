"""The reference pages of the machines: diagram, states, rows and guards, written from the tables."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scanning.catalogue import MACHINES
from workflow.engine.machine import Machine


def page(machine: Machine[Any]) -> str:
    """A page in Markdown."""
    lines = [f"# Machine `{machine.name}`", "", "Written from the table; do not edit.", "", "```mermaid"]
    lines += [machine.mermaid().rstrip(), "```", "", "| state | German |", "|---|---|"]
    lines += [f"| `{state}` | {german} |" for state, german in machine.states.items()]
    lines += [
        "",
        "| from | action | to | roles | guards | what happened | was geschah | basis |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in machine.table:
        roles, guards = ", ".join(sorted(row.roles)), ", ".join(row.guards)
        cells = (f"`{row.source}`", f"`{row.action}`", f"`{row.target}`", roles, guards, row.en, row.de, row.basis)
        lines.append("| " + " | ".join(cells) + " |")
    if machine.guards:
        lines += ["", "| guard | when it says no | wenn er Nein sagt |", "|---|---|---|"]
        lines += [f"| {name} | {guard.en} | {guard.de} |" for name, guard in machine.guards.items()]
    return "\n".join(lines) + "\n"


def write(machines: Iterable[Machine[Any]], folder: str) -> None:
    """Write the pages of some machines into a folder."""
    for machine in machines:
        (Path(folder) / f"{machine.name}.md").write_text(page(machine), encoding="utf-8")


if __name__ == "__main__":
    write(MACHINES.values(), sys.argv[1])
