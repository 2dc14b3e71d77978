"""JSON Schema (draft 2020-12) of the scenario file, for editors that complete and check while a planner types.

It says everything that one value or mapping can show by itself. What needs the lists, the calendar or another file
is told by `eva check`.
"""

import functools
from copy import deepcopy
from typing import Any, get_args

from pydantic import BaseModel

from simulation.scenario.figures import FACT
from simulation.scenario.model import RolloutScenario
from simulation.scenario.units import Unit

Schema = dict[str, Any]

EXTENDS: Schema = {
    "type": "string",
    "minLength": 1,
    "description": "Relative path of another scenario file. What stands here is laid on it: mappings are merged "
    "deeply, lists and values are replaced.",
}
PART = "Part"
"""Ending of the definitions in which nothing is required, because the file extends another."""


def scenario_schema() -> Schema:
    """The schema of a rollout scenario; a file that extends another need not say everything."""
    raw = _with_short_names(RolloutScenario.model_json_schema(by_alias=True))
    whole = raw.pop("$defs")
    whole["RolloutScenario"] = raw
    _describe_units(whole)
    for definition in whole.values():
        _without_field_titles(definition)
    parts = {f"{name}{PART}": _part(definition) for name, definition in whole.items()}
    for name, definition in whole.items():
        if name.startswith("Figure"):
            definition.update(_defence())
    top = parts[f"RolloutScenario{PART}"]
    top["properties"] = {"extends": EXTENDS, **top["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rollout scenario of eva",
        "description": raw["description"],
        "type": "object",
        "properties": {"extends": EXTENDS},
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/RolloutScenario{PART}"},
        "else": {"$ref": "#/$defs/RolloutScenario"},
        "$defs": dict(sorted({**whole, **_reached(parts, f"RolloutScenario{PART}")}.items())),
    }


def known_keys(path: tuple[str | int, ...]) -> list[str]:
    """Keys that a scenario may have at `path`, in the order of the schema; none where anything or nothing may."""
    schema = _raw()
    node: Schema = schema
    for part in path:
        node = _resolved(schema, node)
        below = node.get("properties", {}).get(part, node.get("additionalProperties") or {})
        node = node.get("items", {}) if isinstance(part, int) else below
    node = _resolved(schema, node)
    return list(node.get("properties", node.get("propertyNames", {}).get("enum", [])))


@functools.cache
def _raw() -> Schema:
    return RolloutScenario.model_json_schema(by_alias=True)


def _resolved(schema: Schema, node: Schema) -> Schema:
    reference = node.get("$ref")
    found: Schema = schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node
    return found


def _with_short_names(schema: Schema) -> Schema:
    """The schema with `Figure_integer_0_1000` in place of the names that pydantic makes of generic models."""
    names = {}
    for name, definition in schema["$defs"].items():
        if name.startswith("Figure"):
            value = definition["properties"]["value"]
            low = value.get("minimum", f"over_{value.get('exclusiveMinimum')}")
            names[name] = f"Figure_{value['type']}_{low}_to_{value['maximum']}"
            definition["title"] = "Figure"
    renamed: Schema = _renamed(schema, {f"#/$defs/{old}": f"#/$defs/{new}" for old, new in names.items()})
    renamed["$defs"] = {names.get(name, name): definition for name, definition in renamed["$defs"].items()}
    return renamed


def _renamed(node: Any, references: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: references.get(value, value) if key == "$ref" else _renamed(value, references)
            for key, value in node.items()
        }
    return [_renamed(item, references) for item in node] if isinstance(node, list) else node


def _part(node: Any) -> Any:
    """A definition in which no key is required. Items of lists stay whole, because lists are replaced whole."""
    if not isinstance(node, dict):
        return deepcopy(node)
    part = {}
    for key, value in node.items():
        if key == "$ref":
            part[key] = value + PART
        elif key == "properties":
            part[key] = {name: _part(inner) for name, inner in value.items()}
        elif key == "additionalProperties":
            part[key] = _part(value)
        elif key != "required":
            part[key] = deepcopy(value)
    return part


def _reached(definitions: Schema, start: str) -> Schema:
    """The definitions that `start` leads to."""
    found: Schema = {}
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in definitions and name not in found:
            found[name] = definitions[name]
            ahead += _references(definitions[name])
    return found


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rsplit("/", 1)[1]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for item in node for name in _references(item)] if isinstance(node, list) else []


def _defence() -> Schema:
    """The rules of `simulation.scenario.figures.Figure` between basis, source and range."""
    number = {"type": "number"}
    return {
        "dependentRequired": {"low": ["high"], "high": ["low"]},
        "allOf": [
            {
                "if": {"properties": {"basis": {"const": "report"}}, "required": ["basis"]},
                "then": {"properties": {"source": {"pattern": FACT.pattern}}},
            },
            {
                "if": {"properties": {"basis": {"const": "assumed"}}, "required": ["basis"]},
                "then": {"required": ["low", "high"], "properties": {"low": number, "high": number}},
            },
        ],
    }


def _describe_units(definitions: Schema) -> None:
    """Write the unit of every figure where an editor shows it."""
    for model in _models(RolloutScenario):
        for name, field in model.model_fields.items():
            unit = next((m for m in field.metadata if isinstance(m, Unit)), None)
            if unit and model.__name__ in definitions:
                says = f"Unit: {unit.en} ({unit.de})."
                definitions[model.__name__]["properties"][field.alias or name]["description"] = says


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and all that it is made of."""
    found, ahead = set[type[BaseModel]](), [model]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            for field in one.model_fields.values():
                ahead += _inside(field.annotation)
    return found


def _inside(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _inside(inner)]


def _without_field_titles(definition: Schema) -> None:
    """Leave out titles that only repeat the key."""
    for field in definition.get("properties", {}).values():
        field.pop("title", None)
