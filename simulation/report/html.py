"""The report of a forecast: one HTML file that needs no network, in German and English, and prints well."""

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from simulation.charts.charts import get_charts
from simulation.charts.draw import LOCALES, render_svgs
from simulation.forecast.forecast import Forecast
from simulation.forecast.tables import PRODUCTS, SCAN_CENTRES, WORKLOAD, Column
from simulation.report.numbers import format_as_given, format_day, format_number, format_share
from simulation.report.yearly import get_latest_projects, get_year_ends, sum_up_centres, sum_up_workload
from simulation.scenario.units import SHARE, WORKING_HOURS
from workflow.text import Text

FIRST_YEAR = 2018
SECTIONS = {
    "plan": Text("Plan des Berichts", "Plan of the report"),
    "early_users": Text("Pilotnutzer", "Pilot users"),
    "checkpoints": Text("Bekannte Nutzerzahlen", "Known user counts"),
    "rollout": Text("Ressourcen des Rollouts", "Resources of the rollout"),
    "risks": Text("Risiken", "Risks"),
    "adoption": Text("Gewöhnung nach dem Start", "Adoption after go-live"),
    "work": Text("Arbeit mit den Produkten", "Work with the products"),
    "mail": Text("Posteingang", "Incoming mail"),
    "scan": Text("Scannen", "Scanning"),
    "deadlines": Text("Fristen", "Deadlines"),
    "authorities": Text("Liste der Behörden (Zellen je Grundlage)", "List of authorities (cells by basis)"),
    "as_of": Text("Stichtag", "Reference date"),
}


def show_both(de: Any, en: Any) -> Markup:
    """Text in both languages; the page shows the chosen one."""
    if str(de) == str(en):
        return escape(de)
    return Markup('<span lang="de">{}</span><span lang="en">{}</span>').format(de, en)


def show_number(value: float | None, digits: int = 0) -> Markup:
    return show_both(*(format_number(value, language, digits) for language in LOCALES))


def show_share(value: float | None, digits: int = 0) -> Markup:
    return show_both(*(format_share(value, language, digits) for language in LOCALES))


def show_as_given(value: Any) -> Markup:
    return show_both(*(format_as_given(value, language) for language in LOCALES))


def show_day(value: date | str | None) -> Markup:
    """A day in German and English; None, a day after the horizon, in words."""
    if value is None:
        return show_both("nach dem Zeitraum", "beyond the horizon")
    return show_both(*(format_day(value, language) for language in LOCALES))


def show_measure(column: Column, value: float | None) -> Markup:
    if column.unit is SHARE:
        return show_share(value, 1)
    if column.unit is WORKING_HOURS and value is not None:
        return show_number(value, 1) + Markup(" h")
    return show_number(value)


def write_report(forecast: Forecast, folder: Path, language: str = "de") -> None:
    """Write `report.html` and `charts/*.svg` (in `language`) into an existing folder."""
    svgs = {name: render_svgs(forecast, name) for name in LOCALES}
    (folder / "charts").mkdir()
    for name, svg in svgs[language].items():
        (folder / "charts" / f"{name}.svg").write_text(svg, encoding="utf-8")
    (folder / "report.html").write_text(render_page(forecast, svgs, language), encoding="utf-8")


def render_page(forecast: Forecast, svgs: dict[str, dict[str, str]], language: str) -> str:
    """The page. `svgs`: charts as SVG by language and name; a chart that is not there is left out."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {
        "t": show_both, "n": show_number, "pct": show_share, "day": show_day, "plain": show_as_given,
        "cell": show_measure, "charts_of": partial(_inline_charts, svgs),
    }  # fmt: skip
    assumptions, go_live, years = forecast.summary["assumptions"], pl.col("go_live_p50"), sum_up_centres(forecast)
    counts = {basis: sum(a["basis"] == basis for a in assumptions) for basis in ("report", "public", "assumed")}
    return environment.get_template("report.html.j2").render(
        language=language,
        summary=forecast.summary,
        products=PRODUCTS,
        years=get_year_ends(forecast, FIRST_YEAR),
        late=get_latest_projects(forecast, 10),
        authorities_late=forecast["authorities"].filter(go_live.is_null() | (go_live > pl.col("go_live_plan"))).height,
        centres=[about | {"rows": years[centre]} for centre, about in forecast.summary["centres"].items()],
        centre_measures=[column for column in SCAN_CENTRES.measures if column.heading],
        work=sum_up_workload(forecast),
        work_measures=[column for column in WORKLOAD.measures if column.heading],
        assumptions=_group_assumptions(assumptions),
        counts=counts,
    )


def _inline_charts(svgs: dict[str, dict[str, str]], section: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": chart.title,
            "caption": chart.caption,
            "svg": show_both(
                *(_inline(svgs[language][chart.name], f"{chart.name}-{language}") for language in LOCALES)
            ),
        }
        for chart in get_charts(section)
        if all(chart.name in svgs[language] for language in LOCALES)
    ]


def _inline(svg: str, prefix: str) -> Markup:
    """An SVG for the page: its ids made unique, scaled to the column, hidden from screen readers (tables follow)."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(svg)  # noqa: S704  # drawn by our own library from escaped text


def _group_assumptions(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for entry in listed:
        sections.setdefault(entry["name"].split(".")[0], []).append(entry)
    return [{"title": SECTIONS.get(key, Text(key, key)), "entries": entries} for key, entries in sections.items()]
