"""Words in the text of a record's documents, and on which page each stands first.

They follow the log like a view, but come from the files that it names: whoever reads those puts the words here. Of each
document there are those of its newest version; with their record they go.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from workflow.engine.engine import Engine
from workflow.engine.store.tables import TEXT

NAME = "document-texts"
"""Of the subscriber."""
LAST = "\U0010ffff"
"""Comes behind every letter."""


class DocumentWordRow(SQLModel, table=True):
    __tablename__ = "document_words"
    __table_args__ = (Index("document_words_by_stream", "stream", "document", "word"),)

    word: str = Field(sa_type=TEXT, primary_key=True)
    """In lower case."""
    stream: str = Field(sa_type=TEXT, primary_key=True)
    document: str = Field(sa_type=TEXT, primary_key=True)
    page: int


DOCUMENT_WORDS: sa.Table = SQLModel.metadata.tables["document_words"]


def begins(column: sa.ColumnElement[str], word: str) -> sa.ColumnElement[bool]:
    """Whether a word of an index begins so."""
    return sa.and_(column >= word, column <= word + LAST)


class Place(NamedTuple):
    document: str
    page: int


class DocumentWords:
    def __init__(self, engine: Engine) -> None:
        self._tables = engine.projection(NAME)

    def position(self) -> int:
        """Up to which position of the log documents were read."""
        return self._tables.position()

    def put(self, position: int, to: int, stream: str, document: str, words: Mapping[str, int]) -> bool:
        """Words, with their pages, in place of those of the document; False where another process was quicker."""
        rows = [{"word": w, "stream": stream, "document": document, "page": page} for w, page in words.items()]
        with self._tables.advancing(position, to) as connection:
            if connection is None:
                return False
            mine = DOCUMENT_WORDS.c.stream == stream, DOCUMENT_WORDS.c.document == document
            connection.execute(sa.delete(DOCUMENT_WORDS).where(*mine))
            if rows:
                connection.execute(sa.insert(DOCUMENT_WORDS), rows)
        return True

    def drop(self, position: int, to: int, stream: str, kept: Collection[str]) -> bool:
        """Of a record nothing is left but its documents that are `kept`; False as above."""
        with self._tables.advancing(position, to) as connection:
            if connection is None:
                return False
            gone = DOCUMENT_WORDS.c.stream == stream, DOCUMENT_WORDS.c.document.not_in(sorted(kept))
            connection.execute(sa.delete(DOCUMENT_WORDS).where(*gone))
        return True

    def skip(self, position: int, to: int) -> bool:
        """What lies between is about no text; False as above."""
        with self._tables.advancing(position, to) as connection:
            return connection is not None

    def find(self, streams: Sequence[str], words: Collection[str]) -> dict[str, list[Place]]:
        """Documents of records in whose text one of the words begins, each with the first page on which one does."""
        if not streams or not words:
            return {}
        some = sa.or_(*(begins(DOCUMENT_WORDS.c.word, word) for word in sorted(words)))
        columns = (DOCUMENT_WORDS.c.stream, DOCUMENT_WORDS.c.document)
        query = sa.select(*columns, sa.func.min(DOCUMENT_WORDS.c.page))
        query = query.where(DOCUMENT_WORDS.c.stream.in_(streams), some)
        found: dict[str, list[Place]] = defaultdict(list)
        with self._tables.reading() as connection:
            for stream, document, page in connection.execute(query.group_by(*columns).order_by(*columns)):
                found[stream].append(Place(document, page))
        return found
