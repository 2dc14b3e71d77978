"""Watching machines decide: for coverage, never for deciding. Off, it costs one look at an attribute."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from workflow.machine import Machine, Observer


@contextmanager
def observed(machines: Iterable[Machine[Any]], observer: Observer) -> Iterator[None]:
    """Tell the observer of every decision of these machines in this process, until left again."""
    watched = list(machines)
    before = [machine.observer for machine in watched]
    for machine in watched:
        _set(machine, observer)
    try:
        yield
    finally:
        for machine, old in zip(watched, before, strict=True):
            _set(machine, old)


def _set(machine: Machine[Any], observer: Observer | None) -> None:
    object.__setattr__(machine, "observer", observer)  # frozen towards everybody else
