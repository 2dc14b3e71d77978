"""The file plan (Aktenplan) of an authority, as the API shows it."""

from api.application.resources.representation import Representation
from api.application.resources.resource import Resource
from workflow.engine.access import Role
from workflow.organisation.house_rules import Context
from workflow.records.file_plan import COMMANDS, MACHINE, FilePlan, options
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


def _knows(plan: FilePlan, context: Context) -> bool:
    return context.actor.authority in {None, plan.authority}


RESOURCE = Resource(
    name="file-plan",
    plural="file-plans",
    en="file plan of an authority",
    de="Aktenplan",
    commands=COMMANDS,
    representation=FilePlanRepresentation,
    knows=_knows,
    options=lambda plan, context, _: options(plan, context),
    machine=MACHINE,
    audience="of the own authority",
    creates="import",
    naming="body",
    key="authority",
    body_limit=8 * 2**20,
    example_roles=frozenset({Role.REGISTRAR}),
)
