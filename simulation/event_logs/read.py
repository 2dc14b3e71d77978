"""Reading an event log of any of the formats: our own JSON Lines, OCEL 2.0 (JSON), XES or CSV. A fault is named with
its place.
"""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from simulation.event_logs.traces import CATEGORIES, INSTANCES, TRANSITIONS, Step, Trace, make_trace
from simulation.inputs.faults import Fault, Place, UnusableInput
from workflow.engine.store.hash_chain import Recorded

OTHER_NAMES = {
    "case": ("case:concept:name", "case_id", "case id"), "activity": ("concept:name",), "resource": ("org:resource",),
    "timestamp": ("time:timestamp", "time"), "transition": ("lifecycle:transition",),
    "instance": ("concept:instance",),
}  # fmt: skip
"""What other tools call the columns."""


class EventLog(NamedTuple):
    traces: list[Trace]
    sha256: str
    """Of the file."""
    form: str


def read_event_log(path: Path) -> EventLog:
    """Every trace of a file; raises `UnusableInput`."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as wrong:  # a name that is too long or holds NUL too
        raise _fault(path, 1, f"cannot be read: {getattr(wrong, 'strerror', None) or wrong}") from wrong
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise _fault(path, 1, f"byte {wrong.start} is no UTF-8") from wrong
    form, read = _recognise(text)
    try:
        traces = list(read(path, text))
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError, csv.Error) as wrong:
        raise _fault(path, 1, f"not as {form} has it: {wrong!r:.200}") from wrong
    if not traces:
        raise _fault(path, 1, "no case is in this log")
    for trace in traces:
        _check(path, trace)
    return EventLog(traces, sha256(content).hexdigest(), form)


def _check(path: Path, trace: Trace) -> None:
    """Raise `UnusableInput` where a value is no text: JSON has other kinds, and what follows reads texts."""
    for step in trace.steps:
        for name, value in step._asdict().items():
            optional = name in {"on_behalf_of", "instance", "result", "to"}
            if name != "position" and not isinstance(value, str) and not (optional and value is None):
                wrong = f"case {str(trace.case)[:60]!r}, event {step.position}: {name} is no text"
                raise _fault(path, 1, f"{wrong}: {value!r:.60}")


def _recognise(text: str) -> tuple[str, Any]:
    start = text.lstrip()[:1]
    if start == "<":
        return "XES", _read_xes
    if start == "{":
        first = text.lstrip().partition("\n")[0]
        return ("JSON Lines", _read_lines) if '"payload_digest"' in first else ("OCEL 2.0", _read_ocel)
    return "CSV", _read_csv


def _read_lines(path: Path, text: str) -> Iterator[Trace]:
    streams: dict[str, list[Recorded]] = defaultdict(list)
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = Recorded(**json.loads(line))
        except (ValueError, TypeError) as wrong:
            raise _fault(path, number, f"no event as `eva log export` writes it: {wrong}") from wrong
        if row.stream.partition(":")[0] in CATEGORIES:
            streams[row.stream].append(row)
    for stream, rows in streams.items():
        yield make_trace(stream, rows)


def _read_xes(path: Path, text: str) -> Iterator[Trace]:
    try:
        root = ET.fromstring(text)  # noqa: S314 - expat expands no external entities and bounds internal ones
    except ET.ParseError as wrong:
        raise _fault(path, wrong.position[0], f"no XML: {wrong}", wrong.position[1] + 1) from wrong
    for number, trace in enumerate((one for one in root if _name(one) == "trace"), 1):
        attributes = _read_attributes(trace)
        steps: list[Step] = []
        for event in (one for one in trace if _name(one) == "event"):
            given = {key: value for key, value in _read_attributes(event).items() if value}
            if "concept:name" not in given or "time:timestamp" not in given:
                raise _fault(path, 1, f"trace {number} has an event without concept:name or time:timestamp")
            steps.append(_make_step(len(steps) + 1, given))
        yield _make(attributes.get("concept:name", str(number)), attributes, steps)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _read_attributes(element: ET.Element) -> dict[str, str]:
    return {str(one.get("key")): str(one.get("value", "")) for one in element if one.get("key") is not None}


def _read_csv(path: Path, text: str) -> Iterator[Trace]:
    lines = csv.DictReader(io.StringIO(text, newline=""))
    names = {_canonical(name): name for name in lines.fieldnames or ()}
    missing = [name for name in ("case", "activity", "timestamp") if name not in names]
    if missing:
        raise _fault(path, 1, f"no column {', '.join(missing)}", "a CSV file with case, activity, timestamp")
    cases: dict[tuple[str, str], tuple[dict[str, str], list[Step]]] = {}
    for row in lines:
        given = {name: row[column] for name, column in names.items() if row[column]}
        if not {"case", "activity", "timestamp"} <= set(given):
            raise _fault(path, lines.line_num, "a row without case, activity or timestamp")
        attributes = {name.removeprefix("case_"): value for name, value in given.items() if name.startswith("case_")}
        attributes |= {"category": given["category"]} if "category" in given else {}
        _, steps = cases.setdefault((attributes.get("category", ""), given["case"]), (attributes, []))
        steps.append(_make_step(len(steps) + 1, given))
    for (_, case), (attributes, steps) in cases.items():
        yield _make(case, attributes, sorted(steps, key=lambda step: step.time) if steps[0].event == "" else steps)


def _canonical(name: str) -> str:
    name = name.strip().lower()
    return next((ours for ours, others in OTHER_NAMES.items() if name in others), name)


def _read_ocel(path: Path, text: str) -> Iterator[Trace]:
    try:
        document = json.loads(text)
        objects = {one["id"]: one for one in document["objects"]}
        events = [
            (one, [(objects[r["objectId"]], r["qualifier"]) for r in one.get("relationships", ())])
            for one in document["events"]
        ]
        events.sort(key=lambda found: found[0]["time"])
        yield from _group(objects, events)
    except json.JSONDecodeError as wrong:
        raise _fault(path, wrong.lineno, wrong.msg, wrong.colno) from wrong
    except (KeyError, TypeError, AttributeError) as wrong:
        raise _fault(path, 1, f"not as OCEL 2.0 has it: {wrong!r}") from wrong


def _group(objects: dict[str, Any], events: list[tuple[Any, list[tuple[Any, str]]]]) -> Iterator[Trace]:
    """Events by what they are about; in a log that does not say so, by the objects of the type that most take part."""
    ours = {name.replace("-", "_") for name in CATEGORIES}
    says = any(qualifier == "subject" for _, parts in events for _, qualifier in parts)
    most = Counter(other["type"] for _, parts in events for other, _ in parts if other["type"] != "person")
    chosen = ours if says else {most.most_common(1)[0][0]} if most else set()
    cases: dict[str, list[Step]] = defaultdict(list)
    for event, parts in events:
        for other, qualifier in parts:
            if other["type"] in chosen and (qualifier == "subject" or not says):
                cases[other["id"]].append(_make_ocel_step(len(cases[other["id"]]) + 1, event, parts))
    for key, steps in cases.items():
        one = objects[key]
        attributes = {part["name"]: str(part["value"]) for part in one.get("attributes", ())}
        for related in one.get("relationships", ()):
            attributes[related["qualifier"]] = related["objectId"].partition(":")[2] or related["objectId"]
        if says:
            attributes["category"] = one["type"].replace("_", "-")
        yield _make(key.removeprefix(f"{one['type']}:"), attributes, steps)


def _make_ocel_step(number: int, event: Any, parts: list[tuple[Any, str]]) -> Step:
    by_part = {qualifier: other for other, qualifier in parts}
    station = by_part.get("station")
    kind = next((a["value"] for a in station.get("attributes", ()) if a["name"] == "kind"), None) if station else None
    given = {a["name"]: str(a["value"]) for a in event.get("attributes", ())}
    transition = TRANSITIONS.get(event["type"])
    if kind and transition:
        given |= {"activity": kind, "transition": transition}
    part = next(
        (
            by_part[name]["id"].removeprefix(f"{by_part[name]['type']}:")
            for name in ("station", *INSTANCES)
            if name in by_part
        ),
        None,
    )
    for name, qualifier in (("resource", "actor"), ("on_behalf_of", "on behalf of"), ("to", "given to")):
        if qualifier in by_part:
            given[name] = by_part[qualifier]["id"].removeprefix("person:")
    persons = [other["id"] for other, _ in parts if other["type"] in {"person", "resource", "Resource"}]
    given.setdefault("resource", persons[0] if persons else "")
    return _make_step(number, {"activity": event["type"], "event": event["type"], "timestamp": event["time"],
                               **({"instance": part} if part else {}), **given})  # fmt: skip


def _make_step(number: int, given: dict[str, str]) -> Step:
    found = {_canonical(name): value for name, value in given.items()}
    return Step(
        number, found.get("event", ""), found["activity"], found.get("transition", "complete").lower(),
        found["timestamp"], found.get("resource", ""), found.get("on_behalf_of"), found.get("instance"),
        found.get("result"), found.get("to"),
    )  # fmt: skip


def _make(case: str, attributes: dict[str, str], steps: list[Step]) -> Trace:
    return Trace(attributes.get("category", ""), case, attributes, steps)


def _fault(path: Path, line: int, wrong: str, expected: str | int = "") -> UnusableInput:
    column = expected if isinstance(expected, int) else 1
    return UnusableInput([Fault(Place(str(path), line, column), wrong, expected if isinstance(expected, str) else "")])
