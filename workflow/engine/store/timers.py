"""Timers as they stand in the database: set and cleared with the events that call for it (`Writer.append`)."""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from workflow.engine.store.database import Database
from workflow.engine.store.tables import TIMERS


class Due(NamedTuple):
    """A timer; `at` as text in UTC with microseconds."""

    stream: str
    key: str
    at: str


class Timers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self) -> str | None:
        with self._database.read() as connection:
            found: str | None = connection.execute(sa.select(sa.func.min(TIMERS.c.at))).scalar()
        return found

    def due(self, until: str, limit: int) -> list[Due]:
        columns = (TIMERS.c.stream, TIMERS.c.key, TIMERS.c.at)
        query = sa.select(*columns).where(TIMERS.c.at <= until).order_by(TIMERS.c.at, *columns[:2]).limit(limit)
        with self._database.read() as connection:
            return [Due._make(row) for row in connection.execute(query)]

    def drop(self, timer: Due) -> None:
        """Take one away, unless it was set anew meanwhile."""
        with self._database.write() as connection:
            connection.execute(sa.delete(TIMERS).where(*_is(timer)))

    def postpone(self, timer: Due, later: str, why: str) -> None:
        """Try one again later, unless it was set anew meanwhile."""
        with self._database.write() as connection:
            connection.execute(sa.update(TIMERS).where(*_is(timer)).values(at=later, refused=why))

    def replace(self, timers: Iterable[Due]) -> None:
        rows = [timer._asdict() for timer in timers]
        with self._database.write(unhurried=True) as connection:
            connection.execute(sa.delete(TIMERS))
            if rows:
                connection.execute(sa.insert(TIMERS), rows)


def _is(timer: Due) -> tuple[sa.ColumnElement[bool], ...]:
    return TIMERS.c.stream == timer.stream, TIMERS.c.key == timer.key, TIMERS.c.at == timer.at
