"""`eva views`: compares views, timers, subscriber positions and the schema with the log, and makes them anew."""

import json
from typing import TYPE_CHECKING

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.options import AsJson
from api.cli.shared.output import NO, in_language, language, say

if TYPE_CHECKING:
    from workflow.engine.engine import Engine
    from workflow.views.check import Difference

app = typer.Typer(
    no_args_is_help=True,
    help="What follows from the log: check, rebuild.\n\nWas aus dem Protokoll folgt: prüfen, neu aufbauen.",
)


@app.command()
def check(as_json: AsJson = False, database: Database = None) -> None:
    """Compare views, timers, subscriber positions and the schema with the log; exit status 1 where they differ.

    The log itself is checked by `eva log verify`.

    Sichten, Fristen, Lesepositionen und Schema mit dem Protokoll vergleichen.
    """
    with open_engine(database) as engine:
        _report(engine, as_json)


@app.command()
def rebuild(as_json: AsJson = False, database: Database = None) -> None:
    """Make views, timers and subscriber positions anew from the log, then check; a running server need not stop.

    Sichten, Fristen und Lesepositionen neu aus dem Protokoll aufbauen.
    """
    from scanning.handover import POLICIES  # noqa: PLC0415 - not needed for --help
    from workflow.views.rebuild import rebuild as rebuild_all  # noqa: PLC0415

    with open_engine(database) as engine:
        rebuild_all(engine, POLICIES)
        _report(engine, as_json)


def _as_json(one: "Difference") -> dict[str, str]:
    return {"where": one.where, "key": one.key, "what": one.what.en, "what_de": one.what.de}


def _report(engine: "Engine", as_json: bool) -> None:
    """Print every difference; ends the command with status 1 where there is one."""
    from scanning.handover import POLICIES  # noqa: PLC0415 - not needed for --help
    from workflow.views.check import ViewCheck  # noqa: PLC0415

    head = engine.log.head().position
    found = list(ViewCheck(engine, POLICIES).everything())
    if as_json:
        say(json.dumps({"ok": not found, "position": head, "differences": [_as_json(one) for one in found]}))
    else:
        for difference in found:
            say(difference.tell(language()))
        if not found:
            say(
                in_language(
                    f"in Ordnung: Sichten, Zeitgeber und Abnehmer passen zu einem Protokoll von {head} Ereignissen",
                    f"ok: views, timers and subscribers agree with a log of {head} events",
                )
            )
    if found:
        raise typer.Exit(NO)
