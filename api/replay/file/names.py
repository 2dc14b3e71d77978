"""What the names in a replay file refer to: resources, and parts of them such as cases, items, holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

from api.application.resources.resource import Resource
from workflow.text import Text, same


@dataclass(frozen=True)
class Target:
    """A resource, or a part of it: `parts` holds the part's own id last, before it those of what it lies in."""

    resource: str
    key: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_id(self) -> str:
        return list(self.parts.values())[-1] if self.parts else self.key

    def id_for(self, name: str) -> str:
        if name in self.parts:
            return self.parts[name]
        return self.key if name == self.resource.replace("-", "_") else self.own_id


class Creation(NamedTuple):
    """What an event creates that a step can name."""

    part: str
    resource: str
    path: tuple[str | int, ...]
    """Where its id stands in the event."""
    parent: str | None = None
    """Field of the event that names the case it lies in."""


CREATIONS: dict[str, Creation] = {
    "record.case_added": Creation("case", "record", ("case",)),
    "record.document_added": Creation("document", "record", ("document",), "case"),
    "record.resubmission_set": Creation("resubmission", "record", ("resubmission",), "object_id"),
    "record.hold_set": Creation("hold", "record", ("hold",), "object_id"),
    "record.offered": Creation("process", "record", ("process",)),
    "record.transferred": Creation("process", "record", ("process",)),
    "mail.item_received": Creation("item", "mail-folder", ("item",)),
    "slip.stations_inserted": Creation("station", "routing-slip", ("stations", 0, "id")),
    "scan.item_received": Creation("item", "scan-batch", ("item",)),
    "scan.defect_reported": Creation("defect", "scan-batch", ("defect",), "item"),
    "scan.hold_set": Creation("hold", "scan-batch", ("hold",), "item"),
    "staff.deputy_appointed": Creation("appointment", "staff", ("appointment",)),
}
"""Event type -> what it creates."""

NAMEABLE: dict[tuple[str, str], tuple[str, str]] = {
    ("record", "add_case"): ("record", "case"),
    ("record", "add_document"): ("record", "document"),
    ("record", "set_resubmission"): ("record", "resubmission"),
    ("record", "hold"): ("record", "hold"),
    ("record", "offer"): ("record", "process"),
    ("record", "transfer"): ("record", "process"),
    ("mail-folder", "receive"): ("mail-folder", "item"),
    ("mail-folder", "file"): ("record", "document"),
    ("scan-batch", "receive"): ("scan-batch", "item"),
    ("scan-batch", "deliver"): ("mail-folder", "item"),
    ("scan-batch", "report_defect"): ("scan-batch", "defect"),
    ("scan-batch", "hold"): ("scan-batch", "hold"),
    ("routing-slip", "insert"): ("routing-slip", "station"),
    ("staff", "appoint_deputy"): ("staff", "appointment"),
}
"""(resource, action) -> resource and part of what it creates."""


def find_created(wanted: tuple[str, str], events: Iterable[Mapping[str, Any]]) -> Target | None:
    """The first part of the wanted kind that events have created; each event as the feed shows it."""
    for event in events:
        birth = CREATIONS.get(event["type"])
        if birth is None or (birth.resource, birth.part) != wanted:
            continue
        data = event["data"]
        own = reduce(getitem, birth.path, data)
        resource, _, key = event["stream"].partition(":")
        parent = data.get(birth.parent) if birth.parent else None
        within_part = "item" if resource == "scan-batch" else "case"
        parts = {within_part: parent} if parent and parent != key else {}
        return Target(resource, key, {**parts, birth.part: own})
    return None


class NothingThere(LookupError):
    """`says` what there is instead."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


def get_at_path(shown: Any, path: Iterable[str]) -> Any:
    """What lies at a path of a representation; numbers count from 1. Raises `NothingThere` where nothing does."""
    for part in path:
        if isinstance(shown, list):
            number = int(part) if part.isdecimal() else 0
            if not 1 <= number <= len(shown):
                many = len(shown)
                raise NothingThere(Text(f"es gibt {many}, keine Nummer {part}", f"there are {many}, no number {part}"))
            shown = shown[number - 1]
        elif isinstance(shown, dict) and part in shown:
            shown = shown[part]
        else:
            known = same(", ".join(shown)) if isinstance(shown, dict) and shown else Text("nichts", "nothing")
            raise NothingThere(Text(f"kein `{part}`, es gibt {known.de}", f"no `{part}` here; there is {known.en}"))
    return shown


def find_part(shown: Any, own_id: str) -> Any | None:
    """The mapping with that `id` anywhere in a representation."""
    if isinstance(shown, dict):
        if shown.get("id") == own_id:
            return shown
        shown = shown.values()
    found = (find_part(inner, own_id) for inner in shown if isinstance(inner, dict | list))
    return next((one for one in found if one is not None), None)


def imply_fields(resource: Resource, target: Target | None, command: type[Any]) -> dict[str, str]:
    """What `on` already says: the case, item, document, hold meant, or the key of what is named by people."""
    if target is None:
        return {}
    said = dict(target.parts)
    if resource.key is not None:
        said[resource.key] = target.key
    return {name: value for name, value in said.items() if name in command.model_fields}
