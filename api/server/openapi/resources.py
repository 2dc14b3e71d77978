"""The operations of a noun as OpenAPI says them: one for each action, with its body, its example and who may do it."""

from typing import Any

from api.application.resources.resource import Noun
from api.server.http.describe import KEY
from api.server.openapi.examples import Examples
from workflow.engine.access import Role

Operation = dict[str, Any]
Schemas = dict[tuple[str, str], Any]
REF = "#/components/schemas/{model}"
CURSOR = {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`next` of the page before"}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}}
IF_MATCH = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"}, "example": "*",
    "description": "the ETag last seen; the change is refused when it is no longer true",
}  # fmt: skip
IF_NONE_MATCH = {**IF_MATCH, "name": "If-None-Match", "description": "the ETag known; 304 where it is still true"}
DEPUTY = {
    "name": "On-Behalf-Of", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 120},
    "description": "the absent person whose deputy acts (i. V.)",
}  # fmt: skip
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "version of the resource"}}


def ref(name: str) -> dict[str, Any]:
    """A reference to a schema."""
    return {"$ref": REF.format(model=name)}


def paths_of(
    noun: Noun, schemas: Schemas, bodies: dict[str, Any], examples: Examples
) -> dict[str, dict[str, Operation]]:
    """Every path of a noun."""
    base, one = f"/{noun.plural}", f"/{noun.plural}/{{id}}"
    whole, row = _whole(schemas[noun.name, "shown"]), schemas.get((noun.name, "row"))
    shown = examples.shown.get(noun.name)
    word = noun.name.replace("-", "_")
    links = _links(noun, word)
    paths: dict[str, dict[str, Operation]] = {
        base: {
            "get": {
                "operationId": f"list_{word}", "summary": f"List: {noun.en} ({noun.de})",
                "parameters": [LIMIT, CURSOR, DEPUTY, *_filters(noun)],
                "responses": {"200": _json("a page", _page(row or whole), examples.page(noun.name))},
            },
            "post": _change(
                noun, noun.creates, f"create_{word}", f"New: {noun.en} ({noun.de})", bodies, examples,
                [KEY, DEPUTY], "201", whole, links,
            ),
        },
        one: {
            "get": {
                "operationId": f"show_{word}", "summary": f"Show: {noun.en} ({noun.de})",
                "parameters": [_id(noun, examples), IF_NONE_MATCH, DEPUTY],
                "responses": {
                    "200": _json("as it is now", whole, shown, ETAG),
                    "304": {"description": "not modified", "headers": ETAG},
                },
            }
        },
        f"{one}/actions": {
            "get": {
                "operationId": f"actions_{word}", "summary": f"What may be done, and why not: {noun.en}",
                "parameters": [_id(noun, examples), *_part(noun), DEPUTY],
                "responses": {"200": _json("every action", _of("actions", "Option"), examples.options(noun.name))},
            }
        },
        f"{one}/history": {
            "get": {
                "operationId": f"history_{word}", "summary": f"Its events, oldest first: {noun.en}",
                "parameters": [_id(noun, examples), DEPUTY],
                "responses": {"200": _json("events", _of("events", "Event"), examples.history(noun.name))},
            }
        },
    }  # fmt: skip
    if noun.naming == "path":
        del paths[base]["post"]
    for action in noun.commands:
        if noun.naming != "uuid" or action != noun.creates:
            paths[f"{one}/actions/{action}"] = {
                "post": _change(
                    noun, action, f"{action}_{word}", f"{action}: {noun.en}", bodies, examples,
                    [_id(noun, examples), KEY, IF_MATCH, DEPUTY], "200", whole, {},
                )
            }  # fmt: skip
    for operations in paths.values():
        for operation in operations.values():
            operation["tags"] = [noun.plural]
    return paths


def _change(
    noun: Noun, action: str, name: str, summary: str, bodies: dict[str, Any], examples: Examples,
    parameters: list[Any], status: str, whole: Any, links: dict[str, Any],
) -> Operation:  # fmt: skip
    model = noun.commands[action]
    schema = bodies[action]
    if status == "200" and noun.key == "user" and action == noun.creates:
        schema = {**schema, "description": "`user` is that of the path"}
    answered = {"allOf": [whole, {"type": "object", "required": ["events"], "properties": {"events": _many("Event")}}]}
    if action == "record_backup":  # may be done without knowing of the thing itself
        bare = {name: {"type": "string"} for name in ("kind", "id", "state")}
        answered = {"anyOf": [answered, {"type": "object", "required": list(bare), "properties": bare}]}
    shown = examples.shown.get(noun.name)
    example = None if shown is None else {**shown, "events": examples.history(noun.name)["events"][:1]}
    response = _json("done", answered, example, ETAG)
    if links:
        response["links"] = links
    if status == "201":
        response["headers"] = {**ETAG, "Location": {"schema": {"type": "string"}, "description": "where it is"}}
    return {
        "operationId": name, "summary": summary, "description": _told(noun, action, (model.__doc__ or "").strip()),
        "parameters": parameters,
        "requestBody": {
            "required": status == "201",
            "content": {"application/json": {"schema": schema, "example": noun.examples[action]}},
        },
        "responses": {status: response},
    }  # fmt: skip


def _told(noun: Noun, action: str, text: str) -> str:
    """What a command is for, from which states, by whom: as the table says."""
    rows = [row for row in noun.machine.table if row.action == action] if noun.machine else []
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


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref(name)}


def _of(field: str, name: str) -> dict[str, Any]:
    return {"type": "object", "required": [field], "properties": {field: _many(name)}}


def _page(row: Any) -> dict[str, Any]:
    properties = {"items": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}}
    return {"type": "object", "required": ["items", "next"], "properties": properties}


def _id(noun: Noun, examples: Examples) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 120}
    if noun.naming == "uuid":
        schema = {"type": "string", "format": "uuid"}
    example = (examples.shown.get(noun.name) or {}).get("id", "mwide")
    return {"name": "id", "in": "path", "required": True, "schema": schema, "example": example}


def _part(noun: Noun) -> list[dict[str, Any]]:
    if noun.part is None:
        return []
    return [{"name": noun.part, "in": "query", "schema": {"type": "string", "format": "uuid"},
             "description": f"one {noun.part} of it"}]  # fmt: skip


def _filters(noun: Noun) -> list[dict[str, Any]]:
    return [
        {
            "name": wanted.name, "in": "query", "description": wanted.en,
            "schema": {"type": "string", "maxLength": 200, **({"enum": list(wanted.values)} if wanted.values else {})},
        }
        for wanted in noun.filters
    ]  # fmt: skip


def _links(noun: Noun, word: str) -> dict[str, Any]:
    """From what was made to what can be done with it."""
    there = {"id": "$response.body#/id"}
    names = [f"show_{word}", f"actions_{word}", f"history_{word}"]
    names += [f"{action}_{word}" for action in noun.commands if noun.naming != "uuid" or action != noun.creates]
    return {name: {"operationId": name, "parameters": there} for name in names}
