"""Deciding what is asked of a record where other things go with it: deleting one erases its routing slips and mail."""

from collections.abc import Iterator

from workflow.disposal.drafts import SlipsOfRecord, enter_draft
from workflow.disposal.drafts import stream as drafts_stream
from workflow.engine.access import SYSTEM
from workflow.engine.commands import Command, Emitted
from workflow.engine.events import ContentErased
from workflow.mail_folders.mail_folder import MailFolder
from workflow.organisation.house_rules import Context
from workflow.records.base import MAIL
from workflow.records.decide import decide as decide_record
from workflow.records.events import Deleted
from workflow.records.record import Record
from workflow.routing_slips.decide import decide as decide_on_slip
from workflow.routing_slips.evolve import evolve
from workflow.routing_slips.guards import Question
from workflow.routing_slips.machine import MACHINE
from workflow.routing_slips.routing_slip import RoutingSlip
from workflow.routing_slips.routing_slip import stream as slip_stream


def decide(record: Record | None, command: Command, context: Context) -> list[Emitted]:
    """As the record decides; `NotAllowed` where a routing slip to be erased with it is still on its way."""
    emitted = decide_record(record, command, context)
    stone = next((event for _, event in emitted if isinstance(event, Deleted)), None)
    if record is None or stone is None:
        return emitted
    erased = [*_erase_slips(record, stone, context), *_erase_mail(record, stone, context)]
    for where, item in erased:
        key = where.partition(":")[2]
        gone = ContentErased(id=key, item=item, authority=record.authority, with_file=stone.number)
        emitted.append((where, gone))
    return emitted


def decide_slip(slip: RoutingSlip | None, command: Command, context: Context) -> list[Emitted]:
    """As the routing slip decides; one drafted for a record is entered there, so that it goes with it."""
    emitted = decide_on_slip(slip, command, context)
    return emitted + [one for _, event in emitted for one in enter_draft(event)]


def _erase_slips(record: Record, stone: Deleted, context: Context) -> Iterator[tuple[str, None]]:
    """Streams of the routing slips of the record or case: those that had begun, and those only drafted for it."""
    life = record.life_of(stone.object_id)
    drafted = context.find(drafts_stream(record.id), SlipsOfRecord)
    keys = [*(life.past_slips if life else ()), *(drafted.belonging_to(record.id, stone.object_id) if drafted else ())]
    for key in dict.fromkeys(keys):
        slip = context.find(slip_stream(key), RoutingSlip)
        if slip is not None and slip.state != "deleted":
            MACHINE.step(slip.state, "erase", SYSTEM.roles, Question(slip, None, context, "erase", None, evolve.fold))
            yield slip_stream(key), None


def _erase_mail(record: Record, stone: Deleted, context: Context) -> Iterator[tuple[str, str]]:
    """Stream and item of the mail that became these documents.

    A source that names mail which was not filed as this very document erases nothing: it was anybody's text once.
    """
    case = record.cases.get(stone.object_id)
    for document in case.documents.values() if case else ():
        where, _, key = (document.source or "").partition("#")
        folder = context.find(where, MailFolder) if where.startswith(MAIL) else None
        item = folder.items.get(key) if folder else None
        if item is not None and item.document == document.id:
            yield where, key
