"""The page of a record: its tree, what is chosen in it, resubmissions, closing, and why not yet."""

import pytest

from tests.api.pages.person import Person, at_work, create_record, create_slip
from tests.api.server_in_thread import Served
from tests.scanning.papers import pdf_file

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }}"


def path(record: str, **query: str) -> str:
    return f"/pages/things/records/{record}?" + "&".join(f"{name}={value}" for name, value in query.items())


def do(person: Person, record: str, action: str, status: int = 303, chosen: dict[str, str] | None = None,
       **fields: str) -> str:  # fmt: skip
    """Text of the page after an action at what is chosen."""
    page = person.page(path(record, **(chosen or {})))
    told = person.submit(page, f"/pages/things/records/{record}/{action}", **fields)
    assert told.status_code == status, told.text
    return person.text(person.page(told.headers["location"])) if status == 303 else told.text


def test_an_empty_record_says_what_belongs_into_it(served: Served, mueller: Person) -> None:
    record = served.client("mueller", "case_worker", authority="mwide").post(
        "/records", json={"title": "Leer", "file_plan_code": "43.21"}
    ).json()["id"]  # fmt: skip
    assert "Noch kein Vorgang. Ein Vorgang nimmt die Dokumente auf" in mueller.text(mueller.page(path(record)))
    text = do(mueller, record, "add_case", title="Antrag <b>eins</b>")
    assert "Erledigt: Vorgang anlegen" in text
    assert "43.21-0" in text
    assert "Antrag <b>eins</b>" in text


def test_a_case_is_chosen_in_the_tree_and_closed_there(served: Served, mueller: Person) -> None:
    record, case = create_record(served)
    page = mueller.page(path(record, part=case))
    assert page.xpath("string(//nav[@class='tree']//a[@aria-current='page'])").endswith("Bewilligung")
    mueller.upload(
        f"/pages/things/records/{record}/add_document/content", pdf_file(1), "a.pdf", case=case, title="Brief"
    )
    chosen = {"part": case}
    later = {"due": "2099-03-01", "note": "Rückfrage"}
    assert "Wiedervorlagen" in do(mueller, record, "set_resubmission", chosen=chosen, **later)
    why = mueller.page(path(record, part=case)).xpath("string(//dt[text()='z.d.A. verfügen']/../dd)")
    assert "Wiedervorlage" in why, "a case with a resubmission is not closed, and that is said"
    assert "Rückfrage" not in do(mueller, record, "settle_resubmission", chosen=chosen).partition("Verlauf")[0]
    closed = do(mueller, record, "close", chosen=chosen)
    assert "z.d.A. seit" in closed
    assert "Die Aufbewahrung endet am 31.12." in closed
    assert not mueller.page(path(record, part=case)).xpath("//form[@data-upload]"), "nothing is added any more"
    registry = at_work(served, "post")
    assert "Erledigt: Wieder öffnen" in do(registry, record, "reopen", chosen=chosen, reason="Nachtrag")


def test_a_document_is_taken_for_work_and_given_back(served: Served, mueller: Person) -> None:
    record, case = create_record(served)
    mueller.upload(f"/pages/things/records/{record}/add_document/content", pdf_file(1), "a.pdf", key="d", case=case,
                   title="Entwurf", final="off")  # fmt: skip
    link = mueller.page(path(record)).xpath("//nav[@class='tree']//a[contains(@href, 'document=')]/@href")[0]
    chosen = {"document": str(link).rpartition("=")[2]}
    assert "in Arbeit bei mueller" in do(mueller, record, "check_out", chosen=chosen)
    klein = at_work(served, "klein")
    assert "Das Dokument hat zurzeit mueller" in klein.text(klein.page(path(record, **chosen)))
    assert "in Arbeit bei" not in do(mueller, record, "check_in", chosen=chosen)
    assert "Eine Endfassung ändert sich nicht mehr" in do(mueller, record, "finalise", chosen=chosen)


def test_slips_under_way_are_linked_and_closing_says_what_stands_in_its_way(served: Served, mueller: Person) -> None:
    record, case = create_record(served)
    slip = create_slip(served, {"kind": "co_sign", "actor": "klein"}, record=record, case=case, title="Zur Kenntnis")
    page = mueller.page(path(record, part=case))
    (link,) = page.xpath("//a[contains(@href, 'routing-slips/') and text()='Zur Kenntnis']/@href")
    assert link == f"/pages/things/routing-slips/{slip}"
    why = {div.xpath("string(dt)"): div.xpath("string(dd)") for div in page.xpath("//dl[@class='why']/div")}
    assert "Laufmappe" in why["z.d.A. verfügen"]
    assert "Wieder öffnen" in why
    assert not [text for text in why.values() if "in_work" in text or "registrar" in text]


def test_unknown_parts_have_no_page(served: Served, mueller: Person) -> None:
    record, _ = create_record(served)
    for chosen in ({"part": "x"}, {"document": "x"}, {"document": "6f2d6b2e-7a55-5c2a-9d0e-0d7f7a1f4b11"}):
        mueller.page(path(record, **chosen), 404)


@pytest.mark.parametrize("language", ["de", "en"])
def test_hostile_titles_are_text(served: Served, language: str) -> None:
    record, case = create_record(served, HOSTILE)
    person = at_work(served, "mueller", language=language)
    bring = f"/pages/things/records/{record}/add_document/content"
    person.upload(bring, pdf_file(1), "<script>.pdf", key=language, case=case, title=HOSTILE)
    for query in ({}, {"part": case}):
        answer = person.client.get(path(record, **query))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert answer.text.count("{{ 7 * 7 }}") >= 3
