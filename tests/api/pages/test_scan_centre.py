"""The scan centre's morning: files are dropped on a batch, what does not add up is shown, paper waits for eight
conditions.
"""

from typing import Any

import httpx
import pytest
from lxml import html

from api.pages.base.visitor import derive_csrf_token
from api.pages.scanning.release import CONDITIONS, Condition, check_conditions
from scanning.batches.question import Question
from scanning.batches.release_gate import GATE
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.capture.item_access import match_item
from scanning.requirements.scan_product import RawScan
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from tests.scanning import papers


class Visitor:
    """Somebody at a browser; `drop` does what the script of the page does."""

    def __init__(self, served: Served, user: str, *roles: str, language: str = "en", authority: str = "mwide") -> None:
        self.http = httpx.Client(base_url=served.url, headers={"accept-language": language}, timeout=PATIENT)
        self.http.post("/login", data={"token": served.bearer(user, *roles, authority=authority)})
        self.mark = derive_csrf_token(self.http.cookies["eva_session"])
        self.keys = 0
        served.clients.append(self.http)

    def page(self, path: str = "/pages/scanning", status: int = 200) -> html.HtmlElement:
        told = self.http.get(path)
        assert told.status_code == status, told.text
        return html.fromstring(told.text)

    def begin(self, **fields: str) -> httpx.Response:
        self.keys += 1
        own = {"_mark": self.mark, "_key": f"k{self.keys}", "centre": "scanstelle", "unit": "poststelle"}
        return self.http.post("/pages/scanning", data=own | fields)

    def drop(self, path: str, name: str, data: bytes, **headers: str) -> httpx.Response:
        self.keys += 1
        sent = {"content-type": "application/octet-stream", "x-eva-mark": self.mark, "idempotency-key": f"d{self.keys}"}
        query = {"file_name": name, "environment": "Scanner 3"}
        return self.http.post(f"{path}/drop", params=query, content=data, headers=sent | headers)


@pytest.fixture(scope="module")
def olga(served: Served) -> Visitor:
    return Visitor(served, "olga", "scan_operator")


@pytest.fixture(scope="module")
def batch(olga: Visitor) -> str:
    """A batch of today with two files dropped on it, of which three sheets were counted; the path of its page."""
    path = olga.begin(title="Posteingang", sheets="3").headers["location"]
    for name, text in (("antrag.tif", "Antrag"), ("vollmacht.tif", "Vollmacht")):
        told = olga.drop(path, name, papers.tiff_file(1, text))
        assert (told.status_code, told.json()) == (200, {"path": path})
    return path


def test_only_what_may_be_a_scan_is_offered_for_scanning(olga: Visitor, batch: str) -> None:
    (field,) = olga.page(batch).xpath("//input[@type='file']")
    assert field.get("accept") == ".pdf,.tif,.tiff,.jpg,.jpeg,.png"


def get_batch(served: Served, path: str) -> Batch:
    found: Batch = served.services.engine.load(f"scan-batch:{path.rpartition('/')[2]}").state
    return found


def section(page: html.HtmlElement, name: str) -> str:
    (found,) = page.xpath(f"//section[@aria-labelledby='{name}']")
    return " ".join(found.text_content().split())


@pytest.mark.parametrize(("language", "says"), [("de", "Heute ist noch nichts gekommen"), ("en", "Nothing has come")])
def test_an_empty_centre_says_what_belongs_there_and_how_it_gets_there(
    served: Served, language: str, says: str
) -> None:
    page = Visitor(served, "lena", "scan_operator", authority="jm", language=language).page()
    assert says in section(page, "today")
    assert "eva scan" in page.text_content()
    assert page.xpath("//form[@action='/pages/scanning']")


def test_each_file_becomes_an_item_that_waits_for_its_check(served: Served, olga: Visitor, batch: str) -> None:
    items = sorted(get_batch(served, batch).items.values(), key=lambda item: item.number)
    assert [(item.new.title, item.state, item.sheets) for item in items] == [
        ("antrag", "scanned", 1), ("vollmacht", "scanned", 1),
    ]  # fmt: skip
    assert all(item.scan and item.scan.environment == "Scanner 3" for item in items)
    page = olga.page()
    assert "Posteingang" in section(page, "today")
    assert "antrag" in section(page, "checks")
    assert "olga" in section(page, "checks")


def test_counts_that_do_not_match_are_shown_with_both_numbers(olga: Visitor, batch: str) -> None:
    assert "sheets on arrival / of all items: 3 / 2" in section(olga.page(), "counts")
    assert "3 / 2" in olga.page(batch).text_content()


def test_the_same_file_again_is_not_scanned_twice(served: Served, olga: Visitor, batch: str) -> None:
    before = get_batch(served, batch)
    assert olga.drop(batch, "antrag.tif", papers.tiff_file(1, "Antrag")).status_code == 200
    assert get_batch(served, batch) == before


def test_a_file_that_is_called_like_a_waiting_item_is_its_scan(served: Served, olga: Visitor) -> None:
    body = {"centre": "scanstelle", "title": "Mit Liste", "items": [{"title": "klage", "sheets": 1},
                                                                    {"title": "rechnung", "sheets": 1}]}  # fmt: skip
    made = served.client("olga", "scan_operator", authority="mwide").post("/scan-batches", json=body).json()
    path = f"/pages/scanning/batches/{made['id']}"
    assert olga.drop(path, "rechnung.tif", papers.tiff_file(1, "Rechnung")).status_code == 200
    assert olga.drop(path, "1.tif", papers.tiff_file(1, "Klage")).status_code == 200
    items = get_batch(served, path).items.values()
    assert {item.new.title: item.scan.raw.file_name for item in items if item.scan} == {
        "klage": "1.tif", "rechnung": "rechnung.tif",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "data", "status"), [("x.pdf", b"no pdf at all", 422), ("../x.pdf", b"%PDF-1.4", 422)])
