"""A centre that turns pages straight: a scan over HTTP is handled by its terms, and both pictures are shown."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scanning.batch_actions.capture import Prepare, Scan
from scanning.requirements.scan_product import PageDifference
from tests.api.pages.test_scan_centre import Visitor
from tests.api.server_in_thread import Served, serving
from tests.scanning import papers
from tests.scanning.postprocessing.test_process_pages import askew
from workflow.engine.access import Actor, Role

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


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a scan centre that turns pages straight and leaves out blank backs."""
    with serving(tmp_path_factory.mktemp("centre"), timer_seconds=0, fixity_hours=0) as served:
        admin = served.client("admin", "admin", authority="mwide")
        for action, body in (
            ("enter", {"kind": "central", "title": "Süd", "carrier": "mwide", "terms": TERMS}),
            ("connect", {"authority": "mwide", "opens": "2021-01-01"}),
        ):
            answer = admin.post(f"/scan-centres/sued/actions/{action}", json=body)
            assert answer.is_success, answer.text
        yield served


SHEET = {"content-type": "image/tiff"}


def test_a_reworked_image_has_the_sides_of_its_scan_and_either_may_be_taken_as_it_is(centre: Served) -> None:
    otto = centre.client("otto", "scan_operator", authority="mwide")
    items = [{"title": "Antrag", "sheets": 1}]
    batch = otto.post("/scan-batches", json={"items": items, "unit": "scan", "centre": "sued"}).json()["id"]
    otto.post(f"/scan-batches/{batch}/actions/prepare", json={"item": 1})
    path = f"/scan-batches/{batch}/items/1/content"

    def put(query: str, degrees: float) -> dict[str, Any]:
        file = papers.tiff_of([askew(degrees), papers.blank()])
        sent = otto.put(f"{path}?file_name=brief.tif&{query}", content=file, headers=SHEET)
        assert sent.status_code == 200, sent.text
        return sent.json()["items"][0]["scans"][-1]

    assert put("duplex=true", 1.6)["raw"]["dropped_pages"] == [2]
    reworked = put("reason=heller", 1.4)
    assert reworked["duplex"]
    assert reworked["raw"]["dropped_pages"] == [2]
    assert not any("leere Rückseiten nicht gesucht" in told for told in reworked["raw"]["treatment"])
    raw = put("reason=zu+hell&as_it_is=true", 1.2)["raw"]
    assert (raw["dropped_pages"], raw["differences"]) == ([], [])
    assert raw["treatment"][-1] == "auf Wunsch nicht nachbearbeitet"
    again = otto.post(  # a file that the server has already
        f"/scan-batches/{batch}/actions/rework", json={"item": 1, "reason": "so", "raw": reworked["raw"]}
    )
    assert again.status_code == 200, again.text
    assert again.json()["items"][0]["scans"][-1]["raw"]["dropped_pages"] == [2]
    bad = otto.put(f"{path}?as_it_is=ja", content=b"x", headers=SHEET)
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/as_it_is")


def test_a_declined_file_is_dropped_once_more_to_be_taken_as_it_is(centre: Served) -> None:
    olga, inge = Visitor(centre, "olga", "scan_operator"), centre.client("inge", "scan_inspector", authority="mwide")
    path = olga.begin(title="Posteingang", centre="sued").headers["location"]
    batch = path.rpartition("/")[2]
    assert olga.page(path).xpath("//form[@data-upload]//input[@name='as_it_is']/@value") == ["yes"]
    file = papers.tiff_of([askew(1.6), papers.blank()])

    def drop(**more: str) -> Any:
        olga.keys += 1
        sent = {"content-type": "application/octet-stream", "x-eva-mark": olga.mark, "idempotency-key": f"x{olga.keys}"}
        query = {"file_name": "brief.tif", "environment": "Scanner 3", "duplex": "yes", **more}
        told = olga.http.post(f"{path}/drop", params=query, content=file, headers=sent)
        assert told.status_code == 200, told.text
        (item,) = centre.services.engine.load(f"scan-batch:{batch}").state.items.values()
        return item

    assert drop().scan.raw.dropped_pages == (2,)
    declined = inge.post(f"/scan-batches/{batch}/actions/reject", json={"item": 1, "reason": "Stempel hinten"})
    assert declined.status_code == 200, declined.text
    assert (drop().state, drop().state) == ("rejected", "rejected")  # the same again changes nothing
    item = drop(as_it_is="yes")
    assert (item.state, item.scan.raw.dropped_pages, item.scan.raw.differences) == ("scanned", (), ())


def test_a_centre_that_leaves_pages_alone_does_not_ask(served: Served) -> None:
    olga = Visitor(served, "olga", "scan_operator")
    path = olga.begin(title="Posteingang").headers["location"]
    assert olga.page(path).xpath("//form[@data-upload]//input[@name='as_it_is']") == []


def test_all_pictures_of_a_page_are_shown(centre: Served) -> None:
    """Of a page that the conversion changed, and that was turned straight then."""
    otto, inge = (centre.client(user, role, authority="mwide") for user, role in (
        ("otto", "scan_operator"), ("inge", "scan_inspector")))  # fmt: skip
    items = [{"title": "Antrag", "sheets": 1}]
    batch = otto.post("/scan-batches", json={"items": items, "unit": "scan", "centre": "sued"}).json()["id"]
    assert centre.services.files is not None
    store, names = centre.services.files.store, ("before", "converted", "after")
    pictures = {of: store.put(papers.saved(papers.page(of), "PNG")).sha256 for of in names}
    raw = centre.services.files.services.capture.store_scan((papers.tiff_file(1),), "brief.tif")
    changed = PageDifference.model_validate({"page": 1, "detail": "Seite 1: anders; gerade gerichtet", **pictures})
    scan = Scan(item=1, raw=raw.model_copy(update={"differences": (changed,)}))
    stream, actor = f"scan-batch:{batch}", Actor("otto", frozenset({Role.SCAN_OPERATOR}), "mwide")
    centre.services.engine.handle(Prepare(item=1), actor, stream)
    centre.services.engine.handle(scan, actor, stream)
    page = Visitor(centre, "inge", "scan_inspector").page(f"/pages/scanning/batches/{batch}")
    shown = page.xpath("//img[@class='page']/@src")
    assert [path.rpartition("/")[2] for path in shown] == [*names]
    for of in names:
        told = inge.get(f"/scan-batches/{batch}/items/1/content?of={of}&page=1")
        assert (told.status_code, sha256(told.content).hexdigest()) == (200, pictures[of])


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
