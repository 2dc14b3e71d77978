"""A person's inbox as a work list: what, from whom, since when, until when; filtered, sorted, grouped."""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import build_page
from api.pages.base.acting import Absent, resolve_deputy
from api.pages.base.labels import STATIONS, label
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import Cursor, LoggedIn, Visitor
from api.server.http.request import encode_cursor, parse_cursor
from workflow.engine.access import Protection
from workflow.organisation.working_days import local_day
from workflow.views.tables import NEVER

router = create_page_router()
ROWS = 50
"""On a page; sorting and filtering are of what is on it."""
ARRIVALS = {
    "returned": ("slip.returned", "slip.recalled"), "completed": ("slip.completed",), "mail": ("mail.item_assigned",),
    "resubmission": ("record.resubmission_fell_due",),
}  # fmt: skip
"""What waits -> the events that brought it; a station was activated, or given to somebody else."""
AT_STATION = ("slip.station_activated", "slip.station_delegated")
Word = Annotated[str, Query(max_length=100)]


class Arrival(NamedTuple):
    """When it came, and who sent it; empty where that was the lapse of time."""

    since: str
    sender: str


Item = dict[str, Any]
SORTS: Mapping[str, Callable[[Item], Any]] = {
    "deadline": lambda row: (row["deadline"], row["since"]),
    "since": lambda row: row["since"],
    "title": lambda row: row["title"].casefold(),
    "sender": lambda row: (row["sender"], row["since"]),
    "protection": lambda row: (-Protection(row["protection"]).rank, row["deadline"]),
}
GROUPS = ("", "what", "sender", "due")


@router.get("/pages/inbox")
def show_inbox(
    who: LoggedIn, absent: Absent = "", cursor: Cursor = "", text: Word = "", what: Word = "", sort: Word = "deadline",
    group: Word = "",
) -> Response:  # fmt: skip
    """What waits for the person, or for the one whose deputy they are; the most urgent first."""
    holder = resolve_deputy(who, absent)
    views = who.services.views
    rows = views.inbox(holder, ROWS + 1, parse_cursor(who.request, 3) if cursor else None)
    page = build_page(rows, ROWS, "deadline", "stream", "item")
    found = [_complete_row(who, row) for row in page.rows]
    sort, group = sort if sort in SORTS else "deadline", group if group in GROUPS else ""
    shown = sorted(_select(found, text, what), key=SORTS[sort])
    today = local_day(who.services.engine.clock()).isoformat()
    return render_page(
        who, "inbox.html.j2", here_is="inbox", groups=_group(shown, group, today, who), waiting=len(found),
        more=encode_cursor(page.next), absent=absent, today=today, text=text, what=what, sort=sort, group=group,
        kinds=sorted({row["what"] for row in found}), absent_ones=[] if absent else views.list_absent(holder),
        protected=any(row["protection"] != Protection.NORMAL for row in shown),
    )  # fmt: skip


def _complete_row(who: Visitor, row: Mapping[str, Any]) -> Item:
    plural = who.services.resources.get_resource(row["kind"]).plural
    part = {"mail": f"?item={row['item']}"}.get(row["what"], "")
    arrival = find_arrival(who, f"{row['kind']}:{row['id']}", row["what"], row["item"])
    return {**row, "path": f"/pages/things/{plural}/{row['id']}{part}", **arrival._asdict()}


def find_arrival(who: Visitor, stream: str, what: str, item: str) -> Arrival:
    """Read from the events of the thing, the last that brought it to where it is."""
    wanted = ARRIVALS.get(what, AT_STATION)
    for event in reversed(who.services.engine.log.read(stream)):
        if event.type in wanted and event.payload is not None:
            data = json.loads(event.payload)
            concerns = {data.get(name) for name in ("station", "item", "resubmission")} - {None}
            if not concerns or item in concerns:
                return Arrival(event.time, "" if event.actor == "system" else event.actor)
    return Arrival("", "")


def _select(rows: Sequence[Item], text: str, what: str) -> list[Item]:
    wanted = text.casefold().split()
    return [
        row for row in rows
        if what in {"", row["what"]} and all(word in f"{row['title']} {row['sender']}".casefold() for word in wanted)
    ]  # fmt: skip


def _group(rows: Sequence[Item], group: str, today: str, who: Visitor) -> list[tuple[str, list[Item]]]:
    """The rows under their headings, the order of the rows kept in each; one without heading where none are asked."""
    if not group:
        return [("", list(rows))] if rows else []
    named: Mapping[str, Callable[[Item], str]] = {
        "what": lambda row: label(STATIONS, row["what"], who.language),
        "sender": lambda row: row["sender"] or who.say("von selbst", "by itself"),
        "due": lambda row: _name_urgency(row["deadline"], today, who),
    }
    name = named[group]
    if group == "due":
        return [(heading, list(same)) for heading, same in groupby(sorted(rows, key=SORTS["deadline"]), key=name)]
    return [(heading, list(same)) for heading, same in groupby(sorted(rows, key=name), key=name)]


def _name_urgency(deadline: str, today: str, who: Visitor) -> str:
    if deadline == NEVER:
        return who.say("ohne Frist", "without deadline")
    return who.say("überfällig", "overdue") if deadline < today else who.say("mit Frist", "with a deadline")
