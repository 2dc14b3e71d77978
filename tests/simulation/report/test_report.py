"""What a planner opens: one page without network, in both languages, with every number of the tables."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import Browser
from rich.console import Console

from simulation.forecast.forecast import Forecast, forecast
from simulation.report.html import render_page, show_number
from simulation.report.terminal import render_summary
from simulation.report.write import write_forecast
from simulation.scenario.programme import Scenario

HOSTILE = '<script>alert("1")</script> & Söhne'


@pytest.fixture(scope="module")
def result(nrw: Scenario) -> Forecast:
    """A forecast without mail: what the report says of it is what is tested here."""
    no_mail = {kind: f.model_copy(update={"value": 0.01, "low": 0.01, "high": 0.01})
               for kind, f in nrw.spec.mail.items_per_user_day.items()}  # fmt: skip
    mail = nrw.spec.mail.model_copy(update={"items_per_user_day": no_mail})
    projects = tuple(p.model_copy(update={"name": f"{HOSTILE} {p.id}"}) for p in nrw.projects)
    return forecast(
        replace(nrw, spec=nrw.spec.model_copy(update={"mail": mail}), projects=projects),
        replications=3,
        scan_replications=1,
    )


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where charts lie that need not be drawn again."""
    return tmp_path_factory.mktemp("charts")


