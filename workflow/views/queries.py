"""Inbox, cockpit, records, mail: questions answered from tables that follow the log.

Who asks first lets the tables catch up, so that everybody sees what they themselves have done; only where they are far
behind, as after a restore, they are shown as they stand.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.access import Actor
from workflow.engine.pending import stamp
from workflow.views.following import ViewTables
from workflow.views.projection import Row, search_words
from workflow.views.rows import COUNTS, INBOX, RECORDS, SLIPS, TABLES
from workflow.views.scope import (
    DEPUTISED,
    ELSEWHERE,
    NOTHING_ELSEWHERE,
    Condition,
    Scope,
    list_scopes,
    to_parameters,
)
from workflow.views.stamps import read_stamps
from workflow.views.statements import (
    FILTERS,
    MANY,
    count_by,
    count_late,
    count_waiting,
    list_waiting,
    select_page,
    sum_kept,
    to_parameter,
)

COMMON = 1000
"""A word in so many places leads nowhere in particular."""
After = tuple[str, ...]
Filters = Mapping[str, str | Sequence[str]]
"""By name, as in `workflow.views.statements`: a value, or several."""


class Wanted(NamedTuple):
    """What is asked of a list besides its page: values by column, and in what order."""

    filters: Filters = MappingProxyType({})
    order: str | None = None
    """A column; None for the list's own order."""
    falling: bool = False


EVERYTHING = Wanted()


@dataclass(frozen=True)
class Waiting:
    """Routing slips that wait with a person at a kind of station."""

    user: str
    what: str
    count: int
    late: int
    deadline: str
    """The earliest."""


