"""Route templates (Laufweg-Vorlagen) of an authority, as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from api.application.resources.representation import Fields, From, Representation, one_of
from api.application.resources.resource import Filter, Knowledge, Resource, show_to_own_authority
from workflow.routing_slips.events import Spec
from workflow.routing_slips.templates import COMMANDS, MACHINE, options

TemplatesState = Annotated[str, one_of("TemplatesState", MACHINE.states)]


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

    state: TemplatesState = "kept"
    authority: str
    templates: Annotated[list[TemplateRepresentation], From("routes", _list_templates)]


RESOURCE = Resource(
    name="templates",
    plural="templates",
    en="route templates of an authority",
    de="Laufweg-Vorlagen",
    commands=COMMANDS,
    representation=TemplatesRepresentation,
    knowledge=Knowledge(show_to_own_authority),
    options=lambda templates, context, _: options(templates, context),
    machine=MACHINE,
    audience="of the own authority",
    creates="save",
    naming="caller",
    filters=(Filter("authority", "only those of one of these authorities"),),
)
