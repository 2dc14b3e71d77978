"""The web pages in Chromium: offline but for their own server, silent, accessible, no wider than a telephone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.accessibility import KEEP_THREE_OF_A_KIND, find_barriers
from tests.api.server_in_thread import COMPUTED_BEFORE, MORE_TEAMS, QUICK, Served, serving

MOST_BYTES = 1_500_000
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1200, "height": 900}
TITLE = "Vermerk über die Besprechung mit dem Landesbetrieb zur Umstellung der Postbearbeitung"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("browser")
    with serving(folder) as one:
        reports = folder / "data" / "replays"
        reports.mkdir(parents=True)
        (reports / "latest.xml").write_text(
            '<testsuite><testcase classname="slip" name="signs"/><testcase classname="slip" name="deputy">'
            '<failure message="step 4">scenarios/replays/deputy.yaml:31:5: state is circulating</failure>'
            "</testcase></testsuite>"
        )
        yield one


@pytest.fixture(scope="module")
def office(served: Served) -> str:
    """A record and a routing slip that lies with schmidt and is late; the path of the slip."""
    mueller = served.client("mueller", "case_worker", authority="mwide")
    served.enter_staff("schmidt", "weber")
    record = mueller.post("/records", json={"title": "Windpark", "file_plan_code": "43.21"}).json()["id"]
    mueller.post(f"/records/{record}/actions/add_case", json={"title": "Antrag 2026"})
    stations = [
        {"kind": "co_sign", "actor": "schmidt", "deadline": "2020-11-20"},
        {"kind": "final_sign", "actor": "weber"},
    ]
    made = mueller.post("/routing-slips", json={"title": TITLE, "record": record, "stations": stations}).json()["id"]
    assert mueller.post(f"/routing-slips/{made}/actions/start", json={}).status_code == 200
    return f"/pages/things/routing-slips/{made}"


@pytest.fixture(scope="module")
def runs(served: Served) -> list[str]:
    """Two finished runs' ids."""
    petra = served.client("petra", "planner", authority="mwide")
    asked = [
        petra.post("/runs", json={"text": text, "title": title, **COMPUTED_BEFORE})
        for text, title in ((QUICK, "wenig Post"), (MORE_TEAMS, "vier Teams mehr"))
    ]
    for one in asked:
        with petra.stream("GET", one.headers["location"] + "/progress") as stream:
            assert "finished" in "".join(stream.iter_lines())
    return [one.json()["id"] for one in asked]


class Look:
    """Somebody at a browser; hears every message and every request."""

    def __init__(self, served, browser, size, language, token):
        self.url = served.url
        self.context = browser.new_context(viewport=size, locale=language)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{served.url}/")
        self.page.get_by_label("Token", exact=True).fill(token)
        self.page.locator("form.stacked button").click()

    def visit(self, path):
        assert self.page.goto(self.url + path).status == 200, path
        return self.page

    def faults(self):
        return find_barriers(self.page)

    def outside(self):
        return [url for url in self.asked if not url.startswith((self.url, "data:"))]


@pytest.fixture
def look(served: Served, browser: Browser) -> Iterator[Callable[..., Any]]:
    looks = []

    def make(user, *roles, size=DESK, language="de-DE"):
        looks.append(Look(served, browser, size, language, served.bearer(user, *roles, authority="mwide")))
        return looks[-1]

    yield make
    for one in looks:
        one.context.close()


RUN_PARTS = ("tables/authorities", "tables/projects", "tables/scan_centres", "assumptions")


def paths(office, runs):
    plain = ("cockpit", "cockpit?late=true", "inbox", "replays", "records", "new/records", "new/routing-slips",
             "scanning", "runs?scenario=two-more-teams", "machines/routing-slip?state=circulating")  # fmt: skip
    parts = [f"/pages/runs/{runs[0]}/{part}" for part in RUN_PARTS]
    two = f"/pages/compare?run={runs[0]}&run={runs[1]}"
    return ["/", *(f"/pages/{path}" for path in plain), office, f"/pages/runs/{runs[0]}", *parts, two]


@pytest.mark.parametrize(("size", "language"), [(DESK, "de-DE"), (PHONE, "en-GB")], ids=["desk", "phone"])
def test_every_page_is_accessible_silent_narrow_enough_and_needs_nobody_else(
    look: Callable[..., Any], office: str, runs: list[str], size: dict[str, int], language: str
) -> None:
    one = look("petra", "planner", "approver", size=size, language=language)
    for path in paths(office, runs):
        page = one.visit(path)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        page.evaluate(KEEP_THREE_OF_A_KIND)
        assert one.faults() == [], path
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert page.locator("html").get_attribute("lang") == language[:2]
    assert all(page.evaluate("[...document.images].map((image) => image.naturalWidth > 0)"))
    assert one.said == []
    assert one.outside() == []


