"""The cockpit: all routing slips by state, with whom they wait, and which are overdue."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import build_page
from api.pages.render import create_page_router, render_page
from api.pages.visitor import Cursor, LoggedIn
from api.server.http.request import encode_cursor, parse_cursor
from workflow.organisation.working_days import local_day
from workflow.routing_slips.machine import MACHINE

router = create_page_router()
ROWS = 50


@router.get("/pages/cockpit")
def show_cockpit(
    who: LoggedIn,
    state: Annotated[str, Query(max_length=40)] = "",
    late: bool = False,
    cursor: Cursor = "",
) -> Response:
    today = local_day(who.services.engine.clock()).isoformat()
    after = parse_cursor(who.request, 2) if cursor else None
    views, holder = who.services.views, who.holder
    if late:
        rows = views.overdue(holder, today, ROWS + 1, after)
    else:
        rows = views.cockpit(holder, state if state in MACHINE.states else None, ROWS + 1, after)
    page = build_page(rows, ROWS, "deadline", "stream")
    counts = views.counts(holder)
    return render_page(
        who, "cockpit.html.j2", here_is="cockpit", rows=page.rows, more=encode_cursor(page.next),
        machine=MACHINE, counts={name: counts[name] for name in MACHINE.states if name in counts},
        total=sum(counts.values()), **views.waiting(holder, today), today=today, chosen=state, late=late,
    )  # fmt: skip
