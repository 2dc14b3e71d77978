"""What a row promises when it is taken: its event, and the state that it leads to; and whether that was kept."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from api.replay.coverage.keys import RowKey, told
from workflow.engine.engine import Engine
from workflow.errors import NotFound

Subject = tuple[str, str] | None
"""Stream, and the part of the thing whose state it is; None where a row is about no such thing."""


class Promise(NamedTuple):
    """A row that was taken."""

    row: RowKey
    subject: Subject


def subject_of(machine: str, question: Any) -> Subject:
    """What a question is about."""
    if machine == "record":
        return f"record:{question.record.id}", question.life.id
    if machine == "routing-slip":
        return f"routing-slip:{question.slip.id}", ""
    if machine == "mail-folder":
        return f"mail-folder:{question.folder.id}", question.item.id
    if machine == "scan-batch":
        return f"scan-batch:{question.batch.id}", question.item.id
    return None


def broken(promises: Iterable[Promise], recorded: set[str], engine: Engine) -> str | None:
    """The first promise that was not kept: an event that was not recorded, a state that was not reached."""
    last: dict[tuple[str, str], RowKey] = {}
    for row, subject in promises:
        if row.event not in recorded:
            return f"{row.machine}: {told(row)} promises {row.event}; recorded was {', '.join(sorted(recorded))}"
        if subject is not None:
            last[subject] = row
    for (stream, part), row in last.items():
        state = _state(engine, stream, part)
        if state not in {None, row.target}:
            return f"{row.machine}: {told(row)} promises {row.target}; the state is {state}"
    return None


def _state(engine: Engine, stream: str, part: str) -> str | None:
    """State of a thing or its part now; None where it is gone."""
    try:
        whole = engine.load(stream).state
    except NotFound:
        return None
    if stream.startswith("record:"):
        whole = whole.life_of(part)
    elif part:
        whole = whole.items.get(part)
    return None if whole is None else str(whole.state)
