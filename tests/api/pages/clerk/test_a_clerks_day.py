"""A clerk's day in a real browser: from a mail item to z.d.A., with a refusal, a second run and a deputy."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.accessibility import find_barriers
from tests.api.pages.person import STAFF, create_slip
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from tests.scanning.papers import pdf_file

PHONE, SCREEN = {"width": 390, "height": 800}, {"width": 1400, "height": 900}
TITLE = "Antrag auf Förderung <b>Windpark</b> Donaudampfschifffahrtsgesellschaftsanlegestelle {{ 7 * 7 }}"


class AtBrowser:
    """One of the staff at a browser; hears every message, sees every request."""

    def __init__(self, served: Served, browser: Browser, user: str, size: Any, language: str, scheme: str) -> None:
        self.url, self.size = served.url, size
        self.context = browser.new_context(viewport=size, locale=language, color_scheme=scheme)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENT * 1000)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        role, clearance = STAFF[user]
        self.page.goto(f"{served.url}/login")
        self.page.locator("#token").fill(served.bearer(user, role, authority="mwide", clearance=clearance))
        self.page.locator("form.stacked button").click()
        self.page.wait_for_url(f"{served.url}/")

    def check(self) -> None:
        """The page is no wider than the window, accessible, silent, and asks nobody else."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.size["width"], self.page.url
        assert find_barriers(self.page) == [], self.page.url
        assert self.said == []
        ours = (self.url, "data:", "chrome-extension:", "chrome:")
        assert not [url for url in self.asked if not url.startswith(ours)]

    def open_first(self, title: str) -> None:
        """From the inbox, by keys alone."""
        self.page.goto(f"{self.url}/pages/inbox")
        link = self.page.get_by_role("link", name=title)
        for _ in range(20):
            self.page.keyboard.press("ArrowDown")
            if link.evaluate("one => one === document.activeElement"):
                break
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", level=1).wait_for()


@pytest.fixture
def sign_in(served: Served, browser: Browser) -> Iterator[Callable[..., AtBrowser]]:
    made: list[AtBrowser] = []

    def open_browser(user: str, size: Any = SCREEN, language: str = "de-DE", scheme: str = "light") -> AtBrowser:
        made.append(AtBrowser(served, browser, user, size, language, scheme))
        return made[-1]

    yield open_browser
    for one in made:
        one.context.close()


def tell_done(page: Page, text: str) -> None:
    page.get_by_role("status").get_by_text(text).wait_for()


def bring_mail(post: AtBrowser, paper: Path) -> None:
    """The registry enters an item, sights it and gives it to mueller, whom it finds by three letters."""
    page = post.page
    page.goto(f"{post.url}/pages/mail")
    post.check()
    page.get_by_role("button", name="Postmappe anlegen").click()
    page.get_by_label("Gegenstand").fill(TITLE)
    page.set_input_files("#mail-file", paper)
    page.get_by_role("button", name="Eingang erfassen").click()
    tell_done(page, "Erledigt: Eingang erfassen")
    page.get_by_role("button", name="Sichten", exact=True).click()
    tell_done(page, "Erledigt: Sichten")
    page.locator("#assign-to").press_sequentially("mue")
    page.locator("#assign-to-found option").first.wait_for(state="attached")
    assert page.locator("#assign-to-found option").get_attribute("value") == "mueller"
    page.locator("#assign-to").fill("mueller")
    post.check()
    page.get_by_role("button", name="Zuweisen", exact=True).click()
    tell_done(page, "Erledigt: Zuweisen")


def file_item(clerk: AtBrowser) -> None:
    """The clerk opens a record with a case, and files the item into it from the inbox."""
    page = clerk.page
    page.goto(f"{clerk.url}/pages/new/records")
    page.get_by_label("Titel").fill("Förderung Windpark")
    page.get_by_label("Aktenplankennzeichen").fill("43.21")
    page.get_by_role("button", name="Anlegen").click()
    page.get_by_text("Vorgang anlegen").first.click()
    page.locator("#add_case-title").fill("Bewilligung")
    page.get_by_role("button", name="Vorgang anlegen").click()
    tell_done(page, "Erledigt: Vorgang anlegen")
    clerk.open_first(TITLE)
    clerk.check()
    page.get_by_label("Zum Vorgang nehmen").fill("Windpark")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Zum Vorgang nehmen").click()
    tell_done(page, "Erledigt: Veraktet ablegen")
    page.get_by_role("link", name="liegt in der E-Akte").click()
    page.get_by_role("heading", name=TITLE).wait_for()
    clerk.check()


def compose_route(clerk: AtBrowser) -> str:
    """Two co-signatures beside each other, then the final one, by keys; the address of the slip."""
    page = clerk.page
    page.get_by_role("link", name="Neue E-Laufmappe dazu").click()
    page.get_by_label("Titel").fill("Bescheid zur Mitzeichnung")
    page.locator("#s0_actor").fill("klein")
    page.locator("#s1_actor").fill("weber")
    page.get_by_role("button", name="Station gleichzeitig").focus()
    page.keyboard.press("Enter")
    page.locator("#s2_actor").fill("schmitz")
    page.locator("#s2_kind").select_option("co_sign")
    page.get_by_role("button", name="Station 3 nach oben").press("Enter")
    page.locator("#s1_actor[value=schmitz]").wait_for()
    page.locator("#s1_order").select_option("beside")
    page.locator(".route-row.beside #s1_actor").wait_for()
    page.locator("#s2_order").select_option("then")
    page.locator(".route-row.then #s2_actor").wait_for()
    clerk.check()
    page.get_by_role("button", name="Anlegen und Umlauf starten").click()
    page.get_by_text("Die Mappe liegt bei klein (Mitzeichnung), schmitz (Mitzeichnung)").wait_for()
    clerk.check()
    return page.url


