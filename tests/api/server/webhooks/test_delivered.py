"""Events that are delivered to a receiver of our own: signed, in order, at least once, to who may read them."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from api.server.openapi.document import describe
from tests.api import conftest
from tests.api.server.webhooks.receiver import Got, Receiver, receiving
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT

RECORD = {"title": "Förderantrag Windpark", "file_plan_code": "43.21"}
LOCAL = ("127.0.0.0/8",)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, webhook_networks=LOCAL, webhook_attempts=2, timer_seconds=0.05) as one:
        yield one


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as one:
        yield one


def admin(served: Served, authority: str = "mwide", **known: Any) -> httpx.Client:
    return served.client(f"anna-{authority}", "admin", authority=authority, **known)


def clerk(served: Served, authority: str = "mwide", **known: Any) -> httpx.Client:
    return served.client(f"klara-{authority}", "case_worker", authority=authority, **known)


def set_up(who: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    made = who.post("/webhooks", json={"url": url, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def make_record(who: httpx.Client, **more: Any) -> str:
    made = who.post("/records", json=RECORD | more)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def wait_until(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENT
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def compute_signature(secret: str, got: Got) -> str:
    """HMAC of RFC 2104 by hand, so that it shares no code with what is tested."""
    key = base64.b64decode(secret.removeprefix("whsec_")).ljust(64, b"\0")
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + signed).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    return f"v1,{base64.b64encode(outer).decode()}"


def test_an_event_arrives_signed_as_a_cloud_event(served: Served, receiver: Receiver) -> None:
    boss = admin(served)
    hook = set_up(boss, receiver.url, types=["record.created"])
    record = make_record(clerk(served))
    (got,) = receiver.wait(1)
    assert got.event["type"] == "record.created"
    assert got.event["subject"] == f"record:{record}"
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert got.headers["webhook-id"] == f"{hook['id']}.{got.event['position']}"
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 300
    assert got.headers["webhook-signature"] == compute_signature(hook["secret"], got)
    other = set_up(boss, receiver.url, types=["record.deleted"])
    assert got.headers["webhook-signature"] != compute_signature(other["secret"], got)
    events = boss.get("/events", params={"type": "record.created"}).json()["items"]
    assert got.event == events[-1], "a webhook says what the feed says"
    told = describe(served.app)
    said = told["webhooks"]["event"]["post"]
    assert {header["name"] for header in said["parameters"]} == {name for name in got.headers if "webhook-" in name}
    schema = said["requestBody"]["content"][got.headers["content-type"]]["schema"]
    jsonschema.validate(got.event, {**schema, "components": told["components"]}, jsonschema.Draft202012Validator)
    for one in (hook, other):
        boss.delete(f"/webhooks/{one['id']}", headers={"idempotency-key": f"d-{one['id']}"})


def test_events_come_in_order_and_only_those_that_are_asked_for(served: Served, receiver: Receiver) -> None:
    hook = set_up(admin(served), receiver.url, subjects=["record"])
    who = clerk(served)
    made = []
    for _ in range(5):
        made.append(make_record(who))
        who.post("/mail-folders", json={"items": [{"title": "Brief"}]})
    wait_until(lambda: len({got.event["subject"] for got in receiver.got}) == 5)
    positions = [got.event["position"] for got in receiver.got]
    assert positions == sorted(positions)
    assert {got.event["subject"] for got in receiver.got} == {f"record:{key}" for key in made}
    one = set_up(admin(served), f"{receiver.url}/one", subjects=[f"record:{made[2]}"])
    who.post(f"/records/{made[1]}/actions/work", json={})
    who.post(f"/records/{made[2]}/actions/work", json={})
    wait_until(lambda: [got for got in receiver.got if got.path == "/hook/one"])
    assert {got.event["subject"] for got in receiver.got if got.path == "/hook/one"} == {f"record:{made[2]}"}
    for name in (hook["id"], one["id"]):
        admin(served).delete(f"/webhooks/{name}", headers={"idempotency-key": f"d-{name}"})


def test_only_what_its_owner_may_read_is_delivered(served: Served, receiver: Receiver) -> None:
    """Not what needs a higher clearance, nor another authority's; the last one shows that all was looked at."""
    hook = set_up(admin(served), receiver.url, types=["record.created"])
    make_record(clerk(served, clearance="high"), protection="high", title="Geheim")
    make_record(clerk(served, "jm"), title="Fremd")
    last = make_record(clerk(served))
    wait_until(lambda: f"record:{last}" in {got.event["subject"] for got in receiver.got})
    assert [got.event["data"]["title"] for got in receiver.got] == [RECORD["title"]]
    admin(served).delete(f"/webhooks/{hook['id']}", headers={"idempotency-key": f"d-{hook['id']}"})


