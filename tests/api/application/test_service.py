"""The application service: what a body means, who may know what, lists by page, and answers that come again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application.body import parse_object
from api.application.catalogue import ALL
from api.application.resources import RESOURCES
from api.application.service import ResourceService
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.errors import DuplicateCommand, EvaError, Forbidden, InvalidCommand, NotAllowed, NotFound, StaleVersion
from workflow.views.queries import Views

MUELLER = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
OTHER = Actor("fremd", frozenset({Role.CASE_WORKER}), "im")
REGISTRAR = Actor("registratur", frozenset({Role.REGISTRAR}), "mwide")
ADMIN = Actor("admin", frozenset({Role.ADMIN}), "mwide", Protection.HIGH)
OPERATOR = Actor("betrieb", frozenset({Role.ADMIN}), None, Protection.VERY_HIGH)
RECORD = {"title": "Förderantrag", "file_plan_code": "43.21"}
NOBODY = "00000000-0000-0000-0000-000000000000"


class Clock:
    """A clock that tests move."""

    now = datetime(2027, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Iterator[ResourceService]:
    draw = Random(1)
    engine = Engine("sqlite://", clock=clock, entropy=draw.randbytes, catalogue=ALL)
    yield ResourceService(engine, Views(engine))
    engine.close()


def staff(service: ResourceService, *users: str) -> None:
    for user in users:
        body = {"user": user, "roles": ["case_worker"], "authority": "mwide", "clearance": "normal"}
        service.create("staff", body, ADMIN)


def test_what_is_made_is_shown_with_kind_id_and_version(service: ResourceService) -> None:
    made = service.create("record", RECORD, MUELLER)
    assert (made.kind, made.version, made.state) == ("record", 1, "created")
    assert made.resource["id"] == made.id
    assert made.events[0]["type"] == "record.created"
    assert service.show("record", made.id, MUELLER).resource == made.resource


def test_a_body_may_be_json_or_a_mapping(service: ResourceService) -> None:
    made = [service.create("record", body, MUELLER).resource for body in (RECORD, json.dumps(RECORD).encode())]
    assert made[0]["title"] == made[1]["title"]


def test_an_action_changes_it_and_moves_its_version(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    done = service.act("record", key, "work", {"note": "gelesen"}, MUELLER, expected_version=1)
    assert (done.version, done.state) == (2, "in_work")


def test_a_version_that_is_past_is_refused(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    service.act("record", key, "work", {}, MUELLER)
    with pytest.raises(StaleVersion):
        service.act("record", key, "add_case", {"title": "x"}, MUELLER, expected_version=1)


def test_what_the_state_does_not_allow_says_what_it_does(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    with pytest.raises(NotAllowed) as refused:
        service.act("record", key, "reopen", {"reason": "x"}, MUELLER)
    assert refused.value.state == "created"


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("key", [NOBODY, "", "x", "NIEMAND", "../etc", "a:b", "\x00", "ü" * 121])
def test_what_is_not_there_is_not_found_whatever_the_key(service: ResourceService, name: str, key: str) -> None:
    for ask in (service.show, service.history, service.actions):
        with pytest.raises(NotFound):
            ask(name, key, OPERATOR)


def test_a_resource_that_is_none(service: ResourceService) -> None:
    with pytest.raises(NotFound):
        service.show("parrot", NOBODY, MUELLER)
    with pytest.raises(NotFound):
        service.create("parrot", {}, MUELLER)


def test_to_others_it_is_as_if_there_were_none(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    with pytest.raises(NotFound) as hidden:
        service.show("record", key, OTHER)
    with pytest.raises(NotFound) as absent:
        service.show("record", NOBODY, OTHER)
    assert str(hidden.value).replace(key, NOBODY) == str(absent.value)
    with pytest.raises(NotFound):
        service.act("record", key, "work", {}, OTHER)
    assert service.list("record", OTHER).rows == []


def test_an_action_that_is_none(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    with pytest.raises(NotFound, match="action"):
        service.act("record", key, "fly", {}, MUELLER)


def test_to_make_a_new_one_is_no_action_on_one_that_is_there(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    with pytest.raises(NotFound, match="action"):
        service.act("record", key, "create", RECORD, MUELLER)


def test_what_time_does_nobody_may_ask_for(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    assert "fall_due" in RESOURCES["record"].by_time
    with pytest.raises(Forbidden) as refused:
        service.act("record", key, "fall_due", {}, MUELLER)
    assert refused.value.text == ("„fall due“ geschieht von selbst", "“fall due” happens by itself")
    with pytest.raises(NotFound):
        service.act("record", NOBODY, "fall_due", {}, MUELLER)


def test_the_same_command_again_gets_the_first_answer(service: ResourceService) -> None:
    first = service.create("record", RECORD, MUELLER, command_id="k1")
    service.act("record", first.id, "work", {}, MUELLER)
    again = service.create("record", RECORD, MUELLER, command_id="k1")
    assert again.repeated
    assert not first.repeated
    assert (again.id, again.version, again.state) == (first.id, 1, "created"), "as it was then"
    assert again.resource == first.resource


def test_another_command_of_the_same_id_is_refused(service: ResourceService) -> None:
    service.create("record", RECORD, MUELLER, command_id="k1")
    with pytest.raises(DuplicateCommand):
        service.create("record", {**RECORD, "title": "anders"}, MUELLER, command_id="k1")


def test_a_rendered_resource_is_kept_until_it_changes(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    resource = RESOURCES["record"]
    entry = service.get_entry(resource, key, MUELLER)
    first = service.render(resource, key, entry, MUELLER)
    assert service.render(resource, key, entry, MUELLER) is first
    service.act("record", key, "work", {}, MUELLER)
    second = service.render(resource, key, service.get_entry(resource, key, MUELLER), MUELLER)
    assert (json.loads(first)["state"], json.loads(second)["state"]) == ("created", "in_work")


def test_what_is_kept_is_shown_to_nobody_else(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    resource = RESOURCES["record"]
    entry = service.get_entry(resource, key, MUELLER)
    service.render(resource, key, entry, MUELLER)
    with pytest.raises(NotFound):
        service.render(resource, key, entry, OTHER)


def test_every_action_is_listed_with_its_reason_in_both_languages(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    found = {option.action: option for option in service.actions("record", key, MUELLER)}
    assert found["work"].allowed
    assert found["work"].why_not_en is None
    assert not found["reopen"].allowed
    assert found["reopen"].why_not_en != found["reopen"].why_not_de


@pytest.mark.parametrize(("name", "part"), [("record", NOBODY), ("mail-folder", "7"), ("scan-batch", "99")])
def test_the_actions_of_a_part_that_is_none(service: ResourceService, name: str, part: str) -> None:
    resource = RESOURCES[name]
    key = service.create(name, resource.examples[resource.creates], REGISTRAR).id
    with pytest.raises(NotFound):
        service.actions(name, key, REGISTRAR, part)


def test_the_history_is_told_from_the_beginning(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    service.act("record", key, "work", {"note": "a"}, MUELLER)
    assert [row["version"] for row in service.history("record", key, MUELLER).rows] == [1, 2]
    assert service.history("record", key, MUELLER).rows[1]["actor"] == "mueller"


def test_a_history_comes_by_page_and_no_event_twice_or_never(service: ResourceService) -> None:
    key = service.create("record", RECORD, MUELLER).id
    for number in range(4):
        service.act("record", key, "work", {"note": str(number)}, MUELLER)
    for limit in (1, 2, 3, 4, 5, 6):
        found, after, pages = [], 0, 0
        while True:
            page = service.history("record", key, MUELLER, limit=limit, after=after)
            found += [row["version"] for row in page.rows]
            pages += 1
            if page.next is None:
                break
            assert len(page.rows) == limit
            after = int(page.next[0])
        assert found == [1, 2, 3, 4, 5]
        assert pages == -(-5 // limit)


def test_the_secret_of_a_sample_is_in_no_history(service: ResourceService) -> None:
    resource = RESOURCES["scan-batch"]
    key = service.create("scan-batch", resource.examples["create"], REGISTRAR).id
    first = service.history("scan-batch", key, REGISTRAR).rows[0]
    assert first["type"] == "scan.batch_created"
    assert "secret" not in first["data"]
    assert first["data"]["title"]


# Things that people name themselves.


def test_a_name_in_the_body_is_the_key(service: ResourceService) -> None:
    staff(service, "schmidt")
    assert service.show("staff", "schmidt", MUELLER).resource["user"] == "schmidt"


def test_a_name_in_path_and_body_must_be_the_same(service: ResourceService) -> None:
    staff(service, "schmidt")
    with pytest.raises(InvalidCommand) as refused:
        service.act("staff", "schmidt", "leave", {"user": "weber", "reason": "x"}, ADMIN)
    assert refused.value.faults == (("/user", "is not schmidt, as the path says"),)
    assert service.act("staff", "schmidt", "leave", {"reason": "x"}, ADMIN).state == "left"


@pytest.mark.parametrize("name", ["", "a:b", "a/b", " x", "x" * 121, None, 7.5, "\x00"])
def test_a_name_that_is_none_is_refused_with_its_place(service: ResourceService, name: object) -> None:
    with pytest.raises(EvaError) as refused:
        service.create("staff", {"user": name, "roles": ["approver"], "authority": "mwide"}, ADMIN)
    assert isinstance(refused.value, InvalidCommand)
    assert refused.value.faults[0][0] == "/user"


def test_nobody_leaves_who_was_never_there(service: ResourceService) -> None:
    with pytest.raises(NotFound):
        service.act("staff", "niemand", "leave", {"reason": "x"}, ADMIN)


def test_templates_belong_to_the_authority_of_who_keeps_them(service: ResourceService) -> None:
    body = RESOURCES["templates"].examples["save"]
    assert service.create("templates", body, MUELLER).id == "mwide"
    assert service.act("templates", "mwide", "remove", {"name": body["name"]}, MUELLER).id == "mwide"
    with pytest.raises(NotFound):
        service.act("templates", "mwide", "save", body, OTHER)


def test_a_scan_centre_is_named_in_the_path_only(service: ResourceService) -> None:
    body = RESOURCES["scan-centre"].examples["enter"]
    assert service.act("scan-centre", "rheinland", "enter", body, OPERATOR).id == "rheinland"
    with pytest.raises(EvaError):
        service.create("scan-centre", body, OPERATOR)


# Lists.


def all_pages(service: ResourceService, name: str, actor: Actor, limit: int) -> list[list[Any]]:
    pages, after = [], None
    for _ in range(100):
        page = service.list(name, actor, limit=limit, after=after)
        pages.append([row["id"] for row in page.rows])
        if page.next is None:
            return pages
        after = page.next
    raise AssertionError("no end")


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
def test_pages_hold_each_thing_once(service: ResourceService, limit: int) -> None:
    keys = {service.create("record", {**RECORD, "title": f"Akte {number}"}, MUELLER).id for number in range(4)}
    pages = all_pages(service, "record", MUELLER, limit)
    assert sorted(key for page in pages for key in page) == sorted(keys)
    assert all(len(page) <= limit for page in pages)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_from_the_log_hold_each_thing_once(service: ResourceService, limit: int) -> None:
    staff(service, "a", "b", "c")
    pages = all_pages(service, "staff", MUELLER, limit)
    assert [key for page in pages for key in page] == ["a", "b", "c"]
    assert all(len(page) <= limit for page in pages)


def test_a_list_leaves_out_what_the_person_may_not_know_of(service: ResourceService) -> None:
    staff(service, "a", "b")
    assert all_pages(service, "staff", OTHER, 1) == [[]]
    assert all_pages(service, "staff", OPERATOR, 50) == [["a", "b"]]


def test_a_list_may_be_narrowed_to_a_state(service: ResourceService) -> None:
    keys = [service.create("routing-slip", RESOURCES["routing-slip"].examples["create"], MUELLER).id for _ in "ab"]
    for user in ("schmidt", "klein", "weber"):
        service.create("staff", {"user": user, "roles": ["approver"], "authority": "mwide"}, ADMIN)
    service.act("routing-slip", keys[0], "start", {}, MUELLER)
    found = service.list("routing-slip", MUELLER, filters={"state": "circulating"}).rows
    assert [row["id"] for row in found] == keys[:1]


# Deputies.


def test_a_deputy_acts_for_somebody_only_while_appointed(service: ResourceService, clock: Clock) -> None:
    staff(service, "mueller", "weber")
    key = service.create("record", RECORD, MUELLER).id
    deputy = Actor("weber", frozenset({Role.CASE_WORKER}), "mwide", on_behalf_of="mueller")
    with pytest.raises(Forbidden, match="is no deputy of mueller now"):
        service.show("record", key, deputy)
    body = {"deputy": "weber", "since": "2027-03-01T00:00:00+01:00", "until": "2027-03-08T00:00:00+01:00"}
    service.act("staff", "mueller", "appoint_deputy", body, ADMIN)
    assert service.show("record", key, deputy).id == key
    clock.now += timedelta(days=30)
    with pytest.raises(Forbidden):
        service.show("record", key, deputy)


# Bodies as mappings.


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 100_000])
def test_a_body_that_is_no_object_or_says_a_thing_twice(body: bytes) -> None:
    with pytest.raises(InvalidCommand):
        parse_object(body)


def test_no_body_says_nothing() -> None:
    assert parse_object(b"") == {}
    assert parse_object({"a": 1}) == {"a": 1}


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=5))
def test_a_body_is_read_as_it_was_written(body: dict[str, object]) -> None:
    assert parse_object(json.dumps(body).encode()) == body
