"""Reading OCEL 2.0 (JSON): the objects that events are about become cases."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pydantic import BaseModel, Field, ValidationError

from simulation.event_logs.traces import CATEGORIES, INSTANCES, TRANSITIONS, Step, Trace, make_foreign_step
from simulation.inputs import foreign_words
from simulation.inputs.validator_words import explain
from simulation.inputs.yaml_file import pointer_part
from workflow.text import Text

Describe = Callable[[Text, int, int], Exception]
"""The exception for what is wrong, with line and column."""


class Attribute(BaseModel):
    name: str
    value: str | int | float | bool


class Relation(BaseModel):
    object_id: str = Field(alias="objectId")
    qualifier: str


class LogObject(BaseModel):
    id: str
    type: str
    attributes: list[Attribute] = []
    relationships: list[Relation] = []

    def list_attributes(self) -> dict[str, str]:
        return {one.name: str(one.value) for one in self.attributes}


class LogEvent(LogObject):
    time: str


class Document(BaseModel):
    objects: list[LogObject]
    events: list[LogEvent]


class _Part(NamedTuple):
    about: LogObject
    qualifier: str


def read_ocel(text: str, describe: Describe) -> Iterator[Trace]:
    """Every trace; raises what `describe` makes of the first fault."""
    try:
        document = Document.model_validate(json.loads(text))
    except json.JSONDecodeError as wrong:
        says = foreign_words.translate(wrong.msg, foreign_words.JSON)
        raise describe(says, wrong.lineno, wrong.colno) from wrong
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        raise describe(_differs(first["loc"], explain(first)), 1, 1) from wrong
    except (ValueError, RecursionError) as wrong:  # a number of too many digits, or nested too deep
        says = Text("kein JSON, das sich lesen lässt", f"no JSON that can be read: {wrong}")
        raise describe(says, 1, 1) from wrong
    objects = {one.id: one for one in document.objects}
    events = []
    for number, event in enumerate(document.events):
        for place, relation in enumerate(event.relationships):
            if relation.object_id not in objects:
                name = f"{relation.object_id!r:.60}"
                says = Text(f"ein Objekt {name} gibt es nicht", f"there is no object {name}")
                raise describe(_differs(("events", number, "relationships", place, "objectId"), says), 1, 1)
        events.append((event, [_Part(objects[one.object_id], one.qualifier) for one in event.relationships]))
    yield from _group(objects, sorted(events, key=lambda found: found[0].time))


def _differs(place: tuple[int | str, ...], why: Text) -> Text:
    where = _to_pointer(place)
    return Text(f"nicht, wie OCEL 2.0 es hat: {where}: {why.de}", f"not as OCEL 2.0 has it: {where}: {why.en}")


def _to_pointer(place: tuple[int | str, ...]) -> str:
    return "".join(f"/{pointer_part(str(part))}" for part in place)


def _group(objects: dict[str, LogObject], events: list[tuple[LogEvent, list[_Part]]]) -> Iterator[Trace]:
    """Events by what they are about; in a log that does not say so, by the objects of the type that most take part."""
    ours = {name.replace("-", "_") for name in CATEGORIES}
    says = any(qualifier == "subject" for _, parts in events for _, qualifier in parts)
    most = Counter(about.type for _, parts in events for about, _ in parts if about.type != "person")
    chosen = ours if says else {most.most_common(1)[0][0]} if most else set()
    cases: dict[str, list[Step]] = defaultdict(list)
    for event, parts in events:
        for about, qualifier in parts:
            if about.type in chosen and (qualifier == "subject" or not says):
                cases[about.id].append(_make_step(len(cases[about.id]) + 1, event, parts))
    for key, steps in cases.items():
        about = objects[key]
        attributes = about.list_attributes()
        for related in about.relationships:
            attributes[related.qualifier] = related.object_id.partition(":")[2] or related.object_id
        if says:
            attributes["category"] = about.type.replace("_", "-")
        yield Trace(attributes.get("category", ""), _get_key(about), attributes, steps)


def _get_key(about: LogObject) -> str:
    return about.id.removeprefix(f"{about.type}:")


def _make_step(number: int, event: LogEvent, parts: list[_Part]) -> Step:
    by_part = {qualifier: about for about, qualifier in parts}
    station, transition = by_part.get("station"), TRANSITIONS.get(event.type)
    kind = station.list_attributes().get("kind") if station else None
    given = {"activity": event.type, "event": event.type, "timestamp": event.time}
    instance = next((by_part[name] for name in ("station", *INSTANCES) if name in by_part), None)
    if instance:
        given["instance"] = _get_key(instance)
    persons = [about.id for about, _ in parts if about.type in {"person", "resource", "Resource"}]
    given["resource"] = persons[0] if persons else ""
    given |= event.list_attributes()
    if kind and transition:
        given |= {"activity": kind, "transition": transition}
    for name, qualifier in (("resource", "actor"), ("on_behalf_of", "on behalf of"), ("to", "given to")):
        if qualifier in by_part:
            given[name] = by_part[qualifier].id.removeprefix("person:")
    return make_foreign_step(number, given)
