"""What a stream looks like in the views: a pure function from an aggregate's state and marks to rows, by table.

A routing slip's need is here its own; that of its record is added where the rows are kept (`workflow.views.rows`).
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from workflow.engine.access import SYSTEM, Protection
from workflow.engine.events import Event
from workflow.engine.pending import stamp
from workflow.mail_folders.events import ItemAssigned
from workflow.mail_folders.mail_folder import MailFolder
from workflow.organisation.staff.member import StaffMember
from workflow.organisation.working_days import local_day
from workflow.records.events import ResubmissionFellDue
from workflow.records.record import Record
from workflow.routing_slips.events import (
    Completed,
    Kind,
    Recalled,
    Returned,
    Started,
    StationRecalled,
    StationSkipped,
)
from workflow.routing_slips.routing_slip import RoutingSlip, Station
from workflow.views.marks import (
    AT_STATION,
    ENDED,
    GOES_ON,
    HELD_UP,
    NO_MARKS,
    TAKEN_ALL,
    Mark,
    Marks,
    find_first,
    find_last,
)
from workflow.views.tables import NEVER

Row = dict[str, Any]
Rows = dict[str, list[Row]]

RANK = {level: level.rank for level in Protection}
WITH_OWNER: dict[str, tuple[type[Event], ...]] = {"returned": (Returned, Recalled), "completed": (Completed,)}
"""State in which it waits with its owner -> what brought it there."""
OTHER = "other"
CLIENTS = ("outlook", "web", OTHER)
"""By which somebody does a station; other: by neither of the two, or nobody said."""
OVER = frozenset({"completed", "filed", "withdrawn", "cancelled"})
"""States in which a slip circulates no more."""
TAKEN_STATES = frozenset({"returned", "withdrawn", "cancelled"})
"""States in which it lies no more with those who have not acted."""
NOT_TAKEN: Row = {"taken": "", "taken_by": "", "taken_how": ""}
_WORD = re.compile(r"\w[\w.\-/#]*")


def words(text: str) -> set[str]:
    """Words of a text as they are looked for: lower case, numbers with their separators and by their parts."""
    found = set(_WORD.findall(text.casefold()))
    return {part for word in found for part in (word, *re.findall(r"\w+", word)) if part}


def search_words(text: str) -> set[str]:
    """Words that a search asks for, numbers as a whole."""
    return set(_WORD.findall(text.casefold()))


def of_record(stream: str, record: Record, marks: Marks = NO_MARKS) -> Rows:
    protection = RANK[record.protection]
    documents = list(record.documents())
    texts = [text for life in record.lives() for text in (life.number, life.title)]
    texts += [text for document in documents for text in (document.number, document.title)]
    due = [
        _arrive({
            "stream": stream, "item": note.id, "user": note.user, "authority": record.authority, "what": "resubmission",
            "title": note.note or life.title or life.number, "deadline": note.due.isoformat(), "protection": protection,
        }, marks, (ResubmissionFellDue,), note.id)
        for life in record.lives() for note in life.resubmissions.values() if note.fallen_due
    ]  # fmt: skip
    row = {
        "stream": stream, "authority": record.authority, "file_number": record.life.number, "title": record.life.title,
        "state": record.state, "protection": protection, "cases": len(record.cases), "documents": len(documents),
        "offered": record.offered, "unit": record.lead or "",
    }  # fmt: skip
    found = sorted({word[:100] for text in texts for word in words(text)})
    return {
        "view_records": [row],
        "view_words": [{"word": word, "stream": stream} for word in found],
        "view_inbox": due,
    }


def of_slip(stream: str, slip: RoutingSlip, marks: Marks = NO_MARKS) -> Rows:
    stations = list(slip.stations.values())
    active = [s for s in slip.active() if s.kind is not Kind.RESUBMIT]
    shown = active if slip.state in {"circulating", "completed", "filed"} else []
    deadlines = [s.plan.deadline.isoformat() for s in shown if s.plan.deadline and s.holds_up]
    row = {
        "stream": stream, "authority": slip.authority, "title": slip.title, "state": slip.state, "owner": slip.owner,
        "record": slip.record, "protection": RANK[slip.own_protection], "run": slip.run,
        "done": sum(s.terminal for s in stations), "stations": len(stations),
        "waiting_for": ", ".join(sorted({s.actor for s in shown})), "deadline": min(deadlines, default=NEVER),
        "own_protection": RANK[slip.own_protection], "unit": "", "unit_authority": "",
        **_date(slip, marks), **_count_clients(slip),
    }  # fmt: skip
    taken = _list_taken(slip, marks)
    people = [
        {"stream": stream, "user": user, "authority": slip.authority, **taken.get(user, NOT_TAKEN)}
        for user in sorted(slip.people)
    ]
    inbox = [
        _arrive_again(
            _arrive(_waits(stream, slip, s.id, s.actor, s.kind.value, s.plan.deadline), marks, AT_STATION, s.id), marks
        )
        for s in shown
    ]
    if slip.state in WITH_OWNER:
        with_owner = _waits(stream, slip, slip.state, slip.owner, slip.state, None)
        inbox.append(_arrive(with_owner, marks, WITH_OWNER[slip.state]))
    return {"view_slips": [row], "view_inbox": inbox, "view_slip_people": people}


def _list_taken(slip: RoutingSlip, marks: Marks) -> dict[str, Row]:
    """By person other than the owner: when others, or the lapse of time, took it from them before they had acted."""
    found: dict[str, Row] = {}
    for station in slip.ordered():
        mark, user = _find_taken(slip, station, marks), station.actor
        if mark is None or user in {mark.actor, slip.owner} or mark.last < found.get(user, NOT_TAKEN)["taken"]:
            continue
        by = "" if mark.actor == SYSTEM.user else mark.actor
        found[user] = {"taken": mark.last, "taken_by": by, "taken_how": _tell_how(slip, station)}
    return found


def _tell_how(slip: RoutingSlip, station: Station) -> str:
    if station.status == "skipped":
        return "skipped"
    return "paused" if station.status == "active" and slip.state == "paused" else "taken"


def _find_taken(slip: RoutingSlip, station: Station, marks: Marks) -> Mark | None:
    """What took it from a station that had its turn in this run and has not decided."""
    came, began = find_last(marks, AT_STATION, station.id), find_last(marks, (Started,))
    if came is None or began is None or came.last < began.last:
        return None
    if station.status == "active":
        kinds = HELD_UP if slip.state == "paused" else TAKEN_ALL if slip.state in TAKEN_STATES else ()
        return find_last(marks, kinds)
    if station.status == "skipped":
        return find_last(marks, (StationSkipped,), station.id)
    return find_last(marks, (StationRecalled,)) if station.status == "planned" else None


def _date(slip: RoutingSlip, marks: Marks) -> Row:
    """The days on which a slip began to circulate for the first time and on which it ended; empty where it has not."""
    began, ended = find_first(marks, (Started,)), find_first(marks, ENDED) if slip.state in OVER else None
    return {"started": _day_of(began.first) if began else "", "ended": _day_of(ended.first) if ended else ""}


def _count_clients(slip: RoutingSlip) -> Row:
    """By which client stations were done, in every run; what the lapse of time ended nobody did."""
    runs = slip.past if len(slip.past) >= slip.run else (*slip.past, tuple(slip.stations.values()))
    done = [one for stations in runs for one in stations if one.result and one.done_by != SYSTEM.user]
    found = Counter(one.client or OTHER for one in done)
    return {f"done_by_{client}": found[client] for client in CLIENTS}


def _day_of(time: str) -> str:
    return local_day(datetime.fromisoformat(time)).isoformat()


def _waits(stream: str, slip: RoutingSlip, item: str, user: str, what: str, deadline: Any) -> Row:
    return {
        "stream": stream, "item": item, "user": user, "authority": slip.authority, "what": what, "title": slip.title,
        "deadline": deadline.isoformat() if deadline else NEVER, "protection": RANK[slip.own_protection],
    }  # fmt: skip


def _arrive(row: Row, marks: Marks, kinds: Iterable[type[Event]], part: str = "") -> Row:
    """What waits, with since when it does and who sent it; nobody where the lapse of time did."""
    mark = find_last(marks, kinds, part)
    sender = "" if mark is None or mark.actor == SYSTEM.user else mark.actor
    folded = f"{row['title']} {sender}".casefold()
    return {**row, "since": mark.last if mark else "", "sender": sender, "folded": folded, "resumed": False}


def _arrive_again(row: Row, marks: Marks) -> Row:
    """What lay with somebody before it was held up waits for them again since somebody else let it go on."""
    mark = find_last(marks, GOES_ON)
    if mark is None or mark.last <= row["since"] or mark.actor == row["user"]:
        return row
    return {**row, "since": mark.last, "resumed": True}


def of_staff(stream: str, member: StaffMember, _marks: Marks = NO_MARKS) -> Rows:
    appointments = [
        {
            "stream": stream, "appointment": one.id, "user": member.user, "deputy": one.deputy,
            "since": stamp(one.since), "until": stamp(one.until),
        }
        for one in member.deputies
    ]  # fmt: skip
    return {"view_deputies": appointments}


def of_mail(stream: str, folder: MailFolder, marks: Marks = NO_MARKS) -> Rows:
    rows = [
        {
            "stream": stream, "item": item.id, "authority": folder.authority, "unit": folder.unit,
            "title": item.incoming.title, "channel": item.incoming.channel.value, "state": item.state,
            "assigned_to": item.assigned_to, "protection": RANK[folder.protection],
            "need": RANK[item.incoming.protection], "folder": folder.title or "", "sender": item.incoming.sender or "",
        }
        for item in folder.items.values()
    ]  # fmt: skip
    inbox = [
        _arrive({
            "stream": stream, "item": item.id, "user": item.assigned_to, "authority": folder.authority, "what": "mail",
            "title": item.incoming.title, "deadline": NEVER, "protection": RANK[item.incoming.protection],
        }, marks, (ItemAssigned,), item.id)
        for item in folder.items.values() if item.state == "assigned"
    ]  # fmt: skip
    empty = {
        "stream": stream, "category": "mail-folder", "authority": folder.authority, "guest": None,
        "title": folder.title or "", "state": folder.state, "protection": RANK[folder.protection], "detail": "{}",
    }  # fmt: skip
    return {"view_mail": rows, "view_inbox": inbox, "view_list": [] if rows else [empty]}
