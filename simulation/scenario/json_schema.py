"""JSON Schema (draft 2020-12) of the scenario file, for editors that complete and check while a planner types.

It checks what a value or mapping shows by itself. What needs the lists, the calendar or another file is checked by
`eva check` only.
"""

import functools
import json
import re
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from simulation.scenario.casework import CaseworkScenario
from simulation.scenario.model import RolloutScenario

Schema = dict[str, Any]

EXTENDS: Schema = {
    "type": "string",
    "minLength": 1,
    "description": "Relative path of another scenario file that this one changes: mappings are merged deeply, "
    "lists and values are replaced.",
}
PART = "Part"
"""Ending of the definitions in which nothing is required, because the file extends another."""


def scenario_schema() -> Schema:
    """The schema of a rollout or casework scenario; no key is required in a file that extends another."""
    rollout, definitions = _describe_kind(RolloutScenario)
    casework, others = _describe_kind(CaseworkScenario)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of eva",
        "description": "What `eva forecast` (kind: rollout) or `eva casework` (kind: casework) computes.",
        "type": "object",
        "properties": {"extends": EXTENDS},
        "if": {"properties": {"kind": {"const": "casework"}}, "required": ["kind"]},
        "then": casework,
        "else": rollout,
        "$defs": dict(sorted({**definitions, **others}.items())),
    }


def _describe_kind(model: type[BaseModel]) -> tuple[Schema, Schema]:
    """Which definition a file of this kind follows, and the definitions."""
    raw = _shorten_names(model.model_json_schema(by_alias=True))
    whole, name = raw.pop("$defs"), model.__name__
    whole[name] = raw
    parts = {f"{one}{PART}": _make_part(definition) for one, definition in whole.items()}
    parts[f"{name}{PART}"]["properties"] = {"extends": EXTENDS, **parts[f"{name}{PART}"]["properties"]}
    choice = {
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{name}{PART}"},
        "else": {"$ref": f"#/$defs/{name}"},
    }
    return choice, {**whole, **_select_reached(parts, f"{name}{PART}")}


def list_known_keys(path: tuple[str | int, ...], model: type[BaseModel] = RolloutScenario) -> list[str]:
    """Keys that a scenario may have at `path`, in the order of the schema; empty where any key or no key is allowed."""
    schema = _get_schema(model)
    node: Schema = schema
    for part in path:
        node = _resolve(schema, node)
        below = node.get("properties", {}).get(part, node.get("additionalProperties") or {})
        node = node.get("items", {}) if isinstance(part, int) else below
    node = _resolve(schema, node)
    return list(node.get("properties", node.get("propertyNames", {}).get("enum", [])))


@functools.cache
def _get_schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True)


def _resolve(schema: Schema, node: Schema) -> Schema:
    reference = node.get("$ref")
    found: Schema = schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node
    return found


def _shorten_names(schema: Schema) -> Schema:
    """The schema with `Figure_integer_0_1000` in place of the names that pydantic makes of generic models."""
    text = json.dumps(schema)
    for name, definition in schema["$defs"].items():
        if name.startswith("Figure"):
            value = definition["properties"]["value"]
            low = value.get("minimum", f"over_{value.get('exclusiveMinimum')}")
            short = f"Figure_{value['type']}_{low}_to_{value['maximum']}"
            text = text.replace(f'"{name}"', f'"{short}"').replace(f'"#/$defs/{name}"', f'"#/$defs/{short}"')
    renamed: Schema = json.loads(text)
    return renamed


def _make_part(node: Any) -> Any:
    """A definition in which no key is required. Items of lists stay whole, because lists are replaced whole."""
    if not isinstance(node, dict):
        return deepcopy(node)
    part = {}
    for key, value in node.items():
        if key == "$ref":
            part[key] = value + PART
        elif key == "properties":
            part[key] = {name: _make_part(inner) for name, inner in value.items()}
        elif key == "additionalProperties":
            part[key] = _make_part(value)
        elif key not in {"required", "dependentRequired", "allOf"}:
            part[key] = deepcopy(value)
    return part


def _select_reached(definitions: Schema, start: str) -> Schema:
    found: Schema = {}
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            ahead += re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(definitions[name]))
    return found