def test_what_fails_is_tried_again_and_comes_before_what_follows(served: Served, receiver: Receiver) -> None:
    receiver.answers = [503]
    hook = set_up(admin(served), receiver.url, types=["record.created"])
    first, second = make_record(clerk(served)), make_record(clerk(served))
    receiver.wait(3)
    assert [got.event["subject"] for got in receiver.got] == [f"record:{key}" for key in (first, first, second)]
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]
    admin(served).delete(f"/webhooks/{hook['id']}", headers={"idempotency-key": f"d-{hook['id']}"})


def test_what_is_given_up_is_listed_and_can_be_tried_again(served: Served, receiver: Receiver) -> None:
    boss = admin(served)
    receiver.answers = [400, 400]
    hook = set_up(boss, receiver.url, types=["record.created"])
    path = f"/webhooks/{hook['id']}"
    lost, well = make_record(clerk(served)), make_record(clerk(served))
    assert [got.event["subject"] for got in receiver.wait(3)] == [f"record:{key}" for key in (lost, lost, well)]
    (dead,) = wait_until(lambda: boss.get(f"{path}/dead-letters").json()["items"])
    assert (dead["attempts"], dead["why"], dead["waiting"]) == (2, "answered 400", False)
    assert wait_until(lambda: boss.get(path).json()["dead_letters"]) == 1
    (event,) = boss.get("/events", params={"after": dead["position"] - 1, "limit": 1}).json()["items"]
    assert event["subject"] == f"record:{lost}"
    receiver.answers = [502]
    for status in (502, 204):
        waiting = boss.post(f"{path}/redeliver", json={"positions": [dead["position"]]})
        assert (waiting.status_code, waiting.json()) == (200, {"waiting": 1}), status
        receiver.wait(4 if status == 502 else 5)
        wait_until(lambda: not any(row["waiting"] for row in boss.get(f"{path}/dead-letters").json()["items"]))
    assert receiver.got[-1].event["subject"] == f"record:{lost}"
    assert boss.get(f"{path}/dead-letters").json() == {"items": [], "next": None}
    events = boss.get("/events", params={"subject": f"webhook:{hook['id']}"}).json()["items"]
    assert [event["type"] for event in events] == ["webhook.created", *["webhook.redelivered"] * 2]
    boss.delete(path, headers={"idempotency-key": f"d-{hook['id']}"})


def test_gone_ends_it(served: Served, receiver: Receiver) -> None:
    boss = admin(served)
    receiver.usual = 410
    hook = set_up(boss, receiver.url, types=["record.created"])
    make_record(clerk(served))
    wait_until(lambda: boss.get(f"/webhooks/{hook['id']}").json()["state"] == "ended")
    control = set_up(boss, f"{receiver.url}/control", types=["record.created"])
    make_record(clerk(served))
    wait_until(lambda: [got for got in receiver.got if got.path == "/hook/control"])
    assert len([got for got in receiver.got if got.path == "/hook"]) == 1
    refused = boss.post(f"/webhooks/{hook['id']}/redeliver", json={})
    assert refused.status_code == 422
    ended = wait_until(lambda: (row := boss.get(f"/webhooks/{control['id']}").json())["why"] and row)
    assert (ended["why"], ended["state"], ended["in_force"]) == ("answered 410", "ended", False)


