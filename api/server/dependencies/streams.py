"""Streams of server-sent events: bounded for all and for each, and not one event more once the token ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.types import Receive, Scope, Send

from api.application.errors import Unauthorised
from api.application.tokens import Holder, Token
from api.server.dependencies.services import get_services
from api.server.dependencies.work import Line
from workflow.organisation.staff.member import stream as staff_stream

SHARE = 8
"""One token has at most the eighth part of the streams."""
SECONDS_BETWEEN_PINGS = 15
Check = Callable[[], Awaitable[None]]
"""Raises `Unauthorised` once the listener may hear no more."""


class StreamResponse(EventSourceResponse):
    """Holds its place in the line of streams until it has ended, however it ends."""

    def __init__(self, events: AsyncIterator[ServerSentEvent], line: Line, caller: str) -> None:
        super().__init__(events, ping=SECONDS_BETWEEN_PINGS)
        self._line = line
        self._caller = caller
        line.enter(caller)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._line.leave(self._caller)


def open_line(most: int) -> Line:
    return Line(most, max(1, most // SHARE))


def open_line_of_pages(most_connections: int) -> Line:
    """That of pages which listen while somebody looks at them: so many that they would leave programs none."""
    return Line(max(1, most_connections // 2), SHARE)


def get_line(request: HTTPConnection) -> Line:
    """The line of all streams, those of sandboxes included."""
    return cast("Line", request.app.state.streams)


def open_stream(
    request: Request, holder: Holder, events: AsyncIterator[ServerSentEvent], check: Check | None = None,
    line: Line | None = None,
) -> StreamResponse:  # fmt: skip
    """A stream of events, each told only while `check` allows; without one, while the token of the header is in force.

    Raises `TooMany` where the caller has their share of streams, `StoreBusy` where too many are open.
    """
    checked = _while_allowed(events, check or (lambda: check_header(request)))
    return StreamResponse(checked, line or get_line(request), holder.name)


async def _while_allowed(events: AsyncIterator[ServerSentEvent], check: Check) -> AsyncIterator[ServerSentEvent]:
    async for event in events:
        try:
            await check()
        except Unauthorised:
            return
        yield event


async def check_header(request: Request) -> None:
    """Raise `Unauthorised` where the token of the header is in force no more: by a quick look, else in a thread."""
    services, main = get_services(request), request.app.state.services
    header = request.headers.get("authorization")
    name = services.authenticator.parse_stream(header)
    known = main.engine.fresh(name) if name is not None else None
    token = known[0].state if known is not None else None
    member = main.engine.fresh(staff_stream(token.user)) if isinstance(token, Token) else None
    if isinstance(token, Token) and member is not None:
        if not token.stands(main.engine.clock(), member[0].state):
            raise Unauthorised
    else:
        await run_in_threadpool(services.authenticator.identify, header, True)
