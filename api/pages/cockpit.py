"""Overviews: all routing slips by state, with whom they wait, which are overdue; which requirement is met by what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import build_page
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import Cursor, LoggedIn
from api.server.http.request import encode_cursor, parse_cursor
from scanning.batches.sheet_count import count_sheets, find_mismatches, read_batches, sum_by_centre_and_day
from scanning.requirements.fulfilment import list_measures
from scanning.requirements.terms import Ruleset
from workflow.engine.access import Protection
from workflow.mail_folders.channels import CHANNELS
from workflow.organisation.working_days import local_day
from workflow.routing_slips.machine import MACHINE
from workflow.views.queries import Waiting, Wanted
from workflow.views.tables import NEVER

router = create_page_router()
ROWS = 50
BUSIEST = 15
"""People with most waiting that are shown."""
Chosen = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class Load:
    """What waits with a person or at a kind of station."""

    name: str
    count: int
    late: int
    deadline: str
    """The earliest."""


@router.get("/pages/cockpit")
def show_cockpit(
    who: LoggedIn,
    state: Annotated[str, Query(max_length=40)] = "",
    late: bool = False,
    person: Annotated[str, Query(max_length=120)] = "",
    station: Annotated[str, Query(max_length=40)] = "",
    cursor: Cursor = "",
) -> Response:
    today = local_day(who.services.engine.clock()).isoformat()
    after = parse_cursor(who.request, 2) if cursor else None
    views, holder = who.services.views, who.holder
    chosen = {"state": state if state in MACHINE.states else "", "with_person": person, "at_station": station,
              "before": today if late else ""}  # fmt: skip
    rows = views.slips(holder, Wanted({name: value for name, value in chosen.items() if value}), ROWS + 1, after)
    page = build_page(rows, ROWS, "deadline", "stream")
    counts, waiting = views.counts(holder), views.bottlenecks(holder, today)
    return render_page(
        who, "cockpit.html.j2", here_is="cockpit", rows=page.rows, more=encode_cursor(page.next),
        machine=MACHINE, counts={name: counts[name] for name in MACHINE.states if name in counts},
        total=sum(counts.values()), **views.waiting(holder, today), today=today, chosen=state, late=late,
        person=person, station=station, people=sum_by(waiting, "user")[:BUSIEST], stations=sum_by(waiting, "what"),
        view={"state": state, "person": person, "station": station, "late": "true" if late else ""},
    )  # fmt: skip


def sum_by(waiting: Iterable[Waiting], name: str) -> list[Load]:
    """What waits by person or by kind of station, the most first."""
    found: dict[str, Load] = {}
    for one in waiting:
        key = str(getattr(one, name))
        before = found.get(key, Load(key, 0, 0, NEVER))
        earliest = min(before.deadline, one.deadline)
        found[key] = Load(key, before.count + one.count, before.late + one.late, earliest)
    return sorted(found.values(), key=lambda one: (-one.count, one.name))


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
