"""Forms generated from commands, what is parsed back from them, and fields of their own kinds."""

from typing import Any

import pytest

from api.application.resources import RESOURCES
from api.pages.base.forms import CLIENT, Entry, build_entries, collect_choices, parse_form
from workflow.errors import InvalidCommand

SLIP, RECORD = RESOURCES["routing-slip"], RESOURCES["record"]
COMMANDS = [
    pytest.param(command, id=f"{resource.name} {action}")
    for resource in RESOURCES.values()
    for action, command in resource.commands.items()
]
STATION = {"id": "s1", "number": 1, "kind": "co_sign", "actor": "schmidt", "status": "active"}


def entries(command, choices=None, filled=None, language="en") -> dict[str, Entry]:
    return {entry.name: entry for entry in build_entries(command, choices or {}, filled or {}, language)}


def said_by_the_pages(command: Any) -> dict[str, str]:
    """By which client somebody acts, where a command takes it: nobody is asked."""
    return {CLIENT: "web"} if CLIENT in command.model_json_schema().get("properties", {}) else {}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_form_with_a_label_for_each_field(command: Any) -> None:
    for language in ("de", "en"):
        found = build_entries(command, {}, {}, language)
        assert {entry.name for entry in found} == set(command.model_json_schema().get("properties", {})) - {CLIENT}
        assert all(entry.label and "_" not in entry.label for entry in found)
        required = [entry.required for entry in found]
        assert required == sorted(required, reverse=True), "required fields come first"
        assert all(entry.options for entry in found if entry.kind == "choice")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_form_is_a_body_without_fields(command: Any) -> None:
    blank = {name: "  " for name, entry in entries(command).items() if entry.kind != "yes"}
    assert parse_form(command, {}) == parse_form(command, blank) == said_by_the_pages(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_was_filled_in_stands_in_the_form_again(command: Any) -> None:
    filled = {name: f"<{name}>" for name in command.model_json_schema().get("properties", {})}
    for entry in build_entries(command, {}, filled, "de"):
        assert entry.value == f"<{entry.name}>"


@pytest.mark.parametrize(
    ("action", "field", "text", "value"),
    [
        ("sign", "station", " 2 ", 2),
        ("sign", "station", "abc", "abc"),
        ("sign", "note", "  ein Vermerk ", "ein Vermerk"),
        ("insert", "after", "3", 3),
        ("insert", "after", "9" * 20, "9" * 20),
        (
            "insert",
            "stations",
            '[{"kind": "acknowledge", "actor": "klein"}]',
            [{"kind": "acknowledge", "actor": "klein"}],
        ),
    ],
)
def test_values_of_a_form_get_the_type_of_their_field(action: str, field: str, text: str, value: object) -> None:
    assert parse_form(SLIP.commands[action], {field: text})[field] == value


def test_a_check_box_is_true_where_it_was_sent_and_left_out_otherwise() -> None:
    command = next(c for c in SLIP.commands.values() if any(e.kind == "yes" for e in build_entries(c, {}, {}, "en")))
    name = next(entry.name for entry in build_entries(command, {}, {}, "en") if entry.kind == "yes")
    assert parse_form(command, {name: "on"}) == {name: True}
    assert parse_form(command, {}) == {}


def test_json_fields_that_hold_no_json_are_refused_by_name() -> None:
    for resource in RESOURCES.values():
        for command in resource.commands.values():
            for entry in build_entries(command, {}, {}, "en"):
                if entry.kind == "json":
                    with pytest.raises(InvalidCommand) as refused:
                        parse_form(command, {entry.name: "{not json"})
                    assert list(refused.value.faults) == [(f"/{entry.name}", "is no JSON")]
                    body = {entry.name: {"a": [1]}, **said_by_the_pages(command)}
                    assert parse_form(command, {entry.name: '{"a": [1]}'}) == body
                    assert entry.rare is not entry.required


def test_a_deep_json_field_is_refused_and_not_followed() -> None:
    command, name = next(
        (command, entry.name)
        for command in RECORD.commands.values()
        for entry in build_entries(command, {}, {}, "en")
        if entry.kind == "json"
    )
    with pytest.raises(InvalidCommand):
        parse_form(command, {name: "[" * 100_000})


def test_stations_of_a_slip_are_choices_and_ones_own_active_station_comes_first() -> None:
    other = {**STATION, "id": "s2", "number": 2, "actor": "weber", "status": "planned"}
    choices = collect_choices(SLIP, {"stations": [other, STATION]}, "schmidt", "de")
    assert choices["station"] == [("1", "1: Mitzeichnung, schmidt"), ("2", "2: Mitzeichnung, weber")]
    assert [value for value, _ in choices["after"]] == ["2", "1"]
    station = entries(SLIP.commands["sign"], choices)["station"]
    assert (station.kind, station.value) == ("choice", "1")
    assert "station" not in collect_choices(RECORD, {"stations": [STATION]}, "schmidt", "de")


def test_cases_documents_holds_and_resubmissions_of_a_record_are_choices() -> None:
    case = {
        "id": "c1", "number": "001", "title": "Vorgang", "documents": [{"id": "d1", "number": "1", "title": "Brief"}],
        "holds": [{"id": "h1", "reason": "Klage"}], "resubmissions": [{"id": "w1", "due": "2021-07-01"}],
    }  # fmt: skip
    choices = collect_choices(RECORD, {"cases": [case], "holds": [{"id": "h0"}]}, "mueller", "de")
    assert choices["case"] == [("c1", "001 Vorgang")]
    assert choices["document"] == [("d1", "1 Brief")]
    assert choices["hold"] == [("h0", "h0"), ("h1", "Klage")]
    assert choices["resubmission"] == [("w1", "2021-07-01")]
    only = entries(RECORD.commands["release_hold"], {"hold": [("h1", "Klage")]})["hold"]
    assert (only.kind, only.value) == ("choice", "h1"), "the only one is chosen already"


@pytest.mark.parametrize(
    ("resource", "action", "field"), [(SLIP, "forward", "to"), (RESOURCES["staff"], "appoint_deputy", "deputy")]
)
def test_who_is_named_can_be_searched_for(resource: Any, action: str, field: str) -> None:
    assert entries(resource.commands[action])[field].kind == "person"


def test_items_without_a_title_are_chosen_by_id() -> None:
    items = [{"id": "i1", "title": None}, {"id": "i2", "title": "Brief"}]
    found = collect_choices(RESOURCES["mail-folder"], {"items": items}, "x", "en")
    assert found["item"] == [("i1", "i1"), ("i2", "Brief")]
