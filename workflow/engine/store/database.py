"""Opening SQLite and PostgreSQL with the settings that durability needs, and what their errors mean here.

SQLite: WAL, synchronous=FULL, foreign keys, writers begin IMMEDIATE (a deferred transaction that reads first fails at
once with BUSY), readers are query-only connections of their own. PostgreSQL: synchronous commit on, and time limits on
statements, locks and idle transactions (docs/reference/log.md, what the log guarantees).
"""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from workflow.engine.store.database_file import DatabaseFile
from workflow.errors import Corrupted, EvaError, InvalidCommand, StoreBusy, StoreFull, StoreUnavailable
from workflow.text import Text

_SQLITE_SETTINGS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA secure_delete=ON",  # what is erased by law must not linger in free pages
    "PRAGMA journal_size_limit=67108864",
)
_POSTGRESQL_OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
)
_WAITED_TOO_LONG = (sa.exc.TimeoutError, psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


class Database:
    def __init__(self, url: str, read_only: bool = False) -> None:
        try:
            self.url = sa.make_url(_with_driver(url))
        except sa.exc.ArgumentError as wrong:
            says = Text("ist keine Adresse von SQLite oder PostgreSQL", "is no URL of SQLite or PostgreSQL")
            raise InvalidCommand([("/database", says)]) from wrong
        if self.url.get_backend_name() not in {"sqlite", "postgresql"}:
            says = Text(
                f"{self.url.get_backend_name()} ist weder SQLite noch PostgreSQL",
                f"{self.url.get_backend_name()} is neither SQLite nor PostgreSQL",
            )
            raise InvalidCommand([("/database", says)])
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.in_memory = self.is_sqlite and self.url.database in {None, "", ":memory:"}
        self.alone: AbstractContextManager[Any] = threading.RLock() if self.in_memory else nullcontext()
        """In memory there is one connection for all."""
        self.file: DatabaseFile | None = None
        if self.is_sqlite and not self.in_memory:
            with translated():
                self.file = DatabaseFile(_path(str(self.url.database)), read_only)
        self.readers, self.writers = self._sqlite() if self.is_sqlite else self._postgresql(read_only)

    def _postgresql(self, read_only: bool) -> tuple[sa.Engine, sa.Engine]:
        options = _POSTGRESQL_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
        engine = sa.create_engine(
            self.url,
            connect_args={"options": options, "connect_timeout": 5},
            pool_pre_ping=True,
            pool_size=16,
            max_overflow=24,
            pool_timeout=5,
        )
        return engine.execution_options(isolation_level="AUTOCOMMIT"), engine

    def _sqlite(self) -> tuple[sa.Engine, sa.Engine]:
        if self.file is None:
            # Not ":memory:": there each commit walks every page ever written, and costs more with every event.
            only = sqlite3.connect("file:eva?vfs=memdb", uri=True, check_same_thread=False, isolation_level=None)
            only.execute("PRAGMA locking_mode=EXCLUSIVE")
            readers = sa.create_engine("sqlite://", creator=lambda: only, poolclass=StaticPool)
            writers = sa.create_engine("sqlite://", creator=lambda: only, poolclass=StaticPool)
        else:
            connect = self.file.connect
            readers = sa.create_engine(self.url, creator=connect, pool_size=16, max_overflow=24, pool_timeout=5)
            writers = sa.create_engine(self.url, creator=connect, pool_size=2, pool_timeout=5)
            sa.event.listen(readers, "connect", _query_only)
        journal = "MEMORY" if self.in_memory else "WAL"
        sa.event.listen(writers, "connect", lambda connection, _: connection.execute(f"PRAGMA journal_mode={journal}"))
        sa.event.listen(writers, "connect", _set_up_sqlite)
        sa.event.listen(writers, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return readers, writers

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with; each statement sees what is committed when it starts."""
        with translated(), self.alone, self.readers.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection to read with, all of whose statements see what is committed when the first of them starts."""
        with self.read() as connection:
            if self.in_memory:  # nobody else writes meanwhile
                yield connection
                return
            connection.exec_driver_sql("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                with suppress(sa.exc.SQLAlchemyError):  # a broken connection has no transaction any more
                    connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def write(self, unhurried: bool = False) -> Iterator[sa.Connection]:
        """One transaction on derived tables; the events have a writer of their own.

        `unhurried` lifts PostgreSQL's time limits for rebuilding and restoring.
        """
        with translated(), self.alone, self.unmoved(), self.writers.begin() as connection:
            if unhurried and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection

    @contextmanager
    def unmoved(self) -> Iterator[None]:
        """Raise `StoreReplaced` where the database's file has gone, before or meanwhile."""
        if self.file is None:
            yield
            return
        self.file.check()
        yield
        self.file.check()

    def connect_raw(self) -> Any:
        """A connection of the driver, in autocommit, for the one who appends."""
        with translated():
            raw = self.writers.raw_connection()
            connection: Any = raw.driver_connection
            if self.in_memory:
                return connection
            raw.detach()
            if not self.is_sqlite:
                connection.autocommit = True
                try:
                    self._assert_durable(connection)
                except BaseException:
                    connection.close()
                    raise
            return connection

    def connect_quick(self) -> sqlite3.Connection:
        """A connection of SQLite's driver that only reads and never waits; for one thread at a time."""
        with translated():
            raw = self.readers.raw_connection()
            connection: Any = raw.driver_connection
            raw.detach()
            connection.execute("PRAGMA busy_timeout=0")
            return connection  # type: ignore[no-any-return]  # of sqlite3, by the URL

    @staticmethod
    def _assert_durable(connection: Any) -> None:
        for setting in ("synchronous_commit", "fsync"):
            value = connection.execute(f"SHOW {setting}").fetchone()[0]
            if value == "off":
                raise StoreUnavailable(*_not_durable("PostgreSQL", f"{setting}={value}"))

    def clear_write_ahead_log(self) -> None:
        """Bring everything into SQLite's main file, so that the write-ahead log holds nothing of what was erased."""
        if self.is_sqlite and not self.in_memory:
            with translated(), closing(self.writers.raw_connection()) as raw:
                raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def limit(self, most: int) -> None:
        """Let a database in memory grow to so many bytes; beyond them it is full."""
        size = self.connect_raw().execute("PRAGMA page_size").fetchone()[0]
        self.connect_raw().execute(f"PRAGMA max_page_count={max(1, most // size)}")

    def close(self) -> None:
        self.readers.dispose()
        self.writers.dispose()


def _with_driver(url: str) -> str:
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _path(database: str) -> Path:
    """The file of a URL, which may name it as SQLite's own URIs do (`file:eva.db?uri=true`)."""
    return Path(unquote(database.removeprefix("file:").partition("?")[0]) if database.startswith("file:") else database)


def _query_only(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA query_only=ON")


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting)
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if level != 2:
        raise StoreUnavailable(*_not_durable("SQLite", f"synchronous={level}"))


def _not_durable(database: str, setting: str) -> tuple[str, str]:
    return (
        f"{database} runs with {setting}; commits would not be durable",
        f"{database} läuft mit {setting}; was geschrieben wird, wäre nicht dauerhaft",
    )


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as wrong:
        raise translate(getattr(wrong, "orig", None) or wrong) from wrong
    except (sqlite3.Error, psycopg.Error) as wrong:
        raise translate(wrong) from wrong


def translate(wrong: BaseException) -> EvaError:
    """What a driver's error means: full, busy, not available, or not what was written."""
    if isinstance(wrong, EvaError):
        return wrong
    if "decode to UTF-8" in str(wrong):  # the driver's own error, without a code
        return Corrupted(
            0, f"a column holds what is no text ({wrong})", f"in einer Spalte steht, was kein Text ist ({wrong})"
        )
    code = getattr(wrong, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL or isinstance(wrong, psycopg.errors.DiskFull):
        return StoreFull("the disk is full; nothing was changed", "Der Speicher ist voll; nichts wurde geändert")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or isinstance(wrong, _WAITED_TOO_LONG):
        return StoreBusy(f"the database is busy ({wrong})", f"Die Datenbank ist ausgelastet ({wrong})")
    return StoreUnavailable(f"the database does not answer ({wrong})", f"Die Datenbank antwortet nicht ({wrong})")
