"""What the commands for operators share: the database they mean, roles and levels by name, faults in one line."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from workflow.engine.engine import Engine

NO, UNUSABLE = 1, 2
DEFAULT_DATABASE = "sqlite:///eva.db"
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Database (default: EVA_DATABASE_URL, else sqlite:///eva.db)."),
]


def database_url(given: str | None) -> str:
    """The database that is meant."""
    return given or os.environ.get("EVA_DATABASE_URL") or DEFAULT_DATABASE


@contextmanager
def opened(given: str | None, must_exist: bool = True) -> Iterator["Engine"]:
    """An engine on the database; what goes wrong is told in one line with exit status 2.

    `must_exist` refuses to make a new SQLite file, so that a slip of the pen is not answered by an empty log.
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


def stop(message: str, status: int = UNUSABLE) -> NoReturn:
    """Say what is wrong, and end."""
    print(message, file=sys.stderr, flush=True)
    raise typer.Exit(status)
