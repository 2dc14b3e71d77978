"""What the report shows is what the tables hold, in the words and numbers of both languages."""

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from lxml import html
from rich.console import Console

from simulation.charts.charts import CHARTS, LOCALES
from simulation.forecast.forecast import LEAST_FOR_ERROR, Forecast, forecast
from simulation.forecast.precision import round_to_precision
from simulation.forecast.tables import PRODUCTS, SCAN_CENTRES, WORKLOAD
from simulation.levers.load import load
from simulation.numbers import format_day, format_number, format_share
from simulation.report.assumptions import select_assumptions
from simulation.report.html import MOST_SHOWN, render_page, show_both, show_day, show_measure, show_share
from simulation.report.terminal import render_summary
from simulation.report.yearly import get_latest_projects, get_year_ends, sum_up_centres, sum_up_workload
from tests.conftest import SMALL

EMPTY = {language: {chart.name: "<svg></svg>" for chart in CHARTS} for language in LOCALES}
BOTH = pytest.mark.parametrize("language", LOCALES)


@pytest.fixture(scope="module")
def result() -> Forecast:
    """Three runs, told like a hundred."""
    found = forecast(load(SMALL / "small.yaml"), replications=3)
    return replace(found, summary={**found.summary, "replications": LEAST_FOR_ERROR})


@pytest.fixture(scope="module")
def pages(result: Forecast) -> dict[str, html.HtmlElement]:
    """The page as it is opened in each language, with what the other language says taken out."""
    pages = {}
    for language in LOCALES:
        document = html.fromstring(render_page(result, EMPTY, language))
        other = "en" if language == "de" else "de"
        for hidden in document.xpath(f"//body//*[@lang='{other}']"):
            hidden.drop_tree()
        pages[language] = document
    return pages


