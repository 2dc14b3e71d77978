"""The planner's pages: start a forecast, watch it, read its results, put two side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.errors import TooMany, UnusableScenario
from api.application.run import MACHINE, Run
from api.application.run_events import MOST_REPLICATIONS, Mode
from api.pages import resource
from api.pages.base import KEY, FilledIn, Form, Looking, Visitor, back, page, page_router
from api.server.jobs import tables
from api.server.jobs.results import Results, compared, results
from api.server.jobs.runner import runner_of
from api.server.jobs.shipped_files import shipped
from api.server.routes import runs
from simulation.charts.charts import RUN_PAGE_CHARTS
from simulation.forecast.tables import WRITTEN
from workflow.errors import EvaError, InvalidCommand, NotFound

router = page_router()
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CHARTS = {chart.name for chart in RUN_PAGE_CHARTS}
Id = Annotated[str, Query(max_length=100)]
DEFAULTS: Form = {"scenario": "", "replications": "40", "seed": "2021", "mode": "risk", "title": "", "text": ""}


@router.get("/")
def home(who: Looking) -> Response:
    """The planner's dashboard; for all others, what waits for them."""
    return plans(who) if who.plans else resource.inbox(who)


@router.get("/pages/runs")
def plans(who: Looking) -> Response:
    """A form for a new forecast, and those there are."""
    return _plans(who, DEFAULTS, None)


@router.post("/pages/runs")
async def start(request: Request, who: Looking, form: FilledIn) -> Response:
    """Ask for a forecast by the form."""
    runs.planner(who.holder)
    try:
        body = _body(form)
        told = await runs.asked_for(request, who.holder, f"key:{who.holder.user}:{form.get(KEY, '')[:64]}", body)
    except EvaError as wrong:
        if not isinstance(wrong, InvalidCommand | TooMany):
            raise
        status = 422 if isinstance(wrong, InvalidCommand) else 429
        return await run_in_threadpool(_plans, who, form, wrong, status)
    return back(f"/pages/runs/{told.id}")


def _plans(who: Visitor, form: Form, wrong: EvaError | None, status: int = 200) -> Response:
    runs.planner(who.holder)
    found = runs.known(runner_of(who.request), who.holder)[:50]
    return page(
        who, "runs.html.j2", status, here_is="runs", form={**DEFAULTS, **form}, wrong=_told(wrong),
        scenarios=[one for one in shipped().values() if one.kind == "rollout"], most=MOST_REPLICATIONS,
        rows=[{"run": run, "progress": runs.state_of(runner_of(who.request), run)} for run in found], machine=MACHINE,
        finished=[run for run in found if run.state == "finished"], modes=list(Mode),
    )  # fmt: skip


def _told(wrong: EvaError | None) -> Sequence[str]:
    if isinstance(wrong, UnusableScenario):
        return [f"{p['file']}:{p['line']}:{p['column']}: {p['detail']}" for p in wrong.places]
    if isinstance(wrong, InvalidCommand):
        return [f"{pointer.lstrip('/')}: {text}" if pointer else text for pointer, text in wrong.faults]
    return [] if wrong is None else [str(wrong)]


def _body(form: Form) -> dict[str, object]:
    """What the form asks for, as the API takes it."""
    body: dict[str, object] = {"mode": form.get("mode", "")}
    for name in ("replications", "seed"):
        text = form.get(name, "").strip()
        body[name] = int(text) if text.isdecimal() and len(text) < 20 else text
    if form.get("title", "").strip():
        body["title"] = form["title"].strip()
    if form.get("text", "").strip():
        body["text"] = form["text"]
    else:
        body["scenario"] = form.get("scenario", "")
    return body


@router.get("/pages/runs/{id}")
def one(request: Request, who: Looking) -> Response:
    """A forecast: how far it is, or what it says."""
    run, out = _find(request, who)
    told = runs.state_of(runner_of(request), run)
    shown = results(out) if run.state == "finished" else None
    return page(who, "run.html.j2", here_is="runs", run=run, progress=told, machine=MACHINE, results=shown,
                tables=WRITTEN)  # fmt: skip


@router.post("/pages/runs/{id}/cancel")
async def cancel(request: Request, who: Looking, _form: FilledIn) -> Response:
    """End a forecast."""
    run, _ = await run_in_threadpool(_find, request, who)
    await runs.cancelled(request, who.holder, run, None)
    return back(f"/pages/runs/{run.id}")


@router.get("/pages/runs/{id}/progress")
async def watch(request: Request, who: Looking) -> Response:
    """Server-sent events for the page, by the cookie."""
    run, _ = await run_in_threadpool(_find, request, who)
    return runs.streamed(request, run)


@router.get("/pages/runs/{id}/charts/{name}.svg")
def chart(request: Request, who: Looking, name: str) -> Response:
    """A chart in the reader's language."""
    run, out = _find(request, who)
    if name not in CHARTS or run.state != "finished":
        raise NotFound("chart", name[:100])
    headers = {"content-security-policy": SVG_POLICY, "cache-control": "private, max-age=3600"}
    return FileResponse(out / f"{name}.{who.language}.svg", media_type="image/svg+xml", headers=headers)


@router.get("/pages/runs/{id}/files/{name}")
def download(request: Request, who: Looking, name: str) -> Response:
    """A table as CSV, the summary, or the report."""
    run, _ = _find(request, who)
    table = name.removesuffix(".csv").removesuffix(".json")
    if table not in tables.NAMES:
        raise NotFound("file", name[:100])
    accept = tables.CSV if name.endswith(".csv") else None
    return runs.read(runner_of(request), run, table, accept)


@router.get("/pages/compare")
def compare(request: Request, who: Looking, a: Id = "", b: Id = "") -> Response:
    """Two finished forecasts side by side."""
    runs.planner(who.holder)
    both = [_finished(request, who, key) for key in (a, b)]
    rows = compared(both[0][1], both[1][1])
    return page(who, "compare.html.j2", here_is="runs", first=both[0][0], second=both[1][0], rows=rows,
                same_draws=_same_draws(both[0][0], both[1][0]))  # fmt: skip


def _same_draws(first: Run, second: Run) -> bool:
    """Whether both played through the same chances, so that a difference is one of the plans."""
    asked = (first.asked, second.asked)
    return len({(run.seed, run.replications, run.mode) for run in asked}) == 1


def _finished(request: Request, who: Visitor, key: str) -> tuple[Run, Results]:
    run, out = _look(request, who, key)
    if run.state != "finished":
        raise InvalidCommand([("", who.say("nur fertige Prognosen lassen sich vergleichen", "both must be finished"))])
    return run, results(out)


def _find(request: Request, who: Visitor) -> tuple[Run, Path]:
    return _look(request, who, request.path_params["id"])


def _look(request: Request, who: Visitor, key: str) -> tuple[Run, Path]:
    runs.planner(who.holder)
    _, run = runs.find(who.services, who.holder, key)
    return run, runner_of(request).place(run.id) / "out"
