"""The append-only log: the only truth, and the outbox. Position is primary key, (stream, version) is unique.

The engine appends through `writer`; everybody may read.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from workflow.engine.store.database import Database, translate
from workflow.engine.store.deliveries import Deliveries
from workflow.engine.store.hash_chain import GENESIS, Head, Recorded, verify
from workflow.engine.store.migrate import migrate
from workflow.engine.store.projection import Projection
from workflow.engine.store.sql import Statements
from workflow.engine.store.tables import EVENTS, SUBSCRIBERS
from workflow.engine.store.timers import Timers
from workflow.engine.store.writer import Batch, Writer
from workflow.errors import Corrupted, StoreUnavailable

PAGE = 250
"""Events held at once; few, since a payload may be long: of reading and of restoring."""
UNBOUNDED = 2**62
# Built once: to build a statement takes as long as to run it.
_HEAD = sa.select(EVENTS.c.position, EVENTS.c.hash).order_by(EVENTS.c.position.desc()).limit(1)
_VERSION = sa.select(sa.func.max(EVENTS.c.version)).where(EVENTS.c.stream == sa.bindparam("stream"))
_OF_STREAM = sa.select(EVENTS).where(EVENTS.c.stream == sa.bindparam("stream"))
_STREAM = (
    _OF_STREAM.where(EVENTS.c.version > sa.bindparam("after")).order_by(EVENTS.c.version).limit(sa.bindparam("most"))
)
_LATEST = _OF_STREAM.order_by(EVENTS.c.version.desc()).limit(1)
_COMMAND = sa.select(EVENTS).where(EVENTS.c.command_id == sa.bindparam("command")).order_by(EVENTS.c.ordinal)
_PAGE = (
    sa.select(EVENTS)
    .where(EVENTS.c.position > sa.bindparam("after"))
    .order_by(EVENTS.c.position)
    .limit(sa.bindparam("most"))
)


class Log:
    """A log in one database; `most_bytes` bounds one in memory.

    `read_only` is for looking at one, perhaps on a disk that takes no writes; its schema may be of an earlier release.
    """

    def __init__(self, url: str, most_bytes: int | None = None, *, read_only: bool = False) -> None:
        self._database = Database(url, read_only)
        self.database = self._database
        """For what the engine keeps beside the log."""
        self._quick: sqlite3.Connection | None = None
        self._quick_lock = threading.Lock()
        self._sql = Statements(self._database.is_sqlite)
        self.timers = Timers(self._database)
        self.deliveries = Deliveries(self._database)
        if read_only:
            return
        try:
            self.writer = Writer(self._database)
            migrate(self._database)
            if most_bytes is not None:
                self._database.limit(most_bytes)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if hasattr(self, "writer"):
            self.writer.close()
        self._drop_quick()
        self._database.close()

    @property
    def in_memory(self) -> bool:
        """Whether it lives as long as this process, and no other process writes to it."""
        return self._database.in_memory

    def projection(self, name: str) -> Projection:
        """Tables, or a position alone, that follow this log under a name of their own."""
        return Projection(self._database, name)

    def append(self, batch: Batch) -> None:
        """Make a batch durable, all or nothing; raises as `Writer.append` does."""
        self.writer.append(batch)

    def head(self) -> Head:
        """Position and hash of the last event; (0, zeros) of an empty log."""
        found = self._fetch(_HEAD)
        return Head._make(found[0]) if found else Head(0, GENESIS)

    def read(self, stream: str, latest_only: bool = False, *, after: int = 0, most: int = UNBOUNDED) -> list[Recorded]:
        """Events of a stream behind a version, oldest first, so many at most; or only its last."""
        found = self._fetch(_LATEST if latest_only else _STREAM, stream=stream, after=after, most=most)
        return [Recorded._make(row) for row in found]

    def read_command(self, command_id: str) -> list[Recorded]:
        """Events that a command led to, in order; none where it was not done."""
        return [Recorded._make(row) for row in self._fetch(_COMMAND, command=command_id)]

    def read_types(self, *types: str) -> list[Recorded]:
        """Events of some types, the latest first; reads the whole log."""
        query = sa.select(EVENTS).where(EVENTS.c.type.in_(types)).order_by(EVENTS.c.position.desc())
        return [Recorded._make(row) for row in self._fetch(query)]

    def read_all(self, after: int = 0, most: int | None = None) -> Iterator[Recorded]:
        """Events behind a position in log order; nothing that is committed later comes before them.

        Read in short pages so that no transaction stays open. `Corrupted` names the position that cannot be read.
        """
        while most is None or most > 0:
            page = self._page(after, PAGE if most is None else min(PAGE, most))
            yield from page
            if not page:
                return
            after = page[-1].position
            most = None if most is None else most - len(page)
            del page  # not held while the next is read

    def versions(self, *streams: str) -> list[int]:
        """Last versions of streams, 0 where there is none."""
        with self._database.read() as connection:
            return [connection.execute(_VERSION, {"stream": one}).scalar() or 0 for one in streams]

    def versions_at_once(self, *streams: str) -> list[int] | None:
        """As `versions` on a connection kept for it, quick enough for an event loop; None where there is none such
        (not SQLite, or in memory).
        """
        if not self._database.is_sqlite or self.in_memory:
            return None
        try:
            with self._quick_lock:
                if self._quick is None:
                    self._quick = self._database.connect_quick()
                execute = self._quick.execute
                found = [execute(self._sql.version, (stream,)).fetchone() for stream in streams]
            return [row[0] if row else 0 for row in found]
        except sqlite3.Error as wrong:
            self._drop_quick()
            raise translate(wrong) from wrong

    def streams(
        self, category: str | None = None, *, after: str = "", changed_since: int = 0, most: int | None = None
    ) -> list[str]:
        """Streams in the order of their names: all or of a category, behind the key `after`, and where a position is
        given only those with events behind it.
        """
        query = sa.select(EVENTS.c.stream).order_by(EVENTS.c.stream).limit(most)
        if category is not None:
            query = query.where(EVENTS.c.stream > f"{category}:{after}", EVENTS.c.stream < f"{category};")
        if changed_since:
            query = query.distinct().where(EVENTS.c.position > changed_since)
        else:
            query = query.where(EVENTS.c.version == 1)
        return [row[0] for row in self._fetch(query)]

    def verify(self, head: str | None = None) -> Head:
        """Check the whole log; `Corrupted` names the first bad position."""
        return verify(self.read_all(), head)

    def restore(self, events: Iterable[Recorded], progress: Callable[[int], None] = lambda _: None) -> Head:
        """Fill an empty log from exported events, verified on the way; nothing stays where they do not verify."""
        if self.head().position:
            raise StoreUnavailable(
                "the log is not empty; restore into a new database",
                "Das Protokoll ist nicht leer; in eine neue Datenbank wiederherstellen",
            )
        with self._database.write(unhurried=True) as connection:
            return verify(_stored(events, connection, progress))

    def check_writable(self) -> None:
        """Try to make something durable that nobody reads; raises as `Writer.append` does where that cannot be."""
        with self._database.write() as connection:  # a row that stays as it is would need no space on a full disk
            connection.execute(sa.delete(SUBSCRIBERS).where(SUBSCRIBERS.c.name == "probe"))
            connection.execute(sa.insert(SUBSCRIBERS).values(name="probe", position=0))

    def _page(self, position: int, size: int) -> list[Recorded]:
        """Events behind a position; where one of them cannot be read, `Corrupted` names it when it comes first."""
        try:
            return [Recorded._make(row) for row in self._fetch(_PAGE, after=position, most=size)]
        except Corrupted as wrong:
            if size == 1:
                raise Corrupted(position + 1, wrong.wrong.en, wrong.wrong.de) from wrong
            return self._page(position, 1)

    def _fetch(self, query: sa.Select[Any], **values: Any) -> Sequence[sa.Row[Any]]:
        with self._database.read() as connection:
            return connection.execute(query, values).all()

    def _drop_quick(self) -> None:
        with self._quick_lock:
            quick, self._quick = self._quick, None
        if quick is not None:
            quick.close()


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
