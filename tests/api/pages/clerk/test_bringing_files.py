"""Documents, versions and mail brought as files, and who reads them."""

import pytest
from lxml import html

from tests.api.pages.person import Person, create_record, create_slip
from tests.api.server_in_thread import Served
from tests.scanning.papers import page as draw
from tests.scanning.papers import pdf_file, saved, tiff_file

PDF = pdf_file(1)


@pytest.fixture(scope="module")
def record(served: Served, mueller: Person) -> tuple[str, str, str]:
    return bring_document(served, mueller)


def bring_document(served: Served, clerk: Person) -> tuple[str, str, str]:
    """A record, its case, and a document in it."""
    key, case = create_record(served)
    sent = clerk.upload(f"/pages/things/records/{key}/add_document/content", PDF, "bescheid.pdf", case=case,
                          title="Bescheid", final="off")  # fmt: skip
    assert sent.status_code == 200, sent.text
    shown = served.client("mueller", "case_worker", authority="mwide").get(f"/records/{key}").json()
    return key, case, shown["cases"][0]["documents"][0]["id"]


def content(record: tuple[str, str, str], number: int = 1) -> str:
    return f"/pages/things/records/{record[0]}/documents/{record[2]}/{number}/content"


def test_a_document_brought_as_a_file_is_read_where_it_lies(mueller: Person, record: tuple[str, str, str]) -> None:
    told = mueller.client.get(content(record))
    assert (told.status_code, told.content) == (200, PDF)
    assert told.headers["content-type"] == "application/pdf"
    assert told.headers["content-disposition"] == "inline; filename*=UTF-8''bescheid.pdf"
    assert told.headers["x-frame-options"] == "SAMEORIGIN", "the page of the record shows it in a frame"
    assert "frame-ancestors 'self'" in told.headers["content-security-policy"]
    assert (
        mueller.client.get(content(record), params={"save": "true"})
        .headers["content-disposition"]
        .startswith("attachment")
    )
    page = mueller.page(f"/pages/things/records/{record[0]}?document={record[2]}")
    assert page.xpath("//iframe/@src")[0].startswith(content(record))
    assert "Version 1 von 1 · Entwurf" in mueller.text(page)


def test_the_log_names_its_hash_and_says_that_it_is_there(served: Served, record: tuple[str, str, str]) -> None:
    with served.client("mueller", "case_worker", authority="mwide") as client:
        events = client.get(f"/records/{record[0]}/history").json()["events"]
    added = next(event["data"]["version"] for event in events if event["type"] == "record.document_added")
    assert added["stored"] is True
    assert added["size"] == len(PDF)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [(b"MZ", "a.pdf", "weder PDF noch TIFF"), (b"", "a.pdf", "ist leer"), (PDF, "a/b.pdf", "ohne Schrägstriche"),
     (PDF, "", "ohne Schrägstriche")],
)  # fmt: skip
def test_what_will_not_do_is_said_in_the_visitors_language(
    mueller: Person, record: tuple[str, str, str], data: bytes, name: str, says: str
) -> None:
    path = f"/pages/things/records/{record[0]}/add_document/content"
    told = mueller.upload(path, data, name, key="w1", case=record[1], title="x")
    assert told.status_code == 422
    assert says in told.json()["wrong"]


def test_without_title_or_case_nothing_is_taken(mueller: Person, record: tuple[str, str, str]) -> None:
    path = f"/pages/things/records/{record[0]}/add_document/content"
    assert mueller.upload(path, PDF, "a.pdf", key="w2", case=record[1]).status_code == 422
    other = "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"
    assert mueller.upload(path, PDF, "a.pdf", key="w3", case=other, title="x").status_code == 404


def test_only_a_page_of_ours_brings_files(served: Served, mueller: Person, record: tuple[str, str, str]) -> None:
    path = f"/pages/things/records/{record[0]}/add_document/content"
    for mark in ("", "0" * 64):
        told = mueller.upload(path, PDF, "a.pdf", key="w4", mark=mark, case=record[1], title="x")
        assert told.status_code == 403
    strange = mueller.upload(f"/pages/things/records/{record[0]}/close/content", PDF, "a.pdf", key="w5")
    assert strange.status_code == 404
    with served.client("mueller", "case_worker", authority="mwide") as client:
        assert len(client.get(f"/records/{record[0]}").json()["cases"][0]["documents"]) == 1


def test_a_second_version_stands_beside_the_first(mueller: Person, record: tuple[str, str, str]) -> None:
    key, _, document = record
    sent = mueller.upload(f"/pages/things/records/{key}/add_version/content", tiff_file(1), "zweite.tif", key="v1",
                          document=document)  # fmt: skip
    assert sent.json()["path"] == f"/pages/things/records/{key}?done=add_version&document={document}"
    page = mueller.page(sent.json()["path"])
    assert "Version 2 von 2" in mueller.text(page)
    assert not page.xpath("//iframe"), "no browser shows TIFF"
    assert "zweite.tif herunterladen" in mueller.text(page)
    assert mueller.client.get(content(record, 2)).content == tiff_file(1)
    first = mueller.page(f"/pages/things/records/{key}?document={document}&version=1")
    assert first.xpath("//iframe")
    mueller.page(f"/pages/things/records/{key}?document={document}&version=3", 404)
    assert mueller.client.get(content(record, 3)).status_code == 404


