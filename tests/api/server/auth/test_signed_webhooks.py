"""Signed events of specialist systems over HTTP: what they may, what is refused, and that nothing is done twice."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import pytest

from tests.api.server_in_thread import Served
from tests.patience import PATIENT

RECORD = {"title": "Zuverlässigkeitsüberprüfung 4711", "file_plan_code": "43.21"}
CREATE = {"specversion": "1.0", "id": "4711", "source": "/osip", "type": "record.create", "data": RECORD}
FILE = {"sha256": "ab" * 32, "file_name": "bescheid.pdf", "media_type": "application/pdf", "size": 48213}
MAIL = {"type": "mail.receive", "data": {"files": [FILE], "reference": "V-2021-0815"}}
OSIP = {"user": "osip", "roles": ["case_worker", "registrar"], "authority": "mwide", "days": 30}
_numbers = itertools.count()


class System(NamedTuple):
    """A specialist system as a program outside writes it: nothing of ours signs here."""

    url: str
    id: str
    secret: str

    def send(
        self, event: Any, message: str | None = None, *, at: float | None = None, signed: bytes | None = None,
        secret: str | None = None, **headers: str | bytes,
    ) -> httpx.Response:  # fmt: skip
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        message = message or f"m-{next(_numbers)}"
        seconds = str(int(time.time() if at is None else at))
        key = base64.b64decode((secret or self.secret).removeprefix("whsec_"))
        content = f"{message}.{seconds}.".encode() + (body if signed is None else signed)
        digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        sent = {
            "content-type": "application/cloudevents+json", "accept-language": "en", "webhook-id": message,
            "webhook-timestamp": seconds, "webhook-signature": f"v1,{digest}", **headers,
        }  # fmt: skip
        address = f"{self.url}/specialist-systems/{self.id}/events"
        return httpx.post(address, content=body, headers={k: v for k, v in sent.items() if v}, timeout=PATIENT)


def enter(served: Served, **asked: Any) -> System:
    boss = served.client("boss", "admin", authority="mwide", clearance="high")
    made = boss.post("/specialist-systems", json=OSIP | asked)
    assert made.status_code == 201, made.text
    return System(served.url, made.json()["id"], made.json()["secret"])


@pytest.fixture
def osip(served: Served) -> System:
    return enter(served)


def count_events(served: Served) -> int:
    return served.services.engine.log.head().position


def test_an_event_does_what_the_same_change_does_over_the_api(served: Served, osip: System) -> None:
    made = osip.send(CREATE)
    assert made.status_code == 201, made.text
    record = made.json()
    assert (record["title"], record["state"], record["authority"]) == (RECORD["title"], "created", "mwide")
    clerk = served.client("klara", "case_worker", authority="mwide")
    assert clerk.get(made.headers["location"]).json()["id"] == record["id"]
    worked = osip.send({"type": "record.work", "subject": record["id"]})
    assert (worked.status_code, worked.json()["state"]) == (200, "in_work")
    history = clerk.get(f"/records/{record['id']}/history").json()["events"]
    assert {one["actor"] for one in history} == {"osip"}


def test_mail_of_a_system_comes_by_the_channel_of_specialist_systems(osip: System) -> None:
    made = osip.send(MAIL)
    assert made.status_code == 201, made.text
    (item,) = made.json()["items"]
    assert (item["channel"], item["reference"], item["file"]["file_name"]) == (
        "specialist_system", "V-2021-0815", "bescheid.pdf",
    )  # fmt: skip
    refused = osip.send({"type": "mail.receive", "data": {"files": [FILE]}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reference")


def test_the_same_message_again_is_answered_and_not_done_again(served: Served, osip: System) -> None:
    first = osip.send(CREATE, "same")
    before = count_events(served)
    again = osip.send(CREATE, "same", at=time.time() - 60)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = osip.send({**CREATE, "data": {**RECORD, "title": "anders"}}, "same")
    assert other.status_code == 422
    assert count_events(served) == before


def test_of_many_at_once_with_one_id_one_is_done(osip: System) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: osip.send(CREATE, "at-once"), range(8)))
    assert {one.status_code for one in found} == {201}
    assert len({one.json()["id"] for one in found}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in found) == 1


def test_two_systems_have_ids_of_their_own(served: Served, osip: System) -> None:
    other = enter(served, user="zuep")
    made = [osip.send(CREATE, "shared").json()["id"], other.send(CREATE, "shared").json()["id"]]
    assert made[0] != made[1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": f"whsec_{base64.b64encode(bytes(32)).decode()}"}, "not signed"),
        ({"signed": b"{}"}, "not signed"),
        ({"webhook-signature": ""}, "not signed"),
        ({"webhook-signature": "v1,AAAA"}, "not signed"),
        ({"webhook-signature": "ä".encode()}, "not signed"),
        ({"webhook-timestamp": ""}, "not signed"),
        ({"webhook-timestamp": "soon"}, "not signed"),
        ({"at": time.time() - 3600}, "five minutes"),
        ({"at": time.time() + 3600}, "five minutes"),
        ({"at": 999_999_999_999}, "five minutes"),
    ],
)
def test_what_is_not_the_systems_own_or_too_old_is_refused(
    served: Served, osip: System, wrong: dict[str, Any], said: str
) -> None:
    before = count_events(served)
    refused = osip.send(CREATE, **wrong)
    assert refused.status_code == 401, refused.text
    assert said in refused.json()["detail"]
    assert count_events(served) == before


def test_a_signature_holds_for_its_message_and_time_only(served: Served, osip: System) -> None:
    message, seconds, body = "taken", str(int(time.time())), json.dumps(CREATE).encode()
    key = base64.b64decode(osip.secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = {"webhook-signature": signature}
    later = osip.send(body, message, at=int(seconds) + 1, **headers)
    renamed = osip.send(body, "renamed", at=int(seconds), **headers)
    elsewhere = enter(served, user="zuep").send(body, message, at=int(seconds), **headers)
    assert [one.status_code for one in (later, renamed, elsewhere)] == [401, 401, 401]
    assert osip.send(body, message, at=int(seconds), **headers).status_code == 201
    both = {"webhook-signature": f"v1,AAAA {signature}"}
    assert osip.send(body, message, at=int(seconds), **both).status_code == 201


def test_a_message_without_id_is_refused(osip: System) -> None:
    assert osip.send(CREATE, **{"webhook-id": ""}).status_code == 401
    assert osip.send(CREATE, "x" * 65).status_code == 401


@pytest.mark.parametrize("unknown", ["0c7c2f5e-5a52-4f0e-9d5b-2b0a3b7c1d11", "osip", "%00", "a" * 500])
def test_an_unknown_system_is_refused_as_a_wrong_signature_is(osip: System, unknown: str) -> None:
    refused = osip._replace(id=unknown).send(CREATE)
    assert refused.status_code == 401
    assert "not signed" in refused.json()["detail"]


def test_rights_are_those_of_the_system(served: Served, osip: System) -> None:
    high = {**CREATE, "data": {**RECORD, "protection": "high"}}
    assert osip.send(high).status_code == 403
    assert enter(served, user="high", clearance="high").send(high).status_code == 201
    narrow = enter(served, user="narrow", changes=["mail-folder"])
    refused = narrow.send(CREATE)
    assert (refused.status_code, "record" in refused.json()["detail"]) == (403, True)
    assert narrow.send(MAIL).status_code == 201
    auditor = enter(served, user="pruefer", roles=["auditor"])
    assert auditor.send(CREATE).status_code == 403
    record = osip.send(CREATE).json()["id"]
    assert osip.send({"type": "record.close", "subject": record}).status_code == 409
    jm = served.client("chief", "admin", authority="jm").post("/specialist-systems", json={**OSIP, "authority": "jm"})
    stranger = System(served.url, jm.json()["id"], jm.json()["secret"])
    assert stranger.send({"type": "record.work", "subject": record}).status_code == 404


def test_a_system_that_is_revoked_comes_in_no_more(served: Served, osip: System) -> None:
    assert osip.send(CREATE).status_code == 201
    boss = served.client("boss", "admin", authority="mwide", clearance="high")
    assert osip.id in {one["id"] for one in boss.get("/tokens", params={"limit": 200}).json()["items"]}
    boss.delete(f"/tokens/{osip.id}", headers={"idempotency-key": f"end-{osip.id}"}).raise_for_status()
    assert osip.send(CREATE).status_code == 401


def test_only_admin_enters_a_system_and_its_secret_is_told_once(served: Served) -> None:
    clerk = served.client("klara", "case_worker", authority="mwide")
    assert clerk.post("/specialist-systems", json={**OSIP, "user": "klara"}).status_code == 403
    boss = served.client("boss", "admin", authority="mwide")
    assert boss.post("/specialist-systems", json={**OSIP, "authority": "jm"}).status_code == 403
    key = {"idempotency-key": "osip-once"}
    first = boss.post("/specialist-systems", json=OSIP, headers=key)
    again = boss.post("/specialist-systems", json=OSIP, headers=key)
    assert first.json()["secret"].startswith("whsec_")
    assert (again.status_code, again.json()["secret"], again.json()["id"]) == (201, None, first.json()["id"])
    secret = first.json()["secret"].removeprefix("whsec_")
    log = [row.payload or "" for row in served.services.engine.log.read_all()]
    assert not [row for row in log if secret in row or first.json()["secret"] in row]
    assert secret not in boss.get("/tokens").text
    assert served.services.settings.data.joinpath("webhooks.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("event", "status", "place"),
    [
        ({"type": "record.fly", "data": {}}, 404, None),
        ({"type": "unicorn.create", "data": {}}, 404, None),
        ({"type": "record.work"}, 422, "/subject"),
        ({"type": "record"}, 422, "/type"),
        ({"type": "record.create", "data": {"title": ""}}, 422, "/title"),
        ({"type": "record.create", "specversion": "0.3"}, 422, "/specversion"),
        ({"type": "record.work", "subject": "nowhere"}, 404, None),
        ({**CREATE, "more": 1}, 422, "/more"),
        (b"[]", 422, ""),
        (b"{", 422, ""),
        (b"", 422, "/type"),
    ],
)
def test_what_no_command_is_is_refused_with_its_place(osip: System, event: Any, status: int, place: str | None) -> None:
    refused = osip.send(event)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    if place is not None:
        assert place in [one["pointer"] for one in refused.json()["errors"]]


def test_form_and_size_of_the_body_are_checked(osip: System) -> None:
    assert osip.send(CREATE, **{"content-type": "text/plain"}).status_code == 415
    assert osip.send(CREATE, **{"content-type": "application/json"}).status_code == 201
    assert osip.send(b" " * 200_001).status_code == 413
