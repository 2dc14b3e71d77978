"""The statements that views are asked with, each built once: to build one costs more than to have it answered."""

from collections.abc import Callable
from functools import cache
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa

from workflow.views.rows import DONE_BY, INBOX, SLIPS
from workflow.views.scope import PEOPLE, Condition, Scope, tell, to_condition

INTERNAL = {"offered", "own_protection", "folded", "unit_authority", *DONE_BY}
"""Columns that are there to find rows by."""
FALLING = "-"
"""Begins the name of a column by which the highest comes first."""
Order = tuple[str, ...]
"""Names of columns, perhaps behind `FALLING`."""

MANY = "_many"
"""Ends the name of a filter that takes several values."""


def _waits(table: sa.Table, condition: Condition) -> Condition:
    """Whether something of a row's stream waits in an inbox; an index leads to what waits with a person."""
    return table.c.stream.in_(sa.select(INBOX.c.stream).where(condition))


FILTERS: dict[str, Callable[[sa.Table, Scope], Condition]] = {
    "before": lambda table, _: table.c.deadline < sa.bindparam("before"),
    "with_person": lambda table, _: _waits(table, INBOX.c.user == sa.bindparam("with_person")),
    "at_station": lambda table, _: sa.exists().where(
        INBOX.c.stream == table.c.stream, INBOX.c.what == sa.bindparam("at_station")
    ),
    # two conditions, not one on what is told, so that an index leads to the unit
    "unit_of": lambda table, scope: sa.and_(
        table.c.unit == sa.bindparam("unit_of"), tell(table, "unit", scope) == sa.bindparam("unit_of")
    ),
    "unit_at": lambda table, scope: tell(table, "unit_authority", scope) == sa.bindparam("unit_at"),
    "no_unit": lambda table, scope: tell(table, "unit", scope) == "",
    "began_from": lambda table, _: table.c.started >= sa.bindparam("began_from"),
    "began_to": lambda table, _: sa.and_(table.c.started <= sa.bindparam("began_to"), table.c.started > ""),
    # a resubmission gives no right to a record that is another authority's
    "reader": lambda table, _: sa.or_(table.c.authority == sa.bindparam("reader"), table.c.what != "resubmission"),
}
"""What rows may be asked for besides the values of a column; each takes the parameter of its name."""


def to_filter(table: sa.Table, name: str, scope: Scope) -> Condition:
    """One of `FILTERS`, or a column and its value; with `MANY` behind its name, its values."""
    if name in FILTERS:
        return FILTERS[name](table, scope)
    column, value = table.c[name.removesuffix(MANY)], to_parameter(name)
    return column.in_(sa.bindparam(value, expanding=True)) if name.endswith(MANY) else column == sa.bindparam(value)


def to_parameter(name: str) -> str:
    """The parameter that a filter takes: never one of those that say who asks, such as `authority`."""
    return name if name in FILTERS else f"column_{name}"


@cache
def select_page(
    table: sa.Table, scope: Scope, filters: tuple[str, ...], order: Order, after: bool
) -> sa.Select[Any]:  # fmt: skip
    """The first `limit` rows of a scope, in order; with `after`, behind the key in `after_0`, `after_1` and so on."""
    shown = [tell(table, column.name, scope) for column in table.columns if column.name not in INTERNAL]
    query = sa.select(*shown).where(to_condition(table, scope), *(to_filter(table, name, scope) for name in filters))
    if after:
        query = query.where(_follows(table, order))
    by = [table.c[name.removeprefix(FALLING)] for name in order]
    ordered = [column.desc() if is_falling(name) else column for name, column in zip(order, by, strict=True)]
    return query.order_by(*ordered).limit(sa.bindparam("limit"))


def is_falling(name: str) -> bool:
    return name.startswith(FALLING)


def _follows(table: sa.Table, order: Order) -> Condition:
    """Whether a row comes behind the key; all columns in one direction are compared as one, which an index leads to."""
    by = [table.c[name.removeprefix(FALLING)] for name in order]
    last: list[sa.BindParameter[Any]] = [sa.bindparam(f"after_{n}") for n in range(len(by))]
    if len({is_falling(name) for name in order}) == 1:
        key, bound = sa.tuple_(*by), sa.tuple_(*last)
        return key < bound if is_falling(order[0]) else key > bound
    behind = [(a < b) if is_falling(name) else (a > b) for name, a, b in zip(order, by, last, strict=True)]
    alike = [a == b for a, b in zip(by, last, strict=True)]
    return sa.or_(*(sa.and_(*alike[:n], behind[n]) for n in range(len(order))))


@cache
def count_by(table: sa.Table, column: str, scope: Scope) -> sa.Select[Any]:
    """How many rows of a scope have each value of a column."""
    return _grouped(table, column, sa.func.count(), scope)


