"""`eva log`: verify, export and restore the event log, and print its head. Formats: docs/reference/log.md."""

import json
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine, open_log
from api.cli.shared.options import AsJson
from api.cli.shared.output import NO, PIPE_CLOSED, in_language, language, leave, say, stop
from workflow.text import InvalidValue, Text

if TYPE_CHECKING:
    from workflow.engine.store.hash_chain import Head, Recorded
    from workflow.engine.store.log import Log

app = typer.Typer(
    no_args_is_help=True,
    help="The tamper-evident event log: verify, export, restore, head.\n\nDas fälschungssichere Ereignisprotokoll.",
)
NOT_CHECKED = ["views", "timers", "subscribers", "schema"]
WHOLE = {"position", "version", "schema_version", "ordinal"}
OPTIONAL = {"on_behalf_of", "payload", "salt"}


class Form(StrEnum):
    """How a log is written."""

    JSONL = "jsonl"
    OCEL = "ocel"
    XES = "xes"
    CSV = "csv"


@app.command()
def verify(
    head: Annotated[str | None, typer.Option(metavar="HASH", help="Hash of a head kept elsewhere.")] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Check the whole log; exit status 1 and the first bad position where it was changed.

    Views, timers, subscribers and the schema are no part of it: `eva views check`.

    Das ganze Protokoll prüfen.
    """
    from workflow.errors import Corrupted  # noqa: PLC0415 - not needed for --help

    with open_log(database) as log:
        try:
            found = log.verify(head)
        except Corrupted as wrong:
            if as_json:
                say(json.dumps({"ok": False, "first_bad_position": wrong.position, "why": wrong.wrong.get(language())}))
            stop(f"eva log verify: {wrong.text.get(language())}", NO)
    if as_json:
        say(json.dumps({"ok": True, "position": found.position, "hash": found.hash, "not_checked": NOT_CHECKED}))
    else:
        _say_whole(found)
        here = in_language("hier nicht geprüft", "not checked here")
        files = in_language("Dateien", "files")
        print(f"{here}: {', '.join(NOT_CHECKED)} (eva views check); {files} (eva product fixity)", file=sys.stderr)


def _say_whole(found: "Head") -> None:
    of = f"{found.position}", found.hash
    say(in_language("in Ordnung: {} Ereignisse, Kopf {}", "ok: {} events, head {}").format(*of))


@app.command()
def head(as_json: AsJson = False, database: Database = None) -> None:
    """Print position and hash of the last event, to be kept elsewhere.

    Position und Hash des letzten Ereignisses, zur Verwahrung an anderem Ort.
    """
    with open_log(database) as log:
        found = log.head()
    say(json.dumps(found._asdict()) if as_json else f"{found.position} {found.hash}")


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="File; stdout if none is named.")] = None,
    form: Annotated[
        Form, typer.Option("--format", help="JSON Lines can be restored; the others are for process mining.")
    ] = Form.JSONL,
    database: Database = None,
) -> None:
    """Write the log: as JSON Lines, one event a line, or as OCEL 2.0, XES or CSV for process mining.

    OCEL is written as JSON, and as SQLite where the file is called *.sqlite. Titles and notes are in JSON Lines only.

    Das Protokoll ausgeben: als JSON Lines, oder als OCEL 2.0, XES oder CSV für Process Mining.
    """
    with open_log(database) as log:
        if out is None:
            _print(_write(log, form))
            return
        part = out.with_name(out.name + ".part")
        if form is Form.OCEL and out.suffix == ".sqlite":
            from simulation.event_logs.ocel import write_sqlite  # noqa: PLC0415 - not needed for --help

            part.unlink(missing_ok=True)
            write_sqlite(log.read_all(), part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_write(log, form))
        part.replace(out)


def _write(log: "Log", form: Form) -> Iterator[str]:
    """The log piece by piece."""
    from simulation.event_logs import ocel, table, xes  # noqa: PLC0415 - not needed for --help
    from simulation.event_logs.traces import read_traces  # noqa: PLC0415

    match form:
        case Form.JSONL:
            return map(_line, log.read_all())
        case Form.OCEL:
            return ocel.write_json(log.read_all())
        case Form.XES:
            return xes.write_xes(read_traces(log))
        case Form.CSV:
            return table.write_csv(read_traces(log))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `eva log export` wrote, or the folder of `eva product backup`.")],
    database: Database = None,
) -> None:
    """Rebuild a new, empty database from an export or a folder of backups; verified on the way, all or nothing.

    Eine leere Datenbank aus einem Export wiederherstellen.
    """
    if file.is_dir():
        file = file / "log.jsonl"
    if not file.is_file():
        stop(in_language(f"{file}: die Datei gibt es nicht", f"{file}: there is no such file"))
    with open_engine(database, must_exist=False, restoring=True) as engine:
        found = engine.restore(_rows(file))
        from workflow.views.queries import Views  # noqa: PLC0415 - not needed for --help

        Views(engine).rebuild()
    _say_whole(found)


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
                stop(f"{path}:{number}:{wrong.colno}: {in_language('kein JSON', f'no JSON: {wrong.msg}')}")
            except RecursionError:
                stop(f"{path}:{number}:1: {in_language('zu tief verschachtelt', 'nested too deep')}")
            except UnicodeError:
                stop(f"{path}:{number}:1: {in_language('kein UTF-8', 'not UTF-8')}")
            except InvalidValue as wrong:
                stop(f"{path}:{number}:1: {wrong.text.get(language())}")
            yield row
            if row.payload is not None:
                decode(row.type, row.schema_version, row.payload, row.position)


def _row(line: bytes) -> "Recorded":
    """The event in a line; raises `InvalidValue`, or what JSON and UTF-8 raise."""
    from workflow.engine.store.hash_chain import Recorded  # noqa: PLC0415 - not needed for --help

    found = json.loads(line.decode())
    if not isinstance(found, dict) or set(found) != set(Recorded._fields):
        raise InvalidValue(
            "erwartet wird ein Objekt mit den Feldern eines Ereignisses",
            "an object with the fields of an event is expected",
        )
    for name, value in found.items():
        kind: type = int if name in WHOLE else str
        if not (type(value) is kind or (value is None and name in OPTIONAL)):
            form = Text("eine ganze Zahl", "a whole number") if kind is int else Text("ein Text", "a text")
            raise InvalidValue(f"{name} muss {form.de} sein", f"{name} must be {form.en}")
        if isinstance(value, int) and value >= 2**63:
            raise InvalidValue(f"{name} ist zu groß", f"{name} is too large")
        if isinstance(value, str) and not value.isascii():
            value.encode()  # half a surrogate pair is no text
    return Recorded(**found)
