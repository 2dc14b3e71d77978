"""What could not be delivered to a webhook: listed, and tried again."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.feed.webhook_rows import DeadLetterRow, describe_dead_letters, find_webhook
from api.application.webhooks.webhook import Redeliver, stream
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import get_services
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, query_parameter
from api.server.http.request import encode_cursor, json_response, parse_cursor, parse_limit, read_command_id
from api.server.http.router import Router
from api.server.routes.webhooks.webhooks import PATH
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand
from workflow.text import Text

router = Router(tags=["webhooks"])
LIST = "dead-letters"


class DeadLetterList(TypedDict):
    items: list[DeadLetterRow]
    next: str | None


class Redelivered(TypedDict):
    """How many dead letters wait to be tried again now."""

    waiting: int


EXAMPLE: dict[str, Any] = {
    "position": 813, "attempts": 30, "failed": "2021-07-01T08:00:00.000000Z", "why": "answered 503",
    "why_de": "antwortete mit 503", "waiting": False,
}  # fmt: skip


@router.get(
    "/webhooks/{id}/dead-letters",
    response_model=DeadLetterList,
    **describe_operation(
        "list_dead_letter", tag="webhooks", example={"items": [EXAMPLE], "next": None}, parameters=[
            PATH, query_parameter("limit", "Rows on a page, 1 to 200.", default="50"),
            query_parameter("cursor", "`next` of the page before."),
        ],
    ),
)  # fmt: skip
async def list_dead_letters(request: Request, caller: Caller) -> Response:
    """What was given up, in the order of the log; `GET /events?after=` the position less one shows the event."""
    services, most, after = get_services(request), parse_limit(request), parse_cursor(request, 1, LIST)
    if after is not None and not (after[0].isascii() and after[0].isdigit() and len(after[0]) < 19):
        raise InvalidCommand([("/cursor", Text("wurde hier nicht ausgegeben", "is none that was given out here"))])

    def read() -> tuple[list[DeadLetterRow], str | None]:
        webhook = find_webhook(services.engine, caller, request.path_params["id"])
        found = describe_dead_letters(services.engine, webhook.id, int(after[0]) if after else 0, most + 1)
        rows = found[:most]
        return rows, encode_cursor((str(rows[-1]["position"]),), LIST) if len(found) > most else None

    items, following = await run_in_threadpool(read)
    return json_response({"items": items, "next": following})


@router.post(
    "/webhooks/{id}/redeliver",
    response_model=Redelivered,
    **describe_operation(
        "redeliver_webhook", tag="webhooks", key=True, example={"waiting": 1}, parameters=[PATH],
        body=json_body(Redeliver, {"positions": [813]}, required=False),
    ),
)  # fmt: skip
async def redeliver(request: Request, caller: Caller) -> Response:
    """Try again what was given up, once: all of it, or the events at the positions named. The log keeps who asked."""
    services, name = get_services(request), request.path_params["id"]
    command, key = parse(Redeliver, await read_body(request) or b"{}"), read_command_id(request, caller.user)

    def ask() -> int:
        if not services.engine.log.read_command(key):
            find_webhook(services.engine, caller, name)
        services.engine.handle(command, caller, stream(name), command_id=key)
        services.engine.deliveries.ask_again(name, command.positions)
        return services.engine.deliveries.count_dead([name], again=True).get(name, 0)

    return json_response({"waiting": await run_in_threadpool(ask)})
