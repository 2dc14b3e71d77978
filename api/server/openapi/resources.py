"""The operations of a resource in OpenAPI: one for each action, with its body, its example and who may do it."""

from typing import Any

from api.application.answers import EventRepresentation, OptionRepresentation
from api.application.resources.resource import Resource
from api.server.http.describe import DEPUTY, IF_MATCH, KEY
from api.server.openapi.examples import Examples
from workflow.engine.access import Role

Operation = dict[str, Any]
Schemas = dict[tuple[str, str], Any]
REF = "#/components/schemas/{model}"
CURSOR = {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`next` of the page before"}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}}
IF_NONE_MATCH = {**IF_MATCH, "name": "If-None-Match", "description": "the ETag known; 304 where it is still true"}
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "version of the resource"}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": REF.format(model=name)}


def paths_of(
    resource: Resource, schemas: Schemas, bodies: dict[str, Any], examples: Examples
) -> dict[str, dict[str, Operation]]:
    base, one = f"/{resource.plural}", f"/{resource.plural}/{{id}}"
    whole, row = _whole(schemas[resource.name, "shown"]), schemas.get((resource.name, "row"))
    shown = examples.resources.get(resource.name)
    word = resource.name.replace("-", "_")
    links = _links(resource, word)
    paths: dict[str, dict[str, Operation]] = {
        base: {
            "get": {
                "operationId": f"list_{word}", "summary": f"List: {resource.en} ({resource.de})",
                "description": "Those that the caller may know of, by page.",
                "parameters": [LIMIT, CURSOR, DEPUTY, *_filters(resource)],
                "responses": {"200": _json("a page", _page(row or whole), examples.page(resource.name))},
            },
            "post": _change(
                resource, resource.creates, f"create_{word}", f"New: {resource.en} ({resource.de})", bodies, examples,
                [KEY, DEPUTY], "201", whole, links,
            ),
        },
        one: {
            "get": {
                "operationId": f"show_{word}", "summary": f"Show: {resource.en} ({resource.de})",
                "description": (resource.representation.__doc__ or "").strip(),
                "parameters": [_id(resource, examples), IF_NONE_MATCH, DEPUTY],
                "responses": {
                    "200": _json("as it is now", whole, shown, ETAG),
                    "304": {"description": "not modified", "headers": ETAG},
                },
            }
        },
        f"{one}/actions": {
            "get": {
                "operationId": f"actions_{word}", "summary": f"What may be done, and why not: {resource.en}",
                "description": "Every action, whether the caller may do it now, and if not, why.",
                "parameters": [_id(resource, examples), *_part(resource), DEPUTY],
                "responses": {
                    "200": _json("every action", _of("actions", OptionRepresentation), examples.options(resource.name))
                },
            }
        },
        f"{one}/history": {
            "get": {
                "operationId": f"history_{word}", "summary": f"Its events, oldest first: {resource.en}",
                "description": "What has happened to it; `data` is null where it was erased by law.",
                "parameters": [_id(resource, examples), DEPUTY],
                "responses": {
                    "200": _json("events", _of("events", EventRepresentation), examples.history(resource.name))
                },
            }
        },
    }  # fmt: skip
    if resource.naming == "path":
        del paths[base]["post"]
    for action in resource.commands:
        if resource.naming != "uuid" or action != resource.creates:
            paths[f"{one}/actions/{action}"] = {
                "post": _change(
                    resource, action, f"{action}_{word}", f"{_label(resource, action)}: {resource.en}", bodies,
                    examples, [_id(resource, examples), KEY, IF_MATCH, DEPUTY], "200", whole, {},
                )
            }  # fmt: skip
    for operations in paths.values():
        for operation in operations.values():
            operation["tags"] = [resource.plural]
    return paths


