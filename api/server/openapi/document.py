"""The description of the API (OpenAPI 3.1): FastAPI's own operations, and the resources' from the tables.

Every operation has an example, every status it may answer with is named, and what one operation makes is linked to the
operations that take it.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from api.application.answers import EventRepresentation, OptionRepresentation, ProblemRepresentation
from api.application.problems import MEDIA_TYPE, TITLES, describe_status
from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from api.server.http.describe import EXAMPLES
from api.server.openapi.examples import Examples, play_examples
from api.server.openapi.resources import REF, Operation, ResourceOperations, ref

Document = dict[str, Any]
READING = (400, 401, 403, 404, 408, 422, 429, 503)
CHANGING = (*READING, 409, 412, 413, 415, 507)
OPEN = ("/health/", "/openapi.json", "/docs", "/static/")
"""Paths for everybody."""
DESCRIPTION = """\
Records (E-Akte), routing slips (E-Laufmappe), mail folders (E-Postmappe) and scan batches, driven through every state.
The tables at `/state-machines` say who may do what when; `…/actions` says it for one thing and caller, with reasons.

- Every change takes an `Idempotency-Key`: the same key and body again answers the first result.
- Answers carry an `ETag`; `If-Match` on a change refuses it when somebody else was quicker (412).
- Lists go on with `cursor` = `next`. Errors are problem documents (RFC 9457).
- Below `/sandboxes/{id}/` stand the same paths once more, on a throw-away engine with a clock of its own.
"""


def describe(app: FastAPI) -> Document:
    if app.openapi_schema is None:
        app.openapi_schema = _build(app)
    return app.openapi_schema


def _build(app: FastAPI) -> Document:
    document = get_openapi(
        title="eva", version=app.version, description=DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
    )
    examples = play_examples()
    components = document.setdefault("components", {})
    schemas, resources = _schemas(list(RESOURCES.values()))
    components["schemas"] = {**components.get("schemas", {}), **schemas}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    components["responses"] = {f"Problem{status}": _problem(status) for status in sorted({*READING, *CHANGING, 406})}
    document["security"] = [{"bearer": []}]
    for resource in RESOURCES.values():
        bodies = {action: _body(resource, action, resources, schemas) for action in resource.commands}
        document["paths"].update(ResourceOperations(resource, resources, bodies, examples).paths())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _finish(path, method, operation, examples)
    return document


def _schemas(resources: list[Resource]) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    adapters: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (("", kind.__name__), "serialization", TypeAdapter(kind))
        for kind in (ProblemRepresentation, EventRepresentation, OptionRepresentation)
    ]
    for resource in resources:
        adapters += [
            ((resource.name, f"do:{action}"), "validation", TypeAdapter(model))
            for action, model in resource.commands.items()
        ]
        adapters.append(((resource.name, "shown"), "serialization", TypeAdapter(resource.representation)))
        if resource.row is not None:
            adapters.append(((resource.name, "row"), "serialization", TypeAdapter(resource.row)))
    found, rest = TypeAdapter.json_schemas(adapters, ref_template=REF)
    return rest["$defs"], {key: schema for (key, _), schema in found.items()}


def _body(
    resource: Resource, action: str, resources: dict[tuple[str, str], Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    """The body of an action: the command, without what the path says or the server makes itself."""
    schema: dict[str, Any] = resources[resource.name, f"do:{action}"]
    unwanted = set(resource.evidence.get(action, ()))
    if resource.key is not None and action != resource.creates:
        unwanted.add(resource.key)
    if not unwanted:
        return schema
    whole = schemas[schema["$ref"].rpartition("/")[2]]
    kept = {name: one for name, one in whole["properties"].items() if name not in unwanted}
    return {**whole, "properties": kept, "required": [n for n in whole.get("required", []) if n not in unwanted]}


def _problem(status: int) -> dict[str, Any]:
    title = TITLES[status].en
    content = {MEDIA_TYPE: {"schema": ref(ProblemRepresentation.__name__), "example": describe_status(status, title)}}
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
    example = EXAMPLES.get(operation["operationId"]) or examples.get_for_path(path)
    good = next(answer for status, answer in responses.items() if status.startswith("2"))
    content = good.get("content", {}).get("application/json")
    if example is not None and content is not None and "example" not in content:
        content["example"] = to_jsonable_python(example)
