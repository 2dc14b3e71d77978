"""Route templates (Laufweg-Vorlagen): a specification that describes routes, apart from the slips that run them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.engine.access import Role
from workflow.engine.aggregate import Emitted, Evolver, replace
from workflow.engine.commands import Command
from workflow.engine.events import Event
from workflow.engine.fields import Line, Name
from workflow.errors import Forbidden, InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.routing_slips.events import Spec, Specs


class TemplateSaved(Event, type="template.saved"):
    """A template was written or rewritten; slips already drafted from it keep their route."""

    authority: Name
    name: Line
    stations: tuple[Spec, ...]
    by: Name


class TemplateRemoved(Event, type="template.removed"):
    """A template can be used no more."""

    authority: Name
    name: Line


class SaveTemplate(Command, action="save"):
    """Write or rewrite a template."""

    name: Line
    stations: Specs


class RemoveTemplate(Command, action="remove"):
    """Take a template out of use."""

    name: Line


@dataclass(frozen=True)
class Templates:
    """All templates of an authority."""

    authority: str
    routes: Mapping[str, tuple[Spec, ...]]


evolve: Evolver[Templates] = Evolver()


@evolve.birth(TemplateSaved)
def _first(event: TemplateSaved) -> Templates:
    return Templates(event.authority, {event.name: event.stations})


@evolve.on(TemplateSaved)
def _saved(templates: Templates, event: TemplateSaved) -> Templates:
    return replace(templates, routes={**templates.routes, event.name: event.stations})


@evolve.on(TemplateRemoved)
def _removed(templates: Templates, event: TemplateRemoved) -> Templates:
    return replace(templates, routes={name: r for name, r in templates.routes.items() if name != event.name})


def stream(authority: str) -> str:
    """Stream of an authority's templates."""
    return f"templates:{authority}"


def decide(templates: Templates | None, command: Command, context: Context) -> list[Emitted]:
    """Save or remove a template of one's own authority."""
    actor = context.actor
    if actor.authority is None or not actor.roles & {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR, Role.ADMIN}:
        raise Forbidden("templates are kept by the staff of an authority", "Vorlagen pflegt das Personal der Behörde")
    match command:
        case SaveTemplate():
            saved = TemplateSaved(
                authority=actor.authority, name=command.name, stations=command.stations, by=actor.user
            )
            return [(stream(actor.authority), saved)]
        case RemoveTemplate():
            if templates is None or command.name not in templates.routes:
                raise InvalidCommand([("/name", f"there is no template {command.name}")])
            return [(stream(actor.authority), TemplateRemoved(authority=actor.authority, name=command.name))]
        case _:
            raise InvalidCommand([("", f"templates know no {command.ACTION}")])


def route_of(name: str, authority: str, context: Context) -> tuple[Spec, ...]:
    """The route of a template."""
    templates = context.find(stream(authority), Templates)
    if templates is None or name not in templates.routes:
        raise InvalidCommand([("/template", f"{authority} has no template {name}")])
    return templates.routes[name]
