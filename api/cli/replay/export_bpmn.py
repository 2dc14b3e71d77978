"""`eva replay export-bpmn`: a route template or the route of a slip as a BPMN process with a diagram."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared.output import say


def export_bpmn(
    file: Annotated[
        Path, typer.Argument(help="A route template as `import-bpmn` gives it, or a slip as the API.", metavar="FILE")
    ],
    out: Annotated[Path | None, typer.Option(help="Write there instead of stdout.")] = None,
) -> None:
    """Make a BPMN 2.0 file with a diagram of a route, to be opened and changed in any editor.

    FILE is JSON or YAML with `name` and `stations`, or a routing slip as `GET /routing-slips/{id}` shows it. The way
    back: `eva replay import-bpmn`.

    Schreibt eine Laufweg-Vorlage oder den Laufweg einer Laufmappe als BPMN mit Diagramm.
    """
    from api.replay.bpmn.export import read_route, render_bpmn  # noqa: PLC0415 - not needed for --help
    from api.server.jobs.shipped_files import locate  # noqa: PLC0415 - as above

    drawn = render_bpmn(**read_route(locate(file)))
    if out is None:
        say(drawn.decode())
    else:
        out.write_bytes(drawn)
