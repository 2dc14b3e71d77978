"""The cockpit: all routing slips, where they stand, at whom they wait, and which are late."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import describe_row
from api.pages.base import Looking, page, page_router
from api.server.http.request import parse_cursor
from api.server.routes.overview import cursor_after
from workflow.organisation.working_days import local_day
from workflow.routing_slips.machine import MACHINE

router = page_router()
ROWS = 50


@router.get("/pages/cockpit")
def cockpit(
    who: Looking,
    state: Annotated[str, Query(max_length=40)] = "",
    late: bool = False,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """Counts, and the list; of one state, or of those overdue."""
    today = local_day(who.services.engine.clock()).isoformat()
    place = parse_cursor(who.request, 2) if cursor else None
    after = (place[0], place[1]) if place else None
    views, holder = who.services.views, who.holder
    if late:
        rows = views.overdue(holder, today, ROWS + 1, after)
    else:
        rows = views.cockpit(holder, state if state in MACHINE.states else None, ROWS + 1, after)
    more = cursor_after(rows[ROWS - 1], "deadline", "stream") if len(rows) > ROWS else None
    counts = views.counts(holder)
    return page(
        who, "cockpit.html.j2", here_is="cockpit", rows=[describe_row(row) for row in rows[:ROWS]], more=more,
        machine=MACHINE, counts={name: counts[name] for name in MACHINE.states if name in counts},
        total=sum(counts.values()), **views.waiting(holder, today), today=today, chosen=state, late=late,
    )  # fmt: skip
