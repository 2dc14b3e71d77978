"""Every page in both languages: empty, full, with hostile text, and for those who may not see it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from lxml import html

from api.pages.base.visitor import derive_csrf_token
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT

HOSTILE = "<script>alert('x')</script>\" onload=\"x & {{ 7 * 7 }} \u202e"
TITLE = HOSTILE.replace("\u202e", "").strip()
ROWS = "//tbody/tr[th/a[contains(@href, '/pages/things/')]]"
LISTED = "//div[@aria-labelledby='list']//tbody/tr/th"
LANGUAGES = ("de", "en")
GERMAN = {
    "/": "Was auf Sie wartet", "/pages/inbox": "Was auf Sie wartet", "/pages/cockpit": "Alle E-Laufmappen",
    "/pages/records": "E-Akten", "/pages/replays": "Ergebnisse der Prüfläufe", "/pages/new/records": "Neu: E-Akte",
    "/pages/new/routing-slips": "Neue E-Laufmappe",
}  # fmt: skip
Browse = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("empty")) as one:
        yield one


@pytest.fixture(scope="module")
def full(served: Served) -> dict[str, str]:
    """Records with hostile titles, 52 routing slips, one mail folder: their ids by name."""
    mueller = served.client("mueller", "case_worker", authority="mwide")
    served.enter_staff("schmidt")

    def create(path: str, body: dict[str, Any]) -> str:
        answer = mueller.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    record = create("/records", {"title": TITLE, "file_plan_code": "43.21"})
    slips = []
    for number in range(52):
        stations = [{"kind": "co_sign", "actor": "schmidt", "deadline": "2020-01-01" if number % 2 else None}]
        slips.append(
            create("/routing-slips", {"title": f"{number:02} {TITLE}", "record": record, "stations": stations})
        )
        assert mueller.post(f"/routing-slips/{slips[-1]}/actions/start", json={}).status_code == 200
    draft = create("/routing-slips", {"title": "Entwurf", "record": record, "stations": stations})
    return {"record": record, "slip": slips[0], "late": slips[1], "draft": draft}


def browser(served: Served, user: str, *roles: str, language: str, **known: Any) -> httpx.Client:
    """A client with the token in a header, as a program sends it."""
    token = served.bearer(user, *roles, **known)
    client = httpx.Client(
        base_url=served.url, timeout=PATIENT, headers={"authorization": f"Bearer {token}", "accept-language": language}
    )
    client.params = httpx.QueryParams()
    served.clients.append(client)
    return client


def heading(answer: httpx.Response) -> str:
    return " ".join(html.fromstring(answer.text).xpath("string(//h1)").split())


@pytest.mark.parametrize("path", GERMAN)
def test_pages_of_a_server_without_data(empty: Served, path: str) -> None:
    for language in LANGUAGES:
        answer = browser(empty, "erna", "case_worker", language=language).get(path)
        page = html.fromstring(answer.text)
        assert (answer.status_code, page.get("lang")) == (200, language)
        assert not page.xpath("//main//tbody/tr"), "there is nothing to list"
        if language == "de":
            assert heading(answer) == GERMAN[path]
        else:
            assert heading(answer) != GERMAN[path]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_planner_sees_the_form_for_a_forecast_and_no_run_yet(empty: Served, language: str) -> None:
    page = html.fromstring(browser(empty, "petra", "planner", language=language).get("/").text)
    assert page.xpath("//form[@action='/pages/runs']")
    text = page.xpath("string(//section[@aria-labelledby='all'])")
    assert ("Noch keine" if language == "de" else "None yet") in text
    offered = page.xpath("//ul[@class='questions']//a/@href")
    assert "/pages/runs?scenario=nrw-plan-2021#levers" in offered


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_is_text_on_every_page(served: Served, full: dict[str, str], language: str) -> None:
    client = browser(served, "schmidt", "approver", authority="mwide", language=language)
    paths = [
        "/pages/inbox", "/pages/cockpit", "/pages/records", f"/pages/things/records/{full['record']}",
        f"/pages/things/routing-slips/{full['slip']}", f"/pages/new/routing-slips?record={full['record']}",
    ]  # fmt: skip
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = html.fromstring(answer.text)
        assert "<script>alert" not in answer.text
        assert not page.xpath("//@onload")
        texts = [page.text_content(), *page.xpath("//option/text() | //@value")]
        assert any("{{ 7 * 7 }}" in text for text in texts)


@pytest.mark.usefixtures("full")
def test_long_lists_go_on_to_a_next_page_and_end(served: Served) -> None:
    client = browser(served, "schmidt", "approver", authority="mwide", language="en")
    for path in ("/pages/inbox", "/pages/cockpit"):
        first = html.fromstring(client.get(path).text)
        links = first.xpath("//a[contains(@href, 'cursor=')]/@href")
        assert len(first.xpath(ROWS)) == 50
        second = html.fromstring(client.get(links[0]).text)
        assert 1 <= len(second.xpath(ROWS)) < 50
        assert not second.xpath("//a[contains(@href, 'cursor=')]")
        shown = [set(page.xpath(f"{ROWS}/th/a/@href")) for page in (first, second)]
        assert not shown[0] & shown[1], "no slip stands on both pages"


@pytest.mark.usefixtures("full")
def test_the_cockpit_counts_states_and_shows_one_of_them(served: Served) -> None:
    client = browser(served, "mueller", "case_worker", authority="mwide", language="de")
    page = html.fromstring(client.get("/pages/cockpit").text)
    assert "im Umlauf" in page.text_content()
    drafts = html.fromstring(client.get("/pages/cockpit?state=draft").text)
    assert drafts.xpath(f"{LISTED}/a/text()") == ["Entwurf"]
    late = html.fromstring(client.get("/pages/cockpit?late=true").text)
    assert len(late.xpath(f"{LISTED}/a")) == 26
    assert "überfällig" in late.text_content()
    everything = html.fromstring(client.get("/pages/cockpit?state=nonsense").text)
    assert len(everything.xpath(f"{LISTED}/a")) == 50


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%22", "WyJhIl0", "🙂", "W10"])
def test_a_broken_cursor_is_refused_in_words(served: Served, cursor: str) -> None:
    client = browser(served, "schmidt", "approver", authority="mwide", language="de")
    for path in ("/pages/inbox", "/pages/cockpit", "/pages/records"):
        answer = client.get(path, params={"cursor": cursor})
        assert answer.status_code in {200, 400, 422}
        if answer.status_code != 200:
            assert html.fromstring(answer.text).xpath("//*[@role='alert']")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/pages/things/records/none", 404),
        ("/pages/things/unicorns/1", 404),
        ("/pages/things/staff/schmidt", 404),
        ("/pages/new/mail-folders", 404),
        ("/pages/new/%3Cb%3E", 404),
        ("/pages/runs/none", 403),
        ("/pages/runs/none/charts/users.svg", 403),
        ("/pages/runs/none/files/users.csv", 403),
        ("/pages/compare?run=x&run=y", 403),
        ("/pages/records?text=%00", 422),
        ("/pages/inbox?for=nobody", 403),
        ("/static/../base.py", 404),
        ("/static/secret.txt", 404),
    ],
)
def test_what_cannot_be_shown_is_a_page_with_a_reason(served: Served, path: str, status: int) -> None:
    for language in LANGUAGES:
        answer = browser(served, "schmidt", "approver", authority="mwide", language=language).get(path)
        assert answer.status_code == status, answer.text
        if path.startswith("/pages"):
            page = html.fromstring(answer.text)
            assert page.get("lang") == language
            assert page.xpath("string(//*[@role='alert'])").strip()


def test_a_planner_is_told_of_runs_that_do_not_exist(served: Served) -> None:
    client = browser(served, "petra", "planner", language="de")
    for path in (
        "/pages/runs/none",
        "/pages/runs/none/progress",
        "/pages/compare?run=x&run=y",
        "/pages/runs/none/files/x.csv",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "nicht für Sie bestimmt" in answer.text


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """A form of this visitor, with its CSRF token."""
    bearer = client.headers["authorization"].removeprefix("Bearer ")
    return client.post(path, data={"_mark": derive_csrf_token(bearer), "_key": "k" * 16, "_version": "1", **fields})


def wait_for_timers(served: Served) -> None:
    """Whatever is overdue from the beginning has been told, and changes nothing any more."""
    begun = time.monotonic()
    while (due := served.services.engine.next_timer()) and due <= datetime.now(UTC):
        assert time.monotonic() - begun < PATIENT
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("no_such_action", {}, 404),
        ("create", {}, 404),
        ("sign", {"_version": "x"}, 422),
        ("sign", {"_version": ""}, 422),
        ("sign", {"_key": ""}, 422),
        ("sign", {"_key": "with space"}, 422),
        ("sign", {"_for": "nobody"}, 403),
        ("sign", {"_mark": "0" * 64}, 403),
    ],
)
def test_forms_that_are_not_from_here_do_nothing(
    served: Served, full: dict[str, str], action: str, fields: dict[str, str], status: int
) -> None:
    client = browser(served, "schmidt", "approver", authority="mwide", language="en")
    wait_for_timers(served)
    before = client.get(f"/routing-slips/{full['late']}").json()
    answer = send(client, f"/pages/things/routing-slips/{full['late']}/{action}", **fields)
    assert answer.status_code == status, answer.text
    assert client.get(f"/routing-slips/{full['late']}").json() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_action_that_the_state_forbids_says_what_is_possible(
    served: Served, full: dict[str, str], language: str
) -> None:
    client = browser(served, "mueller", "case_worker", authority="mwide", language=language)
    at = f"/routing-slips/{full['draft']}"
    version = client.get(at).headers["etag"].strip('W/"')
    answer = send(client, f"/pages/things{at}/resume", _version=version)
    assert answer.status_code == 409
    text = html.fromstring(answer.text).xpath("string(//*[@role='alert'])")
    assert ("Möglich ist" if language == "de" else "Possible now") in text


def test_an_empty_title_is_refused_with_the_label_of_its_field(served: Served) -> None:
    client = browser(served, "mueller", "case_worker", authority="mwide", language="de")
    answer = send(client, "/pages/new/records", title=" ", file_plan_code="43.21")
    page = html.fromstring(answer.text)
    assert answer.status_code == 422
    assert page.xpath("string(//*[@role='alert'])").strip().startswith("Titel: ")
    assert page.xpath("//input[@name='file_plan_code']/@value") == ["43.21"], "what was filled in stays"


def test_the_login_page_speaks_both_languages_and_keeps_the_way_back(empty: Served) -> None:
    with httpx.Client(base_url=empty.url, timeout=PATIENT) as nobody:
        for language, word in (("de", "Anmelden"), ("en", "Log in")):
            answer = nobody.get("/login?next=/pages/cockpit", headers={"accept-language": language})
            page = html.fromstring(answer.text)
            assert page.get("lang") == language
            assert word in page.text_content()
            assert page.xpath("//input[@name='next']/@value") == ["/pages/cockpit"]
        wrong = nobody.post("/login", data={"token": "x", "next": "/"}, headers={"accept-language": "de"})
        assert wrong.status_code == 401
        assert "Dieses Token gilt nicht" in wrong.text


@pytest.mark.parametrize(("tongue", "kept"), [("de", True), ("en", True), ("fr", False), ("%3Cb%3E", False)])
def test_only_known_languages_are_kept(empty: Served, tongue: str, kept: bool) -> None:
    with httpx.Client(base_url=empty.url, timeout=PATIENT) as nobody:
        answer = nobody.get(f"/pages/language/{tongue}?next=//elsewhere")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers.get("set-cookie", "")
        assert (f"eva_lang={tongue}" in cookie) is kept
        if kept:
            assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}


def test_a_cookie_with_an_unknown_language_or_token_is_ignored(empty: Served) -> None:
    with httpx.Client(base_url=empty.url, headers={"accept-language": "de"}, timeout=PATIENT) as nobody:
        nobody.cookies.update({"eva_lang": "xx", "eva_session": "eva_not_a_token"})
        assert html.fromstring(nobody.get("/login").text).get("lang") == "de"
        assert nobody.get("/pages/inbox").status_code == 303


@pytest.mark.parametrize(
    ("name", "kind"), [("eva.css", "text/css"), ("eva.js", "text/javascript"), ("eva.svg", "image/svg")]
)
def test_static_files_have_their_type_and_are_kept_for_a_while(empty: Served, name: str, kind: str) -> None:
    with httpx.Client(base_url=empty.url, timeout=PATIENT) as nobody:
        answer = nobody.get(f"/static/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "max-age=300"


@pytest.mark.parametrize("language", LANGUAGES)
def test_replay_results_show_what_failed(served: Served, language: str) -> None:
    folder = served.services.settings.data / "replays"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lauf.xml").write_text(
        '<testsuites><testsuite><testcase name="gut" time="0.5"/><testcase name="schlecht">'
        '<failure message="&lt;b&gt;state&lt;/b&gt;">expected closed</failure></testcase></testsuite></testsuites>'
    )
    (folder / "kaputt.xml").write_text("<testsuites>")
    page = html.fromstring(browser(served, "tina", "auditor", language=language).get("/pages/replays").text)
    text = page.text_content()
    assert {"gut", "schlecht"} <= set(page.xpath("//tbody/tr/th/text()"))
    assert "<b>state</b>" in text
    assert ("gescheitert" if language == "de" else "failed") in text
    assert "kaputt.xml" in text
