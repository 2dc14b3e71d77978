"""Who and what takes part in an event, from single events written by hand."""

import json
from typing import Any

import pytest

from simulation.event_logs.objects import OBJECT_TYPES, Occurrence, Participant, describe
from workflow.engine.store.hash_chain import Recorded

SLIP = {
    "slip": "s1", "authority": "mwide", "title": "Geheim", "note": "vertraulich", "owner": "anna", "record": "r1",
    "case": "c1", "protection": "high", "refusal": "wait", "documents": [],
    "route": {"order": "sequence", "parts": [{"station": "a"}, {"order": "parallel", "parts": [
        {"station": "b"}, {"station": "c"}]}]},
    "stations": [
        {"id": "a", "kind": "co_sign", "actor": "bert", "deadline": "2021-06-10", "instruction": "bald"},
        {"id": "b", "kind": "comment", "actor": "cora", "deadline": None, "instruction": ""},
        {"id": "c", "kind": "final_sign", "actor": "dora", "deadline": None, "instruction": ""},
    ],
}  # fmt: skip


def record(stream: str, kind: str, payload: dict[str, Any] | None, version: int = 2, **more: Any) -> Recorded:
    fields = {
        "position": 7, "stream": stream, "version": version, "type": kind, "schema_version": 1,
        "time": "2021-06-01T06:00:00.000000Z", "actor": "anna", "on_behalf_of": None, "command_id": "k",
        "command_digest": "d", "ordinal": 0, "payload": None if payload is None else json.dumps(payload),
        "salt": None, "payload_digest": "p", "hash": "h", **more,
    }  # fmt: skip
    return Recorded(**fields)


def parts(found: Occurrence) -> set[tuple[str, str]]:
    return {(part.participant.id, part.qualifier) for part in found.parts}


def begun(found: Occurrence) -> dict[str, dict[str, str]]:
    return {one.participant.id: one.attributes for one in found.beginnings}


def test_a_slip_begins_with_its_stations_and_belongs_to_record_and_case() -> None:
    found = describe(record("routing-slip:s1", "slip.created", SLIP, 1))
    assert begun(found) == {
        "routing_slip:s1": {
            "authority": "mwide", "protection": "high", "refusal": "wait", "route": "co_sign comment+final_sign",
        },
        "station:a": {"kind": "co_sign", "deadline": "2021-06-10"},
        "station:b": {"kind": "comment"},
        "station:c": {"kind": "final_sign"},
    }  # fmt: skip
    related = {one.participant.id: [(r.participant.id, r.qualifier) for r in one.related] for one in found.beginnings}
    assert related["routing_slip:s1"] == [("record:r1", "record"), ("case:c1", "case")]
    assert related["station:a"] == [("routing_slip:s1", "part of"), ("person:bert", "addressee")]
    assert {("person:anna", "actor"), ("person:anna", "owner"), ("routing_slip:s1", "subject")} <= parts(found)
    assert ("record:r1", "record") in parts(found)


def test_who_acts_for_whom_is_told_once_each() -> None:
    done = {"station": "a", "result": "signed", "by": "egon", "on_behalf_of": "bert", "note": "nein"}
    found = describe(record("routing-slip:s1", "slip.station_done", done, actor="egon", on_behalf_of="bert"))
    assert parts(found) == {
        ("routing_slip:s1", "subject"), ("person:egon", "actor"), ("person:egon", "by"), ("station:a", "station"),
        ("person:bert", "on behalf of"),
    }  # fmt: skip
    assert found.attributes == {"result": "signed"}
    assert found.beginnings == []


