"""What is new for a person: what came to them, what fell overdue, what was taken from them before they had acted.

Nothing is told here that their inbox, or the routing slip itself, would not show them now.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from api.application.resources.records import PROTECTION
from api.application.visibility import Visibility
from workflow.engine.access import Actor, Protection
from workflow.engine.engine import Engine
from workflow.engine.pending import stamp
from workflow.engine.store.persons.seen import Way
from workflow.organisation.working_days import local_day, start_of
from workflow.routing_slips import events
from workflow.routing_slips.routing_slip import RoutingSlip
from workflow.views.queries import Views, Wanted
from workflow.views.tables import NEVER

MOST_TAKEN = 200
"""Slips looked at in which somebody took part and that went back, or ended."""
SHOWN = 50
"""The newest, in a list."""
LOOKED_BACK = timedelta(days=30)
"""How long a slip that was ended under way is told of."""
TAKEN = {events.Returned.TYPE, events.Recalled.TYPE, events.Withdrawn.TYPE, events.Cancelled.TYPE}
"""What ends a routing slip's stay with those who have not acted yet."""
LAST_READ = 50
"""Events of a slip among which the one that took it is looked for: whatever else happens to it then is rare."""


class Reason(StrEnum):
    ARRIVED = "arrived"
    OVERDUE = "overdue"
    TAKEN = "taken"


class Notice(NamedTuple):
    """`at` as the log keeps times; `what` is the kind of station, or how a slip that was taken stands now."""

    reason: Reason
    stream: str
    item: str
    what: str
    title: str
    sender: str
    at: str
    deadline: str
    protection: Protection
    new: bool


class Notices:
    """Asks the views in the name of persons; safe to call from any thread."""

    def __init__(self, engine: Engine, views: Views, visibility: Visibility) -> None:
        self._engine = engine
        self._views = views
        self._visibility = visibility

    def read_seen(self, actor: Actor) -> str:
        """Up to when the person has seen what is new; empty for never."""
        return self._engine.seen.read(actor.user, Way.PAGES)

    def count(self, actor: Actor, seen: str) -> int:
        """How much is new since then."""
        today = local_day(self._engine.clock())
        arrived = self._views.count_new(actor, seen, _day_of(seen), today.isoformat())
        return arrived + sum(notice.new for notice in self._list_taken(actor, seen, today))

    def count_waiting(self, actor: Actor) -> tuple[int, int]:
        """How much is in the inbox, and how much of that is overdue."""
        today = local_day(self._engine.clock()).isoformat()
        return sum(self._views.count_inbox(actor).values()), self._views.count_new(actor, NEVER, "", today)

    def list(self, actor: Actor, seen: str) -> list[Notice]:
        """The newest first, those among them that were seen too."""
        today = local_day(self._engine.clock())
        waiting = [
            *self._views.inbox(actor, SHOWN, wanted=Wanted(order="since", falling=True)),
            *self._views.inbox(actor, SHOWN, wanted=Wanted({"before": today.isoformat()}, "deadline", falling=True)),
        ]
        told = {(row["stream"], row["item"]): _describe(row, seen, today) for row in waiting}
        found = [*told.values(), *self._list_taken(actor, seen, today)]
        return sorted(found, key=lambda notice: (notice.new, notice.at), reverse=True)[:SHOWN]

    def _list_taken(self, actor: Actor, seen: str, today: date) -> Iterator[Notice]:
        for row in self._views.list_taken(actor.user, (today - LOOKED_BACK).isoformat(), MOST_TAKEN):
            notice = self._find_taken(actor, row, seen)
            if notice is not None:
                yield notice

    def _find_taken(self, actor: Actor, row: Mapping[str, Any], seen: str) -> Notice | None:
        """None where nothing was taken from the person: they had acted, have it as its owner, or took it themselves."""
        entry = self._visibility.get_entry(row["stream"])
        slip = entry and self._visibility.show(row["stream"], entry.state, actor)
        if entry is None or not isinstance(slip, RoutingSlip) or slip.owner == actor.user:
            return None
        station = next((one for one in slip.active() if one.actor == actor.user), None)
        if station is None:
            return None
        rows = self._engine.log.read(row["stream"], after=max(0, entry.version - LAST_READ))
        ends = next((event for event in reversed(rows) if event.type in TAKEN), None)
        if ends is None or ends.actor == actor.user:
            return None
        return Notice(
            Reason.TAKEN, row["stream"], station.id, slip.state, row["title"], ends.actor, ends.time, NEVER,
            PROTECTION[row["protection"]], ends.time > seen,
        )  # fmt: skip


def _describe(row: Mapping[str, Any], seen: str, today: date) -> Notice:
    """What waits: as overdue from the day behind its deadline on, before as what came."""
    overdue = row["deadline"] < today.isoformat()
    at = row["since"]
    if overdue:
        at = max(at, stamp(start_of(date.fromisoformat(row["deadline"]) + timedelta(days=1))))
    return Notice(
        Reason.OVERDUE if overdue else Reason.ARRIVED, row["stream"], row["item"], row["what"], row["title"],
        row["sender"], at, row["deadline"], PROTECTION[row["protection"]], at > seen,
    )  # fmt: skip


def _day_of(time: str) -> str:
    """The day in Berlin; empty for none."""
    return local_day(datetime.fromisoformat(time)).isoformat() if time else ""
