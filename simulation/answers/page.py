"""The page of an answer: one HTML file in the style of the report, in German and English, without network."""

from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from simulation.answers.charts import render_svgs
from simulation.forecast.key_figures import list_assumptions
from simulation.forecast.tables import Column, Table
from simulation.questions.answer import Answer
from simulation.report import html
from simulation.scenario.programme import Scenario
from simulation.scenario.units import SHARE
from workflow.text import Text

LANGUAGES = ("de", "en")
MOST_ROWS = 400
"""Rows of a table on a page; the files have all of them."""
FOLDERS = (Path(__file__).parent / "templates", Path(html.__file__).parent / "templates")


def render_page(answer: Answer, scenario: Scenario, language: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(FOLDERS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"t": html.show_both, "n": html.show_number, "changes_of": html.show_changes}
    svgs = {name: render_svgs(answer, name) for name in LANGUAGES}
    charts = [
        {
            "title": chart.title, "caption": chart.caption,
            "svg": html.show_both(
                *(html.inline_svg(svgs[name][chart.name], f"{chart.name}-{name}") for name in LANGUAGES)
            ),
        }
        for chart in answer.charts
    ]  # fmt: skip
    assumptions = list_assumptions(scenario)
    return environment.get_template("answer.html.j2").render(
        language=language,
        answer=answer,
        charts=charts,
        tables=[_show_table(answer, table) for table in answer.tables if table.name not in answer.charted],
        asked=answer.summary["scenarios"],
        counts={basis: sum(a["basis"] == basis for a in assumptions) for basis in ("report", "public", "assumed")},
    )


def _show_table(answer: Answer, table: Table) -> dict[str, Any]:
    """A table for readers: names in the language of the reader once, not twice."""
    named = any(column.name == "title_de" for column in table.columns)
    hidden = {"base", "outcome", "figure"} if named else set()
    columns = [column for column in table.columns if not column.name.endswith("_en") and column.name not in hidden]
    shares = set(answer.summary.get("shares", ()))
    rows = [
        [_show_cell(column, row, share=row.get("outcome") in shares) for column in columns]
        for row in answer[table.name].head(MOST_ROWS).to_dicts()
    ]
    headings = [{"heading": column.heading or column.meaning, "right": _is_number(column)} for column in columns]
    return {"name": table.name, "title": table.title, "columns": headings, "rows": rows}


def _is_number(column: Column) -> bool:
    return column.kind in {"number", "integer"}


def _show_cell(column: Column, row: dict[str, Any], *, share: bool) -> dict[str, Any]:
    value = row[column.name]
    other = row.get(f"{column.name.removesuffix('_de')}_en") if column.name.endswith("_de") else None
    return {"text": _show(column, value, other, share=share), "right": _is_number(column)}


def _show(column: Column, value: Any, other: Any, *, share: bool) -> Markup | str:
    if isinstance(value, date):
        return html.show_day(value)
    if value is None:
        return html.show_number(None)
    if _is_number(column):
        if column.unit is SHARE:
            return html.show_share(value, 1)
        small = share or 0 < abs(value) < 1
        digits = 0 if column.kind == "integer" or value == 0 else 3 if small else 1
        return html.show_number(value, digits)
    words = {"yes": Text("ja", "yes"), "no": Text("nein", "no")}
    if value in words:
        return html.show_both(words[value].de, words[value].en)
    return html.show_both(value, other) if other else str(value)
