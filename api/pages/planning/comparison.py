"""Several runs side by side: paired differences with their intervals, as `eva compare` has them."""

from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.run import Run
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import LoggedIn
from api.pages.planning.runs import find_run
from api.server.dependencies.work import get_work
from api.server.jobs.runner import get_runner
from api.server.jobs.shipped_files import load
from api.server.routes import runs
from workflow.errors import InvalidCommand

router = create_page_router()
MOST = 6
"""Runs side by side that can still be read."""
Ids = Annotated[list[str] | None, Query(max_length=20)]
Id = Annotated[str, Query(max_length=100)]


class Asked(NamedTuple):
    """Scenarios as (name, text), and how they are played through; plain data for another process."""

    scenarios: list[tuple[str | None, str | None]]
    replications: int
    seed: int
    mode: str
    kept: str | None


class Compared(NamedTuple):
    """Rows of `eva compare`, by scenario in the order asked for; or why there are none."""

    rows: list[list[dict[str, Any]]]
    sentences: list[tuple[str, str]]
    chart: dict[str, str]
    """SVG by language."""
    shares: list[str]
    """Outcomes that are shares."""
    why_not: Literal["", "same", "unlike"] = ""
    """Two are the same scenario; or they are not about the same deadlines and years."""


@router.get("/pages/compare")
async def show_comparison(request: Request, who: LoggedIn, run: Ids = None, a: Id = "", b: Id = "") -> Response:
    """Compare each run with the first of them."""
    runs.planner(who.holder)
    asked = list(dict.fromkeys(run or [key for key in (a, b) if key]))[:MOST]
    if len(asked) < 2:
        raise InvalidCommand([("", who.say("mindestens zwei verschiedene Prognosen wählen", "choose two forecasts"))])
    found = [await run_in_threadpool(find_run, request, who, key) for key in asked]
    chosen = [one for one, _ in found]
    if any(one.state != "finished" for one in chosen):
        raise InvalidCommand([("", who.say("nur fertige Prognosen lassen sich vergleichen", "all must be finished"))])
    cache = get_runner(request).cache
    compared = await get_work(request).scenarios.run(request, who.holder, compare_runs, _ask(chosen, cache))
    return render_page(
        who, "compare.html.j2", here_is="runs", runs=chosen, compared=compared, same=_have_same_draws(chosen),
        replications=min(one.request.replications for one in chosen), seed=chosen[0].request.seed,
    )  # fmt: skip


def _ask(chosen: list[Run], cache: Path | None) -> Asked:
    """All as the first was asked for, so that each run has its twin."""
    first = chosen[0].request
    return Asked(
        [(one.request.scenario, one.request.text) for one in chosen],
        min(one.request.replications for one in chosen), first.seed, first.mode.value,
        str(cache.resolve()) if cache else None,
    )  # fmt: skip


def _have_same_draws(chosen: list[Run]) -> bool:
    return len({(one.request.seed, one.request.replications, one.request.mode) for one in chosen}) == 1


def compare_runs(asked: Asked) -> Compared:
    """Play the scenarios through with the same random numbers, or read what is kept of that."""
    from simulation.answers.charts import render_svgs  # noqa: PLC0415 - heavy: done in a process of its own
    from simulation.questions.compare import compare  # noqa: PLC0415

    scenarios = [load(*one)[0] for one in asked.scenarios]
    if len({scenario.digest for scenario in scenarios}) < len(scenarios):
        return Compared([], [], {}, [], "same")
    try:
        answer = compare(
            scenarios, replications=asked.replications, scan_replications=0, seed=asked.seed, mode=asked.mode,
            kept=Path(asked.kept) if asked.kept else None,
        )  # fmt: skip
    except ValueError:
        return Compared([], [], {}, [], "unlike")
    every = answer["compare"].to_dicts()
    each = len(every) // (len(scenarios) - 1)
    rows = [every[start : start + each] for start in range(0, len(every), each)]
    charts = {language: next(iter(render_svgs(answer, language).values())) for language in ("de", "en")}
    return Compared(rows, [(one.de, one.en) for one in answer.sentences], charts, answer.summary["shares"])
