"""The bell: what is new for a person, seen and unseen, as it comes, and nothing of what they may not know."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.api.pages.person import STAFF, Person, at_work, create_record, create_slip, working
from tests.api.pages.test_pages_in_a_browser import PHONE, Look
from tests.api.server_in_thread import Served
from tests.patience import PATIENT

FOR_KLEIN = {"kind": "acknowledge", "actor": "klein"}
FOR_WEBER = {"kind": "co_sign", "actor": "weber"}


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    with working(tmp_path) as one:
        yield one


def read_count(person: Person) -> str:
    """What the bell says on some page."""
    return str(person.page("/pages/cockpit").xpath("string(//a[@class='bell']/span[@data-words])"))


def read_list(person: Person) -> list[str]:
    rows = person.page("/pages/notices").xpath("//ul[@class='notices']/li")
    return [" ".join(text.strip() for text in row.itertext() if text.strip()) for row in rows]


def see_all(person: Person) -> None:
    seen = person.submit(person.page("/pages/notices"), "/pages/notices/seen")
    assert (seen.status_code, seen.headers["location"]) == (303, "/pages/notices")


def test_what_arrives_is_new_until_it_was_seen(served: Served) -> None:
    klein = at_work(served, "klein")
    assert read_count(klein) == "Nichts Neues"
    assert "Zurzeit nichts." in klein.text(klein.page("/pages/notices"))
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Erlass <b>")
    assert read_count(klein) == "Neues: 1"
    (row,) = read_list(klein)
    assert row.startswith("neu Kenntnisnahme Erlass <b> von mueller · ")
    see_all(klein)
    assert read_count(klein) == "Nichts Neues"
    (row,) = read_list(klein)
    assert row.startswith("Kenntnisnahme Erlass <b>"), "what was seen stays in the list"
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Zweiter")
    assert read_count(at_work(served, "klein", language="en")) == "New: 1", "another browser knows what was seen"
    assert [row.partition(" ")[0] for row in read_list(klein)] == ["neu", "Kenntnisnahme"]


def test_what_came_after_the_list_was_shown_is_not_seen_with_it(served: Served) -> None:
    klein = at_work(served, "klein")
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Erster")
    shown = klein.page("/pages/notices")
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Zweiter")
    klein.submit(shown, "/pages/notices/seen")
    klein.submit(shown, "/pages/notices/seen", until="2020-01-01T00:00:00Z")
    assert read_count(klein) == "Neues: 1"
    klein.submit(shown, "/pages/notices/seen", until="9999-01-01T00:00:00Z")
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Dritter")
    assert read_count(klein) == "Neues: 1", "nobody has seen what comes tomorrow"


@pytest.mark.parametrize("until", ["", "yesterday", "2026-01-01"])
def test_a_time_that_is_none_is_refused(served: Served, until: str) -> None:
    klein = at_work(served, "klein", language="en")
    told = klein.send("/pages/notices/seen", until=until)
    assert told.status_code == 422
    assert "this form is not from here" in told.text


def test_what_is_overdue_says_so_and_can_be_seen(served: Served) -> None:
    create_slip(served, {**FOR_KLEIN, "deadline": "2020-01-01"}, {"kind": "dispatch", "actor": "post"})
    klein = at_work(served, "klein")
    (row,) = read_list(klein)
    assert row.startswith("neu überfällig Kenntnisnahme Bescheid Frist war der 01.01.2020")
    see_all(klein)
    assert read_count(klein) == "Nichts Neues"


def test_a_slip_that_was_refused_is_told_to_its_owner(served: Served) -> None:
    slip = create_slip(served, FOR_WEBER, title="Vermerk")
    weber = served.client("weber", "approver", authority="mwide", clearance="high")
    refused = weber.post(f"/routing-slips/{slip}/actions/refuse", json={"station": 1, "reason": "Bitte ändern"})
    assert refused.status_code == 200, refused.text
    mueller = at_work(served, "mueller")
    assert read_list(mueller)[0].startswith("neu zurückgekommen Vermerk von weber"), read_list(mueller)


@pytest.mark.parametrize(("action", "state"), [("recall", "in Überarbeitung"), ("withdraw", "zurückgezogen")])
def test_what_is_taken_before_somebody_acted_is_told_to_them(served: Served, action: str, state: str) -> None:
    slip = create_slip(served, FOR_WEBER, title="Vermerk")
    weber, klein = at_work(served, "weber"), at_work(served, "klein")
    see_all(weber)
    owner = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    taken = owner.post(f"/routing-slips/{slip}/actions/{action}", json={"reason": "Fehler"})
    assert taken.status_code == 200, taken.text
    assert read_count(weber) == "Neues: 1"
    (row,) = read_list(weber)
    assert "Vermerk zurückgenommen, bevor Sie gezeichnet haben, von mueller" in row
    assert state in row
    see_all(weber)
    assert (read_count(weber), read_list(klein)) == ("Nichts Neues", [])


def act(served: Served, user: str, slip: str, action: str, **body: Any) -> None:
    role, clearance = STAFF[user]
    client = served.client(user, role, authority="mwide", clearance=clearance)
    told = client.post(f"/routing-slips/{slip}/actions/{action}", json=body)
    assert told.status_code == 200, told.text


def test_a_station_that_is_taken_back_while_the_slip_goes_on_is_told_to_whom_it_was_taken_from(served: Served) -> None:
    slip = create_slip(served, FOR_WEBER, {"kind": "final_sign", "actor": "schmidt"}, title="Vermerk")
    act(served, "weber", slip, "sign")
    german, english = at_work(served, "schmidt"), at_work(served, "schmidt", language="en")
    see_all(german)
    act(served, "weber", slip, "recall")
    assert (read_count(german), read_count(english)) == ("Neues: 1", "New: 1")
    assert "im Umlauf Vermerk zurückgenommen, bevor Sie gezeichnet haben, von weber" in read_list(german)[0]
    assert "circulating Vermerk taken back, before you had acted, by weber" in read_list(english)[0]
    assert not [row for row in read_list(at_work(served, "weber")) if "zurückgenommen" in row], "who took it knows"
    see_all(german)
    assert read_count(german) == "Nichts Neues"
    act(served, "weber", slip, "sign")
    (row,) = read_list(german)
    assert row.startswith("neu Schlusszeichnung Vermerk von weber"), "it has come again"


def test_a_station_that_is_skipped_is_told_to_whom_it_was(served: Served) -> None:
    slip = create_slip(served, FOR_KLEIN, FOR_WEBER, {"kind": "final_sign", "actor": "schmidt"}, title="Vermerk")
    german, english = at_work(served, "weber"), at_work(served, "weber", language="en")
    later = at_work(served, "schmidt")
    see_all(german)
    act(served, "mueller", slip, "skip", station=2, reason="erübrigt sich")
    assert read_count(german) == "Neues: 1"
    assert "im Umlauf Vermerk Ihre Station wurde übersprungen, von mueller" in read_list(german)[0]
    assert "circulating Vermerk your station was skipped, by mueller" in read_list(english)[0]
    see_all(later)
    act(served, "mueller", slip, "skip", station=1, reason="erübrigt sich")
    assert (read_count(german), read_count(later)) == ("Neues: 1", "Nichts Neues")


def test_a_station_that_was_not_at_its_turn_is_skipped_without_a_word(served: Served) -> None:
    slip = create_slip(served, FOR_WEBER, FOR_KLEIN, {"kind": "final_sign", "actor": "schmidt"})
    act(served, "mueller", slip, "skip", station=2, reason="erübrigt sich")
    assert read_list(at_work(served, "klein")) == []


def test_a_slip_that_is_paused_is_told_to_whom_it_lay_with_and_told_again_when_it_goes_on(served: Served) -> None:
    slip = create_slip(served, FOR_WEBER, {"kind": "final_sign", "actor": "schmidt"}, title="Vermerk")
    german, english, later = at_work(served, "weber"), at_work(served, "weber", language="en"), at_work(served, "klein")
    see_all(german)
    act(served, "mueller", slip, "pause", reason="warten auf Gutachten")
    assert (read_count(german), read_count(english), read_count(later)) == ("Neues: 1", "New: 1", "Nichts Neues")
    assert "angehalten Vermerk angehalten, bis es weitergeht nicht im Eingang; von mueller" in read_list(german)[0]
    assert "paused Vermerk paused, not in the inbox until it goes on; by mueller" in read_list(english)[0]
    found = german.text(german.page("/pages/cockpit?state=paused"))
    assert "Vermerk" in found, "it is found by its state"
    see_all(german)
    act(served, "mueller", slip, "resume")
    assert (read_count(german), read_count(later)) == ("Neues: 1", "Nichts Neues")
    assert "Mitzeichnung Vermerk geht nach dem Anhalten weiter" in read_list(german)[0]
    assert "Vermerk goes on after it was paused" in read_list(english)[0]
    act(served, "weber", slip, "sign")
    assert read_list(at_work(served, "schmidt"))[0].startswith("neu Schlusszeichnung Vermerk von weber")


def test_nobody_learns_by_the_bell_of_what_they_may_not_know(served: Served) -> None:
    record, case = create_record(served, "Windpark")
    slip = create_slip(served, FOR_KLEIN, FOR_WEBER, title="Geheimer Vermerk", record=record, case=case)
    klein, weber = at_work(served, "klein"), at_work(served, "weber")
    assert read_count(klein) == "Neues: 1"
    owner = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    raised = owner.post(f"/records/{record}/actions/change", json={"protection": "high"})
    assert raised.status_code == 200, raised.text
    assert (read_count(klein), read_list(klein)) == ("Nichts Neues", [])
    taken = owner.post(f"/routing-slips/{slip}/actions/recall", json={"reason": "Fehler"})
    assert taken.status_code == 200, taken.text
    assert "Geheimer" not in klein.client.get("/pages/notices").text
    assert read_count(klein) == "Nichts Neues"
    assert "Geheimer Vermerk" in read_list(weber)[0], "who is cleared is told"


def read_counts(served: Served, person: Person) -> Iterator[int]:
    with httpx.stream(
        "GET", f"{served.url}/pages/notices/stream", cookies=dict(person.client.cookies), timeout=PATIENT
    ) as stream:
        assert stream.status_code == 200
        for line in stream.iter_lines():
            if line.startswith("data:"):
                yield int(json.loads(line.removeprefix("data:"))["count"])


def test_the_number_comes_by_itself_and_ends_with_the_session(served: Served) -> None:
    klein = at_work(served, "klein")
    counts = read_counts(served, klein)
    assert next(counts) == 0
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"})
    assert next(counts) == 1
    klein.send("/logout")
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"})
    assert list(counts) == []


def test_the_stream_is_for_those_logged_in(served: Served) -> None:
    told = httpx.get(f"{served.url}/pages/notices/stream", timeout=PATIENT)
    assert (told.status_code, told.headers["location"]) == (303, "/login?next=/pages/notices/stream")


def test_the_bell_rings_in_the_browser_and_is_answered_by_keys_alone(served: Served, browser: Browser) -> None:
    token = served.bearer("klein", "case_worker", authority="mwide")
    one = Look(served, browser, PHONE, "de-DE", token)
    page = one.visit("/pages/inbox")
    bell = page.get_by_role("link", name="Nichts Neues")
    expect(bell).to_be_visible()
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Erlass")
    rung = page.get_by_role("link", name="Neues: 1")
    expect(rung).to_be_visible()
    rung.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Was für Sie neu ist")
    assert one.faults() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    create_slip(served, FOR_KLEIN, {"kind": "dispatch", "actor": "post"}, title="Zweiter Erlass")
    expect(page.get_by_role("link", name="Zweiter Erlass")).to_be_visible()
    page.get_by_role("button", name="Alles als gesehen markieren").press("Enter")
    expect(page.get_by_role("link", name="Nichts Neues")).to_be_visible()
    assert (one.said, one.outside()) == ([], [])
    one.context.close()
