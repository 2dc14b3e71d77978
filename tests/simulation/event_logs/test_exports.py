"""OCEL 2.0, XES and CSV of a log, judged by readers that know only the published formats and the log itself."""

import csv
import io
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from simulation.event_logs.ocel import write_json, write_sqlite
from simulation.event_logs.table import write_csv
from simulation.event_logs.traces import CATEGORIES, read_traces
from simulation.event_logs.xes import write_xes
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log
from workflow.routing_slips.machine import MACHINE, STATION

XES = "{http://www.xes-standard.org/}"


def listed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """JSON Schema of a list of objects with these fields and no others."""
    fields = {**required, **(optional or {})}
    one = {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}
    return {"type": "array", "items": one}


TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "format": "date-time"}
RELATIONS = listed({"objectId": TEXT, "qualifier": TEXT})
TYPES = listed({"name": TEXT, "attributes": listed({"name": TEXT, "type": {
    "enum": ["string", "time", "integer", "float", "boolean"]}})})  # fmt: skip
OCEL = {
    "type": "object",
    "properties": {
        "objectTypes": TYPES,
        "eventTypes": TYPES,
        "objects": listed({"id": TEXT, "type": TEXT}, {
            "attributes": listed({"name": TEXT, "time": TIME, "value": {"type": "string"}}),
            "relationships": RELATIONS}),
        "events": listed({"id": TEXT, "type": TEXT, "time": TIME}, {
            "attributes": listed({"name": TEXT, "value": {"type": "string"}}), "relationships": RELATIONS}),
    },
    "required": ["objectTypes", "eventTypes", "objects", "events"],
    "additionalProperties": False,
}  # fmt: skip
"""The standard's field lists (OCEL 2.0 Specification, section 7.3, JSON format)."""


@pytest.fixture(scope="module")
def ocel(log: Log) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(write_json(log.read_all())))
    return found


@pytest.fixture(scope="module")
def traces(log: Log) -> list[dict[str, Any]]:
    """As a reader of XES sees them that knows nothing but elements, keys and values."""
    root = ET.fromstring("".join(write_xes(read_traces(log))))  # noqa: S314 - our own
    assert root.tag == f"{XES}log"
    prefixes = {one.get("prefix") for one in root.iter(f"{XES}extension")}
    found = []
    for trace in root.iter(f"{XES}trace"):
        events = [_read(event) for event in trace.iter(f"{XES}event")]
        found.append({"attributes": _read(trace), "events": events})
    used = {key.partition(":")[0] for one in found for event in one["events"] for key in event if ":" in key}
    assert used <= prefixes
    return found


def _read(element: ET.Element) -> dict[str, Any]:
    return {str(one.get("key")): one.get("value") for one in element if one.get("key") is not None}


def cases(log: Log) -> dict[str, list[Recorded]]:
    found = defaultdict(list)
    for row in log.read_all():
        if row.stream.partition(":")[0] in CATEGORIES:
            found[row.stream].append(row)
    return found


def test_ocel_is_as_its_schema_says_and_every_name_is_declared_once(ocel: dict[str, Any]) -> None:
    jsonschema.validate(ocel, OCEL)
    objects, events = {one["id"]: one for one in ocel["objects"]}, {one["id"] for one in ocel["events"]}
    assert (len(objects), len(events)) == (len(ocel["objects"]), len(ocel["events"]))
    for kind, types in (("objects", "objectTypes"), ("events", "eventTypes")):
        declared = {one["name"]: {a["name"] for a in one["attributes"]} for one in ocel[types]}
        assert len(declared) == len(ocel[types])
        for one in ocel[kind]:
            assert {a["name"] for a in one["attributes"]} <= declared[one["type"]]
            related = [(r["objectId"], r["qualifier"]) for r in one["relationships"]]
            assert len(related) == len(set(related))
            assert {key for key, _ in related} <= set(objects)


def test_ocel_has_every_event_in_order_and_each_with_who_did_what_to_what(ocel: dict[str, Any], log: Log) -> None:
    rows, kinds = list(log.read_all()), {one["id"]: one["type"] for one in ocel["objects"]}
    assert [(one["type"], one["time"]) for one in ocel["events"]] == [(row.type, row.time) for row in rows]
    for one, row in zip(ocel["events"], rows, strict=True):
        parts = {(kinds[r["objectId"]], r["qualifier"]): r["objectId"] for r in one["relationships"]}
        assert parts["person", "actor"] == f"person:{row.actor}"
        category, _, key = row.stream.partition(":")
        if category in CATEGORIES:
            kind = category.replace("-", "_")
            assert parts[kind, "subject"] == f"{kind}:{key}"
        station = json.loads(row.payload or "{}").get("station")
        assert parts.get(("station", "station")) == (station and f"station:{station}")


def test_ocel_knows_what_belongs_to_what(ocel: dict[str, Any], log: Log) -> None:
    """A slip its record and case, a station its slip and addressee, as its first event says, if not erased."""
    found = {one["id"]: {(r["objectId"], r["qualifier"]) for r in one["relationships"]} for one in ocel["objects"]}
    attributes = {one["id"]: {a["name"]: a["value"] for a in one["attributes"]} for one in ocel["objects"]}
    for row in log.read_all():
        if row.type == "slip.created":
            slip, payload = row.stream.replace("routing-slip:", "routing_slip:"), json.loads(row.payload or "{}")
            named = {(f"{name}:{payload[name]}", name) for name in ("record", "case") if payload.get(name)}
            assert found[slip] == named
            assert payload or not attributes[slip]
            for plan in payload.get("stations", ()):
                station = f"station:{plan['id']}"
                assert {(slip, "part of"), (f"person:{plan['actor']}", "addressee")} <= found[station]
                assert attributes[station]["kind"] == plan["kind"]