def test_a_station_put_in_begins_when_it_is_put_in() -> None:
    inserted = {"after": "a", "stations": [{"id": "d", "kind": "comment", "actor": "fritz"}], "parts": [], "by": "bert"}
    found = describe(record("routing-slip:s1", "slip.stations_inserted", inserted))
    assert begun(found) == {"station:d": {"kind": "comment"}}
    assert ("station:d", "begins") in parts(found)
    again = {"station": "a", "again": {"id": "e", "kind": "co_sign", "actor": "bert"}, "waiting": []}
    found = describe(record("routing-slip:s1", "slip.station_recalled", again))
    assert begun(found) == {"station:e": {"kind": "co_sign"}}
    assert {("station:a", "station"), ("station:e", "begins")} <= parts(found)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("slip.station_delegated", {"station": "a", "old": "bert", "new": "cora", "reason": "x"},
         {("person:bert", "before"), ("person:cora", "after")}),
        ("slip.handed_over", {"old": "anna", "new": "gerd", "by": "anna", "reason": "x"},
         {("person:anna", "before"), ("person:gerd", "after"), ("person:anna", "by")}),
        ("slip.protection_raised", {"old": "normal", "new": "high", "reason": "x"}, set()),
        ("slip.escalated", {"station": "a", "to": "dora"}, {("person:dora", "given to"), ("station:a", "station")}),
    ],
)  # fmt: skip
def test_old_and_new_are_persons_only_where_persons_change(
    kind: str, payload: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    found = parts(describe(record("routing-slip:s1", kind, payload)))
    assert expected <= found
    named = {key for key, _ in found if key.startswith("person:")}
    assert named == {"person:anna"} | {key for key, _ in expected if key.startswith("person:")}


def test_a_case_is_part_of_its_record_and_a_document_of_its_case() -> None:
    added = {"case": "c1", "number": "43-1-001", "title": "Vorgang"}
    found = describe(record("record:r1", "record.case_added", added))
    assert begun(found) == {"case:c1": {"number": "43-1-001"}}
    assert {("record:r1", "subject"), ("case:c1", "case"), ("case:c1", "begins")} <= parts(found)
    filed = {"case": "c1", "document": "d1", "number": "1", "title": "Brief"}
    (document,) = describe(record("record:r1", "record.document_added", filed)).beginnings
    assert document.related == [(Participant("case", "c1"), "part of")]
    closed = parts(describe(record("record:r1", "record.closed", {"object_id": "c1", "on": "2021-06-01"})))
    assert ("case:c1", "case") in closed
    whole = parts(describe(record("record:r1", "record.closed", {"object_id": "r1", "on": "2021-06-01"})))
    assert not {key for key, _ in whole if key.startswith("case:")}


@pytest.mark.parametrize(
    ("stream", "kind", "payload", "expected"),
    [
        ("mail-folder:f", "mail.item_received", {"item": "i", "incoming": {"title": "T", "channel": "portal"}},
         {"mail_item:i": {"channel": "portal"}}),
        ("scan-batch:b", "scan.item_received", {"item": "i", "number": 3, "new": {}}, {"scan_item:i": {"number": "3"}}),
    ],
)  # fmt: skip
def test_items_are_of_mail_or_of_a_batch(
    stream: str, kind: str, payload: dict[str, Any], expected: dict[str, dict[str, str]]
) -> None:
    found = describe(record(stream, kind, payload))
    assert begun(found) == expected
    (key,) = expected
    assert (key, "item") in parts(found)


@pytest.mark.parametrize("stream", ["routing-slip:s1", "record:r1", "mail-folder:f1", "scan-batch:b1"])
def test_of_an_erased_event_only_stream_and_actor_are_left(stream: str) -> None:
    found = describe(record(stream, "slip.created", None, 1))
    category, _, key = stream.partition(":")
    kind = category.replace("-", "_")
    assert begun(found) == {f"{kind}:{key}": {}}
    assert parts(found) == {(f"{kind}:{key}", "subject"), (f"{kind}:{key}", "begins"), ("person:anna", "actor")}
    assert found.attributes == {}


def test_bookkeeping_between_streams_names_what_it_connects() -> None:
    drafted = {"record": "r1", "case": "c1", "slip": "s1"}
    found = describe(record("record-slips:r1", "record_slips.drafted", drafted, 1))
    assert found.beginnings == []
    assert parts(found) == {
        ("record:r1", "record"), ("case:c1", "case"), ("routing_slip:s1", "slip"), ("person:anna", "actor"),
    }  # fmt: skip


def test_no_attribute_of_an_object_is_free_text() -> None:
    free = {"title", "note", "reason", "instruction", "file_name", "sender", "reference"}
    assert not free & {name for names in OBJECT_TYPES.values() for name in names}
