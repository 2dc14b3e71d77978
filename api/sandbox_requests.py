"""What was asked for in a sandbox, for its owner: the diary that `eva replay record` makes a replay file of."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.caller import Caller
from api.sandbox_timers import own_sandbox
from api.wire import answer

router = APIRouter()


@router.get("/sandboxes/{id}/requests")
async def requests(request: Request, caller: Caller) -> Response:
    """Every change that was asked for in it, the refused ones too, oldest first; the last 2,000."""
    found = own_sandbox(request, caller.user)
    asked = [asdict(one) for one in found.diary.entries]
    return answer({"start": found.start, "title": found.title, "requests": asked})
