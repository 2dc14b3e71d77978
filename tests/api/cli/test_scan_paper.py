"""Paper becomes a document over HTTP: the file is taken in, sealed, delivered, filed, and only then acknowledged."""

import io
import time
from hashlib import sha256

import img2pdf
from PIL import Image, ImageDraw

from tests.api.conftest import Served
from tests.patience import PATIENT


def pages(*texts):
    """A PDF with a page for each text."""
    found = []
    for text in texts:
        page = Image.new("RGB", (1240, 1754), "white")
        ImageDraw.Draw(page).text((200, 300), text * 20, fill="black")
        ImageDraw.Draw(page).rectangle((100, 500, 1100, 1500), outline="black", width=5)
        out = io.BytesIO()
        page.save(out, "PNG", dpi=(150, 150))
        found.append(out.getvalue())
    return img2pdf.convert(found)


def put(who, batch, number, data, key, media="application/pdf", **query):
    headers = {"idempotency-key": key, "content-type": media}
    query = {"file_name": "antrag.pdf", **query}
    return who.http.put(f"/scan-batches/{batch}/items/{number}/content", content=data, params=query, headers=headers)


def test_from_paper_to_the_case(server: Served) -> None:
    otto = server.client("otto", "scan_operator")
    inge = server.client("inge", "scan_inspector")
    mueller = server.client("mueller_scan", "case_worker")
    batch = otto.made("/scan-batches", {"centre": "rheinland", "unit": "scan", "items": [
        {"title": "Antrag", "sheets": 2}]})["id"]  # fmt: skip
    path = f"/scan-batches/{batch}"
    otto.did(path, "prepare", {"item": 1})
    data = pages("Antrag", "Anlage")
    first = put(otto, batch, 1, data, "scan-1")
    assert first.status_code == 200, first.text
    assert first.json()["items"][0]["scans"][0]["raw"]["pages"] == 2
    assert put(otto, batch, 1, data, "scan-1").json() == first.json()  # the same key and file: the first answer
    assert put(otto, batch, 1, pages("Anderes"), "scan-2").status_code == 409  # scanned already
    assert inge.get(f"{path}/items/1/content").status_code == 404  # no product yet
    to_inspect = inge.get(f"{path}/items/1/content", params={"of": "content"})
    assert to_inspect.headers["content-type"] == "application/pdf"
    assert sha256(to_inspect.content).hexdigest() == first.json()["items"][0]["scans"][0]["raw"]["content_sha256"]
    assert inge.get(f"{path}/items/1/content", params={"of": "seal"}).status_code == 422
    inge.did(path, "check", {"item": 1})
    sealed = otto.post(f"{path}/actions/seal", {"item": 1}, key="seal-1")
    assert sealed.status_code == 200, sealed.text
    assert otto.post(f"{path}/actions/seal", {"item": 1}, key="seal-1").json() == sealed.json()
    product = sealed.json()["items"][0]["product"]
    assert product["note"]["created_by"] == "otto"
    got = inge.get(f"{path}/items/1/content")
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.content.startswith(to_inspect.content)  # what was inspected is what was sealed
    assert len(got.content) > len(to_inspect.content)
    assert inge.get(f"{path}/items/1/content", params={"of": "raw"}).content == data
    verified = inge.post(f"{path}/actions/verify", {"item": 1})
    assert verified.json()["items"][0]["verification"]["note_valid"]
    delivery = otto.did(path, "deliver", {"item": 1})["items"][0]["delivery"]
    record = mueller.made("/records", {"title": "Windpark", "file_plan_code": "43.21"})["id"]
    case = mueller.did(f"/records/{record}", "add_case", {"title": "Bewilligung"})["cases"][0]["id"]
    folder = f"/mail-folders/{delivery['folder']}"
    mueller.did(folder, "sight", {"item": delivery["mail_item"]})
    mueller.did(folder, "assign", {"item": delivery["mail_item"], "to": "mueller_scan"})
    mueller.did(folder, "file", {"item": delivery["mail_item"], "record": record, "case": case})
    deadline = time.monotonic() + PATIENT
    while (state := otto.get(path).json()["items"][0]["state"]) != "acknowledged" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state == "acknowledged"  # by the policy, without anybody asking
    document = mueller.get(f"/records/{record}").json()["cases"][0]["documents"][0]
    assert document["versions"][0]["sha256"] == product["sha256"]


def test_what_will_not_do_is_refused_with_its_reason_and_kept(server: Served) -> None:
    otto = server.client("otto", "scan_operator")
    batch = otto.made("/scan-batches", {"items": [{"title": "Antrag", "sheets": 1}]})["id"]
    otto.did(f"/scan-batches/{batch}", "prepare", {"item": 1})
    refused = put(otto, batch, 1, b"%PDF-1.7 broken", "bad-1")
    assert refused.status_code == 422
    told = refused.json()
    assert told["reason"] in {"damaged", "unknown_type"}
    kept = list((server.folder / "data" / "content" / "quarantine").rglob(told["sha256"]))
    assert kept
    assert kept[0].read_bytes() == b"%PDF-1.7 broken"
    assert put(otto, batch, 1, b"x", "bad-2", media="text/html").status_code == 415
    assert put(otto, batch, 7, pages("x"), "bad-3").status_code == 404


def test_nobody_can_invent_a_scan_a_product_or_a_verification(server: Served) -> None:
    """What the log says of files is made by the server; the words of a client do not get there."""
    otto = server.client("otto", "scan_operator")
    batch = otto.made("/scan-batches", {"items": [{"title": "Antrag", "sheets": 1}]})["id"]
    path = f"/scan-batches/{batch}"
    otto.did(path, "prepare", {"item": 1})
    raw = {"sha256": "ab" * 32, "size": 1, "media_type": "application/pdf", "file_name": "x.pdf", "pages": 1}
    invented = otto.post(f"{path}/actions/scan", {"item": 1, "raw": raw})
    assert invented.status_code == 422
    assert invented.json()["errors"][0]["pointer"] == "/raw/sha256"
    assert put(otto, batch, 1, pages("Echt"), "real-1").status_code == 200
    assert otto.post(f"{path}/actions/seal", {"item": 1, "product": {}, "stored": {}}).status_code == 409
    assert "secret" not in otto.get(f"{path}/history").text


def test_a_stranger_learns_nothing_of_a_batch(server: Served) -> None:
    otto = server.client("otto", "scan_operator")
    batch = otto.made("/scan-batches", {"items": [{"title": "Antrag", "sheets": 1}]})["id"]
    stranger = server.client("fremd", "scan_operator", authority="jm")
    assert put(stranger, batch, 1, pages("x"), "s-1").status_code == 404
    assert stranger.get(f"/scan-batches/{batch}/items/1/content").status_code == 404
    otto.did(f"/scan-batches/{batch}", "prepare", {"item": 1})
    assert put(otto, batch, 1, pages("geheim"), "s-2").status_code == 200
    for who, status in ((otto, 200), (stranger, 404)):
        assert who.get(f"/scan-batches/{batch}/items/1/content", params={"of": "content"}).status_code == status
