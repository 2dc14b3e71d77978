"""The description of an operation that belongs to no resource: name, body, parameters, an example."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.engine.commands import Command

Schema = dict[str, Any]
API_VERSION = "1.1"
"""Of the API, in its description and in `Eva-Api-Version` of every answer; docs/reference/api-versions.md says when it
grows."""
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
    security: Sequence[Schema] | None = None,
) -> dict[str, Any]:
    """Arguments of a route. `contents` says media types other than JSON; `also` names statuses that are not common;
    `security` how who asks is known, where not by a bearer token.
    """
    if example is not None:
        EXAMPLES[operation_id] = example
    answer: dict[str, Any] = {"description": "done", "content": dict(contents or {})}
    if headers:
        answer["headers"] = dict(headers)
    extra: dict[str, Any] = {"parameters": [*parameters, *([KEY] if key else [])]}
    if body is not None:
        extra["requestBody"] = body
    if security is not None:
        extra["security"] = list(security)
    responses: dict[int, Any] = {status: answer}
    responses |= {code: {"$ref": f"#/components/responses/Problem{code}"} for code in also}
    return {"operation_id": operation_id, "tags": [tag], "status_code": status, "responses": responses,
            "openapi_extra": extra}  # fmt: skip


def json_body(model: type[Command], example: Any, required: bool = True) -> Schema:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"required": required, "content": {JSON: {"schema": schema, "example": example}}}


def path_parameter(name: str, about: str, example: str, **schema: Any) -> Schema:
    return {
        "name": name, "in": "path", "required": True, "description": about, "example": example,
        "schema": {"type": "string", **schema},
    }  # fmt: skip


def query_parameter(name: str, about: str = "", **schema: Any) -> Schema:
    found: Schema = {"name": name, "in": "query", "schema": {"type": "string", **schema}}
    return {**found, "description": about} if about else found


def describe_signature(message: str) -> list[Schema]:
    """Headers of a request that is signed as Standard Webhooks has it; `message` says what its id is."""
    headers = {
        "webhook-id": message,
        "webhook-timestamp": "seconds since 1970, at most five minutes off",
        "webhook-signature": "`v1,` and the HMAC-SHA256 in Base64 over id, timestamp and body with dots between",
    }
    return [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string", "minLength": 1},
         "description": about}
        for name, about in headers.items()
    ]  # fmt: skip


def location(about: str) -> dict[str, Schema]:
    return {"Location": {"description": about, "schema": {"type": "string"}}}
