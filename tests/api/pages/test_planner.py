"""The planner's question: two levers changed, computed, compared with the plan, and taken away as files."""

import io
import re
import time
from datetime import date
from urllib.parse import parse_qsl, urlsplit
from zipfile import ZipFile

import httpx
import polars as pl
import pytest
from lxml import etree, html

from api.pages.base.visitor import derive_csrf_token
from api.pages.planning import levers
from api.pages.planning.results import HEADINGS, SHOWN, list_columns
from api.pages.planning.tables import _round_effect
from api.server.jobs.shipped_files import load
from simulation.forecast.forecast import LEAST_FOR_ERROR
from simulation.forecast.tables import TABLES
from simulation.levers.apply import show_changes
from tests.api.server_in_thread import COMPUTED_BEFORE, MORE_TEAMS, QUICK, Served
from tests.patience import PATIENT
from workflow.errors import InvalidCommand


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
        return self.http.post("/pages/runs", data=own | {"mode": "risk", **COMPUTED_BEFORE} | fields)

    def finish(self, path: str) -> str:
        until = time.monotonic() + 4 * PATIENT
        while "is queued" in (text := self.http.get(f"{path}/assumptions").text) or "is running" in text:
            assert time.monotonic() < until
            time.sleep(0.2)
        return path

    def wait(self, path: str) -> None:
        """Until a question has its answer, or has none."""
        until = time.monotonic() + 20 * PATIENT
        while self.page(path).xpath("//*[@data-progress]"):
            assert time.monotonic() < until
            time.sleep(0.5)


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


def test_a_question_ends_with_its_sentence_not_with_a_day() -> None:
    told = {one.name: one.question for one in levers.list_questions("de")}
    assert told["sormas-x"].startswith("Der Bericht nennt die Frist (30. September 2021, Jahr erschlossen) und keine")
    assert told["nrw-plan-2021"].endswith("nicht die amtliche Liste")


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
    trainers = next(one for one in described if one["lever"] == "rollout.trainers")
    own = {"to rollout.trainers": str(trainers["value"]), "to rollout.slots": " "}
    assert levers.read_changes(described, own | {"from rollout.trainers": "2022-01-01"}) == []


def test_a_value_that_the_plan_has_only_for_now_is_a_change() -> None:
    described = levers.describe("nrw-plan-2021")
    kept = {"lever": "rollout.teams", "to": 14.0}
    assert levers.read_changes(described, {"to rollout.teams": "14"}) == [kept]
    planned = levers.build_groups(described, {}, "de", {})["rheinland"]
    assert planned[0].planned.startswith("2 (ab 01.12.2021), 4 (ab 01.03.2022), 15 (ab")


@pytest.mark.parametrize("text", ["viele", "-3", "1e99", "inf", "12.000", "1,500"])
def test_a_value_that_cannot_be_is_named_and_what_was_filled_in_stays(petra: Planner, text: str) -> None:
    told = petra.start(scenario="nrw-plan-2021", **{"to rollout.teams": text, "to rollout.slots": "12"})
    assert told.status_code == 422
    page = html.fromstring(told.text)
    (alert,) = page.xpath("//div[@role='alert']")
    assert "rollout.teams" in alert.text_content()
    assert page.xpath("//input[@name='to rollout.slots']/@value") == ["12"]
    assert page.xpath("//input[@name='to rollout.teams']/@value") == [text]


def test_a_date_without_a_value_is_refused_at_its_field(served: Served) -> None:
    told = Planner(served, "de").start(scenario="nrw-plan-2021", **{"from rollout.teams": "2022-01-01"})
    assert told.status_code == 422
    page = html.fromstring(told.text)
    (field,) = page.xpath("//input[@name='to rollout.teams'][@aria-invalid='true']")
    (said,) = page.xpath(f"//*[@id='{field.get('aria-describedby').split()[0]}']")
    assert "ein Datum ohne Wert" in said.text_content()
    assert page.xpath("//input[@name='from rollout.teams']/@value") == ["2022-01-01"]


def test_levers_beside_a_scenario_of_ones_own_are_refused_not_passed_over(petra: Planner) -> None:
    told = petra.start(scenario="nrw-plan-2021", text=QUICK, **{"to rollout.teams": "18"})
    assert told.status_code == 422
    page = html.fromstring(told.text)
    assert "only one of the two" in page.xpath("//div[@role='alert']")[0].text_content()
    assert page.xpath("//input[@name='to rollout.teams']/@value") == ["18"]
    assert page.xpath("//textarea[@name='text']")[0].text.strip() == QUICK


