"""The file of an SQLite database, and whether it is still the one that was opened.

A file that was moved or removed goes on taking what is written to it, and nobody finds it there again. So its device
and inode are compared with those of its path, and those of the write-ahead log beside it, where each commit lies first.
A file that was written over in place has the same, so its number, SQLite's `user_version`, is looked at whenever it has
changed. It begins by chance and is counted up after every change, so that no copy made earlier has the number of today.
It alone can be trusted in the file itself, for it stands in one page: SQLite moves commits there page by page, and
leaves out those of which a reader still holds an older state, so that the pages need not fit each other.
"""

import os
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from workflow.errors import StoreReplaced

Identity = tuple[int, int]
"""Device and inode."""
Change = tuple[int, int, int]
"""Times of the last change in nanoseconds (Windows knows but one), and size: the file changes when SQLite moves commits
into it from the write-ahead log, and when somebody else writes over it.
"""
FIRST, MOST = 2**30, 100_000
"""Below which a database's number begins, and by how much it grows at most between two looks."""
WAIT = 5.0
"""Seconds for which a connection waits for another's transaction."""


_NO_LOCKS = "vfs=win32-none" if os.name == "nt" else "vfs=unix-none"
LOOKS, BETWEEN_LOOKS = 100, 0.02
"""How often, and after how many seconds, a file that looks wrong is looked at again."""


class DatabaseFile:
    """A file that is there, or begins; `read_only` is for one that is there, perhaps on a disk that takes no writes."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path.absolute()
        self._write_ahead_log = Path(f"{self.path}-wal")
        self._options = "mode=rw"
        if read_only:
            self._options = self._choose_options()
        elif not self.path.exists():
            with closing(self._open("mode=rwc")):
                pass  # made here and nowhere else: a connection opened later must not begin another database
        self._identity = _identify(self.path)
        self._change: Change | None = None
        self._number = 0
        """The number of the file itself, when it was last looked at."""
        self.outdated = True
        """Whether the file has changed since the number was counted up; false only once that is committed."""
        self._log_identity: Identity | None = None

    def connect(self) -> sqlite3.Connection:
        """A connection in autocommit; what begins a transaction says so."""
        self.check()
        connection = self._open(self._options)
        if _NO_LOCKS in self._options:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return connection

    def check(self) -> None:
        """Raise `StoreReplaced` where the path no longer leads to the file that was opened."""
        if _identify(self.path) != self._identity or self._identity is None:
            raise self._tell_moved()

    def check_content(self) -> None:
        """As `check`, and raise `StoreReplaced` where the file was written over, with an older copy of itself or with
        something else.

        It is read only where it has changed since it was last looked at, past the write-ahead log, which SQLite would
        lay over whatever is there now. While commits are moved into it, its first page may look wrong for a moment.
        """
        for _ in range(LOOKS):
            if self._goes_on():
                return
            time.sleep(BETWEEN_LOOKS)
        raise StoreReplaced(
            f"the database file {self.path} was written over; stop, and put it back or restore it",
            f"Die Datenbankdatei {self.path} wurde überschrieben",
        )

    def _goes_on(self) -> bool:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - as below
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self._identity:
            raise self._tell_moved()
        change = (found.st_ctime_ns, found.st_mtime_ns, found.st_size)
        if change == self._change:
            return True
        try:
            with closing(self._open("mode=ro&immutable=1")) as connection:
                connection.execute("PRAGMA writable_schema=ON")  # pages at the end may not have been moved there yet
                number = _get_number(connection)
        except sqlite3.OperationalError:
            return True  # it could not be read just now; that commits fail, the writer tells
        except sqlite3.DatabaseError:
            return False  # no database
        if self._number and not 0 <= number - self._number < MOST:
            return False
        self._change, self._number, self.outdated = change, number, True
        return True

    @staticmethod
    def count_up(connection: sqlite3.Connection) -> None:
        """Give what the file will be another number than it has, inside a transaction that may write: else another
        process counts between reading and writing, and one number stands for two states.
        """
        number = _get_number(connection)
        connection.execute(f"PRAGMA user_version={number + 1 if number else secrets.randbelow(FIRST) + 1}")

    def watch_log(self, connection: sqlite3.Connection) -> None:
        """Remember which write-ahead log a connection writes to, as long as it stays open."""
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # opens it
        self._log_identity = _identify(self._write_ahead_log)

    def check_log(self) -> None:
        """As `check`, for the write-ahead log of the connection that is watched."""
        if _identify(self._write_ahead_log) != self._log_identity:
            raise StoreReplaced(
                f"{self._write_ahead_log} was moved or removed under the running server; restart after a look",
                f"{self._write_ahead_log} wurde im laufenden Betrieb verschoben oder gelöscht",
            )

    def _tell_moved(self) -> StoreReplaced:
        return StoreReplaced(
            f"the database file {self.path} was moved, removed or replaced; put it back, or restart after a look",
            f"Die Datenbankdatei {self.path} wurde verschoben, gelöscht oder ersetzt",
        )

    def _open(self, options: str) -> sqlite3.Connection:
        uri = f"{self.path.as_uri()}?{options}"
        return sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)

    def _choose_options(self) -> str:
        """How to read a file: beside a writer where that can be, else from a disk that takes no lock and no new file,
        where nobody writes: with its write-ahead log where one was left, or alone.
        """
        try:
            with closing(self._open("mode=ro")) as connection:
                connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            left = self._write_ahead_log.exists() and self._write_ahead_log.stat().st_size
            return f"mode=ro&{_NO_LOCKS}" if left else "mode=ro&immutable=1"
        return "mode=ro"


def _get_number(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def _identify(path: Path) -> Identity | None:
    """None where there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - with every commit: a third of what `Path.stat` costs
    except OSError:
        return None
    return found.st_dev, found.st_ino
