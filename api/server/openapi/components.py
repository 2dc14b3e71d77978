"""The named schemas of the description, so that a client made of it has types with names that stay.

Of a resource `routing-slip`: `RoutingSlip`, `RoutingSlipRow`, `RoutingSlipPage`, `RoutingSlipChanged` (what a change
answers), and the body of each action, `RoutingSlipSign`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from api.application.answers import EventRepresentation, OptionRepresentation, ProblemRepresentation
from api.application.resources.representation import NAMED
from api.application.resources.resource import Resource

Schema = dict[str, Any]
Schemas = dict[str, Schema]
REF = "#/components/schemas/{model}"
SUFFIX = "Representation"
NEXT = {"type": ["string", "null"], "description": "the `cursor` of the next page; null after the last"}
COMMON = (ProblemRepresentation, EventRepresentation, OptionRepresentation)
PROBLEM, EVENT, OPTION = (kind.__name__.removesuffix(SUFFIX) for kind in COMMON)
HISTORY, ACTIONS = "History", "Actions"


def ref(name: str) -> Schema:
    return {"$ref": REF.format(model=name)}


class Names:
    """What the schemas of a resource are called."""

    def __init__(self, resource: Resource) -> None:
        self.whole = resource.representation.__name__.removesuffix(SUFFIX)
        self.row = resource.row.__name__ if resource.row is not None else self.whole
        self.page, self.changed = f"{self.whole}Page", f"{self.whole}Changed"
        self.unseen = f"{self.whole}Unseen"
        self.bulk = f"{self.whole}BulkResults"

    def body(self, action: str) -> str:
        return self.whole + "".join(word.capitalize() for word in action.split("_"))


def collect_schemas(resources: Sequence[Resource]) -> Schemas:
    """All schemas of resources, and those that all of them use."""
    defs, found = _read(resources)
    parts = {schema["$ref"].rpartition("/")[2] for (_, part), schema in found.items() if part not in {"", "row"}}
    schemas = {name: schema for name, schema in defs.items() if name not in parts}
    for resource in resources:
        schemas |= _describe(resource, defs, found)
    schemas[HISTORY] = _object("Events, oldest first.", {"events": _array(EVENT), "next": NEXT})
    schemas[ACTIONS] = _object("Every action.", {"actions": _array(OPTION)})
    return schemas


def _read(resources: Sequence[Resource]) -> tuple[Schemas, dict[tuple[str, str], Schema]]:
    adapters: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        ((kind.__name__, ""), "serialization", TypeAdapter(kind)) for kind in COMMON
    ]
    for resource in resources:
        adapters += [
            ((resource.name, f"do:{action}"), "validation", TypeAdapter(model))
            for action, model in resource.commands.items()
        ]
        adapters.append(((resource.name, "whole"), "serialization", TypeAdapter(resource.representation)))
        if resource.row is not None:
            adapters.append(((resource.name, "row"), "serialization", TypeAdapter(resource.row)))
    found, rest = TypeAdapter.json_schemas(adapters, ref_template=REF)
    return rest["$defs"], {key: schema for (key, _), schema in found.items()}


def _describe(resource: Resource, defs: Schemas, found: dict[tuple[str, str], Schema]) -> Schemas:
    names = Names(resource)
    shown = defs[resource.representation.__name__]
    head = {
        "kind": {"type": "string", "const": resource.name}, "id": {"type": "string"}, "version": {"type": "integer"},
    }  # fmt: skip
    whole = _object(shown.get("description", ""), {**head, **shown["properties"]})
    changed = _object("As it is now, and what has happened.", {**whole["properties"], "events": _array(EVENT)})
    schemas = {
        names.bulk: _describe_bulk(resource, names),
        names.whole: whole,
        names.changed: changed,
        names.page: _object("A page of a list.", {"items": _array(names.row), "next": NEXT}),
    }
    if resource.unseen:
        bare = {name: shown["properties"].get(name, head.get(name)) for name in ("kind", "id", "version", "state")}
        seen = {"events": {**_array(EVENT), "maxItems": 0}}
        schemas[names.unseen] = _object("To whom may not know of it: its state.", bare | seen)
    for action in resource.commands:
        command = defs[found[resource.name, f"do:{action}"]["$ref"].rpartition("/")[2]]
        schemas[names.body(action)] = _body(resource, action, command)
    return schemas


def _describe_bulk(resource: Resource, names: Names) -> Schema:
    """What became of each of many changes."""
    changed = [ref(name) for name in (names.changed, *((names.unseen,) if resource.unseen else ()))]
    result = _object(
        "What became of one change.",
        {
            "key": {"type": "string"}, "status": {"type": "integer"}, "id": {"type": ["string", "null"]},
            "replayed": {"type": "boolean"}, "resource": {"anyOf": [*changed, {"type": "null"}]},
            "problem": {"anyOf": [ref(PROBLEM), {"type": "null"}]},
        },
    )  # fmt: skip
    return _object("Results in the order of the items.", {"results": {"type": "array", "items": result}})


def _body(resource: Resource, action: str, command: Schema) -> Schema:
    """The body of an action: the command, without what the path says or the server makes itself."""
    unwanted = set(resource.evidence.get(action, ()))
    if resource.key is not None and action != resource.creates:
        unwanted.add(resource.key)
    kept = {name: one for name, one in command.get("properties", {}).items() if name not in unwanted}
    needed = [name for name in command.get("required", []) if name not in unwanted]
    return {**command, "properties": kept, "required": needed}


def _object(description: str, properties: Schema) -> Schema:
    return {"type": "object", "description": description, "required": list(properties), "properties": properties}


def _array(name: str) -> Schema:
    return {"type": "array", "items": ref(name)}


def tidy(document: Schema) -> None:
    """Give every schema that an operation answers or takes a name, and drop those that nothing refers to."""
    schemas: Schemas = document["components"]["schemas"]
    for content in _contents(document):
        schema = content.get("schema", {})
        if "title" in schema and "$ref" not in schema and schema.get("type") != "string":
            name = schema["title"].removeprefix("Response ").replace(" ", "")
            schemas[name] = schema
            content["schema"] = ref(name)
    _lift(document, schemas)
    _rename(document, {name: name.removesuffix(SUFFIX) for name in schemas})
    used = set(_references({key: part for key, part in document.items() if key != "components"}))
    used |= set(_references(document["components"]["responses"]))
    waiting = list(used)
    while waiting:
        new = set(_references(schemas[waiting.pop()])) - used
        used |= new
        waiting += new
    document["components"]["schemas"] = {name: {**schemas[name], "title": name} for name in sorted(used)}


def _contents(document: Schema) -> Iterator[Schema]:
    """What is sent, by media type, of every request and every answer."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for part in (operation.get("requestBody", {}), *operation.get("responses", {}).values()):
                yield from part.get("content", {}).values()


