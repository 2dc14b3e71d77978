"""A person's inbox as a work list: what, from whom, since when, until when; filtered, sorted, grouped."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.application.resources.records import describe_row
from api.pages.base.acting import Absent, resolve_deputy
from api.pages.base.labels import STATIONS, label
from api.pages.base.render import create_page_router, explain, render_page
from api.pages.base.several import Done, do_with_chosen, list_actions
from api.pages.base.visitor import Cursor, LoggedIn, OwnForm, Visitor
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


ACTIONS: Mapping[str, Sequence[str]] = {
    "routing-slip": ("acknowledge", "delegate"),
    "mail-folder": ("accept", "assign"),
}
"""What may be done with several at once, by kind of thing; who signs reads each."""


class View(NamedTuple):
    """What of the inbox is shown, and in what order."""

    absent: str = ""
    text: str = ""
    what: str = ""
    sort: str = "deadline"
    group: str = ""

    def to_fields(self) -> dict[str, str]:
        """Names and values as in an address, empty ones left out."""
        named = {"for" if name == "absent" else name: value for name, value in self._asdict().items()}
        return {name: value for name, value in named.items() if value}


@router.get("/pages/inbox")
def show_inbox(
    who: LoggedIn, absent: Absent = "", cursor: Cursor = "", text: Word = "", what: Word = "", sort: Word = "deadline",
    group: Word = "",
) -> Response:  # fmt: skip
    """What waits for the person, or for the one whose deputy they are; the most urgent first."""
    with who.services.views.caught_up():
        return _render_inbox(who, View(absent, text, what, sort, group), cursor)


@router.post("/pages/inbox/several")
def do_several(who: LoggedIn, form: OwnForm) -> Response:
    """Do one action with all that are chosen; what became of each stands above what still waits."""
    view = View(*(form.get(f"_{name}", "")[:120] for name in View._fields))
    done, wrong = None, ""
    try:
        done = do_with_chosen(who, form, resolve_deputy(who, view.absent), ACTIONS)
    except InvalidCommand as refused:
        wrong = explain(refused, who.language)
    with who.services.views.caught_up():
        return _render_inbox(who, view, "", done, wrong)


def _render_inbox(who: Visitor, view: View, cursor: str, done: Done | None = None, wrong: str = "") -> Response:
    holder, views = resolve_deputy(who, view.absent), who.services.views
    view = view._replace(
        sort=view.sort if view.sort in SORTS else "deadline", group=view.group if view.group in GROUPS else ""
    )
    column, falling = SORTS[view.sort]
    filters = {"text": view.text, "what": view.what}
    wanted = Wanted({name: value for name, value in filters.items() if value.strip()}, column, falling)
    order = [name.removeprefix(FALLING) for name in order_inbox(wanted)]
    after = _parse_place(who, order) if cursor else None
    rows = views.stamped(lambda: views.inbox(holder, ROWS + 1, after, wanted))
    last = tuple(str(rows[ROWS - 1][name]) for name in order) if len(rows) > ROWS else None
    found = [_complete_row(who, row) for row in rows[:ROWS]]
    kinds, today = views.count_inbox(holder), local_day(who.services.engine.clock()).isoformat()
    there = {row["kind"] for row in found}
    return render_page(
        who, "inbox.html.j2", 422 if wrong else 200, here_is="inbox", view=view, today=today, kinds=sorted(kinds),
        groups=_group(found, view.group, today, who), waiting=sum(kinds.values()), done=done, wrong=wrong,
        more=urlencode({**view.to_fields(), "cursor": encode_cursor(last)}) if last else "",
        actions=list_actions(who, {kind: names for kind, names in ACTIONS.items() if kind in there}),
        absent_ones=[] if view.absent else views.list_absent(holder),
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