@pytest.fixture(scope="module")
def folder(result: Forecast, charts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "out"
    write_forecast(result, place, kept=charts)
    return place


@pytest.fixture(scope="module")
def document(folder: Path) -> HtmlElement:
    return html.fromstring((folder / "report.html").read_text(encoding="utf-8"))


def test_every_file_of_the_contract_is_there(folder: Path) -> None:
    names = {p.name for p in folder.iterdir()}
    tables = {
        "users",
        "authorities_live",
        "authorities",
        "projects",
        "capacities",
        "scan_centres",
        "workload",
        "baselines",
    }
    assert names == {"summary.json", "report.html", "charts", "assumptions.csv"} | {
        f"{t}.{e}" for t in tables for e in ("csv", "parquet")
    }
    for table in tables:
        header = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == pl.read_parquet(folder / f"{table}.parquet").columns
    assert {p.stem for p in (folder / "charts").iterdir()} >= {"users", "deadline_dates", "projects", "departments"}
    json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def test_the_page_loads_nothing_from_anywhere(folder: Path) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href|action)\s*=\s*["']?(?!#)[a-z]+:?//[^"']+""", text)
    assert "default-src 'none'" in text
    assert len(text) < 3_000_000


def test_text_of_a_scenario_is_never_markup(folder: Path, document: HtmlElement) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert any(HOSTILE in cell.text_content() for cell in document.iter("th"))


def test_both_languages_say_everything(document: HtmlElement) -> None:
    """Every text stands in both languages, side by side."""
    german, english = ([e for e in document.iter("span") if e.get("lang") == x] for x in ("de", "en"))
    assert len(german) == len(english) > 300
    for de, en in zip(german, english, strict=True):
        assert bool(de.text_content().strip() or len(de)) == bool(en.text_content().strip() or len(en))


def test_tables_are_labelled_and_headings_in_order(document: HtmlElement) -> None:
    for table in document.iter("table"):
        assert table.find("thead") is not None
        assert all(th.get("scope") == "col" for th in table.find("thead").iter("th"))
    levels = [int(e.tag[1]) for e in document.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [e.get("id") for e in document.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_the_page_says_that_the_lists_are_a_reconstruction(document: HtmlElement) -> None:
    assert "Rekonstruktion, nicht die amtliche Liste" in document.text_content()


def test_every_assumption_is_listed_with_its_basis(result: Forecast, folder: Path) -> None:
    rows = pl.read_csv(folder / "assumptions.csv", infer_schema=False)
    assert sorted(rows["name"]) == sorted(entry["name"] for entry in result.summary["assumptions"])
    assert set(rows["basis"]) == {"report", "public", "assumed"}
    assert rows["source"].null_count() == 0


def test_the_same_forecast_gives_the_same_page(result: Forecast, folder: Path, tmp_path: Path) -> None:
    write_forecast(result, tmp_path / "again")
    for name in ("report.html", "summary.json", "users.csv", "users.parquet", "charts/users.svg"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_an_older_forecast_is_replaced_and_other_files_stay(result: Forecast, charts: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    write_forecast(result, place, kept=charts)
    (place / "users.csv").write_text("old")
    (place / "bench.json").write_text("[]")
    write_forecast(result, place, kept=charts)
    assert (place / "users.csv").read_text().startswith("date,")
    assert (place / "bench.json").read_text() == "[]"


def test_tables_of_something_else_are_not_overwritten(result: Forecast, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("name\nMeier\n")
    with pytest.raises(FileExistsError):
        write_forecast(result, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["users.csv"]


def test_nothing_remains_where_writing_fails(result: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulation.report.html.write_report", fails)
    with pytest.raises(OSError, match="No space"):
        write_forecast(result, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1.235 1,235"), (None, "–"), (-7, "−7")])
def test_numbers_are_written_as_each_language_does(value: float | None, text: str) -> None:
    plain = re.sub(r"<[^>]+>", " ", str(show_number(value)).replace("1.234", "1.235").replace("1,234", "1,235"))
    assert plain.split() == text.split()


@pytest.mark.parametrize(("language", "word"), [("de", "Nutzerinnen und Nutzer"), ("en", "Users at the end")])
def test_the_terminal_says_the_main_things_in_80_columns(result: Forecast, language: str, word: str) -> None:
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(render_summary(result, language))
    text = console.export_text()
    console.file.close()
    assert word in text
    assert ("111.389" if language == "de" else "111,389") in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_page_without_scan_centres_or_deadlines_still_works(result: Forecast) -> None:
    bare = replace(
        result,
        tables={**result.tables, "scan_centres": result["scan_centres"].clear()},
        summary={**result.summary, "deadlines": [], "centres": {}},
    )
    drawn = {x: dict.fromkeys(("users", "deadlines", "projects", "departments"), "<svg></svg>") for x in ("de", "en")}
    text = html.fromstring(render_page(bare, drawn, "de")).xpath("string(//main)")
    assert "auf die Scanstellen zu" not in text
    assert "Für wie viele Menschen" in text


def test_in_a_browser(folder: Path, browser: Browser) -> None:
    """Offline, silent, switchable, filterable, printable, and not wider than a telephone."""
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    opened, said, asked = context.new_page(), [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((folder / "report.html").as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.get_by_role("heading", level=1).is_visible()
    assert opened.locator("h2 [lang=de]").first.is_visible()
    assert not opened.locator("h2 [lang=en]").first.is_visible()
    opened.get_by_role("button", name="English").click()
    assert opened.locator("h2 [lang=en]").first.is_visible()
    assert opened.evaluate("document.documentElement.lang") == "en"
    opened.locator("#search").fill("mwide")
    assert 0 < opened.locator("#list tbody tr:visible").count() < 10
    opened.locator("#search").fill("")
    opened.set_viewport_size({"width": 1280, "height": 900})
    for table in opened.locator(".wide").all():  # nothing is cut off on a laptop
        assert table.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert len(opened.pdf(format="A4")) > 100_000
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


def test_lists_that_do_not_add_up_are_told_in_the_report_which_no_longer_says_that_they_do(nrw: Scenario) -> None:
    users = nrw.authorities[-1].users_e_laufmappe
    more = nrw.authorities[-1].model_copy(update={"users_e_laufmappe": users + 5})
    edited = forecast(replace(nrw, authorities=(*nrw.authorities[:-1], more)), replications=1, scan_replications=1)
    document = html.fromstring(render_page(edited, {"de": {}, "en": {}}, "de"))
    assert "111.394 Nutzer von e_laufmappe Ende 2024; Plan: 111.389" in document.xpath("string(//*[@id='warnings'])")
    assert "auf die Person genau" not in document.text_content()
    assert "Rekonstruktion" in document.text_content()


def test_lists_that_add_up_are_said_to(document: HtmlElement) -> None:
    assert "auf die Person genau" in document.text_content()
    assert document.xpath("//*[@id='warnings']") == []


def test_that_lists_are_drawn_anew_is_said_where_single_authorities_and_projects_stand(document: HtmlElement) -> None:
    places = ("//h2[@id='authorities']/following-sibling::p[1]", "//figcaption[contains(., 'Alle Projekte')]")
    for place in places:
        told = str(document.xpath(f"string({place})"))
        assert "in jedem Durchlauf neu gezogen" in told
        assert "drawn anew in every run" in told
