"""The database of a command: its option, its URL, and an engine on it whose errors end the command in one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.output import NO, stop

if TYPE_CHECKING:
    from workflow.engine.engine import Engine

DEFAULT_DATABASE = "sqlite:///eva.db"
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Database (default: EVA_DATABASE_URL, else sqlite:///eva.db)."),
]


def database_url(given: str | None) -> str:
    return given or os.environ.get("EVA_DATABASE_URL") or DEFAULT_DATABASE


@contextmanager
def open_engine(given: str | None, must_exist: bool = True) -> Iterator["Engine"]:
    """An engine on the database; its errors end the command with one line and exit status 2.

    `must_exist` refuses to create a new SQLite file, so that a typing mistake does not show an empty log.
    """
    from api.application.catalogue import ALL  # noqa: PLC0415 - not needed for --help
    from workflow.engine.engine import Engine  # noqa: PLC0415
    from workflow.errors import Corrupted, EvaError  # noqa: PLC0415

    url = database_url(given)
    file = url.partition("sqlite:///")[2].partition("?")[0] if url.startswith("sqlite:///") else ""
    if must_exist and file and not os.path.exists(file):  # noqa: PTH110 - a URL's path, as SQLite reads it
        stop(f"eva: there is no database {file}")
    try:
        engine = Engine(url, catalogue=ALL)
    except EvaError as wrong:
        stop(f"eva: {' '.join(str(wrong).split())}")
    try:
        yield engine
    except Corrupted as wrong:
        stop(f"eva: {wrong}", NO)
    except EvaError as wrong:
        stop(f"eva: {' '.join(str(wrong).split())}")
    finally:
        engine.close()