def test_a_file_that_will_not_do_is_named_with_the_reason(
    served: Served, olga: Visitor, batch: str, name: str, data: bytes, status: int
) -> None:
    before = get_batch(served, batch)
    told = olga.drop(batch, name, data)
    assert told.status_code == status
    assert told.json()["wrong"].startswith(f"{name}: ")
    assert get_batch(served, batch) == before


def test_who_may_not_take_paper_in_drops_nothing(served: Served, batch: str) -> None:
    clerk, stranger = (
        Visitor(served, "mueller", "case_worker"),
        Visitor(served, "fremd", "scan_operator", authority="jm"),
    )
    data = papers.tiff_file(1, "Brief")
    assert clerk.drop(batch, "brief.tif", data).status_code == 403
    assert stranger.drop(batch, "brief.tif", data).status_code == 404
    assert stranger.page(batch, 404) is not None
    assert not clerk.page(batch).xpath("//form[@data-upload]")
    assert not clerk.page().xpath("//form[@action='/pages/scanning']")


def test_a_drop_from_elsewhere_is_refused(olga: Visitor, batch: str) -> None:
    data = papers.tiff_file(1, "Brief")
    assert olga.drop(batch, "brief.tif", data, **{"x-eva-mark": "forged"}).status_code == 403
    assert olga.drop(batch, "brief.tif", data, **{"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("sheets", ["viele", "9" * 4_400])
def test_a_batch_that_cannot_begin_says_why_and_keeps_what_was_filled_in(olga: Visitor, sheets: str) -> None:
    told = olga.begin(title="Mein Stapel", sheets=sheets)
    assert told.status_code == 422
    page = html.fromstring(told.text)
    assert page.xpath("//p[@role='alert']")
    assert page.xpath("//input[@name='title']/@value") == ["Mein Stapel"]


def test_every_guard_of_the_release_gate_stands_under_one_of_eight_conditions() -> None:
    asked = [name for one in CONDITIONS for name in one.guards]
    assert len(CONDITIONS) == 8
    assert sorted(asked) == sorted(GATE)


def check(served: Served, path: str) -> list[Condition]:
    batch = get_batch(served, path)
    item = next(iter(batch.items.values()))
    context = served.services.resources.visibility.context(f"scan-batch:{batch.id}", _Anybody)  # type: ignore[arg-type]
    return check_conditions(Question(batch, item, None, context))


class _Anybody:
    user = "anybody"


def test_what_is_missing_for_the_destruction_is_said_in_words(served: Served, batch: str) -> None:
    found = check(served, batch)
    unmet = {one.title.en for one in found if not one.holds}
    assert {"quality assurance is passed", "a backup holds it", "the paper period is over"} <= unmet
    assert all(text.de and text.en for one in found for text in one.why_not)
    assert {one.title.en for one in found if one.holds} == {"no defect and no hold stands against it"}


def test_defects_that_clerks_report_stand_in_the_morning_list(served: Served, olga: Visitor, batch: str) -> None:
    inge = served.client("inge", "scan_inspector", authority="mwide")
    path = batch.rpartition("/")[2]
    for action in ("check", "seal", "deliver"):
        told = inge.post(f"/scan-batches/{path}/actions/{action}", json={"item": 1})
        assert told.status_code == 200, told.text
    clerk: Any = served.client("mueller", "case_worker", authority="mwide")
    body = {"item": 1, "reason": "Seite 1 ist unscharf", "rescan": True}
    told = clerk.post(f"/scan-batches/{path}/actions/report_defect", json=body)
    assert told.status_code == 200, told.text
    assert "Seite 1 ist unscharf" in section(olga.page(), "defects")


def test_no_batch_of_today_is_left_out_however_many_there_are(
    olga: Visitor, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.scanning.overview.AT_ONCE", 1)
    made = [olga.begin(title=f"Stapel {number}").headers["location"] for number in range(3)]
    links = [str(link) for link in olga.page().xpath("//section[@aria-labelledby='today']//tbody//a/@href")]
    assert {batch, *made} <= set(links)
    assert len(links) == len(set(links)), "each once"


def test_two_who_drop_at_once_get_items_of_their_own(
    served: Served, olga: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second file comes between the look at the batch and the new item of the first."""
    path = olga.begin(title="Gleichzeitig").headers["location"]
    late = match_item

    def meanwhile(batch: Batch, raw: RawScan) -> ScanItem | None:
        found = late(batch, raw)
        if raw.file_name == "erste.tif" and not get_batch(served, path).items:
            assert olga.drop(path, "zweite.tif", papers.tiff_file(1, "Zweite")).status_code == 200
        return found

    monkeypatch.setattr("api.pages.scanning.drop.match_item", meanwhile)
    told = olga.drop(path, "erste.tif", papers.tiff_file(1, "Erste"))
    assert told.status_code == 200, told.text
    items = get_batch(served, path).items.values()
    assert {item.new.title: item.scan.raw.file_name for item in items if item.scan} == {
        "erste": "erste.tif", "zweite": "zweite.tif",
    }  # fmt: skip


def test_more_batches_than_one_page_of_a_list_are_all_there(served: Served) -> None:
    vera = Visitor(served, "vera", "scan_operator", authority="mags")
    client = served.client("vera", "scan_operator", authority="mags")
    for number in range(201):
        told = client.post("/scan-batches", json={"title": f"Stapel {number}", "centre": "scanstelle"})
        assert told.status_code == 201, told.text
    (card,) = vera.page().xpath("//a[@href='#today']/b/text()")
    assert card == "201"
