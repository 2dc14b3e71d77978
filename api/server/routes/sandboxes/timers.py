"""What time will do in a sandbox: the timers of one thing, for replays and for whoever wonders what is due."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from typing_extensions import TypedDict

from api.server.http.describe import describe_operation
from api.server.http.request import json_response
from api.server.http.router import Router
from api.server.routes.sandboxes.sandboxes import ID, OwnSandbox
from workflow.errors import NotFound

router = Router()
STREAM = "^[a-z][a-z-]{0,30}:[^\\x00-\\x1f\\x7f]{1,300}$"


class TimerSet(TypedDict):
    """A timer, and when it fires."""

    timer: str
    at: datetime


class TimersOf(TypedDict):
    """Timers of one thing, soonest first."""

    timers: list[TimerSet]


@router.get(
    "/sandboxes/{id}/timers",
    response_model=TimersOf,
    **describe_operation(
        "list_timer", tag="sandboxes", parameters=[ID],
        example={"timers": [{"timer": "registry", "at": "2022-06-02T22:00:00Z"}]},
    ),
)  # fmt: skip
async def timers(
    found: OwnSandbox, stream: Annotated[str, Query(pattern=STREAM, description="such as `record:…`")]
) -> Response:
    """The timers of one thing, for the sandbox's owner; what is not there has none."""
    try:
        entry = await run_in_threadpool(found.engine.load, stream)
    except NotFound:
        return json_response({"timers": []})
    rows = sorted((at, name) for name, at in entry.timers.items())
    return json_response({"timers": [{"timer": name, "at": at} for at, name in rows]})
