"""Folding: one small function per event type, looked up by class, gives an aggregate's next state."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from workflow.events import Event, PayloadsErased

S = TypeVar("S")
E = TypeVar("E", bound=Event)


class Evolver(Generic[S]):
    """Collects the functions of one aggregate; called with a state (None before the first event) and an event."""

    def __init__(self) -> None:
        self._births: dict[type[Event], Callable[[Any], S]] = {}
        self._steps: dict[type[Event], Callable[[S, Any], S]] = {}

    def birth(self, event: type[E]) -> Callable[[Callable[[E], S]], Callable[[E], S]]:
        """The decorated function makes the first state, or the one that is left when all before was erased."""

        def register(function: Callable[[E], S]) -> Callable[[E], S]:
            self._births[event] = function
            return function

        return register

    def on(self, event: type[E]) -> Callable[[Callable[[S, E], S]], Callable[[S, E], S]]:
        """The decorated function makes the next state from the one before."""

        def register(function: Callable[[S, E], S]) -> Callable[[S, E], S]:
            self._steps[event] = function
            return function

        return register

    @property
    def handled(self) -> set[type[Event]]:
        """Every event type of the aggregate."""
        return {*self._births, *self._steps}

    def __call__(self, state: S | None, event: Event) -> S | None:
        """The next state; an erased payload changes nothing."""
        kind = type(event)
        if kind is PayloadsErased:
            return state
        step = self._steps.get(kind)
        if state is not None and step is not None:
            return step(state, event)
        return self._births[kind](event)

    def fold(self, events: Iterable[Event], state: S | None = None) -> S | None:
        """The state after all events in order."""
        for event in events:
            state = self(state, event)
        return state
