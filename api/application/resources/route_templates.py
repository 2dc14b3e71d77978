"""Route templates (Laufweg-Vorlagen) of an authority, as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation
from api.application.resources.resource import Resource
from workflow.engine.access import Role
from workflow.engine.machine import Option
from workflow.organisation.house_rules import Context
from workflow.routing_slips.events import Spec
from workflow.routing_slips.templates import RemoveTemplate, SaveTemplate, Templates

COMMANDS = {model.ACTION: model for model in (SaveTemplate, RemoveTemplate)}
KEEPERS = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR, Role.ADMIN}


class TemplateRepresentation(Representation):
    """A template: its name, and stations as in a routing slip."""

    name: str
    stations: list[dict[str, Any]]


def _list_templates(routes: Mapping[str, Sequence[Spec]]) -> list[Fields]:
    return [
        {"name": name, "stations": [spec.model_dump(mode="json") for spec in specs]}
        for name, specs in sorted(routes.items())
    ]


class TemplatesRepresentation(Representation):
    """All templates of an authority."""

    state: str = "kept"
    authority: str
    templates: Annotated[list[TemplateRepresentation], From("routes", _list_templates)]


def _knows(templates: Templates, context: Context) -> bool:
    return context.actor.authority in {None, templates.authority}


def _options(_: Templates, context: Context, _part: str | None) -> list[Option]:
    if context.actor.authority is not None and context.actor.roles & KEEPERS:
        return [Option(action, True, None, None) for action in COMMANDS]
    en, de = "templates are kept by the staff of an authority", "Vorlagen pflegt das Personal der Behörde"
    return [Option(action, False, en, de) for action in COMMANDS]


EXAMPLES: dict[str, Fields] = {
    "save": {"name": "Bescheid", "stations": [{"kind": "co_sign", "actor": "schmidt"}]},
    "remove": {"name": "Bescheid"},
}

RESOURCE = Resource(
    name="templates",
    plural="templates",
    en="route templates of an authority",
    de="Laufweg-Vorlagen",
    commands=COMMANDS,
    representation=TemplatesRepresentation,
    knows=_knows,
    options=_options,
    examples=EXAMPLES,
    creates="save",
    naming="caller",
)
