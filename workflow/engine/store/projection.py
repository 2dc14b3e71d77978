"""What follows the log: tables derived from it and the position up to which they do, kept in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from workflow.engine.store.database import Database
from workflow.engine.store.hash_chain import ERASED
from workflow.engine.store.tables import EVENTS, SUBSCRIBERS


class Projection:
    """Reads and writes derived tables under the name of one subscriber of the log."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._mine = SUBSCRIBERS.c.name == name
        self._name = name

    def position(self) -> int:
        """Up to which position the log was read; 0 at first."""
        with self._database.read() as connection:
            return self._read(connection)

    def keep(self, position: int) -> None:
        """Keep how far the log was read, where no table changes with it."""
        with self._database.write() as connection:
            self._write(connection, position)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read the tables with; each statement sees what is committed when it starts."""
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def advancing(self, position: int, to: int) -> Iterator[sa.Connection | None]:
        """One transaction that changes the tables and the position; None where somebody else has moved it meanwhile.

        Where contents were erased among the events, nothing of the rows made of them is left in the database's files.
        """
        with self._database.write() as connection:
            if self._read(connection) != position:
                yield None
                return
            yield connection
            self._write(connection, to)
            between = (EVENTS.c.position > position, EVENTS.c.position <= to)
            erased = connection.execute(sa.select(EVENTS.c.position).where(*between, EVENTS.c.type == ERASED)).first()
        if erased is not None:
            self._database.clear_write_ahead_log()

    @contextmanager
    def rebuilding(self) -> Iterator[tuple[sa.Connection, int]]:
        """One transaction, without PostgreSQL's time limits, to make the tables anew from the log up to the position
        given; they are then at that position.
        """
        with self._database.write(unhurried=True) as connection:
            head = connection.execute(sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.position), 0))).scalar_one()
            yield connection, int(head)
            self._write(connection, head)

    def _read(self, connection: sa.Connection) -> int:
        return int(connection.execute(sa.select(SUBSCRIBERS.c.position).where(self._mine)).scalar() or 0)

    def _write(self, connection: sa.Connection, position: int) -> None:
        changed = connection.execute(sa.update(SUBSCRIBERS).where(self._mine).values(position=position))
        if not changed.rowcount:
            connection.execute(sa.insert(SUBSCRIBERS).values(name=self._name, position=position))
