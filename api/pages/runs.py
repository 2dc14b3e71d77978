"""The planner's pages: start a forecast, follow its progress, read its results, compare two."""

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
from api.pages.render import create_page_router, redirect, render_page
from api.pages.visitor import KEY, Form, LoggedIn, OwnForm, Visitor
from api.server.jobs import tables
from api.server.jobs.results import Results, compare, read_results
from api.server.jobs.runner import get_runner
from api.server.jobs.shipped_files import shipped
from api.server.routes import runs
from simulation.charts.charts import RUN_PAGE_CHARTS
from simulation.forecast.tables import WRITTEN
from workflow.errors import EvaError, InvalidCommand, NotFound

router = create_page_router()
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CHARTS = {chart.name for chart in RUN_PAGE_CHARTS}
Id = Annotated[str, Query(max_length=100)]
DEFAULTS: Form = {"scenario": "", "replications": "40", "seed": "2021", "mode": "risk", "title": "", "text": ""}


@router.get("/")
def show_home(who: LoggedIn) -> Response:
    """The planner's dashboard; for all others, their inbox."""
    return list_runs(who) if who.plans else resource.show_inbox(who)


@router.get("/pages/runs")
def list_runs(who: LoggedIn) -> Response:
    return _render_list(who, DEFAULTS, None)


@router.post("/pages/runs")
async def start(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    runs.planner(who.holder)
    try:
        body = _body(form)
        run = await runs.request_run(request, who.holder, f"key:{who.holder.user}:{form.get(KEY, '')[:64]}", body)
    except EvaError as wrong:
        if not isinstance(wrong, InvalidCommand | TooMany):
            raise
        status = 422 if isinstance(wrong, InvalidCommand) else 429
        return await run_in_threadpool(_render_list, who, form, wrong, status)
    return redirect(f"/pages/runs/{run.id}")


def _render_list(who: Visitor, form: Form, wrong: EvaError | None, status: int = 200) -> Response:
    runs.planner(who.holder)
    found = runs.known(get_runner(who.request), who.holder)[:50]
    return render_page(
        who, "runs.html.j2", status, here_is="runs", form={**DEFAULTS, **form}, wrong=_fault_lines(wrong),
        scenarios=[one for one in shipped().values() if one.kind == "rollout"], most=MOST_REPLICATIONS,
        rows=[{"run": run, "progress": runs.state_of(get_runner(who.request), run)} for run in found], machine=MACHINE,
        finished=[run for run in found if run.state == "finished"], modes=list(Mode),
    )  # fmt: skip


def _fault_lines(wrong: EvaError | None) -> Sequence[str]:
    if isinstance(wrong, UnusableScenario):
        return [f"{p['file']}:{p['line']}:{p['column']}: {p['detail']}" for p in wrong.places]
    if isinstance(wrong, InvalidCommand):
        return [f"{pointer.lstrip('/')}: {text}" if pointer else text for pointer, text in wrong.faults]
    return [] if wrong is None else [str(wrong)]


def _body(form: Form) -> dict[str, object]:
    """The form as the body of `POST /runs`."""
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
def show_run(request: Request, who: LoggedIn) -> Response:
    run, out = _find_shown(request, who)
    progress = runs.state_of(get_runner(request), run)
    shown = read_results(out) if run.state == "finished" else None
    return render_page(who, "run.html.j2", here_is="runs", run=run, progress=progress, machine=MACHINE, results=shown,
                tables=WRITTEN)  # fmt: skip


@router.post("/pages/runs/{id}/cancel")
async def cancel(request: Request, who: LoggedIn, _form: OwnForm) -> Response:
    run, _ = await run_in_threadpool(_find_shown, request, who)
    await runs.cancel_run(request, who.holder, run, None)
    return redirect(f"/pages/runs/{run.id}")


@router.get("/pages/runs/{id}/progress")
async def watch(request: Request, who: LoggedIn) -> Response:
    """Server-sent events for the page, by the cookie."""
    run, _ = await run_in_threadpool(_find_shown, request, who)
    return runs.stream_progress(request, run)


@router.get("/pages/runs/{id}/charts/{name}.svg")
def show_chart(request: Request, who: LoggedIn, name: str) -> Response:
    run, out = _find_shown(request, who)
    if name not in CHARTS or run.state != "finished":
        raise NotFound("chart", name[:100])
    headers = {"content-security-policy": SVG_POLICY, "cache-control": "private, max-age=3600"}
    return FileResponse(out / f"{name}.{who.language}.svg", media_type="image/svg+xml", headers=headers)


@router.get("/pages/runs/{id}/files/{name}")
def download(request: Request, who: LoggedIn, name: str) -> Response:
    run, _ = _find_shown(request, who)
    table = name.removesuffix(".csv").removesuffix(".json")
    if table not in tables.NAMES:
        raise NotFound("file", name[:100])
    accept = tables.CSV if name.endswith(".csv") else None
    return runs.read(get_runner(request), run, table, accept)


@router.get("/pages/compare")
def show_comparison(request: Request, who: LoggedIn, a: Id = "", b: Id = "") -> Response:
    runs.planner(who.holder)
    both = [_find_finished(request, who, key) for key in (a, b)]
    rows = compare(both[0][1], both[1][1])
    return render_page(who, "compare.html.j2", here_is="runs", first=both[0][0], second=both[1][0], rows=rows,
                same_draws=_same_draws(both[0][0], both[1][0]))  # fmt: skip


def _same_draws(first: Run, second: Run) -> bool:
    """Whether both used the same random numbers, so that a difference comes from the plans."""
    return len({(run.request.seed, run.request.replications, run.request.mode) for run in (first, second)}) == 1


def _find_finished(request: Request, who: Visitor, key: str) -> tuple[Run, Results]:
    run, out = _find_run(request, who, key)
    if run.state != "finished":
        raise InvalidCommand([("", who.say("nur fertige Prognosen lassen sich vergleichen", "both must be finished"))])
    return run, read_results(out)


def _find_shown(request: Request, who: Visitor) -> tuple[Run, Path]:
    return _find_run(request, who, request.path_params["id"])


def _find_run(request: Request, who: Visitor, key: str) -> tuple[Run, Path]:
    runs.planner(who.holder)
    _, run = runs.find(who.services, who.holder, key)
    return run, get_runner(request).get_folder(run.id) / "out"
