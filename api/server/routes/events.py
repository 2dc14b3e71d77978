"""The event feed: what has happened, in the order of the log, as CloudEvents, by page or as a stream.

The log is the only source, so nothing is missed and nothing told twice. A person sees the events of what they may know
of; positions they may not see are passed over.
"""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Header, Query
from pydantic_core import to_json
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from api.application.errors import Unauthorised
from api.application.tokens import Holder
from api.application.visibility import Visibility, read_data
from api.server.dependencies.caller import Caller, authenticate
from api.server.dependencies.services import Services, get_services
from api.server.http.errors import BadRequest
from api.server.http.request import json_response
from workflow.engine.access import Actor
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log

router = APIRouter(tags=["events"])
MOST_READ = 2000
"""Events read for one page, most of which the caller may not be allowed to see."""
LARGEST = 2**53 - 1
PAUSE = 0.5
"""Seconds after which a stream looks again where other processes append."""


SERVER_SENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
}
EXAMPLE = 'id: 7\nevent: record.created\ndata: {"specversion":"1.0","id":"7","type":"record.created"}\n\n'


class CloudEvent(TypedDict):
    """An event as CloudEvents 1.0 in JSON; `data` is null where it was erased by law."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    position: int
    streamversion: int
    schemaversion: int
    actor: str
    onbehalfof: str | None
    commandid: str | None
    data: dict[str, Any] | None


class EventPage(TypedDict):
    """Events, the position to go on after, and the head of the log."""

    items: list[CloudEvent]
    next: int
    head: int


class Read(NamedTuple):
    """Rows that may be seen, and up to which position the log was read."""

    rows: list[Recorded]
    position: int


def read(log: Log, visibility: Visibility, actor: Actor, after: int, limit: int) -> Read:
    known: dict[str, bool] = {}
    found: list[Recorded] = []
    position, end = after, after + MOST_READ
    while position < end and len(found) < limit:
        page = list(log.read_all(position, min(max(limit, 100), end - position)))
        if not page:
            break
        for row in page:
            position = row.position
            if row.stream not in known:
                known[row.stream] = visibility.permits_stream(row.stream, actor)
            if known[row.stream]:
                found.append(row)
                if len(found) == limit:
                    break
    return Read(found, position)


def describe_cloud_event(row: Recorded, actor: Actor) -> CloudEvent:
    """A row as a CloudEvent; the command id is its sender's own business."""
    mine = row.actor == actor.user
    return {
        "specversion": "1.0",
        "id": str(row.position),
        "source": "/events",
        "type": row.type,
        "subject": row.stream,
        "time": row.time,
        "datacontenttype": "application/json",
        "position": row.position,
        "streamversion": row.version,
        "schemaversion": row.schema_version,
        "actor": row.actor,
        "onbehalfof": row.on_behalf_of,
        "commandid": row.command_id.rpartition(":")[2] if mine else None,
        "data": read_data(row),
    }


def _page(services: Services, holder: Holder, after: int, limit: int) -> EventPage:
    found = read(services.engine.log, services.resources.visibility, holder, after, limit)
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
) -> Response:
    """Events behind a position, in the order of the log; go on with `after` = `next`."""
    return json_response(await run_in_threadpool(_page, get_services(request), holder, after, limit))


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
) -> EventSourceResponse:
    """Server-sent events: each a CloudEvent with its position as id, from a position on, for as long as one listens."""
    services = get_services(request)
    if last_event_id is not None:
        if not re.fullmatch(r"[0-9]{1,15}", last_event_id):
            raise BadRequest("Last-Event-ID is a position", "Last-Event-ID ist eine Position")
        after = int(last_event_id)
    services.check_streams()
    return EventSourceResponse(_told(request, services, holder, after), ping=15)


async def _told(request: Request, services: Services, holder: Holder, after: int) -> AsyncIterator[ServerSentEvent]:
    """Events as they come; ends when the token does."""
    with services.streams:
        while True:
            found = await run_in_threadpool(
                read, services.engine.log, services.resources.visibility, holder, after, 200
            )  # fmt: skip
            for row in found.rows:
                data = to_json(describe_cloud_event(row, holder)).decode()
                yield ServerSentEvent(data=data, id=str(row.position), event=row.type)
            if found.position == after:
                await services.append_signal.wait(PAUSE)
                try:
                    await authenticate(request, services, fresh=True)
                except Unauthorised:
                    return
            after = found.position
