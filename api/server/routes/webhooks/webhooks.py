"""Webhooks: set up, listed, deleted by the administration of an authority."""

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.feed.owner import find_owner, read_webhooks
from api.application.service import UUID
from api.application.tokens import Holder
from api.application.webhooks.secret import derive_secret, digest_secret, read_key
from api.application.webhooks.webhook import (
    CATEGORY,
    CreateWebhook,
    DeleteWebhook,
    Subjects,
    Types,
    Url,
    Webhook,
    stream,
)
from api.server.background.webhooks.destination import check_host
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, path_parameter, query_parameter
from api.server.http.request import encode_cursor, json_response, locate, parse_cursor, parse_limit, read_command_id
from workflow.engine.access import Role
from workflow.engine.commands import Command, parse
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.text import Text

router = APIRouter(tags=["webhooks"])
LIST = "webhooks"
"""What cursors are of."""
MOST = 20
"""Active webhooks of an authority."""
ID = "7b1f6b6e-5a06-4b43-9c55-3f1f4b3c2a10"
PATH = path_parameter("id", "Id of the webhook.", ID)
NOT_PUBLIC = Text(
    "liegt in keinem Netz, an das zugestellt werden darf (https an öffentliche Adressen, sonst EVA_WEBHOOK_NETWORKS)",
    "is in no network that may be delivered to (https to public addresses, else EVA_WEBHOOK_NETWORKS)",
)


class AskForWebhook(Command):
    """Body of `POST /webhooks`. `types` and `subjects` select events, all where none are named; a subject is a stream
    such as `record:6f2d…` or a category such as `record`.
    """

    url: Url
    types: Types = ()
    subjects: Subjects = ()


class WebhookState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"
    """By its receiver (410)."""


class WebhookRow(TypedDict):
    """A webhook and how far it is; `why` says what the last failure was, null where all is well."""

    id: str
    url: str
    types: list[str]
    subjects: list[str]
    owner: str
    authority: str | None
    state: WebhookState
    in_force: bool
    position: int
    attempts: int
    next_attempt: str | None
    why: str | None
    dead_letters: int


class WebhookMade(WebhookRow):
    """The new webhook; `secret` is told here only, and is null where an earlier answer is repeated."""

    secret: str | None


class WebhookList(TypedDict):
    items: list[WebhookRow]
    next: str | None


ROW: dict[str, Any] = {
    "id": ID, "url": "https://fachverfahren.example/eva", "types": ["slip.completed"], "subjects": ["slip"],
    "owner": "anna", "authority": "mwide", "state": "active", "in_force": True, "position": 812, "attempts": 0,
    "next_attempt": None, "why": None, "dead_letters": 0,
}  # fmt: skip
ASKED = {key: ROW[key] for key in ("url", "types")} | {"subjects": ["routing-slip"]}
ROW |= {"subjects": ["routing-slip"]}


@router.post(
    "/webhooks",
    response_model=WebhookMade,
    **describe_operation(
        "create_webhook", tag="webhooks", status=201, key=True, example={**ROW, "secret": "whsec_MfKQ…"},
        body=json_body(AskForWebhook, ASKED),
    ),
)  # fmt: skip
async def create_webhook(request: Request, caller: Caller) -> Response:
    """Have events delivered to a URL; only admin may, and gets what they may read. The secret is told once."""
    body, key = parse(AskForWebhook, await read_body(request) or b"{}"), read_command_id(request, caller.user)
    row, replayed = await run_in_threadpool(_create, get_services(request), caller, body, key)
    headers = locate(request, "webhooks", row["id"]) | ({"idempotency-replayed": "true"} if replayed else {})
    return json_response(row, 201, headers)


def _create(services: Services, caller: Holder, body: AskForWebhook, key: str) -> tuple[dict[str, Any], bool]:
    parts, networks = urlsplit(body.url), [ip_network(text) for text in services.settings.webhook_networks]
    if not check_host(str(parts.hostname), networks, parts.scheme == "https"):
        raise InvalidCommand([("/url", NOT_PUBLIC)])
    name = str(uuid5(NAMESPACE_URL, f"eva webhook {key}"))  # so that a repeated request means the same webhook
    known = services.engine.find(stream(name), Webhook)
    if known is None:
        _check_number(services, caller)
    secret = derive_secret(read_key(services.settings.data), name)
    command = CreateWebhook(**body.model_dump(), webhook=name, digest=digest_secret(secret))
    done = services.engine.handle(command, caller, CATEGORY, command_id=key)
    (row,) = describe_webhooks(services, [done.state])
    return {**row, "secret": None if done.repeated else secret}, done.repeated


