"""The cockpit: with whom routing slips pile up, at which kind of station, and which they are."""

from typing import Any

import httpx
import pytest
from lxml import html

from api.pages.cockpit import Load, sum_by
from tests.api.server_in_thread import Served
from tests.patience import PATIENT
from workflow.views.queries import Waiting

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
    http.post("/login", data={"token": served.bearer("petra", "approver", authority=authority)})
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


def test_loads_add_up_over_stations_and_keep_the_earliest_deadline() -> None:
    waiting = [Waiting("a", "co_sign", 2, 1, "2027-01-02"), Waiting("a", "approve", 1, 0, "2026-01-01"),
               Waiting("b", "co_sign", 3, 3, "2025-01-01")]  # fmt: skip
    assert sum_by(waiting, "user") == [Load("a", 3, 1, "2026-01-01"), Load("b", 3, 3, "2025-01-01")]
    assert sum_by(waiting, "what") == [Load("co_sign", 5, 4, "2025-01-01"), Load("approve", 1, 0, "2026-01-01")]
