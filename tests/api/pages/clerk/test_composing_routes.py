"""Composing a route on the page: rows by buttons, templates, documents to enclose, another route for a slip."""

from typing import Any

from lxml import html

from api.pages.clerk.route_rows import FIELDS, MOST_ROWS
from tests.api.pages.person import Person, at_work, create_record, create_slip
from tests.api.server_in_thread import Served
from tests.scanning.papers import pdf_file

NEW = "/pages/new/routing-slips"


def press(person: Person, page: Any, button: str, path: str = NEW, status: int = 200, **fields: str) -> Any:
    """The page after a button that only changes the form."""
    told = person.submit(page, path, _do=button, **fields)
    assert told.status_code == status, told.text
    return html.fromstring(told.text)


def read_rows(page: Any) -> list[tuple[str, str]]:
    """Order and person of each row."""
    orders = page.xpath("//*[contains(@class, 'route-row')]/@class")
    return [(str(one).split()[1], str(name)) for one, name in
            zip(orders, page.xpath("//input[contains(@id, '_actor')]/@value"), strict=True)]  # fmt: skip


def test_rows_are_added_moved_and_removed_by_buttons_and_nothing_is_decided(served: Served, mueller: Person) -> None:
    before = served.services.engine.log.head().position
    page = press(mueller, mueller.page(NEW), "beside", s0_actor="schmidt", s1_actor="weber", title="Vermerk")
    assert read_rows(page) == [("then", "schmidt"), ("then", "weber"), ("beside", "")]
    page = press(mueller, page, "up:2", s2_actor="klein")
    assert read_rows(page) == [("then", "schmidt"), ("then", "klein"), ("beside", "weber")]
    page = press(mueller, page, "remove:0")
    assert read_rows(page) == [("then", "klein"), ("beside", "weber")]
    assert page.xpath("//input[@name='title']/@value") == ["Vermerk"], "what was filled in stays"
    disabled = page.xpath("//button[@disabled]/@value")
    assert disabled == ["up:0", "down:1"]
    assert served.services.engine.log.head().position == before


def test_the_form_takes_as_many_stations_as_rows_can_say(mueller: Person) -> None:
    rows = {f"s{number}_{name}": "" for number in range(MOST_ROWS) for name in FIELDS}
    rows |= {f"s{number}_kind": "co_sign" for number in range(MOST_ROWS)} | {f"s{MOST_ROWS - 1}_actor": "weber"}
    page = press(mueller, mueller.page(NEW), "up:199", title="Rundlauf", **rows)
    shown = read_rows(page)
    assert len(shown) == MOST_ROWS
    assert shown[-2] == ("then", "weber")


def test_a_slip_is_created_and_started_in_one_step(mueller: Person) -> None:
    told = mueller.submit(mueller.page(NEW), NEW, title="Eilig", s0_actor="klein", s1_actor="schmidt", _start="1")
    assert told.status_code == 303, told.text
    assert "im Umlauf" in mueller.text(mueller.page(told.headers["location"]))
    draft = mueller.submit(mueller.page(NEW), NEW, title="Später", s0_actor="klein", s1_actor="schmidt", _draft="1")
    assert "Entwurf" in mueller.text(mueller.page(draft.headers["location"]))


def test_a_slip_that_cannot_start_is_shown_with_the_reason_and_made_once(served: Served, mueller: Person) -> None:
    def count_slips() -> int:
        return len(served.services.engine.log.streams("routing-slip"))

    before = count_slips()
    told = mueller.submit(mueller.page(NEW), NEW, title="Zu geheim", protection="high", s0_actor="klein",
                          s1_actor="schmidt", _start="1")  # fmt: skip
    assert told.status_code == 409, told.text
    page = html.fromstring(told.text)
    assert "fehlt die Freigabe für den Schutzbedarf" in page.xpath("string(//*[@role='alert'])")
    assert "Entwurf" in mueller.text(page)
    assert count_slips() == before + 1
    (plan,) = {str(link) for link in page.xpath("//a/@href") if "/route?do=plan" in link}
    route = plan.partition("?")[0]
    mended = mueller.submit(mueller.page(plan), route, s0_actor="weber")
    slip = mueller.page(mended.headers["location"])
    started = mueller.submit(slip, route.replace("/route", "/start"), _key="again")
    assert started.status_code == 303, started.text
    assert count_slips() == before + 1