def _check_number(services: Services, caller: Holder) -> None:
    ours = sum(
        one.state == "active" and one.owner.authority == caller.authority for one in read_webhooks(services.engine)
    )
    if ours >= MOST and Role.ADMIN in caller.roles:
        raise InvalidCommand(
            [("", Text(f"höchstens {MOST} Webhooks je Behörde", f"at most {MOST} webhooks an authority"))]
        )


@router.get(
    "/webhooks",
    response_model=WebhookList,
    **describe_operation(
        "list_webhook", tag="webhooks", example={"items": [ROW], "next": None}, parameters=[
            query_parameter("limit", "Rows on a page, 1 to 200.", default="50"),
            query_parameter("cursor", "`next` of the page before."),
        ],
    ),
)  # fmt: skip
async def list_webhooks(request: Request, caller: Caller) -> Response:
    """The webhooks of the authority, to admin; secrets are told to nobody."""
    services, most, after = get_services(request), parse_limit(request), parse_cursor(request, 1, LIST)

    def read() -> tuple[list[WebhookRow], str | None]:
        check_admin(caller)
        known = (one for one in read_webhooks(services.engine, after[0] if after else "") if one.known_to(caller))
        found = [one for one, _ in zip(known, range(most + 1), strict=False)]
        going_on = encode_cursor((found[most - 1].id,), LIST) if len(found) > most else None
        return describe_webhooks(services, found[:most]), going_on

    items, following = await run_in_threadpool(read)
    return json_response({"items": items, "next": following})


@router.get(
    "/webhooks/{id}",
    response_model=WebhookRow,
    **describe_operation("show_webhook", tag="webhooks", example=ROW, parameters=[PATH]),
)
async def show_webhook(request: Request, caller: Caller) -> Response:
    """One webhook: how far it is, and what was wrong last."""
    services, name = get_services(request), request.path_params["id"]
    rows = await run_in_threadpool(lambda: describe_webhooks(services, [find_webhook(services, caller, name)]))
    return json_response(rows[0])


@router.delete(
    "/webhooks/{id}",
    **describe_operation("delete_webhook", tag="webhooks", status=204, key=True, parameters=[PATH]),
)
async def delete_webhook(request: Request, caller: Caller) -> Response:
    """Deliver nothing more; what could not be delivered is forgotten."""
    services, name = get_services(request), request.path_params["id"]
    key = read_command_id(request, caller.user)

    def delete() -> None:
        if not services.engine.log.read_command(key):
            find_webhook(services, caller, name)
        services.engine.handle(DeleteWebhook(), caller, stream(name), command_id=key)

    await run_in_threadpool(delete)
    return Response(status_code=204)


def check_admin(caller: Holder) -> None:
    if Role.ADMIN not in caller.roles:
        raise Forbidden("webhooks are set up by the administration", "Webhooks richtet die Administration ein")


def find_webhook(services: Services, caller: Holder, name: str) -> Webhook:
    """A webhook that the caller may know of; `Forbidden` to who is no admin, `NotFound` for all else."""
    check_admin(caller)
    found = services.engine.find(stream(name), Webhook) if UUID.fullmatch(name) else None
    if found is None or found.state == "deleted" or not found.known_to(caller):
        raise NotFound(CATEGORY, name)
    return found


def describe_webhooks(services: Services, webhooks: Iterable[Webhook]) -> list[WebhookRow]:
    found = list(webhooks)
    receivers = {one.name: one for one in services.engine.deliveries.list_receivers(*(one.id for one in found))}
    dead = services.engine.deliveries.count_dead()
    return [_describe(services, one, receivers.get(one.id), dead.get(one.id, 0)) for one in found]


def _describe(services: Services, webhook: Webhook, receiver: Any, dead: int) -> WebhookRow:
    """`receiver` is None until the first look at a new one."""
    position = receiver.position if receiver else services.engine.log.read(stream(webhook.id), most=1)[0].position
    return {
        "id": webhook.id, "url": webhook.url, "types": sorted(webhook.types), "subjects": sorted(webhook.subjects),
        "owner": webhook.owner.user, "authority": webhook.owner.authority,
        "state": WebhookState(webhook.state),
        "in_force": find_owner(services.engine, webhook) is not None, "position": position,
        "attempts": receiver.attempts if receiver else 0,
        "next_attempt": receiver.at if receiver and receiver.attempts else None,
        "why": receiver.why if receiver else None, "dead_letters": dead,
    }  # fmt: skip
