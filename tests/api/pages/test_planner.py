"""The planner's question: two levers changed, computed, compared with the plan, and taken away as files."""

import io
import re
import time
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import httpx
import polars as pl
import pytest
from lxml import html

from api.pages.base.visitor import derive_csrf_token
from api.pages.planning import levers
from api.pages.planning.results import HEADINGS, SHOWN, list_columns
from api.server.jobs.shipped_files import load
from simulation.forecast.tables import TABLES
from simulation.levers.apply import show_changes
from tests.api.server_in_thread import QUICK, Served
from tests.patience import PATIENT
from workflow.errors import InvalidCommand

MORE_TEAMS = QUICK + "\nchanges: [{lever: rollout.teams, by: +4, from: 2022-01-01}]\n"


class Planner:
    def __init__(self, served: Served, language: str = "en") -> None:
        token = served.bearer("petra", "planner", authority="mwide")
        self.http = httpx.Client(base_url=served.url, headers={"accept-language": language}, timeout=10 * PATIENT)
        self.http.post("/login", data={"token": token})
        served.clients.append(self.http)
        self.keys = 0

    def page(self, path: str, status: int = 200) -> html.HtmlElement:
        told = self.http.get(path)
        assert told.status_code == status, told.text
        return html.fromstring(told.text)

    def start(self, **fields: str) -> httpx.Response:
        self.keys += 1
        own = {"_mark": derive_csrf_token(self.http.cookies["eva_session"]), "_key": f"key{self.keys}"}
        return self.http.post("/pages/runs", data=own | {"mode": "risk", "seed": "7", "replications": "2"} | fields)

    def finish(self, path: str) -> str:
        until = time.monotonic() + 4 * PATIENT
        while "is queued" in (text := self.http.get(f"{path}/assumptions").text) or "is running" in text:
            assert time.monotonic() < until
            time.sleep(0.2)
        return path


@pytest.fixture(scope="module")
def petra(served: Served) -> Planner:
    return Planner(served)


@pytest.fixture(scope="module")
def both(petra: Planner) -> list[str]:
    """The plan and a what-if, finished."""
    started = [
        petra.start(text=text, title=title).headers["location"]
        for text, title in ((QUICK, "the plan"), (MORE_TEAMS, "four more teams"))
    ]
    return [petra.finish(path) for path in started]


def rows_of(page: html.HtmlElement, heading: str) -> list[list[str]]:
    """Cells of the table that a heading is about."""
    (table,) = page.xpath(f"//section[@aria-labelledby='{heading}']//table")
    return [[cell.text_content().strip() for cell in row.xpath("./th|./td")] for row in table.xpath(".//tbody/tr")]


def test_each_scenario_says_which_question_it_answers(petra: Planner) -> None:
    page = petra.page("/pages/runs")
    asked = [link.text_content() for link in page.xpath("//ul[@class='questions']//a")]
    assert sum("?" in text for text in asked) >= 12, "the twelve what-ifs"
    assert any("What do two more rollout teams from January 2022 bring?" in text for text in asked)


def test_a_lever_stands_beside_the_plan_with_unit_bounds_and_basis(petra: Planner) -> None:
    page = petra.page("/pages/runs?scenario=nrw-plan-2021")
    (field,) = page.xpath("//input[@name='to rollout.teams']")
    (row,) = field.xpath("ancestor::tr")
    text = " ".join(row.text_content().split())
    described = {one["lever"]: one for one in levers.describe("nrw-plan-2021")}["rollout.teams"]
    assert str(described["value"]) in text
    assert described["unit"] in text
    assert f"held possible: {described['low']} – {described['high']}" in text
    assert "assumed" in text
    assert field.get("aria-describedby") == row.xpath("./td[last()]/@id")[0]


def test_what_the_form_says_becomes_a_scenario_that_can_be_read() -> None:
    described = levers.describe("two-more-teams")
    form = {
        "to rollout.trainers": "21,0",
        "from rollout.trainers": "2022-03-01",
        "to scan.rheinland.opens": "2022-01-03",
    }
    changes = levers.read_changes(described, form)
    text = levers.write_scenario("two-more-teams", "mehr", changes)
    scenario, _ = load(None, text)
    assert scenario.spec.title.de == "mehr"
    steps = {step.start: step.value.value for step in show_changes(scenario).spec.rollout.training.trainers}
    assert steps[date(2022, 3, 1)] == 21
    again = levers.describe("two-more-teams")
    assert [one["lever"] for one in again] == [one["lever"] for one in described]
    assert changes == [
        {"lever": "rollout.trainers", "to": 21.0, "from": "2022-03-01"},
        {"lever": "scan.rheinland.opens", "to": "2022-01-03"},
    ]
    assert text.count("rollout.teams") == 1, "what the scenario itself changes stays"


