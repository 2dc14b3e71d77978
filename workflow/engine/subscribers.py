"""Policies: subscribers of the log (which is the outbox) that answer events with commands.

Command ids follow from policy and position, so that an event read twice is answered once. Subscribers that keep tables
are projections (`workflow.engine.store.projection`).
"""

from collections.abc import Callable
from typing import NamedTuple

from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import EvaError, StoreUnavailable

PAGE = 5000
"""Events that are read at once."""


class Reaction(NamedTuple):
    command: Command
    actor: Actor
    stream: str


class Refused(NamedTuple):
    """A reaction that was not allowed; the policy goes on, and whoever runs it sees why."""

    position: int
    reaction: Reaction
    why: EvaError


class Policy(NamedTuple):
    name: str
    react: Callable[[Recorded, Engine], list[Reaction]]

    def command_id(self, position: int, number: int) -> str:
        """Of the reaction of that number to the event at a position."""
        return f"policy:{self.name}:{position}:{number}"


def run(policy: Policy, engine: Engine, limit: int = PAGE) -> list[Refused]:
    """Let a policy answer what has happened since; what was refused."""
    mine = engine.projection(policy.name)
    refused: list[Refused] = []
    event = None
    for event in list(engine.log.read_all(mine.position(), limit)):
        reactions = policy.react(event, engine)
        for number, reaction in enumerate(reactions):
            command_id = policy.command_id(event.position, number)
            try:
                engine.handle(reaction.command, reaction.actor, reaction.stream, command_id=command_id)
            except StoreUnavailable:
                raise
            except EvaError as why:
                refused.append(Refused(event.position, reaction, why))
        if reactions:
            mine.keep(event.position)
    if event is not None:  # what called for nothing may be read again, so one write for all of it will do
        mine.keep(event.position)
    return refused


def follow(
    policy: Policy, engine: Engine, go_on: Callable[[], bool] = lambda: True, bounded: bool = False
) -> list[Refused]:
    """Let a policy answer everything up to the head of the log, its own reactions included, page by page while `go_on`
    says so; `bounded` leaves what comes meanwhile to the next call.
    """
    refused: list[Refused] = []
    head = engine.log.head().position
    while engine.projection(policy.name).position() < (head if bounded else engine.log.head().position) and go_on():
        refused += run(policy, engine)
    return refused
