"""Throw-away engines with a clock of their own: what a planner or a replay does in one, and what stays outside."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Client

from api.application.errors import TooMany
from api.server.dependencies.services import Services, open_services
from api.server.sandboxes.registry import Sandboxes
from api.server.sandboxes.sandbox import Bounds, Sandbox
from api.settings import Settings
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.catalogue import WORKFLOW
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.errors import NotFound, StoreFull, StoreUnavailable


@pytest.fixture(scope="module")
def owner(served: Served) -> Client:
    return served.client("olga", "case_worker", authority="mwide")


def sandbox(client, **body):
    made = client.post("/sandboxes", json={"start": "2021-06-01T08:00:00+02:00"} | body)
    assert made.status_code == 201, made.text
    return made.headers["location"]


def enter(client, at, user, *roles, **more):
    told = client.post(f"{at}/tokens", json={"user": user, "roles": roles, "authority": "mwide", **more})
    assert told.status_code == 201, told.text
    return {"authorization": f"Bearer {told.json()['token']}"}


RECORD = {"title": "Förderantrag Windpark", "file_plan_code": "43.21", "protection": "normal"}


def test_a_routing_slip_goes_round_in_a_sandbox(owner: Client) -> None:
    at = sandbox(owner)
    mueller, schmidt, weber = (
        enter(owner, at, user, role)
        for user, role in (("mueller", "case_worker"), ("schmidt", "approver"), ("weber", "approver"))
    )
    record = owner.post(f"{at}/records", json=RECORD, headers=mueller)
    assert record.status_code == 201, record.text
    assert record.headers["location"] == f"{at}/records/{record.json()['id']}"
    stations = [{"kind": "co_sign", "actor": "schmidt"}, {"kind": "final_sign", "actor": "weber"}]
    slip = owner.post(
        f"{at}/routing-slips",
        json={"title": "Bescheid", "record": record.json()["id"], "stations": stations}, headers=mueller,
    ).headers["location"]  # fmt: skip
    assert owner.post(f"{slip}/actions/start", json={}, headers=mueller).json()["state"] == "circulating"
    assert owner.post(f"{slip}/actions/sign", json={}, headers=schmidt).status_code == 200
    assert owner.post(f"{slip}/actions/sign", json={}, headers=schmidt).status_code in {403, 409}
    assert owner.post(f"{slip}/actions/sign", json={}, headers=weber).json()["state"] == "completed"
    history = owner.get(f"{slip}/history", headers=weber).json()["events"]
    assert [e["actor"] for e in history if e["type"] == "slip.station_done"] == ["schmidt", "weber"]
    assert {e["time"] for e in history} == {"2021-06-01T06:00:00.000000Z"}


def test_time_passes_only_when_told_and_timers_fire(owner: Client) -> None:
    at = sandbox(owner)
    registrar = enter(owner, at, "regina", "registrar", "case_worker")
    record = owner.post(f"{at}/records", json=RECORD, headers=registrar).headers["location"]
    for action in ("work", "close"):
        assert owner.post(f"{record}/actions/{action}", json={}, headers=registrar).status_code == 200
    passed = owner.post(f"{at}/clock", json={"advance": "P10Y"}).json()
    assert passed["now"] == "2031-06-01T06:00:00Z"
    assert passed["reached"] is True
    assert passed["fired"] >= 1
    assert "record.moved_to_registry" in {e["type"] for e in passed["events"]}
    assert owner.get(record, headers=registrar).json()["state"] in {"registry", "due"}
    assert owner.get(at).json()["now"] == passed["now"]
    back = owner.post(f"{at}/clock", json={"until": "2030-01-01T00:00:00Z"})
    assert back.status_code == 422
    assert back.json()["errors"][0]["pointer"] == "/until"


def test_a_sandbox_is_apart_from_the_real_log_and_from_others(owner: Client, served: Served) -> None:
    first, second = sandbox(owner), sandbox(owner)
    before = served.services.engine.log.head()
    key = {"idempotency-key": "same-in-both"}
    one, two = (owner.post(f"{at}/records", json=RECORD, headers=key) for at in (first, second))
    assert one.status_code == two.status_code == 201
    assert served.services.engine.log.head() == before
    assert owner.get(f"/records/{one.json()['id']}").status_code == 404
    assert owner.get(f"{second}/records/{'0' * 8}-0000-0000-0000-{'0' * 12}").status_code == 404
    assert owner.get(one.headers["location"]).status_code == 200
    assert len(owner.get(f"{first}/records").json()["items"]) == 1


def test_others_learn_nothing_and_tokens_are_good_in_one_sandbox_only(owner: Client, served: Served) -> None:
    at, other = sandbox(owner), sandbox(owner)
    stranger = served.client("stefan", "admin")
    guest = enter(owner, at, "gast", "case_worker")
    for path in (at, f"{at}/records"):
        assert stranger.get(path).status_code == 404
        assert stranger.get(path, headers=guest).status_code == 200
    assert stranger.post(f"{at}/clock", json={"advance": "P1D"}).status_code == 404
    assert stranger.delete(at).status_code == 404
    assert owner.get(f"{other}/records", headers=guest).status_code == 401
    assert owner.get("/records", headers=guest).status_code == 401
    assert owner.post(f"{at}/clock", json={"advance": "P1D"}, headers=guest).status_code == 401
    assert owner.get(at, headers={"authorization": ""}).status_code == 401
    assert [one["id"] for one in stranger.get("/sandboxes").json()["items"]] == []
    assert at.endswith(owner.get("/sandboxes").json()["items"][-2]["id"])


def test_a_deputy_acts_for_somebody(owner: Client) -> None:
    at = sandbox(owner)
    enter(owner, at, "schmidt", "approver")
    weber = enter(owner, at, "weber", "approver")
    time_ = {"since": "2021-06-01T00:00:00+02:00", "until": "2021-06-15T00:00:00+02:00"}
    named = owner.post(f"{at}/deputies", json={"user": "schmidt", "deputy": "weber", **time_})
    assert named.status_code == 201, named.text
    circle = owner.post(f"{at}/deputies", json={"user": "weber", "deputy": "schmidt", **time_}, headers=weber)
    assert circle.status_code == 409
    assert owner.get(f"{at}/records", headers={**weber, "on-behalf-of": "schmidt"}).status_code == 200
    owner.post(f"{at}/clock", json={"advance": "P20D"})
    assert owner.get(f"{at}/staff/schmidt", headers={**weber, "on-behalf-of": "schmidt"}).status_code == 403


def test_without_a_token_every_sandbox_looks_alike(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=PATIENT) as nobody:
        for path in ("/sandboxes", "/sandboxes/none", "/sandboxes/none/records", "/sandboxes/none/clock"):
            assert nobody.get(path).status_code == 401


def test_thrown_away_is_gone(owner: Client) -> None:
    at = sandbox(owner)
    assert owner.delete(at).status_code == 204
    assert owner.get(at).status_code == owner.get(f"{at}/records").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("", {"start": "2021-06-01T08:00:00"}, "/start"),
        ("", {"start": "1650-06-01T08:00:00Z"}, "/start"),
        ("", {"titel": "x"}, "/titel"),
        ("/clock", {}, ""),
        ("/clock", {"advance": "P1D", "until": "2022-01-01T00:00:00Z"}, ""),
        ("/clock", {"advance": "10 years"}, "/advance"),
        ("/clock", {"advance": "P201Y"}, "/advance"),
        ("/clock", {"advance": "P999999D"}, "/advance"),
        ("/tokens", {"user": "a/b", "roles": ["approver"]}, "/user"),
        ("/tokens", {"user": "x", "roles": ["system"]}, "/roles"),
        ("/tokens", {"user": "x", "roles": []}, "/roles"),
    ],
)  # fmt: skip
def test_bad_input_is_told_with_its_place(
    owner: Client, path: str, body: dict[Any, Any] | dict[str, Any] | dict[str, str], pointer: str
) -> None:
    at = sandbox(owner) if path else "/sandboxes"
    told = owner.post(f"{at}{path}", json=body)
    assert told.status_code == 422, told.text
    assert told.headers["content-type"].startswith("application/problem+json")
    assert told.json()["errors"][0]["pointer"] == pointer
    if path:
        owner.delete(at)


@pytest.fixture
def main(tmp_path: Path) -> Iterator[Services]:
    made = open_services(Settings(database_url="sqlite://", data=tmp_path), Engine("sqlite://", catalogue=WORKFLOW))
    yield made
    made.close()


def test_they_end_by_themselves_and_are_bounded_in_number(main: Services) -> None:
    now = [0.0]
    all_ = Sandboxes(main, open_services, Bounds(of_one=2, of_all=3), clock=lambda: now[0])
    first = all_.create("a", "t", None)
    all_.create("a", "t", None)
    with pytest.raises(TooMany):
        all_.create("a", "t", None)
    all_.create("b", "t", None)
    with pytest.raises(TooMany):
        all_.create("c", "t", None)
    now[0] = 29 * 60
    assert all_.get(first.id) is first
    now[0] = 31 * 60
    assert all_.list_for("b") == []
    assert all_.list_for("a") == [first]
    for step in range(8):  # used all the time, and yet its life ends
        now[0] = 31 * 60 + step * 20 * 60
        if now[0] > 2 * 3600:
            with pytest.raises(NotFound):
                all_.get(first.id)
        else:
            all_.get(first.id)
    all_.close()


def test_a_full_sandbox_takes_no_more(main: Services) -> None:
    all_ = Sandboxes(main, open_services, Bounds(events=3))
    one = all_.create("a", "t", None)
    for number in range(3):
        one.enter_person(f"p{number}", (Role.APPROVER,), None, Protection.NORMAL)
    with pytest.raises(StoreFull):
        one.enter_person("p4", (Role.APPROVER,), None, Protection.NORMAL)
    assert one.events == 3
    all_.close()


def test_a_large_one_is_full_too(main: Services) -> None:
    all_ = Sandboxes(main, open_services, Bounds(size=2**20))
    one = all_.create("a", "t", None)
    clerk = Actor("clerk", frozenset({Role.CASE_WORKER}), "mwide")
    body = {"title": "t", "note": "x" * 10_000, "stations": [{"kind": "co_sign", "actor": "b"}]}

    def fill():
        for number in range(200):
            one.services.resources.create("routing-slip", body, clerk, command_id=f"c{number}")

    with pytest.raises(StoreFull):
        fill()
    assert 10 < one.events < 190
    assert one.engine.log.verify().position == one.events, "what was stored is whole"
    all_.close()


def test_all_together_are_bounded_and_one_thrown_away_makes_room(main: Services) -> None:
    all_ = Sandboxes(main, open_services, Bounds(size_of_all=2**20))
    one, two = all_.create("a", "t", None), all_.create("b", "t", None)
    clerk = Actor("clerk", frozenset({Role.CASE_WORKER}), "mwide")

    def fill(sandbox: Sandbox) -> None:
        for number in range(200):
            body = {"title": "t", "note": "x" * 10_000, "stations": [{"kind": "co_sign", "actor": "b"}]}
            sandbox.services.resources.create("routing-slip", body, clerk, command_id=f"c{number}")

    with pytest.raises(StoreFull, match="together"):
        fill(one)
    with pytest.raises(StoreFull, match="together"):
        fill(two)
    with pytest.raises(TooMany):
        all_.create("c", "t", None)
    assert two.events == 0
    all_.drop(one.id)
    two.enter_person("p", (Role.APPROVER,), None, Protection.NORMAL)
    all_.create("c", "t", None)
    all_.close()


def test_several_processes_have_none(main: Services) -> None:
    with pytest.raises(StoreUnavailable):
        Sandboxes(replace(main, settings=main.settings.model_copy(update={"workers": 2})), open_services).create(
            "a", "t", None
        )