def test_the_checks_find_what_is_planted(look: Callable[..., Any]) -> None:
    """Axe, the console and the width each see a fault when there is one."""
    one = look("petra", "planner", size=PHONE)
    page = one.visit("/")
    page.evaluate("document.querySelector('label[for=seed]').remove()")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<div>' + 'x'.repeat(99) + '</div>')")
    assert "label" in {fault for fault, _ in one.faults()}
    assert page.evaluate("document.documentElement.scrollWidth") > 390
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"https://elsewhere.example/x.png\">')")
    page.wait_for_timeout(200)
    assert any("Content Security Policy" in text for text in one.said), "the policy forbids what is not ours"


def test_a_barrier_in_one_row_of_hundreds_is_found(look: Callable[..., Any], runs: list[str]) -> None:
    one = look("petra", "planner")
    page = one.visit(f"/pages/runs/{runs[0]}/tables/authorities")
    last = "document.querySelector('tbody tr:last-child td')"
    page.evaluate(f"{last}.insertAdjacentHTML('beforeend', '<a href=\"#x\"></a>')")
    assert page.locator("tbody tr").count() > 200
    page.evaluate(KEEP_THREE_OF_A_KIND)
    assert page.locator("tbody tr").count() < 50
    assert [fault for fault, _ in one.faults()] == ["link-name"]


def test_a_run_from_the_form_to_its_report(look: Callable[..., Any]) -> None:
    one = look("petra", "planner")
    page = one.visit("/")
    page.get_by_label("Bezeichnung (frei)").fill("aus dem Formular")
    page.get_by_label("Durchläufe").fill("2")
    page.get_by_text("Eigenes Szenario statt des mitgelieferten").click()
    page.get_by_label("YAML, das auf einem mitgelieferten aufbaut").fill(QUICK)
    page.get_by_role("button", name="Prognose starten").click()
    page.get_by_role("heading", name="aus dem Formular").wait_for()
    assert page.locator("progress").is_visible()
    page.get_by_role("heading", name="Halten die Fristen?").wait_for()  # without anybody reloading
    assert page.locator("tbody tr").count() > 10
    page.get_by_role("link", name="Behörden und Ressorts").click()
    with page.expect_download() as download:
        page.locator('a[download="authorities.csv"]').click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 259
    page.get_by_role("link", name="aus dem Formular").click()
    page.get_by_role("link", name="Vollständiger Bericht").click()
    page.get_by_role("button", name="English").click()  # the report's own script runs
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("(() => { try { return document.cookie } catch { return 'none' } })()") == "none"
    assert one.said == []


def test_signing_by_keyboard_alone(look: Callable[..., Any], office: str) -> None:
    one = look("schmidt", "approver")
    page = one.visit("/")
    page.get_by_role("link", name=TITLE).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{office}")
    page.locator("#sign-note").focus()
    page.keyboard.type("einverstanden")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Erledigt: Zeichnen").wait_for()
    assert one.said == []


def test_it_prints(look: Callable[..., Any], runs: list[str]) -> None:
    page = look("petra", "planner").visit(f"/pages/runs/{runs[0]}")
    assert len(page.pdf(format="A4")) > 30_000
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()


def test_without_script_everything_is_there(served: Served, browser: Browser, office: str, runs: list[str]) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{served.url}/")
    page.locator("#token").fill(served.bearer("petra", "planner", "approver", authority="mwide"))
    page.locator("form.stacked button").click()
    for path in paths(office, runs):
        assert page.goto(served.url + path).status == 200
        assert page.locator("h1").is_visible()
    context.close()


def test_pages_of_a_run_are_light_enough_with_their_charts_and_scripts(
    look: Callable[..., Any], runs: list[str]
) -> None:
    """Everything that such a page fetches for a browser that has nothing of it yet; it is sent as it is."""
    one = look("petra", "planner")
    run, answers = f"/pages/runs/{runs[0]}", list[Any]()
    one.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a built-in cannot be wrapped
    for path in (run, *(f"{run}/{part}" for part in RUN_PARTS), f"/pages/compare?run={runs[0]}&run={runs[1]}"):
        answers.clear()
        page = one.visit(path)
        page.evaluate("""() => Promise.all([...document.images].map((image) => {
            image.loading = "eager";
            return image.decode();
        }))""")
        files = [answer for answer in answers if not answer.url.endswith("/stream")]
        sizes = {answer.url: int(answer.headers["content-length"]) for answer in files}
        assert sum(sizes.values()) < MOST_BYTES, (path, sizes)