class Views(ViewTables):
    """Answers in the name of persons; safe to call from any thread."""

    def inbox(self, actor: Actor, limit: int = 50, after: After | None = None) -> list[Row]:
        """What waits for a person, or for the one they act for, the most urgent first; `after` is (deadline, stream,
        item) of the last seen.
        """
        filters = {"user": actor.acts_as} | ({} if actor.authority is None else {"reader": actor.authority})
        self.catch_up()
        return self._page(
            INBOX, [Scope.ALL], to_parameters(actor), filters, ("deadline", "stream", "item"), after, limit
        )

    def cockpit(self, actor: Actor, state: str | None = None, limit: int = 50, after: After | None = None) -> list[Row]:
        """Routing slips that the actor may know of, the most urgent first; `after` is (deadline, stream)."""
        return self.slips(actor, Wanted({} if state is None else {"state": state}), limit, after)

    def slips(
        self, actor: Actor, wanted: Wanted = EVERYTHING, limit: int = 50, after: After | None = None
    ) -> list[Row]:
        """Routing slips that the actor may know of; `after` is (what the list is ordered by, stream)."""
        return self._page_of_slips(wanted, actor, limit, after)

    def overdue(self, actor: Actor, today: str, limit: int = 50, after: After | None = None) -> list[Row]:
        """Routing slips whose next deadline has passed; `today` as an ISO date."""
        return self._page_of_slips(Wanted({"before": today}), actor, limit, after)

    def stamped(self, ask: Callable[[], list[Row]]) -> list[Row]:
        """Rows with version and times of their streams: never newer than what the row shows, so that a change that
        names the version is refused where somebody else was quicker.
        """
        self.catch_up()
        position = self._tables.position()
        rows = ask()
        with self._tables.reading() as connection:
            stamps = read_stamps(connection, [row["stream"] for row in rows], position)
        return [{**row, **stamps[row["stream"]]._asdict()} for row in rows]

    def _page_of_slips(self, wanted: Wanted, actor: Actor, limit: int, after: After | None) -> list[Row]:
        self.catch_up()
        persons = self._list_persons(actor)
        scopes, asked = list_scopes(SLIPS, actor, persons), to_parameters(actor, persons)
        return self._page(
            SLIPS, scopes, asked, wanted.filters, (wanted.order or "deadline", "stream"), after, limit,
            falling=wanted.falling,
        )  # fmt: skip

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

    def bottlenecks(self, actor: Actor, today: str) -> list[Waiting]:
        """With whom routing slips wait that the actor may know of, by kind of station; those with most come first."""
        self.catch_up()
        persons = self._list_persons(actor)
        asked = to_parameters(actor, persons) | {"before": today}
        with self._tables.reading() as connection:
            found = [
                Waiting(user, what, int(count), int(late), deadline)
                for scope in list_scopes(SLIPS, actor, persons)
                for user, what, count, late, deadline in connection.execute(list_waiting(scope), asked)
            ]
        return sorted(found, key=lambda one: (-one.count, one.user, one.what))

    def _count_slips(self, actor: Actor, column: str, persons: set[str]) -> list[sa.Select[Any]]:
        """Queries whose sums are the numbers of slips by a column: of the own authority as kept, elsewhere counted."""
        own, *elsewhere = list_scopes(SLIPS, actor, persons)
        return [sum_kept(COUNTS, column, own), *(count_by(SLIPS, column, scope) for scope in elsewhere)]

    def _add_up(self, queries: Sequence[sa.Select[Any]], asked: dict[str, Any]) -> dict[str, int]:
        found: Counter[str] = Counter()
        with self._tables.reading() as connection:
            for query in queries:
                found.update({key: int(count) for key, count in connection.execute(query, asked)})
        return dict(sorted(found.items()))

    def records(
        self,
        actor: Actor,
        text: str = "",
        limit: int = 50,
        after: After | None = None,
        wanted: Wanted = EVERYTHING,
    ) -> list[Row]:
        """Records in which every word of `text` begins some word, by file number; `after` is (number, stream), or
        (what the list is ordered by, stream).

        A rare word leads to its records; where all words are common, the records are walked in order instead, and the
        first page is soon found.
        """
        index, more = TABLES["view_words"], list[Condition]()
        self.catch_up()
        found = sorted((self._frequency(word), word) for word in search_words(text))
        for place, (count, word) in enumerate(found):
            begins = sa.and_(index.c.word >= word, index.c.word <= word + "\U0010ffff")
            if place == 0 and count < COMMON:
                more.append(RECORDS.c.stream.in_(sa.select(index.c.stream).where(begins)))
            else:
                more.append(sa.exists().where(index.c.stream == RECORDS.c.stream, begins))
        scopes, order = list_scopes(RECORDS, actor), (wanted.order or "file_number", "stream")
        return self._page(
            RECORDS, scopes, to_parameters(actor), wanted.filters, order, after, limit, more, falling=wanted.falling
        )

    def _frequency(self, word: str) -> int:
        """How often a beginning stands in the index, counted no further than `COMMON`."""
        index = TABLES["view_words"]
        some = sa.select(index.c.stream).where(index.c.word >= word, index.c.word <= word + "\U0010ffff").limit(COMMON)
        with self._tables.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())

    def mail(
        self, actor: Actor, unit: str, state: str | None = None, limit: int = 50, after: After | None = None
    ) -> list[Row]:
        """Items in those of a unit's mail folders that the actor may know as a whole; `after` is (stream, item)."""
        table = TABLES["view_mail"]
        self.catch_up()
        filters = {"unit": unit} | ({} if state is None else {"state": state})
        scopes, asked = list_scopes(table, actor), to_parameters(actor)
        return self._page(table, scopes, asked, filters, ("stream", "item"), after, limit)

    def listed(
        self,
        actor: Actor,
        category: str,
        wanted: Wanted = EVERYTHING,
        limit: int = 50,
        after: After | None = None,
        *,
        guests: bool = False,
    ) -> list[Row]:
        """Things of a category, of the actor's authority, and with `guests` those that it works on for others;
        `after` is (stream,), or (what the list is ordered by, stream).
        """
        table = TABLES["view_list"]
        self.catch_up()
        filters = {"category": category, **wanted.filters}
        scopes, order = list_scopes(table, actor, guests=guests), (*filter(None, (wanted.order,)), "stream")
        return self._page(table, scopes, to_parameters(actor), filters, order, after, limit, falling=wanted.falling)

    def list_absent(self, actor: Actor) -> list[str]:
        """Whose deputy a person is now."""
        self.catch_up()
        with self._tables.reading() as connection:
            asked = {"now": stamp(self._engine.clock()), "persons": [actor.user]}
            return sorted(set(connection.scalars(DEPUTISED, asked)))

    def _list_persons(self, actor: Actor) -> set[str]:
        """In whose place a person takes part elsewhere: themselves, the one they act for, and all whose deputy they are
        now; none where none of them does, which spares the queries.
        """
        if actor.authority is None:  # who acts for all need not take part
            return set()
        asked = {"now": stamp(self._engine.clock()), "authority": actor.authority}
        found = newest = {actor.user}
        with self._tables.reading() as connection:
            if connection.execute(NOTHING_ELSEWHERE, asked | {"user": actor.user, "acts_as": actor.acts_as}).scalar():
                return set()
            while newest:
                newest = set(connection.scalars(DEPUTISED, asked | {"persons": sorted(newest)})) - found
                found = found | newest
            found = found | {actor.acts_as}
            return found if connection.execute(ELSEWHERE, asked | {"persons": sorted(found)}).first() else set()

    def _page(
        self,
        table: sa.Table,
        scopes: Sequence[Scope],
        asked: dict[str, Any],
        filters: Filters,
        order: tuple[str, ...],
        after: After | None,
        limit: int,
        more: Sequence[Condition] = (),
        *,
        falling: bool = False,
    ) -> list[Row]:
        """The first rows of all scopes, in order; each scope follows its own index. `more` are conditions that are
        made for this question alone.
        """
        named = {
            name if isinstance(value, str) or name in FILTERS else f"{name}{MANY}": value
            for name, value in filters.items()
        }
        asked = {
            **asked, **{to_parameter(name): value for name, value in named.items()}, "limit": limit,
            **{f"after_{n}": key for n, key in enumerate(after or ())},
        }  # fmt: skip
        rows: list[Row] = []
        with self._tables.reading() as connection:
            for scope in scopes:
                query = select_page(table, scope, tuple(named), order, after is not None, falling)
                found = connection.execute(query.where(*more) if more else query, asked)
                names = tuple(found.keys())
                rows += [dict(zip(names, row, strict=True)) for row in found]
        if len(scopes) > 1:
            rows.sort(key=lambda row: [row[key] for key in order], reverse=falling)
        return rows[:limit]
