"""The few statements of the one who appends, in each database's own words; built of constants only."""

from typing import Any

from workflow.engine.store.hash_chain import Recorded

COLUMNS = Recorded._fields
FEW = 4
"""Rows up to which PostgreSQL takes them as values."""


class Statements:
    """SQL for one kind of database."""

    def __init__(self, sqlite: bool) -> None:
        mark = "?" if sqlite else "%s"
        names = ", ".join(COLUMNS)
        self.go_first = ("BEGIN IMMEDIATE",) if sqlite else ("BEGIN", "LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")
        if sqlite:
            self.insert = f"INSERT INTO events ({names}) VALUES ({', '.join('?' * len(COLUMNS))})"
        else:
            self.insert = f"COPY events ({names}) FROM STDIN"
            row = f"({', '.join(('%s',) * len(COLUMNS))})"
            self.insert_few = [f"INSERT INTO events ({names}) VALUES {', '.join((row,) * n)}" for n in range(FEW + 1)]
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

    def insert_postgresql(self, db: Any, rows: list[Recorded]) -> None:
        """One statement: for a few rows one with values, which stays prepared; many are copied, at a fifth of the
        cost.
        """
        if len(rows) <= FEW:
            db.execute(self.insert_few[len(rows)], [value for row in rows for value in row])
            return
        with db.cursor().copy(self.insert) as copy:
            for row in rows:
                copy.write_row(row)
