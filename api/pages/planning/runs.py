"""The planner's pages: choose a scenario, change its levers, start a forecast, follow it, read what comes of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.errors import TooMany, UnusableScenario
from api.application.run import MACHINE, Run
from api.application.run_events import MOST_REPLICATIONS, Mode
from api.pages.base.render import create_page_router, redirect, render_page
from api.pages.base.visitor import Form, LoggedIn, OwnForm, Visitor, check_logged_in, get_command_id
from api.pages.planning import levers
from api.pages.planning.questions import list_about, read_count, render_question
from api.pages.planning.results import BY_NAME
from api.server.dependencies.streams import open_stream
from api.server.dependencies.work import get_work
from api.server.jobs.process import read_preliminary
from api.server.jobs.results import read_results
from api.server.jobs.runner import get_runner
from api.server.jobs.shipped_files import shipped
from api.server.routes import runs
from simulation.charts.captions import write_caption
from simulation.charts.charts import CHARTS
from simulation.levers.sentences import list_changes
from simulation.replications import REPLICATIONS, SCAN_REPLICATIONS
from workflow.errors import EvaError, InvalidCommand, NotAllowed, NotFound
from workflow.text import Text

router = create_page_router()
DEFAULTS: Form = {
    "scenario": "", "replications": str(REPLICATIONS), "scan_replications": str(SCAN_REPLICATIONS), "seed": "2021",
    "mode": "risk", "title": "", "text": "",
}  # fmt: skip
BOTH = Text(
    "Hebel und ein eigenes Szenario: nur eines von beiden; die Hebel leeren, oder sie im Szenario unter changes nennen",
    "levers and a scenario of your own: only one of the two; clear the levers, or name them under changes in it",
)
Chosen = Annotated[str, Query(max_length=120)]
_described: dict[str, list[dict[str, Any]]] = {}
"""Levers of the shipped scenarios, which do not change while the server runs."""


@router.get("/pages/runs")
async def list_runs(request: Request, who: LoggedIn, scenario: Chosen = "", again: Chosen = "") -> Response:
    """The scenarios by the question they answer, the levers of the one that is chosen, and the forecasts there are.
    `again`: a forecast of a text of somebody's own, which the form then has.
    """
    runs.planner(who.holder)
    form = {**request.query_params, "scenario": scenario}
    if again:
        asked = (await run_in_threadpool(find_run, request, who, again))[0].request
        form |= {"text": asked.text or "", "title": asked.title or ""}
    return await _render_list(who, form, None)


@router.post("/pages/runs")
async def start(request: Request, who: LoggedIn, form: OwnForm) -> Response:
    runs.planner(who.holder)
    command_id = get_command_id(who.holder, form)
    described = await _get_levers(who, form.get("scenario", ""))
    try:
        body = _build_body(form, described, who.language)
        run = await runs.request_run(request, who.holder, command_id, body)
    except EvaError as wrong:
        if not isinstance(wrong, InvalidCommand | TooMany):
            raise
        if isinstance(wrong, UnusableScenario) and not form.get("text", "").strip():
            changes = levers.read_changes(described, form)
            if changes:
                wrong = InvalidCommand(levers.name_fields(wrong.found, form["scenario"], described, changes))
        status = 422 if isinstance(wrong, InvalidCommand) else 429
        return await _render_list(who, form, wrong, status)
    return redirect(f"/pages/runs/{run.id}")


async def _render_list(who: Visitor, form: Mapping[str, str], wrong: EvaError | None, status: int = 200) -> Response:
    described = await _get_levers(who, form.get("scenario", ""))

    def render() -> Response:
        runner = get_runner(who.request)
        found = runs.known(runner, who.holder)[:50]
        return render_page(
            who, "runs.html.j2", status, here_is="runs", form={**DEFAULTS, **form},
            wrong=_fault_lines(wrong, who.language),
            questions=levers.list_questions(who.language), most=MOST_REPLICATIONS, machine=MACHINE, modes=list(Mode),
            rows=[{"run": run, "progress": runs.state_of(runner, run)} for run in found],
            finished=[run for run in found if run.state == "finished" and run.request.question is None],
            groups=levers.build_groups(described, form, who.language, _faults_of_fields(wrong, who.language)),
        )  # fmt: skip

    return await run_in_threadpool(render)


async def _get_levers(who: Visitor, name: str) -> list[dict[str, Any]]:
    """The levers of a shipped scenario, read once by a process of its own; none of any other name."""
    one = shipped().get(name)
    if one is None or one.kind != "rollout":
        return []
    if name not in _described:
        _described[name] = await get_work(who.request).scenarios.run(who.request, who.holder, levers.describe, name)
    return _described[name]


def _faults_of_fields(wrong: EvaError | None, language: str) -> dict[str, str]:
    texts = wrong.texts if isinstance(wrong, InvalidCommand) else ()
    return {pointer.lstrip("/"): text.get(language) for pointer, text in texts}


def _fault_lines(wrong: EvaError | None, language: str) -> Sequence[str]:
    if isinstance(wrong, UnusableScenario):
        return [fault.tell(language) for fault in wrong.found]
    if isinstance(wrong, InvalidCommand):
        texts = [(pointer.lstrip("/"), text.get(language)) for pointer, text in wrong.texts]
        return [f"{pointer}: {text}" if pointer else text for pointer, text in texts]
    return [] if wrong is None else [wrong.text.get(language)]


def _build_body(form: Form, described: Sequence[dict[str, Any]], language: str) -> dict[str, object]:
    """The form as the body of `POST /runs`: a text where levers differ from the plan, else the name of a scenario."""
    body: dict[str, object] = {"mode": form.get("mode", "")}
    for name in ("replications", "scan_replications", "seed"):
        count = read_count(form, name)
        if count != "" or name != "scan_replications":
            body[name] = count
    changes = levers.read_changes(described, form)
    scenario, title = form.get("scenario", ""), form.get("title", "").strip()
    if form.get("text", "").strip():
        if changes:
            raise InvalidCommand([("", BOTH)])
        body["text"] = form["text"]
    elif changes:
        title = title or levers.write_title(scenario, described, changes, language)
        body["text"] = levers.write_scenario(scenario, title, changes)
    else:
        body["scenario"] = scenario
        title = title or (levers.get_title(scenario, language) if described else "")
    return body | ({"title": title} if title else {})


@router.get("/pages/runs/{id}")
def show_run(request: Request, who: LoggedIn) -> Response:
    run, out = find_shown_run(request, who)
    if run.request.question is not None:
        return render_question(request, who, run, out)
    progress = runs.state_of(get_runner(request), run)
    shown = read_results(out) if run.state == "finished" else None
    from simulation.report.certainty import say_no_bands  # noqa: PLC0415 - what computes is loaded where it is shown

    described = None if run.ended else read_preliminary(get_runner(request).get_folder(run.id))
    return render_page(
        who, "run.html.j2", here_is="runs", run=run, progress=progress, machine=MACHINE, results=shown, tables=BY_NAME,
        changes=list_changes(shown.summary, who.language) if shown else [],
        no_bands=say_no_bands(shown.summary) if shown else None,
        captions={one.name: write_caption(one, shown.summary).get(who.language) for one in CHARTS} if shown else {},
        drawn=described["runs"] if described else 0,
        again=levers.write_link(run.request.scenario, run.request.text) or f"/pages/runs?again={run.id}",
        asked=list_about(request, who, run),
    )  # fmt: skip


@router.post("/pages/runs/{id}/cancel")
async def cancel(request: Request, who: LoggedIn, _form: OwnForm) -> Response:
    run, _ = await run_in_threadpool(find_shown_run, request, who)
    await runs.cancel_run(request, who.holder, run, None)
    return redirect(f"/pages/runs/{run.id}")


@router.get("/pages/runs/{id}/progress")
async def watch(request: Request, who: LoggedIn) -> Response:
    """Server-sent events for the page, by the cookie."""
    run, _ = await run_in_threadpool(find_shown_run, request, who)
    return open_stream(request, who.holder, runs.watch_changes(request, run), lambda: check_logged_in(request))


def find_shown_run(request: Request, who: Visitor) -> tuple[Run, Path]:
    """The run of a path and its folder; raises `Forbidden`, `NotFound`."""
    return find_run(request, who, request.path_params["id"])


def find_finished_run(request: Request, who: Visitor) -> tuple[Run, Path]:
    """The same of one that has tables of a forecast; raises `NotFound`, and `NotAllowed` where it has none yet."""
    run, out = find_shown_run(request, who)
    if run.request.question is not None:
        raise NotFound("forecast", run.id)
    if run.state != "finished":
        en, de = f"the run is {run.state} and has no tables", f"Die Prognose ist {MACHINE.states[run.state]}"
        raise NotAllowed(MACHINE.name, run.state, "read", [], en, de)
    return run, out


def find_run(request: Request, who: Visitor, key: str) -> tuple[Run, Path]:
    runs.planner(who.holder)
    _, run = runs.find(who.services, who.holder, key)
    return run, get_runner(request).get_folder(run.id) / "out"