def test_a_fault_is_told_and_the_rows_stay(mueller: Person) -> None:
    told = mueller.submit(mueller.page(NEW), NEW, title="x", s0_kind="final_sign", s0_actor="schmidt",
                          s1_kind="co_sign", s1_actor="klein")  # fmt: skip
    assert told.status_code == 422
    page = html.fromstring(told.text)
    alert = page.xpath("string(//*[@role='alert'])").strip()
    assert alert == "Stationen: Mitzeichnungen und Freigaben kommen vor der Schlusszeichnung"
    assert read_rows(page) == [("then", "schmidt"), ("then", "klein")]
    nobody = mueller.submit(mueller.page(NEW), NEW, title="x")
    assert nobody.status_code == 422
    assert "Es fehlt ein Laufweg: mindestens eine Station mit Person" in nobody.text


def test_a_route_is_kept_as_a_template_and_taken_from_it(mueller: Person) -> None:
    page = mueller.page(NEW)
    assert "noch keine Vorlagen" in mueller.text(page)
    page = press(mueller, page, "save", template_new="Bescheid kurz", s0_actor="klein", s1_actor="weber",
                 s1_order="beside", s1_kind="co_sign")  # fmt: skip
    assert not page.xpath("//*[@role='alert']")
    fresh = press(mueller, mueller.page(NEW), "use", template_name="Bescheid kurz")
    assert read_rows(fresh) == [("then", "klein"), ("beside", "weber")]
    press(mueller, page, "save", status=422, template_new="")
    assert read_rows(press(mueller, mueller.page(NEW), "use", template_name="gibt es nicht"))


def test_a_template_nested_too_deep_for_rows_is_used_as_it_is(served: Served, mueller: Person) -> None:
    inner = {"parallel": [{"kind": "co_sign", "actor": "klein"}, {"kind": "co_sign", "actor": "schmitz"}]}
    deep = [{"parallel": [{"sequence": [inner, {"kind": "comment", "actor": "weber"}]},
                          {"kind": "co_sign", "actor": "schmidt"}]}]  # fmt: skip
    client = served.client("mueller", "case_worker", authority="mwide")
    assert client.post("/templates", json={"name": "tief", "stations": deep}).status_code == 201
    page = press(mueller, mueller.page(NEW), "use", template_name="tief")
    assert "tiefer verschachtelt" in mueller.text(page)
    told = mueller.submit(page, NEW, title="Nach Vorlage")
    assert told.status_code == 303, told.text
    assert len(mueller.page(told.headers["location"]).xpath("//p[@class='who']")) == 4
    own = press(mueller, page, "drop")
    assert read_rows(own) == [("then", ""), ("then", "")]


def test_documents_of_the_record_are_ticked_and_enclosed(served: Served, mueller: Person) -> None:
    record, case = create_record(served)
    for number, title in enumerate(("Bescheid", "Anlage")):
        path = f"/pages/things/records/{record}/add_document/content"
        sent = mueller.upload(path, pdf_file(1, title), f"{title}.pdf",
                              key=f"c{number}", case=case, title=title)  # fmt: skip
        assert sent.status_code == 200, sent.text
    page = mueller.page(f"{NEW}?record={record}&case={case}")
    boxes = page.xpath("//fieldset[@class='boxes']//input[@type='checkbox']")
    assert [box.get("checked") for box in boxes] == [None, None]
    told = mueller.submit(page, NEW, title="Zur Mitzeichnung", s0_actor="klein", s1_actor="schmidt", _start="1",
                          **{boxes[1].get("name"): boxes[1].get("value")})  # fmt: skip
    assert told.status_code == 303, told.text
    shown = mueller.page(told.headers["location"])
    assert shown.xpath("string(//section[@aria-labelledby='papers']//h3)") == "Anlage"
    locked = mueller.page(f"/pages/things/records/{record}?part={case}")
    assert "liegt bei klein" in mueller.text(locked)


