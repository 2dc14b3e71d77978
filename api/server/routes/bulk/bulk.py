"""Many changes in one request: each is done as it would be alone, one after the other, and has a result of its own.

Nothing holds them together: what is refused leaves the others as they are, and each may be sent again, alone or in
bulk, under its own key.
"""

import json
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.application.resources.resource import Resource
from api.application.service import format_command_id
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate, note_caller
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.work import get_work
from api.server.http.body import read_body
from api.server.http.error_handlers import describe_refusal
from api.server.http.errors import TooLarge
from api.server.http.query import refuse_unknown
from api.server.http.request import json_response
from api.server.http.router import Router
from api.server.routes.resources import LARGE, Change, change_one
from workflow.engine.commands import Command, parse
from workflow.engine.fields import Count, Line
from workflow.errors import EvaError, InvalidCommand
from workflow.text import Text

MOST = 100
"""Changes of one request."""
BODY_LIMIT = 4 * 2**20
TWICE = Text("steht zweimal", "stands twice")
ItemKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class BulkItem(Command):
    """One change. `key` is its Idempotency-Key; without `id` and `action` it makes a new one."""

    key: ItemKey
    id: Line | None = None
    action: Line | None = None
    body: Annotated[dict[str, Any], Field(default_factory=dict)]
    version: Count | None = None


class BulkChange(Command):
    items: Annotated[tuple[BulkItem, ...], Field(min_length=1, max_length=MOST)]


def router(resource: Resource) -> Router:
    """The operation of a resource; `api.server.openapi` describes it from the same resource."""
    made, path = Router(), f"/{resource.plural}/bulk"

    async def endpoint(request: Request) -> Response:
        request.scope["eva.route"] = path
        return await change_many(request, get_services(request), resource)

    made.add_route(path, endpoint, methods=["POST"])
    return made


async def change_many(request: Request, services: Services, resource: Resource) -> Response:
    """Results in the order of the items; 200 whatever became of them."""
    holder = await authenticate(request, services, fresh=True)
    refuse_unknown(request, ())
    body = await read_body(request, BODY_LIMIT)
    if len(body) > LARGE:
        changes = await get_work(request).bodies.run(request, holder, lambda _: _parse(resource, holder, body))
    else:
        changes = _parse(resource, holder, body)
    services.authenticator.count(holder, len(changes) - 1)
    note_caller(request, services, holder)
    results = [await _change(request, services, resource, holder, key, change) for key, change in changes]
    return json_response({"results": results})


def _parse(resource: Resource, holder: Holder, body: bytes) -> list[tuple[str, Change]]:
    """Keys and changes. Their form is checked before any is done; what is asked of each is checked when it is done."""
    items = parse(BulkChange, body or b"{}").items
    keys = [item.key for item in items]
    faults: list[tuple[str, Text]] = [
        (f"/items/{number}/key", TWICE) for number, key in enumerate(keys) if key in keys[:number]
    ]
    for number, item in enumerate(items):
        if (item.id is None) != (item.action is None):
            missing = "action" if item.action is None else "id"
            faults.append((f"/items/{number}/{missing}", Text("fehlt", "is missing")))
        elif item.id is None and resource.naming == "path":
            faults.append((f"/items/{number}/id", Text("fehlt", "is missing")))
    if faults:
        raise InvalidCommand(faults)
    return [
        (item.key, Change(item.id, item.action, json.dumps(item.body).encode(), item.version,
                          format_command_id(holder.user, item.key)))
        for item in items
    ]  # fmt: skip


async def _change(
    request: Request, services: Services, resource: Resource, holder: Holder, key: str, change: Change
) -> dict[str, Any]:
    """What becomes of one. Only an `EvaError` is an answer of its own."""
    made = change.key is None
    path = f"/{resource.plural}" if made else f"/{resource.plural}/{change.key}/actions/{change.action}"
    try:
        if len(change.body) > resource.body_limit:
            raise TooLarge(resource.body_limit)
        answer = await change_one(request, services, resource, holder, change)
    except EvaError as error:
        problem = describe_refusal(request, error, path)
        return {"key": key, "status": problem["status"], "id": change.key, "replayed": False, "resource": None,
                "problem": problem}  # fmt: skip
    return {
        "key": key, "status": 201 if made else 200, "id": answer.id, "replayed": answer.repeated,
        "resource": {**answer.resource, "events": answer.events}, "problem": None,
    }  # fmt: skip