def test_a_scenario_of_ones_own_can_be_asked_for_once_more(petra: Planner, both: list[str]) -> None:
    (again,) = petra.page(both[1]).xpath("//a[text()='Once more, with other levers']/@href")
    form = petra.page(again.partition("#")[0])
    assert "rollout.teams, by: +4" in form.xpath("//textarea[@name='text']")[0].text


def test_what_cannot_be_is_told_by_its_field_not_by_a_line_of_a_file(served: Served) -> None:
    told = Planner(served, "de").start(
        scenario="two-more-teams", **{"to rollout.trainers": "16", "from rollout.trainers": "2019-01-01"}
    )
    assert told.status_code == 422
    page = html.fromstring(told.text)
    said = page.xpath("//div[@role='alert']")[0].text_content()
    assert "Schulende: was vor 2021-07-01 war, ist bekannt und nicht zu ändern; ein Tag ab 2021-07-01" in said
    assert "yaml" not in said
    assert page.xpath("//input[@name='to rollout.trainers']/@aria-invalid") == ["true"]


def test_what_is_wrong_is_told_in_the_language_of_the_page(served: Served) -> None:
    for language, says in (("de", "ein solches Szenario gibt es nicht"), ("en", "no such scenario")):
        told = Planner(served, language).start(scenario="gibt-es-nicht", replications="2")
        assert told.status_code == 422
        assert says in html.fromstring(told.text).xpath("//div[@role='alert']")[0].text_content()


def test_a_scenario_that_there_is_not_is_not_chosen(petra: Planner) -> None:
    page = petra.page("/pages/runs?scenario=gibt-es-nicht")
    assert "Chosen:" not in page.text_content()
    assert not page.xpath("//table[@class='levers']")


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


@pytest.mark.parametrize("text", ["[]", "- a", "a: [", "x: 1\nx: 2", "BEGIN: {a: 1}", "BEGIN: 3", "BEGIN: [3]", None])
def test_a_text_that_no_form_wrote_has_no_link_whatever_it_says(text: str | None) -> None:
    begin = "name: nrw-plan-2021-changed\nextends: nrw/plan-2021.yaml\nchanges"
    assert levers.write_link(None, text and text.replace("BEGIN", begin)) is None


def test_what_is_written_without_marks_of_thousands_is_read() -> None:
    described = levers.describe("nrw-plan-2021")
    texts = ("12000", "12,5", "0.125", "1.234,5", "1,234.5", "1.234.567", "1,234,567", "12345,678")
    read = [levers.read_changes(described, {"to rollout.teams": text})[0]["to"] for text in texts]
    assert read == [12_000, 12.5, 0.125, 1234.5, 1234.5, 1_234_567, 1_234_567, 12345.678]
    for text in ("1.234,567.8", "1,23,4", "1.2.3"):
        with pytest.raises(InvalidCommand, match="is no number"):
            levers.read_changes(described, {"to rollout.teams": text})
    with pytest.raises(InvalidCommand, match="without thousands marks") as refused:
        levers.read_changes(described, {"to rollout.teams": "12.000"})
    assert "ohne Tausenderzeichen" in refused.value.de


def test_a_forecast_is_called_by_what_is_different(petra: Planner) -> None:
    told = petra.start(scenario="two-more-teams", replications="1000", **{"to rollout.slots": "12"})
    path = told.headers["location"]
    assert "Two more rollout teams from 2022, provisioning slots 12" in petra.http.get(path).text
    petra.http.post(f"{path}/cancel", data={"_mark": derive_csrf_token(petra.http.cookies["eva_session"]), "_key": "c"})


def test_every_page_of_a_what_if_says_what_was_changed(petra: Planner, both: list[str]) -> None:
    said = "rollout teams: +4 from 1 Jan 2022"
    for page in ("", "/assumptions", "/tables/projects"):
        assert said in petra.page(both[1] + page).xpath("string(//main)"), page
        assert "What if" not in petra.page(both[0] + page).xpath("string(//main)"), page
    (row,) = [row for row in petra.page(f"{both[1]}/assumptions").xpath("//tbody/tr/th") if "+4" in row.text_content()]
    assert "changed: rollout teams: +4 from 1 Jan 2022" in row.text_content()


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


