"""Webhooks are set up, listed and deleted by the administration of an authority, and by nobody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server_in_thread import Served, serving
from workflow.engine.access import HUMANS, Role

HOOK = {"url": "https://fachverfahren.example/eva", "types": ["slip.completed"], "subjects": ["routing-slip"]}


def admin(served: Served, authority: str | None = "mwide") -> httpx.Client:
    return served.client(f"anna-{authority}", "admin", authority=authority)


def set_up(who: httpx.Client, **more: Any) -> httpx.Response:
    return who.post("/webhooks", json=HOOK | more)


def test_the_secret_is_told_once(served: Served) -> None:
    boss, key = admin(served), {"idempotency-key": "once"}
    made = boss.post("/webhooks", json=HOOK, headers=key)
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    shown = boss.get(made.headers["location"])
    assert {k: v for k, v in made.json().items() if k != "secret"} == shown.json()
    again = boss.post("/webhooks", json=HOOK, headers=key)
    assert (again.status_code, again.json()["id"], again.json()["secret"]) == (201, made.json()["id"], None)
    assert boss.post("/webhooks", json=HOOK | {"types": []}, headers=key).status_code == 422
    for row in served.services.engine.log.read_all():
        assert secret not in f"{row}"
    events = boss.get("/events", params={"subject": f"webhook:{made.json()['id']}"}).json()["items"]
    assert [event["type"] for event in events] == ["webhook.created"]
    assert "digest" not in events[0]["data"]


@pytest.mark.parametrize("role", sorted(HUMANS - {Role.ADMIN}))
def test_only_the_administration_sets_them_up_and_sees_them(served: Served, role: str) -> None:
    made = set_up(admin(served)).json()["id"]
    who = served.client(f"{role}-mwide", role, authority="mwide")
    assert set_up(who).status_code == 403
    assert who.get("/webhooks").status_code == 403
    assert who.get(f"/webhooks/{made}").status_code == 403
    assert who.get(f"/webhooks/{made}/dead-letters").status_code == 403
    assert who.post(f"/webhooks/{made}/redeliver", json={}).status_code == 403
    assert who.delete(f"/webhooks/{made}", headers={"idempotency-key": f"d-{role}"}).status_code == 403
    told = who.get("/events", params={"subject": f"webhook:{made}"}).json()["items"]
    assert told == []
    assert admin(served).delete(f"/webhooks/{made}", headers={"idempotency-key": f"d-{role}"}).status_code == 204


def test_another_authority_knows_nothing_of_them(served: Served) -> None:
    made = set_up(admin(served)).json()["id"]
    other, of_all = admin(served, "jm"), admin(served, None)
    assert other.get(f"/webhooks/{made}").status_code == 404
    assert other.post(f"/webhooks/{made}/redeliver", json={}).status_code == 404
    assert other.delete(f"/webhooks/{made}", headers={"idempotency-key": "x"}).status_code == 404
    assert made not in {row["id"] for row in other.get("/webhooks").json()["items"]}
    assert made in {row["id"] for row in of_all.get("/webhooks", params={"limit": 200}).json()["items"]}
    deleted = [of_all.delete(f"/webhooks/{made}", headers={"idempotency-key": "gone"}).status_code for _ in range(2)]
    assert deleted == [204, 204], "the same key answers the same"
    assert of_all.get(f"/webhooks/{made}").status_code == 404
    assert of_all.delete(f"/webhooks/{made}", headers={"idempotency-key": "other"}).status_code == 404


def test_pages_of_the_list_go_on(served: Served) -> None:
    boss = admin(served, "fm")
    made = {set_up(boss).json()["id"] for _ in range(3)}
    first = boss.get("/webhooks", params={"limit": 2}).json()
    second = boss.get("/webhooks", params={"limit": 2, "cursor": first["next"]}).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert {row["id"] for row in first["items"] + second["items"]} == made


def test_an_authority_has_only_so_many(served: Served) -> None:
    boss = admin(served, "mags")
    assert [set_up(boss).status_code for _ in range(21)] == [201] * 20 + [422]
    assert set_up(admin(served, "mkw")).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "ftp://a.example/x"}, "/url"),
        ({"url": "https://user:word@a.example/"}, "/url"),
        ({"url": "https://a.example/#part"}, "/url"),
        ({"url": "https://"}, "/url"),
        ({"url": "https://a.example:99999/"}, "/url"),
        ({"url": "https://a b.example/"}, "/url"),
        ({"url": "http://a.example/"}, "/url"),
        ({"url": "https://127.0.0.1/"}, "/url"),
        ({"url": "https://[::1]/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "https://[64:ff9b::7f00:1]/"}, "/url"),
        ({"types": ["slip.unheard_of"]}, "/types/0"),
        ({"types": ["slip.completed"] * 51}, "/types"),
        ({"subjects": [""]}, "/subjects/0"),
        ({"subjects": ["record", "akte"]}, "/subjects/1"),
        ({"subjects": ["record:"]}, "/subjects/0"),
        ({"subjects": ["record:6f2d"]}, "/subjects/0"),
        ({"subjects": ["records:0c7c2f5e-5a52-4f0e-9d5b-2b0a3b7c1d11"]}, "/subjects/0"),
        ({"subjects": ["staff:an/na"]}, "/subjects/0"),
        ({"subjects": ["run:"]}, "/subjects/0"),
    ],
)
def test_what_can_be_no_receiver_is_refused_with_its_place(served: Served, body: Any, pointer: str) -> None:
    refused = set_up(admin(served), **body)
    assert refused.status_code == 422, refused.text
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


def test_subjects_are_kinds_of_things_or_single_ones(served: Served) -> None:
    subjects = ["record:0c7c2f5e-5a52-4f0e-9d5b-2b0a3b7c1d11", "routing-slip", "run:1", "staff:müller", "webhook"]
    made = set_up(admin(served, "mkulnv"), subjects=subjects)
    assert (made.status_code, made.json()["subjects"]) == (201, sorted(subjects))


def test_a_token_whose_scope_has_no_webhooks_sets_none_up(served: Served) -> None:
    boss = admin(served)
    asked = {"user": "anna-mwide", "roles": ["admin"], "authority": "mwide"}
    narrow = boss.post("/tokens", json=asked | {"changes": ["record"]}).json()["token"]
    wide = boss.post("/tokens", json=asked | {"changes": ["webhook"]}).json()["token"]
    for token, status in ((narrow, 403), (wide, 201)):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": f"t-{status}"}
        assert boss.post("/webhooks", json=HOOK, headers=headers).status_code == status


def test_a_deputy_sets_none_up_in_somebody_elses_name(served: Served) -> None:
    boss, other = admin(served), served.client("anton", "admin", authority="mwide")
    now = datetime.now(UTC)
    body = {"deputy": "anton", "since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    appointed = boss.post("/staff/anna-mwide/actions/appoint_deputy", json=body)
    assert appointed.status_code == 200, appointed.text
    refused = other.post("/webhooks", json=HOOK, headers={"on-behalf-of": "anna-mwide"})
    assert refused.status_code == 403


def test_dead_letters_of_a_cursor_that_is_none(served: Served) -> None:
    boss = admin(served)
    made = set_up(boss).json()["id"]
    assert boss.get(f"/webhooks/{made}/dead-letters").json() == {"items": [], "next": None}
    assert boss.get(f"/webhooks/{made}/dead-letters", params={"cursor": "Wzhd"}).status_code == 422
    assert boss.get("/webhooks/none").status_code == 404
    assert boss.post(f"/webhooks/{made}/redeliver", json={"positions": [-1]}).status_code == 422


def test_what_operators_name_may_be_delivered_to(tmp_path: Path) -> None:
    with serving(tmp_path, webhook_networks=("10.0.0.0/8",)) as served:
        boss = admin(served)
        assert set_up(boss, url="http://10.1.2.3/eva").status_code == 201
        assert set_up(boss, url="http://fachverfahren.intern/eva").status_code == 201
        assert set_up(boss, url="http://192.168.1.1/eva").status_code == 422
        assert set_up(boss, url="http://93.184.215.14/eva").status_code == 422, "not without encryption"
