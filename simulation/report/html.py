"""The report of a forecast: one HTML file that needs no network, in German and English, and prints well."""

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from simulation.charts.captions import say_drawn_lists, write_caption
from simulation.charts.charts import CAPACITIES, LOCALES, Chart, get_charts, is_nothing
from simulation.forecast.forecast import Forecast, tells_bands
from simulation.forecast.precision import round_to_precision
from simulation.forecast.tables import PRODUCTS, SCAN_CENTRES, WORKLOAD, Column
from simulation.levers.sentences import HEADING, list_changes, say_changes
from simulation.levers.sources import say_source
from simulation.numbers import (
    format_as_given,
    format_day,
    format_difference,
    format_month,
    format_number,
    format_share,
)
from simulation.report.assumptions import select_assumptions
from simulation.report.certainty import say_no_bands, say_planned
from simulation.report.kept_charts import get_svgs
from simulation.report.rounding import round_deadline, round_digits, round_gap, round_measure
from simulation.report.yearly import (
    find_bottlenecks,
    get_latest_projects,
    get_year_ends,
    sum_up_centres,
    sum_up_workload,
)
from simulation.scenario.figures import BASES
from simulation.scenario.units import SHARE, WORKING_HOURS

FIRST_YEAR = 2018
MOST_SHOWN = 15
"""Assumptions on the page; all of them stand in `assumptions.csv`."""


def show_both(de: Any, en: Any) -> Markup:
    """Text in both languages; the page shows the chosen one."""
    if str(de) == str(en):
        return escape(de)
    return Markup('<span lang="de">{}</span><span lang="en">{}</span>').format(de, en)


def show_number(value: float | None, digits: int = 0) -> Markup:
    return show_both(*(format_number(value, language, digits) for language in LOCALES))


def show_share(value: float | None, digits: int = 0) -> Markup:
    return show_both(*(format_share(value, language, digits) for language in LOCALES))


def show_basis(basis: str) -> Markup:
    return show_both(*BASES[basis])


def show_source(source: str) -> Markup:
    return show_both(*say_source(source))


def show_as_given(value: Any) -> Markup:
    return show_both(*(format_as_given(value, language) for language in LOCALES))


def show_day(value: date | str | None) -> Markup:
    """A day in German and English; None, a day after the horizon, in words."""
    if value is None:
        return show_both("nach dem Zeitraum", "beyond the horizon")
    return show_both(*(format_day(value, language) for language in LOCALES))


def show_near(value: float | None, error: float | None) -> Markup:
    """A number without the digits that its standard error makes meaningless."""
    return show_number(None if value is None else round_to_precision(value, error))


def show_signed(value: float, error: float | None) -> Markup:
    rounded = round_to_precision(value, error)
    return show_both(*(format_difference(rounded, language) for language in LOCALES))


def show_digits(value: float | None, count: int = 3, decimals: int = 0) -> Markup:
    return show_number(*round_digits(value, count, decimals))


def show_chance(value: float) -> Markup:
    """A probability as few runs can tell it: none at all is less than 1 %."""
    if value in {0.0, 1.0} or round(100 * value) in {0, 100}:
        return Markup("&lt; ") + show_share(0.01) if value < 0.5 else Markup("&gt; ") + show_share(0.99)
    return show_share(value)


def show_month(value: date | str | None) -> Markup:
    """The month of a day that nobody can know to the day."""
    if value is None:
        return show_both("nach dem Zeitraum", "beyond the horizon")
    return show_both(*(format_month(value, language) for language in LOCALES))


def show_changes(summary: dict[str, Any]) -> list[Markup]:
    """The changes of what was computed, each in both languages."""
    german, english = (list_changes(summary, language) for language in LOCALES)
    return [show_both(de, en) for de, en in zip(german, english, strict=True)]


def show_changed(entry: dict[str, Any]) -> Markup:
    """What was changed of an assumption, from when on."""
    return show_both(*(say_changes(entry, language) for language in LOCALES))


def show_measure(column: Column, value: float | None) -> Markup:
    if column.unit is SHARE:
        return show_share(value)
    shown = show_number(*round_measure(column, value))
    return shown + Markup(" h") if column.unit is WORKING_HOURS and value is not None else shown


