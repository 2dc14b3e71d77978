"""Bearer tokens over the API: issued by admin, or by persons for a program of theirs with less than they hold."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.service import MOST_LOADED
from api.application.tokens import Holder, IssueToken, RevokeToken, Token, stream
from api.server.auth.authenticator import format_bearer, read_tokens
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, path_parameter, query_parameter
from api.server.http.request import (
    encode_cursor,
    json_response,
    parse_cursor,
    parse_limit,
    read_command_id,
)
from api.server.http.router import Router
from workflow.engine.access import Protection, Role
from workflow.engine.commands import Command, parse
from workflow.engine.fields import Line, Name, clean
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.staff.member import stream as staff_stream
from workflow.text import Text

router = Router(tags=["tokens"])
LIST = "tokens"
"""What cursors are of."""
USUAL_DAYS, MOST_DAYS = 90, 3660
ID = "0c7c2f5e-5a52-4f0e-9d5b-2b0a3b7c1d11"
PATH = path_parameter("id", "Id of the token.", ID)
BODY_EXAMPLE = {
    "user": "fachverfahren",
    "roles": ["case_worker"],
    "authority": "mwide",
    "days": 30,
    "changes": ["record"],
}


class AskForToken(Command):
    """Body of `POST /tokens`. `changes`: the resources that it may change; without, all that its roles may. `days`: 90
    unless said, or as long as the token with which a person asks for one of their own.
    """

    user: Name
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    authority: Name | None = None
    clearance: Protection = Protection.NORMAL
    days: Annotated[float, Field(gt=0, le=MOST_DAYS)] | None = None
    changes: tuple[Line, ...] | None = None


class TokenRow(TypedDict):
    """A token, without its secret, which is kept nowhere."""

    id: str
    user: str
    roles: list[Role]
    authority: str | None
    clearance: Protection
    changes: list[str] | None
    expires: str
    in_force: bool


class TokenMade(TokenRow):
    """The new token; `token` is its secret, and null where an earlier answer is repeated: it is told once only."""

    token: str | None


class TokenList(TypedDict):
    """A page of the caller's own tokens; for admin of those of their authority."""

    items: list[TokenRow]
    next: str | None


EXAMPLE: dict[str, Any] = {
    "id": ID, "user": "fachverfahren", "roles": ["case_worker"], "authority": "mwide", "clearance": "normal",
    "changes": ["record"], "expires": "2021-07-01T08:00:00Z", "in_force": True,
}  # fmt: skip


@router.post(
    "/tokens",
    response_model=TokenMade,
    **describe_operation(
        "create_token", tag="tokens", status=201, key=True, example={**EXAMPLE, "token": "eva_0c7c…"},
        body=json_body(AskForToken, BODY_EXAMPLE),
    ),
)  # fmt: skip
async def create_token(request: Request, caller: Caller) -> Response:
    """Issue a token. Admin issues any of their own authority; everybody one of their own that may nothing more."""
    body = parse(AskForToken, await read_body(request) or b"{}")
    key = read_command_id(request, caller.user)
    made, secret = await run_in_threadpool(issue_token, get_services(request), caller, body, key)
    row = {**describe_token(get_services(request), made), "token": secret}
    return json_response(row, 201, {} if secret else {"idempotency-replayed": "true"})


def issue_token(services: Services, caller: Holder, body: AskForToken, key: str) -> tuple[Token, str | None]:
    """The token and its bearer; None in place of that where an earlier answer is repeated."""
    unknown = sorted(set(body.changes or ()) - set(services.engine.catalogue.kinds))
    if unknown:
        raise InvalidCommand([("/changes", Text(f"{unknown[0]} gibt es nicht", f"there is no {unknown[0]}"))])
    earlier = services.engine.log.read_command(key)
    asked_at = datetime.fromisoformat(earlier[0].time) if earlier else services.engine.clock()
    secret = secrets.token_urlsafe(32)
    command = IssueToken(
        **body.model_dump(exclude={"days", "user"}), user=clean(body.user),
        digest=sha256(secret.encode()).hexdigest(), expires=_get_end(services, caller, body.days, asked_at),
    )  # fmt: skip
    known = services.engine.load(earlier[0].stream).state if earlier else None
    if isinstance(known, Token):
        as_before = abs(command.expires - known.expires) < timedelta(seconds=1)
        same = command.model_copy(update={"digest": known.digest, **({"expires": known.expires} if as_before else {})})
        return services.engine.handle(same, caller, "token", command_id=key).state, None
    token: Token = services.engine.handle(command, caller, "token", command_id=key).state
    return token, format_bearer(token.id, secret)


def _get_end(services: Services, caller: Holder, days: float | None, asked_at: datetime) -> datetime:
    ends = asked_at + timedelta(days=days or USUAL_DAYS)
    own = services.engine.find(stream(caller.token), Token) if caller.token else None
    if days is None and own is not None and Role.ADMIN not in caller.roles:
        return min(ends, own.expires)
    return ends


@router.get(
    "/tokens",
    response_model=TokenList,
    **describe_operation(
        "list_token", tag="tokens", example={"items": [EXAMPLE], "next": None}, parameters=[
            query_parameter("limit", "Rows on a page, 1 to 200.", default="50"),
            query_parameter("cursor", "`next` of the page before."),
        ],
    ),
)  # fmt: skip
async def list_tokens(request: Request, caller: Caller) -> Response:
    """The caller's own tokens; for admin those of their authority."""
    services, most = get_services(request), parse_limit(request)
    after = parse_cursor(request, 1, LIST)

    def read() -> tuple[list[dict[str, Any]], str | None]:
        found, last = list[dict[str, Any]](), None
        for looked_at, token in enumerate(read_tokens(services.engine, after[0] if after else "")):
            if len(found) == most or looked_at == MOST_LOADED:
                return found, last
            found += [describe_token(services, token)] if token.known_to(caller) else []
            last = encode_cursor((token.id,), LIST)
        return found, None

    items, following = await run_in_threadpool(read)
    return json_response({"items": items, "next": following})


@router.delete(
    "/tokens/{id}",
    response_model=TokenRow,
    **describe_operation(
        "revoke_token", tag="tokens", key=True, example={**EXAMPLE, "in_force": False}, parameters=[PATH]
    ),
)
async def revoke_token(request: Request, caller: Caller) -> Response:
    """Revoke a token of one's own, or as admin one of the authority; it is refused at once."""
    services = get_services(request)
    key = read_command_id(request, caller.user)

    def revoke() -> Token:
        name = stream(request.path_params["id"])
        known = services.engine.find(name, Token)
        if known is None or not known.known_to(caller):
            raise NotFound("token", request.path_params["id"])
        token: Token = services.engine.handle(RevokeToken(), caller, name, command_id=key).state
        return token

    return json_response(describe_token(services, await run_in_threadpool(revoke)))


def describe_token(services: Services, token: Token) -> dict[str, Any]:
    """A `TokenRow`."""
    return {
        "id": token.id, "user": token.user, "roles": sorted(token.roles), "authority": token.authority,
        "clearance": token.clearance, "changes": None if token.changes is None else sorted(token.changes),
        "expires": token.expires.isoformat(),
        "in_force": token.stands(services.engine.clock(), services.engine.find(staff_stream(token.user), StaffMember)),
    }  # fmt: skip
