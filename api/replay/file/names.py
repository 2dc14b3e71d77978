"""What the names of a replay file stand for: things, and parts of things such as cases, items, holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Thing:
    """A resource, or a part of it: `parts` holds the part's own id last, before it those of what it lies in."""

    resource: str
    key: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_id(self) -> str:
        """Id of the part, or of the resource."""
        return list(self.parts.values())[-1] if self.parts else self.key

    @property
    def part(self) -> str | None:
        """What kind of part it is."""
        return list(self.parts)[-1] if self.parts else None

    def id_for(self, name: str) -> str:
        """The id that a field of that name asks for."""
        if name in self.parts:
            return self.parts[name]
        return self.key if name == self.resource.replace("-", "_") else self.own_id


class Birth(NamedTuple):
    """What an event brings forth that can be named."""

    part: str
    resource: str
    path: tuple[str | int, ...]
    """Where its id stands in the event."""
    home: str | None = None
    """Field of the event that names the case it lies in."""


BIRTHS: dict[str, Birth] = {
    "record.case_added": Birth("case", "record", ("case",)),
    "record.document_added": Birth("document", "record", ("document",), "case"),
    "record.resubmission_set": Birth("resubmission", "record", ("resubmission",), "object_id"),
    "record.hold_set": Birth("hold", "record", ("hold",), "object_id"),
    "record.offered": Birth("process", "record", ("process",)),
    "record.transferred": Birth("process", "record", ("process",)),
    "mail.item_received": Birth("item", "mail-folder", ("item",)),
    "slip.stations_inserted": Birth("station", "routing-slip", ("stations", 0, "id")),
    "scan.item_received": Birth("item", "scan-batch", ("item",)),
    "scan.defect_reported": Birth("defect", "scan-batch", ("defect",), "item"),
    "scan.hold_set": Birth("hold", "scan-batch", ("hold",), "item"),
    "staff.deputy_appointed": Birth("appointment", "staff", ("appointment",)),
}
"""Event type -> what it brings forth."""

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
"""(resource, action) -> resource and part of what it brings forth."""

HELD: dict[str, str] = {"case": "cases", "item": "items", "station": "stations", "document": "documents"}
"""Part -> the list that holds it in the representation of its thing."""


def born(wanted: tuple[str, str], events: Iterable[Mapping[str, Any]]) -> Thing | None:
    """The first part of the wanted kind that events have brought forth; each event as the feed shows it."""
    for event in events:
        birth = BIRTHS.get(event["type"])
        if birth is None or (birth.resource, birth.part) != wanted:
            continue
        data = event["data"]
        own: Any = data
        for step in birth.path:
            own = own[step]
        resource, _, key = event["stream"].partition(":")
        home = data.get(birth.home) if birth.home else None
        within_part = "item" if resource == "scan-batch" else "case"
        parts = {within_part: home} if home and home != key else {}
        return Thing(resource, key, {**parts, birth.part: own})
    return None


def within(shown: Any, path: Iterable[str]) -> Any:
    """What lies at a path of a representation; numbers count from 1. Raises `LookupError` where nothing does."""
    for part in path:
        if isinstance(shown, list):
            number = int(part) if part.isdigit() else 0
            if not 1 <= number <= len(shown):
                raise LookupError(f"there are {len(shown)}, no number {part}")
            shown = shown[number - 1]
        elif isinstance(shown, dict) and part in shown:
            shown = shown[part]
        else:
            known = ", ".join(shown) if isinstance(shown, dict) else "nothing"
            raise LookupError(f"no `{part}` here; there is {known}")
    return shown


def find_part(shown: Any, own_id: str) -> Any | None:
    """The mapping with that `id` anywhere in a representation."""
    if isinstance(shown, dict):
        if shown.get("id") == own_id:
            return shown
        found = (find_part(inner, own_id) for inner in shown.values() if isinstance(inner, dict | list))
        return next((one for one in found if one is not None), None)
    found = (find_part(inner, own_id) for inner in shown if isinstance(inner, dict | list))
    return next((one for one in found if one is not None), None)
