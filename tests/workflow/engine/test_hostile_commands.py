"""Whatever comes in as a command: a fault with its place, never another error, and nothing stored."""

from typing import Any

import pytest

from tests.workflow.conftest import PEOPLE, Office
from workflow.engine.commands import parse
from workflow.errors import InvalidCommand
from workflow.file_plan import file_plan
from workflow.mail_folders.actions import COMMANDS as MAIL
from workflow.organisation.staff import actions as staff
from workflow.organisation.staff.actions import AppointDeputy
from workflow.records.actions import COMMANDS as RECORD
from workflow.records.closing_actions import SetResubmission
from workflow.records.work_actions import CreateRecord
from workflow.routing_slips import templates
from workflow.routing_slips.create import CreateSlip
from workflow.routing_slips.machine import COMMANDS as SLIP

MODELS = [
    *RECORD.values(), *SLIP.values(), *MAIL.values(), file_plan.ImportFilePlan, staff.Register,
    staff.Leave, staff.AppointDeputy, staff.RevokeDeputy, templates.SaveTemplate, templates.RemoveTemplate,
]  # fmt: skip
TITLES = [
    ('"a\\ud800b"', "lone surrogate"), ('"a\\u0000b"', "NUL"), ('"a\\u0007b"', "bell"), ('""', "empty"),
    ('"   "', "blank"), ("17", "number"), ("true", "bool"), ("null", "null"), ("[]", "list"), ("{}", "object"),
    ("NaN", "NaN"), ("Infinity", "infinity"), ("1e400", "too big"), ("1" * 400, "400 digits"),
    ('"' + "x" * 501 + '"', "501 characters"), ("[" * 900 + "]" * 900, "deep"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "_what"), TITLES, ids=[what for _, what in TITLES])
def test_a_hostile_title_is_refused_with_its_place(value: str, _what: str) -> None:
    for model, rest in ((CreateRecord, '"file_plan_code": "1"'), (CreateSlip, '"template": "x"')):
        with pytest.raises(InvalidCommand) as no:
            parse(model, f'{{"title": {value}, {rest}}}')
        assert no.value.faults[0][0] in {"/title", ""}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_command_refuses_what_is_extra_or_no_object(model: Any) -> None:
    for text in (
        '{"is_admin": true}',
        "[]",
        "null",
        '"x"',
        "17",
        "",
        "{",
        "[" * 100_000,
        '{"a": ' * 900 + "1" + "}" * 900,
    ):
        with pytest.raises(InvalidCommand):
            parse(model, text)


def test_numbers_and_flags_are_not_guessed_from_other_types() -> None:
    item = {"sha256": "ab" * 32, "file_name": "a.pdf"}
    base = {"case": "00000000-0000-4000-8000-000000000000", "title": "x"}
    for wrong in (
        {"size": "1"},
        {"size": 1.5},
        {"size": -1},
        {"size": 2**53},
        {"size": 10**400},
        {"sha256": "AB" * 32},
    ):
        with pytest.raises(InvalidCommand) as no:
            parse(RECORD["add_document"], {**base, "file": {**item, **wrong}})
        assert no.value.faults[0][0] == f"/file/{next(iter(wrong))}"
    with pytest.raises(InvalidCommand, match="/final"):
        parse(RECORD["add_document"], {**base, "file": item, "final": 1})


def test_a_duplicate_key_is_refused() -> None:
    with pytest.raises(InvalidCommand, match="twice"):
        parse(CreateRecord, '{"title": "a", "title": "b", "file_plan_code": "1"}')


def test_times_need_their_zone_and_days_their_reason() -> None:
    span = {"user": "a", "deputy": "b", "since": "2021-06-01T08:00:00", "until": "2021-06-02T08:00:00+02:00"}
    with pytest.raises(InvalidCommand, match="/since"):
        parse(AppointDeputy, span)
    for day in ("9999-12-31", "0001-01-01", "2021-02-29", "2021-06-01T00:00:01", 17):
        with pytest.raises(InvalidCommand, match="/due"):
            parse(SetResubmission, {"due": day})


def test_names_that_would_break_a_stream_are_refused() -> None:
    for name in ("", "a:b", "a/b", " a", "a\nb", "x" * 121, "\x7f"):
        with pytest.raises(InvalidCommand):
            parse(staff.Leave, {"user": name, "reason": "x"})


def test_text_is_stored_in_one_spelling(office: Office) -> None:
    record = office.state(office.record(title="Fo\u0308rderung"))
    assert record.life.title == "F\u00f6rderung"


def test_ten_megabytes_are_refused_quickly(office: Office) -> None:
    with pytest.raises(InvalidCommand):
        parse(CreateRecord, {"title": "x" * 10_000_000, "file_plan_code": "1"})
    with pytest.raises(InvalidCommand):
        office.slip("co_sign schmidt", note="x" * 10_001)
    assert office.engine.log.head().position == 0


def test_a_refused_command_stores_nothing(office: Office) -> None:
    record = office.record()
    head = office.engine.log.head()
    for action, body in (
        ("add_document", {"case": record[7:], "title": "x", "file": {}}),
        ("change", {}),
        ("hold", {}),
    ):
        with pytest.raises(InvalidCommand):
            office.do("mueller", action, record, **body)
    assert office.engine.log.head() == head


def test_a_command_id_is_a_short_printable_text(office: Office) -> None:
    from workflow.records.work_actions import Work

    record = office.record()
    for wrong in ("", "x" * 201, "a\nb", "\x00"):
        with pytest.raises(InvalidCommand, match="/command_id"):
            office.engine.handle(Work(), PEOPLE["mueller"], record, command_id=wrong)


def test_depth_of_a_route_is_bounded(office: Office) -> None:
    nested = {"kind": "co_sign", "actor": "schmidt"}
    for depth in range(2000):
        nested = {"sequence": [nested]}
        if depth in {20, 100, 400, 1999}:
            with pytest.raises(InvalidCommand):
                office.slip(nested)
