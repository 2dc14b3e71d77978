"""Rows of the views: replaced with their stream, and what one stream's rows take from another's.

A routing slip needs at least the clearance that its record does (rule 20), so its rows, and the counts by need, change
with the record too.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from workflow.views.projection import CLIENTS, Rows
from workflow.views.tables import (
    CountView,
    DeputyView,
    InboxView,
    ListView,
    MailView,
    RecordView,
    SlipPersonView,
    SlipView,
    WordView,
)

TABLES: dict[str, sa.Table] = {
    str(model.__tablename__): SQLModel.metadata.tables[str(model.__tablename__)]
    for model in (RecordView, WordView, SlipView, SlipPersonView, InboxView, MailView, ListView, DeputyView)
}
COUNTS: sa.Table = SQLModel.metadata.tables[str(CountView.__tablename__)]
SLIPS, INBOX, RECORDS, MAIL = (TABLES[f"view_{name}"] for name in ("slips", "inbox", "records", "mail"))
DONE_BY = tuple(f"done_by_{client}" for client in CLIENTS)
"""Columns of both that count stations by the client with which they were done."""
AT_ONCE = 500
"""Streams in one statement."""
_RECORD_STREAM = sa.literal("record:") + SLIPS.c.record
_OF_RECORD = sa.select(RECORDS.c.protection).where(RECORDS.c.stream == _RECORD_STREAM).correlate(SLIPS)
_RECORD_NEED = _OF_RECORD.scalar_subquery()
_NEED = sa.case((SLIPS.c.own_protection < _RECORD_NEED, _RECORD_NEED), else_=SLIPS.c.own_protection)
"""What a slip's `protection` ought to be."""
_WITH_UNIT = (RECORDS.c.stream == _RECORD_STREAM, RECORDS.c.unit != "")
_UNIT, _UNIT_AUTHORITY = (
    sa.func.coalesce(sa.select(column).where(*_WITH_UNIT).correlate(SLIPS).scalar_subquery(), "")
    for column in (RECORDS.c.unit, RECORDS.c.authority)
)
"""What a slip's `unit` ought to be, and whose that is."""


def replace(connection: sa.Connection, rows: dict[str, Rows]) -> None:
    """Put the rows of some streams in place of those that are there."""
    mine = [stream for stream in rows if rows[stream].get("view_slips")]
    _tally(connection, mine, -1)
    for some in _portions(list(rows)):
        for table in TABLES.values():
            connection.execute(sa.delete(table).where(table.c.stream.in_(some)))
        insert(connection, {stream: rows[stream] for stream in some})
    others = _list_outdated(connection, [stream for stream in rows if rows[stream].get("view_records")], set(mine))
    _tally(connection, others, -1)
    with_record = [stream for stream in mine if rows[stream]["view_slips"][0]["record"]]
    for some in _portions([*with_record, *others]):
        _lift(connection, SLIPS.c.stream.in_(some), INBOX.c.stream.in_(some))
    _tally(connection, [*mine, *others], +1)


def insert(connection: sa.Connection, rows: dict[str, Rows]) -> None:
    for name, table in TABLES.items():
        found = [row for by_table in rows.values() for row in by_table.get(name, ())]
        if found:
            connection.execute(sa.insert(table), found)


def finish(connection: sa.Connection) -> None:
    """What rows take from other streams, and the counts, once all rows are there."""
    connection.execute(
        sa.update(SLIPS).where(SLIPS.c.record.is_not(None)).values(unit=_UNIT, unit_authority=_UNIT_AUTHORITY)
    )
    higher = _OF_RECORD.where(RECORDS.c.protection > SLIPS.c.own_protection).exists()
    lifted = sa.select(SLIPS.c.stream).where(SLIPS.c.protection > SLIPS.c.own_protection)
    _lift(connection, higher, INBOX.c.stream.in_(lifted))
    columns = ["authority", "state", "protection", "count", *DONE_BY]
    connection.execute(sa.insert(COUNTS).from_select(columns, per_state()))


def _portions(streams: Sequence[str]) -> Iterator[Sequence[str]]:
    return (streams[start : start + AT_ONCE] for start in range(0, len(streams), AT_ONCE))


def _list_outdated(connection: sa.Connection, records: Sequence[str], known: Collection[str]) -> list[str]:
    """Slips, besides those known, whose need or unit is another one since their record changed."""
    found: list[str] = []
    for some in _portions([stream.partition(":")[2] for stream in records]):
        outdated = sa.or_(SLIPS.c.protection != _NEED, SLIPS.c.unit != _UNIT)
        query = sa.select(SLIPS.c.stream).where(SLIPS.c.record.in_(some), outdated)
        found += [stream for (stream,) in connection.execute(query) if stream not in known]
    return found


def _lift(connection: sa.Connection, slips: sa.ColumnElement[bool], inbox: sa.ColumnElement[bool]) -> None:
    """Give slips, and what waits at them, the need and the unit that they have by their record."""
    values = {"protection": _NEED, "unit": _UNIT, "unit_authority": _UNIT_AUTHORITY}
    connection.execute(sa.update(SLIPS).where(slips).values(values))
    of_slip = sa.select(SLIPS.c.protection).where(SLIPS.c.stream == INBOX.c.stream).correlate(INBOX).scalar_subquery()
    connection.execute(sa.update(INBOX).where(inbox).values(protection=of_slip))


def per_state() -> sa.Select[Any]:
    key = (SLIPS.c.authority, SLIPS.c.state, SLIPS.c.protection)
    return sa.select(*key, sa.func.count(), *(sa.func.sum(SLIPS.c[name]) for name in DONE_BY)).group_by(*key)


def _tally(connection: sa.Connection, slips: Sequence[str], sign: int) -> None:
    """Add slips to the counts, or take them away, as their rows are now."""
    for some in _portions(slips):
        for authority, state, protection, *numbers in connection.execute(
            per_state().where(SLIPS.c.stream.in_(some))
        ).all():  # fmt: skip
            key = {"authority": authority, "state": state, "protection": protection}
            where = [COUNTS.c[name] == value for name, value in key.items()]
            more = {name: sign * int(number) for name, number in zip(("count", *DONE_BY), numbers, strict=True)}
            sums = {name: COUNTS.c[name] + number for name, number in more.items()}
            changed = connection.execute(sa.update(COUNTS).where(*where).values(**sums))
            if not changed.rowcount:
                connection.execute(sa.insert(COUNTS).values(**key, **more))
    connection.execute(sa.delete(COUNTS).where(COUNTS.c.count == 0))
