"""Tokens that are issued, listed and revoked over the API, with scopes narrower than a role."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.application.resources import RESOURCES
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.engine.access import HUMANS

RECORD = {"title": "Akte", "file_plan_code": "43.21"}
FOLDER = {"items": [{"title": "Brief"}]}
_keys = itertools.count()


def holding(served: Served, token: str) -> httpx.Client:
    made = httpx.Client(
        base_url=served.url, headers={"authorization": f"Bearer {token}", "accept-language": "en"}, timeout=PATIENT
    )
    served.clients.append(made)
    return made


def post(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    return client.post(path, json=body, headers={"idempotency-key": f"t-{next(_keys)}"})


def test_a_program_of_a_clerk_changes_only_what_its_scope_has(served: Served) -> None:
    clerk = served.client("klara", "case_worker", authority="mwide")
    asked = {"user": "klara", "roles": ["case_worker"], "changes": ["record"]}
    made = clerk.post("/tokens", json=asked)
    assert made.status_code == 201, made.text
    assert made.json()["changes"] == ["record"]
    program = holding(served, made.json()["token"])
    assert program.get("/me").json()["user"] == "klara"
    assert post(program, "/records", RECORD).status_code == 201
    refused = post(program, "/mail-folders", FOLDER)
    assert refused.status_code == 403
    assert "mail-folder" in refused.json()["detail"]
    reads = clerk.post("/tokens", json=asked | {"changes": []}).json()["token"]
    assert holding(served, reads).get("/records").status_code == 200
    assert post(holding(served, reads), "/records", RECORD).status_code == 403


@pytest.mark.parametrize(
    "more", [
        {"roles": ["case_worker", "admin"]}, {"clearance": "high"}, {"user": "anna"}, {"days": 3000},
        {"authority": "jm"},
    ],
)  # fmt: skip
def test_nobody_issues_more_than_they_hold(served: Served, more: dict[str, Any]) -> None:
    clerk = served.client("karl", "case_worker", authority="mwide")
    assert clerk.post("/tokens", json={"user": "karl", "roles": ["case_worker"], "days": 0.5} | more).status_code == 403


def test_a_scope_does_not_widen(served: Served) -> None:
    boss = served.client("chefin", "admin", "case_worker", authority="mwide")
    asked = {"user": "chefin", "roles": ["admin", "case_worker"], "changes": ["token", "record"]}
    narrow = holding(served, boss.post("/tokens", json=asked).json()["token"])
    for changes in (None, ["mail-folder"], ["record", "staff"]):
        assert post(narrow, "/tokens", asked | {"changes": changes}).status_code == 403
    assert post(narrow, "/tokens", asked | {"changes": ["record"]}).status_code == 201
    without = holding(served, boss.post("/tokens", json=asked | {"changes": ["record"]}).json()["token"])
    assert post(without, "/tokens", asked | {"changes": ["record"]}).status_code == 403


def test_admin_issues_within_the_authority_and_the_clearance(served: Served) -> None:
    boss = served.client("leiter", "admin", authority="mwide")
    other = {"user": "sigrid", "roles": ["approver"]}
    token = boss.post("/tokens", json=other).json()["token"]
    me = holding(served, token).get("/me").json()
    assert (me["user"], me["roles"], me["authority"]) == ("sigrid", ["approver"], "mwide")
    assert boss.post("/tokens", json=other | {"authority": "jm"}).status_code == 403
    assert boss.post("/tokens", json=other | {"clearance": "high"}).status_code == 403
    for wrong in ({"roles": []}, {"roles": ["system"]}, {"changes": ["garden"]}, {"days": 0}, {"days": 99_999}):
        assert boss.post("/tokens", json=other | wrong).status_code == 422, wrong


def test_the_secret_is_told_once(served: Served) -> None:
    clerk = served.client("kuno", "case_worker", authority="mwide")
    asked, key = {"user": "kuno", "roles": ["case_worker"], "days": 0.5}, {"idempotency-key": "once"}
    first = clerk.post("/tokens", json=asked, headers=key)
    again = clerk.post("/tokens", json=asked, headers=key)
    assert first.json()["token"].startswith("eva_")
    assert again.json() == first.json() | {"token": None}
    assert again.headers["idempotency-replayed"] == "true"
    for other in ({"days": 0.25}, {"changes": []}):
        assert clerk.post("/tokens", json=asked | other, headers=key).status_code == 422, other
    assert first.json()["token"] not in clerk.get("/tokens").text


def test_lists_and_revoking_are_for_whose_it_is_and_admin(served: Served) -> None:
    clerk = served.client("katrin", "case_worker", authority="mwide")
    stranger = served.client("fremd", "case_worker", authority="mwide")
    elsewhere = served.client("jurist", "admin", authority="jm")
    boss = served.client("amtsleitung", "admin", authority="mwide")
    made = clerk.post("/tokens", json={"user": "katrin", "roles": ["case_worker"]}).json()

    def ids(client: httpx.Client) -> set[str]:
        found, after = set(), {}
        while True:
            page = client.get("/tokens", params={"limit": 2, **after}).json()
            found |= {row["id"] for row in page["items"]}
            if page["next"] is None:
                return found
            after = {"cursor": page["next"]}

    assert made["id"] in ids(clerk) & ids(boss)
    assert made["id"] not in ids(stranger) | ids(elsewhere)
    for client in (stranger, elsewhere):
        assert client.delete(f"/tokens/{made['id']}", headers={"idempotency-key": "a"}).status_code == 404
    program = holding(served, made["token"])
    assert program.get("/me").status_code == 200
    revoked = boss.delete(f"/tokens/{made['id']}", headers={"idempotency-key": "b"})
    assert (revoked.status_code, revoked.json()["in_force"]) == (200, False)
    assert program.get("/me").status_code == 401


CREATED = [one for one in RESOURCES.values() if one.naming != "path" and one.creates is not None]


@pytest.mark.parametrize("scope", CREATED, ids=lambda one: one.name)
def test_every_resource_is_changed_by_tokens_of_its_scope_only(served: Served, scope: Any) -> None:
    """Each resource against a token that may change one, whatever roles it has."""
    roles = sorted(role.value for role in HUMANS)
    boss = served.client("allein", *roles, authority="mwide", clearance="high")
    asked = {"user": "allein", "roles": roles, "clearance": "high", "changes": [scope.name]}
    token = holding(served, boss.post("/tokens", json=asked).json()["token"])
    for resource in CREATED:
        answer = post(token, f"/{resource.plural}", dict(resource.examples[resource.creates]))
        outside = answer.status_code == 403 and "scope" in answer.json()["detail"]
        assert outside is (resource.name != scope.name), (resource.name, answer.text)


def test_a_session_opened_with_a_token_has_its_scope(served: Served) -> None:
    clerk = served.client("kim", "case_worker", authority="mwide")
    token = clerk.post("/tokens", json={"user": "kim", "roles": ["case_worker"], "changes": ["record"]}).json()["token"]
    with httpx.Client(base_url=served.url, timeout=PATIENT) as browser:
        assert browser.post("/login", data={"token": token}).status_code == 303
        assert browser.get("/pages/inbox").status_code == 200
    assert post(holding(served, token), "/mail-folders", FOLDER).status_code == 403


def test_a_deputy_issues_nothing_for_whom_they_stand_in(served: Served) -> None:
    boss = served.client("ada", "admin", authority="mwide")
    for user in ("abwesend", "vertretung"):
        assert (
            boss.post("/staff", json={"user": user, "roles": ["case_worker"], "authority": "mwide"}).status_code == 201
        )
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=1)
    deputy = {"deputy": "vertretung", "since": since.isoformat(), "until": until.isoformat()}
    assert boss.post("/staff/abwesend/actions/appoint_deputy", json=deputy).status_code == 200
    stand_in = served.client("vertretung", "case_worker", authority="mwide")
    headers = {"on-behalf-of": "abwesend"}
    assert stand_in.get("/me", headers=headers).status_code == 200
    for user in ("abwesend", "vertretung"):
        asked = {"user": user, "roles": ["case_worker"]}
        assert stand_in.post("/tokens", json=asked, headers=headers).status_code == 403


def test_admin_of_an_authority_issues_none_for_persons_of_all_authorities(served: Served) -> None:
    """They could act everywhere with it."""
    served.client("max", "case_worker", authority=None)
    boss = served.client("referatsleitung", "admin", authority="mwide")
    for authority in (None, "mwide"):
        asked = {"user": "max", "roles": ["case_worker"], "authority": authority}
        assert boss.post("/tokens", json=asked).status_code == 403
    everywhere = served.client("zentrale", "admin", authority=None)
    assert everywhere.post("/tokens", json={"user": "max", "roles": ["case_worker"]}).status_code == 201


def test_what_was_asked_for_with_a_token_ends_with_it(served: Served) -> None:
    """Else a stolen one would live on in others."""
    clerk = served.client("konrad", "case_worker", authority="mwide")
    asked = {"user": "konrad", "roles": ["case_worker"]}
    first = clerk.post("/tokens", json=asked).json()
    program = holding(served, first["token"])
    second = post(program, "/tokens", asked).json()
    third = post(holding(served, second["token"]), "/tokens", asked).json()
    assert clerk.delete(f"/tokens/{first['id']}", headers={"idempotency-key": "end"}).status_code == 200
    for one in (first, second, third):
        assert holding(served, one["token"]).get("/me").status_code == 401
    assert clerk.get("/me").status_code == 200


def test_a_token_of_somebody_who_has_left_is_not_shown_as_in_force(served: Served) -> None:
    boss = served.client("amtschef", "admin", authority="mwide")
    made = boss.post("/tokens", json={"user": "alt", "roles": ["case_worker"]}).json()

    def is_in_force() -> bool:
        rows = {row["id"]: row for row in boss.get("/tokens", params={"limit": 200}).json()["items"]}
        return bool(rows[made["id"]]["in_force"])

    assert is_in_force()
    assert boss.post("/staff/alt/actions/leave", json={"reason": "Ruhestand"}).status_code == 200
    assert not is_in_force()