def test_a_redirect_is_not_followed(served: Served, receiver: Receiver) -> None:
    receiver.usual, receiver.headers = 307, {"location": f"{receiver.url}/elsewhere"}
    hook = set_up(admin(served), receiver.url, types=["record.created"])
    make_record(clerk(served))
    (dead,) = wait_until(lambda: admin(served).get(f"/webhooks/{hook['id']}/dead-letters").json()["items"])
    assert dead["why"] == "answered 307"
    assert {got.path for got in receiver.got} == {"/hook"}
    admin(served).delete(f"/webhooks/{hook['id']}", headers={"idempotency-key": f"d-{hook['id']}"})


@pytest.mark.parametrize("how", ["leaves", "token revoked", "administers no more"])
def test_nothing_is_delivered_in_the_name_of_who_may_not_any_more(
    served: Served, receiver: Receiver, how: str
) -> None:  # fmt: skip
    name = f"emil {how}"
    owner = served.client(name, "admin", "registrar", authority="mwide")
    hook = set_up(owner, receiver.url, types=["record.created"])
    make_record(clerk(served))
    receiver.wait(1)
    boss = served.client("dora", "admin", authority="mwide")
    if how == "leaves":
        assert boss.post(f"/staff/{name}/actions/leave", json={"reason": "Versetzung"}).status_code == 200
    elif how == "token revoked":
        tokens = [one for one in boss.get("/tokens", params={"limit": 200}).json()["items"] if one["user"] == name]
        for one in tokens:
            boss.delete(f"/tokens/{one['id']}", headers={"idempotency-key": f"r-{one['id']}"})
    else:
        body = {"user": name, "roles": ["registrar"], "authority": "mwide"}
        assert boss.post("/staff", json=body).status_code == 201
    assert boss.get(f"/webhooks/{hook['id']}").json()["in_force"] is False
    control = set_up(boss, f"{receiver.url}/control", types=["record.created"])
    make_record(clerk(served))
    wait_until(lambda: [got for got in receiver.got if got.path == "/hook/control"])
    wait_until(lambda: boss.get(f"/webhooks/{hook['id']}").json()["why"] == "its owner may not any more")
    assert len([got for got in receiver.got if got.path == "/hook"]) == 1
    for one in (hook, control):
        boss.delete(f"/webhooks/{one['id']}", headers={"idempotency-key": f"d-{one['id']}"})


def test_a_server_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """Set up while the receiver is down, killed while events wait; nothing is lost, and the order is kept."""
    receiver = Receiver()
    with receiving(receiver):
        pass  # it has a port now, at which nobody listens
    with conftest.serving(
        f"sqlite:///{tmp_path}/eva.db", tmp_path, EVA_WEBHOOK_NETWORKS="127.0.0.0/8", EVA_TIMER_SECONDS="0.05"
    ) as server:  # fmt: skip
        boss, who = server.client("anna", "admin"), server.client("klara", "case_worker")
        hook = boss.made("/webhooks", {"url": receiver.url, "types": ["record.created"]})
        made = [who.made("/records", RECORD)["id"] for _ in range(3)]
        wait_until(lambda: boss.get(f"/webhooks/{hook['id']}").json()["attempts"])
        server.kill()
        server.start()
        assert "ConnectError" in boss.get(f"/webhooks/{hook['id']}").json()["why"]
        with receiving(receiver):
            got = receiver.wait(3)
            assert [one.event["subject"] for one in got][:3] == [f"record:{key}" for key in made]
            assert got[0].headers["webhook-signature"] == compute_signature(hook["secret"], got[0])
            server.kill()  # perhaps before it has noted the last one
            server.start()
            made.append(who.made("/records", RECORD)["id"])
            wait_until(lambda: f"record:{made[-1]}" in {one.event["subject"] for one in receiver.got})
            told = list(dict.fromkeys(one.event["subject"] for one in receiver.got))
            assert told == [f"record:{key}" for key in made]
        wait_until(lambda: boss.get(f"/webhooks/{hook['id']}").json()["why"] is None)
