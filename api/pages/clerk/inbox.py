"""A person's inbox as a work list: what, from whom, since when, until when; filtered, sorted, grouped."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import describe_row
from api.pages.base.acting import Absent, resolve_deputy
from api.pages.base.labels import STATIONS, label
from api.pages.base.render import create_page_router, render_page
from api.pages.base.visitor import Cursor, LoggedIn, Visitor
from api.server.http.request import FOREIGN, encode_cursor, parse_cursor
from workflow.errors import InvalidCommand
from workflow.organisation.working_days import local_day
from workflow.views.queries import Wanted, order_inbox
from workflow.views.statements import FALLING
from workflow.views.tables import NEVER

router = create_page_router()
ROWS = 50
"""On a page."""
Word = Annotated[str, Query(max_length=100)]
Item = dict[str, Any]
SORTS: Mapping[str, tuple[str, bool]] = {
    "deadline": ("deadline", False), "since": ("since", False), "title": ("title", False),
    "sender": ("sender", False), "protection": ("protection", True),
}  # fmt: skip
"""Name -> column, and whether the highest comes first."""
GROUPS = frozenset({"what", "sender", "due"})


@router.get("/pages/inbox")
def show_inbox(
    who: LoggedIn, absent: Absent = "", cursor: Cursor = "", text: Word = "", what: Word = "", sort: Word = "deadline",
    group: Word = "",
) -> Response:  # fmt: skip
    """What waits for the person, or for the one whose deputy they are; the most urgent first."""
    holder, views = resolve_deputy(who, absent), who.services.views
    sort, group = sort if sort in SORTS else "deadline", group if group in GROUPS else ""
    column, falling = SORTS[sort]
    filters = {"text": text, "what": what}
    wanted = Wanted({name: value for name, value in filters.items() if value.strip()}, column, falling)
    order = [name.removeprefix(FALLING) for name in order_inbox(wanted)]
    rows = views.inbox(holder, ROWS + 1, _parse_place(who, order) if cursor else None, wanted)
    last = tuple(str(rows[ROWS - 1][name]) for name in order) if len(rows) > ROWS else None
    found = [_complete_row(who, row) for row in rows[:ROWS]]
    kinds = views.count_inbox(holder)
    today = local_day(who.services.engine.clock()).isoformat()
    keep = {"for": absent, "text": text, "what": what, "sort": sort, "group": group, "cursor": encode_cursor(last)}
    return render_page(
        who, "inbox.html.j2", here_is="inbox", groups=_group(found, group, today, who), waiting=sum(kinds.values()),
        more=urlencode({name: value for name, value in keep.items() if value}) if last else "", absent=absent,
        today=today, text=text, what=what, sort=sort, group=group, kinds=sorted(kinds),
        absent_ones=[] if absent else views.list_absent(holder),
    )  # fmt: skip


def _parse_place(who: Visitor, order: Sequence[str]) -> tuple[Any, ...] | None:
    """Where the list goes on, with a number where its order is by one."""
    after = parse_cursor(who.request, len(order))
    if after is None or order[0] != "protection":
        return after
    if not after[0].isdecimal() or len(after[0]) > 2:
        raise InvalidCommand([("/cursor", FOREIGN)])
    return (int(after[0]), *after[1:])


def _complete_row(who: Visitor, row: Mapping[str, Any]) -> Item:
    shown = describe_row(row)
    plural = who.services.resources.get_resource(shown["kind"]).plural
    part = f"?item={row['item']}" if row["what"] == "mail" else ""
    return {**shown, "path": f"/pages/things/{plural}/{shown['id']}{part}"}


def _group(rows: Sequence[Item], group: str, today: str, who: Visitor) -> list[tuple[str, list[Item]]]:
    """The rows under their headings, the order of the rows kept in each; one without heading where none are asked."""
    if not group:
        return [("", list(rows))] if rows else []
    named: Mapping[str, Callable[[Item], str]] = {
        "what": lambda row: label(STATIONS, row["what"], who.language),
        "sender": lambda row: row["sender"] or who.say("von selbst", "by itself"),
        "due": lambda row: _name_urgency(row["deadline"], today, who),
    }
    ordered = sorted(rows, key=(lambda row: row["deadline"]) if group == "due" else named[group])
    return [(heading, list(same)) for heading, same in groupby(ordered, key=named[group])]


def _name_urgency(deadline: str, today: str, who: Visitor) -> str:
    if deadline == NEVER:
        return who.say("ohne Frist", "without deadline")
    return who.say("überfällig", "overdue") if deadline < today else who.say("mit Frist", "with a deadline")
