"""`/openapi.json`, and `/docs`: one page made of it on the server, with no script and nothing from elsewhere."""

import json
from typing import Any

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.server.openapi.document import describe

router = APIRouter()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """The description of the API."""
    text = json.dumps(describe(request.app), ensure_ascii=False)
    return Response(text, media_type="application/json", headers={"cache-control": "max-age=60"})


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The description as a page to read."""
    document = describe(request.app)
    templates = Environment(loader=PackageLoader("api.server.openapi", "templates"), autoescape=select_autoescape())
    page = templates.get_template("docs.html.j2").render(document=document, groups=_groups(document), pretty=_pretty)
    return HTMLResponse(page, headers={"content-security-policy": POLICY, "cache-control": "max-age=60"})


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            row = {"path": path, "method": method.upper(), **operation}
            groups.setdefault((operation.get("tags") or ["other"])[0], []).append(row)
    return groups


def _pretty(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
