"""Inbox, cockpit, records, mail: questions answered from tables that follow the log.

The views are one subscriber: they have a position in the log and write it in the same transaction as their rows. Who
asks first lets them catch up, so that everybody sees what they themselves have done. A rebuild gives the same rows.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from workflow.engine.access import Actor, Protection
from workflow.engine.engine import Engine
from workflow.engine.events import decode
from workflow.engine.store.tables import EVENTS
from workflow.views.projection import Row, Rows, search_words
from workflow.views.tables import CountView, InboxView, ListView, MailView, RecordView, SlipView, WordView

NAME = "views"
TABLES: dict[str, sa.Table] = {
    str(model.__tablename__): SQLModel.metadata.tables[str(model.__tablename__)]
    for model in (RecordView, WordView, SlipView, InboxView, MailView, ListView)
}
COUNTS: sa.Table = SQLModel.metadata.tables[str(CountView.__tablename__)]
MANY = 5000
"""Events behind from which on a rebuild is quicker than following."""
COMMON = 1000
"""A word in so many places leads nowhere in particular."""


class Views:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tables = engine.projection(NAME)
        self._shown = {
            category: kind.rows for category, kind in engine.catalogue.kinds.items() if kind.rows is not None
        }

    def catch_up(self) -> int:
        """Follow the log to its head; the number of events that were new."""
        position, head = self._tables.position(), self._engine.log.head().position
        if head == position:
            return 0
        if head - position > MANY and position == 0:
            return self.rebuild()
        changed = self._engine.log.streams(changed_since=position)
        rows = {
            stream: self._rows_of(stream, self._engine.load(stream).state)
            for stream in changed if stream.partition(":")[0] in self._shown
        }  # fmt: skip
        with self._tables.advancing(position, head) as connection:
            if connection is None:
                return 0  # somebody else was quicker
            _replace(connection, rows)
        return head - position

    def rebuild(self) -> int:
        """Make every row anew from the log; the number of events read."""
        with self._tables.rebuilding() as (connection, head):
            for table in (*TABLES.values(), COUNTS):
                connection.execute(sa.delete(table))
            pending: dict[str, Rows] = {}
            for stream, state in self._states(connection, head):
                pending[stream] = self._rows_of(stream, state)
                if len(pending) >= 500:
                    _insert(connection, pending)
                    pending = {}
            _insert(connection, pending)
            _recount(connection)
        return head

    def _states(self, connection: sa.Connection, head: int) -> Iterator[tuple[str, Any]]:
        """Every stream that has a view, folded, one after the other."""
        kinds = self._engine.catalogue.kinds
        columns = (EVENTS.c.stream, EVENTS.c.type, EVENTS.c.schema_version, EVENTS.c.payload, EVENTS.c.position)
        for category in self._shown:
            evolve = kinds[category].evolve
            query = (
                sa.select(*columns)
                .where(EVENTS.c.stream > f"{category}:", EVENTS.c.stream < f"{category};", EVENTS.c.position <= head)
                .order_by(EVENTS.c.stream, EVENTS.c.version)
            )
            result = connection.execute(query, execution_options={"yield_per": 2000})
            for stream, rows in groupby(result, key=lambda row: row[0]):
                yield stream, evolve.fold(decode(t, v, p, at) for _, t, v, p, at in rows if p is not None)

    def inbox(
        self, user: str, clearance: Protection, limit: int = 50, after: tuple[str, ...] | None = None
    ) -> list[Row]:
        """What waits for a person, the most urgent first; `after` is (deadline, stream, item) of the last seen."""
        table = TABLES["view_inbox"]
        order = (table.c.deadline, table.c.stream, table.c.item)
        query = sa.select(table).where(table.c.user == user, table.c.protection <= clearance.rank)
        return self._page(query, order, after, limit)

    def cockpit(
        self, actor: Actor, state: str | None = None, limit: int = 50, after: tuple[str, ...] | None = None
    ) -> list[Row]:
        """Routing slips of the actor's authority, the most urgent first; `after` is (deadline, stream)."""
        table = TABLES["view_slips"]
        query = _visible(sa.select(table), table, actor)
        if state is not None:
            query = query.where(table.c.state == state)
        return self._page(query, (table.c.deadline, table.c.stream), after, limit)

    def counts(self, actor: Actor) -> dict[str, int]:
        query = sa.select(COUNTS.c.state, sa.func.sum(COUNTS.c.count)).where(COUNTS.c.count > 0)
        if actor.authority is not None:
            query = query.where(COUNTS.c.authority == actor.authority)
        self.catch_up()
        with self._tables.reading() as connection:
            return {state: int(count) for state, count in connection.execute(query.group_by(COUNTS.c.state))}

    def waiting(self, actor: Actor, today: str) -> dict[str, Any]:
        """Where routing slips wait that the actor may know of: by kind of station, by authority, and how many are
        overdue; `today` as an ISO date.
        """
        inbox, slips = TABLES["view_inbox"], TABLES["view_slips"]
        count = sa.func.count()
        stations = _visible(sa.select(inbox.c.what, count), inbox, actor).where(
            inbox.c.stream > "routing-slip:", inbox.c.stream < "routing-slip;"
        )
        authorities = _visible(sa.select(slips.c.authority, count), slips, actor)
        overdue = _visible(sa.select(count), slips, actor).where(slips.c.deadline < today)
        self.catch_up()
        with self._tables.reading() as connection:
            by_station = connection.execute(stations.group_by(inbox.c.what).order_by(inbox.c.what)).all()
            by_authority = connection.execute(authorities.group_by(slips.c.authority).order_by(slips.c.authority)).all()
            return {
                "by_station": {what: int(n) for what, n in by_station},
                "by_authority": {authority: int(n) for authority, n in by_authority},
                "overdue": int(connection.execute(overdue).scalar_one()),
            }

    def overdue(self, actor: Actor, today: str, limit: int = 50, after: tuple[str, ...] | None = None) -> list[Row]:
        """Routing slips whose next deadline has passed; `today` as an ISO date."""
        table = TABLES["view_slips"]
        query = _visible(sa.select(table), table, actor).where(table.c.deadline < today)
        return self._page(query, (table.c.deadline, table.c.stream), after, limit)

    def records(self, actor: Actor, text: str = "", limit: int = 50, after: tuple[str, ...] | None = None) -> list[Row]:
        """Records in which every word of `text` begins some word, by file number; `after` is (number, stream).

        A rare word leads to its records; where all words are common, the records are walked in order instead, and the
        first page is soon found.
        """
        table, index = TABLES["view_records"], TABLES["view_words"]
        query = _visible(sa.select(table), table, actor)
        self.catch_up()
        found = sorted((self._frequency(word), word) for word in search_words(text))
        for place, (count, word) in enumerate(found):
            begins = sa.and_(index.c.word >= word, index.c.word <= word + "\U0010ffff")
            if place == 0 and count < COMMON:
                query = query.where(table.c.stream.in_(sa.select(index.c.stream).where(begins)))
            else:
                query = query.where(sa.exists().where(index.c.stream == table.c.stream, begins))
        return self._page(query, (table.c.file_number, table.c.stream), after, limit)

    def _frequency(self, word: str) -> int:
        """How often a beginning stands in the index, counted no further than `COMMON`."""
        index = TABLES["view_words"]
        some = sa.select(index.c.stream).where(index.c.word >= word, index.c.word <= word + "\U0010ffff").limit(COMMON)
        with self._tables.reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())

    def mail(
        self, actor: Actor, unit: str, state: str | None = None, limit: int = 50, after: tuple[str, ...] | None = None
    ) -> list[Row]:
        """Items in a unit's mail folders; `after` is (stream, item)."""
        table = TABLES["view_mail"]
        query = _visible(sa.select(table), table, actor).where(table.c.unit == unit)
        if state is not None:
            query = query.where(table.c.state == state)
        return self._page(query, (table.c.stream, table.c.item), after, limit)

    def _page(
        self, query: sa.Select[Any], order: tuple[sa.Column[Any], ...], after: tuple[str, ...] | None, limit: int
    ) -> list[Row]:
        if after is not None:
            query = query.where(sa.tuple_(*order) > sa.tuple_(*after))
        self.catch_up()
        with self._tables.reading() as connection:
            found = connection.execute(query.order_by(*order).limit(limit))
            return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public way to a dict

    def listed(
        self,
        actor: Actor,
        category: str,
        state: str | None = None,
        limit: int = 50,
        after: tuple[str, ...] | None = None,
        *,
        guests: bool = False,
    ) -> list[Row]:
        """Things of a category, of the actor's authority, and with `guests` those that it works on for others;
        `after` is (stream,).
        """
        table = TABLES["view_list"]
        ours = table.c.authority == actor.authority
        mine = sa.or_(ours, table.c.guest == actor.authority) if guests else ours
        query = sa.select(table).where(table.c.category == category, table.c.protection <= actor.clearance.rank)
        if actor.authority is not None:
            query = query.where(mine)
        if state is not None:
            query = query.where(table.c.state == state)
        return self._page(query, (table.c.stream,), after, limit)

    def _rows_of(self, stream: str, state: Any) -> Rows:
        rows: Rows = self._shown[stream.partition(":")[0]](stream, state)
        return rows

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all views in order, to compare two."""
        with self._tables.reading() as connection:
            return {
                name: sorted(tuple(row) for row in connection.execute(sa.select(table)))
                for name, table in {**TABLES, "view_slip_counts": COUNTS}.items()
            }


def _visible(query: sa.Select[Any], table: sa.Table, actor: Actor) -> sa.Select[Any]:
    if actor.authority is not None:
        query = query.where(table.c.authority == actor.authority)
    return query.where(table.c.protection <= actor.clearance.rank)


def _replace(connection: sa.Connection, rows: dict[str, Rows]) -> None:
    streams = list(rows)
    for start in range(0, len(streams), 500):
        some = streams[start : start + 500]
        slips = TABLES["view_slips"]
        _count(connection, connection.execute(_per_state(slips).where(slips.c.stream.in_(some))), -1)
        for table in TABLES.values():
            connection.execute(sa.delete(table).where(table.c.stream.in_(some)))
        _insert(connection, {stream: rows[stream] for stream in some})
        _count(connection, connection.execute(_per_state(slips).where(slips.c.stream.in_(some))), +1)


def _per_state(slips: sa.Table) -> sa.Select[Any]:
    return sa.select(slips.c.authority, slips.c.state, sa.func.count()).group_by(slips.c.authority, slips.c.state)


def _count(connection: sa.Connection, found: sa.Result[Any], sign: int) -> None:
    for row in found.all():
        authority, state, count = tuple(row)
        where = (COUNTS.c.authority == authority, COUNTS.c.state == state)
        changed = connection.execute(sa.update(COUNTS).where(*where).values(count=COUNTS.c.count + sign * count))
        if not changed.rowcount:
            connection.execute(sa.insert(COUNTS).values(authority=authority, state=state, count=sign * count))
    connection.execute(sa.delete(COUNTS).where(COUNTS.c.count == 0))


def _recount(connection: sa.Connection) -> None:
    connection.execute(sa.insert(COUNTS).from_select(["authority", "state", "count"], _per_state(TABLES["view_slips"])))


def _insert(connection: sa.Connection, rows: dict[str, Rows]) -> None:
    for name, table in TABLES.items():
        found = [row for by_table in rows.values() for row in by_table.get(name, ())]
        if found:
            connection.execute(sa.insert(table), found)
