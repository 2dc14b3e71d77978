"""JSON Schema (draft 2020-12) of replay files and fragments, for editors that complete and check while one types.

Kinds, actions, bodies, states, events and guards are those of the catalogue. What depends on other steps is left to
`eva check`.
"""

from copy import deepcopy
from typing import Any

from api.replay.file.catalogue_schema import PARAMETER, add_catalogue
from api.replay.file.format import Fragment, Replay

Schema = dict[str, Any]


def replay_schema() -> Schema:
    definitions: Schema = {}
    for model in (Replay, Fragment):
        raw = model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions |= raw.pop("$defs", {})
        definitions[model.__name__] = raw
    for name in definitions:
        _with_parameters(definitions[name])
    add_catalogue(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Replay file of eva",
        "description": "What should happen in a case, step by step, and what a step must lead to.",
        "type": "object",
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "fragment"}}},
        "then": {"$ref": "#/$defs/Fragment"},
        "else": {"$ref": "#/$defs/Replay"},
        "$defs": dict(sorted(definitions.items())),
    }


def _with_parameters(definition: Schema) -> None:
    for name, field in definition.get("properties", {}).items():
        field.pop("title", None)
        if name in {"kind", "parameters", "each"}:
            continue
        kept = {key: field.pop(key) for key in ("description", "default") if key in field}
        if "anyOf" in field:
            field["anyOf"] = [*field["anyOf"], deepcopy(PARAMETER)]
        else:
            whole = dict(field)
            field.clear()
            field["anyOf"] = [whole, deepcopy(PARAMETER)]
        for option in field["anyOf"]:
            if "items" in option:
                option["items"] = {"anyOf": [option["items"], deepcopy(PARAMETER)]}
        field.update(kept)
