"""Digital mail and the completeness of scan batches, over HTTP and on their page."""

from typing import Any

import httpx
from lxml import html

from tests.api.server_in_thread import Served
from workflow.mail_folders.channels import CHANNELS, LARGE

FILE = {"sha256": "ab" * 32, "file_name": "antrag.pdf", "media_type": "application/pdf", "size": 48213}
PORTAL = {"files": [FILE], "sender": "nutzerkonto-4711", "reference": "V-2021-0815"}


def client(served: Served, role: str, authority: str = "mwide") -> httpx.Client:
    return served.client(f"{role}-{authority}", role, authority=authority)


def post(who: httpx.Client, channel: str, body: Any, key: str) -> httpx.Response:
    return who.post(f"/intake/{channel}", json=body, headers={"idempotency-key": key})


def test_every_channel_is_told_with_what_it_needs(served: Served) -> None:
    rows = client(served, "registrar").get("/intake/channels").json()["items"]
    assert [row["channel"] for row in rows] == [channel.value for channel in CHANNELS]
    assert {row["channel"]: row["above_bytes"] for row in rows}["large_upload"] == LARGE


def test_a_transaction_becomes_a_mail_folder_once(served: Served) -> None:
    post_room = client(served, "registrar")
    made = post(post_room, "portal", PORTAL, "p-1")
    assert made.status_code == 201, made.text
    (item,) = made.json()["items"]
    assert (item["channel"], item["title"], item["reference"]) == ("portal", "antrag.pdf", "V-2021-0815")
    assert post_room.get(made.headers["location"]).json()["id"] == made.json()["id"]
    again = post(post_room, "portal", PORTAL, "p-1")
    assert (again.status_code, again.json()) == (201, made.json())
    assert post(post_room, "portal", {**PORTAL, "sender": "anders"}, "p-1").status_code == 422


def test_a_large_upload_has_high_need_whatever_is_said(served: Served) -> None:
    body = {**PORTAL, "files": [{**FILE, "size": LARGE + 1}]}
    made = post(served.client("post", "registrar", authority="mwide", clearance="high"), "large_upload", body, "l-1")
    assert made.status_code == 201, made.text
    assert made.json()["items"][0]["protection"] == "high"


def test_every_fault_of_every_file_is_told_with_its_place(served: Served) -> None:
    who = client(served, "registrar")
    files = [FILE, {**FILE, "size": 0}, {**FILE, "size": LARGE + 1}]
    refused = post(who, "portal", {"files": files, "reference": "V-1"}, "f-1")
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/sender", "/files/1/size", "/files/2/size"]
    assert post(who, "scan_centre", PORTAL, "f-2").status_code == 404
    assert post(who, "portal", {**PORTAL, "files": []}, "f-3").status_code == 422
    assert post(client(served, "auditor"), "portal", PORTAL, "f-4").status_code == 403
    assert post(who, "portal", {**PORTAL, "authority": "jm"}, "f-5").status_code == 403


def test_written_form_needs_a_proof_where_the_channel_does_not_stand_for_it(served: Served) -> None:
    who, formal = client(served, "registrar"), {**PORTAL, "written_form": True}
    refused = post(who, "email", formal, "w-1")
    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, ["/proof"])
    assert post(who, "portal", formal, "w-2").status_code == 201
    made = post(who, "email", {**formal, "proof": "qualified_seal"}, "w-3")
    assert (made.status_code, made.json()["items"][0]["proof"]) == (201, "qualified_seal")


def test_sheets_are_counted_for_those_who_may_know_of_them(served: Served) -> None:
    otto, inge = client(served, "scan_operator"), client(served, "scan_inspector")
    items = [{"title": "Antrag", "sheets": 3}, {"title": "Urkunde", "sheets": 2}]
    batch = otto.post("/scan-batches", json={"title": "Eingang A", "items": items}).json()["id"]
    otto.post(f"/scan-batches/{batch}/actions/exclude", json={"item": 2, "reason": "return_obliged"})
    found = inge.get("/scan-counts").json()
    (row,) = found["batches"]
    told = [row[key] for key in ("sheets_in", "sheets_out", "excluded", "under_way", "difference", "closed")]
    assert told == [5, 0, 2, 3, 0, False]
    assert found["mismatches"] == []
    otto.post("/scan-batches", json={"title": "Eingang B", "sheets": 4, "items": [{"title": "Brief", "sheets": 3}]})
    found = inge.get("/scan-counts").json()
    (wrong,) = found["mismatches"]
    assert (wrong["item"], wrong["expected"], wrong["found"]) == (None, 4, 3)
    (centre,) = found["centres"]
    assert (centre["sheets_in"], centre["difference"]) == (9, 1)
    stranger = client(served, "scan_inspector", "jm").get("/scan-counts").json()
    assert stranger == {"batches": [], "centres": [], "mismatches": []}
    for language, said in (("de", "Blätter bei Eingang"), ("en", "sheets on arrival")):
        page = inge.get("/pages/scanning/counts", headers={"accept-language": language})
        assert page.status_code == 200
        assert said in page.text
        rows = html.fromstring(page.text).xpath("//tbody/tr/th")
        assert len(rows) == 1 + 2 + len(CHANNELS)
    other = client(served, "scan_inspector", "jm").get("/pages/scanning/counts")
    assert "Eingang A" not in other.text