def rows_under(document: html.HtmlElement, section: str, table: int = 1) -> list[list[str]]:
    """Cells of a table of a section, row by row."""
    found = document.xpath(f"//h2[@id='{section}']/following-sibling::div[@class='wide'][{table}]//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in found]


def print_summary(forecast: Forecast, language: str) -> str:
    """The summary as a terminal of 100 columns shows it."""
    paper = io.StringIO()
    Console(width=100, file=paper).print(render_summary(forecast, language))
    return paper.getvalue()


def near(value: float, error: float, language: str) -> str:
    """A number to its precision."""
    return format_number(round_to_precision(value, error), language)


def digits(value: float, count: int, language: str) -> str:
    """A number with so many digits that mean something."""
    return format_number(float(f"{value:.{count}g}") if abs(value) >= 10 ** (count - 1) else round(value), language)


def squeeze(text: str) -> str:
    return " ".join(text.split())


@BOTH
def test_the_page_declares_its_language_and_its_title(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    assert pages[language].get("lang") == language
    assert pages[language].findtext(".//title") == result.summary["title"][language]
    assert squeeze(pages[language].findtext(".//h1//span") or "") in result.summary["title"][language]


@BOTH
def test_users_at_year_ends_stand_in_the_table(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    rows = rows_under(pages[language], "users")
    for row, end in zip(rows, get_year_ends(result, 2018), strict=True):
        assert row[0] == str(end["year"])
        for n, product in enumerate(PRODUCTS):
            users = end[product]
            plan, middle, band, gap = row[1 + 4 * n : 5 + 4 * n]
            assert plan == format_number(users["plan"], language)
            assert middle == near(users["p50"], users["p50_se"], language)
            edges = [near(users[name], users[f"{name}_se"], language) for name in ("p10", "p90")]
            assert band == " – ".join(edges)
            shown = round_to_precision(users["p50"], users["p50_se"])
            assert gap == format_number(shown - users["plan"], language), "what a reader gets who subtracts"


@BOTH
def test_deadlines_stand_in_the_table_with_unit_and_probability(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    rows = rows_under(pages[language], "deadlines")
    assert len(rows) == len(result.summary["deadlines"])
    for row, deadline in zip(rows, result.summary["deadlines"], strict=True):
        assert row[0] == f"{deadline[f'title_{language}']} {deadline['source']}"
        assert row[1] == format_day(deadline["date"], language)
        assert row[2] == f"{format_number(deadline['target'], language)} {deadline[f'unit_{language}']}"
        assert row[5].startswith(squeeze(format_share(deadline["probability"], language)))


@BOTH
def test_late_projects_stand_in_the_table(result: Forecast, pages: dict[str, html.HtmlElement], language: str) -> None:
    rows = rows_under(pages[language], "projects")
    late = get_latest_projects(result, 10)
    assert [row[0] for row in rows] == [project["name" if language == "de" else "name_en"] for project in late]
    for row, project in zip(rows, late, strict=True):
        assert row[3] == format_day(project["introduction_end_plan"], language)
        assert row[5] == digits(project["delay_p50_days"], 2, language)


@BOTH
def test_every_heading_of_a_measure_and_its_values_stand_in_the_yearly_tables(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    work = [column for column in WORKLOAD.measures if column.heading]
    for row, year in zip(rows_under(pages[language], "work"), sum_up_workload(result), strict=True):
        assert row == [year["year"], *(digits(year[column.name], 3, language) for column in work)]
    scan = [column for column in SCAN_CENTRES.measures if column.heading]
    headings = [squeeze(th.text_content()) for th in pages[language].xpath("//h2[@id='scan']/following::table[1]//th")]
    assert headings[1 : 1 + len(scan)] == [column.heading.get(language) for column in scan if column.heading]
    centre, years = next(iter(sum_up_centres(result).items()))
    assert result.summary["centres"][centre]["name"][language] in pages[language].text_content()
    assert [row[0] for row in rows_under(pages[language], "scan")] == [year["year"] for year in years]


@BOTH
def test_assumptions_are_few_and_named_in_the_language(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    rows = rows_under(pages[language], "assumptions")
    assumed = [entry for entry in result.summary["assumptions"] if entry["basis"] == "assumed"]
    assert [row[0] for row in rows] == [entry[f"title_{language}"] for entry in assumed[:MOST_SHOWN]]


def test_assumptions_with_a_sure_influence_come_by_its_size(result: Forecast) -> None:
    names = ["rollout.lead_days", "risks.rework", "adoption.half_weeks"]
    influences = [
        {"name": name, "effect": effect, "error": 20.0, "sure": effect > 30}
        for name, effect in zip(names, (900.0, 400.0, 10.0), strict=True)
    ]
    ranked = replace(result, summary={**result.summary, "validation": {"influences": influences}})
    chosen = select_assumptions(ranked.summary, 5)
    assert [entry["name"] for entry in chosen] == names[:2]
    assert chosen[0]["effect"] == 900


def test_the_first_page_answers_how_many_how_sure_why_and_what_helps(result: Forecast) -> None:
    """One glance each: the number with its band, causes and measures with the people that they cost or gain."""
    day = result.summary["headline"]
    row = {"date": day, "low": 80, "high": 120, "runs": 40}
    variants = [
        {**row, "kind": "cause", "users": 100, "title_de": "Zu wenig Teams", "title_en": "too few teams"},
        {**row, "kind": "help", "users": 90, "title_de": "mehr Schulende", "title_en": "more trainers"},
        {**row, "kind": "help", "users": 15, "low": -1, "title_de": "nichts", "title_en": "nothing"},
        {**row, "kind": "help", "date": "1999-12-31", "users": 70, "title_de": "früher", "title_en": "earlier"},
    ]
    seats = {**result.summary["deadlines"][0], "measure": "seats_e_laufmappe"}
    others = [
        end for end in get_year_ends(result, 2018)
        if not end["known"] and end["e_laufmappe"]["plan"] is not None and f"{end['year']}-12-31" != day
    ]  # fmt: skip
    deadlines = [{**seats, "date": day, "probability": 0.31}]
    deadlines += [{**seats, "date": f"{end['year']}-12-31", "probability": 0.64} for end in others]
    chances = {"deadlines": deadlines, "variants": variants, "replications": 100}
    told = replace(result, summary={**result.summary, **chances})
    document = html.fromstring(render_page(told, EMPTY, "de"))
    for english in document.xpath("//*[@lang='en']"):
        english.drop_tree()
    how_many, how_sure, why, helps = (squeeze(tile.text_content()) for tile in document.find_class("tile"))
    (end,) = (end for end in get_year_ends(result, 2018) if f"{end['year']}-12-31" == day)
    users = end["e_laufmappe"]
    assert near(users["p50"], users["p50_se"], "de") in how_many
    assert f"{day[:4]}?" in how_many
    wide = max(users["p10_se"], users["p90_se"])
    assert near(users["p10"], wide, "de") in how_sure
    assert "In 80 von 100 Durchläufen" in how_sure
    assert "ist zu 31 % wahrscheinlich" in how_sure
    assert others, "the scenario has a planned year besides"
    for end in others:
        assert f"Ende {end['year']} zu 64 %" in how_sure
        assert near(end["e_laufmappe"]["p50"], end["e_laufmappe"]["p50_se"], "de") in how_many
    assert "in Klammern die Spanne, in der 80 von 100 Durchläufen liegen" in how_many
    assert "Zu wenig Teams" in why
    assert "−100" in why
    assert "mehr Schulende" in helps
    assert "+90" in helps
    assert "nichts" not in helps
    assert "früher" not in helps


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"replications": 99}, "lässt sich erst ab 100 Durchläufen sagen; hier sind es 99."),
        ({"replications": 1}, "lässt sich erst ab 100 Durchläufen sagen; hier ist es einer."),
        ({"replications": 1000, "mode": "plan"}, "der Plan ohne Risiken nachgerechnet: eine Zahl ohne Spanne"),
    ],
)
def test_how_sure_a_number_is_is_said_only_by_enough_runs_with_risks(
    result: Forecast, changed: dict[str, Any], says: str
) -> None:
    told = replace(result, summary={**result.summary, **changed})
    document = html.fromstring(render_page(told, EMPTY, "de"))
    for other in document.xpath("//*[@lang='en']"):
        other.drop_tree()
    tiles = [squeeze(tile.text_content()) for tile in document.find_class("tile")]
    assert says in tiles[1]
    assert "80 von 100" not in tiles[0] + tiles[1]
    (end,) = (end for end in get_year_ends(result, 2018) if f"{end['year']}-12-31" == result.summary["headline"])
    assert near(end["e_laufmappe"]["p10"], end["e_laufmappe"]["p10_se"], "de") not in tiles[1]


def test_a_plan_without_risks_is_called_so(result: Forecast) -> None:
    planned = replace(result, summary={**result.summary, "mode": "plan"})
    text = html.fromstring(render_page(planned, EMPTY, "de")).text_content()
    assert "Nachrechnung des Plans ohne Risiken" in text
    assert "Prognose mit Risiken" not in text


def test_a_notice_is_shown_first_and_only_where_there_is_one(result: Forecast) -> None:
    assert result.summary["notice"] is None
    assert "warn" not in {div.get("class", "").split()[-1:][0] for div in answers(result)}
    warned = replace(result, summary={**result.summary, "notice": {"de": "Achtung & Vorsicht", "en": "Beware"}})
    assert any("Achtung & Vorsicht" in div.text_content() for div in answers(warned))


def answers(result: Forecast) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = html.fromstring(render_page(result, EMPTY, "de")).xpath("//div[@role='note']")
    return found


def test_a_project_beyond_the_horizon_is_said_in_words(result: Forecast) -> None:
    open_end = result["projects"].with_columns(pl.lit(None, dtype=pl.Date).alias("introduction_end_p50"))
    late = replace(result, tables={**result.tables, "projects": open_end})
    assert "nach dem Zeitraum" in html.fromstring(render_page(late, EMPTY, "de")).text_content()
    text = print_summary(late, "de")
    assert "später" in text


def test_text_in_both_languages_is_escaped_and_said_once_where_it_is_the_same() -> None:
    assert show_both("<b>", "&") == '<span lang="de">&lt;b&gt;</span><span lang="en">&amp;</span>'
    assert show_both("GB", "GB") == "GB"


def test_measures_are_written_as_their_units_ask() -> None:
    columns = {column.name: column for column in SCAN_CENTRES.columns}
    share, hours = columns["within_target"], columns["turnaround_p95_hours"]
    assert show_measure(share, 0.957) == show_share(0.96)
    assert "7,5" in show_measure(hours, 7.5)
    assert show_measure(hours, 7.5).endswith(" h")
    assert show_measure(hours, None) == "–"
    assert show_measure(columns["items_in"], 1234.4) == show_both("1.230", "1,230")
    assert show_measure(columns["items_in"], 74.5) == show_both("74", "74")


def test_a_missing_day_and_a_given_one() -> None:
    assert "beyond the horizon" in show_day(None)
    assert show_day("2024-12-31") == show_day(date(2024, 12, 31)) == show_both("31.12.2024", "31 Dec 2024")


@BOTH
def test_the_terminal_shows_the_same_numbers_as_the_tables(result: Forecast, language: str) -> None:
    text = print_summary(result, language)
    for end in get_year_ends(result, 2020):
        for product in PRODUCTS:
            assert format_number(end[product]["p50"], language) in text
    for deadline in result.summary["deadlines"]:
        assert format_number(deadline["expected"], language) in text
        low, high = (format_share(deadline[name], language) for name in ("low", "high"))
        assert f"{low.split()[0]} – {high}" in text
    assert f"{'Durchläufe' if language == 'de' else 'runs'}: {result.summary['replications']}" in text
    for project in get_latest_projects(result, 5):
        assert project["name" if language == "de" else "name_en"] in text
    names = {centre["name"][language] for centre in result.summary["centres"].values()}
    assert all(name in text for name in names)


def test_the_terminal_leaves_out_scan_centres_where_there_are_none(result: Forecast) -> None:
    bare = replace(result, tables={**result.tables, "scan_centres": result["scan_centres"].clear()})
    text = print_summary(bare, "en")
    assert "Scan centres" not in text


@BOTH
def test_every_authority_is_listed_with_its_dates(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    rows = rows_under(pages[language], "authorities")
    assert len(rows) == result["authorities"].height
    planned = {a["name"]: format_day(a["go_live_plan"], language) for a in result["authorities"].to_dicts()}
    assert {row[0]: row[3] for row in rows} == planned


@BOTH
def test_a_late_project_says_what_it_moves_and_its_slack(
    result: Forecast, pages: dict[str, html.HtmlElement], language: str
) -> None:
    shown = {row[0]: row[6:8] for row in rows_under(pages[language], "projects")}
    for project in get_latest_projects(result, 10):
        moves, slack = shown[project["name" if language == "de" else "name_en"]]
        assert moves.split(" ")[0] == digits(project["end_moves_days_p50"], 2, language)
        assert slack == digits(project["slack_days_p50"], 2, language)


@pytest.mark.parametrize(("runs", "mode"), [(LEAST_FOR_ERROR - 1, "risk"), (1, "risk"), (LEAST_FOR_ERROR, "plan")])
def test_of_few_runs_neither_report_nor_terminal_states_bands_or_probabilities(
    result: Forecast, runs: int, mode: str
) -> None:
    few = replace(result, summary={**result.summary, "replications": runs, "scan_replications": 1, "mode": mode})
    page = squeeze(html.fromstring(render_page(few, EMPTY, "de")).xpath("string(//main)"))
    printed = squeeze(print_summary(few, "de"))
    told = "Wie sicher die Zahl ist, lässt sich erst ab 100" if mode == "risk" else "ohne Risiken nachgerechnet"
    for text in (page, printed):
        assert told in text
        assert not re.search(r"80 %|80 von 100|gehalten mit|95 % sicher|wahrscheinlich zu", text)
    sure = squeeze(print_summary(result, "de"))
    assert "80 % der Durchläufe" in sure
    assert "gehalten mit" in sure


@BOTH
def test_a_deadline_that_the_plan_itself_misses_is_told_so_beside_its_probability(
    result: Forecast, language: str
) -> None:
    (of_all,) = (d for d in result.summary["deadlines"] if d["measure"] == "authorities_live")
    listed = result["authorities"].filter(pl.col("go_live_plan") <= date.fromisoformat(of_all["date"]))
    assert of_all["planned"] == len(listed)
    told = {"de": "auch nach Plan erst 3 von 5", "en": "even as planned only 3 of 5"}[language]
    for planned, said in ((3, True), (5, False)):
        deadline = {**of_all, "planned": planned, "target": 5}
        missed = replace(result, summary={**result.summary, "deadlines": [deadline]})
        page = html.fromstring(render_page(missed, EMPTY, language))
        cell = page.xpath("//h2[@id='deadlines']/following::table[1]//tbody//td[5]")[0]
        assert (told in squeeze(cell.text_content())) == said
        assert (told in squeeze(print_summary(missed, language))) == said
