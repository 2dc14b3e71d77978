"""Finding an item for a person, and whether an action on it is possible, before work on files begins.

The engine decides again with the command itself, so this is never the only check.
"""

from scanning.batch_actions.decide import find_item
from scanning.batch_actions.machine import MACHINE
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch
from workflow.engine.access import Actor
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand, NotFound

ItemKey = str | int | None
"""An item by id or number; None where a batch has only one."""


def load_batch(engine: Engine, stream: str) -> Batch:
    batch = engine.find(stream, Batch) if stream.startswith("scan-batch:") else None
    if batch is None:
        raise NotFound("scan-batch", stream.partition(":")[2])
    return batch


def get_item(engine: Engine, stream: str, item: ItemKey, actor: Actor, action: str | None = None) -> Question:
    """The item with its batch.

    Raises `NotFound` where the person may not know of it, and what the engine would raise if `action` is not possible.
    """
    batch = load_batch(engine, stream)
    if not batch.known_to(actor):
        raise NotFound("scan-batch", stream.partition(":")[2])
    try:
        found = find_item(batch, item)
    except InvalidCommand as error:
        raise NotFound("item", str(item)) from error
    context = Context(stream, actor, engine.clock(), engine.rules, lambda other: engine.find(other, object), _no_id)
    question = Question(batch, found, None, context)
    if action is not None:
        MACHINE.step(found.state, action, actor.roles, question)
    return question


def _no_id() -> str:
    raise TypeError("ids are given out when the command is decided")
