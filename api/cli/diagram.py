"""`eva diagram`: a state machine as Mermaid text."""

from typing import Annotated

import typer

from api.cli.shared.output import in_language, say, stop


def diagram(
    name: Annotated[str, typer.Argument(help="record, routing-slip, station, mail-folder, scan-batch.")],
) -> None:
    """Print a state machine as a Mermaid diagram.

    Einen Zustandsautomaten als Mermaid-Diagramm ausgeben.
    """
    from scanning.catalogue import MACHINES  # noqa: PLC0415 - not needed for --help

    machine = MACHINES.get(name)
    if machine is None:
        known = ", ".join(MACHINES)
        told = in_language(
            f"den Automaten {name!r} gibt es nicht; eines von {known}",
            f"there is no machine {name!r}; expected one of {known}",
        )
        stop(f"eva diagram: {told}")
    say(machine.mermaid().rstrip("\n"))
