"""When things came to where they are, and by whom: what views tell of a stream's history that its state does not keep.

A fold knows no times but those that events themselves say. The log has the time and actor of every event, so the views
take from there when a routing slip began and ended, and since when something waits with whom.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.events import Event, PayloadsErased
from workflow.engine.store.tables import EVENTS
from workflow.mail_folders.events import ItemAssigned
from workflow.records.events import ResubmissionFellDue
from workflow.routing_slips import events as e

Kind = type[Event]
AT_STATION: tuple[Kind, ...] = (e.StationActivated, e.StationDelegated)
"""What brings a slip to a person."""
TAKEN_ALL: tuple[Kind, ...] = (e.Returned, e.Recalled, e.Withdrawn, e.Cancelled)
"""What takes a routing slip from everybody with whom it lies."""
TAKEN_ONE: tuple[Kind, ...] = (e.StationRecalled, e.StationSkipped)
"""What takes it from some while it goes on."""
HELD_UP: tuple[Kind, ...] = (e.Paused,)
GOES_ON: tuple[Kind, ...] = (e.Resumed,)
ENDED: tuple[Kind, ...] = (e.Completed, e.Filed, e.Withdrawn, e.Cancelled)
"""How a slip ends; to be filed is an end only for one that was not completed before."""
PARTS = {
    e.StationActivated.TYPE: "station", e.StationDelegated.TYPE: "station", e.StationSkipped.TYPE: "station",
    ItemAssigned.TYPE: "item", ResubmissionFellDue.TYPE: "resubmission",
}  # fmt: skip
"""Event -> the field that names the part which it is about."""
TYPES = frozenset(
    {e.Started.TYPE, *(kind.TYPE for kind in (*TAKEN_ALL, *TAKEN_ONE, *HELD_UP, *GOES_ON, *ENDED)), *PARTS}
)
AT_ONCE = 500
"""Streams in one statement."""
KNOWN = 2_000
"""Streams whose marks are remembered."""


class Mark(NamedTuple):
    """When something happened first and last, as the log keeps times, and who did it last; `system` is time itself."""

    first: str
    last: str
    actor: str


Marks = Mapping[tuple[str, str], Mark]
"""By event type and part; the part is empty for events about the whole thing."""
NO_MARKS: Marks = {}


class Seen(NamedTuple):
    """What is needed of an event; `payload` is None where it was erased."""

    type: str
    time: str
    actor: str
    payload: str | None


def collect_marks(events: Iterable[Seen], before: Marks = NO_MARKS) -> Marks:
    """Marks of one stream, whose events come oldest first, behind those that `before` was made of."""
    found = dict(before)
    for event in events:
        if event.type not in TYPES:
            continue
        key = (event.type, _find_part(event))
        earlier = found.get(key)
        found[key] = Mark(earlier.first if earlier else event.time, event.time, event.actor)
    return found


def _find_part(event: Seen) -> str:
    name = PARTS.get(event.type)
    if name is None or event.payload is None:
        return ""
    return str(json.loads(event.payload).get(name, ""))


def find_last(marks: Marks, kinds: Iterable[Kind], part: str = "") -> Mark | None:
    """The latest of several kinds of events about a part."""
    return max(_find(marks, kinds, part), key=lambda mark: mark.last, default=None)


def find_first(marks: Marks, kinds: Iterable[Kind], part: str = "") -> Mark | None:
    """The earliest of several kinds of events about a part."""
    return min(_find(marks, kinds, part), key=lambda mark: mark.first, default=None)


def _find(marks: Marks, kinds: Iterable[Kind], part: str) -> list[Mark]:
    return [marks[kind.TYPE, part] for kind in kinds if (kind.TYPE, part) in marks]


class Change(NamedTuple):
    """The versions of a stream that a page of the log has, from the first to the last."""

    first: int
    last: int


_STREAMS: sa.BindParameter[Any] = sa.bindparam("streams", expanding=True)
_MARKED = (
    sa.select(EVENTS.c.stream, EVENTS.c.type, EVENTS.c.time, EVENTS.c.actor, EVENTS.c.payload)
    .where(
        EVENTS.c.stream.in_(_STREAMS), EVENTS.c.type.in_(sorted({*TYPES, PayloadsErased.TYPE})),
        EVENTS.c.position > sa.bindparam("after"), EVENTS.c.position <= sa.bindparam("to"),
    )
    .order_by(EVENTS.c.stream, EVENTS.c.version)
)  # fmt: skip


class MarksReader:
    """Reads the marks of streams that change, page by page of the log: of those it remembers only what is new."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Marks]] = {}
        """Stream -> version and marks as of it; those unchanged for longest go first."""

    def read(self, connection: sa.Connection, changed: Mapping[str, Change], after: int, to: int) -> dict[str, Marks]:
        """Marks, as of the position `to`, of streams that changed behind the position `after`."""
        known = {stream: self._find_known(stream, change) for stream, change in changed.items()}
        new = _read(connection, [stream for stream, before in known.items() if before is not None], after, to)
        known |= dict.fromkeys((stream for stream, rows in new.items() if _erases(rows)))
        new |= _read(connection, [stream for stream, before in known.items() if before is None], 0, to)
        found = {stream: collect_marks(new.get(stream, ()), before or NO_MARKS) for stream, before in known.items()}
        self._remember(changed, found)
        return found

    def _find_known(self, stream: str, change: Change) -> Marks | None:
        """Marks before a change; None where they have to be read."""
        version, marks = self._known.get(stream, (0, NO_MARKS))
        return marks if version == change.first - 1 else None

    def _remember(self, changed: Mapping[str, Change], found: Mapping[str, Marks]) -> None:
        for stream, marks in found.items():
            self._known.pop(stream, None)
            self._known[stream] = changed[stream].last, marks
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]


def _erases(rows: Iterable[Seen]) -> bool:
    """Whether what was remembered may name what is gone."""
    return any(row.payload is None or row.type == PayloadsErased.TYPE for row in rows)


def _read(connection: sa.Connection, streams: list[str], after: int, to: int) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for start in range(0, len(streams), AT_ONCE):
        asked = {"streams": streams[start : start + AT_ONCE], "after": after, "to": to}
        for stream, rows in groupby(connection.execute(_MARKED, asked), key=lambda row: row[0]):
            found[stream] = [Seen(*row[1:]) for row in rows]
    return found
