"""`eva token`: bearer tokens for the API, issued, listed and revoked on the machine that has the database."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from api.cli.database import Database, opened, stop

app = typer.Typer(
    no_args_is_help=True,
    help="Bearer tokens for the API: create, list, revoke.\n\nBearer-Token für die Schnittstelle.",
)


class RoleName(StrEnum):
    """Roles that people have."""

    CASE_WORKER = "case_worker"
    APPROVER = "approver"
    REGISTRAR = "registrar"
    SCAN_OPERATOR = "scan_operator"
    SCAN_INSPECTOR = "scan_inspector"
    ARCHIVIST = "archivist"
    PLANNER = "planner"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Clearance(StrEnum):
    """Up to which protection need a person may know of things."""

    NORMAL = "normal"
    HIGH = "high"
    VERY_HIGH = "very_high"


@app.command()
def create(
    user: Annotated[str, typer.Option(help="Whom it stands for.")],
    role: Annotated[list[RoleName], typer.Option(help="May be given several times.")],
    authority: Annotated[str | None, typer.Option(help="The person's authority; all, if none is named.")] = None,
    clearance: Annotated[Clearance, typer.Option(help="Up to which protection need.")] = Clearance.NORMAL,
    days: Annotated[float, typer.Option(min=0.0001, max=3660, help="Days until it expires.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Also id and expiry.")] = False,
    database: Database = None,
) -> None:
    """Print a new bearer token; it is shown only now.

    Ein neues Token ausgeben; es wird nur jetzt gezeigt.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - not needed for --help

    from api.server.auth.authenticator import issue  # noqa: PLC0415
    from workflow.engine.access import Protection, Role  # noqa: PLC0415

    roles = tuple(Role(one.value) for one in role)
    with opened(database, must_exist=False) as engine:
        try:
            issued = issue(engine, user, roles, authority, Protection(clearance.value), days)
        except (ValidationError, ValueError) as wrong:
            first = wrong.errors()[0] if isinstance(wrong, ValidationError) else {"loc": ("user",), "msg": str(wrong)}
            stop(f"eva token create: {'.'.join(map(str, first['loc']))}: {first['msg']}")
    if as_json:
        told = {"token": issued.bearer, "id": issued.id, "expires": issued.expires.isoformat()}
        typer.echo(json.dumps(told))
    else:
        typer.echo(issued.bearer)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, database: Database = None) -> None:
    """List tokens: id, whom they stand for, until when. Secrets are not kept anywhere.

    Token auflisten.
    """
    from api.server.auth.authenticator import read_tokens  # noqa: PLC0415 - not needed for --help

    with opened(database) as engine:
        rows = [
            {
                "id": token.id, "user": token.user, "roles": sorted(token.roles), "authority": token.authority,
                "clearance": token.clearance, "expires": token.expires.isoformat(timespec="seconds"),
                "state": "revoked" if token.revoked else "in force" if token.in_force(engine.clock()) else "expired",
            }
            for token in read_tokens(engine)
        ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        cells = (",".join(cell) if isinstance(cell, list) else str(cell or "*") for cell in row.values())
        typer.echo("  ".join(cells))


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="The token's id, or the token itself.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "revoked",
    database: Database = None,
) -> None:
    """Revoke a token: it is refused from this very moment on.

    Ein Token sofort widerrufen.
    """
    from api.server.auth.authenticator import parse_token_id, revoke  # noqa: PLC0415 - not needed for --help

    with opened(database) as engine:
        revoke(engine, parse_token_id(token), reason)
