"""What files have exercised of the machines, as a page: a table for each machine, and its diagram in colours."""

from html import escape
from typing import Any

from api.replay.coverage.coverage import KINDS, Coverage, missing, scores
from api.replay.coverage.keys import RowKey, key_of, told
from api.replay.coverage.unreachable import belt
from scanning.catalogue import MACHINES
from workflow.engine.machine import Machine

JUDGED = ("row", "guard")
"""What `--min-coverage` looks at."""
COLOURS = (
    "classDef all fill:#c8e6c9,stroke:#1b5e20,color:#000000",
    "classDef some fill:#fff3c4,stroke:#8a6d00,color:#000000",
    "classDef none fill:#ffcdd2,stroke:#b71c1c,color:#000000",
)
"""Green: every row out of the state was taken; yellow: some; red: none."""


def least_share(coverage: Coverage) -> float:
    """The least share of rows and guards over all machines, 0 to 1."""
    return min(scores(machine, coverage)[kind].share for machine in MACHINES.values() for kind in JUDGED)


def line(coverage: Coverage, language: str) -> str:
    """Shares of each machine on one line."""
    parts = []
    for machine in MACHINES.values():
        found = scores(machine, coverage)
        parts.append(f"{machine.name} " + " ".join(f"{kind} {found[kind].done}/{found[kind].of}" for kind in KINDS))
    return ("Abdeckung: " if language == "de" else "coverage: ") + "; ".join(parts)


def page(coverage: Coverage, *, html: bool = False) -> str:
    """The whole page in Markdown, or as one HTML file in which the diagrams are shown as text."""
    text = "\n".join(["# Coverage of the machines", "", *_overview(coverage), *_machines(coverage)]) + "\n"
    return _html(text) if html else text


def _overview(coverage: Coverage) -> list[str]:
    lines = [f"| machine | {' | '.join(KINDS)} |", f"|---|{'---|' * len(KINDS)}"]
    for machine in MACHINES.values():
        found = scores(machine, coverage)
        cells = [f"{found[kind].done} of {found[kind].of} ({found[kind].share:.0%})" for kind in KINDS]
        lines.append(f"| {machine.name} | {' | '.join(cells)} |")
    return [*lines, ""]


def _machines(coverage: Coverage) -> list[str]:
    lines: list[str] = []
    for machine in MACHINES.values():
        lines += [f"## {machine.name}", "", "```mermaid", diagram(machine, coverage).rstrip(), "```", ""]
        lines += ["| row | times taken | guards that never said yes or no |", "|---|---|---|"]
        absent = {one.what for one in missing(machine, coverage) if one.kind == "guard"}
        for row in machine.table:
            key = key_of(machine, row)
            open_ = [text.partition(": ")[2] for text in sorted(absent) if text.startswith(f"{told(key)}: ")]
            lines.append(f"| `{told(key)}` | {_times(coverage, key)} | {', '.join(open_)} |")
        rest = [one for one in missing(machine, coverage) if one.kind in {"role", "error"}]
        lines += ["", *([f"- {one.kind}: {one.what}" for one in rest] or ["Nothing else is missing."]), ""]
    return lines


def _times(coverage: Coverage, key: RowKey) -> str:
    times = coverage.rows[key]
    why = belt(key.machine, "row", key)
    return str(times) if times or why is None else f"cannot be: {why.why}"


def diagram(machine: Machine[Any], coverage: Coverage) -> str:
    """The machine as a Mermaid state diagram, coloured by the rows taken out of each state."""
    lines = [machine.mermaid().rstrip(), *(f"    {colour}" for colour in COLOURS)]
    for state in machine.states:
        out = [key_of(machine, row) for row in machine.table if row.source == state]
        taken = sum(coverage.rows[key] > 0 for key in out)
        reached = any(coverage.rows[key_of(machine, row)] for row in machine.table if row.target == state)
        full = taken == len(out) if out else reached
        lines.append(f"    class {state} {'all' if full else 'some' if taken else 'none'}")
    return "\n".join(lines) + "\n"


def _html(markdown: str) -> str:
    """Tables as tables, diagrams as preformatted text; nothing is loaded from anywhere."""
    body: list[str] = []
    cells: list[list[str]] = []
    inside = False
    for text in [*markdown.splitlines(), ""]:
        if text.startswith("```"):
            body.append("</pre>" if inside else '<pre class="mermaid">')
            inside = not inside
        elif inside:
            body.append(escape(text))
        elif text.startswith("|"):
            cells += [] if set(text) <= set("|-") else [text.strip("|").split("|")]
        else:
            body += _table(cells)
            cells = []
            level = len(text) - len(text.lstrip("#"))
            body.append(f"<h{level}>{escape(text[level:].strip())}</h{level}>" if level else f"<p>{escape(text)}</p>")
    style = "body{font-family:sans-serif;margin:2rem}td,th{border:1px solid #999;padding:.2rem .5rem;text-align:left}"
    head = f'<meta charset="utf-8"><title>Coverage</title><style>{style} table{{border-collapse:collapse}}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _table(cells: list[list[str]]) -> list[str]:
    if not cells:
        return []
    rows = [
        "<tr>" + "".join(f"<{tag}>{escape(cell.strip().replace('`', ''))}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(cells, ["th"] + ["td"] * (len(cells) - 1), strict=True)
    ]
    return ["<table>", *rows, "</table>"]
