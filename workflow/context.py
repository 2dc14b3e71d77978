"""What a decision may look at besides its own aggregate: who, when, the house rules, other aggregates, fresh ids.

Nothing here reads a clock or draws a number: the engine hands everything in, so a decision can be repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from workflow.access import Actor
from workflow.errors import NotFound
from workflow.events import Event
from workflow.rules import Rules

S = TypeVar("S")

Emitted = tuple[str, Event]
"""An event and the stream it belongs to. All that one command emits is stored together or not at all."""


@dataclass(frozen=True, slots=True)
class Context:
    """Passed to `decide`."""

    stream: str
    """Of the aggregate that is asked."""
    actor: Actor
    now: datetime
    rules: Rules
    load: Callable[[str], object | None]
    """State of another stream at this very point of the log, None where there is none."""
    new_id: Callable[[], str]
    """The next UUID, the same again when the command is repeated."""

    def find(self, stream: str, kind: type[S]) -> S | None:
        """State of a stream if it exists and is of that kind."""
        state = self.load(stream)
        return state if isinstance(state, kind) else None

    def get(self, stream: str, kind: type[S]) -> S:
        """State of a stream; `NotFound` where there is none of that kind."""
        state = self.find(stream, kind)
        if state is None:
            raise NotFound(*stream.split(":", 1))
        return state
