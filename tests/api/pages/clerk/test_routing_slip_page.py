"""The page of a routing slip: what is asked of whom, the route as lanes, refusals, runs, deputies."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.pages.person import Person, at_work, create_record, create_slip
from tests.api.server_in_thread import Served

HOSTILE = "<img src=x onerror=alert(1)> {{ 7 * 7 }}"


def station(kind: str, actor: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "actor": actor, **more}


def path(slip: str) -> str:
    return f"/pages/things/routing-slips/{slip}"


def read_task(person: Person, slip: str) -> str:
    return " ".join(person.page(path(slip)).xpath("string(//h2[@id='task'])").split())


def find_button(person: Person, slip: str) -> list[str]:
    """What the one main button says."""
    found = person.page(path(slip)).xpath("//form[contains(@class, 'main-action')]/button/text()")
    return [str(text) for text in found]


@pytest.mark.parametrize(
    ("kind", "user", "button"),
    [("co_sign", "klein", "Mitzeichnen"), ("final_sign", "schmidt", "Schlusszeichnen"),
     ("approve", "schmidt", "Freigeben"),
     ("acknowledge", "klein", "Zur Kenntnis nehmen"), ("comment", "klein", "Stellung nehmen"),
     ("dispatch", "klein", "Versand vermerken")],
)  # fmt: skip
def test_each_kind_of_station_asks_for_one_thing(served: Served, kind: str, user: str, button: str) -> None:
    slip = create_slip(served, station(kind, user), station("dispatch", "mueller"))
    person = at_work(served, user)
    assert find_button(person, slip) == [button]
    assert read_task(person, slip).startswith("Ihre Aufgabe")
    done = person.submit(person.page(path(slip)), f"{path(slip)}/{ACTIONS[kind]}", note="gut so")
    assert done.status_code == 303, done.text
    after = person.page(done.headers["location"])
    assert "gut so" in after.xpath("string(//section[@aria-labelledby='route']//blockquote)")
    assert find_button(person, slip) == []


ACTIONS = {"co_sign": "sign", "final_sign": "sign"} | {
    kind: kind for kind in ("approve", "acknowledge", "comment", "dispatch")
}


def test_the_owner_is_led_from_the_draft_to_the_file(served: Served) -> None:
    record, case = create_record(served)
    slip = create_slip(served, station("co_sign", "klein"), start=False, record=record, case=case)
    mueller, klein = at_work(served, "mueller"), at_work(served, "klein")
    assert find_button(mueller, slip) == ["Umlauf starten"]
    assert mueller.submit(mueller.page(path(slip)), f"{path(slip)}/start").status_code == 303
    assert "Die Mappe liegt bei klein (Mitzeichnung)" in mueller.text(mueller.page(path(slip)))
    assert klein.submit(klein.page(path(slip)), f"{path(slip)}/sign").status_code == 303
    assert find_button(mueller, slip) in ([], ["Veraktet ablegen"])
    page = mueller.page(path(slip))
    assert page.xpath("//p[@class='crumbs']//a/@href")[-1] == f"/pages/things/records/{record}?part={case}"
    shown = mueller.page(f"/pages/things/records/{record}?part={case}")
    assert shown.xpath(f"//a[@href='{path(slip)}']/text()") == ["Bescheid"]


def test_parallel_stations_stand_beside_each_other_in_their_lanes(served: Served) -> None:
    lane = {"sequence": [station("comment", "klein"), station("co_sign", "weber")]}
    block = {"parallel": [station("co_sign", "schmidt", instruction="Bitte Frist prüfen", deadline="2020-01-02"), lane]}
    slip = create_slip(served, block, station("final_sign", "weber"))
    page = at_work(served, "schmidt").page(path(slip))
    (beside,) = page.xpath("//div[@class='beside']")
    lanes = [lane.xpath(".//p[@class='who']/text()") for lane in beside.xpath("./div[@class='lane']")]
    assert [[name.strip() for name in names] for names in lanes] == [["schmidt"], ["klein", "weber"]]
    assert beside.get("aria-label") == "gleichzeitig"
    (mine,) = page.xpath("//div[@aria-current='step']")
    text = " ".join(mine.text_content().split())
    assert "1. Mitzeichnung schmidt liegt hier seit" in text
    assert "Frist 02.01.2020 überfällig" in text
    assert "Bitte: Bitte Frist prüfen" in text
    statuses = [str(one).split()[1] for one in page.xpath("//section[@aria-labelledby='route']//div/@class")
                if str(one).startswith("station")]  # fmt: skip
    assert statuses == ["active", "active", "planned", "planned"]


def test_a_refusal_leads_back_and_the_second_run_stands_beside_the_first(served: Served) -> None:
    slip = create_slip(served, station("co_sign", "klein"), station("final_sign", "schmidt"))
    klein, mueller = at_work(served, "klein"), at_work(served, "mueller")
    refused = klein.submit(klein.page(path(slip)), f"{path(slip)}/refuse", reason="Rechtsgrundlage fehlt")
    assert refused.status_code == 303, refused.text
    page = mueller.page(path(slip))
    assert "Die Mappe ist zurück" in mueller.text(page)
    assert page.xpath("string(//div[contains(@class, 'refused')]//blockquote)") == "Rechtsgrundlage fehlt"
    revised = mueller.submit(page, f"{path(slip)}/revise", note="mit Rechtsgrundlage", title="Bescheid, zweite Fassung")
    assert revised.status_code == 303, revised.text
    assert mueller.submit(mueller.page(path(slip)), f"{path(slip)}/start").status_code == 303
    again = klein.page(path(slip))
    assert "2. Lauf" in klein.text(again)
    (first,) = again.xpath("//section[@aria-labelledby='route']//details")
    assert "verweigert" in first.text_content()
    assert find_button(klein, slip) == ["Mitzeichnen"], "what was signed before binds no more"


def test_a_refused_action_keeps_what_was_filled_in_and_says_why(served: Served) -> None:
    slip = create_slip(served, station("co_sign", "klein"), station("final_sign", "schmidt"))
    klein = at_work(served, "klein")
    told = klein.submit(klein.page(path(slip)), f"{path(slip)}/forward", to="niemand-hier", reason="falsch zugeordnet")
    assert told.status_code == 409
    assert "falsch zugeordnet" in told.text
    assert 'role="alert"' in told.text


def test_what_cannot_be_done_is_said_without_names_of_the_code(served: Served) -> None:
    slip = create_slip(served, station("co_sign", "klein"))
    page = at_work(served, "schmidt").page(path(slip))
    why = {div.xpath("string(dt)"): div.xpath("string(dd)") for div in page.xpath("//dl[@class='why']/div")}
    assert why["Anhalten"] == "Nur die Federführung darf das."
    assert why["Umlauf fortsetzen"] == "Geht nur im Zustand „angehalten“; jetzt ist er „im Umlauf“."
    assert not [text for text in why.values() if "circulating" in text or "case_worker" in text]


def test_a_deputy_signs_for_the_absent_and_both_are_named(served: Served) -> None:
    slip = create_slip(served, station("final_sign", "weber"))
    schmidt = at_work(served, "schmidt")
    assert find_button(schmidt, slip) == []
    schmidt.page(f"{path(slip)}?for=weber", 403)
    now = served.services.engine.clock()
    span = {"since": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=2)).isoformat()}
    weber = served.client("weber", "approver", authority="mwide")
    appointed = weber.post("/staff/weber/actions/appoint_deputy", json={"deputy": "schmidt", **span})
    assert appointed.status_code == 200, appointed.text
    page = schmidt.page(f"{path(slip)}?for=weber")
    assert "Sie arbeiten in Vertretung für weber" in schmidt.text(page)
    done = schmidt.submit(page, f"{path(slip)}/sign", note="in Vertretung")
    assert done.headers["location"] == f"{path(slip)}?for=weber&done=sign"
    assert "gezeichnet durch schmidt i. V." in schmidt.text(schmidt.page(path(slip)))
    assert "schmidt für weber" in schmidt.text(schmidt.page(path(slip)))


@pytest.mark.parametrize("language", ["de", "en"])
def test_hostile_text_is_text_in_every_part_of_the_page(served: Served, language: str) -> None:
    slip = create_slip(served, station("co_sign", "klein", instruction=HOSTILE), title=HOSTILE, note=HOSTILE)
    klein = at_work(served, "klein", language=language)
    klein.submit(klein.page(path(slip)), f"{path(slip)}/sign", note=HOSTILE)
    answer = klein.client.get(path(slip))
    page = klein.page(path(slip))
    assert "<img src=x" not in answer.text
    assert not page.xpath("//@onerror")
    assert klein.text(page).count("{{ 7 * 7 }}") >= 4
    assert page.get("lang") == language


def test_what_is_signed_without_a_document_is_said(served: Served) -> None:
    slip = create_slip(served, station("co_sign", "klein"), note="Bitte um Mitzeichnung des Vermerks")
    text = at_work(served, "klein").text(at_work(served, "klein").page(path(slip)))
    assert "Kein Dokument liegt in der Mappe" in text
    assert "Bitte um Mitzeichnung des Vermerks" in text


def test_the_form_of_one_action_does_not_spend_the_key_of_another(served: Served) -> None:
    slip = create_slip(served, station("co_sign", "klein"), station("final_sign", "schmidt"))
    klein = at_work(served, "klein")
    keys = klein.page(path(slip)).xpath("//input[@name='_key']/@value")
    assert len(keys) == len(set(keys)) > 3