def test_ocel_as_a_database_holds_the_same(ocel: dict[str, Any], log: Log, tmp_path: Path) -> None:
    write_sqlite(log.read_all(), tmp_path / "log.sqlite")
    database = sqlite3.connect(tmp_path / "log.sqlite")
    fetch = lambda query: database.execute(query).fetchall()  # noqa: E731
    assert fetch("PRAGMA foreign_key_check") == []
    assert fetch("SELECT * FROM event ORDER BY rowid") == [(one["id"], one["type"]) for one in ocel["events"]]
    for kind, column in (("event", "ocel_time"), ("object", "ocel_time")):
        for name, table in fetch(f"SELECT * FROM {kind}_map_type"):
            ours = [one for one in ocel[f"{kind}s"] if one["type"] == name]
            rows = fetch(f'SELECT ocel_id, {column} FROM "{kind}_{table}"')
            assert sorted(row[0] for row in rows) == sorted(one["id"] for one in ours)
            assert all(row[1] for row in rows)
    related = Counter(
        (one["id"], r["objectId"], r["qualifier"]) for one in ocel["events"] for r in one["relationships"]
    )
    assert Counter(fetch("SELECT * FROM event_object")) == related
    database.close()


def test_xes_and_csv_have_each_event_of_a_case_once_and_in_order(log: Log, traces: list[dict[str, Any]]) -> None:
    expected = cases(log)
    named = {f"{one['attributes']['category']}:{one['attributes']['concept:name']}": one for one in traces}
    assert set(named) == set(expected)
    table = csv.DictReader(io.StringIO("".join(write_csv(read_traces(log)))))
    in_table = defaultdict(list)
    for row in table:
        in_table[f"{row['category']}:{row['case']}"].append(row)
    for stream, rows in expected.items():
        told = [(str(row.position), row.type, row.actor, row.time) for row in rows]
        events = named[stream]["events"]
        assert [(e["position"], e["event"], e["org:resource"], e["time:timestamp"]) for e in events] == told
        lines = in_table[stream]
        assert [(e["position"], e["event"], e["resource"], e["timestamp"]) for e in lines] == told
        assert [e["activity"] for e in lines] == [e["concept:name"] for e in events]
        assert all(datetime.fromisoformat(e["time:timestamp"]).tzinfo for e in events)


def test_a_station_is_scheduled_then_started_then_complete(traces: list[dict[str, Any]]) -> None:
    order = {"schedule": 0, "start": 1, "reassign": 1, "withdraw": 2, "manualskip": 2, "complete": 3}
    for trace in traces:
        stations = defaultdict(list)
        for event in trace["events"]:
            if event["concept:name"] in {"co_sign", "final_sign", "approve", "comment", "acknowledge", "dispatch"}:
                stations[event["concept:instance"]].append(event["lifecycle:transition"])
        for passed in stations.values():
            runs = "".join(str(order[one]) for one in passed)
            assert re.fullmatch("(0?1*[23]?)+", runs), passed


def fitness(traces: Iterable[dict[str, Any]]) -> float:
    """Token replay of the net whose places are the machine's states and whose transitions are its rows: 1.0 where
    nothing is missing. Events of several rows put a token wherever one of them leads.
    """
    alphabet = {row.event for row in (*MACHINE.table, *STATION.table)}
    consumed = missing = 0
    for trace in traces:
        tokens = {MACHINE.initial}
        assert trace["events"][0]["event"] == "slip.created"
        for event in trace["events"][1:]:
            assert event["event"] in alphabet | {"log.payloads_erased"}
            rows = [row for row in MACHINE.table if row.event == event["event"]]
            if rows:
                consumed += 1
                reached = {row.target for row in rows if row.source in tokens}
                missing += not reached
                tokens = reached or {row.target for row in rows}
    return 1 - missing / consumed


def test_traces_fit_the_machine_and_disturbed_ones_do_not(traces: list[dict[str, Any]]) -> None:
    slips = [one for one in traces if one["attributes"]["category"] == "routing-slip"]
    if not slips:
        pytest.skip("no routing slip in this log")
    assert fitness(slips) == 1.0
    slips = [one for one in slips if "slip.completed" in {event["event"] for event in one["events"]}]
    turned = [{**one, "events": [one["events"][0], *reversed(one["events"][1:])]} for one in slips]
    assert not turned or fitness(turned) < 0.9


def test_no_title_note_file_or_secret_is_exported(log: Log, ocel: dict[str, Any], traces: list[dict[str, Any]]) -> None:
    told = json.dumps(ocel, ensure_ascii=False) + json.dumps(traces, ensure_ascii=False)
    found = set()
    for row in log.read_all():
        payload = json.loads(row.payload or "{}")
        found |= {str(payload[name]) for name in ("title", "note", "reason", "secret") if payload.get(name)}
    assert found
    assert not [one for one in found if len(one) > 12 and one in told]
