"""From what a tester writes to what the API takes: names, hashes, parameters, and what a scan centre would make."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application.resources import RESOURCES
from api.replay.file import bodies, scan_stand_ins
from api.replay.file.names import CREATIONS, NAMEABLE, find_created
from api.replay.file.parameters import bind, wrap
from api.replay.recorder.naming import Names
from simulation.inputs.faults import Fault, Place
from simulation.inputs.yaml_file import Node
from workflow.engine.commands import parse

PLACE = Place("f.yaml", 3, 7)
ID = "12345678-1234-5678-9abc-123456789abc"
SHA = hashlib.sha256(b"brief.pdf").hexdigest()
RECORD, SLIP, BATCH = RESOURCES["record"], RESOURCES["routing-slip"], RESOURCES["scan-batch"]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab $", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def resolve(field: str, name: str) -> str:
    return f"{field}={name}"


def test_names_become_ids_where_the_command_asks_for_one() -> None:
    sent = bodies.build_body(RECORD.commands["work"], {"case": "vorgang", "note": "vorgang"}, resolve)
    assert sent == {"case": "case=vorgang", "note": "vorgang"}
    assert bodies.build_body(RECORD.commands["work"], {"case": ID}, resolve) == {"case": ID}


def test_a_file_by_its_name_becomes_name_and_hash() -> None:
    command = RECORD.commands["add_document"]
    sent = bodies.build_body(command, {"title": "Brief", "file": "brief.pdf"}, resolve)
    assert sent["file"] == {"sha256": SHA, "file_name": "brief.pdf"}
    assert sent["title"] == "Brief"


def test_what_the_command_does_not_know_is_sent_as_it_is() -> None:
    assert bodies.build_body(RECORD.commands["work"], {"colour": ["red", {"a": 1}]}, resolve) == {
        "colour": ["red", {"a": 1}]
    }


def test_days_are_sent_as_iso_8601() -> None:
    sent = bodies.build_body(
        RECORD.commands["set_resubmission"], {"due": datetime(2021, 7, 1, tzinfo=UTC).date()}, resolve
    )
    assert sent == {"due": "2021-07-01"}


@given(st.uuids())
def test_an_id_is_an_id(value: Any) -> None:
    assert bodies.is_id(str(value))
    assert not bodies.is_id(f"{value} ")
    assert not bodies.is_id(str(value).upper()) or str(value).upper() == str(value)


@given(PLAIN)
def test_plain_data_survives_as_nodes_at_one_place(value: Any) -> None:
    node = wrap(PLACE, value)
    assert node.plain() == value
    assert node.place == PLACE
    assert bind(node, {}, set(), []).plain() == value


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("${n}", 7),
        ("${liste}", [1, 2]),
        ("Nr. ${n}", "Nr. 7"),
        ("${n}${n}", "77"),
        ("$n {n}", "$n {n}"),
        ("a ${wort} b", "a gut b"),
    ],
)
def test_a_parameter_alone_keeps_its_type_and_within_a_text_is_text(text: str, bound: Any) -> None:
    used: set[str] = set()
    faults: list[Fault] = []
    assert bind(Node(PLACE, text), {"n": 7, "liste": [1, 2], "wort": "gut"}, used, faults).plain() == bound
    assert not faults
    assert used <= {"n", "liste", "wort"}


def test_an_unknown_parameter_is_a_fault_with_those_that_are_known() -> None:
    faults: list[Fault] = []
    bind(wrap(PLACE, {"a": ["x ${m}"]}), {"n": 1}, set(), faults)
    assert [str(fault) for fault in faults] == ["f.yaml:3:7: `${m}` is no parameter here; one of n"]
    faults.clear()
    bind(wrap(PLACE, "${m}"), {}, set(), faults)
    assert str(faults[0]).endswith("; one of none")


NOW = datetime(2021, 6, 1, 6, tzinfo=UTC)
ITEM = {"id": ID, "number": 1, "sheets": 2, "scans": []}


@pytest.mark.parametrize("action", ["rework", "scan", "seal", "verify"])
def test_what_a_step_leaves_unsaid_makes_a_valid_command(action: str) -> None:
    written = {"item": ID, **({"reason": "schief"} if action == "rework" else {})}
    completed = scan_stand_ins.complete_body(action, written, ITEM, NOW)
    command = BATCH.commands[action]
    body = bodies.build_body(command, completed, resolve)
    missing = {name for name, field in command.model_fields.items() if field.is_required()} - set(body)
    assert not missing
    if action in {"scan", "rework"}:
        parse(command, body)


def test_a_scan_has_as_many_pages_as_the_item_has_sheets_unless_it_says_so() -> None:
    raw = scan_stand_ins.complete_body("scan", {}, ITEM, NOW)["raw"]
    assert (raw["pages"], raw["file_name"], raw["media_type"]) == (2, "scan-1.pdf", "application/pdf")
    assert scan_stand_ins.complete_body("scan", {"raw": {"pages": 9}}, ITEM, NOW)["raw"]["pages"] == 9
    named = scan_stand_ins.complete_body("scan", {"raw": "brief.pdf"}, ITEM, NOW)["raw"]
    assert named["file_name"] == "brief.pdf"
    again = scan_stand_ins.complete_body("scan", {"raw": "brief.pdf"}, {**ITEM, "id": "other"}, NOW)["raw"]
    assert named["sha256"] == again["sha256"], "the same file scanned twice is the same file"


def test_two_products_of_one_scan_differ_and_what_is_written_wins() -> None:
    first = scan_stand_ins.complete_body("seal", {}, ITEM, NOW, 1)
    second = scan_stand_ins.complete_body("seal", {"product": {"pages": 3}}, ITEM, NOW, 2)
    assert first["product"]["sha256"] != second["product"]["sha256"]
    assert second["product"]["pages"] == 3
    assert second["stored"]["sha256"] == second["product"]["sha256"]
    assert set(second["product"]) == set(first["product"])


@pytest.mark.parametrize("wanted", sorted(set(NAMEABLE.values())), ids="-".join)
def test_every_part_that_can_be_named_is_created_by_some_event(wanted: tuple[str, str]) -> None:
    resource, part = wanted
    assert any((one.resource, one.part) == wanted for one in CREATIONS.values()), f"{resource} {part}"


def test_only_actions_that_exist_create_something() -> None:
    for resource, action in NAMEABLE:
        assert action in RESOURCES[resource].commands


def test_the_created_part_is_found_with_the_part_that_contains_it() -> None:
    events = [
        {"type": "record.worked", "stream": "record:r1", "data": {}},
        {"type": "record.case_added", "stream": "record:r1", "data": {"case": "c1"}},
    ]
    found = find_created(("record", "case"), events)
    assert found is not None
    assert (found.key, found.own_id, found.parts) == ("r1", "c1", {"case": "c1"})
    assert find_created(("record", "document"), events) is None
    assert find_created(("record", "case"), []) is None


def test_recorded_ids_get_short_names_by_kind() -> None:
    names = Names()
    assert [names.give("record", "a"), names.give("record", "b"), names.give("unicorn", "c")] == [
        "akte",
        "akte2",
        "objekt",
    ]
    assert names.get("a") == "akte"
    assert names.get("unknown") == "unknown"
    assert names.used == {"akte"}


def test_parts_of_a_recorded_resource_are_named_by_their_number() -> None:
    names = Names()
    names.give("routing-slip", "slip")
    names.number_parts({"id": "slip", "stations": [{"id": "s1"}, {"id": "s2"}]})
    assert (names.get("s1"), names.get("s2")) == ("mappe/1", "mappe/2")
    names.number_parts({"id": "slip", "stations": [{"id": "s0"}, {"id": "s1"}]})
    assert (names.get("s0"), names.get("s1")) == ("mappe/1", "mappe/2"), "a station that was inserted moves the others"
    names.number_parts({"id": "other", "stations": [{"id": "x"}]})
    assert names.get("x") == "x", "the parts of a resource without a name have none"


def test_a_recorded_body_has_names_for_ids_as_values_and_keys() -> None:
    names = Names()
    names.give("record", ID)
    assert names.replace_ids({"record": ID, "list": [ID, "text"], ID: 1, "n": 2}) == {
        "record": "akte", "list": ["akte", "text"], "akte": 1, "n": 2,
    }  # fmt: skip
