"""The database of a command: its option, its URL, and an engine on it whose errors end the command in one line."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.output import NO, in_language, language, stop

if TYPE_CHECKING:
    from workflow.engine.aggregate import Catalogue
    from workflow.engine.engine import Engine
    from workflow.engine.store.log import Log
    from workflow.organisation.house_rules import Rules

DEFAULT_DATABASE = "sqlite:///eva.db"
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Database (default: EVA_DATABASE_URL, else sqlite:///eva.db)."),
]


def database_url(given: str | None) -> str:
    return given or os.environ.get("EVA_DATABASE_URL") or DEFAULT_DATABASE


def _is_missing(url: str, must_exist: bool) -> bool:
    """Whether the URL names an SQLite file that is not there; ends the command where it must be."""
    file = url.partition("sqlite:///")[2].partition("?")[0] if url.startswith("sqlite:///") else ""
    missing = bool(file) and not os.path.exists(file)  # noqa: PTH110 - a URL's path, as SQLite reads it
    if missing and must_exist:
        stop(in_language(f"eva: die Datenbank {file} gibt es nicht", f"eva: there is no database {file}"))
    return missing


def _check_nothing_was_here(url: str) -> None:
    """Raise `StoreReplaced` where a data folder or a backup says that there was a database."""
    from api.application.earlier_log import Traces  # noqa: PLC0415 - not needed for --help
    from workflow.errors import StoreReplaced  # noqa: PLC0415

    backup = os.environ.get("EVA_BACKUP_DIR")
    traces = Traces(url, Path(os.environ.get("EVA_DATA") or "eva-data"), Path(backup) if backup else None)
    trace = traces.find()
    if trace:
        raise StoreReplaced(
            f"there is no database {traces.name}, but {trace.en}; restore it, or move that away",
            f"Die Datenbank {traces.name} gibt es nicht, aber {trace.de}; sie wiederherstellen, oder das wegräumen",
        )


@contextmanager
def open_log(given: str | None) -> Iterator["Log"]:
    """The log of a database that is only read, also from a disk that takes no writes; errors as with `open_engine`."""
    from workflow.engine.store.log import Log  # noqa: PLC0415 - not needed for --help
    from workflow.errors import Corrupted, EvaError  # noqa: PLC0415

    url = database_url(given)
    _is_missing(url, must_exist=True)
    try:
        log = Log(url, read_only=True)
        try:
            yield log
        finally:
            log.close()
    except Corrupted as wrong:
        stop(f"eva: {wrong.text.get(language())}", NO)
    except EvaError as wrong:
        stop(f"eva: {' '.join(wrong.text.get(language()).split())}")


@contextmanager
def open_engine(
    given: str | None,
    must_exist: bool = True,
    restoring: bool = False,
    rules: "Rules | None" = None,
    catalogue: "Catalogue[Any] | None" = None,
) -> Iterator["Engine"]:
    """An engine on the database, of all aggregates unless told which; its errors end the command with one line and
    exit status 2.

    `must_exist` refuses to create a new SQLite file, so that a typing mistake does not show an empty log. Where one is
    created that is said, and it is refused where there was a log before, unless that is being restored.
    """
    from workflow.engine.engine import Engine  # noqa: PLC0415 - not needed for --help
    from workflow.errors import Corrupted, EvaError  # noqa: PLC0415

    if catalogue is None:
        from api.application.catalogue import ALL  # noqa: PLC0415

        catalogue = ALL

    url = database_url(given)
    begins = _is_missing(url, must_exist)
    try:
        if begins and not restoring:
            _check_nothing_was_here(url)
        engine = Engine(url, catalogue=catalogue, rules=rules)
    except EvaError as wrong:
        stop(f"eva: {' '.join(wrong.text.get(language()).split())}")
    try:
        yield engine
        if begins:
            path = os.path.abspath(url.partition("sqlite:///")[2])  # noqa: PTH100 - a URL's path, as SQLite reads it
            told = in_language(
                f"eine Datenbank gab es nicht; eine neue wurde angelegt: {path}",
                f"there was no database; a new one was begun in {path}",
            )
            print(f"eva: {told}", file=sys.stderr)
    except Corrupted as wrong:
        stop(f"eva: {wrong.text.get(language())}", NO)
    except EvaError as wrong:
        stop(f"eva: {' '.join(wrong.text.get(language()).split())}")
    finally:
        engine.close()
