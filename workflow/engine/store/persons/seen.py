"""Up to when each person has seen, or was sent, what is new to them.

It stands beside the log and not in it: who has looked at what and when is nobody else's business, and nothing that is
decided depends on it.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from workflow.engine.store.database import Database
from workflow.engine.store.tables import TEXT


class Way(StrEnum):
    """How something reaches a person."""

    PAGES = "pages"
    E_MAIL = "e-mail"


class SeenRow(SQLModel, table=True):
    __tablename__ = "seen"

    user: str = Field(sa_type=TEXT, primary_key=True)
    way: str = Field(sa_type=TEXT, primary_key=True)
    until: str = Field(sa_type=TEXT)
    """As the log keeps times."""


SEEN: sa.Table = SQLModel.metadata.tables["seen"]
_MINE = (SEEN.c.user == sa.bindparam("person"), SEEN.c.way == sa.bindparam("by"))
_READ = sa.select(SEEN.c.until).where(*_MINE)
_CHANGE = sa.update(SEEN).where(*_MINE)


class Seen:
    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, user: str, way: Way) -> str:
        """As text in UTC; empty for never."""
        with self._database.read() as connection:
            return str(connection.execute(_READ, {"person": user, "by": way}).scalar() or "")

    def keep(self, user: str, way: Way, until: str) -> None:
        """Nothing that was seen is new again: an earlier time than the one kept changes nothing."""
        asked = {"person": user, "by": way}
        with self._database.write() as connection:
            there = connection.execute(_READ, asked).scalar()
            if there is None:
                connection.execute(sa.insert(SEEN).values(user=user, way=way, until=until))
            elif there < until:
                connection.execute(_CHANGE.values(until=until), asked)