def test_a_picture_is_shown_as_one(served: Served, mueller: Person) -> None:
    key, case = create_record(served, "Lageplan")
    sent = mueller.upload(f"/pages/things/records/{key}/add_document/content", saved(draw("Plan"), "PNG"), "plan.png",
                          key="p1", case=case, title="Lageplan")  # fmt: skip
    assert sent.status_code == 200, sent.text
    page = mueller.page(f"/pages/things/records/{key}?part={case}")
    link = page.xpath("//nav[@class='tree']//a[contains(@href, 'document=')]/@href")[0]
    assert mueller.page(link).xpath("//img[@class='scan']/@alt") == ["Lageplan"]


def test_who_may_not_know_the_record_reads_none_of_its_files(served: Served, record: tuple[str, str, str]) -> None:
    stranger = Person(served, "erna", "case_worker", authority="mhkbg")
    assert stranger.client.get(content(record)).status_code == 404
    told = stranger.upload(f"/pages/things/records/{record[0]}/add_document/content", PDF, "a.pdf", case=record[1],
                           title="x")  # fmt: skip
    assert told.status_code == 404


def test_what_is_enclosed_is_read_by_whoever_is_to_sign_it(served: Served) -> None:
    """Also by somebody of another authority, who may not know the record."""
    record = bring_document(served, Person(served, "berger", "case_worker", authority="mwide"))
    shown = served.client("mueller", "case_worker", authority="mwide", clearance="high").get(f"/records/{record[0]}")
    version = shown.json()["cases"][0]["documents"][0]["versions"][0]
    enclosed = [{"title": "Bescheid", "sha256": version["sha256"], "document": record[2]}]
    served.enter_staff("erna")
    slip = create_slip(served, {"kind": "comment", "actor": "erna"}, record=record[0], documents=enclosed)
    erna = Person(served, "erna", "case_worker", authority="mhkbg", language="de")
    page = erna.page(f"/pages/things/routing-slips/{slip}")
    link = page.xpath("//iframe/@src")[0].partition("#")[0]
    assert erna.client.get(link).content == PDF
    assert not page.xpath(f"//a[contains(@href, '{record[0]}')]"), "the record itself is not named"
    assert erna.client.get(content(record)).status_code == 404
    assert erna.client.get(link.replace("documents/1", "documents/2")).status_code == 404


def test_a_hash_alone_opens_no_file(served: Served, record: tuple[str, str, str]) -> None:
    """Whoever names the hash of a file in a record of their own reads nothing by that."""
    with served.client("mueller", "case_worker", authority="mwide") as client:
        stored = client.get(f"/records/{record[0]}").json()["cases"][0]["documents"][0]["versions"][0]
    thief = served.client("dieb", "case_worker", authority="mhkbg")
    key = thief.post("/records", json={"title": "Meine", "file_plan_code": "1"}).json()["id"]
    case = thief.post(f"/records/{key}/actions/add_case", json={"title": "x"}).json()["cases"][0]["id"]
    file = {"sha256": stored["sha256"], "file_name": "x.pdf"}
    said = thief.post(f"/records/{key}/actions/add_document",
                      json={"case": case, "title": "x", "file": {**file, "stored": True}})  # fmt: skip
    assert said.status_code == 422
    named = thief.post(f"/records/{key}/actions/add_document", json={"case": case, "title": "x", "file": file})
    document = named.json()["cases"][0]["documents"][0]["id"]
    person = Person(served, "dieb", "case_worker", authority="mhkbg")
    assert person.client.get(f"/pages/things/records/{key}/documents/{document}/1/content").status_code == 404
    page = person.page(f"/pages/things/records/{key}?document={document}")
    assert "The server does not have the file itself" in person.text(page)
    assert not page.xpath("//iframe")


def test_the_form_says_what_it_takes_and_where_it_sends_it(mueller: Person, record: tuple[str, str, str]) -> None:
    page = mueller.page(f"/pages/things/records/{record[0]}?part={record[1]}")
    form = page.xpath("//form[@data-upload]")[0]
    assert form.get("data-upload") == f"/pages/things/records/{record[0]}/add_document/content"
    assert form.get("data-most") == str(512 * 2**20)
    assert form.xpath(".//input[@type='file' and @multiple]")
    assert form.xpath(".//noscript"), "without script one is told so"
    closed = html.fromstring(html.tostring(page))
    assert len(closed.xpath("//form[@data-upload]")) == 1
