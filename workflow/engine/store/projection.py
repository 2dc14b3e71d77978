"""What follows the log: tables derived from it and the position up to which they do, kept in one transaction."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from workflow.engine.store.database import Database
from workflow.engine.store.hash_chain import ERASED
from workflow.engine.store.tables import EVENTS, SUBSCRIBERS

_HEAD = sa.func.coalesce(sa.select(sa.func.max(EVENTS.c.position)).scalar_subquery(), 0)
_REACHED = sa.select(SUBSCRIBERS.c.position).where(SUBSCRIBERS.c.name == sa.bindparam("name")).scalar_subquery()
_POSITION = sa.select(sa.func.coalesce(_REACHED, 0))
_AT_HEAD = sa.select(sa.func.coalesce(_REACHED, 0) == _HEAD)


class Projection:
    """Reads and writes derived tables under the name of one subscriber of the log."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._mine = SUBSCRIBERS.c.name == name
        self._name = name
        self._following = threading.Lock()

    def position(self) -> int:
        """Up to which position the log was read; 0 at first."""
        with self._database.read() as connection:
            return self._read(connection)

    def at_head(self) -> bool:
        """Whether the log was read to its end."""
        with self._database.read() as connection:
            return bool(connection.execute(_AT_HEAD, {"name": self._name}).scalar_one())

    def keep(self, position: int) -> None:
        """Keep how far the log was read, where no table changes with it."""
        with self._writing() as connection:
            self._write(connection, position)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read the tables with; each statement sees what is committed when it starts."""
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def following(self, patience: float | None) -> Iterator[bool]:
        """The right to let the tables follow, which one thread has at a time; False where another still has it after
        `patience` seconds, None waits as long as it takes.
        """
        mine = self._following.acquire(timeout=-1 if patience is None else patience)
        try:
            yield mine
        finally:
            if mine:
                self._following.release()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection to compare tables and log with: all its statements see the same moment."""
        with self._database.snapshot() as connection:
            yield connection

    def subscribers(self) -> list[str]:
        """Names of all that follow the log of this database."""
        with self._database.read() as connection:
            return list(connection.execute(sa.select(SUBSCRIBERS.c.name).order_by(SUBSCRIBERS.c.name)).scalars())

    def remove(self) -> None:
        """Forget that there is such a subscriber."""
        with self._database.write() as connection:
            connection.execute(sa.delete(SUBSCRIBERS).where(self._mine))

    @contextmanager
    def advancing(self, position: int, to: int) -> Iterator[sa.Connection | None]:
        """One transaction that changes the tables and the position; None where somebody else has moved it meanwhile.

        Where contents were erased among the events, nothing of the rows made of them is left in the database's files.
        """
        with self._writing() as connection:
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
        with self._writing(unhurried=True) as connection:
            head = connection.execute(sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.position), 0))).scalar_one()
            yield connection, int(head)
            self._write(connection, head)

    @contextmanager
    def _writing(self, unhurried: bool = False) -> Iterator[sa.Connection]:
        """One transaction at a time for this subscriber in all processes: whoever waited reads the position anew."""
        with self._database.write(unhurried) as connection:
            if not self._database.is_sqlite:  # it has one writer anyway
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"eva:{self._name}"))))
            yield connection

    def _read(self, connection: sa.Connection) -> int:
        return int(connection.execute(_POSITION, {"name": self._name}).scalar_one())

    def _write(self, connection: sa.Connection, position: int) -> None:
        changed = connection.execute(sa.update(SUBSCRIBERS).where(self._mine).values(position=position))
        if not changed.rowcount:
            connection.execute(sa.insert(SUBSCRIBERS).values(name=self._name, position=position))
