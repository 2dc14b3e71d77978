"""The event feed: what has happened, in the order of the log, as CloudEvents, by page or as a stream.

The log is the only source, so nothing is missed and nothing told twice. A person sees the events of what they may know
of; positions they may not see are passed over.
"""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Query
from pydantic_core import to_json
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.errors import Unauthorised
from api.application.feed.cloud_events import CloudEvent, describe_cloud_event, read_feed
from api.application.tokens import Holder
from api.application.webhooks.selection import Selection
from api.server.dependencies.caller import Caller
from api.server.dependencies.services import Services, get_services
from api.server.dependencies.streams import check_header, open_stream
from api.server.http.errors import BadRequest
from api.server.http.request import list_response
from api.server.http.router import Router
from workflow.engine.store.log import Log
from workflow.errors import Forbidden, InvalidCommand
from workflow.text import Text

router = Router(tags=["events"])
LARGEST = 2**53 - 1
PAUSE = 0.5
"""Seconds after which a stream looks again where other processes append."""


Types = Annotated[
    tuple[str, ...],
    Query(alias="type", max_length=50, description="Only events of these types, such as `slip.station_done`."),
]
Subjects = Annotated[
    tuple[str, ...],
    Query(
        alias="subject",
        max_length=50,
        description="Only events of these subjects, such as `record:6f2d…`, or of these kinds, such as `record`.",
    ),
]
SERVER_SENT = {
    "title": "ServerSentEvent",
    "type": "object",
    "required": ["data"],
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
}
EXAMPLE = 'id: 7\nevent: record.created\ndata: {"specversion":"1.0","id":"7","type":"record.created"}\n\n'


class EventPage(TypedDict):
    """Events, the position to go on after, and the head of the log."""

    items: list[CloudEvent]
    next: int
    head: int


def _page(services: Services, holder: Holder, after: int, limit: int, selection: Selection) -> EventPage:
    check_position(services.engine.log, after)
    found = read_feed(services.engine.log, services.resources.visibility, holder, after, limit, selection)
    head = services.engine.log.head().position
    return {
        "items": [describe_cloud_event(row, holder) for row in found.rows], "next": found.position, "head": head,
    }  # fmt: skip


@router.get("/events", response_model=EventPage)
async def events(
    request: Request,
    holder: Caller,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="Position of the last event seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    types: Types = (),
    subjects: Subjects = (),
) -> Response:
    """Events behind a position, in the order of the log; go on with `after` = `next` until that is `head`."""
    selection = Selection(frozenset(types), frozenset(subjects))
    found = await run_in_threadpool(_page, get_services(request), holder, after, limit, selection)
    return list_response(request, found)


@router.get(
    "/events/stream",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": SERVER_SENT, "example": EXAMPLE}}}},
)
async def stream(
    request: Request,
    holder: Caller,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="Where to begin without a Last-Event-ID.")] = 0,
    last_event_id: Annotated[str | None, Header(description="Position of the last event seen.")] = None,
    types: Types = (),
    subjects: Subjects = (),
) -> EventSourceResponse:
    """Server-sent events: each a CloudEvent with its position as id, from a position on, for as long as one listens."""
    services = get_services(request)
    if last_event_id is not None:
        if not re.fullmatch(r"[0-9]{1,15}", last_event_id):
            raise BadRequest("Last-Event-ID is a position", "Last-Event-ID ist eine Position")
        after = int(last_event_id)
    await run_in_threadpool(check_position, services.engine.log, after)
    selection = Selection(frozenset(types), frozenset(subjects))
    return open_stream(request, holder, _told(request, services, holder, after, selection))


def check_position(log: Log, after: int) -> None:
    """Raise `InvalidCommand` for a position that the log has not reached: who names it has seen another log."""
    head = log.head().position
    if after > head:
        wrong = Text(
            f"{after} liegt hinter dem Ende dieses Protokolls, das ist {head}; wurde es zurückgespielt?",
            f"{after} is beyond the head of this log, which is {head}; was it restored?",
        )
        raise InvalidCommand([("/after", wrong)])


async def _told(
    request: Request, services: Services, holder: Holder, after: int, selection: Selection
) -> AsyncIterator[ServerSentEvent]:
    """Events as they come; ends when the token does, or the time of the deputy."""
    while True:
        try:
            found = await run_in_threadpool(
                read_feed, services.engine.log, services.resources.visibility, holder, after, 200, selection
            )  # fmt: skip
        except Forbidden:
            return
        for row in found.rows:
            data = to_json(describe_cloud_event(row, holder)).decode()
            yield ServerSentEvent(data=data, id=str(row.position), event=row.type)
        if found.position == after:
            await services.append_signal.wait(PAUSE)
            try:
                await check_header(request)
            except Unauthorised:
                return
        after = found.position
