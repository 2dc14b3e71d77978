"""The one who appends: makes a batch durable, all or nothing, on a connection of its own.

Whoever appends names the next position. Two writers cannot both have it: the second waits for the first's commit and
is then refused (`HeadMoved`), so positions have no gap and become visible in their order, on PostgreSQL too, and what
was decided against an older head is never stored. docs/decisions/0007 tells why no lock and no sequence is needed.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus

from workflow.engine.store.database import Database, translate, translated
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.sql import FEW, Statements
from workflow.errors import StoreReplaced, StoreUnavailable
from workflow.text import Text, same

_DECIDE_AGAIN = (
    sqlite3.IntegrityError,
    psycopg.errors.UniqueViolation,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
)


class HeadMoved(Exception):
    """Somebody else has appended since; decide again."""


class Batch(NamedTuple):
    rows: list[Recorded]
    timers_gone: list[tuple[str, str]]
    """(stream, key)."""
    timers_new: list[tuple[str, str, str]]
    """(stream, key, at)."""
    erased: list[int]
    """Positions whose payload goes."""


class Writer:
    """Appends to one log; for one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = Statements(database.is_sqlite)
        self._connection: Any = None
        self._writing = threading.Lock()
        """Two threads in one connection at once would end the process."""
        self._failed: Text | None = None
        self._left_over = False
        """Whether a reader has kept the number from being moved into the file."""
        self._raw()  # refuses settings that would lose commits before anything is written
        self._begin_counting()  # so that what is written over before the first commit is noticed too

    def close(self) -> None:
        self._drop()

    def append(self, batch: Batch) -> None:
        """Make a batch durable, all or nothing.

        `HeadMoved` when a position, a version or a command id is taken, or the database asks to try again. Where the
        connection breaks at the commit, the log itself tells whether it was made. After a failure of the disk nothing
        is stored any more until a restart, nor while the database's file is not where it was.
        """
        if self._failed:
            raise StoreUnavailable(
                f"the disk has failed and may have lost more; restart after a look ({self._failed.en})",
                "Der Datenträger hat versagt und vielleicht mehr verloren; nachsehen und neu starten "
                f"({self._failed.de})",
            )
        with self._writing:
            self._append_or_say_why(batch)

    @contextmanager
    def going_first(self) -> Iterator[None]:
        """For one who was overtaken: nobody else appends until the next `append` has ended, or this has.

        PostgreSQL serves those who wait for the lock in their order, so that of several busy processes none starves.
        """
        if self._database.in_memory:
            yield
            return
        try:
            with self._writing:
                for statement in self._sql.go_first:
                    self._raw().execute(statement)
            yield
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._drop()
            raise translate(wrong) from wrong
        finally:
            with self._writing:
                self._roll_back()

    def read(self, stream: str, latest_only: bool = False) -> list[Recorded]:
        """Events of a stream, or only its last, on this connection: several times as fast as `Log.read`."""
        try:
            with self._writing, self._database.alone:
                found = self._raw().execute(self._sql.latest if latest_only else self._sql.stream, (stream,))
                return [Recorded._make(row) for row in found]
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._drop()
            raise translate(wrong) from wrong

    def clear_erased(self) -> None:
        """After an erasure is stored: nothing of it may be left in the write-ahead log."""
        if self._database.is_sqlite and not self._database.in_memory:
            with self._writing, translated():
                self._raw().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _append_or_say_why(self, batch: Batch) -> None:
        try:
            with self._database.alone:
                self._move_commits()
                self._check_content()
                self._append(batch)
                self._check_log()
                self._check_content()
        except _DECIDE_AGAIN as wrong:
            self._roll_back()
            raise HeadMoved from wrong
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._roll_back()
            self._drop()
            if isinstance(wrong, psycopg.OperationalError) and self._was_stored(batch):
                return
            if getattr(wrong, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
                self._failed = same(wrong)  # a second fsync after a failed one may say what is not so
            raise translate(wrong) from wrong

    def _append(self, batch: Batch) -> None:
        db = self._raw()
        begun = self._in_transaction(db)
        one_statement = len(batch.rows) <= FEW or not self._database.is_sqlite
        more = batch.timers_gone or batch.timers_new or batch.erased or self._is_to_be_counted()
        if one_statement and not (begun or more):
            self._sql.insert(db, batch.rows)  # a transaction of its own
            return
        if not begun:
            db.execute(self._sql.begin)
        self._sql.insert(db, batch.rows)
        self._derived(db if self._database.is_sqlite else db.cursor(), batch)
        self._commit(db)

    def _is_to_be_counted(self) -> bool:
        return self._database.file is not None and self._database.file.outdated

    def _commit(self, db: Any) -> None:
        """The transaction that has begun, with another number for a file that has changed."""
        file = self._database.file
        if file is None or not file.outdated:
            db.execute("COMMIT")
            return
        file.count_up(db)
        db.execute("COMMIT")
        file.outdated = False

    def _check_content(self) -> None:
        if self._database.file is not None:
            self._database.file.check_content()

    def _begin_counting(self) -> None:
        """Whatever moved commits into the file when nobody counted, it has a number of its own from here.

        Where somebody else writes for long just now, or a reader holds an older state, the next batch tries again.
        """
        if self._database.file is None:
            return
        self._check_content()
        db = self._raw()
        self._left_over = True
        try:
            db.execute(self._sql.begin)
            self._commit(db)
            self._move_commits()
        except sqlite3.OperationalError as wrong:
            self._roll_back()
            if wrong.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                raise translate(wrong) from wrong
        self._check_content()

    def _move_commits(self) -> None:
        """Into the file, where they were left in the write-ahead log when this writer began."""
        if self._left_over and not self._in_transaction(self._raw()):
            busy, there, moved = self._raw().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._left_over = bool(busy) or moved < there

    def _check_log(self) -> None:
        """Where SQLite's write-ahead log was taken away, what it holds is saved, and nothing is stored any more."""
        if self._database.file is None:
            return
        try:
            self._database.file.check_log()
        except StoreReplaced as gone:
            self._raw().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._failed = gone.text
            raise

    def _in_transaction(self, db: Any) -> bool:
        if self._database.is_sqlite:
            return bool(db.in_transaction)
        return bool(db.info.transaction_status is not TransactionStatus.IDLE)

    def _derived(self, db: Any, batch: Batch) -> None:
        if batch.timers_gone:
            db.executemany(self._sql.timer_gone, batch.timers_gone)
        if batch.timers_new:
            db.executemany(self._sql.timer_new, batch.timers_new)
        if batch.erased:
            db.executemany(self._sql.erase, [(position,) for position in batch.erased])

    def _was_stored(self, batch: Batch) -> bool:
        last = batch.rows[-1]
        try:
            with self._database.read() as connection:
                found = connection.exec_driver_sql(self._sql.hash_at, (last.position,)).scalar()
        except StoreUnavailable:
            return False
        return bool(found == last.hash)

    def _raw(self) -> Any:
        if self._connection is None:
            self._connection = self._database.connect_raw()
            if self._database.file is not None:
                self._database.file.watch_log(self._connection)
        return self._connection

    def _roll_back(self) -> None:
        """SQLite may have rolled back already (disk full); saying it again would hide the reason."""
        db = self._connection
        if db is None:
            return
        if self._database.is_sqlite:
            if db.in_transaction:
                db.execute("ROLLBACK")
        elif not db.closed and db.info.transaction_status is not TransactionStatus.IDLE:
            with suppress(psycopg.Error):  # a broken connection is dropped by whoever looks at the error
                db.execute("ROLLBACK")

    def _drop(self) -> None:
        db, self._connection = self._connection, None
        if db is not None and not self._database.in_memory:
            db.close()
