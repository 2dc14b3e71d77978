"""`eva schema`: the JSON Schema of scenario and replay files, and the description of the API."""

from typing import Annotated, Any, Literal

import typer

from api.cli.shared.output import say_json


def schema(
    what: Annotated[Literal["scenario", "replay", "openapi"], typer.Argument(help="Kind of file, or the API.")],
) -> None:
    """Print the JSON Schema of a kind of file, for editors, or the OpenAPI description, for clients.

    Das JSON-Schema einer Dateiart oder die OpenAPI-Beschreibung ausgeben.
    """
    say_json(_describe(what))


def _describe(what: str) -> dict[str, Any]:
    """Each imports only what it needs."""
    if what == "scenario":
        from simulation.scenario.json_schema import scenario_schema  # noqa: PLC0415

        return scenario_schema()
    if what == "replay":
        from api.replay.file.json_schema import replay_schema  # noqa: PLC0415

        return replay_schema()
    from api.server.app import create_app  # noqa: PLC0415
    from api.server.openapi.document import describe  # noqa: PLC0415
    from api.settings import Settings  # noqa: PLC0415

    return describe(create_app(Settings(language="en"), ()))
