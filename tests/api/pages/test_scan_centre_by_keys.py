"""The scan centre's morning by keys alone: a batch begins, a file is taken in, somebody else checks it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.api.pages.test_pages_in_a_browser import DESK, Look
from tests.api.server_in_thread import Served
from tests.scanning import papers


def enter(page: Any, label: str, text: str) -> None:
    field = page.get_by_label(label)
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def test_the_scan_centres_morning(served: Served, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "antrag.tif"
    file.write_bytes(papers.tiff_file(1, "Antrag"))
    one = Look(served, browser, DESK, "de-DE", served.bearer("olga", "scan_operator", authority="mwide"))
    page = one.visit("/pages/scanning")
    page.get_by_text("Neuen Stapel beginnen").press("Enter")
    enter(page, "Bezeichnung", "Post am Morgen")
    enter(page, "Blätter, von Hand gezählt", "1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post am Morgen")
    enter(page, "Scanner und Software", "Scanner 3")
    page.locator("input[type=file]").set_input_files(file)  # the system's own window has no keys to press here
    page.get_by_role("button", name="Einscannen").press("Enter")
    expect(page.get_by_role("row", name="antrag")).to_contain_text("olga")
    assert one.faults() == []
    page.get_by_role("link", name="Prüfen, siegeln, ausliefern").press("Enter")
    address = page.url
    assert (one.said, one.outside()) == ([], [])
    one.context.close()
    check_by_keys(
        Look(served, browser, DESK, "de-DE", served.bearer("inge", "scan_inspector", authority="mwide")), address
    )


def check_by_keys(one: Look, address: str) -> None:
    one.visit("/pages/scanning")
    expect(one.page.get_by_text("gescannt von olga")).to_be_visible()
    page = one.visit(address.removeprefix(one.url))
    page.get_by_role("link", name="Handlungen dazu").press("Enter")
    page.get_by_role("button", name="Prüfung bestanden").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Erledigt")).to_be_visible()
    assert one.faults() == []
    assert (one.said, one.outside()) == ([], [])
    one.context.close()
