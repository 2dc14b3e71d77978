"""`eva schema`: the JSON Schema of scenario and replay files."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from api.cli.shared.output import say


class FileKind(StrEnum):
    SCENARIO = "scenario"
    REPLAY = "replay"


def schema(what: Annotated[FileKind, typer.Argument(help="Kind of file.")]) -> None:
    """Print the JSON Schema of a kind of file, for editors.

    Das JSON-Schema einer Dateiart ausgeben.
    """
    from api.replay.file.json_schema import replay_schema  # noqa: PLC0415 - not needed for --help
    from simulation.scenario.json_schema import scenario_schema  # noqa: PLC0415

    schemas = {FileKind.SCENARIO: scenario_schema, FileKind.REPLAY: replay_schema}
    say(json.dumps(schemas[what](), ensure_ascii=False, indent=2))
