"""Many changes in one request: each is done as it would be alone, one after the other, and has a result of its own.

Nothing holds them together: what is refused leaves the others as they are, and each may be sent again, alone or in
bulk, under its own key.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.body import parse_object
from api.application.resources.resource import Resource
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.work import get_work
from api.server.http.body import read_body
from api.server.http.error_handlers import describe_refusal
from api.server.http.errors import TooLarge
from api.server.http.query import refuse_unknown
from api.server.http.request import json_response
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


def router(resource: Resource) -> APIRouter:
    """The operation of a resource; `api.server.openapi` describes it from the same resource."""
    made, path = APIRouter(), f"/{resource.plural}/bulk"

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
        items = await get_work(request).bodies.run(request, holder, lambda _: _parse(resource, body))
    else:
        items = _parse(resource, body)
    results = []
    for number, item in enumerate(items):
        results.append(await _change(request, services, resource, holder, item, counted=number == 0))
    return json_response({"results": results})


def _parse(resource: Resource, body: bytes) -> tuple[BulkItem, ...]:
    """The items, whose form is checked before any is done; what is asked of each is checked with the item."""
    items = parse(BulkChange, json.dumps(parse_object(body or b"{}"))).items
    keys = [item.key for item in items]
    faults: list[tuple[str, str | Text]] = [
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
    return items


async def _change(
    request: Request, services: Services, resource: Resource, holder: Holder, item: BulkItem, *, counted: bool
) -> dict[str, Any]:
    """What becomes of one; each counts as a request of its token. Only an `EvaError` is an answer of its own."""
    path = f"/{resource.plural}" if item.id is None else f"/{resource.plural}/{item.id}/actions/{item.action}"
    command_id, body = f"key:{holder.user}:{item.key}", json.dumps(item.body).encode()
    try:
        if not counted:
            await run_in_threadpool(services.authenticator.admit, holder)
        if len(body) > resource.body_limit:
            raise TooLarge(resource.body_limit)
        change = Change(item.id, item.action, body, item.version, command_id)
        answer = await change_one(request, services, resource, holder, change)
    except EvaError as error:
        problem = describe_refusal(request, error, path)
        return {"key": item.key, "status": problem["status"], "id": item.id, "replayed": False, "resource": None,
                "problem": problem}  # fmt: skip
    return {
        "key": item.key, "status": 201 if item.id is None else 200, "id": answer.id, "replayed": answer.repeated,
        "resource": {**answer.resource, "events": answer.events}, "problem": None,
    }  # fmt: skip
