"""The description of an operation that belongs to no resource: name, body, parameters, an example."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.engine.commands import Command

Schema = dict[str, Any]
JSON = "application/json"
EXAMPLES: dict[str, Any] = {}
"""Operation -> an example of its answer. FastAPI leaves out of examples what is null, so they are put in afterwards."""
KEY = {
    "name": "Idempotency-Key", "in": "header", "required": True,
    "schema": {"type": "string", "pattern": "^[!-~]{1,64}$", "minLength": 1, "maxLength": 64},
    "description": "names this change; the same key and body again answers the first result",
}  # fmt: skip

IF_MATCH = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"}, "example": "*",
    "description": "the ETag last seen; the change is refused when it is no longer true",
}  # fmt: skip
DEPUTY = {
    "name": "On-Behalf-Of", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 120},
    "description": "the absent person whose deputy acts (i. V.)",
}  # fmt: skip


def describe_operation(
    operation_id: str,
    *,
    tag: str,
    example: Any = None,
    status: int = 200,
    body: Schema | None = None,
    parameters: Sequence[Schema] = (),
    key: bool = False,
    also: Sequence[int] = (),
    contents: Mapping[str, Schema] | None = None,
    headers: Mapping[str, Schema] | None = None,
) -> dict[str, Any]:
    """Arguments of a route. `contents` says media types other than JSON; `also` names statuses that are not common."""
    if example is not None:
        EXAMPLES[operation_id] = example
    answer: dict[str, Any] = {"description": "done", "content": dict(contents or {})}
    if headers:
        answer["headers"] = dict(headers)
    extra: dict[str, Any] = {"parameters": [*parameters, *([KEY] if key else [])]}
    if body is not None:
        extra["requestBody"] = body
    responses: dict[int, Any] = {status: answer}
    responses |= {code: {"$ref": f"#/components/responses/Problem{code}"} for code in also}
    return {"operation_id": operation_id, "tags": [tag], "status_code": status, "responses": responses,
            "openapi_extra": extra}  # fmt: skip


def json_body(model: type[Command], example: Any, required: bool = True) -> Schema:
    return {"required": required, "content": {JSON: {"schema": inline_schema(model), "example": example}}}


def inline_schema(model: type[Command]) -> Schema:
    """The schema of a command, with what it refers to put in place."""
    schema = model.model_json_schema()
    found: Schema = _in_place(schema, schema.get("$defs", {}))
    found.pop("$defs", None)
    return found


def _in_place(part: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _in_place(known[part["$ref"].rpartition("/")[2]], known)
        return {name: _in_place(value, known) for name, value in part.items()}
    return [_in_place(one, known) for one in part] if isinstance(part, list) else part


def path_parameter(name: str, about: str, example: str, **schema: Any) -> Schema:
    return {
        "name": name, "in": "path", "required": True, "description": about, "example": example,
        "schema": {"type": "string", **schema},
    }  # fmt: skip


def query_parameter(name: str, about: str = "", **schema: Any) -> Schema:
    found: Schema = {"name": name, "in": "query", "schema": {"type": "string", **schema}}
    return {**found, "description": about} if about else found


def location(about: str) -> dict[str, Schema]:
    return {"Location": {"description": about, "schema": {"type": "string"}}}
