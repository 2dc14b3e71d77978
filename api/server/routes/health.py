"""Up, and able to serve: `/health/live` and `/health/ready`. For everybody, without a token."""

from typing import Literal, NotRequired

from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from typing_extensions import TypedDict

from api.server.background.maintenance import describe_damage
from api.server.dependencies.services import get_services
from api.server.http.router import Router

router = Router(tags=["health"])


class Live(TypedDict):
    """The process runs."""

    status: Literal["up"]


class Ready(TypedDict):
    """Whether requests can be served, and if not, why."""

    status: Literal["ready", "not ready"]
    why: str | None
    warnings: NotRequired[list[str]]
    """What an operator should look at although requests are served: stored files that are changed or missing."""


@router.get("/health/live")
async def live() -> Live:
    """Whether the process runs."""
    return {"status": "up"}


@router.get("/health/ready", responses={503: {"model": Ready, "description": "not able to serve"}})
async def ready(request: Request, response: Response) -> Ready:
    """Whether requests can be served: false when the database is gone, its disk is full, or too many wait."""
    why = await get_services(request).readiness.why_not_now(request.app.state.admission)
    if why is not None:
        response.status_code = 503
        return {"status": "not ready", "why": why}
    damage = await run_in_threadpool(describe_damage, get_services(request).settings.data)
    if damage is None:
        return {"status": "ready", "why": None}
    return {"status": "ready", "why": None, "warnings": [damage]}
