"""A centre that turns pages straight: a scan over HTTP is handled by its terms, and both pictures are shown."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.pages.test_scan_centre import Visitor
from tests.api.server_in_thread import Served, serving
from tests.scanning import papers
from tests.scanning.postprocessing.test_process_pages import askew

TERMS = {"postprocessing": {"deskew": True, "drop_blank_backs": True, "text_layer": False}}


def check_page(served: Served, batch: str, duplex: bool) -> None:
    """The page of the batch shows both pictures to whoever checks, and to nobody of another authority."""
    inge = Visitor(served, "inge", "scan_inspector")
    shown = inge.page(f"/pages/scanning/batches/{batch}").xpath("//img[@class='page']/@src")
    before = f"/pages/scanning/batches/{batch}/items/1/pages"
    turned = {f"{before}/1/before", f"{before}/1/after"}
    assert set(shown) == (turned | {f"{before}/2/before"} if duplex else turned)
    for path in shown:
        picture = inge.http.get(path)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    inge.page(f"{before}/2/after", 404)
    Visitor(served, "fremd", "scan_inspector", authority="jm").page(shown[0], 404)


@pytest.mark.parametrize("duplex", [True, False])
def test_the_terms_of_the_centre_hold_over_http(tmp_path: Path, duplex: bool) -> None:
    with serving(tmp_path, test_seals_count=True, timer_seconds=0, fixity_hours=0) as served:
        people = {
            user: served.client(user, role, authority="mwide")
            for user, role in (("otto", "scan_operator"), ("inge", "scan_inspector"), ("admin", "admin"))
        }

        def post(who: str, path: str, **body: object) -> dict:
            answer = people[who].post(path, json=body)
            assert answer.is_success, answer.text
            return answer.json()

        post("admin", "/scan-centres/sued/actions/enter", kind="central", title="Süd", carrier="mwide", terms=TERMS)
        post("admin", "/scan-centres/sued/actions/connect", authority="mwide", opens="2021-01-01")
        sheets = 1 if duplex else 2
        item = {"title": "Antrag", "sheets": sheets}
        batch = post("otto", "/scan-batches", items=[item], unit="scan", centre="sued")["id"]
        post("otto", f"/scan-batches/{batch}/actions/prepare", item=1)
        content = f"/scan-batches/{batch}/items/1/content"
        sent = people["otto"].put(
            f"{content}?file_name=brief.tif&duplex={'true' if duplex else 'false'}",
            content=papers.tiff_of([askew(1.6), papers.blank()]), headers={"content-type": "image/tiff"},
        )  # fmt: skip
        assert sent.status_code == 200, sent.text
        raw = sent.json()["items"][0]["scans"][-1]["raw"]
        found = {one["page"]: one["after"] for one in raw["differences"]}
        if duplex:
            assert (raw["dropped_pages"], set(found), found[2]) == ([2], {1, 2}, None)
        else:
            assert (raw["dropped_pages"], set(found)) == ([], {1})
            assert any("leere Rückseiten nicht gesucht" in told for told in raw["treatment"])
        pictures = {
            (of, page): people["inge"].get(f"{content}?of={of}&page={page}").status_code
            for of in ("before", "after")
            for page in (1, 2)
        }
        both = 200 if duplex else 404
        expected = {("before", 1): 200, ("after", 1): 200, ("before", 2): both, ("after", 2): 404}
        assert pictures == expected
        check_page(served, batch, duplex)
        refused = people["inge"].post(f"/scan-batches/{batch}/actions/check", json={"item": 1})
        assert (refused.status_code, refused.json()["guard"]) == (409, "difference_accepted")
        post("inge", f"/scan-batches/{batch}/actions/check", item=1, accept_differences=True)
        sealed = post("otto", f"/scan-batches/{batch}/actions/seal", item=1)
        assert sealed["items"][0]["product"]["pages"] == (1 if duplex else 2)


def test_a_file_dropped_in_the_browser_may_be_of_both_sides(tmp_path: Path) -> None:
    with serving(tmp_path, test_seals_count=True, timer_seconds=0, fixity_hours=0) as served:
        olga = Visitor(served, "olga", "scan_operator")
        path = olga.begin(title="Posteingang").headers["location"]
        page = olga.page(path)
        assert page.xpath("//form[@data-upload]//input[@name='duplex']/@value") == ["yes"]
        sent = {"content-type": "application/octet-stream", "x-eva-mark": olga.mark, "idempotency-key": "both"}
        query = {"file_name": "brief.tif", "environment": "Scanner 3", "duplex": "yes"}
        told = olga.http.post(f"{path}/drop", params=query, content=papers.tiff_file(3), headers=sent)
        assert told.status_code == 200, told.text
        batch: Any = served.services.engine.load(f"scan-batch:{path.rpartition('/')[2]}").state
        (item,) = batch.items.values()
        assert (item.sheets, item.scan.duplex, item.scan.sheets, item.scan.raw.pages) == (2, True, 2, 3)
