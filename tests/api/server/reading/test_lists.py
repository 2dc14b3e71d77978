"""What lists may be asked for: filters with several values, order, pages, entity tags, and nothing unknown."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from api.application.resources import RESOURCES
from api.application.resources.resource import Resource
from tests.api import server_in_thread
from tests.api.server_in_thread import Served

ALL = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda one: one.name)
STATIONS = [{"kind": "co_sign", "actor": "schmidt"}]
TITLES = ("Zins", "Abgabe", "Miete")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with server_in_thread.serving(tmp_path_factory.mktemp("served"), timer_seconds=0) as found:
        found.enter_staff("schmidt")
        yield found


@pytest.fixture(scope="module")
def mueller(served: Served) -> httpx.Client:
    """Who has three slips of their own, one of them under way, and two records."""
    client = served.client("mueller", "case_worker", authority="mwide")
    for title in TITLES:
        made = client.post("/routing-slips", json={"title": title, "stations": STATIONS}).raise_for_status().json()
        if title == "Miete":
            client.post(f"/routing-slips/{made['id']}/actions/start", json={}).raise_for_status()
        if title == "Zins":
            client.post(f"/routing-slips/{made['id']}/actions/cancel", json={"reason": "doppelt"}).raise_for_status()
    for title in ("Deich", "Brücke"):
        client.post("/records", json={"title": title, "file_plan_code": "43.21"}).raise_for_status()
    return client


@pytest.fixture(scope="module")
def other(served: Served, mueller: httpx.Client) -> httpx.Client:  # noqa: ARG001 - after the others
    client = served.client("klein", "case_worker", authority="mwide")
    client.post("/routing-slips", json={"title": "Kleins", "stations": STATIONS}).raise_for_status()
    return client


def titles(client: httpx.Client, path: str) -> list[str]:
    return [row["title"] for row in client.get(path).raise_for_status().json()["items"]]


def refused(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 422, answer.text
    faults: list[dict[str, Any]] = answer.json()["errors"]
    return faults


def test_one_value_and_several_values_of_a_filter(mueller: httpx.Client) -> None:
    mine = "/routing-slips?owner=mueller&sort=title"
    assert titles(mueller, f"{mine}&state=draft") == ["Abgabe"]
    assert titles(mueller, f"{mine}&state=draft&state=circulating") == ["Abgabe", "Miete"]
    assert titles(mueller, f"{mine}&state=filed") == []


def test_a_page_may_end_with_any_title(served: Served) -> None:
    """A no-break space, as in "§ 5", does not print and is a text like any other."""
    client = served.client("paragraf", "case_worker", authority="br-koeln")
    wanted = ["§\u00a05 a", "§\u00a05 b", "§\u00a05 c"]
    for title in wanted:
        client.post("/routing-slips", json={"title": title, "stations": STATIONS}).raise_for_status()
    found, after = [], {}
    for _ in wanted:
        page = client.get("/routing-slips", params={"sort": "title", "limit": 1, **after}).raise_for_status().json()
        found += [row["title"] for row in page["items"]]
        after = {"cursor": page["next"]}
    assert found == wanted


def test_filters_hold_together(mueller: httpx.Client, other: httpx.Client) -> None:
    assert titles(other, "/routing-slips?state=draft&owner=klein") == ["Kleins"]
    assert set(titles(other, "/routing-slips?state=draft&owner=klein&owner=mueller")) == {"Kleins", "Abgabe"}
    assert titles(mueller, "/routing-slips?owner=mueller&authority=polizei") == []


@ALL
def test_what_is_no_parameter_is_refused_by_its_name(mueller: httpx.Client, resource: Resource) -> None:
    """A filter misspelt would else show all."""
    fault = refused(mueller, f"/{resource.plural}?staet=closed")[0]
    assert fault["pointer"] == "/staet"
    assert all(one.name in fault["detail"] for one in resource.filters)


def test_states_of_a_record_are_a_filter_too(mueller: httpx.Client) -> None:
    assert titles(mueller, "/records?state=closed") == []
    assert set(titles(mueller, "/records?state=created&state=in_work")) == {"Deich", "Brücke"}
    assert titles(mueller, "/records?text=deich&state=created") == ["Deich"]


@pytest.mark.parametrize(
    "path", ["/inbox", "/cockpit", "/me", "/events", "/state-machines", "/runs", "/sandboxes", "/scenarios"]
)
def test_no_operation_takes_what_it_does_not_know(served: Served, path: str) -> None:
    planner = served.client("petra", "planner", authority="mwide")
    assert planner.get(path).status_code == 200
    assert refused(planner, f"{path}?nonsense=1")[0]["pointer"] == "/nonsense"


def test_a_change_takes_no_query(mueller: httpx.Client) -> None:
    made = mueller.post("/records?dry_run=true", json={"title": "x", "file_plan_code": "43.21"})
    assert (made.status_code, made.json()["errors"][0]["pointer"]) == (422, "/dry_run")


def test_a_value_that_no_row_can_have_is_refused(mueller: httpx.Client) -> None:
    assert "circulating" in refused(mueller, "/routing-slips?state=open")[0]["detail"]
    assert refused(mueller, "/routing-slips?sort=weather")[0]["pointer"] == "/sort"
    many = "&".join(f"owner=u{number}" for number in range(51))
    assert refused(mueller, f"/routing-slips?{many}")[0]["pointer"] == "/owner"


@pytest.mark.parametrize("sort", ["title", "-title", "state", "-state", "owner", "deadline", "-deadline"])
def test_pages_in_any_order_give_every_row_once(mueller: httpx.Client, sort: str) -> None:
    whole = mueller.get(f"/routing-slips?owner=mueller&sort={sort}").json()["items"]
    found, cursor = list[dict[str, Any]](), ""
    while True:
        page = mueller.get(f"/routing-slips?owner=mueller&sort={sort}&limit=1{cursor}").json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole
    assert len(found) == len(TITLES)
    keys = [row[sort.removeprefix("-")] for row in found]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    "elsewhere",
    ["/records", "/routing-slips?sort=title", "/routing-slips?sort=-deadline", "/cockpit", "/inbox", "/mail-folders"],
)
def test_a_cursor_of_one_list_is_refused_by_another(mueller: httpx.Client, elsewhere: str) -> None:
    cursor = mueller.get("/routing-slips?limit=1").json()["next"]
    assert mueller.get(f"/routing-slips?limit=1&cursor={cursor}").status_code == 200
    sign = "&" if "?" in elsewhere else "?"
    assert refused(mueller, f"{elsewhere}{sign}cursor={cursor}")[0]["pointer"] == "/cursor"


@pytest.mark.parametrize("path", ["/routing-slips", "/records", "/cockpit"])
def test_rows_say_their_version_and_times(mueller: httpx.Client, path: str) -> None:
    for row in mueller.get(path).json()["items"]:
        kind = {"record": "records", "routing-slip": "routing-slips"}[row["kind"]]
        shown = mueller.get(f"/{kind}/{row['id']}")
        assert shown.headers["etag"] == f'"{row["version"]}"'
        events = mueller.get(f"/{kind}/{row['id']}/history").json()["events"]
        times = [datetime.fromisoformat(event["time"]) for event in (events[0], events[-1])]
        assert [datetime.fromisoformat(row[name]) for name in ("created_at", "changed_at")] == times


@ALL
def test_a_list_that_has_not_changed_is_not_sent_again(mueller: httpx.Client, resource: Resource) -> None:
    path = f"/{resource.plural}"
    first = mueller.get(path)
    again = mueller.get(path, headers={"if-none-match": f'"else", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_a_list_that_has_changed_is_sent(mueller: httpx.Client) -> None:
    tag = mueller.get("/records").headers["etag"]
    mueller.post("/records", json={"title": "Neu", "file_plan_code": "43.21"}).raise_for_status()
    assert mueller.get("/records", headers={"if-none-match": tag}).status_code == 200


def test_people_by_role_and_state(served: Served, mueller: httpx.Client) -> None:
    served.client("weber", "approver", authority="mwide")
    found = mueller.get("/staff?roles=approver&state=registered").raise_for_status().json()["items"]
    assert {row["user"] for row in found} >= {"schmidt"}
    assert all("approver" in row["roles"] for row in found)
    assert mueller.get("/staff?roles=archivist").json()["items"] == []


def test_a_filter_shows_nobody_what_they_may_not_know(served: Served, mueller: httpx.Client) -> None:
    slip = mueller.get("/routing-slips?state=draft&owner=mueller").json()["items"][0]["id"]
    stranger = served.client("fremd", "case_worker", authority="polizei")
    assert titles(mueller, "/records?authority=mwide") != []
    assert titles(stranger, "/records?authority=mwide") == []
    assert titles(stranger, "/routing-slips?authority=mwide&authority=polizei") == []
    assert titles(stranger, "/routing-slips?owner=mueller&state=draft&authority=mwide") == []
    assert stranger.get(f"/routing-slips/{slip}").status_code == 404
