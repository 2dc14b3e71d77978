"""The body of a step as a clerk writes it, and as the API takes it: names become ids, a file by name becomes a file.

Where a command asks for an id, a name of the file stands for it. Where it asks for a SHA-256, any other text stands
for the hash of that text, and a single text in place of a file is its name and its content.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from api.application.resources.resource import UUID
from workflow.engine.commands import Command

Resolve = Callable[[str, str], str]
"""(field, reference) -> id."""
Schema = Mapping[str, Any]
_SHA = re.compile(r"[0-9a-f]{64}")
_ID_PATTERN, _SHA_PATTERN = "^[0-9a-f]{8}-", "^[0-9a-f]{64}$"


def is_id(text: str) -> bool:
    return bool(UUID.fullmatch(text))


def build_body(command: type[Command], written: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """What is sent for a `with` of a step; also what does not fit the command, for it to be refused."""
    schema = get_schema(command)
    return dict(_walk(written, schema, schema.get("$defs", {}), "", resolve))


@functools.cache
def get_schema(command: type[Command]) -> Schema:
    return command.model_json_schema()


def find_keys(command: type[Command], path: Iterable[str | int]) -> list[str]:
    """What a mapping at a path of the body may hold."""
    schema = get_schema(command)
    defs = schema.get("$defs", {})
    options = _options(schema, defs)
    for part in path:
        inner = [o.get("items") if isinstance(part, int) else o.get("properties", {}).get(part) for o in options]
        options = [option for one in inner if one for option in _options(one, defs)]
    return [key for option in options for key in option.get("properties", {})]


def _walk(value: Any, schema: Schema, defs: Schema, field: str, resolve: Resolve) -> Any:
    options = _options(schema, defs)
    if isinstance(value, dict):
        return _walk_mapping(value, options, defs, resolve)
    if isinstance(value, list):
        items: Schema = next((option["items"] for option in options if "items" in option), {})
        return [_walk(item, items, defs, field, resolve) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return _walk_text(value, options, field, resolve)
    return value


def _walk_text(text: str, options: list[Schema], field: str, resolve: Resolve) -> Any:
    for option in options:
        pattern = option.get("pattern", "")
        if pattern.startswith(_ID_PATTERN) and not is_id(text):
            return resolve(field, text)
        if pattern == _SHA_PATTERN and not _SHA.fullmatch(text):
            return _hash(text)
        if {"sha256", "file_name"} <= set(option.get("properties", {})):
            return {"sha256": _hash(text), "file_name": text}
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _walk_mapping(value: dict[str, Any], options: list[Schema], defs: Schema, resolve: Resolve) -> dict[str, Any]:
    by_id = next((o["patternProperties"] for o in options if "patternProperties" in o), None)
    if by_id is not None:
        inner = next(iter(by_id.values()))
        keys = {key: key if is_id(key) else resolve("", key) for key in value}
        return {keys[key]: _walk(item, inner, defs, "", resolve) for key, item in value.items()}
    fitting = [o["properties"] for o in options if "properties" in o and set(value) <= set(o["properties"])]
    known = fitting[0] if fitting else {k: v for o in options for k, v in o.get("properties", {}).items()}
    return {key: _walk(item, known.get(key, {}), defs, key, resolve) for key, item in value.items()}


def _options(schema: Schema, defs: Schema) -> list[Schema]:
    """The schema's alternatives, with references followed."""
    if "$ref" in schema:
        return _options(defs.get(schema["$ref"].rpartition("/")[2], {}), defs)
    if "anyOf" in schema:
        return [option for one in schema["anyOf"] for option in _options(one, defs)]
    return [schema]