def _lift(part: Any, schemas: Schemas) -> None:
    """Move definitions and named enumerations from where they stand to the components."""
    for one in list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else ():
        _lift(one, schemas)
        if isinstance(one, dict):
            for name, schema in one.pop("$defs", {}).items():
                schemas.setdefault(name, schema)
            if name := one.get(NAMED):
                schemas[name] = {"type": one["type"], "enum": one["enum"]}
                one.clear()
                one.update(ref(name))


def _rename(document: Schema, names: dict[str, str]) -> None:
    schemas: Schemas = document["components"]["schemas"]
    for name in [name for name, new in names.items() if name != new]:
        if names[name] in schemas:
            raise ValueError(f"two schemas would be called {names[name]}")
        schemas[names[name]] = schemas.pop(name)

    def follow(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                start, _, name = part["$ref"].rpartition("/")
                part["$ref"] = f"{start}/{names.get(name, name)}"
            for one in part.values():
                follow(one)
        elif isinstance(part, list):
            for one in part:
                follow(one)

    follow(document)


def _references(part: Any) -> Iterator[str]:
    """Names of the schemas that are referred to, directly."""
    if isinstance(part, dict):
        target = part.get("$ref")
        if isinstance(target, str) and target.startswith(REF.format(model="")):
            yield target.rpartition("/")[2]
        for one in part.values():
            yield from _references(one)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)
