"""Exceptions as answers: every one a problem document, every refusal in the log."""

import logging
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from api.application.errors import TooOften
from api.application.problems import MEDIA_TYPE, Problem, choose_language, describe_problem, describe_status
from api.server.http.request import get_language, json_response
from workflow.engine.naming.faults import Fault, describe_error, list_faults, to_pointer
from workflow.errors import EvaError, InvalidCommand, StoreUnavailable

REFUSALS = logging.getLogger("eva.refused")


async def handle_eva_error(request: Request, error: Exception) -> Response:
    return answer_error(request, error)


def answer_error(request: Request, error: Exception) -> Response:
    found, headers = _describe(request, error, request.url.path)
    return document(request, found, headers)


def describe_refusal(request: Request, error: Exception, path: str) -> Problem:
    """The problem document of one of several changes in a request; `path` is where it would have been asked alone."""
    found, _ = _describe(request, error, path)
    return found | _locate(request, path)


def _describe(request: Request, error: Exception, path: str) -> tuple[Problem, dict[str, str]]:
    """A problem and the headers that go with it; refusals are noted in the log."""
    language = choose_language(error, get_language(request))
    found = describe_problem(error, language)
    status = int(found["status"])
    headers = {"content-language": language}
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="eva"'
    if isinstance(error, TooOften):
        headers["retry-after"] = str(ceil(error.seconds))
    elif isinstance(error, StoreUnavailable):
        headers["retry-after"] = "1"
    if status in {401, 403, 404, 429}:
        _note(request, status, error, path)
    return found, headers


def _locate(request: Request, path: str) -> Problem:
    return {"instance": quote(path), "request_id": request.scope.get("eva.request_id", "")}


def document(request: Request, found: Problem, headers: dict[str, str] | None = None) -> Response:
    response = json_response({**found, **_locate(request, request.scope["path"])}, int(found["status"]), headers)
    response.headers["content-type"] = MEDIA_TYPE
    return response


async def handle_validation_error(request: Request, error: Exception) -> Response:
    faults: list[Fault] = []
    if isinstance(error, RequestValidationError):
        for fault in error.errors():
            inner = {**fault, "loc": fault["loc"][1:]}
            in_body = fault["loc"][0] == "body" and fault["type"] != "json_invalid"
            faults += list_faults([inner], error.body) if in_body else [_locate_fault(fault)]
    return answer_error(request, InvalidCommand(faults))


def _locate_fault(fault: Mapping[str, Any]) -> Fault:
    """Of a parameter, which its name locates, or of a body that is no JSON."""
    return ("" if fault["loc"][0] == "body" else to_pointer(fault["loc"][1:])), describe_error(fault)


async def handle_http_exception(request: Request, error: Exception) -> Response:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    language = get_language(request)
    found = describe_status(status, f"{request.method} {request.url.path}", language)
    sent = {name.lower(): value for name, value in (headers or {}).items()} | {"content-language": language}
    if status == 405:
        sent["allow"] = ", ".join(sorted(_methods(request.app.routes, dict(request.scope, root_path=""))))
    return document(request, found, sent)


def _note(request: Request, status: int, error: Exception, path: str) -> None:
    text = error.args[0] if isinstance(error, EvaError) else str(error)
    REFUSALS.warning(
        "refused",
        extra={
            "status": status, "method": request.method, "path": path, "why": str(text)[:500],
            "user": request.scope.get("eva.user"), "request_id": request.scope.get("eva.request_id"),
        },
    )  # fmt: skip


def _methods(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    """What may be done at a path, `HEAD` aside, which goes with every `GET`."""
    found: set[str] = set()
    for route in routes:
        match, inner = route.matches(scope)
        if match is Match.NONE:
            continue
        if isinstance(route, Mount):
            found |= _methods(route.routes, {**scope, **inner})
        else:
            found |= getattr(route, "methods", set())
    return found - {"HEAD"}
