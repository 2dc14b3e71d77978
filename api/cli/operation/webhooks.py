"""`eva webhook`: what is delivered outside, what could not be, and trying that again."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.output import say, stop

if TYPE_CHECKING:
    from api.application.webhooks.webhook import Webhook
    from workflow.engine.engine import Engine

app = typer.Typer(
    no_args_is_help=True,
    help="Webhooks: list, what could not be delivered, deliver again, delete.\n\nWebhooks und nicht Zugestelltes.",
)
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Id = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The webhook's id.")]


@app.command("list")
def list_(as_json: AsJson = False, database: Database = None) -> None:
    """List webhooks: id, where to, whose, how far, what could not be delivered, and why.

    Webhooks auflisten.
    """
    from api.application.feed.owner import find_owner, read_webhooks  # noqa: PLC0415 - not needed for --help

    with open_engine(database) as engine:
        receivers = {one.name: one for one in engine.deliveries.list_receivers()}
        dead = engine.deliveries.count_dead()
        rows = [
            {
                "id": one.id, "url": one.url, "owner": one.owner.user, "authority": one.owner.authority,
                "state": _get_state(one, find_owner(engine, one) is not None),
                "position": receivers[one.id].position if one.id in receivers else None,
                "dead_letters": dead.get(one.id, 0),
                "why": receivers[one.id].why if one.id in receivers else None,
            }
            for one in read_webhooks(engine)
        ]  # fmt: skip
    _print(rows, as_json)


def _get_state(webhook: "Webhook", in_force: bool) -> str:
    return "in force" if in_force else "ended" if webhook.state == "ended" else "owner may not"


@app.command("dead-letters")
def dead_letters(webhook: Id, as_json: AsJson = False, database: Database = None) -> None:
    """List what could not be delivered to a webhook: position in the log, attempts, when, why.

    Nicht Zugestelltes auflisten.
    """
    from api.server.background.webhooks.delivery import MOST_DEAD  # noqa: PLC0415 - not needed for --help

    with open_engine(database) as engine:
        found = _find(engine, webhook)
        rows = [
            {"position": one.position, "attempts": one.attempts, "failed": one.failed, "why": one.why,
             "waiting": one.again}
            for one in engine.deliveries.list_dead(found.id, most=MOST_DEAD)
        ]  # fmt: skip
    _print(rows, as_json)


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
    say(f"{count} to be tried again by the server")


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
    from api.application.webhooks.webhook import Webhook, stream  # noqa: PLC0415 - not needed for --help

    found = engine.find(stream(name), Webhook)
    if found is None or found.state == "deleted":
        stop(f"eva: there is no webhook {name}; eva webhook list shows those that there are")
    return found


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        say("  ".join("-" if cell is None else str(cell) for cell in row.values()))
