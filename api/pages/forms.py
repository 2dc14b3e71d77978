"""Forms made of commands: one entry for each field, by its schema, and back from what was filled in to a body."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.application.resources.resource import Fields, Resource
from api.pages.labels import CHOICES, FIELDS, STATIONS, word
from api.pages.station_syntax import stations_of
from workflow.engine.commands import Command
from workflow.errors import InvalidCommand

Schema = Mapping[str, Any]
Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Field -> (value, what it is called): what there is to choose from in this very thing."""
LONG = 500
NUMBERED = frozenset({"station", "after"})
"""Fields that take the number of a station."""


@dataclass(frozen=True)
class Entry:
    """One field of a form."""

    name: str
    label: str
    kind: str
    """`text`, `long`, `number`, `date`, `instant`, `yes`, `choice`, `stations` or `json`."""
    required: bool
    value: str
    options: Sequence[tuple[str, str]] = ()

    @property
    def rare(self) -> bool:
        """Whether it stands behind the others, for those who need it."""
        return self.kind == "json" and not self.required


def entries(model: type[Command], choices: Choices, filled: Mapping[str, str], language: str) -> list[Entry]:
    """The entries of a command's form, those needed first; what was filled in before stands in them."""
    schema = _schema(model)
    required = set(schema.get("required", ()))
    found = [
        _entry(name, _resolved(part, schema), name in required, choices, filled, language)
        for name, part in schema.get("properties", {}).items()
    ]
    return sorted(found, key=lambda entry: (not entry.required, entry.kind != "stations"))


def body_of_form(model: type[Command], form: Mapping[str, str]) -> dict[str, object]:
    """The body that a filled-in form means; empty fields are left out."""
    schema = _schema(model)
    body: dict[str, object] = {}
    for name, part in schema.get("properties", {}).items():
        kind, text = _kind_of(name, _resolved(part, schema)), form.get(name, "").strip()
        if kind == "yes":
            if name in form:
                body[name] = True
        elif text:
            body[name] = _value(name, kind, text)
    return body


def _value(name: str, kind: str, text: str) -> object:
    if kind == "stations":
        return stations_of(text)
    if kind == "json":
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as wrong:
            raise InvalidCommand([(f"/{name}", "is no JSON")]) from wrong
    numeric = kind == "number" or name in NUMBERED
    return int(text) if numeric and text.isdecimal() and len(text) < 17 else text


def choices_of(resource: Resource, shown: Fields, user: str, language: str) -> Choices:
    """What a thing itself offers: its stations, cases, documents, items, holds; a person's own stations first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for station in shown.get("stations", ()) if resource.name == "routing-slip" else ():
        mine = station["actor"] == user and station["status"] == "active"
        label = f"{station['number']}: {word(STATIONS, station['kind'], language)}, {station['actor']}"
        entry = (str(station["number"]), label)
        found.setdefault("station", []).insert(0 if mine else len(found["station"]), entry)
        found.setdefault("after", []).append(entry)
    for case in shown.get("cases", ()):
        found.setdefault("case", []).append((case["id"], f"{case['number']} {case['title']}"))
        for document in case.get("documents", ()):
            found.setdefault("document", []).append((document["id"], f"{document['number']} {document['title']}"))
    for item in shown.get("items", ()):
        found.setdefault("item", []).append((item["id"], str(item.get("title") or item["id"])))
    for life in (shown, *shown.get("cases", ())):
        for name, many in (("hold", "holds"), ("resubmission", "resubmissions")):
            for one in life.get(many, ()):
                label = str(one.get("reason") or one.get("note") or one.get("due") or one["id"])
                found.setdefault(name, []).append((one["id"], label))
    return found


def _entry(
    name: str, schema: Schema, required: bool, choices: Choices, filled: Mapping[str, str], language: str
) -> Entry:
    label, kind = word(FIELDS, name, language), _kind_of(name, schema)
    value = filled.get(name, "on" if kind == "yes" and schema.get("default") else "")
    options: Sequence[tuple[str, str]] = ()
    if kind == "choice":
        options = [(option, word(CHOICES, option, language)) for option in schema["enum"]]
        value = value or str(schema.get("default") or "")
    elif choices.get(name) and kind in {"text", "number", "long"}:
        kind, options = "choice", choices[name]
        value = value or (options[0][0] if name == "station" or len(options) == 1 else "")
    return Entry(name, label, kind, required, value, options)


@cache
def _schema(model: type[Command]) -> Schema:
    return model.model_json_schema()


def _resolved(part: Schema, schema: Schema) -> Schema:
    """A property without its reference, and without the null that says that it may be left out."""
    if "$ref" in part:
        named: Schema = schema["$defs"][part["$ref"].rpartition("/")[2]]
        return {**named, **{key: value for key, value in part.items() if key != "$ref"}}
    kinds = [kind for kind in part.get("anyOf", ()) if kind.get("type") != "null"]
    if kinds:
        text = next((kind for kind in kinds if kind.get("type") in {"string", "integer"} or "$ref" in kind), kinds[0])
        return {**_resolved(text, schema), "default": part.get("default")}
    return part


def _kind_of(name: str, schema: Schema) -> str:
    return "stations" if name == "stations" else _kind(schema)


def _kind(schema: Schema) -> str:
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
