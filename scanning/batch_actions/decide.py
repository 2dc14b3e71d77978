"""Deciding a command on a scan batch: the machine checks it, the action's own block makes the events."""

from datetime import timedelta
from functools import partial

from scanning.batch_actions import ACTIONS
from scanning.batch_actions.batch import TAKING_IN, BatchCommand, CreateBatch
from scanning.batch_actions.delivery import FallDue, Verify
from scanning.batch_actions.machine import MACHINE
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch, ScanItem, stream
from workflow.engine.access import Role
from workflow.engine.aggregate import Emitted, Timer
from workflow.engine.commands import Command, Option
from workflow.errors import InvalidCommand, NotFound
from workflow.organisation.house_rules import Context, Rules
from workflow.organisation.working_days import start_of
from workflow.text import Text

_OF_THE_BATCH = [command for command in ACTIONS if issubclass(command, BatchCommand) and command.open_to()]
"""What people may do with a batch."""


def decide(batch: Batch | None, command: Command, context: Context) -> list[Emitted]:
    if isinstance(command, CreateBatch):
        TAKING_IN.check(context.actor)
        return command.open(context)
    if batch is None or not (batch.known_to(context.actor) or _keeps_files(batch, command, context)):
        raise NotFound("scan-batch", context.stream.partition(":")[2])
    if isinstance(command, BatchCommand):
        command.PERMISSION.check(context.actor)
        return [(stream(batch.id), command.record(batch, context))]
    question = Question(batch, find_item(batch, command.get("item")), command, context)
    row = MACHINE.step(question.item.state, command.ACTION, context.actor.roles, question)
    return row.emit(stream(batch.id), command, question)


def list_options(batch: Batch, context: Context, item: str | int | None = None) -> list[Option]:
    found = find_item(batch, item)
    return [
        *MACHINE.allowed(found.state, context.actor.roles, Question(batch, found, None, context)),
        *(command.PERMISSION.option(command.ACTION, context.actor) for command in _OF_THE_BATCH),
    ]


def find_item(batch: Batch, key: str | int | None) -> ScanItem:
    """The item of that id or number, or the only one; raises `InvalidCommand`."""
    if key is None and len(batch.items) == 1:
        return next(iter(batch.items.values()))
    if isinstance(key, int):
        found = next((item for item in batch.items.values() if item.number == key), None)
    else:
        found = batch.items.get(key) if key else None
    if found is None:
        says = Text(
            f"Der Stapel hat {len(batch.items)} Stücke; eines mit Kennung oder Nummer nennen",
            f"the batch has {len(batch.items)} items; name one by id or number",
        )
        raise InvalidCommand([("/item", says)])
    return found


def list_timers(batch: Batch, _rules: Rules) -> list[Timer]:
    found = []
    for item in batch.items.values():
        if item.state == "acknowledged" and item.acknowledgement is not None:
            at = start_of(item.acknowledgement.paper_until + timedelta(days=1))
            found.append(Timer(f"paper:{item.id}", at, partial(FallDue, item=item.id)))
    return found


def _keeps_files(batch: Batch, command: Command, context: Context) -> bool:
    """Files of an authority are looked after by persons who need not know what is in them."""
    ours = context.actor.authority in {None, batch.authority, batch.carrier}
    return isinstance(command, Verify) and ours and Role.ADMIN in context.actor.roles
