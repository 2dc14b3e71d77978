"""Webhooks: set up, listed, deleted by the administration of an authority."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.catalogue import ALL
from api.application.feed.owner import read_webhooks
from api.application.feed.webhook_rows import WebhookRow, describe_webhooks, find_webhook
from api.application.resources import RESOURCES
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
    check_admin,
    stream,
)
from api.server.background.webhooks.destination import check_host
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, path_parameter, query_parameter
from api.server.http.request import encode_cursor, json_response, locate, parse_cursor, parse_limit, read_command_id
from api.server.http.router import Router
from workflow.engine.access import Role
from workflow.engine.commands import Command, parse
from workflow.errors import InvalidCommand
from workflow.text import Text

router = Router(tags=["webhooks"])
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
NO_SUBJECT = Text(
    "erwartet wird eine Art wie `record`, oder diese mit einer Id, `record:6f2d…`",
    "expected is a kind such as `record`, or that with an id, `record:6f2d…`",
)


class AskForWebhook(Command):
    """Body of `POST /webhooks`. `types` and `subjects` select events, all where none are named; a subject is a stream
    such as `record:6f2d…` or a category such as `record`.
    """

    url: Url
    types: Types = ()
    subjects: Subjects = ()


class WebhookMade(WebhookRow):
    """The new webhook; `secret` is told here only, and is null where an earlier answer is repeated."""

    secret: str | None


class WebhookList(TypedDict):
    items: list[WebhookRow]
    next: str | None


EXAMPLE: dict[str, Any] = {
    "id": ID, "url": "https://fachverfahren.example/eva", "types": ["slip.completed"], "subjects": ["routing-slip"],
    "owner": "anna", "authority": "mwide", "state": "active", "in_force": True, "position": 812, "attempts": 0,
    "refusals": 0, "next_attempt": None, "why": None, "why_de": None, "dead_letters": 0,
}  # fmt: skip
BODY_EXAMPLE = {name: EXAMPLE[name] for name in ("url", "types", "subjects")}


@router.post(
    "/webhooks",
    response_model=WebhookMade,
    **describe_operation(
        "create_webhook", tag="webhooks", status=201, key=True, example={**EXAMPLE, "secret": "whsec_MfKQ…"},
        body=json_body(AskForWebhook, BODY_EXAMPLE),
    ),
)  # fmt: skip
async def create_webhook(request: Request, caller: Caller) -> Response:
    """Have events delivered to a URL; only admin may, and gets what they may read. The secret is told once."""
    body, key = parse(AskForWebhook, await read_body(request) or b"{}"), read_command_id(request, caller.user)
    row, replayed = await run_in_threadpool(_create, get_services(request), caller, body, key)
    headers = locate(request, "webhooks", row["id"]) | ({"idempotency-replayed": "true"} if replayed else {})
    return json_response(row, 201, headers)


def _create(services: Services, caller: Holder, body: AskForWebhook, key: str) -> tuple[WebhookMade, bool]:
    """The row, and whether an earlier answer is repeated: then of the webhook as it was, however it ended since."""
    parts, networks = urlsplit(body.url), [ip_network(text) for text in services.settings.webhook_networks]
    if not check_host(str(parts.hostname), networks, parts.scheme == "https"):
        raise InvalidCommand([("/url", NOT_PUBLIC)])
    check_subjects(body.subjects)
    name = str(uuid5(NAMESPACE_URL, f"eva webhook {key}"))  # so that a repeated request means the same webhook
    known = services.engine.find(stream(name), Webhook)
    if known is None:
        _check_number(services, caller)
    secret = derive_secret(read_key(services.settings.data), name)
    command = CreateWebhook(**body.model_dump(), webhook=name, digest=digest_secret(secret))
    done = services.engine.handle(command, caller, CATEGORY, command_id=key)
    made = services.resources.visibility.get_state_at(done.stream, done.version) if done.repeated else done.state
    (row,) = describe_webhooks(services.engine, [made])
    return {**row, "secret": None if done.repeated else secret}, done.repeated


def check_subjects(subjects: Sequence[str]) -> None:
    """Raise `InvalidCommand` for those that are neither a category of streams nor a stream of one."""
    faults: list[tuple[str, Text]] = []
    for number, subject in enumerate(subjects):
        category, colon, key = subject.partition(":")
        resource = RESOURCES.get(category)
        if category not in ALL.kinds:
            says = Text(
                "erwartet wird etwa `record`, oder `record:` und eine Id",
                "expected is `record`, or `record:` and an id",
            )
        elif colon and not (key if resource is None else resource.is_key(key)):
            says = Text(f"diese Id kann kein {category} haben", f"no {category} can have this id")
        else:
            continue
        faults.append((f"/subjects/{number}", says))
    if faults:
        raise InvalidCommand(faults)


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
        "list_webhook", tag="webhooks", example={"items": [EXAMPLE], "next": None}, parameters=[
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
        return describe_webhooks(services.engine, found[:most]), going_on

    items, following = await run_in_threadpool(read)
    return json_response({"items": items, "next": following})


@router.get(
    "/webhooks/{id}",
    response_model=WebhookRow,
    **describe_operation("show_webhook", tag="webhooks", example=EXAMPLE, parameters=[PATH]),
)
async def show_webhook(request: Request, caller: Caller) -> Response:
    """One webhook: how far it is, and what was wrong last."""
    services, name = get_services(request), request.path_params["id"]

    def read() -> WebhookRow:
        return describe_webhooks(services.engine, [find_webhook(services.engine, caller, name)])[0]

    return json_response(await run_in_threadpool(read))


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
            find_webhook(services.engine, caller, name)
        services.engine.handle(DeleteWebhook(), caller, stream(name), command_id=key)

    await run_in_threadpool(delete)
    return Response(status_code=204)