@cache
def count_own(reader: bool) -> sa.Select[Any]:
    """How much of each kind waits for `user`; `reader` is whether an authority reads."""
    more = [FILTERS["reader"](INBOX, Scope.ALL)] if reader else []
    mine = INBOX.c.user == sa.bindparam("user"), to_condition(INBOX, Scope.ALL), *more
    return sa.select(INBOX.c.what, sa.func.count()).where(*mine).group_by(INBOX.c.what)


@cache
def count_new(reader: bool) -> sa.Select[Any]:
    """How much waits for `user` that came after `seen`, or whose deadline has passed by `today` and not on a day before
    `seen_day`; `reader` as in `count_own`.
    """
    day = INBOX.c.deadline
    late = sa.and_(day < sa.bindparam("today"), day >= sa.bindparam("seen_day"))
    return count_own(reader).where(sa.or_(INBOX.c.since > sa.bindparam("seen"), late))


_TAKEN = (PEOPLE.c.taken, PEOPLE.c.taken_by, PEOPLE.c.taken_how)
LIST_TAKEN = (
    sa.select(SLIPS.c.stream, SLIPS.c.title, SLIPS.c.protection, SLIPS.c.state, *_TAKEN)
    .select_from(PEOPLE.join(SLIPS, SLIPS.c.stream == PEOPLE.c.stream))
    .where(PEOPLE.c.user == sa.bindparam("user"), PEOPLE.c.taken > sa.bindparam("after"))
    .order_by(PEOPLE.c.taken.desc()).limit(sa.bindparam("limit"))
)  # fmt: skip
"""Slips that were taken from `user` behind a time."""


def contain_words(text: str) -> list[Condition]:
    """Whether every word of a text is in the title or the sender of what waits, whatever its case."""
    words = normalize("NFC", text).casefold().split()  # all that is kept is in NFC
    return [INBOX.c.folded.contains(word, autoescape=True) for word in words]


@cache
def count_waiting(scope: Scope) -> sa.Select[Any]:
    """How many routing slips of a scope wait at each kind of station."""
    return count_by(INBOX, "what", scope).where(INBOX.c.stream > "routing-slip:", INBOX.c.stream < "routing-slip;")


@cache
def list_waiting(scope: Scope) -> sa.Select[Any]:
    """With whom routing slips of a scope wait, at which kind of station: how many, how many of them late, the earliest
    deadline.
    """
    late = sa.func.sum(sa.case((FILTERS["before"](INBOX, scope), 1), else_=0))
    columns = INBOX.c.user, INBOX.c.what, sa.func.count(), late, sa.func.min(INBOX.c.deadline)
    of_slips = INBOX.c.stream > "routing-slip:", INBOX.c.stream < "routing-slip;"
    return sa.select(*columns).where(to_condition(INBOX, scope), *of_slips).group_by(INBOX.c.user, INBOX.c.what)


@cache
def count_late(scope: Scope) -> sa.Select[Any]:
    """How many routing slips of a scope are `overdue`."""
    columns: tuple[sa.ColumnElement[Any], ...] = (sa.literal("overdue"), sa.func.count())
    return sa.select(*columns).where(FILTERS["before"](SLIPS, scope), to_condition(SLIPS, scope))


UNDER_WAY = ("circulating", "paused", "returned")
"""States of a routing slip that began and has not ended."""
COMPLETED = ("completed", "filed")


@cache
def count_under_way(scope: Scope) -> sa.Select[Any]:
    """Routing slips of a scope under way, by authority and unit, and the day on which they began: how many, how many of
    them late.
    """
    late = sa.func.sum(sa.case((FILTERS["before"](SLIPS, scope), 1), else_=0))
    by = [tell(SLIPS, name, scope) for name in ("unit_authority", "unit", "started")]
    counted = sa.select(*by, sa.func.count(), late).where(to_condition(SLIPS, scope), SLIPS.c.state.in_(UNDER_WAY))
    return counted.group_by(*by)


@cache
def count_days(column: str, scope: Scope) -> sa.Select[Any]:
    """How many routing slips of a scope began, or were completed, on each day since `from_day`."""
    more = [SLIPS.c.state.in_(COMPLETED)] if column == "ended" else []
    since = SLIPS.c[column] >= sa.bindparam("from_day")
    return count_by(SLIPS, column, scope).where(since, *more)


@cache
def sum_kept(counts: sa.Table, column: str, scope: Scope) -> sa.Select[Any]:
    """The numbers kept in a table of counts, by a column."""
    return _grouped(counts, column, sa.func.sum(counts.c.count), scope)


@cache
def sum_clients(table: sa.Table, scope: Scope) -> sa.Select[Any]:
    """By which client stations were done: sums of a table's columns, 0 where there are no rows."""
    sums = (sa.func.coalesce(sa.func.sum(table.c[name]), 0) for name in DONE_BY)
    return sa.select(*sums).where(to_condition(table, scope))


def _grouped(table: sa.Table, column: str, value: sa.ColumnElement[int], scope: Scope) -> sa.Select[Any]:
    columns = (table.c[column], value)
    return sa.select(*columns).group_by(table.c[column]).where(to_condition(table, scope))
