"""Route templates (Laufweg-Vorlagen): a specification that describes routes, apart from the slips that run them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.engine.access import Role
from workflow.engine.aggregate import Emitted, Evolver, replace
from workflow.engine.commands import Built, Command, by_action, rows
from workflow.engine.events import Event
from workflow.engine.fields import Line, Name
from workflow.engine.machine import Guard, Machine, Option
from workflow.errors import InvalidCommand
from workflow.organisation.house_rules import Context
from workflow.routing_slips.events import Kind, Spec, Specs, StationSpec, leaves
from workflow.text import Text


class TemplateSaved(Event, type="template.saved"):
    """A template was written or rewritten; slips already drafted from it keep their route."""

    authority: Name
    name: Line
    stations: tuple[Spec, ...]
    by: Name


class TemplateRemoved(Event, type="template.removed"):
    authority: Name
    name: Line


@dataclass(frozen=True)
class Templates:
    authority: str
    routes: Mapping[str, tuple[Spec, ...]]


@dataclass(frozen=True)
class Question:
    """What a guard may look at; `templates` is None before the first is saved."""

    templates: Templates | None
    context: Context

    def asking(self, action: str) -> "Question":  # noqa: ARG002 - the guard looks at the person only
        return self


KEEPERS = {Role.CASE_WORKER, Role.APPROVER, Role.REGISTRAR, Role.ADMIN}
_BASIS = "DOMEA 2.1 p. 62: Laufweg ad hoc oder aus einer Vorlage"
RESUBMIT_WAITS = Text(
    "nur eine Wiedervorlage hat, und immer, einen Tag in `until` oder ein Ereignis in `awaits`",
    "a resubmit station, and only that, has a day in `until` or an event in `awaits`",
)
ONE_DEADLINE = Text(
    "eine Frist ist ein Tag oder eine Zahl von Tagen nach Zugang, nicht beides",
    "a deadline is a day or a number of days after delivery, not both",
)
UNREAD_BY_DEADLINE = Text(
    "nur eine Kenntnisnahme mit Frist darf ungelesen übergangen werden",
    "only an acknowledgement with a deadline may be skipped unread",
)
SILENT_BY_DEADLINE = Text(
    "nur bei einer Stellungnahme mit Frist gilt Schweigen als Zustimmung",
    "only at a comment with a deadline is silence consent",
)


def find_wrong_time(spec: StationSpec) -> Text | None:
    """What of days and events does not fit the kind of station."""
    waits, dated = spec.until is not None or spec.awaits is not None, spec.deadline or spec.deadline_days
    if (spec.kind is Kind.RESUBMIT) != waits:
        return RESUBMIT_WAITS
    if spec.deadline is not None and spec.deadline_days is not None:
        return ONE_DEADLINE
    if spec.skip_unread and (spec.kind is not Kind.ACKNOWLEDGE or dated is None):
        return UNREAD_BY_DEADLINE
    if spec.silence_consents and (spec.kind is not Kind.COMMENT or dated is None):
        return SILENT_BY_DEADLINE
    return None


class SaveTemplate(
    Command, action="save", en="Save", de="Speichern",
    example={"name": "Bescheid", "stations": [{"kind": "co_sign", "actor": "schmidt"}]},
):  # fmt: skip
    """Write or rewrite a template."""

    name: Line
    stations: Specs

    ROWS = rows(
        "kept", None, KEEPERS, TemplateSaved, "of_an_authority",
        en="saved a route template", de="Laufweg-Vorlage gespeichert", basis=_BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        self.check_times()
        actor = question.context.actor
        return TemplateSaved(authority=str(actor.authority), name=self.name, stations=self.stations, by=actor.user)

    def check_times(self) -> None:
        """`InvalidCommand` where days and events do not fit the kind of a station."""
        for spec in leaves(self.stations):
            if wrong := find_wrong_time(spec):
                where = f"{spec.kind.value}, {spec.actor}"
                raise InvalidCommand([("/stations", Text(f"{where}: {wrong.de}", f"{where}: {wrong.en}"))])


class RemoveTemplate(Command, action="remove", en="Remove", de="Entfernen", example={"name": "Bescheid"}):
    """Take a template out of use."""

    name: Line

    ROWS = rows(
        "kept", None, KEEPERS, TemplateRemoved, "of_an_authority",
        en="removed a route template", de="Laufweg-Vorlage entfernt", basis=_BASIS,
    )  # fmt: skip

    def build(self, question: Question) -> Built:
        if question.templates is None or self.name not in question.templates.routes:
            raise InvalidCommand(
                [("/name", Text(f"Eine Vorlage {self.name} gibt es nicht", f"there is no template {self.name}"))]
            )
        return TemplateRemoved(authority=str(question.context.actor.authority), name=self.name)


COMMANDS = by_action((SaveTemplate, RemoveTemplate))
"""What people may ask."""

MACHINE: Machine[Question] = Machine(
    name="templates",
    states={"kept": "gepflegt"},
    initial="kept",
    ends=frozenset({"kept"}),
    commands=tuple(COMMANDS.values()),
    guards={
        "of_an_authority": Guard(
            lambda q: q.context.actor.authority is not None,
            "templates are kept by the staff of an authority", "Vorlagen pflegt das Personal der Behörde",
            personal=True,
        ),
    },
)  # fmt: skip
"""Templates are kept from the first to the last: the table says who may do so."""


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
    return f"templates:{authority}"


def decide(templates: Templates | None, command: Command, context: Context) -> list[Emitted]:
    question = Question(templates, context)
    row = MACHINE.step(MACHINE.initial, command.ACTION, context.actor.roles, question)
    return row.emit(stream(str(context.actor.authority)), command, question)


def options(templates: Templates, context: Context) -> list[Option]:
    return MACHINE.allowed(MACHINE.initial, context.actor.roles, Question(templates, context))


def route_of(name: str, authority: str, context: Context) -> tuple[Spec, ...]:
    templates = context.find(stream(authority), Templates)
    if templates is None or name not in templates.routes:
        raise InvalidCommand(
            [("/template", Text(f"{authority} hat keine Vorlage {name}", f"{authority} has no template {name}"))]
        )
    return templates.routes[name]