def test_a_table_by_month_shows_no_digits_that_are_not_known(petra: Planner, both: list[str]) -> None:
    """As the report does: to the standard error that stands beside a figure, else to three digits."""
    csv = petra.http.get(f"{both[0]}/files/scan_centres.csv").text
    items = [row["items_in"] for row in pl.read_csv(csv.encode()).iter_rows(named=True)]
    assert any(item >= 1000 and item % 10 for item in items), "the file has them all"
    shown = [int(row[2].replace(",", "")) for row in rows_of(petra.page(f"{both[0]}/tables/scan_centres"), "rows")]
    assert len(shown) == len(items)
    for there, item in zip(shown, items, strict=True):
        assert there == pytest.approx(item, rel=0.005, abs=0.5)
        assert there < 1000 or str(there)[3:].strip("0") == ""


def read_headings(book: bytes) -> list[str | None]:
    """Those of the first table of a workbook."""
    with ZipFile(io.BytesIO(book)) as parts:
        table = etree.fromstring(parts.read("xl/tables/table1.xml"))
    return [column.get("name") for column in table.iter("{*}tableColumn")]


@pytest.mark.parametrize("table", sorted(SHOWN))
def test_every_table_is_shown_and_taken_away_in_three_forms(
    served: Served, petra: Planner, both: list[str], table: str
) -> None:
    page = petra.page(f"{both[0]}/tables/{table}")
    files = [link.get("href") for link in page.xpath("//section[@aria-labelledby='rows']//p[@class='take']/a")]
    assert [re.sub(r".*\.", "", file) for file in files] == ["csv", "parquet", "xlsx"]
    csv, parquet, xlsx = (petra.http.get(file).content for file in files)
    columns = next(one for one in TABLES if one.name == table).columns
    assert pl.read_parquet(io.BytesIO(parquet)).columns == [column.name for column in columns]
    assert csv.decode().splitlines()[0].split(",") == [column.name for column in columns]
    assert xlsx.startswith(b"PK")
    for language, shown in (("en", xlsx), ("de", Planner(served, "de").http.get(files[2]).content)):
        meanings = [column.meaning.get(language).replace("`", "") for column in columns]
        assert read_headings(shown) == meanings
        assert len({meaning.casefold() for meaning in meanings}) == len(meanings), "spreadsheets tell them apart"


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


def test_where_a_figure_comes_from_is_told_in_the_readers_language(
    served: Served, petra: Planner, both: list[str]
) -> None:
    german = Planner(served, "de")
    for path in (f"{both[0]}/assumptions", "/pages/runs?scenario=nrw-plan-2021"):
        told, english = german.page(path).text_content(), petra.page(path).text_content()
        assert "was der Plan in seiner dichtesten Zeit braucht" in told
        assert "what the plan needs at its busiest" not in told
        assert "what the plan needs at its busiest" in english


@pytest.mark.parametrize(
    ("language", "share", "first"), [("de", "0,5 Anteil", "01.04.2020"), ("en", "0.5 share", "1 Apr 2020")]
)
def test_assumptions_are_told_in_the_readers_language(
    served: Served, both: list[str], language: str, share: str, first: str
) -> None:
    page = Planner(served, language).page(f"{both[0]}/assumptions")
    rows = {
        str(row.xpath("string(./th//code)")): " ".join(row.xpath("./td[2]")[0].text_content().split())
        for row in page.xpath("//tbody/tr")
    }
    assert (rows["rollout.further_team"], rows["rollout.releases.first"]) == (share, first)
    assert str(LEAST_FOR_ERROR) in page.xpath("string(//p[@class='message'])"), "two runs do not tell what moves most"


def choose_to_compare(petra: Planner, both: list[str]) -> str:
    """The address at which the form on the planner's page arrives."""
    (form,) = [one for one in petra.page("/pages/runs").forms if one.action == "/pages/compare"]
    assert form.method == "GET"
    there = {str(box.get("value")): box.get("name") for box in form.xpath(".//input[@type='checkbox']")}
    chosen = [(there[path.rpartition("/")[2]], path.rpartition("/")[2]) for path in both]
    return str(httpx.URL(form.action, params=chosen))


def ask_to_compare(petra: Planner, both: list[str], **more: str) -> httpx.Response:
    fields = {f"run-{path.rpartition('/')[2]}": "on" for path in both}
    own = {"_mark": derive_csrf_token(petra.http.cookies["eva_session"]), "_key": more.pop("key", "compare")}
    return petra.http.post("/pages/compare", data=own | fields | more)


