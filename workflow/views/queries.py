"""Inbox, cockpit, records, mail: questions answered from tables that follow the log.

Who asks first lets the tables catch up, so that everybody sees what they themselves have done; only where they are far
behind, as after a restore, they are shown as they stand.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from workflow.engine.access import Actor
from workflow.engine.pending import stamp
from workflow.views.cockpit import CockpitQueries
from workflow.views.lists import EVERYTHING, After, Filters, Wanted
from workflow.views.projection import Row, search_words
from workflow.views.rows import INBOX, MAIL, RECORDS, SLIPS, TABLES
from workflow.views.scope import (
    DEPUTISED,
    Condition,
    Scope,
    list_scopes,
    to_parameters,
)
from workflow.views.stamps import read_stamps
from workflow.views.statements import FALLING, LIST_TAKEN, Order, contain_words, count_new, count_own
from workflow.views.texts.document_words import DOCUMENT_WORDS, DocumentWords, Place, begins

INDEXES = (TABLES["view_words"], DOCUMENT_WORDS)
"""Words of numbers and titles, and of the text of documents."""
COMMON = 1000
"""A word in so many places leads nowhere in particular."""
__all__ = ["EVERYTHING", "After", "Filters", "Views", "Wanted", "order_inbox"]


def _of_reader(actor: Actor) -> dict[str, str]:
    """Whose inbox it is, and the authority of the one who reads it."""
    return {"user": actor.acts_as} | ({} if actor.authority is None else {"reader": actor.authority})


def order_inbox(wanted: Wanted) -> Order:
    """By the column asked for, and what is alike in it the most urgent first."""
    first = wanted.order or "deadline"
    urgent = () if first == "deadline" else ("deadline",)
    return (f"{FALLING if wanted.falling else ''}{first}", *urgent, "stream", "item")


class Views(CockpitQueries):
    """Answers in the name of persons; safe to call from any thread."""

    def inbox(
        self, actor: Actor, limit: int = 50, after: After | None = None, wanted: Wanted = EVERYTHING
    ) -> list[Row]:
        """What waits for a person, or for the one they act for, the most urgent first; `after` is what the last seen
        has in the columns of `order_inbox`. The filter `text` takes words, each of which must be somewhere.
        """
        self.catch_up()
        text = str(wanted.filters.get("text", ""))
        filters = {**_of_reader(actor), **{name: value for name, value in wanted.filters.items() if name != "text"}}
        return self._page(
            INBOX, [Scope.ALL], to_parameters(actor), filters, order_inbox(wanted), after, limit, contain_words(text)
        )

    def count_inbox(self, actor: Actor) -> dict[str, int]:
        """How much of each kind waits for a person, or for the one they act for."""
        self.catch_up()
        return self._add_up([count_own(actor.authority is not None)], to_parameters(actor) | _of_reader(actor))

    def count_new(self, actor: Actor, seen: str, seen_day: str, today: str) -> int:
        """How much waits for a person that came after `seen`, a time as the log keeps it, or fell overdue since its
        day; days as ISO dates.
        """
        self.catch_up()
        asked = to_parameters(actor) | _of_reader(actor) | {"seen": seen, "seen_day": seen_day, "today": today}
        return sum(self._add_up([count_new(actor.authority is not None)], asked).values())

    def list_taken(self, user: str, after: str, limit: int) -> list[Row]:
        """Slips that were taken from somebody before they had acted, after a time as the log keeps it, the newest
        first: with stream, title, need and state, when, by whom and how. Whether they may know of each is for whoever
        asks to see.
        """
        self.catch_up()
        asked = {"user": user, "after": after, "limit": limit}
        with self._tables.reading() as connection:
            return [dict(row) for row in connection.execute(LIST_TAKEN, asked).mappings()]

    def cockpit(self, actor: Actor, state: str | None = None, limit: int = 50, after: After | None = None) -> list[Row]:
        """Routing slips that the actor may know of, the most urgent first; `after` is (deadline, stream)."""
        return self.slips(actor, Wanted({} if state is None else {"state": state}), limit, after)

    def slips(
        self, actor: Actor, wanted: Wanted = EVERYTHING, limit: int = 50, after: After | None = None
    ) -> list[Row]:
        """Routing slips that the actor may know of; `after` is (what the list is ordered by, stream)."""
        return self._page_of_slips(wanted, actor, limit, after)

    def overdue(self, actor: Actor, today: str, limit: int = 50, after: After | None = None) -> list[Row]:
        """Routing slips whose next deadline has passed; `today` as an ISO date."""
        return self._page_of_slips(Wanted({"before": today}), actor, limit, after)

    def stamped(self, ask: Callable[[], list[Row]]) -> list[Row]:
        """Rows with version and times of their streams: never newer than what the row shows, so that a change that
        names the version is refused where somebody else was quicker.
        """
        self.catch_up()
        position = self._tables.position()
        rows = ask()
        with self._tables.reading() as connection:
            stamps = read_stamps(connection, [row["stream"] for row in rows], position)
        return [{**row, **stamps[row["stream"]]._asdict()} for row in rows]

    def _page_of_slips(self, wanted: Wanted, actor: Actor, limit: int, after: After | None) -> list[Row]:
        self.catch_up()
        persons = self._list_persons(actor)
        scopes, asked = list_scopes(SLIPS, actor, persons), to_parameters(actor, persons)
        order = wanted.to_order("stream", by="deadline")
        return self._page(SLIPS, scopes, asked, wanted.filters, order, after, limit)

    def records(
        self,
        actor: Actor,
        text: str = "",
        limit: int = 50,
        after: After | None = None,
        wanted: Wanted = EVERYTHING,
    ) -> list[Row]:
        """Records in which, or in the text of whose documents, every word of `text` begins some word, by file number;
        `after` is (number, stream), or (what the list is ordered by, stream).

        A rare word leads to its records; where all words are common, the records are walked in order instead, and the
        first page is soon found.
        """
        more = list[Condition]()
        self.catch_up()
        found = sorted((self._frequency(word), word) for word in search_words(text))
        for place, (count, word) in enumerate(found):
            if place == 0 and count < COMMON:
                named = (sa.select(i.c.stream).where(begins(i.c.word, word)) for i in INDEXES)
                more.append(RECORDS.c.stream.in_(sa.union(*named)))
            else:
                there = (sa.exists().where(i.c.stream == RECORDS.c.stream, begins(i.c.word, word)) for i in INDEXES)
                more.append(sa.or_(*there))
        scopes, order = list_scopes(RECORDS, actor), wanted.to_order("stream", by="file_number")
        return self._page(RECORDS, scopes, to_parameters(actor), wanted.filters, order, after, limit, more)

    def _frequency(self, word: str) -> int:
        """How often a beginning stands in the indexes, counted in each no further than `COMMON`."""
        some = (sa.select(i.c.stream).where(begins(i.c.word, word)).limit(COMMON) for i in INDEXES)
        with self._tables.reading() as connection:
            return sum(
                int(connection.execute(sa.select(sa.func.count()).select_from(one.subquery())).scalar_one())
                for one in some
            )

    def find_places(self, streams: Sequence[str], text: str) -> dict[str, list[Place]]:
        """Documents of records in whose text a word of a search begins, by stream: of records that were shown to
        whoever searches, since nobody is asked here.
        """
        return DocumentWords(self._engine).find(streams, search_words(text))

    def mail(self, actor: Actor, state: str, limit: int = 50, after: After | None = None) -> list[Row]:
        """Items of mail in a state: those of folders that the actor may know as a whole, and those that were given to
        one in whose place they stand, without unit and title of the folder; `after` is (stream, item).
        """
        self.catch_up()
        scopes, asked = list_scopes(MAIL, actor), to_parameters(actor, self._list_represented(actor))
        return self._page(MAIL, scopes, asked, {"state": state}, ("stream", "item"), after, limit)

    def listed(
        self,
        actor: Actor,
        category: str,
        wanted: Wanted = EVERYTHING,
        limit: int = 50,
        after: After | None = None,
        *,
        guests: bool = False,
    ) -> list[Row]:
        """Things of a category, of the actor's authority, and with `guests` those that it works on for others;
        `after` is (stream,), or (what the list is ordered by, stream).
        """
        table = TABLES["view_list"]
        self.catch_up()
        filters = {"category": category, **wanted.filters}
        scopes, order = list_scopes(table, actor, guests=guests), wanted.to_order("stream")
        return self._page(table, scopes, to_parameters(actor), filters, order, after, limit)

    def list_absent(self, actor: Actor) -> list[str]:
        """Whose deputy a person is now."""
        self.catch_up()
        with self._tables.reading() as connection:
            asked = {"now": stamp(self._engine.clock()), "persons": [actor.user]}
            return sorted(set(connection.scalars(DEPUTISED, asked)))
