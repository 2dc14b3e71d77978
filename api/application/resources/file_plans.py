"""The file plan (Aktenplan) of an authority, as the API shows it."""

from api.application.resources.representation import Representation
from api.application.resources.resource import Resource, belongs_to_own_authority
from workflow.engine.access import Role
from workflow.records.file_plan import COMMANDS, MACHINE, options
from workflow.records.retention import Retention


class UnitRepresentation(Representation):
    """A unit of the plan (Aktenplaneinheit)."""

    code: str
    title: str
    retention: Retention
    closed: bool


class FilePlanRepresentation(Representation):
    """The plan in force, its units by code."""

    state: str
    authority: str
    units: list[UnitRepresentation]


RESOURCE = Resource(
    name="file-plan",
    plural="file-plans",
    en="file plan of an authority",
    de="Aktenplan",
    commands=COMMANDS,
    representation=FilePlanRepresentation,
    knows=belongs_to_own_authority,
    options=lambda plan, context, _: options(plan, context),
    machine=MACHINE,
    audience="of the own authority",
    creates="import",
    naming="body",
    key="authority",
    body_limit=8 * 2**20,
    example_roles=frozenset({Role.REGISTRAR}),
)