def _change(
    resource: Resource, action: str, name: str, summary: str, bodies: dict[str, Any], examples: Examples,
    parameters: list[Any], status: str, whole: Any, links: dict[str, Any],
) -> Operation:  # fmt: skip
    model = resource.commands[action]
    schema = bodies[action]
    if status == "200" and resource.key is not None and action == resource.creates:
        schema = {**schema, "description": f"`{resource.key}` is that of the path"}
    answered = {"allOf": [whole, _of("events", EventRepresentation)]}
    if action in resource.unseen:
        bare = {name: {"type": "string"} for name in ("kind", "id", "state")}
        answered = {"anyOf": [answered, {"type": "object", "required": list(bare), "properties": bare}]}
    response = _json("done", answered, examples.changed(resource.name), ETAG)
    if links:
        response["links"] = links
    if status == "201":
        response["headers"] = {**ETAG, "Location": {"schema": {"type": "string"}, "description": "where it is"}}
    return {
        "operationId": name, "summary": summary, "description": _told(resource, action, (model.__doc__ or "").strip()),
        "parameters": parameters,
        "requestBody": {
            "required": status == "201",
            "content": {"application/json": {"schema": schema, "example": _example(resource, action)}},
        },
        "responses": {status: response},
    }  # fmt: skip


def _label(resource: Resource, action: str) -> str:
    label = resource.commands[action].LABEL
    return f"{label.en} ({label.de})" if label.en else action


def _example(resource: Resource, action: str) -> dict[str, Any]:
    """A body, without the key where the path says it."""
    return {
        name: one
        for name, one in resource.examples[action].items()
        if name != resource.key or action == resource.creates
    }


def _told(resource: Resource, action: str, text: str) -> str:
    """What a command is for, from which states, by whom: as the table says."""
    rows = [row for row in resource.machine.table if row.action == action] if resource.machine else []
    if not rows:
        return text
    roles = sorted({role.value for row in rows for role in row.roles if role is not Role.SYSTEM})
    states = list(dict.fromkeys(row.source for row in rows if row.roles - {Role.SYSTEM}))
    basis = "; ".join(dict.fromkeys(row.basis for row in rows))
    return f"{text}\n\nFrom: {', '.join(states)}. Roles: {', '.join(roles)}. Basis: {basis}."


def _whole(shown: Any) -> dict[str, Any]:
    """A representation with kind, id and version."""
    head = {"kind": {"type": "string"}, "id": {"type": "string"}, "version": {"type": "integer"}}
    return {"allOf": [shown, {"type": "object", "required": list(head), "properties": head}]}


def _json(text: str, schema: Any, example: Any = None, headers: Any = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": text, "content": {"application/json": content}, **({"headers": headers} if headers else {})}


def _of(field: str, kind: type) -> dict[str, Any]:
    many = {"type": "array", "items": ref(kind.__name__)}
    return {"type": "object", "required": [field], "properties": {field: many}}


def _page(row: Any) -> dict[str, Any]:
    properties = {"items": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}}
    return {"type": "object", "required": ["items", "next"], "properties": properties}


def _id(resource: Resource, examples: Examples) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 120}
    if resource.naming == "uuid":
        schema = {"type": "string", "format": "uuid"}
    example = (examples.resources.get(resource.name) or {}).get("id", "mwide")
    return {"name": "id", "in": "path", "required": True, "schema": schema, "example": example}


def _part(resource: Resource) -> list[dict[str, Any]]:
    if resource.part is None:
        return []
    return [{"name": resource.part, "in": "query", "schema": {"type": "string", "format": "uuid"},
             "description": f"one {resource.part} of it"}]  # fmt: skip


def _filters(resource: Resource) -> list[dict[str, Any]]:
    return [
        {
            "name": wanted.name, "in": "query", "description": wanted.en,
            "schema": {"type": "string", "maxLength": 200, **({"enum": list(wanted.values)} if wanted.values else {})},
        }
        for wanted in resource.filters
    ]  # fmt: skip


def _links(resource: Resource, word: str) -> dict[str, Any]:
    there = {"id": "$response.body#/id"}
    names = [f"show_{word}", f"actions_{word}", f"history_{word}"]
    names += [
        f"{action}_{word}" for action in resource.commands if resource.naming != "uuid" or action != resource.creates
    ]
    return {name: {"operationId": name, "parameters": there} for name in names}
