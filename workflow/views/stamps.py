"""Version and times of rows, which the log has and the views do not keep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.store.tables import EVENTS

_STREAMS: sa.BindParameter[Any] = sa.bindparam("streams", expanding=True)
_POSITION: sa.BindParameter[int] = sa.bindparam("position")


class Stamp(NamedTuple):
    version: int
    created_at: datetime
    changed_at: datetime


def _select(*until: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """First and last event of streams."""
    last = sa.select(EVENTS.c.stream, sa.func.max(EVENTS.c.version).label("last")).where(
        EVENTS.c.stream.in_(_STREAMS), *until
    )
    ends = last.group_by(EVENTS.c.stream).subquery()
    columns = (EVENTS.c.stream, EVENTS.c.version, EVENTS.c.time, EVENTS.c.position)
    found = sa.and_(EVENTS.c.stream == ends.c.stream, EVENTS.c.version.in_([1, ends.c.last]))
    return sa.select(*columns).join(ends, found).order_by(EVENTS.c.version)


_NEWEST = _select()
_UNTIL = _select(EVENTS.c.position <= _POSITION)


def read_stamps(connection: sa.Connection, streams: Sequence[str], position: int) -> dict[str, Stamp]:
    """Of streams as they were at a position; nearly always that is how they are, which an index alone tells."""
    rows = connection.execute(_NEWEST, {"streams": streams}).all()
    births = {row.stream: datetime.fromisoformat(row.time) for row in rows if row.version == 1}
    late = {row.stream for row in rows if row.position > position}
    if late:
        rows = [row for row in rows if row.stream not in late]
        rows += connection.execute(_UNTIL, {"streams": sorted(late), "position": position}).all()
    found: dict[str, Stamp] = {}
    for stream, version, time, _ in rows:
        changed = datetime.fromisoformat(time)
        found[stream] = Stamp(version, found[stream].created_at if stream in found else changed, changed)
    for stream in late - found.keys():  # began since: what it began as is never newer than what is shown
        found[stream] = Stamp(1, births[stream], births[stream])
    return found
