"""Reading over HTTP: in somebody's name, one mail item, and what needs more clearance, by every way there is."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from tests.api.conftest import Person, Served
from tests.patience import PATIENT

LISTS = (
    "/records", "/routing-slips", "/mail-folders", "/scan-batches", "/staff", "/templates", "/file-plans", "/cockpit",
    "/inbox", "/me", "/events", "/scan-centres",
)  # fmt: skip
_numbers = count()


def somebody(server: Served, role: str = "case_worker", **known: Any) -> tuple[str, Person]:
    user = f"leser{next(_numbers)}"
    return user, server.client(user, role, **known)


def appoint(admin: Person, absent: str, deputy: str, until: datetime) -> None:
    body = {"user": absent, "deputy": deputy, "since": "2021-06-01T00:00:00Z", "until": until.isoformat()}
    since = datetime.now(UTC) - timedelta(days=1)
    admin.did(f"/staff/{absent}", "appoint_deputy", {**body, "since": since.isoformat()})


def test_in_somebody_s_name_reads_only_who_deputises_for_them_now(server: Served) -> None:
    (absent, _), (user, deputy) = somebody(server), somebody(server)
    _, admin = somebody(server, "admin", clearance="high")
    inherited = {"on-behalf-of": absent}
    assert {path: deputy.get(path, headers=inherited).status_code for path in LISTS} == dict.fromkeys(LISTS, 403)
    appoint(admin, absent, user, datetime.now(UTC) + timedelta(days=1))
    assert {path: deputy.get(path, headers=inherited).status_code for path in LISTS} == dict.fromkeys(LISTS, 200)
    assert deputy.get("/me", headers=inherited).json()["on_behalf_of"] == absent


def test_lists_and_cockpit_show_the_deputy_what_the_absent_person_takes_part_in(server: Served) -> None:
    absent, _ = somebody(server, authority="jm")
    user, deputy = somebody(server, authority="jm")
    _, admin = somebody(server, "admin", authority="jm")
    _, owner = somebody(server)
    slip = owner.made("/routing-slips", {"title": "fern", "stations": [{"kind": "co_sign", "actor": absent}]})["id"]
    assert slip not in deputy.get("/routing-slips?limit=200").text
    appoint(admin, absent, user, datetime.now(UTC) + timedelta(days=1))
    inherited = {"on-behalf-of": absent}
    for path in ("/routing-slips?limit=200", "/cockpit?limit=200", f"/routing-slips/{slip}"):
        assert slip in deputy.get(path, headers=inherited).text
    assert deputy.get("/cockpit", headers=inherited).json()["by_authority"]["mwide"] == 1


def test_whoever_is_given_one_mail_item_sees_that_item_and_puts_nothing_in(server: Served) -> None:
    _, post = somebody(server, "registrar", clearance="high")
    user, guest = somebody(server, authority="jm")
    items = [{"title": "für mich"}, {"title": "für andere"}, {"title": "Attest", "protection": "high"}]
    made = post.made("/mail-folders", {"title": "Posteingang", "items": items})
    path = f"/mail-folders/{made['id']}"
    mine, others = made["items"][0]["id"], [item["id"] for item in made["items"][1:]]
    for item in made["items"]:
        post.did(path, "sight", {"item": item["id"]})
    post.did(path, "assign", {"item": mine, "to": user})
    shown = guest.get(path).json()
    assert [item["id"] for item in shown["items"]] == [mine]
    assert (shown["title"], shown["unit"], shown["protection"]) == (None, None, "normal")
    feed = "".join(event["subject"] + str(event["data"]) for event in _read_feed(guest))
    for text in (guest.get(f"{path}/history").text, guest.get("/mail-folders?limit=200").text, feed):
        assert mine in text
        assert not [item for item in others if item in text]
        assert "Posteingang" not in text
    assert guest.post(f"{path}/actions/receive", {"incoming": {"title": "x"}}).status_code == 403
    allowed = {one["action"]: one["allowed"] for one in guest.get(f"{path}/actions").json()["actions"]}
    assert (allowed["receive"], allowed["accept"]) == (False, True)
    page = guest.get(f"/pages/things{path}")
    assert (page.status_code, "None" in page.text, others[0] in page.text) == (200, False, False)
    guest.did(path, "misdirect", {"item": mine, "reason": "nicht für uns"})
    assert guest.get(path).status_code == 404


@pytest.fixture(scope="module")
def raised(server: Served) -> tuple[str, str, str]:
    """A record that has been raised, a slip made for it before that, and a batch of high need."""
    user, clerk = somebody(server, clearance="high")
    _, registrar = somebody(server, "registrar", clearance="high")
    record = clerk.made("/records", {"title": "Kanarienakte", "file_plan_code": "77.1"})["id"]
    body = {"title": "Kanarienmappe", "record": record, "stations": [{"kind": "co_sign", "actor": user}]}
    slip = clerk.made("/routing-slips", body)["id"]
    case = clerk.did(f"/records/{record}", "add_case", {"title": "x"})["cases"][0]["id"]
    file = {"sha256": "ab" * 32, "file_name": "x.pdf"}
    document = {"case": case, "title": "Attest", "file": file, "protection": "high"}
    clerk.did(f"/records/{record}", "add_document", document)
    items = [{"title": "Kanarienpapier", "sheets": 1, "protection": "high"}]
    batch = registrar.made("/scan-batches", {"title": "Kanarienstapel", "centre": "neu", "items": items})["id"]
    return record, slip, batch


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)
def test_what_is_not_there_is_not_found_however_often_it_is_asked_for(server: Served, resource: Resource) -> None:
    """The first answer may leave the empty stream in memory; the second must say the same."""
    _, reader = somebody(server, "auditor")
    path = f"/{resource.plural}/2b4ccba1-0a68-5c53-9916-9230e45ceb67"
    assert [reader.get(path).status_code for _ in range(3)] in ([404] * 3, [403] * 3)


def test_what_needs_clearance_is_told_by_no_way_to_who_has_none(server: Served, raised: tuple[str, str, str]) -> None:
    _, reader = somebody(server)
    _, cleared = somebody(server, clearance="high")
    record, slip, batch = raised
    hidden = [
        f"/records/{record}", f"/routing-slips/{slip}", f"/scan-batches/{batch}",
        f"/routing-slips/{slip}/history", f"/routing-slips/{slip}/actions", f"/scan-batches/{batch}/items/1/content",
        f"/pages/things/records/{record}", f"/pages/things/routing-slips/{slip}",
        f"/pages/things/scan-batches/{batch}", f"/pages/new/routing-slips?record={record}",
    ]  # fmt: skip
    assert {path: reader.get(path).status_code for path in hidden} == dict.fromkeys(hidden, 404)
    lists = [
        "/records?limit=200", "/records?text=kanarienakte", "/routing-slips?limit=200", "/scan-batches?limit=200",
        "/cockpit?limit=200", "/inbox?limit=200", "/pages/cockpit", "/pages/records?text=kanarienakte", "/pages/inbox",
    ]  # fmt: skip
    assert not [path for path in lists if set(raised) & set(_words(reader.get(path).text))]
    assert [path for path in lists if set(raised) & set(_words(cleared.get(path).text))]
    told = str(_read_feed(reader))
    assert not [key for key in (*raised, "Kanarien") if key in told]
    assert all(key in str(_read_feed(cleared)) for key in raised)


def test_counts_tell_of_nothing_hidden(server: Served, raised: tuple[str, str, str]) -> None:  # noqa: ARG001
    _, reader = somebody(server)
    _, cleared = somebody(server, clearance="very_high")
    few, all_of_them = (one.get("/cockpit").json() for one in (reader, cleared))
    assert sum(few["by_state"].values()) == sum(few["by_authority"].values())
    assert few["by_state"].get("draft", 0) < all_of_them["by_state"]["draft"]


def test_a_stream_leaves_out_the_same(server: Served, raised: tuple[str, str, str]) -> None:
    _, reader = somebody(server)
    last = reader.made("/records", {"title": "danach", "file_plan_code": "77.1"})["id"]
    told = ""
    with httpx.stream("GET", f"{server.base}/events/stream", headers=reader.http.headers, timeout=PATIENT) as stream:
        for line in stream.iter_lines():
            told += line
            if line.startswith("data:") and f"record:{last}" in line:
                break
    assert not [key for key in (*raised, "Kanarien") if key in told]


def _read_feed(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after, head = 0, 1
    while after < head:
        page = person.get("/events", params={"after": after, "limit": 1000}).json()
        found += page["items"]
        after, head = page["next"], page["head"]
    return found


def _words(text: str) -> list[str]:
    return text.replace('"', " ").replace("/", " ").replace("?", " ").split()
