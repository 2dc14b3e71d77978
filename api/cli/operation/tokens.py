"""`eva token`: bearer tokens for the API are issued, listed and revoked on the machine that has the database."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shared.database import Database, open_engine
from api.cli.shared.options import AsJson, read_decimal
from api.cli.shared.output import language, say, stop
from api.cli.shared.people import HUMAN_ROLES, parse_role
from workflow.engine.access import Protection, Role
from workflow.text import Text, get_text

if TYPE_CHECKING:
    from api.application.tokens import Token
    from workflow.engine.engine import Engine

STATES = {
    "in force": Text("gültig", "in force"), "revoked": Text("widerrufen", "revoked"),
    "expired": Text("abgelaufen", "expired"), "left": Text("ausgeschieden", "left"),
}  # fmt: skip
"""As `--json` says it -> as people read it."""

app = typer.Typer(
    no_args_is_help=True,
    help="Bearer tokens for the API: create, list, revoke.\n\nBearer-Token für die Schnittstelle.",
)


@app.command()
def create(
    user: Annotated[str, typer.Option(help="Whom it stands for.")],
    role: Annotated[
        list[Role],
        typer.Option(parser=parse_role, metavar="ROLE", help=f"{', '.join(HUMAN_ROLES)}; may be given several times."),
    ],
    authority: Annotated[str | None, typer.Option(help="The person's authority; all, if none is named.")] = None,
    clearance: Annotated[Protection, typer.Option(help="Up to which protection need.")] = Protection.NORMAL,
    days: Annotated[
        float, typer.Option(parser=read_decimal(0.0001, 3660), metavar="NUMBER", help="Days until it expires.")
    ] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Also id and expiry.")] = False,
    database: Database = None,
) -> None:
    """Print a new bearer token; it is not kept anywhere and cannot be printed again.

    Ein neues Token ausgeben; es wird nirgends verwahrt.
    """
    from api.application.tokens import PERSONS  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import issue  # noqa: PLC0415

    with open_engine(database, must_exist=False, catalogue=PERSONS) as engine:
        try:
            issued = issue(engine, user, tuple(role), authority, clearance, days)
        except ValueError as wrong:
            stop(f"eva token create: {_describe(wrong)}")
    if as_json:
        say(json.dumps({"token": issued.bearer, "id": issued.id, "expires": issued.expires.isoformat()}))
    else:
        say(issued.bearer)


def _describe(wrong: ValueError) -> str:
    """The first fault of what was asked."""
    from pydantic import ValidationError  # noqa: PLC0415 - not needed for --help

    from workflow.engine.naming.faults import describe_error  # noqa: PLC0415

    if not isinstance(wrong, ValidationError):
        return f"user: {get_text(wrong).get(language())}"
    first = wrong.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {describe_error(first).get(language())}"


@app.command("list")
def list_(as_json: AsJson = False, database: Database = None) -> None:
    """List tokens: id, whom they stand for, until when. Secrets are not kept anywhere.

    Token auflisten.
    """
    from api.application.tokens import PERSONS  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import read_tokens  # noqa: PLC0415

    with open_engine(database, catalogue=PERSONS) as engine:
        rows = [
            {
                "id": token.id, "user": token.user, "roles": sorted(token.roles), "authority": token.authority,
                "clearance": token.clearance, "expires": token.expires.isoformat(timespec="seconds"),
                "state": _get_state(token, engine),
            }
            for token in read_tokens(engine)
        ]  # fmt: skip
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        shown = {**row, "state": STATES[str(row["state"])].get(language())}
        cells = (",".join(cell) if isinstance(cell, list) else str(cell or "*") for cell in shown.values())
        say("  ".join(cells))


def _get_state(token: "Token", engine: "Engine") -> str:
    from workflow.organisation.staff.member import StaffMember, stream  # noqa: PLC0415 - not needed for --help

    if token.revoked or token.stands(engine.clock(), engine.find(stream(token.user), StaffMember)):
        return "revoked" if token.revoked else "in force"
    return "expired" if not token.in_force(engine.clock()) else "left"


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="The token's id, or the token itself.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "revoked",
    database: Database = None,
) -> None:
    """Revoke a token; it is refused at once.

    Ein Token sofort widerrufen.
    """
    from api.application.tokens import PERSONS  # noqa: PLC0415 - not needed for --help
    from api.server.auth.authenticator import parse_token_id, revoke  # noqa: PLC0415

    with open_engine(database, catalogue=PERSONS) as engine:
        revoke(engine, parse_token_id(token), reason)
