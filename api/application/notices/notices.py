"""What is new for a person: what came to them, what fell overdue, what was taken from them before they had acted, what
is held up, what goes on.

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
from workflow.views.queries import Views, Wanted
from workflow.views.tables import NEVER

MOST_TAKEN = 200
"""Slips looked at that were taken from somebody."""
SHOWN = 50
"""The newest, in a list."""
LOOKED_BACK = timedelta(days=30)
"""How long it is told that a slip was taken."""


class Reason(StrEnum):
    ARRIVED = "arrived"
    OVERDUE = "overdue"
    TAKEN = "taken"
    SKIPPED = "skipped"
    PAUSED = "paused"
    RESUMED = "resumed"


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
        return arrived + sum(1 for _ in self._list_taken(actor, seen, seen))

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
        found = [*told.values(), *self._list_taken(actor, "", seen)]
        return sorted(found, key=lambda notice: (notice.new, notice.at), reverse=True)[:SHOWN]

    def _list_taken(self, actor: Actor, after: str, seen: str) -> Iterator[Notice]:
        since = stamp(self._engine.clock() - LOOKED_BACK)
        for row in self._views.list_taken(actor.user, max(since, after), MOST_TAKEN):
            entry = self._visibility.get_entry(row["stream"])
            if entry is not None and self._visibility.show(row["stream"], entry.state, actor) is not None:
                yield _describe_taken(row, seen)


def _describe_taken(row: Mapping[str, Any], seen: str) -> Notice:
    return Notice(
        Reason(row["taken_how"]), row["stream"], "", row["state"], row["title"], row["taken_by"], row["taken"], NEVER,
        PROTECTION[row["protection"]], row["taken"] > seen,
    )  # fmt: skip


def _describe(row: Mapping[str, Any], seen: str, today: date) -> Notice:
    """What waits: as overdue from the day behind its deadline on, before as what came."""
    overdue = row["deadline"] < today.isoformat()
    at, came = row["since"], Reason.RESUMED if row["resumed"] else Reason.ARRIVED
    if overdue:
        at = max(at, stamp(start_of(date.fromisoformat(row["deadline"]) + timedelta(days=1))))
    return Notice(
        Reason.OVERDUE if overdue else came, row["stream"], row["item"], row["what"], row["title"],
        row["sender"], at, row["deadline"], PROTECTION[row["protection"]], at > seen,
    )  # fmt: skip


def _day_of(time: str) -> str:
    """The day in Berlin; empty for none."""
    return local_day(datetime.fromisoformat(time)).isoformat() if time else ""
