"""What a person sees first: the cockpit of all routing slips, their own inbox, who they are."""

from typing import Annotated, Any

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.resources.records import build_page
from api.application.resources.resource import After, Listing
from api.application.resources.routing_slips import RoutingSlipRow, list_slips
from api.application.tokens import Holder
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.http.request import encode_cursor, list_response, parse_cursor, parse_limit
from api.server.http.router import Router
from workflow.engine.access import Protection, Role
from workflow.organisation.working_days import local_day
from workflow.views.cockpit import describe_clients

router = Router(tags=["overview"])
Limit = Annotated[int, Query(ge=1, le=200, description="Rows on a page.")]
COCKPIT, INBOX = "cockpit", "inbox"
"""What cursors are of."""
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before.")]


class ClientUse(TypedDict):
    """How many stations were done by a client."""

    count: int
    share: float | None
    """Of those done by a client that is known; none where that is no station."""


class ClientUses(TypedDict):
    """By which client stations were done; `other`: by neither of the two, or nobody said by which."""

    outlook: ClientUse
    web: ClientUse
    other: ClientUse


class Cockpit(TypedDict):
    """Routing slips by state, what stations they wait at, whose authority they are, and those overdue; by which client
    their stations were done.
    """

    by_state: dict[str, int]
    by_station: dict[str, int]
    by_authority: dict[str, int]
    overdue: int
    by_client: ClientUses
    items: list[RoutingSlipRow]
    next: str | None


class InboxRow(TypedDict):
    """Something that waits for a person."""

    kind: str
    id: str
    item: str
    user: str
    authority: str
    what: str
    title: str
    deadline: str
    protection: Protection
    since: str
    """When it came; empty where the log cannot tell any more."""
    sender: str
    """Who sent it; empty where time did."""
    resumed: bool
    """Whether it lay there before it was paused, and now goes on, since `since`."""


class Inbox(TypedDict):
    """What waits, the most urgent first."""

    items: list[InboxRow]
    next: str | None


class Me(TypedDict):
    """The caller as the token says, and whose deputy they act as."""

    user: str
    roles: list[Role]
    authority: str | None
    clearance: Protection
    on_behalf_of: str | None


@router.get("/cockpit", response_model=Cockpit)
async def cockpit(request: Request, holder: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:  # noqa: ARG001
    """All routing slips of the caller's authority: how many in each state and at each kind of station, which are
    overdue, the most urgent first.
    """
    after, rows = parse_cursor(request, 2, COCKPIT), parse_limit(request)
    services = get_services(request)
    await services.wait_for_views()
    found = await run_in_threadpool(_cockpit, services, holder, rows, after)
    return list_response(request, found, services.view_headers())


def _cockpit(services: Services, holder: Holder, limit: int, after: After | None) -> dict[str, Any]:
    today = local_day(services.engine.clock()).isoformat()
    with services.views.caught_up():
        page = list_slips(services.views, holder, Listing(limit=limit, after=after))
        return {
            "by_state": services.views.counts(holder),
            **services.views.waiting(holder, today),
            "by_client": describe_clients(services.views.clients(holder)),
            "items": page.rows,
            "next": encode_cursor(page.next, COCKPIT),
        }


@router.get("/inbox", response_model=Inbox)
async def inbox(request: Request, holder: Caller, limit: Limit = 50, cursor: Cursor = None) -> Response:  # noqa: ARG001
    """What waits for the caller, or for the absent person whose deputy they are (`On-Behalf-Of`)."""
    after, rows = parse_cursor(request, 3, INBOX), parse_limit(request)
    services = get_services(request)
    await services.wait_for_views()
    found = await run_in_threadpool(_inbox, services, holder, rows, after)
    return list_response(request, found, services.view_headers())


def _inbox(services: Services, holder: Holder, limit: int, after: After | None) -> dict[str, Any]:
    rows = services.views.inbox(holder, limit + 1, after)
    page = build_page(rows, limit, "deadline", "stream", "item")
    return {"items": page.rows, "next": encode_cursor(page.next, INBOX)}


@router.get("/me", summary="Who the token stands for")
async def me(holder: Caller) -> Me:
    """Who the token stands for."""
    return {
        "user": holder.user,
        "roles": sorted(holder.roles),
        "authority": holder.authority,
        "clearance": holder.clearance,
        "on_behalf_of": holder.on_behalf_of,
    }
