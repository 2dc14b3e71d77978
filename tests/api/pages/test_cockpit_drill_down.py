"""The cockpit: with whom routing slips pile up, at which kind of station, and which they are."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from lxml import html

from api.pages.cockpit_figures import AGES, FLOOR, HEIGHT, TOP, Load, draw_weeks, sum_ages, sum_by, sum_units
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.views.cockpit import Open, Waiting, Week
from workflow.views.tables import NEVER

LATE, NEXT = "2020-11-20", "2090-01-01"


@pytest.fixture(scope="module")
def slips(served: Served) -> dict[str, str]:
    """Three slips with schmidt, two of them late, one with weber; title -> id. One of another authority besides."""
    served.enter_staff("schmidt", "weber")
    mueller: Any = served.client("mueller", "case_worker", authority="mwide")
    found = {}
    for title, kind, actor, deadline in (
        ("eins", "co_sign", "schmidt", LATE), ("zwei", "co_sign", "schmidt", LATE),
        ("drei", "approve", "schmidt", NEXT), ("vier", "co_sign", "weber", NEXT),
    ):  # fmt: skip
        stations = [{"kind": kind, "actor": actor, "deadline": deadline}]
        made = mueller.post("/routing-slips", json={"title": title, "stations": stations}).json()
        assert mueller.post(f"/routing-slips/{made['id']}/actions/start", json={}).status_code == 200
        found[title] = made["id"]
    return found


def page_of(served: Served, path: str, authority: str = "mwide") -> html.HtmlElement:
    http = httpx.Client(base_url=served.url, headers={"accept-language": "en"}, timeout=PATIENT)
    served.clients.append(http)
    http.post("/login", data={"token": served.bearer("petra", "approver", authority=authority or None)})
    told = http.get(path)
    assert told.status_code == 200, told.text
    return html.fromstring(told.text)


def cells(page: html.HtmlElement, section: str) -> list[list[str]]:
    rows = page.xpath(f"//section[@aria-labelledby='{section}']//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("./th|./td")][:3] for row in rows]


def titles(page: html.HtmlElement) -> set[str]:
    return {link.text_content() for link in page.xpath("//table//a[contains(@href, '/things/routing-slips/')]")}


def test_who_has_most_waiting_comes_first_with_what_is_late(served: Served, slips: dict[str, str]) -> None:
    page = page_of(served, "/pages/cockpit")
    assert cells(page, "by-person") == [["schmidt", "3", "2"], ["weber", "1", "0"]]
    assert cells(page, "by-station") == [["co-signature", "3", "2"], ["approval", "1", "0"]]
    assert titles(page) == set(slips)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("person=schmidt", {"eins", "zwei", "drei"}), ("person=weber", {"vier"}), ("station=approve", {"drei"}),
     ("person=schmidt&station=co_sign", {"eins", "zwei"}), ("person=schmidt&late=true", {"eins", "zwei"}),
     ("person=nobody", set())],
)  # fmt: skip
def test_a_click_shows_which_they_are(served: Served, slips: dict[str, str], query: str, wanted: set[str]) -> None:
    assert slips
    assert titles(page_of(served, f"/pages/cockpit?{query}")) == wanted


def test_another_authority_sees_none_of_it(served: Served, slips: dict[str, str]) -> None:
    assert slips
    page = page_of(served, "/pages/cockpit?person=schmidt", authority="jm")
    assert not titles(page)
    assert cells(page, "by-person") == []
    assert "Routing slips stand here as soon as" in page.text_content()


@pytest.fixture(scope="module")
def units(served: Served, slips: dict[str, str]) -> str:
    """A slip of Referat 4, under way, and one that was withdrawn; the id of the first."""
    assert slips
    mueller: Any = served.client("mueller", "case_worker", authority="mags")
    record = mueller.post("/records", json={"title": "Akte", "file_plan_code": "1", "lead": "Referat 4 & 5"}).json()
    found = []
    for title in ("eilig", "überholt"):
        body = {"title": title, "record": record["id"], "stations": [{"kind": "co_sign", "actor": "schmidt"}]}
        found.append(mueller.post("/routing-slips", json=body).json()["id"])
        assert mueller.post(f"/routing-slips/{found[-1]}/actions/start", json={}).status_code == 200
    told = mueller.post(f"/routing-slips/{found[1]}/actions/withdraw", json={"reason": "erledigt"})
    assert told.status_code == 200, told.text
    return str(found[0])


def test_what_is_under_way_is_shown_by_unit_and_age_and_a_click_shows_which(served: Served, units: str) -> None:
    page = page_of(served, "/pages/cockpit", "mags")
    assert cells(page, "by-unit") == [["Referat 4 & 5", "1", "0"]]
    assert cells(page, "by-age")[0] == ["up to 7 days", "1", "0"]
    assert [row[1] for row in cells(page, "by-age")[1:]] == ["0"] * 4
    for section in ("by-unit", "by-age"):
        link = str(page.xpath(f"//section[@aria-labelledby='{section}']//tbody//a/@href")[0])
        chosen = page_of(served, link.partition("#")[0], "mags")
        (shown,) = chosen.xpath("//table//a[contains(@href, '/things/routing-slips/')]/@href")
        assert str(shown).endswith(units), link
    older = page_of(served, "/pages/cockpit?age=older&unit=Referat+4+%26+5", "mags")
    assert not titles(older), "what is chosen adds up"
    (back,) = [str(link) for link in older.xpath("//p[@class='take']/a/@href") if "unit=" in str(link)]
    assert "age=" not in back, "each choice can be taken back alone"


def test_slips_without_a_unit_are_a_row_of_their_own(served: Served, slips: dict[str, str]) -> None:
    page = page_of(served, "/pages/cockpit")
    assert cells(page, "by-unit") == [["no unit named", "4", "2"]]
    assert titles(page_of(served, "/pages/cockpit?unit=-")) == set(slips)
    assert titles(page_of(served, "/pages/cockpit?unit=-&late=true")) == {"eins", "zwei"}


def test_units_of_the_same_name_in_two_authorities_are_two_rows(served: Served, units: str) -> None:
    """For who sees several authorities; a click shows those of one."""
    elsewhere: Any = served.client("mueller", "case_worker", authority="mkw")
    record = elsewhere.post("/records", json={"title": "A", "file_plan_code": "1", "lead": "Referat 4 & 5"}).json()
    body = {"title": "dort", "record": record["id"], "stations": [{"kind": "co_sign", "actor": "schmidt"}]}
    made = elsewhere.post("/routing-slips", json=body).json()["id"]
    assert elsewhere.post(f"/routing-slips/{made}/actions/start", json={}).status_code == 200
    page = page_of(served, "/pages/cockpit", "")
    rows = [row for row in cells(page, "by-unit") if row[0].startswith("Referat 4")]
    assert rows == [["Referat 4 & 5 mags", "1", "0"], ["Referat 4 & 5 mkw", "1", "0"]]
    for authority, slip in (("mags", units), ("mkw", made)):
        links = page.xpath("//section[@aria-labelledby='by-unit']//a/@href")
        (link,) = [str(link) for link in links if f"at={authority}" in str(link)]
        chosen = page_of(served, link.partition("#")[0], "")
        (shown,) = chosen.xpath("//table//a[contains(@href, '/things/routing-slips/')]/@href")
        assert str(shown).endswith(slip)
        assert chosen.xpath("count(//section[@aria-labelledby='by-unit']//a[@aria-current='true'])") == 1
        (back,) = [str(link) for link in chosen.xpath("//p[@class='take']/a/@href")]
        assert "at=" not in back
    assert titles(page_of(served, "/pages/cockpit?unit=Referat+4+%26+5", "mkw")) == {"dort"}


def test_each_week_says_what_began_and_what_was_completed(served: Served, units: str) -> None:
    assert units
    page = page_of(served, "/pages/cockpit", "mags")
    rows = cells(page, "trend")
    assert len(rows) == 12
    assert rows[-1][1:] == ["2", "0"], "what was withdrawn began, and is not completed"
    assert all(row[1:] == ["0", "0"] for row in rows[:-1])
    drawn = page.xpath("//*[local-name()='svg']/*[local-name()='rect' and @class='began']/@height")
    assert [int(height) for height in drawn] == [HEIGHT - FLOOR - TOP]
    assert page.xpath(
        "//*[local-name()='svg' and @class='weeks']/*[local-name()='text'][@y=$y]/text()", y=str(TOP - 3)
    ) == ["2"]


def test_ages_and_weeks_have_no_gaps_and_no_overlaps() -> None:
    today = date(2026, 11, 26)
    days = [Open("", "", (today - timedelta(days=ago)).isoformat(), 1, ago % 2) for ago in range(200)]
    found = sum_ages([*days, Open("", "", "", 5, 5)], today)
    assert [(one.key, one.count) for one in found] == [
        ("week", 8), ("fortnight", 7), ("month", 16), ("quarter", 60), ("older", 109)
    ]  # fmt: skip
    assert sum(one.late for one in found) == 100
    assert AGES[1].to_filters(today) == {"began_to": "2026-11-18", "began_from": "2026-11-12"}
    units = [Open("jm", "a", "", 1, 0), Open("jm", "b", "", 2, 1), Open("jm", "a", "", 3, 1), Open("im", "a", "", 2, 0)]
    assert sum_units(units) == [
        Load("a", 4, 1, NEVER, "jm"), Load("a", 2, 0, NEVER, "im"), Load("b", 2, 1, NEVER, "jm")
    ], "units of the same name in two authorities are two units"  # fmt: skip
    assert draw_weeks([]) == []
    assert [bar.started for bar in draw_weeks([Week("2026-11-23", 0, 0)])] == [0], "nothing is no fault"


def test_loads_add_up_over_stations_and_keep_the_earliest_deadline() -> None:
    waiting = [Waiting("a", "co_sign", 2, 1, "2027-01-02"), Waiting("a", "approve", 1, 0, "2026-01-01"),
               Waiting("b", "co_sign", 3, 3, "2025-01-01")]  # fmt: skip
    assert sum_by(waiting, "user") == [Load("a", 3, 1, "2026-01-01"), Load("b", 3, 3, "2025-01-01")]
    assert sum_by(waiting, "what") == [Load("co_sign", 5, 4, "2025-01-01"), Load("approve", 1, 0, "2026-01-01")]


def test_the_share_of_clients_is_counted_on_the_page_and_in_the_api(served: Served) -> None:
    """Of an authority of its own, so that nobody else's slips count."""
    served.enter_staff("ida")
    owner: Any = served.client("ole", "case_worker", authority="lanuv")
    ida: Any = served.client("ida", "approver", authority="lanuv")
    none = owner.get("/cockpit").json()["by_client"]
    assert none == {name: {"count": 0, "share": None} for name in ("outlook", "web", "other")}
    for client in ("outlook", "outlook", "outlook", "web", None):
        stations = [{"kind": "co_sign", "actor": "ida"}]
        slip = owner.post("/routing-slips", json={"title": "Mappe", "stations": stations}).json()["id"]
        owner.post(f"/routing-slips/{slip}/actions/start", json={})
        body = {} if client is None else {"client": client}
        assert ida.post(f"/routing-slips/{slip}/actions/sign", json=body).status_code == 200
    assert owner.get("/cockpit").json()["by_client"] == {
        "outlook": {"count": 3, "share": 0.75}, "web": {"count": 1, "share": 0.25}, "other": {"count": 1, "share": None}
    }  # fmt: skip
    shown = cells(page_of(served, "/pages/cockpit", "lanuv"), "by-client")
    assert shown == [["Outlook client", "3", "75 %"], ["web client", "1", "25 %"], ["not said", "1", "–"]]
    assert cells(page_of(served, "/pages/cockpit", "jm"), "by-client") == []