def test_a_document_is_ticked_where_the_slip_is_made_for_it(served: Served, mueller: Person) -> None:
    record, case = create_record(served)
    mueller.upload(f"/pages/things/records/{record}/add_document/content", pdf_file(1), "a.pdf", key="t1", case=case,
                   title="Vermerk")  # fmt: skip
    page = mueller.page(f"/pages/things/records/{record}?part={case}")
    document = str(page.xpath("//nav[@class='tree']//a[contains(@href, 'document=')]/@href")[0]).rpartition("=")[2]
    link = mueller.page(f"/pages/things/records/{record}?document={document}").xpath("//a[@class='button']/@href")[0]
    form = mueller.page(link)
    assert form.xpath("//fieldset[@class='boxes']//input[@checked]")
    assert form.xpath("//select[@name='case']/option[@selected]/@value") == [case]


def test_the_route_of_a_draft_is_planned_anew_from_what_it_is(served: Served, mueller: Person) -> None:
    block = {"parallel": [{"kind": "co_sign", "actor": "klein"}, {"kind": "comment", "actor": "weber"}]}
    slip = create_slip(served, block, {"kind": "final_sign", "actor": "schmidt", "deadline": "2030-01-02"}, start=False)
    at = f"/pages/things/routing-slips/{slip}"
    page = mueller.page(f"{at}/route?do=plan")
    assert read_rows(page) == [("then", "klein"), ("beside", "weber"), ("then", "schmidt")]
    assert page.xpath("//input[@id='s2_deadline']/@value") == ["2030-01-02"]
    page = press(mueller, page, "remove:1", f"{at}/route")
    told = mueller.submit(page, f"{at}/route")
    assert told.headers["location"] == f"{at}?done=plan"
    assert len(mueller.page(at).xpath("//p[@class='who']")) == 2


def test_stations_are_put_in_behind_the_one_named(served: Served) -> None:
    slip = create_slip(served, {"kind": "co_sign", "actor": "klein"}, {"kind": "final_sign", "actor": "schmidt"})
    at, klein = f"/pages/things/routing-slips/{slip}", at_work(served, "klein")
    link = klein.page(at).xpath("//div[@class='menu']//p[@class='item']/a/@href")[0]
    page = klein.page(link)
    assert page.xpath("//select[@name='after']/option[@selected]/@value") == ["1"]
    told = klein.submit(page, f"{at}/route", s0_kind="comment", s0_actor="schmitz")
    assert told.headers["location"] == f"{at}?done=insert", told.text
    names = [str(name).strip() for name in klein.page(at).xpath("//p[@class='who']/text()")]
    assert names == ["klein", "schmitz", "schmidt"]
    refused = klein.submit(page, f"{at}/route", s0_kind="final_sign", s0_actor="weber", _key="other")
    assert refused.status_code == 409
    assert "weber" in refused.text


def test_a_route_of_two_hundred_stations_with_every_field_filled_in_is_read(mueller: Person) -> None:
    """No field of the form is left out, however long the route is."""
    texts = {"kind": "comment", "actor": "klein", "order": "then", "deadline": "2090-01-01", "instruction": "x" * 40,
             "deadline_days": "", "until": "", "awaits": "", "skip_unread": "", "silence_consents": "on",
             "escalate_to": "weber"}  # fmt: skip
    rows = {f"s{number}_{name}": text for number in range(200) for name, text in texts.items()}
    told = mueller.submit(mueller.page(NEW), NEW, title="Lang", _do="stay", **rows)
    assert told.status_code == 200, told.text[:300]
    assert len(read_rows(html.fromstring(told.text))) == 200
