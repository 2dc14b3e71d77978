"""Checks that each row taken recorded its event and led to its target state."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from api.replay.coverage.keys import RowKey, describe_row
from workflow.engine.engine import Engine
from workflow.errors import NotFound

Subject = tuple[str, str] | None
"""Stream, and the part of the resource whose state it is; None for machines without a stream of their own."""


class TakenRow(NamedTuple):
    """A row that was taken."""

    row: RowKey
    subject: Subject


def get_subject(machine: str, question: Any) -> Subject:
    """The resource or part that a question of a machine is about."""
    if machine == "record":
        return f"record:{question.record.id}", question.life.id
    if machine == "routing-slip":
        return f"routing-slip:{question.slip.id}", ""
    if machine == "mail-folder":
        return f"mail-folder:{question.folder.id}", question.item.id
    if machine == "staff":
        return f"staff:{question.member.user}", ""
    if machine == "scan-batch":
        return f"scan-batch:{question.batch.id}", question.item.id
    return None


def find_broken_row(taken_rows: Iterable[TakenRow], recorded: set[str], engine: Engine) -> str | None:
    """What the first row broke: an event that was not recorded or a state that was not reached; None if none did."""
    last: dict[tuple[str, str], RowKey] = {}
    for row, subject in taken_rows:
        if row.event not in recorded:
            there = ", ".join(sorted(recorded))
            return f"{row.machine}: {describe_row(row)} records {row.event}; recorded was {there}"
        if subject is not None:
            last[subject] = row
    for (stream, part), row in last.items():
        state = _state(engine, stream, part)
        if state not in {None, row.target}:
            return f"{row.machine}: {describe_row(row)} leads to {row.target}; the state is {state}"
    return None


def _state(engine: Engine, stream: str, part: str) -> str | None:
    """State of a resource or its part now; None where it is gone."""
    try:
        whole = engine.load(stream).state
    except NotFound:
        return None
    if stream.startswith("record:"):
        whole = whole.life_of(part)
    elif part:
        whole = whole.items.get(part)
    return None if whole is None else str(whole.state)
