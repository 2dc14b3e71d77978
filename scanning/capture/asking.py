"""Whether somebody may do something with an item, asked before work on files that the engine would then turn down."""

from collections.abc import Callable

from scanning.batches.decide import meant
from scanning.batches.guards import Ask
from scanning.batches.machine import MACHINE
from scanning.batches.scan_batch import Batch
from workflow.engine.access import Actor
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand, NotFound

Item = str | int | None
"""An item by id or number; None where a batch has only one."""


def batch_of(engine: Engine, stream: str) -> Batch:
    """The batch of a stream; `NotFound`."""
    state = engine.load(stream).state if stream.startswith("scan-batch:") else None
    if not isinstance(state, Batch):
        raise NotFound("scan-batch", stream.partition(":")[2])
    return state


def ask(engine: Engine, stream: str, item: Item, action: str | None, actor: Actor) -> Ask:
    """The item, if the person may know of it and `action` is possible; raises as the engine would.

    The engine decides again with the command itself, so this is never the only guard.
    """
    batch = batch_of(engine, stream)
    if not batch.known_to(actor):
        raise NotFound("scan-batch", stream.partition(":")[2])
    try:
        found = meant(batch, item)
    except InvalidCommand as wrong:
        raise NotFound("item", str(item)) from wrong
    asked = Ask(batch, found, None, Context(stream, actor, engine.clock(), engine.rules, _loaded(engine), _no_id))
    if action is not None:
        MACHINE.step(found.state, action, actor.roles, asked)
    return asked


def _loaded(engine: Engine) -> Callable[[str], object | None]:
    def load(stream: str) -> object | None:
        try:
            state: object | None = engine.load(stream).state
        except NotFound:
            return None
        return state

    return load


def _no_id() -> str:
    raise TypeError("nothing is decided here")
