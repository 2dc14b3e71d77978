"""Events of the log as CloudEvents, and the pages that the feed and webhooks are read by.

A person sees the events of what they may know of; positions they may not see are passed over.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from typing_extensions import TypedDict

from api.application.visibility import Visibility, read_data
from api.application.webhooks.selection import ALL, Selection
from workflow.engine.access import Actor
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.log import Log

MOST_READ = 2000
"""Events read for one page, most of which the caller may not be allowed to see."""


class CloudEvent(TypedDict):
    """An event as CloudEvents 1.0 in JSON; `data` is null where it was erased by law."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    position: int
    streamversion: int
    schemaversion: int
    actor: str
    onbehalfof: str | None
    commandid: str | None
    data: dict[str, Any] | None


class Read(NamedTuple):
    """Rows that may be seen, and up to which position the log was read."""

    rows: list[Recorded]
    position: int


def read_feed(
    log: Log, visibility: Visibility, actor: Actor, after: int, limit: int, selection: Selection = ALL
) -> Read:  # fmt: skip
    """Events behind a position that somebody may know of, so many at most."""
    position, end = after, after + MOST_READ

    def rows() -> Iterator[Recorded]:
        nonlocal position
        while position < end and (page := list(log.read_all(position, min(max(limit, 100), end - position)))):
            for row in page:
                position = row.position
                if selection.covers(row.type, row.stream):
                    yield row

    found = list(islice(visibility.events(rows(), actor), limit))
    return Read(found, position)


def describe_cloud_event(row: Recorded, actor: Actor) -> CloudEvent:
    """A row as a CloudEvent; the command id is its sender's own business."""
    mine = row.actor == actor.user
    return {
        "specversion": "1.0",
        "id": str(row.position),
        "source": "/events",
        "type": row.type,
        "subject": row.stream,
        "time": row.time,
        "datacontenttype": "application/json",
        "position": row.position,
        "streamversion": row.version,
        "schemaversion": row.schema_version,
        "actor": row.actor,
        "onbehalfof": row.on_behalf_of,
        "commandid": row.command_id.rpartition(":")[2] if mine else None,
        "data": read_data(row),
    }
