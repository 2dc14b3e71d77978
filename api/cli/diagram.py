"""`eva diagram`: a state machine as Mermaid text."""

from typing import Annotated

import typer

from api.cli.shared.output import say, stop


def diagram(
    name: Annotated[str, typer.Argument(help="record, routing-slip, station, mail-folder, scan-batch.")],
) -> None:
    """Print a state machine as a Mermaid diagram.

    Einen Zustandsautomaten als Mermaid-Diagramm ausgeben.
    """
    from scanning.catalogue import MACHINES  # noqa: PLC0415 - not needed for --help

    machine = MACHINES.get(name)
    if machine is None:
        stop(f"eva diagram: there is no machine {name!r}; expected one of {', '.join(MACHINES)}")
    say(machine.mermaid().rstrip("\n"))
