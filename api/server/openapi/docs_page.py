"""`/openapi.json`, and `/docs`: one page made of it on the server, with no script and nothing from elsewhere."""

import json
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.server.http.describe import describe_operation
from api.server.http.router import Router
from api.server.openapi.document import describe

router = Router()
TEXT = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get(
    "/openapi.json",
    response_model=dict[str, Any],
    **describe_operation("show_description", tag="description", example={"openapi": "3.1.0", "info": {"title": "eva"}}),
)
def openapi(request: Request) -> Response:
    """The description of the API in OpenAPI 3.1, of which clients can be made."""
    return Response(_write(request.app), media_type="application/json", headers={"cache-control": "max-age=60"})


@router.get("/docs", response_class=HTMLResponse, **describe_operation("show_docs", tag="description", contents=TEXT))
def docs(request: Request) -> HTMLResponse:
    """The description as a page to read."""
    document = describe(request.app)
    templates = Environment(loader=PackageLoader("api.server.openapi", "templates"), autoescape=select_autoescape())
    page = templates.get_template("docs.html.j2").render(document=document, groups=_groups(document), pretty=_pretty)
    return HTMLResponse(page, headers={"content-security-policy": POLICY, "cache-control": "max-age=60"})


def _write(app: FastAPI) -> bytes:
    if not hasattr(app.state, "description"):
        app.state.description = json.dumps(describe(app), ensure_ascii=False).encode()
    written: bytes = app.state.description
    return written


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            row = {"path": path, "method": method.upper(), **operation}
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    return groups


def _pretty(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
