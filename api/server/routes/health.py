"""Up, and able to serve: `/health/live` and `/health/ready`. For everybody, without a token."""

from typing import Literal

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from typing_extensions import TypedDict

from api.server.dependencies.services import get_services

router = APIRouter(tags=["health"])


class Live(TypedDict):
    """The process runs."""

    status: Literal["up"]


class Ready(TypedDict):
    """Whether requests can be served, and if not, why."""

    status: Literal["ready", "not ready"]
    why: str | None


@router.get("/health/live")
async def live() -> Live:
    """Whether the process runs."""
    return {"status": "up"}


@router.get("/health/ready", responses={503: {"model": Ready, "description": "not able to serve"}})
async def ready(request: Request, response: Response) -> Ready:
    """Whether the database can be written to: false when it is gone or its disk is full."""
    why = await run_in_threadpool(get_services(request).readiness.why_not)
    if why is not None:
        response.status_code = 503
        return {"status": "not ready", "why": why}
    return {"status": "ready", "why": None}
