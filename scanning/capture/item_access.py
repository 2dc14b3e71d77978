"""Finding an item for a person, and whether an action on it is possible, before work on files begins.

The engine decides again with the command itself, so this is never the only check.
"""

from pathlib import Path

from scanning.batch_actions.decide import find_item
from scanning.batch_actions.machine import MACHINE
from scanning.batches.question import Question
from scanning.batches.scan_batch import Batch, ScanItem
from scanning.requirements.scan_product import RawScan
from workflow.engine.access import Actor
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.errors import InvalidCommand, NotFound

WAITING = frozenset({"received", "prepared", "rejected"})
"""States in which an item waits for its scan."""
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


def find_number(batch: Batch, number: int) -> ScanItem:
    return next(item for item in batch.items.values() if item.number == number)


def match_item(batch: Batch, scan: RawScan) -> ScanItem | None:
    """The item that a file is the scan of: the one it was taken for already, or one that waits and is called as the
    file is, with or without its suffix, or whose number the file's name is.
    """
    stem = Path(scan.file_name).stem
    items = batch.items.values()
    for item in items:
        if _was_scanned(item, scan) and item.state not in WAITING:
            return item
    called = [item for item in items if item.state in WAITING and item.new.title in {scan.file_name, stem}]
    numbered = [item for item in items if item.state in WAITING and stem.isdecimal() and item.number == int(stem)]
    return next(iter(called or numbered), None)


def is_to_take(item: ScanItem, scan: RawScan, *, as_it_is: bool) -> bool:
    """Whether a file is to be recorded as the scan of an item that waits for one.

    A file that was rejected stays so, whatever is done with its pages now; unless that was what it was rejected for,
    and somebody wants it as it is.
    """
    if item.state not in WAITING:
        return False
    if item.state != "rejected" or not _was_scanned(item, scan):
        return True
    made = {one.raw.content_sha256 for one in item.scans if one.raw.sha256 == scan.sha256}
    return as_it_is and scan.content_sha256 not in made


def _was_scanned(item: ScanItem, scan: RawScan) -> bool:
    return any(one.raw.sha256 == scan.sha256 for one in item.scans)
