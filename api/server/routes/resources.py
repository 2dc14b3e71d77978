"""The operations that every resource has: make, list, show, actions, act, history."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.answers import describe_option
from api.application.body import parse_object
from api.application.resources.resource import Resource
from api.application.service import MOST_EVENTS, Answer
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate, note_caller
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.work import get_work
from api.server.http.body import read_body
from api.server.http.query import LIST, PAGE, parse_filters, parse_sort, refuse_unknown
from api.server.http.request import (
    change_response,
    encode_cursor,
    format_etag,
    get_language,
    json_response,
    list_response,
    locate,
    parse_cursor,
    parse_if_match,
    parse_limit,
    parse_tags,
    read_command_id,
)
from api.server.http.router import Router
from workflow.errors import InvalidCommand, StaleVersion
from workflow.text import Text

HISTORY = "history"
LARGE = 32_768
"""Bytes of a body that is not parsed on the event loop: a megabyte takes a tenth of a second."""
Operation = Callable[[Request, Services, Resource], Awaitable[Response]]


def router(resource: Resource) -> Router:
    """All operations of a resource; `api.server.openapi` describes them from the same resource."""
    made = Router()
    base = f"/{resource.plural}"
    for path, operations in (
        (base, {"GET": list_all} if resource.naming == "path" else {"POST": create, "GET": list_all}),
        (base + "/{id}", {"GET": show}),
        (base + "/{id}/actions", {"GET": actions}),
        (base + "/{id}/history", {"GET": history}),
        (base + "/{id}/actions/{action}", {"POST": act}),
    ):
        made.add_route(path, _dispatch(resource, path, operations), methods=list(operations))
    return made


def _dispatch(
    resource: Resource, path: str, operations: Mapping[str, Operation]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.scope["eva.route"] = path
        operation = operations["GET" if request.method == "HEAD" else request.method]
        return await operation(request, get_services(request), resource)

    return endpoint


async def create(request: Request, services: Services, resource: Resource) -> Response:
    return await _change(request, services, resource, None, None)


async def act(request: Request, services: Services, resource: Resource) -> Response:
    return await _change(request, services, resource, request.path_params["id"], request.path_params["action"])


class Change(NamedTuple):
    """What is asked for: without `key` and `action` a new one; `expected` is the version that it is for."""

    key: str | None
    action: str | None
    body: bytes
    expected: int | None
    command_id: str


async def _change(
    request: Request, services: Services, resource: Resource, key: str | None, action: str | None
) -> Response:
    holder = await authenticate(request, services, fresh=False)
    refuse_unknown(request, ())
    command_id = read_command_id(request, holder.user)
    expected = None if key is None else await find_expected(request, services, resource, key, holder)
    body = await read_body(request, resource.body_limit)
    result = await change_one(request, services, resource, holder, Change(key, action, body, expected, command_id))
    if key is None:
        return change_response(result, 201, locate(request, resource.plural, result.id))
    return change_response(result)


async def change_one(
    request: Request, services: Services, resource: Resource, holder: Holder, change: Change
) -> Answer:
    """Do one change for whoever asks, alone or among many; raises what `workflow.errors` lists."""
    key, action, body = change.key, change.action, change.body
    if services.files is not None and key is not None and action is not None and action in resource.evidence:
        add = partial(_complete_body, services, resource, key, action, body, holder, change.command_id)
        body = await get_work(request).files.run(request, holder, lambda _: add())
    prepare = partial(
        services.resources.prepare, resource.name, key, action, body, holder, change.expected, change.command_id
    )  # fmt: skip
    if len(body) > LARGE:
        prepared = await get_work(request).bodies.run(request, holder, lambda _: prepare())
    elif resource.naming == "uuid":
        prepared = prepare()
    else:  # looks into the database
        prepared = await run_in_threadpool(prepare)
    try:
        done = await services.resources.execute_soon(prepared)
    except StaleVersion:
        if key is not None:  # whoever may not know of it must not learn that it has versions
            await run_in_threadpool(services.resources.get_entry, resource, key, holder)
        raise
    others = len(done.events) > 1 or services.resources.visibility.list_others(done.stream, done.state)
    if done.repeated or others:  # may look into the database
        return await run_in_threadpool(services.resources.answer, prepared, done)
    return services.resources.answer(prepared, done)


async def find_expected(
    request: Request, services: Services, resource: Resource, key: str, holder: Holder
) -> int | None:
    """The version that the change is for; of several that `If-Match` names, the one that it is now."""
    versions = parse_if_match(request)
    if versions is None or len(versions) == 1:
        return versions[0] if versions else None
    now = (await run_in_threadpool(services.resources.get_entry, resource, key, holder)).version
    return now if now in versions else -1


def _complete_body(
    services: Services, resource: Resource, key: str, action: str, body: bytes, holder: Holder, change: str
) -> bytes:
    return to_json(services.complete_body(resource, key, action, parse_object(body), holder, change))


async def list_all(request: Request, services: Services, resource: Resource) -> Response:
    holder = await authenticate(request, services, fresh=True)
    refuse_unknown(request, LIST | {wanted.name for wanted in resource.filters})
    filters, sort, limit = parse_filters(request, resource), parse_sort(request, resource), parse_limit(request)
    of = f"{resource.plural} {sort}"
    after = parse_cursor(request, resource.count_cursor_parts(sort), of)
    if resource.list_view is not None:
        await services.wait_for_views()
    page = await run_in_threadpool(
        services.resources.list, resource.name, holder, filters=filters, sort=sort, limit=limit, after=after
    )  # fmt: skip
    headers = services.view_headers() if resource.list_view is not None else {}
    return list_response(request, {"items": page.rows, "next": encode_cursor(page.next, of)}, headers)


async def show(request: Request, services: Services, resource: Resource) -> Response:
    refuse_unknown(request, ())
    known = parse_tags(request.headers.get("if-none-match"))
    key = request.path_params["id"]
    version, text = _show_remembered(request, services, resource, key) or await _show_loaded(
        request, services, resource, key
    )
    tag = format_etag(version)
    if known is not None and tag in {one.removeprefix("W/") for one in known}:
        return Response(status_code=304, headers={"etag": tag})
    return Response(text, headers={"etag": tag}, media_type="application/json")


def _show_remembered(request: Request, services: Services, resource: Resource, key: str) -> tuple[int, bytes] | None:
    """Version and JSON where token and resource are remembered and still current, without leaving the event loop."""
    header, absent = request.headers.get("authorization"), request.headers.get("on-behalf-of")
    token = services.authenticator.parse_stream(header)
    if token is None or absent is not None:
        return None
    stream = f"{resource.name}:{key}"
    known = services.engine.remembered(stream)
    if known is None or known.state is None:
        return None
    streams = (token, stream, *services.resources.visibility.list_others(stream, known.state))
    entries = services.engine.fresh(*streams)
    if entries is None or entries[1].version != known.version:
        return None
    holder = services.authenticator.authenticate(header, fresh=False)
    note_caller(request, services, holder)
    return known.version, services.resources.render(
        resource, key, known, holder, dict(zip(streams, entries, strict=True))
    )


async def _show_loaded(request: Request, services: Services, resource: Resource, key: str) -> tuple[int, bytes]:
    holder = await authenticate(request, services, fresh=True)
    return await run_in_threadpool(services.resources.load_and_render, resource, key, holder)


async def actions(request: Request, services: Services, resource: Resource) -> Response:
    holder = await authenticate(request, services, fresh=True)
    refuse_unknown(request, {resource.part} if resource.part else ())
    part = request.query_params.get(resource.part) if resource.part else None
    ask = partial(services.resources.actions, resource.name, request.path_params["id"], holder, part)
    found = await get_work(request).questions.run(request, holder, lambda _: ask())
    language = get_language(request)
    return json_response({"actions": [describe_option(option, language) for option in found]})


async def history(request: Request, services: Services, resource: Resource) -> Response:
    holder: Holder = await authenticate(request, services, fresh=True)
    refuse_unknown(request, PAGE)
    limit, after = parse_limit(request, MOST_EVENTS, MOST_EVENTS), parse_cursor(request, 1, HISTORY)
    if after is not None and not re.fullmatch(r"[0-9]{1,18}", after[0]):
        raise InvalidCommand([("/cursor", Text("wurde hier nicht ausgegeben", "is none that was given out here"))])
    ask = partial(services.resources.history, resource.name, request.path_params["id"], holder)
    page = await run_in_threadpool(ask, limit=limit, after=int(after[0]) if after else 0)
    return list_response(request, {"events": page.rows, "next": encode_cursor(page.next, HISTORY)})
