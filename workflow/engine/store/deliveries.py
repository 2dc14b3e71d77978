"""How far the log was delivered to receivers outside, when each is tried next, and what could not be delivered.

What a receiver has not had yet waits in the log, behind its position; no queue grows. A receiver is claimed by moving
the time at which it is looked at next, so that one process delivers at a time, and another goes on where it is lost.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from workflow.engine.store.database import Database
from workflow.engine.store.tables import TEXT


class ReceiverRow(SQLModel, table=True):
    __tablename__ = "receivers"

    name: str = Field(sa_type=TEXT, primary_key=True)
    position: int = Field(sa_type=BigInteger)
    at: str = Field(sa_type=TEXT)
    attempts: int
    refusals: int
    why: str | None = Field(sa_type=TEXT)


class DeadLetterRow(SQLModel, table=True):
    """Undeliverable events: each may be asked for `again`, and goes when it was delivered."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index("dead_letters_again", "again", "receiver"),)

    receiver: str = Field(sa_type=TEXT, primary_key=True)
    position: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    attempts: int
    failed: str = Field(sa_type=TEXT)
    why: str = Field(sa_type=TEXT)
    again: bool


RECEIVERS: sa.Table = SQLModel.metadata.tables["receivers"]
DEAD_LETTERS: sa.Table = SQLModel.metadata.tables["dead_letters"]


class Receiver(NamedTuple):
    """`at`: when to look at it next, as text in UTC; `attempts`: how often nobody was there to take its next event,
    `refusals`: how often that was refused, `why`: the last failure.
    """

    name: str
    position: int
    at: str
    attempts: int = 0
    refusals: int = 0
    why: str | None = None


class DeadLetter(NamedTuple):
    """`failed`: when it was tried last, as text in UTC; `again`: it is to be tried once more."""

    receiver: str
    position: int
    attempts: int
    failed: str
    why: str
    again: bool = False


class Deliveries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, receiver: Receiver) -> None:
        """Have one from now on; nothing changes where it is there already."""
        with self._database.write() as connection:
            if not connection.execute(sa.select(RECEIVERS.c.name).where(RECEIVERS.c.name == receiver.name)).first():
                connection.execute(sa.insert(RECEIVERS), [receiver._asdict()])

    def remove(self, name: str) -> None:
        """Forget one, with what could not be delivered to it."""
        with self._database.write() as connection:
            connection.execute(sa.delete(RECEIVERS).where(RECEIVERS.c.name == name))
            connection.execute(sa.delete(DEAD_LETTERS).where(DEAD_LETTERS.c.receiver == name))

    def list_receivers(self, names: Iterable[str]) -> list[Receiver]:
        """Those of some names that there are."""
        query = sa.select(RECEIVERS).where(RECEIVERS.c.name.in_(list(names))).order_by(RECEIVERS.c.name)
        with self._database.read() as connection:
            return [Receiver._make(row) for row in connection.execute(query)]

    def list_due(self, now: str, head: int) -> list[Receiver]:
        """Those whose time has come: the log, which ends at `head`, goes on for them, or a dead letter is asked for."""
        asked = sa.select(DEAD_LETTERS.c.receiver).where(DEAD_LETTERS.c.again)
        waiting = sa.or_(RECEIVERS.c.position < head, RECEIVERS.c.name.in_(asked))
        query = sa.select(RECEIVERS).where(RECEIVERS.c.at <= now, waiting).order_by(RECEIVERS.c.name)
        with self._database.read() as connection:
            return [Receiver._make(row) for row in connection.execute(query)]

    def put(self, before: Receiver, after: Receiver, dead: DeadLetter | None = None) -> bool:
        """Put one in the place of what it was, perhaps with a dead letter; False where somebody else was quicker."""
        with self._database.write() as connection:
            mine = sa.update(RECEIVERS).where(RECEIVERS.c.name == before.name, RECEIVERS.c.at == before.at)
            if not connection.execute(mine.values(after._asdict())).rowcount:
                return False
            if dead is not None:
                connection.execute(sa.delete(DEAD_LETTERS).where(*_is(dead)))
                connection.execute(sa.insert(DEAD_LETTERS), [dead._asdict()])
        return True

    def list_dead(
        self, receiver: str, after: int = 0, most: int = 200, *, again: bool | None = None
    ) -> list[DeadLetter]:
        """Dead letters behind a position, in the order of the log; with `again` only those that are (not) asked for."""
        query = sa.select(DEAD_LETTERS).where(DEAD_LETTERS.c.receiver == receiver, DEAD_LETTERS.c.position > after)
        if again is not None:
            query = query.where(DEAD_LETTERS.c.again == again)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(DEAD_LETTERS.c.position).limit(most))
            return [DeadLetter._make(row) for row in found]

    def count_dead(self, receivers: Iterable[str], *, again: bool | None = None) -> dict[str, int]:
        """Receiver -> its dead letters, or only those that are (not) asked for again; who has none is left out."""
        query = sa.select(DEAD_LETTERS.c.receiver, sa.func.count()).group_by(DEAD_LETTERS.c.receiver)
        query = query.where(DEAD_LETTERS.c.receiver.in_(list(receivers)))
        if again is not None:
            query = query.where(DEAD_LETTERS.c.again == again)
        with self._database.read() as connection:
            return {receiver: int(count) for receiver, count in connection.execute(query)}

    def ask_again(self, receiver: str, positions: Sequence[int] | None = None) -> int:
        """Have dead letters tried once more, all or those at some positions; how many there are."""
        query = sa.update(DEAD_LETTERS).where(DEAD_LETTERS.c.receiver == receiver).values(again=True)
        if positions is not None:
            query = query.where(DEAD_LETTERS.c.position.in_(positions))
        with self._database.write() as connection:
            return int(connection.execute(query).rowcount)

    def keep_dead(self, letter: DeadLetter) -> None:
        """Keep what has become of one that was tried again."""
        with self._database.write() as connection:
            connection.execute(sa.update(DEAD_LETTERS).where(*_is(letter)).values(letter._asdict()))

    def drop_dead(self, letter: DeadLetter) -> None:
        with self._database.write() as connection:
            connection.execute(sa.delete(DEAD_LETTERS).where(*_is(letter)))


def _is(letter: DeadLetter) -> tuple[sa.ColumnElement[bool], ...]:
    return DEAD_LETTERS.c.receiver == letter.receiver, DEAD_LETTERS.c.position == letter.position
