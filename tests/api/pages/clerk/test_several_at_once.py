"""Several at once in the inbox and in the list of mail: done one by one, and told of each."""

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html
from playwright.sync_api import Browser

from tests.api.pages.person import Person, at_work, create_slip
from tests.api.server_in_thread import Served
from workflow.engine.fields import BERLIN

NOTICE, SIGN = {"kind": "acknowledge", "actor": "klein"}, {"kind": "co_sign", "actor": "klein"}
END = {"kind": "dispatch", "actor": "post"}


@pytest.fixture
def slips(served: Served) -> Iterator[dict[str, str]]:
    """Two to take note of and one to sign, all with klein; title -> id. What is left of them waits with nobody."""
    made = {
        title: create_slip(served, station, END, title=title)
        for title, station in (("Rundschreiben", NOTICE), ("Hausmitteilung", NOTICE), ("Bescheid", SIGN))
    }
    yield made
    mueller = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    for key in made.values():
        told = mueller.post(f"/routing-slips/{key}/actions/withdraw", json={"reason": "erledigt"})
        assert told.status_code in {200, 409}, told.text


@pytest.fixture
def klein(served: Served) -> Person:
    return at_work(served, "klein")


def boxes(page: Any) -> dict[str, Any]:
    """Boxes by the titles of their rows."""
    rows = page.xpath("//table[@data-worklist]/tbody/tr[td[@class='pick']/input]")
    return {str(row.xpath("string(.//th/a)")): row.xpath("./td[@class='pick']/input")[0] for row in rows}


def tick(page: Any, titles: list[str]) -> dict[str, str]:
    return {boxes(page)[title].get("name"): boxes(page)[title].get("value") for title in titles}


def choose(person: Person, path: str, titles: list[str], key: str, **fields: str) -> Any:
    """Tick the rows of those titles on a page, and do something with them."""
    page = person.page(path)
    return person.submit(page, f"{path.partition('?')[0]}/several", _key=key, **tick(page, titles), **fields)


def read_outcomes(told: Any) -> list[str]:
    page = html.fromstring(told.text)
    return [" ".join(one.text_content().split()) for one in page.xpath("//div[@role='status']//li")]


def events(served: Served, key: str) -> list[str]:
    return [row.type for row in served.services.engine.log.read(f"routing-slip:{key}")]


def test_each_is_done_alone_and_told_what_became_of_it(served: Served, klein: Person, slips: dict[str, str]) -> None:
    told = choose(klein, "/pages/inbox", list(slips), "several1", action="acknowledge")
    assert told.status_code == 200, told.text
    assert sorted(read_outcomes(told)) == [
        "erledigt: Hausmitteilung", "erledigt: Rundschreiben",
        "nicht erledigt: Bescheid – die Station verlangt etwas anderes",
    ]  # fmt: skip
    assert "Zur Kenntnis nehmen: erledigt 2, nicht erledigt 1" in klein.text(html.fromstring(told.text))
    assert list(boxes(html.fromstring(told.text))) == ["Bescheid"], "what is done waits no more"
    for title in ("Rundschreiben", "Hausmitteilung"):
        assert events(served, slips[title]).count("slip.station_done") == 1


def test_sent_twice_it_is_done_once(served: Served, klein: Person, slips: dict[str, str]) -> None:
    page = klein.page("/pages/inbox")
    box = boxes(page)["Rundschreiben"]
    again = {box.get("name"): box.get("value"), "action": "acknowledge", "_key": "twice"}
    for _ in range(2):
        told = klein.submit(page, "/pages/inbox/several", **again)
        assert read_outcomes(told) == ["erledigt: Rundschreiben"]
    assert events(served, slips["Rundschreiben"]).count("slip.station_done") == 1


def test_what_somebody_else_changed_meanwhile_is_not_done(served: Served, klein: Person, slips: dict[str, str]) -> None:
    page = klein.page("/pages/inbox")
    mueller = served.client("mueller", "case_worker", authority="mwide", clearance="high")
    for action in ("pause", "resume"):
        done = mueller.post(f"/routing-slips/{slips['Rundschreiben']}/actions/{action}", json={})
        assert done.status_code == 200, done.text
    ticked = tick(page, ["Rundschreiben", "Hausmitteilung"])
    told = klein.submit(page, "/pages/inbox/several", action="acknowledge", _key="stale", **ticked)
    assert sorted(read_outcomes(told)) == [
        "erledigt: Hausmitteilung",
        "nicht erledigt: Rundschreiben – Inzwischen hat jemand anders hier etwas geändert.",
    ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"action": "acknowledge"}, 422), ({"action": "sign"}, 422), ({}, 422)],
)
def test_without_rows_or_an_action_nothing_is_done(
    served: Served, klein: Person, slips: dict[str, str], fields: dict[str, str], status: int
) -> None:
    titles = ["Bescheid"] if fields.get("action") == "sign" else []
    told = choose(klein, "/pages/inbox", titles, "nothing", **fields)
    assert told.status_code == status
    alert = html.fromstring(told.text).xpath("//div[@role='alert']")[0].text_content()
    assert "Zeilen und eine Aktion wählen" in alert
    assert all("slip.station_done" not in events(served, key) for key in slips.values())


