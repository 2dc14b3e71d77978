"""Folding: one small function per event type, looked up by class, gives an aggregate's next state."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from workflow.engine.access import Actor
from workflow.engine.commands import Command, Emitted
from workflow.engine.events import Event, PayloadsErased
from workflow.errors import NotFound

S = TypeVar("S")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
"""House rules."""
E = TypeVar("E", bound=Event)


class Evolver(Generic[S]):
    """Collects the functions of one aggregate; called with a state (None before the first event) and an event."""

    def __init__(self) -> None:
        self._births: dict[type[Event], Callable[[Any], S]] = {}
        self._steps: dict[type[Event], Callable[[S, Any], S]] = {}
        self._last: tuple[S | None, Event | None, S | None] = (None, None, None)
        """State, event and what came of them: a decision looks at what its own event leads to, before it is folded."""

    def birth(self, event: type[E]) -> Callable[[Callable[[E], S]], Callable[[E], S]]:
        """The decorated function makes the first state, or the one that is left when all before was erased."""

        def register(function: Callable[[E], S]) -> Callable[[E], S]:
            self._births[event] = function
            return function

        return register

    def on(self, *events: type[E]) -> Callable[[Callable[[S, E], S]], Callable[[S, E], S]]:
        def register(function: Callable[[S, E], S]) -> Callable[[S, E], S]:
            self._steps.update(dict.fromkeys(events, function))
            return function

        return register

    @property
    def handled(self) -> set[type[Event]]:
        return {*self._births, *self._steps}

    def __call__(self, state: S | None, event: Event) -> S | None:
        """The next state; an erased payload changes nothing."""
        before, folded, after = self._last
        if folded is event and before is state:
            return after
        kind = type(event)
        if kind is PayloadsErased:
            return state
        step = self._steps.get(kind)
        after = step(state, event) if state is not None and step is not None else self._births[kind](event)
        self._last = (state, event, after)
        return after

    def fold(self, events: Iterable[Event], state: S | None = None) -> S | None:
        for event in events:
            state = self(state, event)
        return state


__all__ = ["Emitted", "dataclass", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    T = TypeVar("T")

    def dataclass(*, frozen: bool, slots: bool = False) -> Callable[[type[T]], type[T]]:
        """As of the standard library, but frozen for the type checker alone: a class that is frozen at run time takes
        five times as long to fill, and states and questions are made with every command.
        """
        return dataclasses.dataclass(unsafe_hash=frozen, slots=slots)

    def replace(old: T, /, **changes: Any) -> T:
        """A copy of a dataclass without slots, with some fields changed."""
        new = object.__new__(type(old))
        object.__setattr__(new, "__dict__", old.__dict__ | changes)  # some classes are frozen at run time as well
        return new


class Timer(NamedTuple):
    """`key` is unique in its stream and stays the same as long as the reason does; `at` is in UTC."""

    key: str
    at: datetime
    command: Callable[[], Command]
    """Makes what is done then; most timers are set and cleared without ever being fired."""


@dataclass(frozen=True, slots=True)
class Context(Generic[R_co]):
    stream: str
    """Of the aggregate that is asked."""
    actor: Actor
    now: datetime
    rules: R_co
    load: Callable[[str], object | None]
    """State of another stream at this very point of the log, None where there is none."""
    new_id: Callable[[], str]
    """The next UUID, the same again when the command is repeated."""
    cause: str = ""
    """The stream, perhaps with `#` and a part of it, whose own decision asks this; empty where a person or time does.

    What only the engine can know stands here, never in a command, whose fields are the public's.
    """

    def seen_by(self, stream: str, actor: Actor) -> "Context[R_co]":
        return Context(stream, actor, self.now, self.rules, self.load, self.new_id, self.cause)

    def because_of(self, cause: str) -> "Context[R_co]":
        """The same for what another aggregate is asked by this decision."""
        return Context(self.stream, self.actor, self.now, self.rules, self.load, self.new_id, cause)

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


@dataclass(frozen=True, slots=True)
class Kind:
    """An aggregate type: how to fold, decide, and what time does."""

    evolve: Evolver[Any]
    decide: Callable[[Any, Any, Context[Any]], list[Emitted]]
    due: Callable[[Any, Any], list[Timer]] | None = None
    """Timers that a state asks for, under the house rules."""
    rows: Callable[[str, Any, Any], Any] | None = None
    """What a stream, its state and what the log has of times look like in the views; None where they do not show it."""
    latest_only: bool = False
    """Whether the last event alone is the whole state, so that a long stream loads at once."""


def never_asked(_state: object, command: object, _context: "Context[Any]") -> list[Emitted]:
    """For what only other aggregates' decisions write to."""
    raise TypeError(f"nobody asks this of a counter: {command}")


@dataclass(frozen=True)
class Catalogue(Generic[R]):
    """What an engine may hold: its aggregates by stream category, its house rules, and who deputises for whom."""

    kinds: Mapping[str, Kind]
    rules: R
    """House rules, unless an engine is given others."""
    deputises: "Callable[[str, str, Context[R]], bool]"
    """Whether the first person is a deputy of the second now."""

    def kind(self, stream: str) -> Kind:
        """Aggregate of a stream's category; `NotFound` where there is none."""
        kind = self.kinds.get(stream.partition(":")[0])
        if kind is None:
            raise NotFound("category", stream)
        return kind
