"""The first page: of planners their dashboard, of all others their inbox."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.pages.base.render import create_page_router
from api.pages.base.visitor import LoggedIn
from api.pages.clerk.inbox import show_inbox
from api.pages.planning.runs import list_runs

router = create_page_router()


@router.get("/")
async def show_home(request: Request, who: LoggedIn) -> Response:
    if who.plans:
        return await list_runs(request, who)
    return await run_in_threadpool(show_inbox, who)
