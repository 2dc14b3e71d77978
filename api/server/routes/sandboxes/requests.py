"""The recorded requests of a sandbox, for its owner: `eva replay record` makes a replay file of them."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.server.dependencies.caller import Caller
from api.server.dependencies.work import get_work
from api.server.http.describe import describe_operation
from api.server.http.request import json_response
from api.server.http.router import Router
from api.server.routes.sandboxes.sandboxes import ID, OwnSandbox
from api.server.sandboxes.sandbox import Sandbox
from workflow.organisation.staff.member import StaffMember

router = Router()


class RequestRecorder(TypedDict):
    """What was asked for in a sandbox, and by whom it could be."""

    start: datetime
    title: str
    people: list[dict[str, Any]]
    requests: list[dict[str, Any]]


@router.get(
    "/sandboxes/{id}/requests",
    response_model=RequestRecorder,
    **describe_operation(
        "list_request", tag="sandboxes", parameters=[ID],
        example={"start": "2021-06-01T06:00:00Z", "title": "Zweite Mitzeichnung", "people": [], "requests": []},
    ),
)  # fmt: skip
async def requests(request: Request, caller: Caller, found: OwnSandbox) -> Response:
    """Every change that was asked for in it, the refused ones too, oldest first; the last 2,000, and 4 MiB."""
    return await get_work(request).sandboxes.run(request, caller, lambda _: _read(found))


def _read(found: Sandbox) -> Response:
    return json_response(describe_recorder(found))


def describe_recorder(found: Sandbox) -> RequestRecorder:
    people, asked = _people(found), found.recorder.read()
    return {"start": found.start, "title": found.title, "people": people, "requests": asked}


def _people(sandbox: Sandbox) -> list[dict[str, Any]]:
    found = []
    for stream in sandbox.engine.log.streams("staff", most=sandbox.bounds.persons):
        member: StaffMember = sandbox.engine.load(stream).state
        deputies = [{"deputy": a.deputy, "since": a.since, "until": a.until} for a in member.deputies]
        found.append({
            "user": member.user, "roles": sorted(member.roles), "authority": member.authority,
            "clearance": member.clearance, "deputies": deputies,
        })  # fmt: skip
    return found
