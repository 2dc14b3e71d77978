"""Days' work told in a real browser: the planner's question, with the keyboard where it is quicker."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.api.pages.test_pages_in_a_browser import DESK, PHONE, Look
from tests.api.server_in_thread import COMPUTED_BEFORE, MORE_TEAMS, QUICK, Served


@pytest.fixture
def look(served: Served, browser: Browser) -> Iterator[Callable[..., Any]]:
    looks = []

    def make(user: str, *roles: str, size: dict[str, int] = DESK, language: str = "de-DE") -> Any:
        looks.append(Look(served, browser, size, language, served.bearer(user, *roles, authority="mwide")))
        return looks[-1]

    yield make
    for one in looks:
        one.context.close()


def test_the_planners_question(look: Callable[..., Any]) -> None:
    """Two forecasts, one with more teams; the page follows them, they are compared, a table is taken away."""
    one = look("petra", "planner")
    page = one.visit("/")
    for text, title in ((QUICK, "Der Plan"), (MORE_TEAMS, "Vier Teams mehr")):
        page.get_by_text("Eigenes Szenario").click()
        page.get_by_label("YAML").fill(text)
        page.get_by_label("Bezeichnung").fill(title)
        page.get_by_label("Durchläufe", exact=True).fill(str(COMPUTED_BEFORE["replications"]))
        page.locator("#seed").fill(str(COMPUTED_BEFORE["seed"]))
        page.get_by_role("button", name="Prognose starten").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("link", name="Vollständiger Bericht")).to_be_visible()
        page.get_by_role("link", name="Alle Prognosen").click()
    for title in ("Vier Teams mehr", "Der Plan"):
        page.get_by_label(f"vergleichen: {title}").press("Space")
    page.get_by_role("button", name="Gewählte vergleichen").click()
    page.get_by_role("button", name="Unterschiede rechnen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vergleich: Der Plan / Vier Teams mehr")
    expect(page.get_by_text("95-%-Intervall").first).to_be_visible()
    assert one.faults() == []
    page.get_by_role("link", name="Der Plan").first.click()
    page.get_by_role("link", name="Behörden und Ressorts").click()
    page.get_by_label("Suchen").fill("köln bezirksregierung")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_role("status")).to_contain_text("1 Zeilen")
    assert re.search(r"text=k%C3%B6ln", page.url), "the address says what was searched"
    with page.expect_download() as taken:
        page.get_by_role("link", name="XLSX").click()
    assert taken.value.suggested_filename == "authorities.xlsx"
    assert one.said == []
    assert one.outside() == []


def test_levers_are_filled_in_on_a_telephone(look: Callable[..., Any]) -> None:
    one = look("petra", "planner", size=PHONE, language="en-GB")
    page = one.visit("/pages/runs")
    page.get_by_role("link", name="Two more rollout teams from 2022").click()
    page.get_by_label("rollout teams", exact=True).fill("lots")
    page.get_by_role("button", name="Start forecast").click()
    expect(page.get_by_role("alert")).to_contain_text("is no number")
    expect(page.get_by_label("rollout teams", exact=True)).to_have_value("lots")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert one.faults() == []