def write_report(
    forecast: Forecast, folder: Path, language: str = "de", kept: Path | None = None, workers: int = 1
) -> dict[str, dict[str, str]]:  # fmt: skip
    """Write `report.html` and `charts/*.svg` (in `language`) into an existing folder; return all charts by language."""
    svgs = get_svgs(forecast, tuple(LOCALES), kept, workers)
    (folder / "charts").mkdir()
    for name, svg in svgs[language].items():
        (folder / "charts" / f"{name}.svg").write_text(svg, encoding="utf-8")
    (folder / "report.html").write_text(render_page(forecast, svgs, language), encoding="utf-8")
    return svgs


def render_page(forecast: Forecast, svgs: dict[str, dict[str, str]], language: str) -> str:
    """The page. `svgs`: charts as SVG by language and name; a chart that is not there is left out."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {
        "t": show_both, "n": show_number, "pct": show_share, "day": show_day, "plain": show_as_given,
        "basis": show_basis,
        "near": show_near, "signed": show_signed, "digits": show_digits, "chance": show_chance, "month": show_month,
        "round_deadline": round_deadline, "say_planned": say_planned, "gap_of": round_gap,
        "changed": show_changed, "source": show_source, "cell": show_measure,
        "nothing_of": partial(_list_nothing, forecast), "charts_of": partial(_inline_charts, svgs, forecast),
    }  # fmt: skip
    assumptions, years = forecast.summary["assumptions"], sum_up_centres(forecast)
    counts = {basis: sum(a["basis"] == basis for a in assumptions) for basis in BASES}
    return environment.get_template(
        "report.html.j2"
    ).render(
        language=language,
        summary=forecast.summary,
        changes=show_changes(forecast.summary),
        changes_heading=HEADING,
        products=PRODUCTS,
        years=get_year_ends(forecast, FIRST_YEAR),
        late=get_latest_projects(forecast, 10),
        authorities=forecast["authorities"].sort("go_live_plan", "name").to_dicts(),
        centres=[about | {"rows": years[centre]} for centre, about in forecast.summary["centres"].items()],
        centre_measures=[column for column in SCAN_CENTRES.measures if column.heading],
        work=sum_up_workload(forecast),
        work_measures=[column for column in WORKLOAD.measures if column.heading],
        sure=tells_bands(forecast.summary),
        no_bands=say_no_bands(forecast.summary),
        drawn_lists=say_drawn_lists(forecast.summary),
        never=any(d["never_share"] >= 0.005 for d in forecast.summary["deadlines"])
        and tells_bands(forecast.summary),  # shown as 1 %
        bottlenecks=find_bottlenecks(forecast),
        capacity_names=CAPACITIES,
        causes=_list_variants(forecast.summary, "cause"),
        helps=_list_variants(forecast.summary, "help"),
        changed_ones=[entry for entry in assumptions if entry["changed"]][:MOST_SHOWN],
        assumptions=select_assumptions(forecast.summary, MOST_SHOWN),
        ranked=any("effect" in entry for entry in select_assumptions(forecast.summary, 1)),
        counts=counts,
    )


def _list_nothing(forecast: Forecast, section: Any) -> list[Chart]:
    """The charts of which a sentence is all that there is to say."""
    return [
        chart for chart in get_charts(section)
        if chart.nothing and len(forecast[chart.table])
        and is_nothing(chart, forecast[chart.table].iter_rows(named=True))
    ]  # fmt: skip


def _inline_charts(svgs: dict[str, dict[str, str]], forecast: Forecast, section: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": chart.title,
            "caption": write_caption(chart, forecast.summary),
            "svg": show_both(
                *(inline_svg(svgs[language][chart.name], f"{chart.name}-{language}") for language in LOCALES)
            ),
        }
        for chart in get_charts(section)
        if all(chart.name in svgs[language] for language in LOCALES)
    ]


def inline_svg(svg: str, prefix: str) -> Markup:
    """An SVG for the page: its ids made unique, scaled to the column, hidden from screen readers (tables follow)."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(svg)  # noqa: S704  # drawn by our own library from escaped text


def _list_variants(summary: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """What surely gains something on the day that the report begins with, the most first: its interval lies above 0."""
    rows = [row for row in summary["variants"] if (row["kind"], row["date"]) == (kind, summary["headline"])]
    sure = [row for row in rows if row["low"] is not None and row["low"] > 0]
    return [row | {"error": (row["high"] - row["low"]) / 4} for row in sure]
