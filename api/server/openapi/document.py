"""The description of the API (OpenAPI 3.1): FastAPI's own operations, and the resources' from the tables.

Every operation has an example, every status it may answer with is named, and what one operation makes is linked to the
operations that take it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_jsonable_python

from api.application.problems import BASE, MEDIA_TYPE, TITLES, describe_status
from api.application.resources import RESOURCES
from api.server.background.webhooks.request import MEDIA_TYPE as CLOUD_EVENT
from api.server.http.describe import EXAMPLES
from api.server.openapi import delivered
from api.server.openapi.components import PROBLEM, collect_schemas, ref, tidy
from api.server.openapi.examples import Examples, play_examples
from api.server.openapi.resources import Operation, ResourceOperations
from api.server.sandboxes.mount import list_inner_paths

Document = dict[str, Any]
READING = (400, 401, 403, 404, 408, 422, 429, 503)
CHANGING = (*READING, 409, 412, 413, 415, 507)
OPEN = ("/health/", "/openapi.json", "/docs", BASE, "/static/")
"""Paths for everybody."""
TAGS = {
    "overview": "What a person sees first: cockpit, own inbox, who they are",
    "events": "The event feed, by page and as a stream",
    "state machines": "Who may do what when, as tables and diagrams",
    "intake": "Mail from digital channels (Posteingang), and how many sheets were counted where",
    "runs": "Forecasts as jobs",
    "scenarios": "Scenario files",
    "sandboxes": "Throw-away engines with a clock of their own",
    "specialist systems": "Systems (Fachverfahren) whose signed events come in",
    "tokens": "Bearer tokens of programs and persons",
    "webhooks": "Where events are delivered to, outside",
    "health": "Whether the server runs and can serve",
    "metrics": "Counters for operators",
    "description": "The description of the API itself",
}
"""What belongs to no resource."""
SERVER = {"url": "/", "description": "the authority's own engine"}
SANDBOX = {
    "url": "/sandboxes/{sandbox}",
    "description": "the same, in a sandbox",
    "variables": {"sandbox": {"default": "SANDBOX", "description": "id that `POST /sandboxes` answered"}},
}
DESCRIPTION = """\
Records (E-Akte), routing slips (E-Laufmappe), mail folders (E-Postmappe) and scan batches, driven through every state.
The tables at `/state-machines` say who may do what when; `…/actions` says it for one thing and caller, with reasons.

- Every change takes an `Idempotency-Key`: the same key and body again answers the first result.
- Answers carry an `ETag`; `If-Match` on a change refuses it when somebody else was quicker (412).
- Lists go on with `cursor` = `next`. Errors are problem documents (RFC 9457).
- Below `/sandboxes/{id}/` stand the paths that name it as a server once more, on a throw-away engine with a clock of
  its own.
- Every answer says the version of the API (`Eva-Api-Version`). A minor version only adds, so clients pass over fields
  and values that they do not know.
"""


def describe(app: FastAPI) -> Document:
    if app.openapi_schema is None:
        app.openapi_schema = _build(app)
    return app.openapi_schema


def _build(app: FastAPI) -> Document:
    document = get_openapi(
        title="eva", version=app.version, description=DESCRIPTION, routes=app.routes, openapi_version="3.1.0",
        webhooks=app.webhooks.routes,
        servers=[SERVER],
        tags=[
            *({"name": one.plural, "description": f"{one.de} ({one.en})"} for one in RESOURCES.values()),
            *({"name": name, "description": about} for name, about in TAGS.items()),
        ],
    )  # fmt: skip
    examples, inside = play_examples(), list_inner_paths(app.routes)
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | collect_schemas(list(RESOURCES.values()))
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature"},
    }
    components["responses"] = {f"Problem{status}": _problem(status) for status in sorted({*READING, *CHANGING, 406})}
    document["security"] = [{"bearer": []}]
    for resource in RESOURCES.values():
        document["paths"].update(ResourceOperations(resource, examples).paths())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _finish(path, method, operation, examples)
            if path in inside or f"{path.rpartition('/')[0]}/{{action}}" in inside:
                operation["servers"] = [SERVER, SANDBOX]
    document["webhooks"]["event"]["post"]["requestBody"]["content"][CLOUD_EVENT]["example"] = delivered.EXAMPLE
    tidy(document)
    return document


def _problem(status: int) -> dict[str, Any]:
    title = TITLES[status].en
    content = {MEDIA_TYPE: {"schema": ref(PROBLEM), "example": describe_status(status, title)}}
    return {"description": title, "content": content}


def _finish(path: str, method: str, operation: Operation, examples: Examples) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if path.startswith(OPEN):
        operation["security"] = []
        statuses: tuple[int, ...] = (408, 503)
    else:
        statuses = READING if method == "get" else CHANGING
    for status in statuses:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    example = EXAMPLES.get(operation["operationId"]) or examples.get(path, operation["tags"][0])
    good = next(answer for status, answer in responses.items() if status.startswith("2"))
    content = good.get("content", {}).get("application/json")
    if example is not None and content is not None and "example" not in content:
        content["example"] = to_jsonable_python(example)
