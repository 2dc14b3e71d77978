"""`eva replay import-bpmn`: a route template from a BPMN process."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared.misuse import Misuse
from api.cli.shared.output import in_language, language, say
from simulation.inputs.faults import UnusableInput
from workflow.text import Text


def import_bpmn(
    file: Annotated[Path, typer.Argument(help="BPMN 2.0 file.", metavar="FILE")],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", help="YAML that says what names are: `Task 1: {kind: co_sign, actor: schmidt}`."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="What would be simplified is a fault.")] = False,
    process: Annotated[str | None, typer.Option(help="Id or name of the process, where there are several.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write there instead of stdout.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the template (default: the process's).")] = None,
    start: Annotated[str, typer.Option(help="Day from which durations count, as 2021-06-01.")] = "2021-06-01",
) -> None:
    """Make a route template of a BPMN process: tasks of persons, exclusive and parallel gateways, timers.

    What cannot be represented is refused, what is simplified is told on stderr; each with name, line and column. The
    result is the body of the action `save` on `templates`, as JSON. The way back: `eva replay export-bpmn`.

    Macht aus einem BPMN-Prozess eine Laufweg-Vorlage.
    """
    from api.replay.bpmn.element_map import read_map  # noqa: PLC0415 - not needed for --help
    from api.replay.bpmn.template import import_template  # noqa: PLC0415

    try:
        day = date.fromisoformat(start)
    except ValueError as wrong:
        raise Misuse(Text(f"{start} ist kein Tag", f"{start} is no day"), "--start") from wrong
    body, warnings = import_template(file, day, None if mapping is None else read_map(mapping), name, process)
    if strict and warnings:
        raise UnusableInput(warnings)
    for warning in warnings:
        print(f"{in_language('Hinweis', 'warning')}: {warning.tell(language())}", file=sys.stderr)
    text = json.dumps(body, ensure_ascii=False, indent=2)
    if out is None:
        say(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
