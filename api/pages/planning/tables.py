"""A table of a finished run beside its charts: sorted, searched, cut, and to be taken away; and its assumptions."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn
from api.pages.planning.results import (
    BY_NAME,
    FACETS,
    HEADINGS,
    View,
    has_table,
    is_share,
    list_charts,
    list_columns,
    read_rows,
    sum_departments,
)
from api.pages.planning.runs import find_finished_run
from api.server.jobs import tables
from simulation.charts.captions import say_drawn_lists, write_caption
from simulation.charts.charts import is_nothing
from simulation.forecast.tables import Column
from simulation.levers.sentences import list_changes
from simulation.levers.sources import say_source
from simulation.numbers import format_number
from simulation.report.assumptions import rank_assumptions
from simulation.scenario.figures import BASES
from workflow.errors import NotFound

router = create_page_router()
Word = Annotated[str, Query(max_length=100)]


@router.get("/pages/runs/{id}/tables/{table}")
def show_table(
    request: Request, who: LoggedIn, table: str, text: Word = "", part: Word = "", sort: Word = "", down: bool = False
) -> Response:
    """Rows, charts and files of a table; the address says all that was chosen."""
    run, out = find_finished_run(request, who)
    if not has_table(out, table):
        raise NotFound("table", table[:100])
    about, view = BY_NAME[table], View(text, part, sort, down)
    rows, parts = read_rows(out, about, view)
    summary = tables.summary(out)
    columns, every = list_columns(about, summary), tables.rows(out, table)
    return render_page(
        who, "run_table.html.j2", here_is="runs", run=run, table=about, rows=rows, columns=columns, view=view,
        parts=parts, facet=FACETS.get(table), headings=HEADINGS, is_share=is_share,
        show_number=partial(_show_number, who.language),
        charts=[(one, write_caption(one, summary).get(who.language)) for one in list_charts(table)
                if not one.nothing or not is_nothing(one, every)],
        nothing=[one for one in list_charts(table) if one.nothing and is_nothing(one, every)],
        changes=list_changes(summary, who.language),
        drawn_lists=say_drawn_lists(summary).get(who.language) if table == "authorities" else "",
        departments=sum_departments(out) if table == "authorities" else [],
    )  # fmt: skip


def _show_number(language: str, column: Column, row: Mapping[str, Any]) -> str:
    from simulation.report.rounding import round_cell  # noqa: PLC0415 - heavy: only who reads results pays

    value, decimals = round_cell(column, row)
    return format_number(value, language, decimals)


def _round_effect(assumption: Mapping[str, Any]) -> float | None:
    from simulation.report.rounding import round_figure  # noqa: PLC0415 - heavy: only who reads results pays

    effect = assumption["effect_on_users"]
    return None if effect is None else round_figure(effect, assumption["effect_error"], None)


@router.get("/pages/runs/{id}/assumptions")
def show_assumptions(request: Request, who: LoggedIn, text: Word = "", basis: Word = "") -> Response:
    """Every figure that the forecast rests on, those that move it most first."""
    run, out = find_finished_run(request, who)
    summary = dict(tables.summary(out))
    every = rank_assumptions(summary)
    words, title = text.casefold().split(), f"title_{who.language}"
    found = [
        one for one in every
        if basis in {"", one["basis"]} and all(w in f"{one['name']} {one[title]}".casefold() for w in words)
    ]  # fmt: skip
    return render_page(
        who, "run_assumptions.html.j2", here_is="runs", run=run, rows=found, total=len(every), text=text, basis=basis,
        say_source=say_source, round_effect=_round_effect,
        ranked=any(one["effect_on_users"] is not None for one in every),
        changes=list_changes(summary, who.language),
        bases=[one for one in BASES if any(row["basis"] == one for row in every)],
    )  # fmt: skip
