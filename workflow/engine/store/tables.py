"""The rows that are the truth (`events`) and what is derived from them (`timers`, `subscribers`).

SQLModel tables do not validate; they describe columns only, and nothing but the log and the engine writes them.
Times are text in UTC with microseconds, so that both databases keep and order them alike.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Integer, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

TEXT: Any = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that both databases order by code point."""


class EventRow(SQLModel, table=True):
    """One event; every column but the erasable payload and its salt is covered by `hash`, and those by
    `payload_digest` (docs/reference/log.md).
    """

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("stream", "version"), UniqueConstraint("command_id", "ordinal"))

    position: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False)
    )
    stream: str = Field(sa_type=TEXT)
    version: int
    type: str = Field(sa_type=TEXT)
    schema_version: int
    time: str = Field(sa_type=TEXT)
    actor: str = Field(sa_type=TEXT)
    on_behalf_of: str | None = Field(sa_type=TEXT)
    command_id: str = Field(sa_type=TEXT)
    command_digest: str = Field(sa_type=TEXT)
    ordinal: int
    payload: str | None = Field(sa_type=TEXT)
    salt: str | None = Field(sa_type=TEXT)
    payload_digest: str = Field(sa_type=TEXT)
    hash: str = Field(sa_type=TEXT)


class TimerRow(SQLModel, table=True):
    """When to look at a stream again; derived from its state in the same transaction."""

    __tablename__ = "timers"
    __table_args__ = (Index("timers_by_time", "at", "stream", "key"),)

    stream: str = Field(sa_type=TEXT, primary_key=True)
    key: str = Field(sa_type=TEXT, primary_key=True)
    at: str = Field(sa_type=TEXT)
    refused: str | None = Field(default=None, sa_type=TEXT)
    """Why it could not fire; it is tried again a day later."""


class SubscriberRow(SQLModel, table=True):
    __tablename__ = "subscribers"

    name: str = Field(sa_type=TEXT, primary_key=True)
    position: int = Field(sa_type=BigInteger)


EVENTS: Table = EventRow.__table__  # type: ignore[attr-defined]
TIMERS: Table = TimerRow.__table__  # type: ignore[attr-defined]
SUBSCRIBERS: Table = SubscriberRow.__table__  # type: ignore[attr-defined]


def between(stream: Column[str], after: str, last: str | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions for streams behind a name ("": from the first on) up to another (None: to the end)."""
    found = () if after == "" else (stream > after,)
    return found if last is None else (*found, stream <= last)
