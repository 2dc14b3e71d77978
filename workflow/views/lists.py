"""Asking the tables of the views for pages of rows and for sums, in the name of a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.access import Actor
from workflow.engine.pending import stamp
from workflow.views.following import ViewTables
from workflow.views.projection import Row
from workflow.views.scope import DEPUTISED, ELSEWHERE, NOTHING_ELSEWHERE, Condition, Scope
from workflow.views.statements import FALLING, FILTERS, MANY, Order, is_falling, select_page, to_parameter

After = tuple[str, ...]
Filters = Mapping[str, str | Sequence[str]]
"""By name, as in `workflow.views.statements`: a value, or several."""


class Wanted(NamedTuple):
    """What is asked of a list besides its page: values by column, and in what order."""

    filters: Filters = MappingProxyType({})
    order: str | None = None
    """A column; None for the list's own order."""
    falling: bool = False

    def to_order(self, *ties: str, by: str | None = None) -> Order:
        """By what a list is ordered: the column asked for or else `by`, and `ties` after it, all in one direction."""
        first = self.order or by
        return tuple(f"{FALLING if self.falling else ''}{name}" for name in (*((first,) if first else ()), *ties))


EVERYTHING = Wanted()


class ViewLists(ViewTables):
    """What every question to the views is made of."""

    def _list_represented(self, actor: Actor) -> set[str]:
        """In whose place a person stands: themselves, the one they act for, and all whose deputy they are now."""
        asked = {"now": stamp(self._engine.clock())}
        found = newest = {actor.user}
        with self._tables.reading() as connection:
            while newest:
                newest = set(connection.scalars(DEPUTISED, asked | {"persons": sorted(newest)})) - found
                found = found | newest
        return found | {actor.acts_as}

    def _list_persons(self, actor: Actor) -> set[str]:
        """In whose place a person takes part elsewhere; none where nobody of them does, which spares the queries."""
        if actor.authority is None:  # who acts for all need not take part
            return set()
        asked = {"now": stamp(self._engine.clock()), "authority": actor.authority}
        with self._tables.reading() as connection:
            if connection.execute(NOTHING_ELSEWHERE, asked | {"user": actor.user, "acts_as": actor.acts_as}).scalar():
                return set()
        found = self._list_represented(actor)
        with self._tables.reading() as connection:
            return found if connection.execute(ELSEWHERE, asked | {"persons": sorted(found)}).first() else set()

    def _add_up(self, queries: Sequence[sa.Select[Any]], asked: dict[str, Any]) -> dict[str, int]:
        found: Counter[str] = Counter()
        with self._tables.reading() as connection:
            for query in queries:
                found.update({key: int(count) for key, count in connection.execute(query, asked)})
        return dict(sorted(found.items()))

    def _page(
        self,
        table: sa.Table,
        scopes: Sequence[Scope],
        asked: dict[str, Any],
        filters: Filters,
        order: Order,
        after: After | None,
        limit: int,
        more: Sequence[Condition] = (),
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
                query = select_page(table, scope, tuple(named), order, after is not None)
                found = connection.execute(query.where(*more) if more else query, asked)
                names = tuple(found.keys())
                rows += [dict(zip(names, row, strict=True)) for row in found]
        if len(scopes) > 1:
            for name in reversed(order):
                rows.sort(key=itemgetter(name.removeprefix(FALLING)), reverse=is_falling(name))
        return rows[:limit]
