"""Keeping the tables of the views where the log is: page by page, and a rebuild gives the same rows.

The views are one subscriber: they have a position in the log and write it in the same transaction as their rows.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from workflow.engine.engine import Engine
from workflow.engine.events import decode
from workflow.engine.memory import NOTHING, Entry
from workflow.engine.store.tables import EVENTS
from workflow.views.marks import NO_MARKS, Change, Marks, MarksReader, Seen, collect_marks
from workflow.views.projection import Rows
from workflow.views.rows import COUNTS, TABLES, finish, insert, replace

NAME = "views"
MANY = 5000
"""Events behind from which on a rebuild is quicker than following."""
PAGE = 2000
"""Events that the views follow in one transaction, so that others write and read in between."""
_caught_up: ContextVar[object] = ContextVar("caught_up", default=None)
"""The views that have caught up for whoever asks now."""


class ViewTables:
    """`patience` are the seconds that whoever asks waits for another who lets the views follow; None is for ever."""

    def __init__(self, engine: Engine, patience: float | None = None) -> None:
        self._engine = engine
        self._patience = patience
        self.behind: int | None = None
        """Where the views stand while they have more than a page to follow; None where they show what there is."""
        self._followed: dict[str, Entry] = {}
        """Streams of the page followed last, as they were then."""
        self._marks = MarksReader()
        self._tables = engine.projection(NAME)
        self._shown = {
            category: kind.rows for category, kind in engine.catalogue.kinds.items() if kind.rows is not None
        }

    def catch_up(self, patience: float | None = None, go_on: Callable[[], bool] = lambda: True) -> int:
        """Follow the log to its head; the number of events that were new.

        One thread follows, page by page, and each page is kept, so that nothing is done twice. The others wait for it,
        those with `patience` for so many seconds; where the views are `behind`, not at all. `go_on` is asked before
        each page.
        """
        if patience is None and _caught_up.get() is self:
            return 0
        if self._tables.at_head():
            return 0
        patience = self._patience if patience is None else patience
        with self._tables.following(0.0 if self.behind is not None and patience is not None else patience) as mine:
            return self._follow(patience is None, go_on) if mine else 0

    @contextmanager
    def caught_up(self) -> Iterator[None]:
        """Catch up once for all that is asked in the block by this thread, as one page or request has several.

        What others do meanwhile is for the next one; a page that looked anew for each of its numbers would also follow
        anew for each while others write.
        """
        self.catch_up()
        before = _caught_up.set(self)
        try:
            yield
        finally:
            _caught_up.reset(before)

    def _follow(self, at_once: bool, go_on: Callable[[], bool]) -> int:
        found, head = 0, self._engine.log.head().position  # what comes later is for whoever asks later
        known = self._engine.all_remembered()  # at once: while the page is looked for, others change what it speaks of
        while go_on():
            position = self._tables.position()
            self.behind = position if head - position > PAGE else None
            if head <= position:
                self._followed = {}
                return found
            if at_once and position == 0 and head > MANY:
                return found + self.rebuild()
            found += self._follow_page(position, min(head, position + PAGE), known)
        return found

    def _follow_page(self, position: int, to: int, known: Mapping[str, Entry]) -> int:
        """The rows of what has changed, each as it was at the end of the page."""
        versions = sa.func.min(EVENTS.c.version), sa.func.max(EVENTS.c.version)
        query = sa.select(EVENTS.c.stream, *versions).group_by(EVENTS.c.stream)
        with self._tables.reading() as connection:
            found = connection.execute(query.where(EVENTS.c.position > position, EVENTS.c.position <= to)).all()
            changed = {
                stream: Change(first, last)
                for stream, first, last in found if stream.partition(":")[0] in self._shown
            }  # fmt: skip
            marks = self._marks.read(connection, changed, position, to)
        self._followed = {
            stream: Entry(self._state_at(stream, change.last, known), change.last, {})
            for stream, change in changed.items()
        }
        rows = {stream: self.rows_of(stream, entry.state, marks[stream]) for stream, entry in self._followed.items()}
        with self._tables.advancing(position, to) as connection:
            if connection is None:
                return 0  # another process was quicker
            replace(connection, rows)
        return to - position

    def _state_at(self, stream: str, version: int, known: Mapping[str, Entry]) -> Any:
        """Where the stream is not known as it was then, by what the last page left of it, if it was in that."""
        entry = known.get(stream)
        if entry is not None and entry.version == version:
            return entry.state
        earlier = self._followed.get(stream, NOTHING)
        return self._engine.load_at(stream, version, earlier if earlier.version <= version else NOTHING)

    def rebuild(self) -> int:
        """Make every row anew from the log; the number of events read."""
        with self._tables.rebuilding() as (connection, head):
            for table in (*TABLES.values(), COUNTS):
                connection.execute(sa.delete(table))
            pending: dict[str, Rows] = {}
            for stream, state, marks in self._states(connection, head):
                pending[stream] = self.rows_of(stream, state, marks)
                if len(pending) >= 500:
                    insert(connection, pending)
                    pending = {}
            insert(connection, pending)
            finish(connection)
        return head

    def _states(self, connection: sa.Connection, head: int) -> Iterator[tuple[str, Any, Marks]]:
        """Every stream that has a view, folded, one after the other, with its marks."""
        kinds = self._engine.catalogue.kinds
        columns = (
            EVENTS.c.stream, EVENTS.c.type, EVENTS.c.schema_version, EVENTS.c.payload, EVENTS.c.position,
            EVENTS.c.time, EVENTS.c.actor,
        )  # fmt: skip
        for category in self._shown:
            evolve = kinds[category].evolve
            query = (
                sa.select(*columns)
                .where(EVENTS.c.stream > f"{category}:", EVENTS.c.stream < f"{category};", EVENTS.c.position <= head)
                .order_by(EVENTS.c.stream, EVENTS.c.version)
            )
            result = connection.execute(query, execution_options={"yield_per": 2000})
            for stream, rows in groupby(result, key=lambda row: row[0]):
                events = list(rows)
                state = evolve.fold(decode(t, v, p, at) for _, t, v, p, at, *_ in events if p is not None)
                yield stream, state, collect_marks(Seen(t, time, who, p) for _, t, _, p, _, time, who in events)

    def rows_of(self, stream: str, state: Any, marks: Marks = NO_MARKS) -> Rows:
        """What a stream of a kind that has views looks like in them."""
        rows: Rows = self._shown[stream.partition(":")[0]](stream, state, marks)
        return rows

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all views in order, to compare two."""
        with self._tables.reading() as connection:
            return {
                name: sorted(tuple(row) for row in connection.execute(sa.select(table)))
                for name, table in {**TABLES, "view_slip_counts": COUNTS}.items()
            }
