"""`eva replay import-bpmn`: a route template from a BPMN process."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared.output import say


def import_bpmn(
    file: Annotated[Path, typer.Argument(help="BPMN 2.0 file with one process and no collaboration.", metavar="FILE")],
    out: Annotated[Path | None, typer.Option(help="Write there instead of stdout.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the template (default: the process's).")] = None,
    start: Annotated[str, typer.Option(help="Day from which timers count, as 2021-06-01.")] = "2021-06-01",
) -> None:
    """Make a route template of a BPMN process: user tasks, exclusive and parallel gateways, timers.

    What cannot be represented is refused with the element's id and line. The result is the body of the action `save`
    on `templates`, as JSON.

    Macht aus einem BPMN-Prozess eine Laufweg-Vorlage.
    """
    from api.replay.bpmn.template import build_template  # noqa: PLC0415 - not needed for --help

    try:
        day = date.fromisoformat(start)
    except ValueError as wrong:
        raise typer.BadParameter(f"{start} is no day", param_hint="--start") from wrong
    text = json.dumps(build_template(file, day, name), ensure_ascii=False, indent=2)
    if out is None:
        say(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
