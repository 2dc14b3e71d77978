"""Checks that each row taken recorded its event and led to its target state."""

from collections.abc import Iterable
from typing import Any

from api.replay.coverage.keys import RowKey, describe_row
from workflow.engine.engine import Engine
from workflow.errors import NotFound
from workflow.text import Text

SUBJECTS: dict[str, tuple[str, str | None]] = {
    "record": ("record", "life"), "routing-slip": ("slip", None), "mail-folder": ("folder", "item"),
    "staff": ("member", None), "scan-batch": ("batch", "item"),
}  # fmt: skip
"""Machine -> fields of its questions with the resource, and the part whose state it is; others have no own stream."""


def find_broken_row(taken: Iterable[tuple[RowKey, Any]], recorded: set[str], engine: Engine) -> Text | None:
    """What the first row broke: an event that was not recorded or a state that was not reached; None if none did.

    `taken` holds rows with their questions, `recorded` types of events.
    """
    last: dict[tuple[str, str], RowKey] = {}
    for row, question in taken:
        if row.event not in recorded:
            there = ", ".join(sorted(recorded))
            told = f"{row.machine}: {describe_row(row)}"
            return Text(
                f"{told} hält {row.event} fest; festgehalten wurde {there}",
                f"{told} records {row.event}; recorded was {there}",
            )
        if row.machine in SUBJECTS:
            whole, part = SUBJECTS[row.machine]
            named = getattr(question, whole)
            key = named.user if row.machine == "staff" else named.id
            last[f"{row.machine}:{key}", getattr(question, part).id if part else ""] = row
    for (stream, part_id), row in last.items():
        state = _state(engine, stream, part_id)
        if state not in {None, row.target}:
            told = f"{row.machine}: {describe_row(row)}"
            return Text(
                f"{told} führt zu {row.target}; der Zustand ist {state}",
                f"{told} leads to {row.target}; the state is {state}",
            )
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
