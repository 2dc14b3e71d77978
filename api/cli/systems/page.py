"""The reference page of the report's systems, written from the same file that `eva systems` reads."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from api.cli.systems.systems import APPEARANCES, System, read_systems

INTRODUCTION = """# Systems of the report

Written from `scenarios/systems.csv` by `make pages`; do not edit. The report "Digitalisierung in der Landesverwaltung"
of August 2021 names {total} systems, components and programmes. {here} of them can appear in what this software does;
each row says where, and a command that shows it. For the others it says why not. `eva systems NAME` prints one.
The numbers of lines are those of the report's text, as in [facts](facts.md)."""
HEADS = ("system", "what it is", "lines", "where", "command")


def render(systems: Sequence[System]) -> str:
    counts = Counter(one.appears_as for one in systems)
    here = len(systems) - counts["not at all"]
    parts = [INTRODUCTION.format(total=len(systems), here=here)]
    for appearance, title in APPEARANCES.items():
        rows = [one for one in systems if one.appears_as == appearance]
        if rows:
            parts += [f"## {title.en.capitalize()} ({title.de}): {len(rows)}", _render_table(rows)]
    return "\n\n".join(parts) + "\n"


def _render_table(rows: Sequence[System]) -> str:
    works = any(one.command for one in rows)
    heads = HEADS if works else ("system", "lines", "why not", "warum nicht")
    lines = [heads, ("---",) * len(heads), *(_list_cells(one, works) for one in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list_cells(system: System, among_working: bool) -> tuple[str, ...]:
    if system.why_not:
        why = system.why_not
        told = ("", system.report_lines, f"{why.en} ({why.de})", "-")
        return system.name, *(told if among_working else (system.report_lines, why.en, why.de))
    links = " ".join(f"[{Path(place).name}](../../{place})" for place in system.places)
    return system.name, system.what.en if system.what else "", system.report_lines, links, f"`{system.command}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(read_systems()), encoding="utf-8")
