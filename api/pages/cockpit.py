"""Overviews: all routing slips by state, with whom they wait, which are overdue; which requirement is met by what."""

from functools import partial
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import build_page
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import Cursor, LoggedIn
from api.pages.cockpit_figures import (
    BAR,
    FLOOR,
    HEIGHT,
    WIDTH,
    draw_weeks,
    find_age,
    keep_chosen,
    sum_ages,
    sum_by,
    sum_units,
)
from api.server.http.request import encode_cursor, parse_cursor
from scanning.batches.sheet_count import count_sheets, find_mismatches, read_batches, sum_by_centre_and_day
from scanning.requirements.fulfilment import list_measures
from scanning.requirements.terms import Ruleset
from workflow.engine.access import Protection
from workflow.mail_folders.channels import CHANNELS
from workflow.organisation.working_days import local_day
from workflow.routing_slips.machine import MACHINE
from workflow.views.cockpit import find_client_share
from workflow.views.queries import Wanted
from workflow.views.statements import UNDER_WAY

router = create_page_router()
ROWS = 50
BUSIEST = 15
"""People with most waiting that are shown."""
NO_UNIT = "-"
"""Stands in an address for slips without a record, or whose record names no unit."""
Chosen = Annotated[str, Query(max_length=20)]


@router.get("/pages/cockpit")
def show_cockpit(
    who: LoggedIn,
    state: Annotated[str, Query(max_length=40)] = "",
    late: bool = False,
    person: Annotated[str, Query(max_length=120)] = "",
    station: Annotated[str, Query(max_length=40)] = "",
    unit: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[str, Query(max_length=120)] = "",
    age: Annotated[str, Query(max_length=20)] = "",
    cursor: Cursor = "",
) -> Response:
    """How the routing slips stand; each number leads to a list, and what is chosen adds up."""
    day = local_day(who.services.engine.clock())
    today, after = day.isoformat(), parse_cursor(who.request, 2) if cursor else None
    views, holder = who.services.views, who.holder
    state, aged = state if state in MACHINE.states else "", find_age(age)
    view = {"state": state, "person": person, "station": station, "unit": unit, "at": at,
            "age": aged.key if aged else "", "late": "true" if late else ""}  # fmt: skip
    filters = {"state": state, "with_person": person, "at_station": station, "before": today if late else ""}
    wanted: dict[str, str | tuple[str, ...]] = {name: value for name, value in filters.items() if value}
    if unit or aged:
        wanted |= _choose_unit(unit, at) if unit else {}
        wanted |= aged.to_filters(day) if aged else {}
        wanted.setdefault("state", UNDER_WAY)
    with views.caught_up():
        page = build_page(views.slips(holder, Wanted(wanted), ROWS + 1, after), ROWS, "deadline", "stream")
        found = views.overview(holder, day)
        return render_page(
            who, "cockpit.html.j2", here_is="cockpit", rows=page.rows, more=encode_cursor(page.next),
            machine=MACHINE, counts={name: found.by_state[name] for name in MACHINE.states if name in found.by_state},
            total=sum(found.by_state.values()), overdue=found.overdue, by_authority=found.by_authority, today=today,
            view=view, keep=partial(keep_chosen, view), people=sum_by(found.waiting, "user")[:BUSIEST],
            stations=sum_by(found.waiting, "what"), no_unit=NO_UNIT, units=sum_units(found.under_way)[:BUSIEST],
            ages=sum_ages(found.under_way, day), aged=aged, weeks=draw_weeks(found.weeks),
            clients=[(name, count, find_client_share(found.clients, name)) for name, count in found.clients.items()],
            width=len(found.weeks) * WIDTH, height=HEIGHT, floor=FLOOR, bar=BAR,
        )  # fmt: skip


def _choose_unit(unit: str, authority: str) -> dict[str, str]:
    """Filters of a unit; the authority tells apart those of the same name for who sees several."""
    if unit == NO_UNIT:
        return {"no_unit": "true"}
    return {"unit_of": unit} | ({"unit_at": authority} if authority else {})


@router.get("/pages/scanning/counts")
def show_counts(who: LoggedIn) -> Response:
    """Whether sheets add up, by centre and day and by batch, and the digital channels beside paper."""
    batches = [batch for batch in read_batches(who.services.engine) if batch.known_to(who.holder)]
    return render_page(
        who, "counts.html.j2", here_is="scanning", centres=sum_by_centre_and_day(batches),
        batches=[(batch, count_sheets(batch), find_mismatches(batch)) for batch in batches], channels=CHANNELS,
    )  # fmt: skip


@router.get("/pages/scanning/measures")
def show_measures(who: LoggedIn, need: Chosen = "", ruleset: Chosen = "") -> Response:
    """The table; what is chosen and not known shows all."""
    needs, versions = {one.value for one in Protection}, {one.value for one in Ruleset}
    rows = list_measures(Protection(need) if need in needs else None, Ruleset(ruleset) if ruleset in versions else None)
    return render_page(
        who, "measures.html.j2", here_is="scanning", rows=rows, need=need, ruleset=ruleset,
        needs=[one.value for one in Protection], versions=[one.value for one in Ruleset],
    )  # fmt: skip