def test_the_plans_own_value_is_no_change() -> None:
    described = levers.describe("nrw-plan-2021")
    teams = next(one for one in described if one["lever"] == "rollout.teams")
    assert levers.read_changes(described, {"to rollout.teams": str(teams["value"]), "to rollout.slots": " "}) == []


@pytest.mark.parametrize("text", ["viele", "-3", "1e99", "inf", "12.000", "1,500"])
def test_a_value_that_cannot_be_is_named_and_what_was_filled_in_stays(petra: Planner, text: str) -> None:
    told = petra.start(scenario="nrw-plan-2021", **{"to rollout.teams": text, "to rollout.slots": "12"})
    assert told.status_code == 422
    page = html.fromstring(told.text)
    (alert,) = page.xpath("//div[@role='alert']")
    assert "rollout.teams" in alert.text_content()
    assert page.xpath("//input[@name='to rollout.slots']/@value") == ["12"]
    assert page.xpath("//input[@name='to rollout.teams']/@value") == [text]


def test_a_link_opens_the_form_as_it_was(petra: Planner) -> None:
    described = levers.describe("nrw-plan-2021")
    changes = levers.read_changes(described, {"to rollout.teams": "18", "from rollout.teams": "2022-01-01"})
    link = levers.write_link(None, levers.write_scenario("nrw-plan-2021", "x", changes))
    assert link is not None
    assert dict(parse_qsl(urlsplit(link).query)) == {
        "scenario": "nrw-plan-2021", "to rollout.teams": "18.0", "from rollout.teams": "2022-01-01",
    }  # fmt: skip
    page = petra.page(link)
    assert page.xpath("//input[@name='to rollout.teams']/@value") == ["18.0"]
    assert levers.write_link("two-more-teams", None) == "/pages/runs?scenario=two-more-teams"
    assert levers.write_link(None, QUICK) is None, "a text of somebody's own"
    more = levers.write_link(None, levers.write_scenario("two-more-teams", "x", changes))
    assert more is not None, "what the scenario itself changes is no field"
    assert dict(parse_qsl(urlsplit(more).query))["to rollout.teams"] == "18.0"


@pytest.mark.parametrize("changes", ["null", "[{lever: rollout.teams, factor: 2}]", "[{project: a, start: 2022-01-01}]",
                                     "[{lever: rollout.teams, by: +4, from: 2022-01-01}]"])  # fmt: skip
def test_a_text_of_the_form_that_was_edited_by_hand_has_no_link_to_it(changes: str) -> None:
    text = levers.write_scenario("nrw-plan-2021", "x", []).replace("changes:", f"changes: {changes}")
    expected = "/pages/runs?scenario=nrw-plan-2021" if changes == "null" else None
    assert levers.write_link(None, text) == expected


def test_what_is_written_without_marks_of_thousands_is_read() -> None:
    described = levers.describe("nrw-plan-2021")
    read = [levers.read_changes(described, {"to rollout.teams": text})[0]["to"] for text in ("12000", "12,5", "0.125")]
    assert read == [12_000, 12.5, 0.125]
    with pytest.raises(InvalidCommand, match="ohne Tausenderzeichen"):
        levers.read_changes(described, {"to rollout.teams": "12.000"}, "de")


def test_a_forecast_is_called_by_what_is_different(petra: Planner) -> None:
    told = petra.start(scenario="two-more-teams", replications="1000", **{"to rollout.slots": "12"})
    path = told.headers["location"]
    assert "Two more rollout teams from 2022, provisioning slots 12" in petra.http.get(path).text
    petra.http.post(f"{path}/cancel", data={"_mark": derive_csrf_token(petra.http.cookies["eva_session"]), "_key": "c"})


