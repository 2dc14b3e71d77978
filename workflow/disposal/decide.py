"""Deciding what is asked of a record where other things go with it: deleting one erases its routing slips."""

from workflow.engine.access import SYSTEM
from workflow.engine.commands import Command, Emitted
from workflow.engine.events import ContentErased
from workflow.organisation.house_rules import Context
from workflow.records.decide import decide as decide_record
from workflow.records.record import Record
from workflow.routing_slips.evolve import evolve
from workflow.routing_slips.guards import Question
from workflow.routing_slips.machine import MACHINE
from workflow.routing_slips.routing_slip import RoutingSlip


def decide(record: Record | None, command: Command, context: Context) -> list[Emitted]:
    """As the record decides; `NotAllowed` where a routing slip to be erased with it is still on its way."""
    emitted = decide_record(record, command, context)
    for where, event in emitted:
        if isinstance(event, ContentErased) and where.startswith("routing-slip:"):
            slip = context.get(where, RoutingSlip)
            MACHINE.step(slip.state, "erase", SYSTEM.roles, Question(slip, None, context, "erase", None, evolve.fold))
    return emitted
