"""Records are found by the text of their documents, by whoever may know the record, and it is said where."""

import time

from lxml import html

from tests.api.pages.person import Person, at_work, create_record
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from tests.scanning.papers import born_digital, pdf_file


def bring(person: Person, record: str, case: str, data: bytes, title: str, name: str = "a.pdf") -> None:
    path, key = f"/pages/things/records/{record}/add_document/content", f"k{len(title)}-{record[:8]}"
    sent = person.upload(path, data, name, key=key, case=case, title=title, final="off")
    assert sent.status_code == 200, sent.text


def search(person: Person, words: str) -> list[str]:
    """What is found, row by row."""
    page = person.client.get("/pages/records", params={"text": words})
    assert page.status_code == 200, page.text
    rows = html.fromstring(page.text).xpath("//main//tbody/tr/th")
    return [" ".join(" ".join(row.itertext()).split()) for row in rows]


def wait_for(person: Person, words: str) -> list[str]:
    """What is found once files have been read, which happens beside the requests."""
    until = time.monotonic() + PATIENT
    while not (found := search(person, words)):
        assert time.monotonic() < until, words
        time.sleep(0.05)
    return found


def test_a_record_is_found_by_what_its_documents_say_and_where(served: Served, mueller: Person) -> None:
    record, case = create_record(served, "Windpark Nord")
    bring(mueller, record, case, born_digital("Das Gutachten zur Schallimmission liegt vor"), "Stellungnahme <b>")
    (found,) = wait_for(mueller, "schallimm")
    assert found.startswith("Windpark Nord im Text von ")
    assert found.endswith("Stellungnahme <b> , Seite 1")
    assert search(mueller, "schallimmission nord") == [found], "words may stand in the title and in the text"
    assert search(mueller, "schallimmission süd") == []
    clerk = served.client("mueller", "case_worker", authority="mwide")
    rows = clerk.get("/records", params={"text": "Schallimmission"}).json()["items"]
    assert [row["id"] for row in rows] == [record]


def test_a_text_file_is_found_by_its_words_and_shown_as_it_is_written(served: Served, mueller: Person) -> None:
    record, case = create_record(served, "Hochwasser")
    written = "<b>Pegelstände</b> in Mülheim".encode("cp1252")
    bring(mueller, record, case, written, "Messwerte", "werte.txt")
    (found,) = wait_for(mueller, "pegelst mülheim")
    assert found.endswith("Messwerte , Seite 1")
    document = mueller.client.get("/pages/records", params={"text": "pegelst"})
    (shown,) = html.fromstring(document.text).xpath("//main//tbody//a[contains(@href, 'document=')]/@href")
    (frame,) = mueller.page(shown).xpath("//iframe/@src")
    told = mueller.client.get(frame)
    assert (told.headers["content-type"], told.content) == ("text/plain; charset=windows-1252", written)
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["content-disposition"].startswith("inline")


def test_only_who_may_know_the_record_finds_it(served: Served, mueller: Person) -> None:
    record, case = create_record(served, "Personalakte")
    bring(mueller, record, case, born_digital("Diagnose Ursprungswort"), "Attest")
    klein = at_work(served, "klein")
    assert wait_for(klein, "ursprungswort")
    stranger = Person(served, "fremd", "case_worker", authority="jm")
    assert search(stranger, "ursprungswort") == []
    owner = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    assert owner.post(f"/records/{record}/actions/change", json={"protection": "high"}).status_code == 200
    assert search(klein, "ursprungswort") == []
    assert search(mueller, "ursprungswort")


def test_a_new_version_takes_the_place_of_the_old_one_and_a_picture_has_no_words(
    served: Served, mueller: Person
) -> None:
    record, case = create_record(served, "Entwurf")
    bring(mueller, record, case, pdf_file(1), "Scan ohne Text")
    bring(mueller, record, case, born_digital("Erstfassung"), "Vermerk")
    assert wait_for(mueller, "erstfassung")
    clerk = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    documents = clerk.get(f"/records/{record}").json()["cases"][0]["documents"]
    sent = mueller.upload(f"/pages/things/records/{record}/add_version/content", born_digital("Zweitfassung"), "b.pdf",
                          key="second", document=documents[1]["id"])  # fmt: skip
    assert sent.status_code == 200, sent.text
    assert wait_for(mueller, "zweitfassung")
    assert search(mueller, "erstfassung") == []
