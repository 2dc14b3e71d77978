"""The inbox as a work list, mail from the list to the case, deputies, without a browser."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.pages.person import Person, at_work, create_record, create_slip
from tests.api.server_in_thread import Served
from tests.scanning.papers import pdf_file
from workflow.engine.fields import BERLIN

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }}"


@pytest.fixture(scope="module")
def busy(served: Served) -> Person:
    """Klein, with three things to do: one late, one hostile."""
    create_slip(served, {"kind": "co_sign", "actor": "klein", "deadline": "2020-01-01"}, title="Bescheid spät")
    notice = {"kind": "acknowledge", "actor": "klein"}
    create_slip(served, notice, {"kind": "dispatch", "actor": "post"}, title=HOSTILE)
    create_slip(served, {"kind": "comment", "actor": "klein", "deadline": "2090-01-01"}, title="Anhörung")
    return at_work(served, "klein")


def read_titles(page: Any) -> list[str]:
    return [str(title) for title in page.xpath("//table[@data-worklist]//th/a/text()")]


def test_what_waits_is_told_with_sender_and_day(busy: Person) -> None:
    page = busy.page("/pages/inbox")
    assert read_titles(page) == ["Bescheid spät", "Anhörung", HOSTILE]
    rows = [
        " ".join(text.strip() for text in row.itertext() if text.strip())
        for row in page.xpath("//table[@data-worklist]/tbody/tr")
    ]
    assert rows[0].startswith("Mitzeichnung Bescheid spät mueller")
    assert rows[0].endswith("01.01.2020 überfällig")
    assert all(" Uhr" in row for row in rows), "since when is told"
    assert "<script>alert" not in busy.client.get("/pages/inbox").text


@pytest.mark.parametrize(
    ("query", "titles"),
    [("text=anhör", ["Anhörung"]), ("text=mueller+bescheid", ["Bescheid spät"]), ("what=acknowledge", [HOSTILE]),
     ("sort=title", [HOSTILE, "Anhörung", "Bescheid spät"]), ("sort=since", ["Bescheid spät", HOSTILE, "Anhörung"]),
     ("sort=nonsense", ["Bescheid spät", "Anhörung", HOSTILE]), ("text=gibt-es-nicht", [])],
)  # fmt: skip
def test_the_list_is_filtered_and_sorted(busy: Person, query: str, titles: list[str]) -> None:
    assert read_titles(busy.page(f"/pages/inbox?{query}")) == titles


def test_the_list_is_grouped_under_headings(busy: Person) -> None:
    page = busy.page("/pages/inbox?group=due")
    assert [" ".join(one.text_content().split()) for one in page.xpath("//main//h2")] == [
        "überfällig (1)", "mit Frist (1)", "ohne Frist (1)"
    ]  # fmt: skip
    kinds = busy.page("/pages/inbox?group=what").xpath("//main//h2/text()")
    assert [str(one).strip() for one in kinds] == ["Kenntnisnahme", "Mitzeichnung", "Stellungnahme"]


def test_an_empty_inbox_says_what_belongs_there(served: Served) -> None:
    page = at_work(served, "schmitz").page("/pages/inbox")
    assert "Hier erscheint, was andere von Ihnen brauchen" in page.xpath("string(//main)")
    assert not page.xpath("//table")


def test_a_deputy_is_appointed_until_the_end_of_a_day_and_revoked(served: Served) -> None:
    weber, schmidt = at_work(served, "weber"), at_work(served, "schmidt")
    create_slip(served, {"kind": "final_sign", "actor": "weber"}, title="Für Weber")
    today = served.services.engine.clock().astimezone(BERLIN).date()
    days = {"since": today.isoformat(), "until": (today + timedelta(days=3)).isoformat()}
    page = weber.page("/pages/deputies")
    assert "Zurzeit niemand" in weber.text(page)
    for since, until in (("gestern", "morgen"), (days["since"], "9999-12-31"), ("0001-01-01", days["until"])):
        wrong = weber.submit(page, "/pages/deputies/appoint_deputy", deputy="schmidt", since=since, until=until)
        assert wrong.status_code == 409, (since, until)
    made = weber.submit(weber.page("/pages/deputies"), "/pages/deputies/appoint_deputy", deputy="schmidt", **days)
    assert made.headers["location"] == "/pages/deputies?done=appoint_deputy", made.text
    assert "Sie vertreten zurzeit weber" in schmidt.text(schmidt.page("/pages/inbox"))
    theirs = schmidt.page("/pages/inbox?for=weber")
    assert read_titles(theirs) == ["Für Weber"]
    assert theirs.xpath("//table[@data-worklist]//th/a/@href")[0].endswith("?for=weber")
    ended = weber.submit(weber.page("/pages/deputies"), "/pages/deputies/revoke_deputy")
    assert ended.headers["location"] == "/pages/deputies?done=revoke_deputy"
    schmidt.page("/pages/inbox?for=weber", 403)


@pytest.fixture(scope="module")
def folder(served: Served) -> str:
    """A folder with one item that was brought as a file; its path."""
    post = at_work(served, "post")
    made = post.submit(post.page("/pages/mail"), "/pages/mail", title="Eingang Montag")
    path = str(made.headers["location"])
    assert "Noch kein Eingang" in post.text(post.page(path))
    sent = post.upload(f"{path}/receive/content", pdf_file(1), "brief.pdf", title=HOSTILE, sender="Windpark GmbH")
    assert sent.json() == {"path": f"{path}?done=receive"}
    return path


def test_empty_folders_are_listed_where_there_are_some(served: Served) -> None:
    ruth = Person(served, "ruth", "registrar", authority="jm", language="de")
    assert "Leere Postmappen" not in ruth.text(ruth.page("/pages/mail"))
    ruth.submit(ruth.page("/pages/mail"), "/pages/mail", title="Eingang Dienstag")
    assert "Leere PostmappenEingang Dienstag" in ruth.text(ruth.page("/pages/mail"))


def test_mail_goes_from_the_list_to_a_case(served: Served, folder: str) -> None:
    record, case = create_record(served, "Solarpark Nord")
    post, mueller = at_work(served, "post"), at_work(served, "mueller")
    page = post.page("/pages/mail")
    assert read_titles(page) == [HOSTILE]
    assert "Windpark GmbH" in post.text(page)
    item = post.page(str(page.xpath("//table[@data-worklist]//th/a/@href")[0]))
    assert item.xpath("//iframe/@src"), "its file is shown"
    sighted = post.submit(item, f"{folder}/sight", note="eilt")
    item = post.page(sighted.headers["location"])
    nobody = post.submit(item, f"{folder}/assign", to="niemand")
    assert nobody.status_code == 409
    assigned = post.submit(item, f"{folder}/assign", to="mueller", _key="again")
    assert assigned.status_code == 303, assigned.text
    inbox = mueller.page("/pages/inbox")
    item = mueller.page(str(inbox.xpath("//table[@data-worklist]//th/a/@href")[0]))
    assert not item.xpath("//input[@name='place']"), "first the record is looked for"
    where = str(item.xpath("//input[@name='item']/@value")[0])
    found = mueller.page(f"{folder}?item={where}&find=solar")
    assert found.xpath("//input[@name='place']/@value") == [f"{record}:{case}"]
    assert "Kein offener Vorgang dazu" in mueller.text(mueller.page(f"{folder}?item={where}&find=nirgends"))
    filed = mueller.submit(found, f"{folder}/file", place=f"{record}:{case}")
    assert filed.status_code == 303, filed.text
    after = mueller.page(filed.headers["location"])
    link = str(after.xpath("//a[contains(@href, '/records/') and contains(@href, 'document=')]/@href")[0])
    shown = mueller.page(link)
    assert shown.xpath("//iframe/@src"), "the document has the file of the mail"
    assert "aus der Postmappe" in mueller.text(shown)
    assert read_titles(post.page("/pages/mail")) == []
    assert read_titles(post.page("/pages/mail?state=filed")) == [HOSTILE]


def test_an_item_that_is_for_somebody_else_goes_back(served: Served, folder: str) -> None:
    post, mueller = at_work(served, "post"), at_work(served, "mueller")
    post.upload(f"{folder}/receive/content", pdf_file(1), "irr.pdf", key="i", title="Irrläufer")
    (link,) = post.page(folder).xpath("//nav[@class='tree']//a[text()='Irrläufer']/@href")
    post.submit(post.page(link), f"{folder}/sight")
    post.submit(post.page(link), f"{folder}/assign", to="mueller")
    back = mueller.submit(mueller.page(link), f"{folder}/misdirect", reason="gehört zu Referat 4")
    assert back.status_code == 303, back.text
    page = post.page(link)
    assert "Irrläufer – „gehört zu Referat 4“" in post.text(page) or "gehört zu Referat 4" in post.text(page)
    assert page.xpath("//form[contains(@class, 'main-action')]/@action")[0].endswith("/assign")


def test_an_e_mail_over_twenty_megabytes_is_not_taken_as_one(served: Served, folder: str) -> None:
    post = at_work(served, "post")
    told = post.upload(f"{folder}/receive/content", b"%PDF-1.7" + bytes(21 * 10**6), "gross.pdf", key="g", title="x")
    assert told.status_code == 422
    assert told.json()["wrong"]


def test_mail_of_another_authority_is_not_there(served: Served, folder: str) -> None:
    erna = Person(served, "erna", "registrar", authority="mhkbg", language="de")
    assert "Keine Post" in erna.text(erna.page("/pages/mail"))
    erna.page(folder, 404)


def test_open_mail_is_found_behind_folders_whose_mail_is_filed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client, post = served.client("post", "registrar", authority="mwide", clearance="high"), at_work(served, "post")
    first, second = sorted(client.post("/mail-folders", json={"title": "Montag"}).json()["id"] for _ in range(2))
    for key in (first, second):
        path = f"/pages/things/mail-folders/{key}/receive/content"
        sent = post.upload(path, pdf_file(1), "brief.pdf", key=key, title="Brief")
        assert sent.status_code == 200, sent.text
    record, case = create_record(served)
    (item,) = client.get(f"/mail-folders/{first}").json()["items"]
    filer = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    for who, action, more in (
        (client, "sight", {}), (client, "assign", {"to": "mueller"}), (filer, "file", {"record": record, "case": case}),
    ):  # fmt: skip
        told = who.post(f"/mail-folders/{first}/actions/{action}", json={"item": item["id"], **more})
        assert told.status_code == 200, told.text
    shown = [str(link) for link in post.page("/pages/mail").xpath("//table[@data-worklist]//th/a/@href")]
    assert any(second in link for link in shown)
    monkeypatch.setattr("api.pages.clerk.mail.ITEMS", 1)
    path, seen = "/pages/mail?state=nonsense", list[str]()
    while path:
        page = post.page(path)
        links = [str(link) for link in page.xpath("//table[@data-worklist]//th/a/@href")]
        assert len(links) == 1, "no page without mail that is open"
        seen += links
        path = "".join(page.xpath("//a[contains(@href, 'cursor=')]/@href"))
    assert seen == shown
    nothing_yet = post.page("/pages/mail?state=sighted")
    assert "Keine Post" in post.text(nothing_yet)
    assert not nothing_yet.xpath("//a[contains(@href, 'cursor=')]")


def test_whoever_was_given_one_item_finds_it_though_not_the_folder(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.enter_staff("erna")
    client, post = served.client("post", "registrar", authority="mwide", clearance="high"), at_work(served, "post")
    key = client.post("/mail-folders", json={"title": "Mittwoch"}).json()["id"]
    path = f"/pages/things/mail-folders/{key}/receive/content"
    for number, (title, need) in enumerate((("Geheimes", "high"), ("Offenes", "normal"))):
        sent = post.upload(path, pdf_file(1), "brief.pdf", key=f"{key}{number}", title=title, protection=need)
        assert sent.status_code == 200, sent.text
    (item,) = [one["id"] for one in client.get(f"/mail-folders/{key}").json()["items"] if one["title"] == "Offenes"]
    for action, more in (("sight", {}), ("assign", {"to": "schmitz"})):
        told = client.post(f"/mail-folders/{key}/actions/{action}", json={"item": item, **more})
        assert told.status_code == 200, told.text
    schmitz = at_work(served, "schmitz")
    monkeypatch.setattr(served.services.resources.visibility, "get_entry", None)  # the list alone has all that it shows
    shown = schmitz.page("/pages/mail")
    monkeypatch.undo()
    assert "Offenes" in read_titles(shown)
    assert "Geheimes" not in schmitz.text(shown)
    assert "Mittwoch" not in schmitz.text(shown), "they may not know the folder"


def test_filter_and_order_are_of_everything_not_of_one_page(busy: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.clerk.inbox.ROWS", 1)
    assert read_titles(busy.page("/pages/inbox?text=anhör")) == ["Anhörung"]
    assert read_titles(busy.page("/pages/inbox?what=acknowledge")) == [HOSTILE]
    urgent_first = ["Bescheid spät", "Anhörung", HOSTILE]
    for sort, wanted in (
        ("title", [HOSTILE, "Anhörung", "Bescheid spät"]), ("since", ["Bescheid spät", HOSTILE, "Anhörung"]),
        ("sender", urgent_first), ("protection", urgent_first), ("deadline", urgent_first),
    ):  # fmt: skip
        path, seen = f"/pages/inbox?sort={sort}", list[str]()
        while path:
            page = busy.page(path)
            seen += read_titles(page)
            path = "".join(page.xpath("//a[contains(@href, 'cursor=')]/@href"))
        assert seen == wanted, sort
    kinds = busy.page("/pages/inbox?what=comment").xpath("//select[@name='what']/option/@value")
    assert set(kinds) == {"", "acknowledge", "co_sign", "comment"}, "all kinds that wait, not those of the page"
    busy.page("/pages/inbox?sort=protection&cursor=WyJ4IiwieSIsInoiXQ==", 422)


def test_mail_for_which_the_law_asks_the_written_form_needs_a_proof(served: Served, folder: str) -> None:
    post = at_work(served, "post")
    asked = {"title": "Widerspruch", "written_form": "on"}
    told = post.upload(f"{folder}/receive/content", pdf_file(1), "w.pdf", key="w1", **asked)
    assert told.status_code == 422
    assert "Signatur oder Siegel: für die Schriftform braucht eine E-Mail" in told.json()["wrong"]
    told = post.upload(
        f"{folder}/receive/content", pdf_file(1), "w.pdf", key="w2", proof="qualified_signature", **asked
    )
    assert told.status_code == 200, told.text
    items = served.services.engine.load(f"mail-folder:{folder.rpartition('/')[2]}").state.items.values()
    (made,) = [one.incoming for one in items if one.incoming.title == "Widerspruch"]
    assert (made.written_form, made.proof) == (True, "qualified_signature")
    (box,) = post.page(folder).xpath("//input[@name='written_form']")
    assert box.get("type") == "checkbox"
