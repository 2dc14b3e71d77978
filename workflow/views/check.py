"""Comparing what follows from the log with the log: rows of views, timers, positions of subscribers, the schema.

Each difference is named. A check goes in bounded steps, each of which reads from one moment, so that it may run beside
a working server; what has not caught up yet is compared as of the position that it has reached.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.engine import Engine
from workflow.engine.events import decode
from workflow.engine.store.deliveries import DEAD_LETTERS, RECEIVERS
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.persons.seen import SEEN
from workflow.engine.store.schema import MISSING, find_schema_differences
from workflow.engine.store.tables import EVENTS, SUBSCRIBERS, TIMERS, between
from workflow.engine.store.timers import Due
from workflow.engine.subscribers import Policy
from workflow.errors import Corrupted
from workflow.text import Text
from workflow.views.following import NAME
from workflow.views.marks import Seen, collect_marks
from workflow.views.projection import Rows
from workflow.views.queries import Views
from workflow.views.rows import COUNTS, DONE_BY, RECORDS, TABLES, per_state
from workflow.views.texts.document_words import DOCUMENT_WORDS
from workflow.views.texts.document_words import NAME as TEXTS

EVENTS_A_STEP = 2_000
STREAMS_A_STEP = 200
PROBE = "probe"
"""A subscriber that only shows whether the database can be written to."""
DAY = timedelta(days=1)
NO_SUBSCRIBER = Text("kein Abnehmer dieser Version", "no subscriber of this release")
NO_CATEGORY = Text("ein Strom, dessen Art diese Version nicht kennt", "a stream of no category of this release")
NO_TIMER = Text("das Protokoll verlangt keinen solchen Zeitgeber", "the log asks for no such timer")
NO_ROW = Text("die Zeile fehlt", "the row is missing")
FOREIGN_ROW = Text("eine solche Zeile kennt das Protokoll nicht", "the log knows no such row")
Row = tuple[Any, ...]


class Difference(NamedTuple):
    where: str
    """A table, or `schema`, or `reactions`."""
    key: str
    """Stream, name or position."""
    what: Text

    def tell(self, language: str) -> str:
        return f"{self.where} {self.key}: {self.what.get(language)}"

    def __str__(self) -> str:
        return self.tell("en")


class ViewCheck:
    """Compares by parts, each of which reads from one moment; or everything, part by part."""

    def __init__(self, engine: Engine, policies: Sequence[Policy] = ()) -> None:
        self._engine = engine
        self._policies = policies
        self._tables = engine.projection(NAME)

    def everything(self) -> Iterator[Difference]:
        found = self.check_schema()
        yield from found
        if any(one.what == MISSING for one in found):
            return  # there is nothing to compare
        yield from self.check_positions()
        after: str | None = ""
        while after is not None:
            found, after = self.check_streams(after)
            yield from found
        yield from self.check_counts()
        position: int | None = 0
        while position is not None:
            found, position = self.check_reactions(position)
            yield from found

    def check_schema(self) -> list[Difference]:
        tables = (EVENTS, TIMERS, SUBSCRIBERS, RECEIVERS, DEAD_LETTERS, SEEN, DOCUMENT_WORDS, *TABLES.values(), COUNTS)
        with self._tables.snapshot() as connection:
            return [Difference("schema", name, wrong) for name, wrong in find_schema_differences(connection, tables)]

    def check_positions(self) -> list[Difference]:
        known = {NAME, TEXTS, PROBE, *(policy.name for policy in self._policies)}
        with self._tables.snapshot() as connection:
            head = _head(connection)
            rows = connection.execute(sa.select(SUBSCRIBERS).order_by(SUBSCRIBERS.c.name)).all()
        found = []
        for name, position in rows:
            if name not in known:
                found.append(Difference("subscribers", name, NO_SUBSCRIBER))
            elif type(position) is not int or not 0 <= position <= head:
                stands = Text(
                    f"steht auf {position!r}; das Protokoll endet bei {head}",
                    f"stands at {position!r}; the log ends at {head}",
                )
                found.append(Difference("subscribers", name, stands))
        return found

    def check_streams(self, after: str) -> tuple[list[Difference], str | None]:
        """Differences of some streams behind a name, in order of names; and where to go on, None at the end."""
        with self._tables.snapshot() as connection:
            position = connection.execute(sa.select(SUBSCRIBERS.c.position).where(SUBSCRIBERS.c.name == NAME)).scalar()
            part = _Part(self._engine, connection, int(position or 0))
            last = part.read(after)
            return sorted(part.compare(after, last)), last

    def check_counts(self) -> list[Difference]:
        """Numbers of routing slips by state against the rows that they count."""
        with self._tables.snapshot() as connection:
            key = (COUNTS.c.authority, COUNTS.c.state, COUNTS.c.protection)
            columns = (*key, COUNTS.c.count, *(COUNTS.c[name] for name in DONE_BY))
            kept, counted = (
                {
                    tuple(row)[: len(key)]: [int(number) for number in row[len(key) :]]
                    for row in connection.execute(query)
                }
                for query in (sa.select(*columns), per_state())
            )
        none = [0] * (1 + len(DONE_BY))
        return [
            Difference(COUNTS.name, " ".join(map(str, one)), _tell_both(kept.get(one, none), counted.get(one, none)))
            for one in sorted({*kept, *counted})
            if kept.get(one, none) != counted.get(one, none)
        ]  # fmt: skip

    def check_reactions(self, after: int, most: int = EVENTS_A_STEP) -> tuple[list[Difference], int | None]:
        """Events behind a position to which a policy that has passed them owes a reaction; and where to go on."""
        reached = {policy.name: self._engine.projection(policy.name).position() for policy in self._policies}
        rows = list(self._engine.log.read_all(after, most))
        found = [
            Difference(
                "reactions", policy.name, Text(f"keine auf Position {row.position}", f"none to position {row.position}")
            )
            for row in rows
            for policy in self._policies
            if row.position <= reached[policy.name] and self.owes(policy, row)
        ]
        last = rows[-1].position if rows else 0
        return found, last if 0 < last < max(reached.values(), default=0) else None

    def owes(self, policy: Policy, row: Recorded) -> bool:
        """Whether a policy would answer an event now and has not."""
        return any(
            not self._engine.log.read_command(policy.command_id(row.position, number))
            for number, _ in enumerate(policy.react(row, self._engine))
        )


def _tell_both(kept: Sequence[int], counted: Sequence[int]) -> Text:
    there, found = _tell(kept), _tell(counted)
    return Text(f"{there} vermerkt, {found} gezählt", f"{there} kept, {found} counted")


def _tell(numbers: Sequence[int]) -> str:
    """The number of slips, and in brackets that of stations by client."""
    return f"{numbers[0]} ({' '.join(map(str, numbers[1:]))})"


class _Part:
    """Streams of one step: what the log says of them, beside what the tables hold."""

    def __init__(self, engine: Engine, connection: sa.Connection, position: int) -> None:
        self._engine = engine
        self._views = Views(engine)
        self._connection = connection
        self._position = position
        self._late: set[str] = set()
        """Streams whose rows cannot be compared yet."""
        self._rows: dict[str, set[Row]] = {name: set() for name in TABLES}
        self._timers: dict[tuple[str, str], str] = {}
        self._wrong: list[Difference] = []

    def read(self, after: str) -> str | None:
        """Fold streams behind a name; the last of them, None where there are no more."""
        query = sa.select(EVENTS.c.stream).where(EVENTS.c.version == 1, EVENTS.c.stream > after)
        names = list(self._connection.execute(query.order_by(EVENTS.c.stream).limit(STREAMS_A_STEP)).scalars())
        events = 0
        for number, name in enumerate(names, 1):
            events += self._fold(name)
            if number == STREAMS_A_STEP or (events >= EVENTS_A_STEP and number < len(names)):
                return str(name)
        return None

    def _fold(self, stream: str) -> int:
        """Take up what a stream's events say; how many there are."""
        kind = self._engine.catalogue.kinds.get(stream.partition(":")[0])
        if kind is None:
            self._wrong.append(Difference("events", stream, NO_CATEGORY))
            return 0
        if kind.rows is None and kind.due is None:
            return 0
        rows = self._connection.execute(sa.select(EVENTS).where(EVENTS.c.stream == stream).order_by(EVENTS.c.version))
        events = [Recorded._make(row) for row in rows]
        try:
            self._take(stream, events)
        except Corrupted as wrong:
            self._late.add(stream)
            self._wrong.append(Difference("events", stream, wrong.text))
        return len(events)

    def _take(self, stream: str, events: list[Recorded]) -> None:
        kind = self._engine.catalogue.kind(stream)
        self._timers |= {(stream, key): at for key, at in self._engine.timers_of(stream, events).items()}
        if kind.rows is None:
            return
        shown = [event for event in events if event.position <= self._position]
        if len(shown) < len(events) and any(event.payload is None for event in shown):
            self._late.add(stream)  # erased meanwhile: what it showed before cannot be told any more
            return
        state = kind.evolve.fold(decode(e.type, e.schema_version, e.payload, e.position) for e in shown if e.payload)
        if state is not None:
            marks = collect_marks(Seen(e.type, e.time, e.actor, e.payload) for e in shown)
            for name, rows in self._lift(self._views.rows_of(stream, state, marks)).items():
                self._rows[name] |= {tuple(row.get(c.name) for c in TABLES[name].columns) for row in rows}

    def _lift(self, rows: Rows) -> Rows:
        """A slip needs at least the clearance that its record does, and is its unit's (`workflow.views.rows`)."""
        for slip in rows.get("view_slips", ()):
            columns = sa.select(RECORDS.c.protection, RECORDS.c.unit, RECORDS.c.authority)
            record = self._connection.execute(columns.where(RECORDS.c.stream == f"record:{slip['record']}")).first()
            if record is None:
                continue
            slip |= {"unit": record.unit, "unit_authority": record.authority if record.unit else ""}
            if record.protection > slip["own_protection"]:
                for row in (slip, *rows["view_inbox"]):
                    row["protection"] = record.protection
        return rows

    def compare(self, after: str, last: str | None) -> list[Difference]:
        found = self._wrong + self._compare_timers(after, last)
        for name, table in TABLES.items():
            rows = self._connection.execute(sa.select(table).where(*between(table.c.stream, after, last)))
            there = {tuple(row) for row in rows if row.stream not in self._late}
            found += _compare_rows(table, self._rows[name], there)
        return found

    def _compare_timers(self, after: str, last: str | None) -> list[Difference]:
        rows = self._connection.execute(sa.select(TIMERS).where(*between(TIMERS.c.stream, after, last)))
        there = {(row.stream, row.key): row for row in rows if row.stream not in self._late}
        found = []
        for key in sorted({*there, *self._timers}):
            at, row, name = self._timers.get(key), there.get(key), " ".join(key)
            if at is None:
                found.append(Difference(TIMERS.name, name, NO_TIMER))
            elif row is None:
                if not self._engine.log.read_command(Due(*key, at).command_id):  # else it was dropped
                    missing = Text(f"fehlt; das Protokoll verlangt {at}", f"is missing; the log asks for {at}")
                    found.append(Difference(TIMERS.name, name, missing))
            elif row.at != at and not (row.refused is not None and _is_days_later(row.at, at)):
                stands = Text(
                    f"steht auf {row.at}; das Protokoll verlangt {at}", f"stands at {row.at}; the log asks for {at}"
                )
                found.append(Difference(TIMERS.name, name, stands))
        return found


