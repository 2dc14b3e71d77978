"""The handbooks in the browser: each page leads to its paragraph, links lead on, nothing else of the disk is read."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html
from playwright.sync_api import Browser

from api.pages.base.help import HELP, find_help
from api.pages.base.render import FOLDER
from api.pages.handbook import PARTS, find_folder, make_anchor, render_handbook
from tests.api.pages.person import Person
from tests.api.pages.test_pages_in_a_browser import DESK, PHONE, Look
from tests.api.server_in_thread import Served, serving

WITHOUT = {"signed_on", "base", "error", "login", "handbook"}
BOOKS = [f"{part}/{path.stem}" for part in PARTS for path in sorted((find_folder() / part).glob("*.md"))]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("reading")) as one:
        yield one


def test_every_page_leads_to_a_paragraph() -> None:
    pages = {path.name.partition(".")[0] for path in FOLDER.glob("**/templates/*.j2")
             if 'extends "base' in path.read_text(encoding="utf-8")}  # fmt: skip
    assert pages - WITHOUT == set(HELP)
    assert find_help("login.html.j2") is None


@pytest.mark.parametrize("template", HELP)
def test_the_paragraph_is_there_in_both_languages(template: str) -> None:
    for place in (HELP[template].de, HELP[template].en):
        name, _, anchor = place.partition("#")
        assert name in BOOKS
        assert f'id="{anchor}"' in render_handbook(name)[1], place


@pytest.mark.parametrize("name", BOOKS)
def test_a_handbook_has_a_title_and_links_that_lead_somewhere(name: str) -> None:
    title, text = render_handbook(name)
    assert title
    page = html.fromstring(f"<div>{text}</div>")
    for address in page.xpath("//a/@href"):
        book, _, anchor = unquote(str(address)).removeprefix("/pages/handbook/").partition("#")
        told = render_handbook(book or name)[1]
        assert not anchor or f'id="{anchor}"' in told, address
    assert len(page.xpath("//h1")) == 1


def test_the_help_of_a_page_opens_the_paragraph(served: Served) -> None:
    for language, word, title in (
        ("de", "Hilfe", "Handbuch für die Sachbearbeitung"),
        ("en", "Help", "Handbook for clerks"),
    ):
        person = Person(served, f"anna{language}", "case_worker", language=language, authority="mwide")
        (link,) = (a for a in person.page("/pages/inbox").xpath("//header//a") if a.text == word)
        page = person.page(str(link.get("href")).partition("#")[0])
        assert page.xpath("string(//h1)") == title
        assert page.xpath("//article/@lang") == [language]


@pytest.mark.parametrize(
    "name", ["de/none", "../README", "de/../../README", "reference/api", "de/testen.md", "de/%2e%2e", ""]
)
def test_nothing_else_of_the_disk_is_read(served: Served, name: str) -> None:
    assert Person(served, f"x{abs(hash(name))}", "case_worker").client.get(f"/pages/handbook/{name}").status_code == 404


def test_html_in_a_file_is_text_and_code_is_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "probe.md").write_text(
        "# A\n\n<b>x</b> [y](javascript:z) [w](../en/none.md)\n\n```sh\na <b>\n```\n"
    )
    monkeypatch.setattr("api.pages.handbook.find_folder", lambda: tmp_path)
    text = render_handbook("de/probe")[1]
    assert "<b>" not in text
    assert "<a " not in text
    assert re.search(r"<pre tabindex=\"0\"><code>a &lt;b&gt;", text)


def test_anchors_are_those_of_the_documentation() -> None:
    assert make_anchor("Wer zählt als Nutzerin, als Nutzer?") == "wer-zählt-als-nutzerin-als-nutzer"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_handbooks_are_accessible_and_fit(served: Served, browser: Browser, size: dict[str, int]) -> None:
    one = Look(served, browser, size, "de-DE", served.bearer(f"leser{size['width']}", "case_worker"))
    for name in ("de/handbuch-sachbearbeitung", "de/scanstelle", "how-to/plan-in-the-browser", "de/zwoelf-fragen"):
        page = one.visit(f"/pages/handbook/{name}")
        assert one.faults() == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    assert (one.said, one.outside()) == ([], [])
    one.context.close()