def sign_and_refuse(signer: AtBrowser, other: AtBrowser) -> None:
    signer.open_first("Bescheid zur Mitzeichnung")
    signer.check()
    signer.page.locator("#sign-note").fill("fine")
    signer.page.get_by_role("button", name="Co-sign").click()
    tell_done(signer.page, "Done: Sign")
    signer.check()
    other.open_first("Bescheid zur Mitzeichnung")
    other.page.get_by_text("Zeichnung verweigern").first.click()
    other.page.get_by_label("Begründung").first.fill("Die Nebenbestimmung fehlt")
    other.page.get_by_role("button", name="Zeichnung verweigern").click()
    tell_done(other.page, "Erledigt: Zeichnung verweigern")


def revise_and_start_again(clerk: AtBrowser) -> None:
    clerk.open_first("Bescheid zur Mitzeichnung")
    clerk.page.get_by_text("Die Mappe ist zurück").wait_for()
    clerk.page.get_by_text("Inhalt überarbeiten").first.click()
    clerk.page.locator("#revise-note").fill("mit Nebenbestimmung")
    clerk.page.get_by_role("button", name="Inhalt überarbeiten").click()
    tell_done(clerk.page, "Erledigt: Inhalt überarbeiten")
    clerk.page.get_by_role("button", name="Umlauf starten").click()
    clerk.page.get_by_text("2. Lauf").first.wait_for()


def sign_as_deputy(absent: AtBrowser, deputy: AtBrowser, until: str) -> None:
    """Weber appoints schmidt, who finds weber's inbox and signs finally."""
    absent.page.goto(f"{absent.url}/pages/deputies")
    absent.page.get_by_label("Vertretung durch").fill("schmidt")
    absent.page.get_by_label("bis einschließlich").fill(until)
    absent.page.get_by_role("button", name="Vertretung bestellen").click()
    tell_done(absent.page, "Die Vertretung ist bestellt")
    absent.check()
    deputy.page.goto(f"{deputy.url}/pages/inbox")
    deputy.check()
    deputy.page.get_by_role("link", name="Deren Eingang öffnen").click()
    deputy.page.get_by_role("link", name="Bescheid zur Mitzeichnung").click()
    deputy.page.get_by_role("button", name="Schlusszeichnen").click()
    tell_done(deputy.page, "Erledigt: Zeichnen")
    deputy.page.get_by_text("schmidt i. V.").first.wait_for()
    deputy.check()


def test_from_a_mail_item_to_the_closed_case(served: Served, sign_in: Callable[..., AtBrowser], tmp_path: Path) -> None:
    paper = tmp_path / "antrag.pdf"
    paper.write_bytes(pdf_file(1))
    bring_mail(sign_in("post"), paper)
    clerk = sign_in("mueller")
    file_item(clerk)
    slip = compose_route(clerk)
    sign_and_refuse(sign_in("klein", PHONE, "en-GB", "dark"), sign_in("schmitz"))
    revise_and_start_again(clerk)
    for user in ("klein", "schmitz"):
        again = sign_in(user)
        again.page.goto(slip)
        again.page.get_by_role("button", name="Mitzeichnen").click()
        tell_done(again.page, "Erledigt: Zeichnen")
    until = (served.services.engine.clock() + timedelta(days=9)).date().isoformat()
    sign_as_deputy(sign_in("weber"), sign_in("schmidt", PHONE), until)
    clerk.page.goto(slip)
    clerk.page.get_by_role("button", name="Veraktet ablegen").click()
    tell_done(clerk.page, "Erledigt: Veraktet ablegen")
    clerk.page.locator(".crumbs a").last.click()
    clerk.page.get_by_text("z.d.A. verfügen").first.click()
    clerk.page.get_by_role("button", name="z.d.A. verfügen").click()
    clerk.page.get_by_text("z.d.A. seit").wait_for()
    clerk.check()


@pytest.mark.parametrize(("size", "language"), [(SCREEN, "en-GB"), (PHONE, "de-DE")], ids=["screen", "phone"])
def test_full_and_empty_lists_are_accessible_and_fit(
    served: Served, sign_in: Callable[..., AtBrowser], size: dict[str, int], language: str
) -> None:
    for number in range(3):
        create_slip(
            served, {"kind": "acknowledge", "actor": "post", "deadline": "2020-01-01"}, title=f"{number} {TITLE}"
        )
    one = sign_in("post", size, language, "dark")
    for path in ("/pages/inbox", "/pages/inbox?group=due&sort=title", "/pages/inbox?text=nichts-davon", "/pages/mail",
                 "/pages/deputies", "/pages/new/routing-slips"):  # fmt: skip
        one.page.goto(one.url + path)
        one.page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true })")
        one.check()


def test_a_file_that_will_not_do_is_refused_before_it_is_sent_or_after_it_was_checked(
    served: Served, sign_in: Callable[..., AtBrowser], tmp_path: Path
) -> None:
    folder = served.client("post", "registrar", authority="mwide").post("/mail-folders", json={"title": "Mappe"})
    one = sign_in("post")
    one.page.goto(f"{one.url}/pages/things/mail-folders/{folder.json()['id']}")
    for name, data, told in [("a.docx", b"PK", "Nur PDF, TIFF"), ("a.pdf", b"MZ", "Der Inhalt ist weder PDF")]:
        (tmp_path / name).write_bytes(data)
        one.page.set_input_files("#mail-file", tmp_path / name)
        one.page.get_by_role("button", name="Eingang erfassen").click()
        one.page.get_by_role("alert").get_by_text(told).wait_for()