def test_authorities_are_found_sorted_and_cut(petra: Planner, both: list[str]) -> None:
    base = f"{both[0]}/tables/authorities"
    assert len(rows_of(petra.page(base), "rows")) == 258
    found = rows_of(petra.page(f"{base}?text=köln+bezirksreg"), "rows")
    assert [row[0] for row in found] == ["Bezirksregierung Köln"]
    departments = rows_of(petra.page(base), "departments")
    assert sum(int(row[1]) for row in departments) == 258
    of_one = rows_of(petra.page(f"{base}?part={departments[0][0]}"), "rows")
    assert len(of_one) == int(departments[0][1])
    up, down = (rows_of(petra.page(f"{base}?sort=users_e_akte{more}"), "rows") for more in ("", "&down=true"))
    seats = [int(row[3].replace(",", "")) for row in up]
    assert seats == sorted(seats)
    assert [int(row[3].replace(",", "")) for row in down] == sorted(seats, reverse=True)
    nothing = petra.page(f"{base}?text=gibtesnicht").text_content()
    assert "No row fits" in nothing


@pytest.mark.parametrize("table", sorted(SHOWN))
def test_every_table_is_shown_and_taken_away_in_three_forms(petra: Planner, both: list[str], table: str) -> None:
    page = petra.page(f"{both[0]}/tables/{table}")
    files = [link.get("href") for link in page.xpath("//section[@aria-labelledby='rows']//p[@class='take']/a")]
    assert [re.sub(r".*\.", "", file) for file in files] == ["csv", "parquet", "xlsx"]
    csv, parquet, xlsx = (petra.http.get(file).content for file in files)
    columns = next(one for one in TABLES if one.name == table).columns
    assert pl.read_parquet(io.BytesIO(parquet)).columns == [column.name for column in columns]
    assert csv.decode().splitlines()[0].split(",") == [column.name for column in columns]
    assert xlsx.startswith(b"PK")


@pytest.mark.parametrize(("name", "begins"), [("projects.svg", b"<svg"), ("scan_load.png", b"\x89PNG"),
                                              ("deadline_dates.png", b"\x89PNG"), ("users.svg", b"<svg")])  # fmt: skip
def test_a_chart_is_drawn_as_svg_and_png(petra: Planner, both: list[str], name: str, begins: bytes) -> None:
    told = petra.http.get(f"{both[0]}/charts/{name}")
    assert told.status_code == 200
    assert told.content.startswith(begins)


@pytest.mark.parametrize("path", ["charts/none.svg", "charts/users.gif", "files/users.doc", "files/../x.csv",
                                  "tables/none", "tables/departments"])  # fmt: skip
def test_what_there_is_not_is_said(petra: Planner, both: list[str], path: str) -> None:
    assert petra.http.get(f"{both[0]}/{path}").status_code == 404


def test_assumptions_are_searched_and_cut_by_basis(petra: Planner, both: list[str]) -> None:
    every = petra.page(f"{both[0]}/assumptions").xpath("//tbody/tr")
    public = petra.page(f"{both[0]}/assumptions?basis=public").xpath("//tbody/tr")
    assert 0 < len(public) < len(every)
    assert all("public" in row.text_content() for row in public)
    found = petra.page(f"{both[0]}/assumptions?text=release").xpath("//tbody/tr/th")
    assert found
    assert all("release" in one.text_content().casefold() for one in found)


def test_two_are_compared_run_by_run_with_intervals(petra: Planner, both: list[str]) -> None:
    ids = [path.rpartition("/")[2] for path in both]
    page = petra.page(f"/pages/compare?run={ids[0]}&run={ids[1]}")
    rows = rows_of(page, "c1")
    assert len(rows) > 5
    heads = [cell.text_content() for cell in page.xpath("//section[@aria-labelledby='c1']//thead//th")]
    assert heads[2:] == ["the plan", "four more teams", "Difference", "95 % interval", "surely different"]
    assert all(" … " in row[5] for row in rows)
    assert page.xpath("//img[starts-with(@src, 'data:image/svg+xml;base64,')]")


def test_the_same_scenario_twice_is_told_to_be_the_same(petra: Planner, both: list[str]) -> None:
    again = petra.finish(petra.start(text=QUICK, seed="8").headers["location"])
    ids = [path.rpartition("/")[2] for path in (both[0], again)]
    assert "the same scenario" in petra.page(f"/pages/compare?run={ids[0]}&run={ids[1]}").text_content()
    assert petra.http.get(f"/pages/compare?run={ids[0]}").status_code == 422


def test_every_column_that_is_shown_exists_and_has_a_heading() -> None:
    for table in TABLES:
        if table.written:
            shown = [column.name for column in list_columns(table)]
            assert shown == list(SHOWN[table.name])
            assert set(shown) <= set(HEADINGS)
