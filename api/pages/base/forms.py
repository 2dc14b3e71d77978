"""Forms generated from commands: one entry per field of the JSON Schema, and the filled-in form parsed into a body."""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from api.pages.base.labels import CHOICES, FIELDS, STATIONS, label
from workflow.engine.commands import Command
from workflow.errors import InvalidCommand
from workflow.text import Text

Schema = Mapping[str, Any]
Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Field -> (value, label): what this resource offers to choose from."""
LONG = 500
PERSONS = frozenset({"to", "deputy"})
"""Fields that name a person, who can be found by the beginning of their name."""
CLIENT = "client"
"""Field that says by which client somebody acts: of these pages always the one for the web."""
NUMBERED = frozenset({"station", "after"})
"""Fields that take the number of a station."""


@dataclass(frozen=True)
class Entry:
    name: str
    label: str
    kind: str
    """`text`, `long`, `person`, `number`, `date`, `instant`, `yes`, `choice` or `json`."""
    required: bool
    value: str
    options: Sequence[tuple[str, str]] = ()

    @property
    def rare(self) -> bool:
        """Whether the page folds it away: optional JSON."""
        return self.kind == "json" and not self.required


def build_entries(
    model: type[Command], choices: Choices, filled: Mapping[str, str], language: str, made: Container[str] = ()
) -> list[Entry]:
    """The entries of a command's form, required ones first, with the values that were filled in before.

    Nobody is asked for the fields `made` by the server.
    """
    schema = _schema(model)
    required = set(schema.get("required", ()))
    found = [
        _entry(name, _resolved(part, schema), name in required, choices, filled, language)
        for name, part in schema.get("properties", {}).items()
        if name not in made and name != CLIENT
    ]
    return sorted(found, key=lambda entry: not entry.required)


def parse_form(model: type[Command], form: Mapping[str, str]) -> dict[str, object]:
    """The request body of a filled-in form; empty fields are left out. Raises `InvalidCommand`."""
    schema = _schema(model)
    body: dict[str, object] = {}
    for name, part in schema.get("properties", {}).items():
        if name == CLIENT:
            body[name] = "web"
            continue
        kind, text = _kind(name, _resolved(part, schema)), form.get(name, "").strip()
        if kind == "yes":
            if name in form:
                body[name] = True
        elif text:
            body[name] = _value(name, kind, text)
    return body


def _value(name: str, kind: str, text: str) -> object:
    if kind == "json":
        return parse_json(name, text)
    numeric = kind == "number" or name in NUMBERED
    return int(text) if numeric and text.isdecimal() and len(text) < 17 else text


def parse_json(field: str, text: str) -> object:
    """The value of a field; raises `InvalidCommand`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise InvalidCommand([(f"/{field}", Text("ist kein JSON", "is no JSON"))]) from wrong


def collect_choices(resource: Resource, shown: Fields, user: str, language: str) -> Choices:
    """Stations, cases, documents, items and holds of a resource as choices; the person's own stations first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for station in shown.get("stations", ()) if resource.name == "routing-slip" else ():
        mine = station["actor"] == user and station["status"] == "active"
        number = str(station["number"])
        entry = (number, f"{number}: {label(STATIONS, station['kind'], language)}, {station['actor']}")
        found.setdefault("station", []).insert(0 if mine else len(found["station"]), entry)
        found.setdefault("after", []).append(entry)
    for case in shown.get("cases", ()):
        found.setdefault("case", []).append((case["id"], f"{case['number']} {case['title']}"))
        for document in case.get("documents", ()):
            found.setdefault("document", []).append((document["id"], f"{document['number']} {document['title']}"))
    for item in shown.get("items", ()):
        title = item.get("title") or getattr(item.get("new"), "title", "") or item["id"]
        found.setdefault("item", []).append((item["id"], str(title)))
    for life in (shown, *shown.get("cases", ())):
        for name, many in (("hold", "holds"), ("resubmission", "resubmissions")):
            for one in life.get(many, ()):
                text = str(one.get("reason") or one.get("note") or one.get("due") or one["id"])
                found.setdefault(name, []).append((one["id"], text))
    return found


def _entry(
    name: str, schema: Schema, required: bool, choices: Choices, filled: Mapping[str, str], language: str
) -> Entry:
    kind = _kind(name, schema)
    value = filled.get(name, "on" if kind == "yes" and schema.get("default") else "")
    options: Sequence[tuple[str, str]] = ()
    if kind == "choice":
        options = [(option, label(CHOICES, option, language)) for option in schema["enum"]]
        value = value or str(schema.get("default") or "")
    elif choices.get(name) and kind in {"text", "number", "long"}:
        kind, options = "choice", choices[name]
        value = value or (options[0][0] if name == "station" or len(options) == 1 else "")
    return Entry(name, label(FIELDS, name, language), kind, required, value, options)


@cache
def _schema(model: type[Command]) -> Schema:
    return model.model_json_schema()


def _resolved(part: Schema, schema: Schema) -> Schema:
    """A property with its `$ref` resolved and without the alternative `null`."""
    if "$ref" in part:
        named: Schema = schema["$defs"][part["$ref"].rpartition("/")[2]]
        return {**named, **{key: value for key, value in part.items() if key != "$ref"}}
    kinds = [kind for kind in part.get("anyOf", ()) if kind.get("type") != "null"]
    if kinds:
        text = next((kind for kind in kinds if kind.get("type") in {"string", "integer"} or "$ref" in kind), kinds[0])
        return {**_resolved(text, schema), "default": part.get("default")}
    return part


def _kind(name: str, schema: Schema) -> str:
    if name in PERSONS:
        return "person"
    if "enum" in schema:
        return "choice"
    match schema.get("type"), schema.get("format"):
        case "boolean", _:
            return "yes"
        case "integer", _:
            return "number"
        case "string", "date":
            return "date"
        case "string", "date-time":
            return "instant"
        case "string", _:
            return "long" if schema.get("maxLength", 0) > LONG else "text"
    return "json"
