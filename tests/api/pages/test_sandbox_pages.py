"""A tester's new case: played in a sandbox of the pages, without script and by keys alone, then replayed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from api.replay.run.jobs import Job, replay
from tests.api.pages.person import Person
from tests.api.pages.test_pages_in_a_browser import DESK, PHONE, Look
from tests.api.server_in_thread import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("testing")) as one:
        yield one


@pytest.fixture
def tester(served: Served, request: pytest.FixtureRequest) -> Person:
    """Another one for each test: nobody has many sandboxes."""
    return Person(served, f"tester{abs(hash(request.node.name))}", "case_worker", language="de", authority="mwide")


def make(tester: Person, title: str = "Zweite Mitzeichnung") -> str:
    """A new sandbox with a small office; its path."""
    made = tester.submit(tester.page("/pages/sandboxes"), "/pages/sandboxes", title=title, start="2026-03-02")
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def test_a_case_is_clicked_together_saved_and_replayed(tester: Person, tmp_path: Path) -> None:
    path = make(tester)
    record = tester.submit(
        tester.page(f"{path}/records/new?as=mueller"), f"{path}/records/new", title="Windpark", file_plan_code="43.21"
    ).headers["location"]
    assert "Windpark" in tester.text(tester.page(record))
    new = f"{path}/routing-slips/new"
    route = {"s0_kind": "co_sign", "s0_actor": "schmidt", "s0_deadline": "2026-03-04", "s1_kind": "final_sign",
             "s1_actor": "weber"}  # fmt: skip
    slip = tester.submit(tester.page(f"{new}?as=mueller"), new, title="Bescheid", **route).headers["location"]
    slip = slip.partition("?")[0]
    tester.submit(tester.page(f"{slip}?as=mueller&do=start"), f"{slip}/start")
    refused = tester.submit(tester.page(f"{slip}?as=mueller&do=sign"), f"{slip}/sign", station="1")
    assert refused.status_code == 409
    assert "Die Ablehnung ist ein Schritt des Falls." in refused.text
    moved = tester.submit(tester.page(f"{path}?as=mueller"), f"{path}/clock", to="week").headers["location"]
    assert "Von selbst ist dabei geschehen" in tester.text(tester.page(moved))
    tester.submit(tester.page(f"{slip}?as=schmidt&do=sign"), f"{slip}/sign", station="1")
    taken = tester.client.get(f"{path}/replay", params={"title": "Zeichnung nach der Frist"})
    assert taken.status_code == 200, taken.text
    assert taken.headers["content-disposition"].endswith("filename*=UTF-8''zeichnung-nach-der-frist.yaml")
    file = tmp_path / "case.yaml"
    file.write_bytes(taken.content)
    text = file.read_text(encoding="utf-8")
    assert "title: Zeichnung nach der Frist" in text
    assert "until: " in text
    assert "error" in text
    assert replay_all(file) == []


def test_a_deputy_acts_for_the_absent_and_the_replay_knows_it(tester: Person, tmp_path: Path) -> None:
    path = make(tester)
    new = f"{path}/routing-slips/new"
    route = {"s0_kind": "co_sign", "s0_actor": "schmidt", "s1_kind": "dispatch", "s1_actor": "registratur"}
    made = tester.submit(tester.page(f"{new}?as=mueller"), new, title="Bescheid", **route)
    slip = made.headers["location"].partition("?")[0]
    tester.submit(tester.page(f"{slip}?as=mueller&do=start"), f"{slip}/start")
    wrong = tester.submit(tester.page(f"{path}?as=schmidt"), f"{path}/deputies", deputy="weber", last="2020-01-01")
    assert wrong.status_code == 409
    done = tester.submit(tester.page(f"{path}?as=schmidt"), f"{path}/deputies", deputy="weber", last="2026-03-09")
    assert done.status_code == 303, done.text
    page = tester.page(f"{slip}?as=weber/schmidt&do=sign")
    assert "weber für schmidt" in tester.text(page)
    signed = tester.submit(page, f"{slip}/sign", station="1")
    assert signed.status_code == 303, signed.text
    assert "weber für schmidt: E-Laufmappe – Zeichnen" in tester.text(tester.page(path))
    file = tmp_path / "case.yaml"
    file.write_bytes(tester.client.get(f"{path}/replay").content)
    assert "for: schmidt" in file.read_text(encoding="utf-8")
    assert replay_all(file) == []


def test_nobody_else_sees_a_sandbox(served: Served, tester: Person) -> None:
    path = make(tester)
    other = Person(served, "other", "admin", language="en")
    for below in ("", "/records/new", "/replay"):
        other.page(f"{path}{below}", status=404)
    for below in ("clock", "people", "drop", "records/new"):
        assert other.send(f"{path}/{below}").status_code == 404
    assert "Zweite Mitzeichnung" not in other.client.get("/pages/sandboxes").text
    tester.submit(tester.page(path), f"{path}/drop")
    tester.page(path, status=404)


def test_who_acts_sees_what_that_person_may(tester: Person) -> None:
    path = make(tester)
    fields = {"user": "fremd", "role": "case_worker", "authority": "jm", "clearance": "normal"}
    assert tester.submit(tester.page(path), f"{path}/people", **fields).status_code == 303
    new = f"{path}/records/new"
    record = tester.submit(tester.page(f"{new}?as=mueller"), new, title="Windpark", file_plan_code="43.21")
    place = record.headers["location"].partition("?")[0]
    assert "Windpark" in tester.text(tester.page(f"{path}?as=mueller"))
    assert "Windpark" not in tester.text(tester.page(f"{path}?as=fremd"))
    tester.page(f"{place}?as=fremd", status=404)


@pytest.mark.parametrize(
    ("below", "fields", "told"),
    [("clock", {"to": "until", "until": "2020-01-01"}, "geht nicht zurück"),
     ("clock", {"to": "until", "until": "morgen"}, "ist kein Tag"),
     ("clock", {"to": "nonsense"}, "advance"),
     ("people", {"user": "x", "role": "chief"}, "Diese Rolle gibt es nicht"),
     ("people", {"user": " ", "role": "approver"}, "")],
)  # fmt: skip
def test_what_cannot_be_is_told_in_the_page(tester: Person, below: str, fields: dict[str, str], told: str) -> None:
    path = make(tester)
    answer = tester.send(f"{path}/{below}", **fields)
    assert answer.status_code == 409
    assert told in answer.text


def test_an_empty_sandbox_has_nothing_to_save_and_says_what_to_do(tester: Person) -> None:
    empty = tester.send("/pages/sandboxes", title="Leer").headers["location"]
    assert "Noch ist niemand da." in tester.text(tester.page(empty))
    tester.page(f"{empty}/replay", status=404)
    wrong = tester.send("/pages/sandboxes", title="Alt", start="0001-01-01")
    assert (wrong.status_code, "von 1900 bis 2200" in wrong.text) == (409, True)


def test_rows_of_a_route_are_changed_without_doing_anything(tester: Person) -> None:
    path = make(tester)
    new = f"{path}/routing-slips/new"
    told = tester.submit(tester.page(f"{new}?as=mueller"), new, title="Bescheid", _do="add")
    assert told.status_code == 200
    assert 'name="s2_actor"' in told.text
    assert "Noch nichts." in tester.text(tester.page(path))


def test_the_testers_new_case_by_keys_alone(served: Served, browser: Browser, tmp_path: Path) -> None:
    one = Look(served, browser, DESK, "de-DE", served.bearer("tasten", "case_worker", authority="mwide"))
    page = one.visit("/pages/sandboxes")
    press(page, page.get_by_label("Worum es geht"), "Kurzer Dienstweg", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kurzer Dienstweg")
    assert one.faults() == []
    page.get_by_role("link", name="anlegen (E-Laufmappe)").press("Enter")
    press(page, page.get_by_label("Titel"), "Bescheid")
    press(page, page.get_by_label("Wer").nth(0), "schmidt")
    press(page, page.get_by_label("Wer").nth(1), "weber")
    assert one.faults() == []
    page.get_by_role("button", name="Anlegen", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("E-Laufmappe: Bescheid")
    page.get_by_role("link", name="Umlauf starten").press("Enter")
    page.get_by_role("button", name="Umlauf starten").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Erledigt")).to_be_visible()
    assert one.faults() == []
    page.get_by_role("link", name="Kurzer Dienstweg").press("Enter")
    page.get_by_role("button", name="7 Tage").press("Enter")
    page.get_by_label("Titel des Prüflaufs").focus()
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    file = tmp_path / "case.yaml"
    taken.value.save_as(file)
    assert replay_all(file) == []
    assert (one.said, one.outside()) == ([], [])
    page.set_viewport_size(PHONE)
    for path in (page.url, f"{page.url.partition('?')[0]}/routing-slips/new"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert one.faults() == []
    one.context.close()


def press(page: Any, field: Any, text: str, key: str = "") -> None:
    field.focus()
    page.keyboard.type(text)
    if key:
        page.keyboard.press(key)


def replay_all(file: Path) -> list[str]:
    """What does not hold when a file is replayed."""
    done = replay(Job(file))
    return [*map(str, done.faults), *(str(verdict.failure) for verdict in done.verdicts if not verdict.passed)]
