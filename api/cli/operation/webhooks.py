"""`eva webhook`: what is delivered outside, what could not be, and trying that again."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.options import AsJson
from api.cli.shared.output import in_language, say, stop

if TYPE_CHECKING:
    from api.application.webhooks.webhook import Webhook
    from workflow.engine.engine import Engine

app = typer.Typer(
    no_args_is_help=True,
    help="Webhooks: list, what could not be delivered, deliver again, delete.\n\nWebhooks und nicht Zugestelltes.",
)
Id = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's id.")]


@app.command("list")
def list_(as_json: AsJson = False, database: Database = None) -> None:
    """List webhooks: id, where to, whose, how far, what could not be delivered, and why.

    Webhooks auflisten.
    """
    from api.application.feed.owner import read_webhooks  # noqa: PLC0415 - not needed for --help
    from api.application.feed.webhook_rows import describe_webhooks  # noqa: PLC0415

    with open_engine(database) as engine:
        rows = describe_webhooks(engine, list(read_webhooks(engine)))
    why = in_language("why_de", "why")
    _print(rows, as_json, "id", "url", "owner", "authority", "state", "in_force", "position", "dead_letters", why)


@app.command("dead-letters")
def dead_letters(webhook: Id, as_json: AsJson = False, database: Database = None) -> None:
    """List what could not be delivered to a webhook: position in the log, attempts, when, why.

    Nicht Zugestelltes auflisten.
    """
    from api.application.feed.webhook_rows import describe_dead_letters  # noqa: PLC0415 - not needed for --help
    from api.server.background.webhooks.delivery import MOST_DEAD  # noqa: PLC0415

    with open_engine(database) as engine:
        rows = describe_dead_letters(engine, _find(engine, webhook).id, 0, MOST_DEAD)
    why = in_language("why_de", "why")
    _print(rows, as_json, "position", "attempts", "failed", why, "waiting")


@app.command()
def redeliver(
    webhook: Id,
    position: Annotated[
        list[int] | None, typer.Option(help="Only the event at this position; may be repeated.")
    ] = None,
    database: Database = None,
) -> None:
    """Have the server try again, once, what could not be delivered: all of it, or the events at some positions.

    Nicht Zugestelltes erneut zustellen lassen.
    """
    from api.application.webhooks.webhook import Redeliver, stream  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import OPERATOR  # noqa: PLC0415

    with open_engine(database) as engine:
        found = _find(engine, webhook)
        positions = tuple(position) if position else None
        engine.handle(Redeliver(positions=positions), OPERATOR, stream(found.id))
        count = engine.deliveries.ask_again(found.id, positions)
    say(in_language(f"{count} stellt der Server erneut zu", f"{count} to be tried again by the server"))


@app.command()
def delete(webhook: Id, database: Database = None) -> None:
    """Delete a webhook: nothing more is delivered, and what could not be delivered is forgotten.

    Einen Webhook löschen.
    """
    from api.application.webhooks.webhook import DeleteWebhook, stream  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import OPERATOR  # noqa: PLC0415

    with open_engine(database) as engine:
        engine.handle(DeleteWebhook(), OPERATOR, stream(_find(engine, webhook).id))


def _find(engine: "Engine", name: str) -> "Webhook":
    from api.application.feed.webhook_rows import find_webhook  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import OPERATOR  # noqa: PLC0415
    from workflow.errors import NotFound  # noqa: PLC0415

    try:
        return find_webhook(engine, OPERATOR, name)
    except NotFound:
        told = in_language(
            f"den Webhook {name} gibt es nicht; `eva webhook list` zeigt, welche es gibt",
            f"there is no webhook {name}; eva webhook list shows those that there are",
        )
        stop(f"eva: {told}")


def _print(rows: Sequence[Mapping[str, Any]], as_json: bool, *columns: str) -> None:
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        say("  ".join(_show(row[name]) for name in columns))


def _show(value: Any) -> str:
    """A cell as people read it."""
    if isinstance(value, bool):
        return in_language("ja", "yes") if value else in_language("nein", "no")
    known = {"None": "-", "active": in_language("aktiv", "active"), "ended": in_language("beendet", "ended")}
    return known.get(str(value), str(value))
