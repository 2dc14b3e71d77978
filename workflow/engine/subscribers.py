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


def run(policy: Policy, engine: Engine, limit: int = 1000) -> list[Refused]:
    """Let a policy answer what has happened since; what was refused."""
    mine = engine.projection(policy.name)
    refused: list[Refused] = []
    event = None
    for event in list(engine.log.read_all(mine.position(), limit)):
        reactions = policy.react(event, engine)
        for number, reaction in enumerate(reactions):
            command_id = f"policy:{policy.name}:{event.position}:{number}"
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


def follow(policy: Policy, engine: Engine) -> list[Refused]:
    """Let a policy answer everything up to the head of the log, its own reactions included."""
    refused: list[Refused] = []
    while engine.projection(policy.name).position() < engine.log.head().position:
        refused += run(policy, engine)
    return refused