def test_what_is_made_up_is_told_and_tells_nothing(served: Served, klein: Person, slips: dict[str, str]) -> None:
    hidden = served.client("secret", "case_worker", authority="jm").post(
        "/routing-slips", json={"title": "fremd", "stations": [END]}
    ).json()["id"]  # fmt: skip
    page = klein.page("/pages/inbox")
    for stream in (
        f"routing-slip:{hidden}",
        "routing-slip:x",
        "staff:klein",
        "weather:x",
        f"record:{slips['Bescheid']}",
    ):
        told = klein.submit(page, "/pages/inbox/several", action="acknowledge", _key="x", **{f"pick {stream} x": "1"})
        assert told.status_code == 200, told.text
        (outcome,) = read_outcomes(told)
        assert outcome.startswith("nicht erledigt: – – "), stream
        assert "fremd" not in told.text
    for name in ("pick ", "pick a", "pick a b c"):
        assert klein.submit(page, "/pages/inbox/several", action="acknowledge", **{name: "1"}).status_code == 422


def test_the_view_stays_as_it_was(klein: Person, slips: dict[str, str]) -> None:
    assert slips
    told = choose(klein, "/pages/inbox?what=acknowledge&sort=title", ["Rundschreiben"], "view", action="acknowledge")
    page = html.fromstring(told.text)
    assert list(boxes(page)) == ["Hausmitteilung"], "those to take note of only"
    assert page.xpath("//select[@name='sort']/option[@selected]/@value") == ["title"]


@pytest.mark.usefixtures("slips")
def test_several_are_delegated_with_a_reason(served: Served, klein: Person) -> None:
    titles = ["Bescheid", "Rundschreiben"]
    told = choose(klein, "/pages/inbox", titles, "delegate1", action="delegate", to="schmitz")
    assert all("Begründung" in outcome or "Grund" in outcome for outcome in read_outcomes(told)), read_outcomes(told)
    told = choose(klein, "/pages/inbox", titles, "delegate2", action="delegate", to="schmitz", reason="Urlaub")
    assert sorted(read_outcomes(told)) == ["erledigt: Bescheid", "erledigt: Rundschreiben"]
    assert {"Bescheid", "Rundschreiben"} <= set(boxes(at_work(served, "schmitz").page("/pages/inbox")))


def test_mail_is_sighted_and_assigned_by_the_armful(served: Served) -> None:
    """Items of one folder too, each of which makes a new version of it."""
    client, post = (
        served.client("post", "registrar", authority="mwide", clearance="high"),
        at_work(served, "post", "en"),
    )
    items = [{"title": f"Brief {number}", "file": {"sha256": "ab" * 32, "file_name": "x.pdf"}} for number in range(3)]
    made = client.post("/mail-folders", json={"title": "Montag", "items": items})
    assert made.status_code == 201, made.text
    titles = [item["title"] for item in items]
    told = choose(post, "/pages/mail", titles, "sight1", action="sight")
    assert sorted(read_outcomes(told)) == [f"done: {title}" for title in titles]
    told = choose(post, "/pages/mail", titles, "assign1", action="assign", to="nobody-here")
    assert all(outcome.startswith("not done: Brief") for outcome in read_outcomes(told)), told.text
    told = choose(post, "/pages/mail?state=sighted", titles[:2], "assign2", action="assign", to="mueller")
    assert sorted(read_outcomes(told)) == [f"done: {title}" for title in titles[:2]]
    assert list(boxes(html.fromstring(told.text))) == titles[2:]
    mueller = at_work(served, "mueller", "en")
    told = choose(mueller, "/pages/inbox", titles[:2], "accept1", action="accept")
    assert sorted(read_outcomes(told)) == [f"done: {title}" for title in titles[:2]]
    states = [item["accepted"] for item in client.get(f"/mail-folders/{made.json()['id']}").json()["items"]]
    assert states == [True, True, False]


def test_a_deputy_does_it_for_the_absent(served: Served, slips: dict[str, str]) -> None:
    weber, schmidt = at_work(served, "weber"), at_work(served, "schmidt")
    key = create_slip(served, {"kind": "acknowledge", "actor": "weber"}, END, title="Für Weber")
    today = served.services.engine.clock().astimezone(BERLIN).date().isoformat()
    weber.submit(weber.page("/pages/deputies"), "/pages/deputies/appoint_deputy", deputy="schmidt", since=today,
                 until=today)  # fmt: skip
    told = choose(schmidt, "/pages/inbox?for=weber", ["Für Weber"], "deputy", action="acknowledge")
    assert read_outcomes(told) == ["erledigt: Für Weber"]
    (station,) = [one for one in served.services.engine.load(f"routing-slip:{key}").state.stations.values()
                  if one.kind == "acknowledge"]  # fmt: skip
    assert (station.done_by, station.on_behalf_of) == ("schmidt", "weber")
    assert slips


def test_it_is_done_by_keys_alone_in_a_browser(served: Served, browser: Browser, slips: dict[str, str]) -> None:
    from tests.api.pages.clerk.test_a_clerks_day import SCREEN, AtBrowser

    one = AtBrowser(served, browser, "klein", SCREEN, "de-DE", "light")
    page = one.page
    page.goto(f"{served.url}/pages/inbox?what=acknowledge")
    one.check()
    page.locator("[data-all]").focus()
    page.keyboard.press("Space")
    assert page.locator("td.pick input:checked").count() == 2
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    assert page.locator("td.pick input:checked").count() == 1
    page.keyboard.press("x")
    page.locator("#several-action").focus()
    page.keyboard.type("Zur Kenntnis")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("erledigt 2").wait_for()
    one.check()
    assert slips
    one.context.close()
