"""Runs over HTTP: forecasts as jobs, asked for, watched, read and cancelled by planners."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.application.errors import TooMany, UnusableScenario
from api.application.resources.representation import Fields
from api.application.resources.resource import UUID
from api.application.run import ASKING, CATEGORY, MACHINE, PLANNERS, CancelRun, RequestRun, Run, stream
from api.application.run_events import Other
from api.application.service import Answer, PreparedCommand
from api.application.tokens import Holder
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.streams import open_stream
from api.server.dependencies.work import get_work
from api.server.http.body import read_body
from api.server.http.describe import describe_operation, json_body, location, path_parameter
from api.server.http.negotiate import negotiate
from api.server.http.request import change_response, format_etag, json_response, locate, read_command_id
from api.server.http.router import Router
from api.server.jobs import tables
from api.server.jobs.checks import check_scenario
from api.server.jobs.process import read_progress
from api.server.jobs.questions import complete
from api.server.jobs.runner import Runner, get_runner
from api.server.jobs.shipped_files import shipped
from api.server.routes.run_representation import (
    BODY_EXAMPLE,
    EXAMPLE,
    ID,
    PROGRESS,
    RESOURCE,
    RunChanged,
    RunList,
    RunNow,
    RunRepresentation,
)
from workflow.engine.access import Actor
from workflow.engine.commands import parse
from workflow.errors import Forbidden, InvalidCommand, NotAllowed, NotFound
from workflow.text import Text

router = Router()
PATH = path_parameter("id", "Id of the run.", ID)
TABLE = path_parameter("table", "A table, `summary` or `report.html`.", "users", enum=list(tables.NAMES))
CHANGED: dict[str, Any] = {**EXAMPLE, "version": 1, "events": []}
TEXT = {"schema": {"type": "string"}}

LARGEST = 500_000
SECONDS_BETWEEN_LOOKS = 0.5
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src {}; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-scripts allow-modals"
)
"""The report is a page of its own, apart from every cookie; only its own script runs."""


def planner(actor: Actor) -> None:
    """Raise `Forbidden` for those whom runs are not for, whether or not there is any."""
    if not actor.roles & PLANNERS:
        raise Forbidden(ASKING.en, ASKING.de)


@router.post(
    "/runs",
    response_model=RunChanged,
    **describe_operation(
        "create_run", tag="runs", status=202, example=CHANGED, key=True, headers=location("the run"),
        body=json_body(RequestRun, BODY_EXAMPLE),
    ),
)  # fmt: skip
async def create(request: Request, caller: Caller) -> Response:
    """Ask for a forecast; it waits for a worker process."""
    planner(caller)
    key = read_command_id(request, caller.user)
    result = await request_run(request, caller, key, await read_body(request, LARGEST) or b"{}")
    return change_response(result, 202, locate(request, "runs", result.id))


async def request_run(request: Request, caller: Holder, key: str, body: bytes | dict[str, object]) -> Answer:
    """Check what is asked for and put it into the queue; raises what `workflow.errors` lists, and `TooMany`."""
    services, runner = get_services(request), get_runner(request)
    command = complete(parse(RequestRun, body))
    await run_in_threadpool(_check_origin, services, caller, command)
    await _check_scenario(request, caller, command, "")
    for number, other in enumerate(command.question.others if command.question else ()):
        await _check_scenario(request, caller, other, f"/question/others/{number}")
    try:
        await run_in_threadpool(runner.admit, caller.user)
    except TooMany:
        if not await run_in_threadpool(services.engine.log.read_command, key):  # else it has its place already
            raise
    prepared = PreparedCommand(RESOURCE, command, caller, CATEGORY, None, key)
    done = await services.resources.execute_soon(prepared)
    runner.wake()
    return await run_in_threadpool(services.resources.answer, prepared, done)


def _check_origin(services: Services, caller: Holder, command: RequestRun) -> None:
    """Raise `InvalidCommand` unless the forecasts that a question comes from are known to the caller, and of the
    scenarios that it is about, in the same order.
    """
    question = command.question
    if question is None:
        return
    subjects: list[RequestRun | Other] = [command, *question.others]
    for number, key in enumerate(question.runs):
        try:
            asked = find(services, caller, key)[1].request
        except NotFound as none:
            says = Text("eine solche Prognose gibt es nicht", "there is no such forecast")
            raise InvalidCommand([(f"/question/runs/{number}", says)]) from none
        about = subjects[number] if number < len(subjects) else None
        if about is None or (asked.scenario, asked.text) != (about.scenario, about.text):
            says = Text("die Prognose ist die eines anderen Szenarios", "the forecast is one of another scenario")
            raise InvalidCommand([(f"/question/runs/{number}", says)])


async def _check_scenario(request: Request, caller: Holder, asked: RequestRun | Other, where: str) -> None:
    """Raise `InvalidCommand` for a name that is none, `UnusableScenario` for a text that is no scenario."""
    if asked.scenario is not None and asked.scenario not in _rollouts():
        known = ", ".join(_rollouts())
        says = Text(f"ein solches Szenario gibt es nicht; bekannt sind {known}", f"no such scenario; known are {known}")
        raise InvalidCommand([(f"{where}/scenario", says)])
    if asked.text is not None:
        checked = await get_work(request).scenarios.run(request, caller, check_scenario, asked.text)
        if checked.faults:
            raise UnusableScenario(checked.faults, f"{where}/text")


def _rollouts() -> list[str]:
    return [name for name, one in shipped().items() if one.kind == "rollout"]


@router.get("/runs", response_model=RunList, **describe_operation("list_run", tag="runs", example={"items": [EXAMPLE]}))
async def list_all(request: Request, caller: Caller) -> Response:
    """Those that the caller may know of, the newest first, at most 200."""
    planner(caller)
    found = await run_in_threadpool(known, get_runner(request), caller)
    return json_response(
        {"items": [{"kind": CATEGORY, "id": run.id, **RunRepresentation.read(run)} for run in found[:200]]}
    )


def known(runner: Runner, actor: Actor) -> list[Run]:
    found = [run for run in runner.refresh().values() if run.known_to(actor)]
    return sorted(found, key=lambda run: (run.request.at, run.id), reverse=True)


@router.get(
    "/runs/{id}",
    response_model=RunNow,
    **describe_operation(
        "show_run", tag="runs", parameters=[PATH], example={**EXAMPLE, "version": 1, "progress": PROGRESS}
    ),
)
async def show(request: Request, caller: Caller) -> Response:
    """One run, with how far it is."""
    planner(caller)
    version, run = await run_in_threadpool(find, get_services(request), caller, request.path_params["id"])
    fields = {"kind": CATEGORY, "id": run.id, "version": version, **RunRepresentation.read(run)}
    result = await run_in_threadpool(state_of, get_runner(request), run)
    return json_response({**fields, "progress": result}, headers={"etag": format_etag(version)})


def find(services: Services, actor: Actor, key: str) -> tuple[int, Run]:
    """Version and run; `NotFound` also where the person may not know of it."""
    if not UUID.fullmatch(key):
        raise NotFound(CATEGORY, key[:64])
    entry = services.engine.load(stream(key))
    if not entry.state.known_to(actor):
        raise NotFound(CATEGORY, key)
    return entry.version, entry.state


def state_of(runner: Runner, run: Run) -> Fields:
    """How far a run is: state, replications done and in all, seconds left, and its place in the queue."""
    result = read_progress(runner.get_folder(run.id)) if run.state in {"running", "finished"} else None
    found: Fields = {
        "state": run.state, "done": 0, "total": run.request.replications, "items": 0, "seconds": None, "left": None,
        "ahead": None, **(result or {}),
    }  # fmt: skip
    if run.state == "queued":
        first = [one for one in runner.refresh().values() if one.state == "queued" and one.request.at < run.request.at]
        found["ahead"] = len(first)
    return found


@router.delete(
    "/runs/{id}",
    response_model=RunChanged,
    **describe_operation(
        "cancel_run", tag="runs", parameters=[PATH], example={**CHANGED, "state": "cancelled", "version": 2}
    ),
)
async def cancel(request: Request, caller: Caller) -> Response:
    """Nobody wants it any more: its processes are ended. The key is not asked for: to cancel twice is to cancel."""
    planner(caller)
    services, key = get_services(request), request.path_params["id"]
    _, run = await run_in_threadpool(find, services, caller, key)
    sent = read_command_id(request, caller.user) if "idempotency-key" in request.headers else None
    return change_response(await cancel_run(request, caller, run, sent))


async def cancel_run(request: Request, actor: Actor, run: Run, key: str | None) -> Answer:
    """End a run; `NotAllowed` where it has ended."""
    prepared = PreparedCommand(RESOURCE, CancelRun(), actor, stream(run.id), None, key)
    result = await run_in_threadpool(get_services(request).resources.execute, prepared)
    get_runner(request).wake()
    return result


@router.get(
    "/runs/{id}/progress",
    response_class=EventSourceResponse,
    **describe_operation(
        "watch_run", tag="runs", parameters=[PATH],
        contents={"text/event-stream": {**TEXT, "example": "id: 1\nevent: progress\ndata: {…}\n\n"}},
    ),
)  # fmt: skip
async def watch(request: Request, caller: Caller) -> Response:
    """Server-sent events: `progress` whenever something changes, `end` at the end."""
    planner(caller)
    _, run = await run_in_threadpool(find, get_services(request), caller, request.path_params["id"])
    return open_stream(request, caller, watch_changes(request, run))


async def watch_changes(request: Request, run: Run) -> AsyncIterator[ServerSentEvent]:
    """How far a run is, whenever that changes, until it ends."""
    services, runner, before, number = get_services(request), get_runner(request), None, 0
    while True:
        run = (await run_in_threadpool(services.engine.load, stream(run.id))).state
        result = await run_in_threadpool(state_of, runner, run)
        if result != before:
            before, number = result, number + 1
            name = "end" if run.ended else "progress"
            yield ServerSentEvent(bytes(json_response(result).body).decode(), event=name, id=str(number))
        if run.ended:
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


@router.get(
    "/runs/{id}/{table}",
    response_model=dict[str, Any],
    **describe_operation(
        "show_run_table", tag="runs", parameters=[PATH, TABLE], also=(406, 409),
        example={"items": [{"date": "2024-12-31", "product": "e_akte", "plan": 75000, "p50": 57312.0}]},
        contents={tables.CSV: TEXT, tables.HTML: TEXT},
    ),
)  # fmt: skip
async def table(request: Request, caller: Caller) -> Response:
    """A table of a finished run as JSON or CSV, its summary, or its report."""
    planner(caller)
    name = request.path_params["table"]
    if not tables.NAME.fullmatch(name):
        raise NotFound("table", name[:64])
    _, run = await run_in_threadpool(find, get_services(request), caller, request.path_params["id"])
    accept = request.headers.get("accept")
    return await get_work(request).tables.run(request, caller, lambda _: read(get_runner(request), run, name, accept))


def read(runner: Runner, run: Run, name: str, accept: str | None) -> Response:
    """A file of a run in the wanted form; `NotAllowed` before it is finished and after it has been removed."""
    if run.state != "finished":
        allowed = ["cancel"] if not run.ended else []
        en, de = f"the run is {run.state} and has no tables", f"Die Prognose ist {MACHINE.states[run.state]}"
        raise NotAllowed(CATEGORY, run.state, "read", allowed, en, de)
    out = runner.get_folder(run.id) / "out"
    if name not in {tables.REPORT, tables.SUMMARY} and not (out / f"{name}.parquet").is_file():
        raise NotFound("table", name[:64])
    if name == tables.REPORT:
        negotiate(accept, (tables.HTML,))
        text = (out / name).read_text(encoding="utf-8")
        return Response(text, media_type=tables.HTML, headers={"content-security-policy": policy(text)})
    if name == tables.SUMMARY:
        negotiate(accept, (tables.JSON,))
        return FileResponse(out / "summary.json", media_type=tables.JSON)
    if negotiate(accept, (tables.JSON, tables.CSV)) == tables.CSV:
        return FileResponse(out / f"{name}.csv", media_type=tables.CSV, filename=f"{name}.csv")
    return json_response({"items": tables.rows(out, name)})


def policy(page: str) -> str:
    """The content security policy of a report: its scripts by their digests, and nothing from anywhere."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = " ".join(f"'sha256-{b64encode(sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return REPORT_POLICY.format(allowed or "'none'")
