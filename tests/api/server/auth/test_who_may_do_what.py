"""Authorisation: every operation, each role, own and foreign authority, with and without clearance.

The list `docs/reference/authorisation.csv` says who may do what. It is written from the actions (`make pages`) and is
compared cell by cell with what the server really answers.
"""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.application.resources import RESOURCES
from api.cli.authorisation import render
from tests.api.conftest import serving
from tests.patience import PATIENT
from workflow.engine.access import Role

LIST = Path(__file__).parents[4] / "docs" / "reference" / "authorisation.csv"
PEOPLE = [role for role in Role if role is not Role.SYSTEM]
ROWS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
ALL = frozenset(role.value for role in PEOPLE)
LISTED = {
    (row["resource"], row["action"]): ALL if row["roles"] == "everyone" else frozenset(row["roles"].split())
    for row in ROWS
}


def actions_of(resource):
    return [action for action in resource.commands if action != resource.creates or resource.naming != "uuid"]


def test_the_list_is_the_one_that_the_actions_make() -> None:
    """`make pages` writes it."""
    assert list(csv.DictReader(render().splitlines())) == ROWS


def test_the_list_names_every_operation_once_with_its_reason() -> None:
    assert len(ROWS) == len(LISTED)
    assert all(row["roles"] and row["why"] for row in ROWS)
    wanted = {(resource.name, action) for resource in RESOURCES.values() for action in resource.commands}
    assert wanted <= set(LISTED)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with a token for every role, authority and clearance, and one thing of each noun, high and normal."""
    folder = tmp_path_factory.mktemp("matrix")
    with serving(f"sqlite:///{folder}/eva.db", folder) as served:
        people = {
            (role.value, authority, clearance): served.client(
                f"{role.value}-{authority}-{clearance}", role.value, authority=authority, clearance=clearance
            )
            for role, authority, clearance in itertools.product(PEOPLE, ("mwide", "jm"), ("normal", "high"))
        }
        yield served, people, _things(served)


def _things(served):
    """Resource -> protection -> path."""
    maker = served.client("maker", *(role.value for role in PEOPLE), authority="mwide", clearance="high")
    found = {}
    for need in ("normal", "high"):
        found["record", need] = maker.post(
            "/records", {"title": "a", "file_plan_code": "43.21", "protection": need}
        ).headers["location"]
        found["routing-slip", need] = maker.post("/routing-slips", {
            "title": "a", "protection": need, "stations": [{"kind": "co_sign", "actor": "maker"}],
        }).headers["location"]  # fmt: skip
        found["mail-folder", need] = maker.post(
            "/mail-folders", {"items": [{"title": "a", "protection": need}]}
        ).headers["location"]
        found["scan-batch", need] = maker.post(
            "/scan-batches", {"items": [{"title": "a", "sheets": 1, "protection": need}]}
        ).headers["location"]
    found["staff", "normal"] = "/staff/maker"
    assert maker.post("/templates", RESOURCES["templates"].examples["save"]).status_code == 201
    assert maker.post("/file-plans", RESOURCES["file-plan"].examples["import"]).status_code == 201
    assert maker.post(
        "/scan-centres/rheinland/actions/enter", RESOURCES["scan-centre"].examples["enter"]
    ).status_code == 200  # fmt: skip
    found["templates", "normal"], found["file-plan", "normal"] = "/templates/mwide", "/file-plans/mwide"
    found["scan-centre", "normal"] = "/scan-centres/rheinland"
    return found


def visible(need, authority, clearance):
    return authority == "mwide" and (need == "normal" or clearance == "high")


def body(resource, action, path, need):
    found = dict(resource.examples[action])
    if action == "raise_protection":
        found["protection"] = need  # refused as no raise, so that the thing stays as it is for the next who asks
    if resource.naming == "body" and resource.key in found:
        found[resource.key] = path.rpartition("/")[2]
    return found


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda n: n.name)
def test_what_the_server_answers_is_what_the_list_says(office: Any, resource: Any) -> None:
    """Hidden things answer 404 whatever is asked; visible ones 403 exactly to the roles that the list leaves out."""
    _, people, things = office
    wrong, cells = [], 0
    needs = ("normal", "high") if (resource.name, "high") in things else ("normal",)
    for (role, authority, clearance), who in people.items():
        for need in needs:
            path = things[resource.name, need]
            seen = visible(need, authority, clearance)
            for read, place in (("show", ""), ("actions", "/actions"), ("history", "/history")):
                status, cells = who.get(path + place).status_code, cells + 1
                if status != (200 if seen and role in LISTED[resource.name, read] else 404):
                    wrong.append((role, authority, clearance, need, read, status))
            for action in actions_of(resource):
                status = who.post(f"{path}/actions/{action}", body(resource, action, path, need)).status_code
                cells += 1
                if not fits(resource, action, role, seen, status):
                    wrong.append((role, authority, clearance, need, action, status))
    assert not wrong, wrong[:20]
    assert cells >= 36 * len(needs) * 4


def fits(resource, action, role, seen, status):
    """Whether a status is right. A role that may can still be told 403 by a personal guard (owner, own item)."""
    may = role in LISTED[resource.name, action]
    if not seen and action != resource.creates:
        return status == 404
    if not seen and resource.naming == "caller":
        return status == 404
    if not may:
        return status in {403, 409, 422} if _state_comes_first(resource, action) else status == 403
    if not seen:  # what creates by name, for another authority
        return status in {200, 403}
    return status not in {401, 404} and status < 500


def _state_comes_first(resource, action):
    """Where the state has no such action at all, that is told before who may: 409 (or 422 for a part not there)."""
    if resource.machine is None or action not in {row.action for row in resource.machine.table}:
        return resource.name != "scan-batch"
    return not any(
        row.action == action and row.source == resource.machine.initial for row in resource.machine.table
    ) or (resource.name in {"scan-batch", "record", "mail-folder"})


def test_every_role_may_make_what_the_list_says(office: Any) -> None:
    _, people, _ = office
    for resource in RESOURCES.values():
        if resource.naming == "path":
            continue
        for (role, authority, clearance), who in people.items():
            example = dict(resource.examples[resource.creates])
            if resource.name == "scan-batch":
                example["centre"] = "neu"
            if resource.name == "staff":  # nobody enters staff of others, nor grants more than their own clearance
                example |= {"authority": authority, "clearance": clearance}
            if resource.naming == "body":
                example[resource.key] = (
                    authority if resource.key == "authority" else f"new-{role}-{authority}-{clearance}"
                )
            status = who.post(f"/{resource.plural}", example).status_code
            assert status == (201 if role in LISTED[resource.name, resource.creates] else 403), (
                resource.name,
                role,
                status,
            )


def test_lists_show_exactly_what_may_be_known(office: Any) -> None:
    _, people, things = office
    for (_, authority, clearance), who in people.items():
        for name in ("record", "routing-slip", "mail-folder", "scan-batch"):
            ids = {row["id"] for row in who.get(f"/{RESOURCES[name].plural}", params={"limit": 200}).json()["items"]}
            for need in ("normal", "high"):
                there = things[name, need].rpartition("/")[2] in ids
                assert there is visible(need, authority, clearance), (name, need, authority, clearance)


def test_forbidden_and_absent_look_the_same(office: Any) -> None:
    """Whoever may not know of a thing gets the very answer that a thing that is not there gets."""
    _, people, things = office
    stranger = people["case_worker", "jm", "high"]
    for name in ("record", "routing-slip", "mail-folder", "scan-batch"):
        path = things[name, "normal"]
        absent = path.rpartition("/")[0] + "/00000000-0000-4000-8000-000000000000"
        for place in ("", "/actions", "/history"):
            one, two = stranger.get(path + place), stranger.get(absent + place)
            assert one.status_code == two.status_code == 404
            told = [
                {name: str(part).replace(where.rpartition("/")[2], "X") for name, part in answer.json().items()}
                for answer, where in ((one, path), (two, absent))
            ]
            assert [len(said.pop("request_id")) for said in told] == [16, 16]
            assert told[0] == told[1]


def test_without_a_token_nothing_but_the_open_paths(office: Any) -> None:
    served, people, _ = office
    description = people["auditor", "mwide", "normal"].get("/openapi.json").json()
    import httpx

    with httpx.Client(base_url=served.base, timeout=PATIENT) as nobody:
        for path, operations in description["paths"].items():
            for method in operations:
                status = nobody.request(method, path.replace("{", "").replace("}", "")).status_code
                wanted = {401}
                if operations[method].get("security") == []:
                    wanted = {200, 404, 503}
                elif path.startswith("/sandboxes/{id}"):
                    wanted = {401, 404}  # whether there is such a sandbox is asked first; its id is a secret
                assert status in wanted, (method, path, status)


def test_other_operations(office: Any) -> None:
    _, people, _ = office
    for (role, _, _), who in people.items():
        for path in ("/events", "/cockpit", "/inbox", "/me", "/state-machines", "/state-machines/record"):
            assert who.get(path).status_code == 200, path
        assert who.get("/metrics").status_code == (200 if role in LISTED["metrics", "show"] else 403)
