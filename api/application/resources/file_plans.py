"""The file plan (Aktenplan) of an authority, as the API shows it."""

from api.application.resources.representation import Fields, Representation
from api.application.resources.resource import Resource
from workflow.engine.access import Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.records.file_plan import FilePlan, ImportFilePlan
from workflow.records.retention import Retention

COMMANDS = {ImportFilePlan.ACTION: ImportFilePlan}


class UnitRepresentation(Representation):
    """A unit of the plan (Aktenplaneinheit)."""

    code: str
    title: str
    retention: Retention
    closed: bool


class FilePlanRepresentation(Representation):
    """The plan in force, its units by code."""

    state: str = "in_force"
    authority: str
    units: list[UnitRepresentation]


def _knows(plan: FilePlan, context: Context) -> bool:
    return context.actor.authority in {None, plan.authority}


def _options(_: FilePlan, context: Context, _part: str | None) -> list[Option]:
    if context.actor.roles & {Role.REGISTRAR, Role.ADMIN}:
        return [Option("import", True, None, None)]
    en, de = "a file plan is imported by registrar or admin", "Den Aktenplan führt die Registratur ein"
    return [Option("import", False, en, de)]


_CSV = (
    "code,title,retention_years,disposal,statutory,agreed,closed\n"
    "43,Energie,10,B,no,no,no\n"
    "43.21,Förderung Windenergie,10,B,no,no,no\n"
)
EXAMPLES: dict[str, Fields] = {"import": {"authority": "mwide", "csv": _CSV}}

RESOURCE = Resource(
    name="file-plan",
    plural="file-plans",
    en="file plan of an authority",
    de="Aktenplan",
    commands=COMMANDS,
    representation=FilePlanRepresentation,
    knows=_knows,
    options=_options,
    examples=EXAMPLES,
    audience="of the own authority",
    creates="import",
    naming="body",
    key="authority",
    body_limit=8 * 2**20,
    example_roles=frozenset({Role.REGISTRAR}),
)
