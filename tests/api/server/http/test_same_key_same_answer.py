"""Idempotency-Key, ETag and If-Match, lists, the feed: what clients rely on."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.api.conftest import Served
from tests.patience import PATIENT


def test_sixteen_at_once_with_one_key_make_one(own_server: Served) -> None:
    served = own_server
    who = served.client("mueller", "case_worker")
    body = {"title": "einmal", "file_plan_code": "43.21"}
    for round_ in range(5):
        authenticator = threading.Barrier(16)

        def send(_, authenticator=authenticator, key=f"same-{round_}"):
            authenticator.wait()
            with httpx.Client(base_url=served.base, timeout=PATIENT) as http:
                headers = {"authorization": f"Bearer {who.token}", "idempotency-key": key}
                return http.post("/records", json=body, headers=headers)

        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(send, range(16)))
        assert {a.status_code for a in answers} == {201}
        assert len({a.text for a in answers}) == 1
    assert len(who.get("/records").json()["items"]) == 5
    other = who.post("/records", {**body, "title": "anders"}, key="same-0")
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")
    served.kill()
    served.start()
    again = who.post("/records", body, key="same-0")
    assert again.status_code == 201
    assert again.json()["version"] == 1
    assert again.headers["idempotency-replayed"] == "true"
    assert len(who.get("/records").json()["items"]) == 5


def test_the_first_answer_stays_the_answer_when_things_have_moved_on(server: Served) -> None:
    who = server.client("first", "case_worker")
    record = "/records/" + who.made("/records", {"title": "a", "file_plan_code": "43.21"})["id"]
    first = who.post(f"{record}/actions/work", {"note": "eins"}, key="first-1")
    who.did(record, "add_case", {"title": "Fall"})
    again = who.post(f"{record}/actions/work", {"note": "eins"}, key="first-1")
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]


def test_a_key_is_each_users_own(server: Served) -> None:
    one, two = server.client("eins", "case_worker"), server.client("zwei", "case_worker")
    body = {"title": "geheim", "file_plan_code": "43.21"}
    first, second = one.post("/records", body, key="k"), two.post("/records", body, key="k")
    assert first.json()["id"] != second.json()["id"]


def test_if_match_guards_changes(server: Served) -> None:
    who = server.client("etag", "case_worker")
    made = who.post("/records", {"title": "a", "file_plan_code": "43.21"})
    record, tag = made.headers["location"], made.headers["etag"]
    assert who.post(f"{record}/actions/work", **{"if-match": tag}).status_code == 200
    stale = who.post(f"{record}/actions/work", **{"if-match": tag})
    assert stale.status_code == 412
    assert stale.json()["version"] == 2
    for wrong in ('"99999999999999999999999"', 'W/"2"', "2", '"x"'):
        assert who.post(f"{record}/actions/work", **{"if-match": wrong}).status_code == 412, wrong
    assert who.post(f"{record}/actions/work", **{"if-match": "*"}).status_code == 200
    shown = who.get(record)
    assert who.get(record, headers={"if-none-match": shown.headers["etag"]}).status_code == 304


def test_a_stale_tag_tells_a_stranger_nothing(server: Served) -> None:
    who, stranger = server.client("hier", "case_worker"), server.client("dort", "case_worker", authority="jm")
    record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
    absent = "/records/00000000-0000-0000-0000-000000000000"
    for path in (record, absent):
        answer = stranger.post(f"{path}/actions/work", **{"if-match": '"7"'})
        assert answer.status_code == 404
        assert "version" not in answer.json()


def test_lists_go_on_where_they_ended(server: Served) -> None:
    who = server.client("lister", "case_worker", authority="listen")
    for n in range(7):
        who.made("/records", {"title": f"Akte {n}", "file_plan_code": "43.21"})
        who.made("/mail-folders", {"title": f"Post {n}"})
    for plural in ("records", "mail-folders"):
        found, cursor = [], None
        while True:
            page = who.get(f"/{plural}", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
            found += [row["id"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(found) == len(set(found)) == 7, plural


def test_a_history_goes_on_where_its_page_ended(server: Served) -> None:
    who = server.client("lister", "case_worker", authority="listen")
    record = "/records/" + who.made("/records", {"title": "Akte", "file_plan_code": "43.21"})["id"]
    for n in range(2):
        who.post(f"{record}/actions/work", {"note": str(n)})
    first = who.get(f"{record}/history", params={"limit": 2}).json()
    rest = who.get(f"{record}/history", params={"limit": 2, "cursor": first["next"]}).json()
    assert [event["version"] for event in first["events"] + rest["events"]] == [1, 2, 3]
    assert rest["next"] is None
    assert who.get(f"{record}/history").json() == {"events": first["events"] + rest["events"], "next": None}


def test_the_feed_has_every_position_once_and_the_stream_goes_on_where_it_ended(own_server: Served) -> None:
    served = own_server
    auditor = served.client("auditor", "auditor", "case_worker", authority=None, clearance="very_high")
    who = served.client("mueller", "case_worker")
    record = "/records/" + who.made("/records", {"title": "a", "file_plan_code": "43.21"})["id"]
    seen, stop = [], threading.Event()

    def listen():
        last = None
        while not stop.is_set():
            headers = {"authorization": f"Bearer {auditor.token}", **({"last-event-id": last} if last else {})}
            with (
                httpx.Client(base_url=served.base, timeout=PATIENT) as http,
                http.stream("GET", "/events/stream", headers=headers) as told,
            ):
                count = 0
                for line in told.iter_lines():
                    if line.startswith("id:"):
                        last = line.removeprefix("id:").strip()
                        seen.append(int(last))
                        count += 1
                    if count == 10 or stop.is_set():
                        break  # goes away and comes again

    listener = threading.Thread(target=listen)
    listener.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: who.post(f"{record}/actions/work", {"note": str(n)}), range(60)))
    head = auditor.get("/events").json()["head"]
    for _ in range(200):
        if seen and seen[-1] >= head:
            break
        threading.Event().wait(0.05)
    stop.set()
    who.post(f"{record}/actions/work")  # lets the listener look up
    listener.join(PATIENT)
    assert seen[:head] == list(range(1, head + 1))
    pages, after = [], 0
    while page := auditor.get("/events", params={"after": after, "limit": 7}).json()["items"]:
        pages += [event["position"] for event in page]
        after = pages[-1]
    assert pages[:head] == list(range(1, head + 1))


def test_the_feed_shows_what_the_caller_may_know(server: Served) -> None:
    high = server.client("hoch", "case_worker", authority="feed", clearance="high")
    normal = server.client("normal", "case_worker", authority="feed")
    stranger = server.client("anders", "case_worker", authority="feed2")
    open_ = high.made("/records", {"title": "offen", "file_plan_code": "43.21"})["id"]
    closed = high.made("/records", {"title": "vertraulich", "file_plan_code": "43.21", "protection": "high"})["id"]

    def subjects(who):
        found, after = set(), 0
        while True:
            page = who.get("/events", params={"after": after, "limit": 1000}).json()
            found |= {event["subject"] for event in page["items"]}
            if page["next"] == after:
                return found
            after = page["next"]

    assert {f"record:{open_}", f"record:{closed}"} <= subjects(high)
    assert f"record:{open_}" in subjects(normal)
    assert f"record:{closed}" not in subjects(normal)
    assert not {f"record:{open_}", f"record:{closed}"} & subjects(stranger)
    assert not any(subject.startswith("token:") for subject in subjects(normal))


def test_the_digest_of_a_token_is_shown_to_nobody(server: Served) -> None:
    root = server.client("wurzel", "admin", "auditor", authority=None, clearance="very_high")
    events = root.get("/events", params={"limit": 1000}).json()["items"]
    issued = [event for event in events if event["type"] == "token.issued"]
    assert issued
    assert "digest" not in json.dumps(issued)


def test_why_not_is_told_in_both_languages(server: Served) -> None:
    who = server.client("sprache", "case_worker")
    record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
    rows = {row["action"]: row for row in who.get(f"{record}/actions").json()["actions"]}
    assert rows["work"]["allowed"]
    assert rows["offer"]["why_not_en"] != rows["offer"]["why_not_de"]
    german = who.post(f"{record}/actions/offer", **{"accept-language": "de"}).json()["detail"]
    english = who.post(f"{record}/actions/offer", **{"accept-language": "en"}).json()
    assert german != english["detail"]
    assert english["state"] == "created"
    assert "work" in english["allowed_actions"]
