"""Many changes in one request: each as it would be alone, with a result and a key of its own."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.application.resources import RESOURCES
from api.server.auth.authenticator import Authenticator
from tests.api.server_in_thread import Served, serving

RECORD = {"title": "Förderantrag", "file_plan_code": "43.21"}


def clerk(served: Served, user: str = "klara", authority: str = "mwide") -> httpx.Client:
    return served.client(user, "case_worker", authority=authority)


def bulk(who: httpx.Client, items: list[Any], plural: str = "records", **headers: str) -> list[dict[str, Any]]:
    answer = who.post(f"/{plural}/bulk", json={"items": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def make(who: httpx.Client, prefix: str, number: int) -> list[str]:
    items = [{"key": f"{prefix}-{n}", "body": RECORD | {"title": f"Akte {n}"}} for n in range(number)]
    results = bulk(who, items)
    assert [result["status"] for result in results] == [201] * number
    return [result["id"] for result in results]


def test_what_is_refused_leaves_the_others_as_they_are(served: Served) -> None:
    who = clerk(served)
    first, second, third = make(who, "a", 3)
    unknown = "00000000-0000-4000-8000-000000000000"
    results = bulk(who, [
        {"key": "a-10", "id": first, "action": "work"},
        {"key": "a-11", "id": unknown, "action": "work"},
        {"key": "a-12", "id": second, "action": "reopen", "body": {"reason": "weiter"}},
        {"key": "a-13", "id": second, "action": "rename_all"},
        {"key": "a-14", "id": second, "action": "add_case", "body": {"name": "kein Titel"}},
        {"key": "a-15", "id": second, "action": "work", "version": 7},
        {"key": "a-16", "id": third, "action": "work", "version": 1},
    ])  # fmt: skip
    assert [result["status"] for result in results] == [200, 404, 409, 404, 422, 412, 200]
    assert [result["key"] for result in results] == [f"a-{n}" for n in range(10, 17)]
    assert results[0]["resource"] == who.get(f"/records/{first}").json() | {"events": results[0]["resource"]["events"]}
    assert results[2]["problem"]["state"] == "created"
    assert results[5]["problem"]["version"] == 1
    states = [who.get(f"/records/{key}").json()["state"] for key in (first, second, third)]
    assert states == ["in_work", "created", "in_work"]


@pytest.mark.parametrize(
    ("action", "body", "version"),
    [
        ("work", {}, None), ("work", {}, 9), ("close", {}, None), ("reopen", {"reason": "weiter"}, None),
        ("add_case", {"titel": "falsch"}, None), ("to_registry", {}, None), ("unheard_of", {}, None),
        ("create", RECORD, None), ("hold", {"reason": ""}, 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", ["case_worker", "registrar", "auditor", "stranger"])
def test_each_is_answered_as_it_would_be_alone(
    served: Served, role: str, action: str, body: Any, version: int | None
) -> None:
    """Two records alike, one changed alone and one in bulk: status, problem and result are the same."""
    owner = clerk(served, "owner")
    number = served.keys
    alone, among = make(owner, f"s-{role}-{action}-{number}", 2)
    authority = "jm" if role == "stranger" else "mwide"
    who = served.client(f"{role} {number}", "registrar" if role == "stranger" else role, authority=authority)
    headers = {} if version is None else {"if-match": f'"{version}"'}
    one = who.post(f"/records/{alone}/actions/{action}", json=body, headers=headers)
    item = {"key": f"m-{role}-{action}-{number}", "id": among, "action": action, "body": body}
    (many,) = bulk(who, [item | ({} if version is None else {"version": version})])
    assert many["status"] == one.status_code, one.text
    expected = json.loads(one.text.replace(alone, among))
    found = many["problem"] or many["resource"]
    assert expected.keys() == found.keys()
    differing = {"request_id", "events", "file_number", "number"} | (set() if one.is_error else {"title"})
    assert {k: v for k, v in expected.items() if k not in differing} == {
        k: v for k, v in found.items() if k not in differing
    }
    if not one.is_error:
        assert [event["type"] for event in expected["events"]] == [event["type"] for event in found["events"]]


def test_a_key_answers_the_first_result_here_and_alone(served: Served) -> None:
    who = clerk(served, "kerstin")
    (key,) = make(who, "k", 1)
    item = {"key": "k-1", "id": key, "action": "work"}
    (first,) = bulk(who, [item])
    (again,) = bulk(who, [item])
    assert (first["status"], first["replayed"], again["replayed"]) == (200, False, True)
    assert again["resource"] == first["resource"]
    alone = who.post(f"/records/{key}/actions/work", json={}, headers={"idempotency-key": "k-1"})
    assert (alone.status_code, alone.headers["idempotency-replayed"]) == (200, "true")
    assert alone.json() == first["resource"]
    (other,) = bulk(who, [item | {"action": "close"}])
    assert (other["status"], other["problem"]["type"]) == (422, "/problems/idempotency-key-reused")
    make(clerk(served, "kurt"), "k", 1)  # keys are each user's own


def test_they_are_done_in_the_order_given(served: Served) -> None:
    who = clerk(served, "olga")
    (key,) = make(who, "o", 1)
    results = bulk(who, [
        {"key": "o-2", "id": key, "action": "add_case", "body": {"title": "Eins"}, "version": 1},
        {"key": "o-3", "id": key, "action": "add_case", "body": {"title": "Zwei"}, "version": 2},
    ])  # fmt: skip
    assert [result["status"] for result in results] == [200, 200]
    assert [case["title"] for case in results[1]["resource"]["cases"]] == ["Eins", "Zwei"]


@pytest.mark.parametrize(
    ("items", "pointers"),
    [
        ([], ["/items"]),
        ([{"key": "x"}] * 2, ["/items/1/key"]),
        ([{"key": f"n-{n}"} for n in range(101)], ["/items"]),
        ([{"key": ""}], ["/items/0/key"]),
        ([{"key": "x", "id": "abc"}, {"key": "y", "action": "work"}], ["/items/0/action", "/items/1/id"]),
        ([{"key": "x", "body": []}], ["/items/0/body"]),
        ([{"id": "abc", "action": "work"}], ["/items/0/key"]),
        ([{"key": "x", "more": 1}], ["/items/0/more"]),
    ],
)
def test_a_request_of_the_wrong_form_does_nothing(served: Served, items: list[Any], pointers: list[str]) -> None:
    who = clerk(served)
    head = served.services.engine.log.head()
    refused = who.post("/records/bulk", json={"items": items})
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == pointers
    assert served.services.engine.log.head() == head


def test_whoever_has_no_token_or_no_scope_does_nothing(served: Served) -> None:
    item = {"key": "t-1", "body": RECORD}
    assert httpx.post(f"{served.url}/records/bulk", json={"items": [item]}).status_code == 401
    narrow = clerk(served).post(
        "/tokens", json={"user": "klara", "roles": ["case_worker"], "authority": "mwide", "changes": ["mail-folder"]}
    )
    who = httpx.Client(base_url=served.url, headers={"authorization": f"Bearer {narrow.json()['token']}"})
    served.clients.append(who)
    (refused,) = bulk(who, [item])
    assert (refused["status"], refused["problem"]["status"]) == (403, 403)
    no_deputy = clerk(served).post("/records/bulk", json={"items": [item]}, headers={"on-behalf-of": "niemand"})
    assert no_deputy.status_code == 403, "who stands in for nobody is refused as a whole"


def test_each_counts_as_a_request_and_none_looks_its_token_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a request is done that was let in, and the next has to wait for what it did too much."""
    with serving(tmp_path, rate=0.001, burst=10, timer_seconds=0) as served:
        who = clerk(served)
        answer = who.post("/records/bulk", json={"items": [{"key": f"r-{n}", "body": RECORD} for n in range(4)]})
        assert answer.headers["ratelimit-remaining"] == "6"
        looked_up = []
        monkeypatch.setattr(Authenticator, "admit", lambda *_: looked_up.append(1))
        assert [one["status"] for one in bulk(who, [{"key": f"s-{n}", "body": RECORD} for n in range(20)])] == [
            201
        ] * 20
        assert looked_up == []
        refused = who.post("/records/bulk", json={"items": [{"key": "t", "body": RECORD}]})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 10_000
        assert clerk(served, "kerstin").get("/me").status_code == 200


def test_items_of_a_large_request_are_written_out_beside_the_event_loop(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads of others go on meanwhile."""
    threads = []
    real = json.dumps

    def dumps(value: Any, **how: Any) -> str:
        threads.append(threading.current_thread().name.rpartition("_")[0])
        return real(value, **how)

    items = [{"key": f"l-{n}", "body": RECORD | {"title": "x" * 400}} for n in range(100)]
    who, text = clerk(served, "lena"), real({"items": items})
    monkeypatch.setattr(json, "dumps", dumps)
    answer = who.post("/records/bulk", content=text, headers={"content-type": "application/json"})
    assert {result["status"] for result in answer.json()["results"]} == {201}
    assert threads.count("eva-bodies") == 100


@pytest.mark.parametrize("plural", [resource.plural for resource in RESOURCES.values()])
def test_every_resource_has_it(served: Served, plural: str) -> None:
    item = {"key": "e-1", "id": "00000000-0000-4000-8000-000000000000", "action": "unheard_of"}
    (result,) = bulk(clerk(served), [item], plural)
    assert (result["status"], result["resource"]) == (404, None)
    assert clerk(served).get(f"/{plural}/bulk").status_code == 404