def test_two_are_compared_run_by_run_by_a_job_whose_answer_is_kept(petra: Planner, both: list[str]) -> None:
    ids = [path.rpartition("/")[2] for path in both]
    newest_first = choose_to_compare(petra, both[::-1])
    base = petra.page(newest_first).xpath("//p[@class='lead']/a/@href")[0]
    assert base == f"/pages/runs/{ids[0]}", "with the plan is compared, whichever was asked for last"
    beside = choose_to_compare(petra, both)
    assert beside == f"/pages/compare?run={ids[0]}&run={ids[1]}"
    assert petra.page(beside).xpath("//form[@action='/pages/compare']"), "not asked yet"
    assert petra.page(beside).xpath("//p[@class='lead']/a/@href")[1:] == [
        f"?base={ids[1]}&run={ids[0]}&run={ids[1]}"
    ], "the other way"
    asked = ask_to_compare(petra, both)
    assert asked.status_code == 303, asked.text
    path = asked.headers["location"]
    assert petra.page(path).xpath("//h1/text()") == ["Comparison: the plan / four more teams"]
    petra.wait(path)
    page = petra.page(path)
    rows = rows_of(page, "t-compare")
    assert len(rows) > 5
    heads = [cell.text_content() for cell in page.xpath("//section[@aria-labelledby='t-compare']//thead//th")]
    assert {"outcome", "unit", "difference shown"} <= set(heads)
    assert not [head for head in heads if "yes or no" in head], "cells say it in the reader's words"
    assert page.xpath("//p[@class='answer']"), "what it means is said"
    for link in page.xpath("//span[@class='take']/a/@href | //p[@class='take']/a/@href"):
        told = petra.http.get(link)
        assert told.status_code == 200, link
        begins = {"svg": b"<svg", "png": b"\x89PNG", "xlsx": b"PK", "parquet": b"PAR1"}.get(link.rpartition(".")[2])
        assert begins is None or told.content.startswith(begins), link
    assert petra.http.get(f"{path}/files/report.html").status_code == 200
    assert page.xpath("//a/@href[starts-with(., '/pages/compare')]") == [beside.replace("?", f"?base={ids[0]}&")]
    other_way = petra.page(f"{beside}&base={ids[1]}").xpath("//p[@class='lead']/a/@href")
    assert other_way[0] == f"/pages/runs/{ids[1]}", "which one can be chosen"
    again = ask_to_compare(petra, both, key="again")
    assert again.headers["location"] == path, "nothing is computed twice"
    assert petra.page(beside).xpath("//a[@class='button']/@href") == [path]
    assert petra.page(both[0]).xpath(f"//section[@aria-labelledby='questions']//a[@href='{path}']")
    for wrong in ("tables/compare", "files/users.csv", "charts/users.svg", "files/compare.doc", "assumptions"):
        assert petra.http.get(f"{path}/{wrong}").status_code == 404, wrong
    other = ask_to_compare(petra, [path, both[0]], key="wrong")
    assert other.status_code == 422, "an answer is no forecast"


def test_the_same_scenario_twice_is_told_to_be_the_same(served: Served, petra: Planner, both: list[str]) -> None:
    again = petra.finish(petra.start(text=QUICK, title="the plan again").headers["location"])
    told = ask_to_compare(petra, [both[0], again], key="same")
    petra.wait(told.headers["location"])
    (alert,) = petra.page(told.headers["location"]).xpath("//div[@role='alert']")
    assert "two of the scenarios are the same" in alert.text_content()
    german = Planner(served, "de").page(told.headers["location"])
    assert "zwei der Szenarien sind dasselbe" in german.xpath("//div[@role='alert']")[0].text_content()
    assert petra.http.get(f"/pages/compare?run={both[0].rpartition('/')[2]}").status_code == 422
    assert ask_to_compare(petra, [both[0]], key="one").status_code == 422


def test_comparing_nothing_says_what_to_do_and_leads_back(served: Served) -> None:
    page = Planner(served, "de").page("/pages/compare", 422)
    assert "mindestens zwei verschiedene fertige Prognosen ankreuzen" in page.text_content()
    assert page.xpath("//main//a/@href")[0] == "/pages/runs"


def test_more_than_can_be_read_are_refused_not_left_out(petra: Planner) -> None:
    many = "&".join(f"run={number}" for number in range(7))
    assert "at most 6" in petra.page(f"/pages/compare?{many}", 422).text_content()


