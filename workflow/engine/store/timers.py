"""Timers as they stand in the database: set and cleared with the events that call for it (`Writer.append`)."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from workflow.engine.store.database import Database
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.tables import EVENTS, TIMERS, between

ReadStream = Callable[[str], list[Recorded]]
"""Events of a stream, oldest first."""
FIRED = "timer:"
"""Begins the ids of the commands that timers give."""
_NEXT = sa.select(sa.func.min(TIMERS.c.at))
_DUE = (
    sa.select(TIMERS.c.stream, TIMERS.c.key, TIMERS.c.at)
    .where(TIMERS.c.at <= sa.bindparam("until"))
    .order_by(TIMERS.c.at, TIMERS.c.stream, TIMERS.c.key)
    .limit(sa.bindparam("most"))
)
"""Built once: a simulation asks after every step."""


class Due(NamedTuple):
    """A timer; `at` as text in UTC with microseconds."""

    stream: str
    key: str
    at: str

    @property
    def command_id(self) -> str:
        """Of the command that it gives when it fires."""
        return f"{FIRED}{self.stream}:{self.key}:{self.at}"


class Timers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(_NEXT).scalar()
        return found

    def due(self, until: str, limit: int) -> list[Due]:
        with self._database.read() as connection:
            return [Due._make(row) for row in connection.execute(_DUE, {"until": until, "most": limit})]

    def drop(self, timer: Due) -> None:
        """Take one away, unless it was set anew meanwhile."""
        with self._database.write() as connection:
            connection.execute(sa.delete(TIMERS).where(*_is(timer)))

    def postpone(self, timer: Due, later: str, why: str) -> None:
        """Try one again later, unless it was set anew meanwhile."""
        with self._database.write() as connection:
            connection.execute(sa.update(TIMERS).where(*_is(timer)).values(at=later, refused=why))

    def rebuild(self, after: str, list_timers: Callable[[str, ReadStream], Iterable[Due]], most: int) -> str | None:
        """Set the timers of some streams behind a name anew; the last of them, None where there are no more.

        Nobody appends meanwhile, so that no timer set beside it is lost.
        """
        with self._database.write(unhurried=True) as connection:
            if not self._database.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")
            names = sa.select(EVENTS.c.stream).where(EVENTS.c.version == 1, EVENTS.c.stream > after)
            found = list(connection.execute(names.order_by(EVENTS.c.stream).limit(most)).scalars())
            last = found[-1] if len(found) == most else None

            def read(stream: str) -> list[Recorded]:
                query = sa.select(EVENTS).where(EVENTS.c.stream == stream).order_by(EVENTS.c.version)
                return [Recorded._make(row) for row in connection.execute(query)]

            timers = [timer._asdict() for stream in found for timer in list_timers(stream, read)]
            connection.execute(sa.delete(TIMERS).where(*between(TIMERS.c.stream, after, last)))
            if timers:
                connection.execute(sa.insert(TIMERS), timers)
        return last


def _is(timer: Due) -> tuple[sa.ColumnElement[bool], ...]:
    return TIMERS.c.stream == timer.stream, TIMERS.c.key == timer.key, TIMERS.c.at == timer.at
