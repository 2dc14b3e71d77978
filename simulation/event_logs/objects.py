"""What takes part in an event, and as what: the objects of OCEL 2.0 with their attributes and relations.

An object is what the log itself gives a key; everything else about it comes from the event in which it began. Titles,
notes and files are left out.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from simulation.event_logs.traces import describe_route
from workflow.engine.store.hash_chain import Recorded

OBJECT_TYPES: dict[str, tuple[str, ...]] = {
    "record": ("authority", "file_number", "file_plan_code", "protection"),
    "case": ("number",),
    "document": (),
    "routing_slip": ("authority", "protection", "refusal", "route"),
    "station": ("kind", "deadline"),
    "mail_folder": ("authority", "unit"),
    "mail_item": ("channel",),
    "scan_batch": ("authority", "centre", "purpose", "protection"),
    "scan_item": ("number",),
    "scan_centre": (),
    "file_plan": (),
    "person": (),
}
"""Type of object -> its attributes."""
STREAMS = {"record": "record", "routing-slip": "routing_slip", "mail-folder": "mail_folder", "scan-batch": "scan_batch",
           "staff": "person", "file-plan": "file_plan", "scan-centre": "scan_centre"}  # fmt: skip
"""Category of a stream -> what it is about; other streams are bookkeeping between these."""
FIELDS = {"record": "record", "case": "case", "document": "document", "slip": "routing_slip", "station": "station",
          "folder": "mail_folder", "batch": "scan_batch"}  # fmt: skip
PERSONS = {"by": "by", "to": "given to", "owner": "owner", "user": "concerned", "deputy": "deputy", "old": "before",
           "new": "after", "on_behalf_of": "on behalf of"}  # fmt: skip
"""Field that names a person -> in which part."""


class Participant(NamedTuple):
    type: str
    key: str

    @property
    def id(self) -> str:
        """As it is called in a file: keys are unique within a type."""
        return f"{self.type}:{self.key}"


class Part(NamedTuple):
    participant: Participant
    qualifier: str


class Beginning(NamedTuple):
    """An object that an event brings about."""

    participant: Participant
    attributes: dict[str, str]
    related: list[Part]


class Occurrence(NamedTuple):
    """An event with everything that takes part in it."""

    attributes: dict[str, str]
    parts: list[Part]
    beginnings: list[Beginning]


def describe(row: Recorded) -> Occurrence:
    payload: dict[str, Any] = json.loads(row.payload) if row.payload is not None else {}
    category, _, key = row.stream.partition(":")
    beginnings = list(_list_beginnings(row, category, key, payload))
    parts = {
        Part(Participant(STREAMS[category], key), "subject") if category in STREAMS else None,
        Part(Participant("person", row.actor), "actor"),
        Part(Participant("person", row.on_behalf_of), "on behalf of") if row.on_behalf_of else None,
        *(Part(one.participant, "begins") for one in beginnings),
        *_list_parts(row, category, key, payload),
    } - {None}
    attributes = {name: str(payload[name]) for name in ("result", "run") if isinstance(payload.get(name), str | int)}
    return Occurrence(attributes, sorted(part for part in parts if part is not None), beginnings)


def _list_parts(row: Recorded, category: str, key: str, payload: dict[str, Any]) -> Iterator[Part]:
    for name, kind in FIELDS.items():
        if isinstance(payload.get(name), str) and (STREAMS.get(category), payload[name]) != (kind, key):
            yield Part(Participant(kind, payload[name]), name)
    if isinstance(payload.get("item"), str):
        yield Part(_item(category, payload["item"]), "item")
    about = payload.get("object_id")
    if about is not None and category == "record" and about != key:
        yield Part(Participant("case", about), "case")
    for name, qualifier in PERSONS.items():
        if isinstance(payload.get(name), str) and not (name in {"old", "new"} and "delegated" not in row.type
                                                       and "handed_over" not in row.type):  # fmt: skip
            yield Part(Participant("person", payload[name]), qualifier)


def _list_beginnings(row: Recorded, category: str, key: str, payload: dict[str, Any]) -> Iterator[Beginning]:
    kind = STREAMS.get(category)
    if row.version == 1 and kind is not None:
        related = [Part(Participant(FIELDS[name], payload[name]), name) for name in ("record", "case")
                   if kind == "routing_slip" and payload.get(name)]  # fmt: skip
        given = {**payload, "route": describe_route(payload)} if row.type == "slip.created" and payload else payload
        yield Beginning(Participant(kind, key), _pick(kind, given), related)
    within = [Part(Participant(kind, key), "part of")] if kind is not None else []
    if row.type == "record.case_added" and payload:
        yield Beginning(Participant("case", payload["case"]), _pick("case", payload), within)
    elif row.type == "record.document_added" and payload:
        yield Beginning(
            Participant("document", payload["document"]), {}, [Part(Participant("case", payload["case"]), "part of")]
        )
    elif row.type in {"mail.item_received", "scan.item_received"} and payload:
        given = {**payload.get("incoming", {}), **payload}
        item = _item(category, payload["item"])
        yield Beginning(item, _pick(item.type, given), within)
    elif category == "routing-slip":
        for plan in [*payload.get("stations", ()), *([payload["again"]] if "again" in payload else ())]:
            addressee = Part(Participant("person", plan["actor"]), "addressee")
            yield Beginning(Participant("station", plan["id"]), _pick("station", plan), [*within, addressee])


def _item(category: str, key: str) -> Participant:
    return Participant("mail_item" if category == "mail-folder" else "scan_item", key)


def _pick(kind: str, given: dict[str, Any]) -> dict[str, str]:
    return {name: str(given[name]) for name in OBJECT_TYPES[kind] if given.get(name) is not None}
