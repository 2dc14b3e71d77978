"""What the JSON Schema of replay files knows of the catalogue: kinds, actions, bodies, states, events, guards.

So an editor completes and checks them without a server. All is read from the resources and their machines. A body is
looser than that of the API: names stand for ids and hashes, what is implied may be left out.
"""

from copy import deepcopy
from typing import Any

from api.application.resources import RESOURCES
from api.replay.file.check import WITHOUT_ID
from api.replay.file.format import STATUSES
from scanning.catalogue import MACHINES
from workflow.engine.commands import Command
from workflow.engine.events import types

Schema = dict[str, Any]
CREATABLE = [resource for name, resource in RESOURCES.items() if name not in WITHOUT_ID]
PARAMETER: Schema = {"type": "string", "pattern": r"\$\{[^{}]+\}"}
"""A parameter may stand wherever a value may."""
_REFUSED_BODY: Schema = {
    "properties": {"expect": {"properties": {
        "error": {"anyOf": [{"const": 422}, {"properties": {"status": {"const": 422}}, "required": ["status"]}]},
    }, "required": ["error"]}},
    "required": ["expect"],
}  # fmt: skip
"""A step that is to be refused for its body, which may be any."""


def add_catalogue(definitions: Schema) -> None:
    """Put into the definitions of steps and expectations what the catalogue knows."""
    step, expect, refusal = (definitions[name]["properties"] for name in ("Step", "Expect", "Refusal"))
    commands = _by_action()
    machines = [resource.machine for resource in RESOURCES.values() if resource.machine is not None]
    machines += MACHINES.values()
    shared: Schema = {
        "Created": _words({r.name: f"{r.de}, {r.en}" for r in CREATABLE}),
        "Action": _words({action: _label(found[0]) for action, found in commands.items()}),
        "State": _words({state: german for machine in machines for state, german in machine.states.items()}),
        "Event": {"enum": sorted(types())},
        "Guard": _words({name: f"{g.de}; {g.en}" for machine in machines for name, g in machine.guards.items()}),
        "Status": {"enum": list(STATUSES)},
    }
    for fields, name, word in (
        (step, "create", "Created"), (step, "do", "Action"), (expect, "state", "State"), (expect, "allowed", "Action"),
        (expect, "events", "Event"), (expect, "error", "Status"), (refusal, "status", "Status"),
        (refusal, "guard", "Guard"), (definitions["Some"]["properties"], "includes", "Word"),
        (definitions["Some"]["properties"], "excludes", "Word"),
    ):  # fmt: skip
        fields[name] = _narrow(fields[name], {"$ref": f"#/$defs/{word}"})
    shared["Word"] = {"enum": sorted({*commands, *types()})}
    definitions["Step"]["allOf"] = [
        *(_body("create", r.name, [r.commands["create"]], shared) for r in CREATABLE),
        *(_body("do", action, found, shared) for action, found in commands.items()),
    ]
    definitions |= shared


def _by_action() -> dict[str, list[type[Command]]]:
    found: dict[str, list[type[Command]]] = {}
    for resource in RESOURCES.values():
        for action, command in resource.commands.items():
            if action != "create":
                found.setdefault(action, []).append(command)
    return found


def _label(command: type[Command]) -> str:
    return f"{command.LABEL.de}, {command.LABEL.en}"


def _words(known: dict[str, str]) -> Schema:
    """These words, each with what it means for editors that show that."""
    return {"enum": sorted(known), "enumDescriptions": [known[word] for word in sorted(known)]}


def _narrow(field: Any, word: Schema) -> Any:
    """A field of the schema with a word in place of any text or number; parameters may stand there as before."""
    if isinstance(field, list):
        return [_narrow(one, word) for one in field]
    if not isinstance(field, dict):
        return field
    if field.get("type") in {"string", "integer"} and "pattern" not in field:
        return {**{key: value for key, value in field.items() if key != "type"}, **word}
    return {key: _narrow(value, word) if key in {"anyOf", "items"} else value for key, value in field.items()}


def _body(key: str, word: str, commands: list[type[Command]], shared: Schema) -> Schema:
    """`with` of the steps in which a word stands: the body of one of the commands."""
    bodies = [_loosen_command(command, shared) for command in commands]
    means = {"properties": {key: {"const": word}}, "required": [key], "not": _REFUSED_BODY}
    return {"if": means, "then": {"properties": {"with": bodies[0] if len(bodies) == 1 else {"anyOf": bodies}}}}


def _loosen_command(command: type[Command], shared: Schema) -> Schema:
    raw = deepcopy(command.model_json_schema(ref_template="#/$defs/{model}"))
    for name, definition in raw.pop("$defs", {}).items():
        shared[name] = _loosen(definition)
    return {key: value for key, value in _loosen(raw).items() if key != "description"}


def _loosen(schema: Any) -> Any:
    """Nothing is required, a parameter or a name may stand for any value, a name alone for a file."""
    if isinstance(schema, list):
        return [_loosen(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in {"title", "required", "examples"}}
    loose = {key: _loosen(value) for key, value in kept.items() if key not in {"properties", "default", "enum"}}
    loose |= {key: kept[key] for key in ("default", "enum") if key in kept}
    if str(kept.get("pattern", "")).startswith(("^[0-9a-f]{8}-", "^[0-9a-f]{64}$")):
        del loose["pattern"]
    if "items" in loose:
        loose["items"] = {"anyOf": [loose["items"], PARAMETER]}
    if "patternProperties" in loose:
        loose["additionalProperties"] = next(iter(loose.pop("patternProperties").values()))
    if "properties" in kept:
        loose["properties"] = {
            name: {"anyOf": [_loosen(inner), PARAMETER]} for name, inner in kept["properties"].items()
        }
    if {"sha256", "file_name"} <= set(kept.get("properties", {})):
        return {"anyOf": [loose, {"type": "string"}]}
    return loose