def _compare_rows(table: sa.Table, expected: set[Row], there: set[Row]) -> list[Difference]:
    """Differences by primary key, with the names of the columns."""
    names = [column.name for column in table.columns]
    places = [names.index(column.name) for column in table.primary_key]
    missing = {tuple(row[place] for place in places): row for row in expected - there}
    foreign = {tuple(row[place] for place in places): row for row in there - expected}
    found = []
    for key in sorted({*missing, *foreign}, key=str):
        if key not in foreign:
            what = NO_ROW
        elif key not in missing:
            what = FOREIGN_ROW
        else:
            pairs = [both for both in zip(names, foreign[key], missing[key], strict=True) if both[1] != both[2]]
            what = Text(
                "; ".join(f"{name} ist {is_!r}, nach dem Protokoll {ought!r}" for name, is_, ought in pairs),
                "; ".join(f"{name} is {is_!r}, by the log {ought!r}" for name, is_, ought in pairs),
            )
        found.append(Difference(table.name, " ".join(map(str, key)), what))
    return found


def _is_days_later(at: str, due: str) -> bool:
    """Whether a timer was refused and put off, each time by a day."""
    try:
        late = datetime.fromisoformat(at) - datetime.fromisoformat(due)
    except ValueError:
        return False
    return late > timedelta(0) and not late % DAY


def _head(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.position), 0))).scalar_one())
