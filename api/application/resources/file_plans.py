"""The file plan (Aktenplan) of an authority, as the API shows it."""

from typing import Annotated

from api.application.resources.representation import Fields, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Resource, show_to_own_authority
from workflow.engine.access import Role
from workflow.file_plan.file_plan import COMMANDS, MACHINE, Counter, options
from workflow.file_plan.record_class import RecordClass
from workflow.file_plan.retention import Retention
from workflow.organisation.house_rules import Context
from workflow.records.record import Record, stream

FilePlanState = Annotated[str, one_of("FilePlanState", MACHINE.states)]


class UnitRepresentation(Representation):
    """A unit of the plan (Aktenplaneinheit)."""

    code: str
    title: str
    retention: Retention
    closed: bool
    record_class: RecordClass
    """What it asks of its records: least protection need, and from when on without paper."""


class FilePlanRepresentation(Representation):
    """The plan in force, its units by code."""

    state: FilePlanState
    authority: str
    units: list[UnitRepresentation]


def _tell_number(_: Counter, fields: Fields, context: Context) -> bool:
    """A number given away tells of its record."""
    record = context.find(stream(fields["record"]), Record)
    return record is not None and record.known_to(context.actor)


NUMBERS = Knowledge(lambda counter, _: counter, _tell_number)
"""Of the counters of file numbers: nothing but the numbers of records that one knows."""

RESOURCE = Resource(
    name="file-plan",
    plural="file-plans",
    en="file plan of an authority",
    de="Aktenplan",
    commands=COMMANDS,
    representation=FilePlanRepresentation,
    knowledge=Knowledge(show_to_own_authority),
    options=lambda plan, context, _: options(plan, context),
    machine=MACHINE,
    audience="of the own authority",
    creates="import",
    naming="body",
    key="authority",
    body_limit=8 * 2**20,
    example_roles=frozenset({Role.REGISTRAR}),
    filters=(Filter("authority", "only those of one of these authorities"),),
)
