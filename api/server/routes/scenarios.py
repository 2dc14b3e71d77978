"""Scenario files over HTTP: those that come with `eva`, and whether one that is handed in can be used."""

from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.errors import UnusableScenario, describe_fault
from api.server.dependencies.caller import Caller
from api.server.dependencies.work import get_work
from api.server.http.body import read_text
from api.server.http.describe import describe_operation, path_parameter
from api.server.http.negotiate import negotiate
from api.server.http.request import get_language, json_response
from api.server.http.router import Router
from api.server.jobs.checks import check
from api.server.jobs.shipped_files import MOST_BYTES, Shipped, shipped
from api.server.jobs.tables import JSON
from workflow.errors import NotFound

router = Router()
ENTRY = {"name": "nrw-plan-2021", "kind": "rollout", "file": "nrw/plan-2021.yaml"}
CHECKED = {
    "name": "mehr-teams", "kind": "rollout", "title": {"de": "Plan mit mehr Teams", "en": "The plan with more teams"},
    "scenario_hash": "ab" * 32, "authorities": 258, "projects": 45, "cases": None, "steps": None,
    "horizon": {"start": "2017-01-01", "end": "2025-12-31"}, "warnings": [],
}  # fmt: skip

YAML = "application/yaml"
TAKEN = (YAML, "text/yaml", "application/x-yaml", "text/x-yaml", "text/plain")


class _Name(StringConvertor):
    """A name in a path; `check` is none, so that its path has one method only."""

    regex = r"(?!check$)[^/]+"


register_url_convertor("scenario", _Name())


class ScenarioEntry(TypedDict):
    """A scenario file; `file` is how `extends` names it."""

    name: str
    kind: str
    file: str


class ScenarioList(TypedDict):
    """Every scenario file that comes with `eva`."""

    items: list[ScenarioEntry]


class ScenarioRepresentation(ScenarioEntry):
    """A scenario file with its text."""

    text: str


class ScenarioChecked(TypedDict):
    """A scenario that can be used; what its kind does not have is null."""

    name: str | None
    kind: str
    title: dict[str, str]
    scenario_hash: str | None
    authorities: int | None
    projects: int | None
    horizon: dict[str, date] | None
    cases: int | None
    steps: int | None
    warnings: list[dict[str, Any]]


@router.get(
    "/scenarios", response_model=ScenarioList,
    **describe_operation("list_scenario", tag="scenarios", example={"items": [ENTRY]}),
)  # fmt: skip
async def list_all(_: Request, _caller: Caller) -> Response:
    """Every scenario file that comes with `eva`."""
    found = await run_in_threadpool(shipped)
    return json_response({"items": [_entry(one) for one in found.values()]})


@router.get(
    "/scenarios/{name:scenario}",
    response_model=ScenarioRepresentation,
    **describe_operation(
        "show_scenario", tag="scenarios", also=(406,), example={**ENTRY, "text": "kind: rollout\n…"},
        parameters=[path_parameter("name", "Its name in the list.", "nrw-plan-2021")],
        contents={YAML: {"schema": {"type": "string"}}},
    ),
)  # fmt: skip
async def show(request: Request, _caller: Caller) -> Response:
    """One scenario file, as YAML or within JSON."""
    name = request.path_params["name"]
    found = (await run_in_threadpool(shipped)).get(name)
    if found is None:
        raise NotFound("scenario", name[:100])
    text = await run_in_threadpool(found.text)
    if negotiate(request.headers.get("accept"), (JSON, YAML)) == YAML:
        return Response(text, media_type=YAML)
    return json_response({**_entry(found), "text": text})


@router.post(
    "/scenarios/check",
    response_model=ScenarioChecked,
    **describe_operation(
        "check_scenario", tag="scenarios", example=CHECKED,
        body={"required": True, "content": {YAML: {"schema": {"type": "string"},
                                                   "example": "extends: nrw/plan-2021.yaml\nname: mehr-teams\n"}}},
    ),
)  # fmt: skip
async def check_one(request: Request, caller: Caller) -> Response:
    """Whether a scenario in YAML can be used; it may extend a shipped one, `extends: nrw/plan-2021.yaml`."""
    text = await read_text(request, MOST_BYTES, TAKEN)
    checked = await get_work(request).scenarios.run(request, caller, check, text)
    if checked.faults:
        raise UnusableScenario(checked.faults, "")
    language = get_language(request)
    warnings = [describe_fault(fault, "", language) for fault in checked.warnings]
    return json_response({**checked.says, "warnings": warnings}, headers={"content-language": language})


def _entry(one: Shipped) -> dict[str, str]:
    return {"name": one.name, "kind": one.kind, "file": one.file}
