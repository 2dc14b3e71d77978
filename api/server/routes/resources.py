"""The operations that every resource has: make, list, show, actions, act, history."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.answers import describe_option
from api.application.resources.resource import Resource
from api.application.scan_evidence import ScanFiles
from api.application.service import parse_object
from api.application.tokens import Holder
from api.server.dependencies.caller import authenticate
from api.server.dependencies.services import Services, get_services
from api.server.http.body import read_body
from api.server.http.request import (
    change_response,
    encode_cursor,
    format_etag,
    get_language,
    json_response,
    locate,
    parse_cursor,
    parse_if_match,
    parse_limit,
    parse_tags,
    read_command_id,
)
from workflow.errors import InvalidCommand, StaleVersion

Operation = Callable[[Request, Services, Resource], Awaitable[Response]]


def router(resource: Resource) -> APIRouter:
    """All operations of a resource; `api.server.openapi` describes them from the same resource."""
    made = APIRouter()
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


async def _change(
    request: Request, services: Services, resource: Resource, key: str | None, action: str | None
) -> Response:
    holder = await authenticate(request, services, fresh=False)
    key_of_change = read_command_id(request, holder.user)
    expected = None if key is None else parse_if_match(request)
    body = await read_body(request, resource.body_limit)
    if services.files is not None and key is not None and action is not None and action in resource.evidence:
        body = await run_in_threadpool(
            _add_evidence, services, services.files, resource, key, action, body, holder, key_of_change
        )
    if resource.naming == "uuid":
        prepared = services.resources.prepare(resource.name, key, action, body, holder, expected, key_of_change)
    else:  # looks into the database
        prepared = await run_in_threadpool(
            services.resources.prepare, resource.name, key, action, body, holder, expected, key_of_change
        )  # fmt: skip
    try:
        done = await services.resources.execute_soon(prepared)
    except StaleVersion:
        if key is not None:  # whoever may not know of it must not learn that it has versions
            await run_in_threadpool(services.resources.get_entry, resource, key, holder)
        raise
    if done.repeated or len(done.events) > 1:  # may look into the database
        result = await run_in_threadpool(services.resources.answer, prepared, done)
    else:
        result = services.resources.answer(prepared, done)
    if key is None:
        return change_response(result, 201, locate(request, resource.plural, result.id))
    return change_response(result)


def _add_evidence(
    services: Services, files: ScanFiles, resource: Resource, key: str, action: str, body: bytes, holder: Holder,
    change: str,
) -> bytes:  # fmt: skip
    data, state = parse_object(body), services.resources.get_entry(resource, key, holder).state
    context = services.resources.visibility.context(f"{resource.name}:{key}", holder)
    return to_json(files.complete_body(context, state, action, data, change))


async def list_all(request: Request, services: Services, resource: Resource) -> Response:
    holder = await authenticate(request, services, fresh=True)
    filters = _filters(request, resource)
    limit = parse_limit(request)
    after = parse_cursor(request, resource.cursor_parts if resource.list_view else 1)
    page = await run_in_threadpool(
        services.resources.list, resource.name, holder, filters=filters, limit=limit, after=after
    )  # fmt: skip
    return json_response({"items": page.rows, "next": encode_cursor(page.next)})


def _filters(request: Request, resource: Resource) -> dict[str, str]:
    found: dict[str, str] = {}
    for wanted in resource.filters:
        text = request.query_params.get(wanted.name)
        if text is None:
            continue
        if len(text) > 200 or not (text == "" or text.isprintable()):
            raise InvalidCommand([(f"/{wanted.name}", "at most 200 printable characters")])
        if wanted.values and text not in wanted.values:
            raise InvalidCommand([(f"/{wanted.name}", f"one of {', '.join(wanted.values)}")])
        found[wanted.name] = text
    return found


async def show(request: Request, services: Services, resource: Resource) -> Response:
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
    entries = services.engine.fresh(token, f"{resource.name}:{key}")
    if entries is None:
        return None
    holder = services.authenticator.authenticate(header, fresh=False)
    request.scope["eva.user"] = holder.user
    return entries[1].version, services.resources.render(resource, key, entries[1], holder)


async def _show_loaded(request: Request, services: Services, resource: Resource, key: str) -> tuple[int, bytes]:
    holder = await authenticate(request, services, fresh=True)
    entry = await run_in_threadpool(services.resources.get_entry, resource, key, holder)
    return entry.version, services.resources.render(resource, key, entry, holder)


async def actions(request: Request, services: Services, resource: Resource) -> Response:
    holder = await authenticate(request, services, fresh=True)
    part = request.query_params.get(resource.part) if resource.part else None
    found = await run_in_threadpool(services.resources.actions, resource.name, request.path_params["id"], holder, part)
    language = get_language(request)
    return json_response({"actions": [describe_option(option, language) for option in found]})


async def history(request: Request, services: Services, resource: Resource) -> Response:
    holder: Holder = await authenticate(request, services, fresh=True)
    events = await run_in_threadpool(services.resources.history, resource.name, request.path_params["id"], holder)
    return json_response({"events": events})
