"""What is new for the visitor: the list behind the bell, said to be seen by a button, and its number as it changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from pydantic_core import to_json
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.application.notices.notices import Notice
from api.pages.base.notices import count_unseen, get_notices
from api.pages.base.render import create_page_router, redirect, render_page
from api.pages.base.visitor import LoggedIn, OwnForm, Visitor, check_logged_in, find_visitor
from api.server.dependencies.services import get_services
from api.server.dependencies.streams import open_stream
from workflow.engine.pending import stamp
from workflow.engine.store.persons.seen import Way
from workflow.errors import InvalidCommand, StoreUnavailable
from workflow.organisation.working_days import local_day
from workflow.routing_slips.machine import MACHINE
from workflow.text import Text

router = create_page_router()
PAUSE = 20.0
"""Seconds after which the number is looked at where nothing was appended here: others append, and days end."""
BETWEEN = 3.0
"""Seconds from one look to the next at least, however much is appended."""


@router.get("/pages/notices")
def list_notices(who: LoggedIn) -> Response:
    notices = get_notices(who)
    found = notices.list(who.holder, notices.read_seen(who.holder))
    return render_page(
        who, "notices.html.j2", here_is="notices", rows=[(one, _find_path(who, one)) for one in found], machine=MACHINE,
        newest=max((one.at for one in found), default=""), today=local_day(who.services.engine.clock()).isoformat(),
        absent_ones=who.services.views.list_absent(who.holder),
    )  # fmt: skip


def _find_path(who: Visitor, notice: Notice) -> str:
    kind, _, key = notice.stream.partition(":")
    part = f"?item={notice.item}" if notice.what == "mail" else ""
    return f"/pages/things/{who.services.resources.get_resource(kind).plural}/{key}{part}"


@router.post("/pages/notices/seen")
def mark_seen(who: LoggedIn, form: OwnForm) -> Response:
    """All that the list showed is seen; what has come since then is not."""
    try:
        until = stamp(min(datetime.fromisoformat(form.get("until", "")), who.services.engine.clock()))
    except (ValueError, TypeError) as wrong:
        foreign = Text("dieses Formular ist nicht von hier", "this form is not from here")
        raise InvalidCommand([("", foreign)]) from wrong
    who.services.engine.seen.keep(who.holder.user, Way.PAGES, until)
    return redirect("/pages/notices")


@router.get("/pages/notices/stream")
async def watch(request: Request, who: LoggedIn) -> EventSourceResponse:
    """Server-sent events with the number of what is new, at once and whenever it changes."""
    line = request.app.state.page_streams
    return open_stream(request, who.holder, _tell_changes(request), lambda: check_logged_in(request), line)


async def _tell_changes(request: Request) -> AsyncIterator[ServerSentEvent]:
    """For as long as the visitor is logged in, each time by what they may know then."""
    append_signal, told = get_services(request).append_signal, None
    while (who := await run_in_threadpool(find_visitor, request)) is not None:
        try:
            count = await run_in_threadpool(count_unseen, who)
        except StoreUnavailable:
            return  # the browser comes again
        if count != told:
            yield ServerSentEvent(to_json({"count": count}).decode(), event="count")
        told = count
        await append_signal.wait(PAUSE)
        await asyncio.sleep(BETWEEN)
