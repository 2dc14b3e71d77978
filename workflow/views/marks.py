"""When things came to where they are, and by whom: what views tell of a stream's history that its state does not keep.

A fold knows no times but those that events themselves say. The log has the time and actor of every event, so the views
take from there when a routing slip began and ended, and since when something waits with whom.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.store.tables import EVENTS
from workflow.routing_slips import events as e

STARTED, COMPLETED, FILED = e.Started.TYPE, e.Completed.TYPE, e.Filed.TYPE
ACTIVATED, DELEGATED = e.StationActivated.TYPE, e.StationDelegated.TYPE
RETURNED, RECALLED = e.Returned.TYPE, e.Recalled.TYPE
ENDED = (COMPLETED, FILED, e.Withdrawn.TYPE, e.Cancelled.TYPE)
ASSIGNED, FELL_DUE = "mail.item_assigned", "record.resubmission_fell_due"
PARTS = {ACTIVATED: "station", DELEGATED: "station", ASSIGNED: "item", FELL_DUE: "resubmission"}
"""Event -> the field that names the part which it is about."""
TYPES = (STARTED, RETURNED, RECALLED, *ENDED, *PARTS)
AT_ONCE = 500
"""Streams in one statement."""


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


def collect_marks(events: Iterable[Seen]) -> Marks:
    """Marks of one stream, whose events come oldest first."""
    found: dict[tuple[str, str], Mark] = {}
    for event in events:
        if event.type not in TYPES:
            continue
        key = (event.type, _find_part(event))
        before = found.get(key)
        found[key] = Mark(before.first if before else event.time, event.time, event.actor)
    return found


def _find_part(event: Seen) -> str:
    name = PARTS.get(event.type)
    if name is None or event.payload is None:
        return ""
    return str(json.loads(event.payload).get(name, ""))


def find_last(marks: Marks, types: Iterable[str], part: str = "") -> Mark | None:
    """The latest of several kinds of events about a part."""
    there = [marks[kind, part] for kind in types if (kind, part) in marks]
    return max(there, key=lambda mark: mark.last, default=None)


_STREAMS: sa.BindParameter[Any] = sa.bindparam("streams", expanding=True)
_MARKED = (
    sa.select(EVENTS.c.stream, EVENTS.c.type, EVENTS.c.time, EVENTS.c.actor, EVENTS.c.payload)
    .where(EVENTS.c.stream.in_(_STREAMS), EVENTS.c.type.in_(TYPES), EVENTS.c.position <= sa.bindparam("to"))
    .order_by(EVENTS.c.stream, EVENTS.c.version)
)


def read_marks(connection: sa.Connection, streams: list[str], to: int) -> dict[str, Marks]:
    """Marks of streams as of a position, by stream; of those without any there is no entry."""
    return dict(_read(connection, streams, to))


def _read(connection: sa.Connection, streams: list[str], to: int) -> Iterator[tuple[str, Marks]]:
    for start in range(0, len(streams), AT_ONCE):
        asked = {"streams": streams[start : start + AT_ONCE], "to": to}
        for stream, rows in groupby(connection.execute(_MARKED, asked), key=lambda row: row[0]):
            yield stream, collect_marks(Seen(*row[1:]) for row in rows)
