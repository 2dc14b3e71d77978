"""The cockpit: how many routing slips there are, where and with whom they wait, how old they are, week by week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.access import Actor
from workflow.views.lists import ViewLists
from workflow.views.projection import CLIENTS, OTHER
from workflow.views.rows import COUNTS, SLIPS
from workflow.views.scope import list_scopes, to_parameters
from workflow.views.statements import (
    count_by,
    count_days,
    count_late,
    count_under_way,
    count_waiting,
    list_waiting,
    sum_clients,
    sum_kept,
)


@dataclass(frozen=True)
class Waiting:
    """Routing slips that wait with a person at a kind of station."""

    user: str
    what: str
    count: int
    late: int
    deadline: str
    """The earliest."""


@dataclass(frozen=True)
class Open:
    """Routing slips under way of a unit that began on the same day."""

    authority: str
    """Whose unit it is; empty without one."""
    unit: str
    started: str
    count: int
    late: int


class Week(NamedTuple):
    """`begins`: its Monday, as an ISO date; how many routing slips began in it, and how many were completed."""

    begins: str
    started: int
    completed: int


@dataclass(frozen=True)
class Overview:
    """How routing slips stand, all of one moment but for what comes while it is read."""

    by_state: dict[str, int]
    by_authority: dict[str, int]
    overdue: int
    waiting: list[Waiting]
    """With whom, by kind of station; those with most come first."""
    under_way: list[Open]
    weeks: list[Week]
    """The oldest first."""
    clients: dict[str, int]
    """By which client how many stations were done."""


def find_client_share(clients: Mapping[str, int], client: str) -> float | None:
    """Of the stations done of which it is known by which client; none where it is known of none, or for the others."""
    known = sum(count for name, count in clients.items() if name != OTHER)
    return None if client == OTHER or not known else clients[client] / known


def describe_clients(clients: Mapping[str, int]) -> dict[str, dict[str, int | float | None]]:
    """Count and share of each client."""
    return {name: {"count": count, "share": find_client_share(clients, name)} for name, count in clients.items()}


class CockpitQueries(ViewLists):
    """Sums over the routing slips that an actor may know of."""

    def counts(self, actor: Actor) -> dict[str, int]:
        """How many routing slips that the actor may know of are in each state."""
        self.catch_up()
        persons = self._list_persons(actor)
        return self._add_up(self._count_slips(actor, "state", persons), to_parameters(actor, persons))

    def waiting(self, actor: Actor, today: str) -> dict[str, Any]:
        """Where routing slips wait that the actor may know of: by kind of station, by authority, and how many are
        overdue; `today` as an ISO date.
        """
        self.catch_up()
        persons = self._list_persons(actor)
        asked = to_parameters(actor, persons) | {"before": today}
        scopes = list_scopes(SLIPS, actor, persons)
        return {
            "by_station": self._add_up([count_waiting(scope) for scope in scopes], asked),
            "by_authority": self._add_up(self._count_slips(actor, "authority", persons), asked),
            "overdue": self._add_up([count_late(scope) for scope in scopes], asked)["overdue"],
        }

    def clients(self, actor: Actor) -> dict[str, int]:
        """By which client how many stations were done, of the routing slips that the actor may know of."""
        self.catch_up()
        persons = self._list_persons(actor)
        own, *elsewhere = list_scopes(SLIPS, actor, persons)
        sums = [sum_clients(COUNTS, own), *(sum_clients(SLIPS, scope) for scope in elsewhere)]
        rows = self._collect(sums, to_parameters(actor, persons))
        return {client: sum(int(row[place]) for row in rows) for place, client in enumerate(CLIENTS)}

    def overview(self, actor: Actor, today: date, weeks: int = 12) -> Overview:
        """How the routing slips stand that the actor may know of, in the last weeks up to that of `today` too."""
        self.catch_up()
        persons = self._list_persons(actor)
        monday = today - timedelta(days=today.weekday(), weeks=weeks - 1)
        asked = to_parameters(actor, persons) | {"before": today.isoformat(), "from_day": monday.isoformat()}
        scopes = list_scopes(SLIPS, actor, persons)
        began, done = (
            self._add_up([count_days(column, scope) for scope in scopes], asked) for column in ("started", "ended")
        )
        waiting = [Waiting(*row) for row in self._collect([list_waiting(scope) for scope in scopes], asked)]
        return Overview(
            by_state=self._add_up(self._count_slips(actor, "state", persons), asked),
            by_authority=self._add_up(self._count_slips(actor, "authority", persons), asked),
            overdue=self._add_up([count_late(scope) for scope in scopes], asked)["overdue"],
            waiting=sorted(waiting, key=lambda one: (-one.count, one.user, one.what)),
            under_way=[Open(*row) for row in self._collect([count_under_way(scope) for scope in scopes], asked)],
            weeks=[_sum_week(monday + timedelta(weeks=place), began, done) for place in range(weeks)],
            clients=self.clients(actor),
        )

    def _collect(self, queries: Sequence[sa.Select[Any]], asked: dict[str, Any]) -> list[Any]:
        with self._tables.reading() as connection:
            return [row for query in queries for row in connection.execute(query, asked)]

    def _count_slips(self, actor: Actor, column: str, persons: set[str]) -> list[sa.Select[Any]]:
        """Queries whose sums are the numbers of slips by a column: of the own authority as kept, elsewhere counted."""
        own, *elsewhere = list_scopes(SLIPS, actor, persons)
        return [sum_kept(COUNTS, column, own), *(count_by(SLIPS, column, scope) for scope in elsewhere)]


def _sum_week(monday: date, began: Mapping[str, int], done: Mapping[str, int]) -> Week:
    days = [(monday + timedelta(days=day)).isoformat() for day in range(7)]
    return Week(days[0], sum(began.get(day, 0) for day in days), sum(done.get(day, 0) for day in days))
