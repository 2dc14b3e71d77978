"""The few statements of the one who appends, in each database's own words; built of constants only."""

from itertools import chain
from typing import Any

from workflow.engine.store.hash_chain import Recorded

COLUMNS = Recorded._fields
FEW = 4
"""Rows that one statement takes as values."""


class Statements:
    def __init__(self, sqlite: bool) -> None:
        self._sqlite = sqlite
        mark = "?" if sqlite else "%s"
        names = ", ".join(COLUMNS)
        self.begin = "BEGIN IMMEDIATE" if sqlite else "BEGIN"
        self.go_first = (self.begin,) if sqlite else (self.begin, "LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")
        row = f"({', '.join((mark,) * len(COLUMNS))})"
        self.insert_few = [f"INSERT INTO events ({names}) VALUES {', '.join((row,) * n)}" for n in range(FEW + 1)]
        self.copy = f"COPY events ({names}) FROM STDIN"
        self.stream = f"SELECT {names} FROM events WHERE stream = {mark} ORDER BY version"
        self.latest = f"SELECT {names} FROM events WHERE stream = {mark} ORDER BY version DESC LIMIT 1"
        self.version = f"SELECT version FROM events WHERE stream = {mark} ORDER BY version DESC LIMIT 1"
        self.hash_at = f"SELECT hash FROM events WHERE position = {mark}"
        self.timer_gone = f"DELETE FROM timers WHERE stream = {mark} AND key = {mark}"
        self.timer_new = (
            f"INSERT INTO timers (stream, key, at) VALUES ({mark}, {mark}, {mark}) "
            "ON CONFLICT (stream, key) DO UPDATE SET at = excluded.at, refused = NULL"
        )
        self.erase = f"UPDATE events SET payload = NULL, salt = NULL WHERE position = {mark}"

    def insert(self, db: Any, rows: list[Recorded]) -> None:
        """A few rows by one statement, which stays prepared; on PostgreSQL many are copied, at a fifth of the cost."""
        if len(rows) <= FEW:
            db.execute(self.insert_few[len(rows)], rows[0] if len(rows) == 1 else [*chain.from_iterable(rows)])
        elif self._sqlite:
            db.executemany(self.insert_few[1], rows)
        else:
            with db.cursor().copy(self.copy) as copy:
                for row in rows:
                    copy.write_row(row)
