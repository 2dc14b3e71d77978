"""The coverage of the machines by replays as a page, in Markdown or HTML: a table for each machine, and its diagram."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from api.replay.coverage.coverage import KINDS, Coverage, Score, compute_scores, list_missing
from api.replay.coverage.drawing import Way, draw
from api.replay.coverage.keys import RowKey, describe_row, get_row_key
from api.replay.coverage.unreachable import find_unreachable
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


KINDS_IN_GERMAN = {"row": "Zeile", "guard": "Bedingung", "role": "Rolle", "error": "Ablehnung"}


class _MachineView:
    def __init__(self, machine: Machine[Any], coverage: Coverage, tell: Callable[[str, str], str]) -> None:
        self.name = machine.name
        self.scores = compute_scores(machine, coverage).values()
        self.diagram = render_diagram(machine, coverage).rstrip()
        self.picture = render_picture(machine, coverage)
        missing = list_missing(machine, coverage)
        guards = sorted(one.what for one in missing if one.kind == "guard")
        self.rows = [_view_row(get_row_key(machine, row), coverage, guards, tell) for row in machine.table]
        rest = [one for one in missing if one.kind in {"role", "error"}]
        self.rest = [f"{tell(KINDS_IN_GERMAN[one.kind], one.kind)}: {one.what}" for one in rest]


def _format_score(score: Score, tell: Callable[[str, str], str]) -> str:
    return f"{score.done} {tell('von', 'of')} {score.of} ({score.share:.0%})"


def _view_row(key: RowKey, coverage: Coverage, guards: list[str], tell: Callable[[str, str], str]) -> dict[str, Any]:
    text, times = describe_row(key), coverage.rows[key]
    unreachable = find_unreachable(key.machine, "row", key)
    shown = str(times)
    if not times and unreachable is not None:
        shown = f"{tell('kann nicht sein', 'cannot be')}: {tell(*unreachable.why)}"
    asked = [name.partition(": ")[2] for name in guards if name.startswith(f"{text}: ")]
    return {"text": text, "times": shown, "open_guards": asked}


def get_least_share(coverage: Coverage) -> float:
    """The least share of rows and guards over all machines, 0 to 1."""
    return min(compute_scores(machine, coverage)[kind].share for machine in MACHINES.values() for kind in JUDGED)


def render_line(coverage: Coverage, language: str) -> str:
    parts = []
    for machine in MACHINES.values():
        scores = compute_scores(machine, coverage)
        parts.append(f"{machine.name} " + " ".join(f"{kind} {scores[kind].done}/{scores[kind].of}" for kind in KINDS))
    return ("Abdeckung: " if language == "de" else "coverage: ") + "; ".join(parts)


def render_page(coverage: Coverage, language: str, *, html: bool = False) -> str:
    """The page in Markdown, or as one HTML file that loads nothing, with the machines drawn."""

    def tell(de: str, en: str) -> str:
        return de if language == "de" else en

    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)
    about = {
        "machines": [_MachineView(machine, coverage, tell) for machine in MACHINES.values()], "t": tell,
        "kinds": [tell(KINDS_IN_GERMAN[kind], kind) for kind in KINDS], "language": language,
        "format": lambda score: _format_score(score, tell),
    }  # fmt: skip
    return environment.get_template("page.html" if html else "page.md").render(about) + "\n"


def render_picture(machine: Machine[Any], coverage: Coverage) -> str:
    """The machine drawn as SVG, in the colours of the diagram."""
    ways: dict[Way, dict[str, bool]] = {}
    for row in machine.table:
        actions = ways.setdefault((row.source, row.target), {})
        taken = coverage.rows[get_row_key(machine, row)] > 0
        actions[row.action] = actions.get(row.action, True) and taken
    classes = {state: _get_class(machine, state, coverage) for state in machine.states}
    return draw(machine.states, machine.initial, ways, classes)


def _get_class(machine: Machine[Any], state: str, coverage: Coverage) -> str:
    out = [get_row_key(machine, row) for row in machine.table if row.source == state]
    taken = sum(coverage.rows[key] > 0 for key in out)
    reached = any(coverage.rows[get_row_key(machine, row)] for row in machine.table if row.target == state)
    full = taken == len(out) if out else reached
    return "all" if full else "some" if taken else "none"


def render_diagram(machine: Machine[Any], coverage: Coverage) -> str:
    """The machine as a Mermaid state diagram, coloured by the rows taken out of each state."""
    lines = [machine.mermaid().rstrip(), *(f"    {colour}" for colour in COLOURS)]
    lines += [f"    class {state} {_get_class(machine, state, coverage)}" for state in machine.states]
    return "\n".join(lines) + "\n"
