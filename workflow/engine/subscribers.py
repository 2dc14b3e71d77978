"""Subscribers: functions with a position of their own in the log (the log is the outbox).

A projection writes its rows and its position in one transaction. A policy answers events with commands; their ids
follow from policy and position, so that one told twice acts once (at least once, idempotent by position).
"""

from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa

from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.engine.store.tables import SubscriberRow
from workflow.errors import EvaError, StoreUnavailable

SUBSCRIBERS: sa.Table = SubscriberRow.__table__  # type: ignore[attr-defined]


class Reaction(NamedTuple):
    """A command that an event calls for."""

    command: Command
    actor: Actor
    stream: str


class Refused(NamedTuple):
    """A reaction that was not allowed; the policy goes on, and whoever runs it sees why."""

    position: int
    reaction: Reaction
    why: EvaError


class Policy(NamedTuple):
    """Which commands follow from which events."""

    name: str
    react: Callable[[Recorded, Engine], list[Reaction]]


def position_of(connection: sa.Connection, name: str) -> int:
    """Up to which position a subscriber has read; 0 at first."""
    found = connection.execute(sa.select(SUBSCRIBERS.c.position).where(SUBSCRIBERS.c.name == name)).scalar()
    return int(found or 0)


def set_position(connection: sa.Connection, name: str, position: int) -> None:
    """Keep how far a subscriber has read."""
    changed = connection.execute(sa.update(SUBSCRIBERS).where(SUBSCRIBERS.c.name == name).values(position=position))
    if not changed.rowcount:
        connection.execute(sa.insert(SUBSCRIBERS).values(name=name, position=position))


def run(policy: Policy, engine: Engine, limit: int = 1000) -> list[Refused]:
    """Let a policy answer what has happened since; what was refused."""
    with engine.log.database.read() as connection:
        position = position_of(connection, policy.name)
    refused: list[Refused] = []
    event = None
    for event in engine.log.since(position, limit):
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
            _keep(policy, engine, event.position)
    if event is not None:  # what called for nothing may be read again, so one write for all of it will do
        _keep(policy, engine, event.position)
    return refused


def follow(policy: Policy, engine: Engine) -> list[Refused]:
    """Let a policy answer everything up to the head of the log, its own reactions included."""
    refused: list[Refused] = []
    while True:
        with engine.log.database.read() as connection:
            position = position_of(connection, policy.name)
        if position >= engine.log.head().position:
            return refused
        refused += run(policy, engine)


def _keep(policy: Policy, engine: Engine, position: int) -> None:
    with engine.log.database.write() as connection:
        set_position(connection, policy.name, position)