def test_what_it_takes_to_hold_a_deadline_is_asked_from_the_page_of_a_forecast(petra: Planner, both: list[str]) -> None:
    page = petra.page(both[0])
    form = next(one for one in page.forms if "percent" in one.fields)
    fields = {name: value for name, value in form.fields.items() if name and value is not None}
    for percent in ("0", "100", "", "x", "9" * 5000):
        told = petra.http.post(form.action, data=fields | {"percent": percent})
        assert told.status_code == 422, percent
        assert "how surely, per cent: a number from 1 to 99" in html.fromstring(told.text).text_content()
    told = petra.http.post(form.action, data={**fields, "_key": "with blanks in it"})
    assert told.status_code == 422
    told = petra.http.post(form.action, data=fields | {"percent": "1", "_key": "reach"})
    assert told.status_code == 303, told.text
    path = told.headers["location"]
    petra.wait(path)
    answered = petra.page(path)
    assert answered.xpath("//h1/text()") == ["What it takes: the plan"]
    assert answered.xpath("//p[@class='answer']"), answered.text_content()
    assert answered.xpath("//figure//a[@download]/text()")[:2] == ["SVG", "PNG"]
    assert petra.http.post(form.action, data=fields | {"kind": "weather", "_key": "w"}).status_code == 404


def test_what_moves_a_forecast_most_is_asked_from_its_page_and_answered(petra: Planner) -> None:
    """A small programme: a thousand points are played."""
    forecast = petra.finish(petra.start(scenario="efab", title="efab", replications="1").headers["location"])
    form = next(one for one in petra.page(forecast).forms if one.fields.get("kind") == "sensitivity")
    told = petra.http.post(form.action, data=dict(form.fields))
    assert told.status_code == 303, told.text
    path = told.headers["location"]
    assert petra.page(path).xpath("//h1/text()") == ["What moves it most: efab"]
    petra.wait(path)
    page = petra.page(path)
    assert page.xpath("//p[@class='answer']"), page.text_content()
    tables = [str(one).removeprefix("t-") for one in page.xpath("//section/@aria-labelledby")]
    assert "sensitivity" in tables
    ranks = [row[0] for row in rows_of(page, "t-sensitivity")]
    assert ranks == [str(number) for number in range(1, len(ranks) + 1)]
    links = page.xpath("//span[@class='take']/a/@href | //p[@class='take']/a/@href")
    assert len(links) >= 2 + 3 * len(tables)
    for link in links:
        assert petra.http.get(link).status_code == 200, link
    asked = petra.page(forecast).xpath("//section[@aria-labelledby='questions']//li/a/@href")
    assert [str(link) for link in asked] == [path]


@pytest.mark.parametrize(
    ("effect", "error", "shown"), [(7527.0, 480.0, 7500.0), (7527.0, 0.2, 7527.0), (None, None, None)]
)
def test_what_an_assumption_moves_has_no_more_digits_than_are_known(
    effect: float | None, error: float | None, shown: float | None
) -> None:
    assert _round_effect({"effect_on_users": effect, "effect_error": error}) == shown


def test_every_column_that_is_shown_exists_and_has_a_heading() -> None:
    for table in TABLES:
        if table.written:
            many = {"mode": "risk", "replications": LEAST_FOR_ERROR, "scan_replications": LEAST_FOR_ERROR}
            shown = [column.name for column in list_columns(table, many)]
            assert shown == list(SHOWN[table.name])
            assert set(shown) <= set(HEADINGS)


def test_a_run_of_an_earlier_release_has_fewer_tables_and_charts(
    served: Served, petra: Planner, both: list[str]
) -> None:
    run = both[1].rpartition("/")[2]
    gone = served.services.settings.data / "runs" / run / "out" / "capacities.parquet"
    kept = gone.read_bytes()
    gone.unlink()
    try:
        for path in ("files/capacities.csv", "files/capacities.parquet", "files/capacities.xlsx",
                     "files/capacities.json", "tables/capacities", "charts/capacities.svg"):  # fmt: skip
            told = petra.http.get(f"{both[1]}/{path}")
            assert told.status_code == 404, path
        assert petra.http.get(f"{both[1]}/charts/projects.png").status_code == 200, "the others are there"
    finally:
        gone.write_bytes(kept)


def test_of_two_runs_the_pages_state_no_bands_and_no_probabilities(served: Served, both: list[str]) -> None:
    pages = [Planner(served, "de").page(f"{both[0]}{part}") for part in ("", "/tables/users", "/tables/authorities")]
    assert f"erst ab {LEAST_FOR_ERROR} Durchläufen" in str(pages[0].xpath("string(//p[@class='answer'])"))
    assert "Aus 2 Durchläufen: kleinster bis größter Wert" in str(pages[0].xpath("string(//main)"))
    for page in pages:
        assert not re.search("80 von 100|Wahrscheinlichkeit|90 von 100", str(page.xpath("string(//main)")))


def test_the_number_of_runs_offered_is_one_with_which_bands_are_told(petra: Planner) -> None:
    offered = petra.page("/pages/runs?scenario=nrw-plan-2021").xpath("//input[@name='replications']/@value")
    assert int(offered[0]) >= LEAST_FOR_ERROR
