"""The history of a thing as sentences: what happened, to which part of it, and what was said."""

from collections.abc import Mapping
from typing import Any

from api.pages.base.event_text import describe_event
from api.pages.base.labels import FIELDS, LEVELS, RESULTS, STATIONS, label
from workflow.engine.machine import Machine

SAID = ("note", "reason")
"""Fields in which somebody said why, or more."""
TO = {"slip.station_delegated": "new", "slip.handed_over": "new", "mail.item_assigned": "to", "slip.escalated": "to"}
"""Event -> its field that names somebody."""
HIDDEN = frozenset({"slip.station_activated"})
"""What the route itself shows."""


def tell(
    machine: Machine[Any] | None, event: Mapping[str, Any], parts: Mapping[str, str], language: str
) -> str:  # fmt: skip
    """An event as a sentence; `parts` names stations, cases, documents and items by their ids."""
    data: Mapping[str, Any] = event.get("data") or {}
    what = _name_event(machine, event, data, language)
    about = [parts[str(data[name])] for name in ("station", "document", "case", "object_id", "item")
             if str(data.get(name)) in parts]  # fmt: skip
    text = f"{what[:1].upper()}{what[1:]}"
    if event["type"] in TO and data.get(TO[event["type"]]):
        text += f" {'an' if language == 'de' else 'to'} {data[TO[event['type']]]}"
    if event["type"] == "record.changed":
        text += f": {_describe_changes(data, language)}"
    elif about or data.get("title"):
        text += f": {about[0] if about else data['title']}"
    said = next((str(data[name]) for name in SAID if isinstance(data.get(name), str) and data[name].strip()), "")
    return f"{text} – „{said}“" if said and language == "de" else f"{text} – “{said}”" if said else text


def _name_event(machine: Machine[Any] | None, event: Mapping[str, Any], data: Mapping[str, Any], language: str) -> str:
    if event["type"] == "slip.station_done" and data.get("reservation"):
        return f"{label(RESULTS, str(data['result']), language)} {label(FIELDS, 'reservation', language)}"
    return describe_event(machine, event, language)


def _describe_changes(data: Mapping[str, Any], language: str) -> str:
    told = []
    for change in data.get("changes", ()):
        old, new = (label(LEVELS, change[end], language) if change["field"] == "protection" else change[end]
                    for end in ("old", "new"))  # fmt: skip
        told.append(f"{label(FIELDS, change['field'], language)} {old or '–'} → {new or '–'}")
    return "; ".join(told)


def name_parts(resource: Mapping[str, Any], language: str) -> dict[str, str]:
    """Id of a part -> what people call it."""
    found: dict[str, str] = {}
    for run in (*resource.get("past_runs", ()), resource.get("stations", ())):
        found |= {one["id"]: f"{label(STATIONS, str(one['kind']), language)} {one['actor']}" for one in run}
    for case in resource.get("cases", ()):
        found[case["id"]] = f"{case['number']} {case['title']}".strip()
        found |= {one["id"]: f"{one['number']} {one['title']}" for one in case.get("documents", ())}
    found |= {one["id"]: str(one["title"]) for one in resource.get("items", ()) if one.get("title")}
    return found
