"""A request that made something is sent again once that thing is over: it is answered as the first time."""

from typing import Any, NamedTuple

import pytest

from tests.api.server_in_thread import Served

TOKEN = {"user": "anna", "roles": ["admin"], "authority": "mwide"}
RECORD = {"title": "Förderantrag", "file_plan_code": "43.21"}


class Way(NamedTuple):
    """How something is made, and what ends it."""

    path: str
    body: dict[str, Any]
    method: str
    end: str
    reason: dict[str, Any] | None = None
    told_once: str | None = None
    """A secret, which is not told again."""


WAYS = {
    "webhook": Way("/webhooks", {"url": "https://fachverfahren.example/eva"}, "DELETE", "/webhooks/{id}",
                   told_once="secret"),
    "token": Way("/tokens", TOKEN, "DELETE", "/tokens/{id}", told_once="token"),
    "system": Way("/specialist-systems", TOKEN, "DELETE", "/tokens/{id}", told_once="secret"),
    "run": Way("/runs", {"scenario": "nrw-plan-2021", "replications": 1}, "DELETE", "/runs/{id}"),
    "record": Way("/records", RECORD, "POST", "/records/{id}/actions/work"),
    "staff": Way("/staff", {"user": "paul", "roles": ["approver"], "authority": "mwide"}, "POST",
                 "/staff/{id}/actions/leave", {"reason": "Versetzung"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", WAYS)
def test_it_is_answered_as_the_first_time(served: Served, kind: str) -> None:
    """But for secrets, and for whether a token is in force, which is always told as it is now."""
    way = WAYS[kind]
    who = served.client("anna", "admin", "planner", "case_worker", "registrar", authority="mwide")
    first = who.post(way.path, json=way.body, headers={"idempotency-key": f"make-{kind}"})
    assert first.status_code in {201, 202}, first.text
    path = way.end.format(id=first.json()["id"])
    ended = who.request(way.method, path, json=way.reason, headers={"idempotency-key": f"end-{kind}"})
    assert ended.is_success, ended.text
    again = who.post(way.path, json=way.body, headers={"idempotency-key": f"make-{kind}"})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (first.status_code, "true"), again.text
    expected = first.json() | ({} if way.told_once is None else {way.told_once: None})
    assert again.json() == expected | ({"in_force": False} if path.startswith("/tokens") else {})


def test_what_was_asked_of_a_webhook_is_answered_after_it_was_deleted(served: Served) -> None:
    who = served.client("anna", "admin", authority="mwide")
    hook = who.post("/webhooks", json=WAYS["webhook"].body).json()["id"]
    asked = {"idempotency-key": "again-1"}
    first = who.post(f"/webhooks/{hook}/redeliver", json={}, headers=asked)
    assert (first.status_code, first.json()) == (200, {"waiting": 0})
    assert who.delete(f"/webhooks/{hook}", headers={"idempotency-key": "gone-1"}).status_code == 204
    again = who.post(f"/webhooks/{hook}/redeliver", json={}, headers=asked)
    assert (again.status_code, again.json()) == (200, {"waiting": 0})
    assert who.post(f"/webhooks/{hook}/redeliver", json={}).status_code == 404
