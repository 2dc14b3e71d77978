"""`eva schema`: the JSON Schema of scenario and replay files."""

from typing import Annotated, Literal

import typer

from api.cli.shared.output import say_json


def schema(what: Annotated[Literal["scenario", "replay"], typer.Argument(help="Kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors.

    Das JSON-Schema einer Dateiart ausgeben.
    """
    from api.replay.file.json_schema import replay_schema  # noqa: PLC0415 - not needed for --help
    from simulation.scenario.json_schema import scenario_schema  # noqa: PLC0415

    say_json(replay_schema() if what == "replay" else scenario_schema())
