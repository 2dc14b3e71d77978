"""`eva serve`: the API and its pages."""

import os
import sys
from typing import Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.output import in_language, stop


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at (EVA_HOST; default 127.0.0.1).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port (EVA_PORT; default 8000; 0 takes any free one).")
    ] = None,
    database: Database = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes (EVA_WORKERS); several need PostgreSQL.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not log requests.")] = False,
) -> None:
    """Serve the API and the web pages until stopped by a signal; requests under way are finished first.

    Schnittstelle und Webseiten bereitstellen.
    """
    given = {"EVA_HOST": host, "EVA_PORT": port, "EVA_DATABASE_URL": database, "EVA_WORKERS": workers}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    if quiet:
        os.environ["EVA_QUIET"] = "requests"
    from api.server.background.digest.addresses import read_addresses  # noqa: PLC0415 - not needed for --help
    from api.settings import from_environment  # noqa: PLC0415
    from workflow.errors import InvalidCommand  # noqa: PLC0415

    try:
        settings = from_environment(os.environ)
        if settings.smtp is not None:
            read_addresses(settings.smtp.addresses, settings.language)
    except InvalidCommand as wrong:
        stop("\n".join(f"{name}: {in_language(*what)}" for name, what in wrong.texts))
    from api.cli.operation.server_process import find_address_fault, run  # noqa: PLC0415

    if fault := find_address_fault(settings.host, settings.port):
        stop(f"eva serve: {in_language(*fault)}")
    with open_engine(settings.database_url, must_exist=False):
        pass  # migrates, and reports at once what is wrong with the database
    sys.stderr.flush()
    if not run(settings):
        told = in_language("konnte nicht starten oder nicht ordentlich enden", "could not start, or not end in order")
        stop(f"eva serve: {told}")
