"""`eva schema`: the JSON Schema of scenario and replay files."""

import json
from typing import Annotated, Literal

import typer

from api.cli.shared.output import say


def schema(what: Annotated[Literal["scenario", "replay"], typer.Argument(help="Kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors.

    Das JSON-Schema einer Dateiart ausgeben.
    """
    from api.replay.file.json_schema import replay_schema  # noqa: PLC0415 - not needed for --help
    from simulation.scenario.json_schema import scenario_schema  # noqa: PLC0415

    found = replay_schema() if what == "replay" else scenario_schema()
    say(json.dumps(found, ensure_ascii=False, indent=2))
