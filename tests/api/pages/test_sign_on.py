"""Sign-on in the browser at an issuer: the way there and back, and every answer that opens nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from api.settings import BrowserSignOn, Oidc
from tests.accessibility import find_barriers
from tests.api.conftest import free_port
from tests.api.pages.issuer import CLIENT, ISSUER, SECRET, Issuer, issuing
from tests.api.server_in_thread import Served, serving
from tests.patience import PATIENT
from tests.workflow.conftest import HEAD
from workflow.organisation.staff.actions import Leave
from workflow.organisation.staff.member import stream

Way = tuple[Issuer, Served]


def settings(issuer: Issuer, url: str, pages: str) -> dict[str, Any]:
    return {
        "oidc": Oidc(issuer=ISSUER, audience="eva", jwks=str(issuer.keys)),
        "browser_sign_on": BrowserSignOn(
            client=CLIENT, client_secret=SECRET, authorization=f"{url}/authorize", token=f"{url}/token", url=pages
        ),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder, port = tmp_path_factory.mktemp("sign-on"), free_port()
    with (
        issuing(folder) as (issuer, url),
        serving(folder, at=port, **settings(issuer, url, f"http://127.0.0.1:{port}")) as served,
    ):
        yield issuer, served


@pytest.fixture
def way(made: Way) -> Way:
    made[0].forget()
    return made


@pytest.fixture
def person(way: Way) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=way[1].url, headers={"accept-language": "en"}, timeout=PATIENT) as client:
        yield client


def go(person: httpx.Client, after: str = "/pages/inbox") -> str:
    """To the issuer, and the address that it leads back to."""
    begun = person.get("/login/sign-on", params={"next": after})
    assert begun.status_code == 303
    shown = httpx.get(begun.headers["location"], timeout=PATIENT)
    found = re.search(r'<a href="([^"]+)"', shown.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def is_in(person: httpx.Client) -> bool:
    return person.get("/pages/inbox").status_code == 200


def test_who_signs_on_is_in_and_back_at_the_page_first_asked_for(person: httpx.Client) -> None:
    sent = person.get("/pages/inbox?sort=due")
    form = person.get(sent.headers["location"])
    link = re.search(r'href="(/login/sign-on[^"]+)"', form.text)
    assert link is not None
    assert "Log in with your work account" in form.text
    told = person.get(go(person, parse_qs(urlsplit(link[1]).query)["next"][0]))
    assert told.status_code == 200
    assert 'content="0;url=/pages/inbox?sort=due"' in told.text
    cookie = next(one for one in told.headers.get_list("set-cookie") if one.startswith("eva_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "schmidt" in person.get("/pages/inbox").text


def test_the_session_ends_with_the_logout(person: httpx.Client) -> None:
    person.get(go(person))
    page, cookie = person.get("/pages/inbox").text, person.cookies["eva_session"]
    mark = re.search(r'name="_mark" value="([^"]+)"', page)
    assert mark is not None
    assert person.post("/logout", data={"_mark": mark[1]}).headers["location"] == "/login"
    person.cookies.set("eva_session", cookie)
    assert not is_in(person), "nor with the cookie kept"


def test_what_the_browser_is_sent_with_tells_nothing_of_its_secret(person: httpx.Client) -> None:
    begun = person.get("/login/sign-on")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    secret = person.cookies["eva_sign_on"].partition(".")[0]
    assert secret not in begun.headers["location"]
    assert len({asked["state"][0], asked["nonce"][0], asked["code_challenge"][0], secret}) == 4
    assert "SameSite=lax" in begun.headers["set-cookie"]
    assert "HttpOnly" in begun.headers["set-cookie"]


@pytest.mark.parametrize(("language", "says"), [("de", "hat nicht geklappt"), ("en", "did not work")])
def test_an_answer_with_another_state_opens_nothing(person: httpx.Client, language: str, says: str) -> None:
    back = urlsplit(go(person))
    code = parse_qs(back.query)["code"][0]
    for state in ("", "x" * 43, "ä"):
        told = person.get(f"{back.path}?{urlencode({'code': code, 'state': state})}",
                          headers={"accept-language": language})  # fmt: skip
        assert (told.status_code, says in told.text) == (401, True)
    assert not is_in(person)


def test_an_answer_in_another_browser_opens_nothing(way: Way, person: httpx.Client) -> None:
    back = go(person)
    with httpx.Client(base_url=way[1].url, timeout=PATIENT) as other:
        assert other.get(back).status_code == 401
        other.get("/login/sign-on")
        assert other.get(back).status_code == 401, "nor where that browser signs on as well"
        assert not is_in(other)


def test_an_answer_is_good_once(person: httpx.Client) -> None:
    back, kept = go(person), person.cookies["eva_sign_on"]
    assert person.get(back).status_code == 200
    assert person.get(back).status_code == 401, "the state is used up"
    person.cookies.clear()
    person.cookies.set("eva_sign_on", kept)
    assert person.get(back).status_code == 401, "and so is the code, for whoever keeps the state"
    assert not is_in(person)


GONE = datetime(2020, 1, 1, tzinfo=UTC)
INVALID = "the answer of the issuer is not valid"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"nonce": "another"}, INVALID), ({"nonce": None}, INVALID), ({"nonce": 7}, INVALID),
        ({"exp": GONE}, INVALID), ({"exp": None}, INVALID), ({"iat": datetime(2999, 1, 1, tzinfo=UTC)}, INVALID),
        ({"aud": "eva"}, INVALID), ({"aud": [CLIENT, "other"]}, INVALID), ({"azp": "other"}, INVALID),
        ({"iss": "https://other.example"}, INVALID), ({"clearance": "all"}, INVALID),
        ({"roles": ["system"]}, "says no role"), ({"roles": None}, "says no role"),
        ({"authority": None}, "no authority"), ({"preferred_username": None}, "that can be none"),
        ({"preferred_username": "a:b"}, "that can be none"), ({"authority": "a/b"}, "that can be none"),
    ],
    ids=str,
)  # fmt: skip
def test_what_the_issuer_says_must_fit(way: Way, person: httpx.Client, claims: Any, says: str) -> None:
    way[0].claims = claims
    told = person.get(go(person))
    assert (told.status_code, says in told.text) == (401, True), told.text
    assert not is_in(person)


def test_an_answer_for_several_that_names_us_is_taken(way: Way, person: httpx.Client) -> None:
    way[0].claims = {"aud": [CLIENT, "other"], "azp": CLIENT}
    assert person.get(go(person)).status_code == 200


def test_an_answer_signed_by_somebody_else_opens_nothing(way: Way, person: httpx.Client) -> None:
    way[0].signs_with = way[0].stranger
    assert INVALID in person.get(go(person)).text
    assert not is_in(person)


def test_who_does_not_sign_on_is_told_so(person: httpx.Client) -> None:
    state = parse_qs(urlsplit(go(person)).query)["state"][0]
    said = {"state": state, "error": "access_denied", "error_description": "<script>alert(1)</script>"}
    told = person.get("/login/callback", params=said)
    assert (told.status_code, "the issuer has not signed you on" in told.text) == (401, True)
    assert "alert(1)" not in told.text


@pytest.mark.parametrize("status", [500, 503])
def test_an_issuer_in_trouble_is_told_as_such(way: Way, person: httpx.Client, status: int) -> None:
    way[0].status = status
    told = person.get(go(person))
    assert (told.status_code, "the issuer does not answer" in told.text) == (503, True)
    assert not is_in(person)


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil", "javascript:alert(1)"])
def test_it_leads_nowhere_else(person: httpx.Client, after: str) -> None:
    assert 'content="0;url=/"' in person.get(go(person, after)).text


def test_a_page_asked_for_with_too_much_is_left_for_the_first_one(person: httpx.Client) -> None:
    told = person.get(go(person, "/pages/records?q=" + "x" * 3000))
    assert (told.status_code, 'content="0;url=/"' in told.text) == (200, True)


def test_who_has_left_is_out_and_does_not_come_in_again(way: Way, person: httpx.Client) -> None:
    issuer, served = way
    issuer.claims = {"preferred_username": "weber"}
    assert person.get(go(person)).status_code == 200
    assert is_in(person)
    served.services.engine.handle(Leave(user="weber", reason="Ruhestand"), HEAD, stream("weber"))
    assert not is_in(person)
    assert "has left" in person.get(go(person)).text


def test_an_issuer_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    with issuing(tmp_path) as (issuer, url):
        asked = settings(issuer, url, "http://127.0.0.1:1")
    with serving(tmp_path, **asked) as served, httpx.Client(base_url=served.url, timeout=PATIENT) as person:
        begun = person.get("/login/sign-on")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        told = person.get("/login/callback", params={"state": state, "code": "x"}, headers={"accept-language": "de"})
        assert (told.status_code, "Die Anmeldestelle antwortet nicht" in told.text) == (503, True)


def test_behind_a_proxy_every_cookie_is_for_encrypted_connections(tmp_path: Path) -> None:
    with issuing(tmp_path) as (issuer, url):
        asked = settings(issuer, url, "https://eva.example")
        with serving(tmp_path, trusted_proxies=("127.0.0.1",), **asked) as served:
            proxy = {"x-forwarded-proto": "https"}
            begun = httpx.get(f"{served.url}/login/sign-on", headers=proxy, timeout=PATIENT)
            first = begun.headers["set-cookie"]
            assert first.startswith("__Host-eva_sign_on=")
            assert "Secure" in first
            shown = httpx.get(begun.headers["location"], timeout=PATIENT).text
            back = urlsplit(shown.partition('href="http')[2].partition('"')[0].replace("&amp;", "&"))
            answer = shown.partition("/login/callback?")[2].partition('"')[0].replace("&amp;", "&")
            assert back.path.endswith("/login/callback")
            cookie = {"cookie": first.partition(";")[0], **proxy}
            told = httpx.get(f"{served.url}/login/callback?{answer}", headers=cookie, timeout=PATIENT)
            assert told.status_code == 200
            assert all("Secure" in one for one in told.headers.get_list("set-cookie"))


def test_without_the_settings_there_is_no_button_and_no_way(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert "/login/sign-on" not in httpx.get(f"{served.url}/login", timeout=PATIENT).text
        for path in ("/login/sign-on", "/login/callback"):
            assert httpx.get(served.url + path, timeout=PATIENT).status_code == 404


@pytest.mark.parametrize(("width", "language"), [(1400, "de-DE"), (390, "en-GB")])
def test_in_a_browser_from_another_site(way: Way, browser: Browser, width: int, language: str) -> None:
    """The issuer is another site, so no strict cookie goes along from there, and the page first asked for opens."""
    context = browser.new_context(locale=language, viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{way[1].url}/pages/cockpit?late=true")
    name = "Mit dem Dienstkonto anmelden" if language == "de-DE" else "Log in with your work account"
    button = page.get_by_role("link", name=name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert find_barriers(page) == []
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ich bin schmidt").click()
    page.wait_for_url("**/pages/cockpit?late=true")
    assert page.get_by_text("schmidt").first.is_visible()
    assert said == []
    context.close()
