"""The append-only log: the only truth, and the outbox. Position is primary key, (stream, version) is unique.

Whoever appends names the next position. Two writers cannot both have it: the second waits for the first's commit and
is then refused (`HeadMoved`), so positions have no gap and become visible in their order, on PostgreSQL too, and what
was decided against an older head is never stored. docs/decisions/0007 tells why no lock and no sequence is needed.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus

from workflow.engine.store.database import Database, translate, translated
from workflow.engine.store.hash_chain import GENESIS, Head, Recorded, verify
from workflow.engine.store.migrate import migrate
from workflow.engine.store.sql import Statements
from workflow.engine.store.tables import EventRow, SubscriberRow
from workflow.errors import Corrupted, StoreUnavailable

EVENTS: sa.Table = EventRow.__table__  # type: ignore[attr-defined]
SUBSCRIBERS: sa.Table = SubscriberRow.__table__  # type: ignore[attr-defined]
PAGE = 1000
_DECIDE_AGAIN = (
    sqlite3.IntegrityError,
    psycopg.errors.UniqueViolation,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
)


class HeadMoved(Exception):
    """Somebody else has appended since; decide again."""


class Batch(NamedTuple):
    """What is made durable together."""

    rows: list[Recorded]
    timers_gone: list[tuple[str, str]]
    """(stream, key)."""
    timers_new: list[tuple[str, str, str]]
    """(stream, key, at)."""
    erased: list[int]
    """Positions whose payload goes."""


class Log:
    """A log in one database; `append` is for one thread at a time."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._sql = Statements(self.database.is_sqlite)
        self._writer: Any = None
        self._quick: sqlite3.Connection | None = None
        self._quick_lock = threading.Lock()
        self._writing = threading.Lock()
        """Two threads in one connection at once would end the process."""
        self._failed = ""
        try:
            self._raw()  # refuses settings that would lose commits before anything is written
            migrate(self.database)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give all connections back."""
        self._drop_writer()
        self._drop_quick()
        self.database.close()

    def _drop_quick(self) -> None:
        with self._quick_lock:
            quick, self._quick = self._quick, None
        if quick is not None:
            quick.close()

    def append(self, batch: Batch) -> None:
        """Make a batch durable, all or nothing.

        `HeadMoved` when a position, a version or a command id is taken, or the database asks to try again. Where the
        connection breaks at the commit, the log itself tells whether it was made. After a failure of the disk nothing
        is stored any more until a restart.
        """
        if self._failed:
            raise StoreUnavailable(f"the disk has failed and may have lost more; restart after a look: {self._failed}")
        with self._writing:
            self._append_or_tell(batch)

    @contextmanager
    def going_first(self) -> Iterator[None]:
        """For one who was overtaken: nobody else appends until the next `append` has ended, or this has.

        PostgreSQL serves those who wait for the lock in their order, so that of several busy processes none starves.
        """
        if self.database.in_memory:
            yield
            return
        try:
            with self._writing:
                for statement in self._sql.go_first:
                    self._raw().execute(statement)
            yield
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._drop_writer()
            raise translate(wrong) from wrong
        finally:
            with self._writing:
                self._roll_back()

    def _append_or_tell(self, batch: Batch) -> None:
        try:
            with self.database.alone():
                self._append(batch)
        except _DECIDE_AGAIN as wrong:
            self._roll_back()
            raise HeadMoved from wrong
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._roll_back()
            self._drop_writer()
            if isinstance(wrong, psycopg.OperationalError) and self._was_stored(batch):
                return
            if getattr(wrong, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
                self._failed = str(wrong)  # a second fsync after a failed one may say what is not so
            raise translate(wrong) from wrong

    def _append(self, batch: Batch) -> None:
        db = self._raw()
        alone = not (batch.timers_gone or batch.timers_new or batch.erased)
        if self.database.is_sqlite:
            if alone and len(batch.rows) == 1 and not db.in_transaction:
                db.execute(self._sql.insert, batch.rows[0])
                return
            if not db.in_transaction:
                db.execute("BEGIN IMMEDIATE")
            db.executemany(self._sql.insert, batch.rows)
            self._derived(db, batch)
            db.execute("COMMIT")
            return
        begun = db.info.transaction_status is not TransactionStatus.IDLE
        if alone and not begun:
            self._sql.insert_postgresql(db, batch.rows)
            return
        if not begun:
            db.execute("BEGIN")
        self._sql.insert_postgresql(db, batch.rows)
        self._derived(db.cursor(), batch)
        db.execute("COMMIT")

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
            found = self.at(last.position)
        except StoreUnavailable:
            return False
        return found is not None and found.hash == last.hash

    def _raw(self) -> Any:
        if self._writer is None:
            self._writer = self.database.connect_raw()
        return self._writer

    def _roll_back(self) -> None:
        """SQLite may have rolled back already (disk full); saying it again would hide the reason."""
        db = self._writer
        if db is None:
            return
        if self.database.is_sqlite:
            if db.in_transaction:
                db.execute("ROLLBACK")
        elif not db.closed and db.info.transaction_status is not TransactionStatus.IDLE:
            with suppress(psycopg.Error):  # a broken connection is dropped by whoever looks at the error
                db.execute("ROLLBACK")

    def _drop_writer(self) -> None:
        db, self._writer = self._writer, None
        if db is not None and not self.database.in_memory:
            db.close()

    def compact(self) -> None:
        """After an erasure: nothing of it may be left in the write-ahead log."""
        if self.database.is_sqlite and not self.database.in_memory:
            with self._writing, translated():
                self._raw().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def versions(self, *streams: str) -> list[int] | None:
        """Last versions of streams by one statement on a connection kept for it, quick enough for an event loop; None
        where there is none such (not SQLite, or in memory).
        """
        if not self.database.is_sqlite or self.database.in_memory:
            return None
        try:
            with self._quick_lock:
                if self._quick is None:
                    self._quick = self.database.connect_quick()
                return [
                    row[0] if row else 0
                    for row in (self._quick.execute(self._sql.version, (stream,)).fetchone() for stream in streams)
                ]
        except sqlite3.Error as wrong:
            self._drop_quick()
            raise translate(wrong) from wrong

    def probe(self) -> None:
        """Try to make something durable that nobody reads; raises as `append` does where that cannot be."""
        name = {"name": "probe", "position": 0}
        with self.database.write() as connection:
            connection.execute(sa.delete(SUBSCRIBERS).where(SUBSCRIBERS.c.name == name["name"]))
            connection.execute(sa.insert(SUBSCRIBERS), [name])

    def head(self) -> Head:
        """Position and hash of the last event; (0, zeros) of an empty log."""
        found = self._fetch(sa.select(EVENTS.c.position, EVENTS.c.hash).order_by(EVENTS.c.position.desc()).limit(1))
        return Head._make(found[0]) if found else Head(0, GENESIS)

    def at(self, position: int) -> Recorded | None:
        """The event at a position."""
        found = self._fetch(sa.select(EVENTS).where(EVENTS.c.position == position))
        return Recorded._make(found[0]) if found else None

    def own_stream(self, stream: str, latest_only: bool = False) -> list[Recorded]:
        """As `stream` or `latest`, on the connection of the one who appends; several times as fast."""
        try:
            with self._writing, self.database.alone():
                found = self._raw().execute(self._sql.latest if latest_only else self._sql.stream, (stream,))
                return [Recorded._make(row) for row in found]
        except (sqlite3.Error, psycopg.Error) as wrong:
            self._drop_writer()
            raise translate(wrong) from wrong

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """Events of a stream behind a version, oldest first."""
        query = sa.select(EVENTS).where(EVENTS.c.stream == stream, EVENTS.c.version > after)
        return [Recorded._make(row) for row in self._fetch(query.order_by(EVENTS.c.version))]

    def latest(self, stream: str) -> list[Recorded]:
        """The last event of a stream, if there is one."""
        query = sa.select(EVENTS).where(EVENTS.c.stream == stream)
        return [Recorded._make(row) for row in self._fetch(query.order_by(EVENTS.c.version.desc()).limit(1))]

    def version(self, stream: str) -> int:
        """Last version of a stream, 0 where there is none."""
        query = sa.select(EVENTS.c.version).where(EVENTS.c.stream == stream)
        found = self._fetch(query.order_by(EVENTS.c.version.desc()).limit(1))
        return int(found[0][0]) if found else 0

    def by_command(self, command_id: str) -> list[Recorded]:
        """Events that a command led to, in order."""
        query = sa.select(EVENTS).where(EVENTS.c.command_id == command_id).order_by(EVENTS.c.ordinal)
        return [Recorded._make(row) for row in self._fetch(query)]

    def of_types(self, *types: str) -> list[Recorded]:
        """Events of some types, the latest first; reads the whole log."""
        query = sa.select(EVENTS).where(EVENTS.c.type.in_(types)).order_by(EVENTS.c.position.desc())
        return [Recorded._make(row) for row in self._fetch(query)]

    def since(self, position: int, limit: int = PAGE) -> list[Recorded]:
        """Events behind a position in log order; nothing that is committed later comes before them."""
        query = sa.select(EVENTS).where(EVENTS.c.position > position).order_by(EVENTS.c.position).limit(limit)
        return [Recorded._make(row) for row in self._fetch(query)]

    def streams_since(self, position: int) -> set[str]:
        """Streams that have changed behind a position."""
        return {
            row[0] for row in self._fetch(sa.select(EVENTS.c.stream).distinct().where(EVENTS.c.position > position))
        }

    def streams_in(self, category: str, after: int = 0) -> list[str]:
        """Streams of a category that have changed behind a position, in order."""
        found = sa.select(EVENTS.c.stream).distinct().order_by(EVENTS.c.stream)
        of_it = (EVENTS.c.stream > f"{category}:", EVENTS.c.stream < f"{category};", EVENTS.c.position > after)
        return [row[0] for row in self._fetch(found.where(*of_it))]

    def streams_of(self, category: str, after: str = "", limit: int = PAGE) -> list[str]:
        """Streams of a category in the order of their keys, behind the key `after`."""
        query = sa.select(EVENTS.c.stream).where(
            EVENTS.c.version == 1, EVENTS.c.stream > f"{category}:{after}", EVENTS.c.stream < f"{category};"
        )
        return [row[0] for row in self._fetch(query.order_by(EVENTS.c.stream).limit(limit))]

    def all(self) -> Iterator[Recorded]:
        """The whole log in order, read in short pages so that no transaction stays open."""
        position = 0
        while page := self._page(position):
            yield from page
            position = page[-1].position

    def _page(self, position: int) -> list[Recorded]:
        """Events behind a position; where one of them cannot be read, `Corrupted` names it when it comes first."""
        for size in (5 * PAGE, 1):
            try:
                return self.since(position, size)
            except Corrupted as wrong:
                if size == 1:
                    raise Corrupted(position + 1, wrong.wrong) from wrong
        return []

    def verify(self, head: str | None = None) -> Head:
        """Check the whole log; `Corrupted` names the first bad position."""
        return verify(self.all(), head)

    def restore(self, events: Iterable[Recorded], progress: Callable[[int], None] = lambda _: None) -> Head:
        """Fill an empty log from exported events, verified on the way; nothing stays where they do not verify."""
        if self.head().position:
            raise StoreUnavailable("the log is not empty; restore into a new database")
        with self.database.write(unhurried=True) as connection:
            return verify(_stored(events, connection, progress))

    def _fetch(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self.database.read() as connection:
            return connection.execute(query).all()


def _stored(
    events: Iterable[Recorded], connection: sa.Connection, progress: Callable[[int], None]
) -> Iterator[Recorded]:
    """Passes events on and stores them page by page, so that a log of any length needs the memory of a page."""
    page: list[dict[str, Any]] = []
    for event in events:
        yield event
        page.append(event._asdict())
        if len(page) == PAGE:
            connection.execute(sa.insert(EVENTS), page)
            progress(len(page))
            page = []
    if page:
        connection.execute(sa.insert(EVENTS), page)
        progress(len(page))
