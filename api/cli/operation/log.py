"""`eva log`: verify, export and restore the event log, and print its head. Formats: docs/reference/log.md."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.output import NO, PIPE_CLOSED, leave, say, stop

if TYPE_CHECKING:
    from workflow.engine.store.hash_chain import Recorded

app = typer.Typer(
    no_args_is_help=True,
    help="The tamper-evident event log: verify, export, restore, head.\n\nDas fälschungssichere Ereignisprotokoll.",
)
WHOLE = {"position", "version", "schema_version", "ordinal"}
OPTIONAL = {"on_behalf_of", "payload", "salt"}
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def verify(
    head: Annotated[str | None, typer.Option(metavar="HASH", help="Hash of a head kept elsewhere.")] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Check the whole log; exit status 1 and the first bad position where it was changed.

    Das ganze Protokoll prüfen.
    """
    from workflow.errors import Corrupted  # noqa: PLC0415 - not needed for --help

    with open_engine(database) as engine:
        try:
            found = engine.log.verify(head)
        except Corrupted as wrong:
            if as_json:
                say(json.dumps({"ok": False, "first_bad_position": wrong.position, "why": wrong.wrong}))
            stop(f"eva log verify: position {wrong.position}: {wrong.wrong}", NO)
    if as_json:
        say(json.dumps({"ok": True, "position": found.position, "hash": found.hash}))
    else:
        say(f"ok: {found.position} events, head {found.hash}")


@app.command()
def head(as_json: AsJson = False, database: Database = None) -> None:
    """Print position and hash of the last event, to be kept elsewhere.

    Position und Hash des letzten Ereignisses, zur Verwahrung an anderem Ort.
    """
    with open_engine(database) as engine:
        found = engine.log.head()
    say(json.dumps(found._asdict()) if as_json else f"{found.position} {found.hash}")


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="File; stdout if none is named.")] = None, database: Database = None
) -> None:
    """Write the log as JSON Lines, one event a line.

    Das Protokoll als JSON Lines ausgeben.
    """
    with open_engine(database) as engine:
        lines = map(_line, engine.log.read_all())
        if out is None:
            _print(lines)
            return
        part = out.with_name(out.name + ".part")
        with part.open("w", encoding="utf-8") as file:
            file.writelines(lines)
        part.replace(out)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `eva log export` wrote.")], database: Database = None
) -> None:
    """Rebuild a new, empty database from an export; verified on the way, all or nothing.

    Eine leere Datenbank aus einem Export wiederherstellen.
    """
    if not file.is_file():
        stop(f"{file}: there is no such file")
    with open_engine(database, must_exist=False) as engine:
        found = engine.restore(_rows(file))
        from workflow.views.queries import Views  # noqa: PLC0415 - not needed for --help

        Views(engine).rebuild()
    say(f"ok: {found.position} events, head {found.hash}")


def _print(lines: Iterable[str]) -> None:
    """Lines on stdout, as bytes: JSON Lines are UTF-8 wherever they go, whatever a terminal speaks."""
    try:
        for line in lines:
            sys.stdout.buffer.write(line.encode())
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone, as `head` does: ended as by SIGPIPE, without a message
        leave(PIPE_CLOSED)


def _line(row: "Recorded") -> str:
    return json.dumps(row._asdict(), ensure_ascii=False) + "\n"


def _rows(path: Path) -> Iterator["Recorded"]:
    """The events of an export; a line that is none ends the command and is named.

    Each is decoded after it was verified: a database must not hold what this release cannot read.
    """
    from workflow.engine.events import decode  # noqa: PLC0415 - not needed for --help

    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = _row(line)
            except json.JSONDecodeError as wrong:
                stop(f"{path}:{number}:{wrong.colno}: {wrong.msg}")
            except (ValueError, RecursionError) as wrong:
                stop(f"{path}:{number}:1: {wrong}")
            yield row
            if row.payload is not None:
                decode(row.type, row.schema_version, row.payload, row.position)


def _row(line: bytes) -> "Recorded":
    """The event in a line; raises `ValueError`."""
    from workflow.engine.store.hash_chain import Recorded  # noqa: PLC0415 - not needed for --help

    found = json.loads(line.decode())
    if not isinstance(found, dict) or set(found) != set(Recorded._fields):
        raise ValueError("an object with the fields of an event is expected")
    for name, value in found.items():
        kind: type = int if name in WHOLE else str
        if not (type(value) is kind or (value is None and name in OPTIONAL)):
            raise ValueError(f"{name} must be of type {kind.__name__}")
        if isinstance(value, int) and value >= 2**63:
            raise ValueError(f"{name} is too large")
        if isinstance(value, str) and not value.isascii():
            value.encode()  # half a surrogate pair is no text; UnicodeEncodeError is a ValueError
    return Recorded(**found)
