"""Traces: what happened to one thing, in order, under the names that process mining gives to the parts of a log.

No titles, notes or files: what is analysed is who did what when. What was erased stays erased; of such an event only
what the log itself still says is known.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log

CATEGORIES = ("routing-slip", "record", "mail-folder", "scan-batch")
"""Streams that are cases of a process."""
NAMES_AT_ONCE = 250
TRANSITIONS = {
    "slip.station_activated": "schedule",
    "slip.station_opened": "start",
    "slip.station_done": "complete",
    "slip.station_delegated": "reassign",
    "slip.station_skipped": "manualskip",
    "slip.station_recalled": "withdraw",
}
"""Events of a station in the standard life cycle of XES; its kind is then the activity. All else is `complete`."""
INSTANCES = ("item", "case", "object_id")
"""Fields that say to which part of a thing something happened; of a slip it is the station."""
OTHER_NAMES = {
    "case": ("case:concept:name", "case_id", "case id"), "activity": ("concept:name",), "resource": ("org:resource",),
    "timestamp": ("time:timestamp", "time"), "transition": ("lifecycle:transition",),
    "instance": ("concept:instance",),
}  # fmt: skip
"""What other tools call the parts of an event."""
KEPT = ("authority", "unit", "record", "case", "owner", "protection", "centre", "route")
"""Fields of the first event that are attributes of the whole trace."""


class Step(NamedTuple):
    position: int
    event: str
    """Type of the event, as in the log and in the machine's table."""
    activity: str
    """Kind of a station, or the type of the event."""
    transition: str
    """`lifecycle:transition` of XES."""
    time: str
    resource: str
    on_behalf_of: str | None
    instance: str | None
    """Station, case or item."""
    result: str | None
    to: str | None
    """Whose turn it is, or to whom something was given."""


class Trace(NamedTuple):
    category: str
    case: str
    """Key of the stream."""
    attributes: dict[str, str]
    steps: list[Step]


def read_traces(log: Log, categories: Iterable[str] = CATEGORIES) -> Iterator[Trace]:
    """One trace after another, in the order of their keys; only one is held."""
    for category in categories:
        after = ""
        while names := log.streams(category, after=after, most=NAMES_AT_ONCE):
            for name in names:
                yield make_trace(name, log.read(name))
            after = names[-1].partition(":")[2]


def make_trace(stream: str, rows: Iterable[Recorded]) -> Trace:
    category, _, case = stream.partition(":")
    attributes: dict[str, str] = {}
    steps, stations = [], _Stations()
    for row in rows:
        payload: dict[str, Any] = json.loads(row.payload) if row.payload is not None else {}
        if row.version == 1:
            attributes = {name: value for name in KEPT if isinstance(value := payload.get(name), str)}
        if "route" in payload and "stations" in payload:
            attributes["route"] = describe_route(payload)
        stations.follow(payload)
        steps.append(_make_step(row, payload, stations))
    return Trace(category, case, attributes, steps)


def describe_route(payload: dict[str, Any]) -> str:
    """Kinds of station of a route as planned, in order, those side by side with `+` between them."""
    kinds = {plan["id"]: plan["kind"] for plan in payload["stations"]}

    def show(part: dict[str, Any]) -> str:
        if "station" in part:
            return str(kinds[part["station"]])
        inner = [show(one) for one in part["parts"]]
        return " ".join(inner) if part["order"] == "sequence" else "+".join(inner).replace(" ", "+")

    return show(payload["route"])


class _Stations:
    """Kind and addressee of the stations of a slip so far."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.actors: dict[str, str] = {}

    def follow(self, payload: dict[str, Any]) -> None:
        for plan in [*payload.get("stations", ()), *([payload["again"]] if "again" in payload else ())]:
            if isinstance(plan, dict) and "kind" in plan:
                self.kinds[plan["id"]], self.actors[plan["id"]] = plan["kind"], plan["actor"]
        if "station" in payload and "new" in payload:
            self.actors[payload["station"]] = payload["new"]


def _make_step(row: Recorded, payload: dict[str, Any], stations: _Stations) -> Step:
    names = ("station",) if row.stream.startswith("routing-slip:") else INSTANCES
    instance = next((payload[name] for name in names if payload.get(name) is not None), None)
    kind, transition = stations.kinds.get(instance or ""), TRANSITIONS.get(row.type)
    as_station = kind is not None and transition is not None
    return Step(
        row.position,
        row.type,
        kind if as_station and kind else row.type,
        transition if as_station and transition else "complete",
        row.time,
        row.actor,
        row.on_behalf_of or payload.get("on_behalf_of"),
        instance,
        payload.get("result"),
        stations.actors.get(instance or "") if as_station else payload.get("to"),
    )


def canonical(name: str) -> str:
    """A part of an event as it is called here."""
    name = name.strip().lower()
    return next((ours for ours, others in OTHER_NAMES.items() if name in others), name)


def make_foreign_step(number: int, given: Mapping[str, str]) -> Step:
    """A step of a log that others have written, with `activity` and `timestamp` at least."""
    found = {canonical(name): value for name, value in given.items()}
    return Step(
        number, found.get("event", ""), found["activity"], found.get("transition", "complete").lower(),
        found["timestamp"], found.get("resource", ""), found.get("on_behalf_of"), found.get("instance"),
        found.get("result"), found.get("to"),
    )  # fmt: skip
