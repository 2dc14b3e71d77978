"""What time will do in a sandbox: the timers of one thing, for replays and for whoever wonders what is due."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.annex import annex_of
from api.caller import Caller
from api.sandbox import Sandbox
from api.wire import answer
from workflow.errors import NotFound

router = APIRouter()


@router.get("/sandboxes/{id}/timers")
async def timers(request: Request, caller: Caller) -> Response:
    """`?stream=record:…`: its timers, soonest first, for the sandbox's owner."""
    found = own_sandbox(request, caller.user)
    stream = request.query_params.get("stream", "")
    entry = await run_in_threadpool(found.engine.load, stream)
    rows = sorted((at, name) for name, at in entry.timers.items())
    return answer({"timers": [{"timer": name, "at": at} for at, name in rows]})


def own_sandbox(request: Request, user: str) -> Sandbox:
    """The sandbox of the path, for its owner only."""
    found = annex_of(request).sandboxes.get(request.path_params["id"])
    if found.owner != user:
        raise NotFound("sandbox", found.id)
    return found
