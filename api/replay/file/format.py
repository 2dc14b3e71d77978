"""The format of a replay file as models; `eva schema replay` publishes it, `reading` loads it.

Kinds of file: `replay`, a case to be replayed, and `fragment`, steps and people that several files share.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.replay.file.fields import HumanRole, Instant, Iso8601, Known, Line, PersonName, Reference, Until, listed
from simulation.inputs.faults import Place
from simulation.inputs.yaml_file import Node
from workflow.engine.access import Protection
from workflow.text import InvalidValue, Text

KINDS_OF_STEP = ("create", "do", "look", "advance", "until", "backup", "use")
STATUSES = (400, 401, 403, 404, 409, 412, 413, 415, 422)


class Part(BaseModel):
    """Base: nothing that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Deputy(Part):
    """Who acts for a person, from when until when (Vertretung)."""

    deputy: PersonName
    since: Until | None = None
    """A day from its beginning, or a time with its zone. Default: the start of the case."""
    until: Until
    """A day to its end, or a time with its zone."""


class Person(Part):
    """Who takes part."""

    roles: tuple[HumanRole, ...] = Field(min_length=1)
    authority: str | None = None
    """None: all authorities."""
    clearance: Protection = Protection.NORMAL
    deputies: tuple[Deputy, ...] = ()


class Some(Part):
    """What must be among others, and what must not."""

    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Some":
        if not (self.includes or self.excludes):
            raise InvalidValue(
                "sagt nichts; zu nennen ist, was enthalten ist oder fehlt (includes, excludes)",
                "says nothing; name what it includes or excludes",
            )
        both = sorted(set(self.includes) & set(self.excludes))
        if both:
            named = ", ".join(both)
            raise InvalidValue(
                f"{named} kann nicht zugleich enthalten und ausgeschlossen sein",
                f"{named} cannot be both included and excluded",
            )
        return self


class Refusal(Part):
    """How a step is refused."""

    status: int
    reason: str | None = None
    """Part of the sentence, in German or English."""
    guard: str | None = None
    """Name of the condition that says no."""


class Timer(Part):
    """A timer of the resource: what time will do, and the day on which (in Germany)."""

    timer: str
    due: date | None = None


class Expect(Part):
    """What a step must lead to; what is not said is not looked at."""

    state: str | None = None
    """Of the resource that the step is about: of a case or item where it means one."""
    allowed: tuple[str, ...] | Some | None = None
    """What the person may do afterwards: all of it, or some."""
    events: Annotated[
        tuple[str, ...] | Some | None,
        BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...] | Some | None),
    ] = None
    """What was recorded, in order: all of it, or some."""
    fields: dict[Reference, Any] = Field(default_factory=dict)
    """Path in the resource -> value; `stations/2/status` is that of the second station."""
    error: int | Refusal | None = None
    timers: tuple[Timer, ...] | None = None
    """Exactly the timers that are set for the resource, soonest first."""

    @property
    def refusal(self) -> Refusal | None:
        return Refusal(status=self.error) if isinstance(self.error, int) else self.error


class Step(Part):
    """What is done; exactly one of `create`, `do`, `look`, `advance`, `until`, `backup`, `use`."""

    create: str | None = None
    do: str | None = None
    """An action; `on` says on what."""
    look: Reference | None = None
    advance: Iso8601 | None = None
    until: Until | None = None
    """A day, meaning its noon in Germany, or a time with its zone."""
    backup: Line | None = None
    """Name of a backup run, which the system makes of every product."""
    use: str | None = None
    """Steps of a fragment; `with` are its parameters."""
    on: Reference | None = None
    as_: PersonName | None = Field(default=None, alias="as")
    for_: PersonName | None = Field(default=None, alias="for")
    """The absent person for whom `as` acts."""
    id: Known | None = None
    """Name of what the step creates: the new resource, case, document, item, hold, resubmission, process."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    expect: Expect | None = None
    note: str | None = None

    @property
    def kind(self) -> str:
        return next(iter(self._kinds()), "")

    def _kinds(self) -> list[str]:
        return [kind for kind in KINDS_OF_STEP if getattr(self, kind) is not None]

    @model_validator(mode="after")
    def _is_exactly_one_kind(self) -> "Step":
        kinds = self._kinds()
        if len(kinds) != 1:
            known = ", ".join(KINDS_OF_STEP)
            raise InvalidValue(
                f"ein Schritt ist genau eines von {known}; gefunden {' und '.join(kinds) or 'keines'}",
                f"a step is exactly one of {known}; found {' and '.join(kinds) or 'none'}",
            )
        wrong = _misfits(self, kinds[0])
        if wrong:
            raise InvalidValue(*wrong)
        return self


def _misfits(step: Step, kind: str) -> Text | None:
    """What does not belong into a step of a kind, or is missing."""
    if kind in {"create", "do", "look"} and step.as_ is None:
        return Text(f"`{kind}` braucht `as`: wer es tut", f"`{kind}` needs `as`: who does it")
    if kind == "do" and step.on is None:
        return Text("`do` braucht `on`: womit", "`do` needs `on`: with what")
    alien = {
        "create": ("on",), "do": (), "look": ("on", "id", "with_"), "advance": ("on", "as_", "for_", "id", "with_"),
        "until": ("on", "as_", "for_", "id", "with_"), "backup": ("on", "as_", "for_", "id", "with_"),
        "use": ("on", "as_", "for_", "id", "expect"),
    }[kind]  # fmt: skip
    for name in alien:
        if getattr(step, name):
            key = name.rstrip("_")
            return Text(f"`{key}` gehört nicht zu `{kind}`", f"`{key}` does not belong to `{kind}`")
    expect = step.expect
    if expect is None:
        says = Text("`look` braucht `expect`: was zu sehen ist", "`look` needs `expect`: what is to be seen")
        return says if kind == "look" else None
    if kind in {"advance", "until", "backup"} and expect.model_fields_set - {"events"}:
        return Text(
            "wenn Zeit vergeht oder gesichert wird, sind nur `events` zu erwarten; danach mit `look` nachsehen",
            "when time passes or a backup runs only `events` can be expected; `look` at a resource afterwards",
        )
    if expect.error is not None and (expect.events or expect.fields or expect.timers):
        return Text(
            "was abgelehnt wird, hält nichts fest; zu erwarten ist `error` oder aber `events`, `fields`, `timers`",
            "what is refused records nothing; expect either `error` or `events`, `fields`, `timers`",
        )
    if kind == "look" and expect.events is not None:
        return Text(
            "nachsehen hält nichts fest; keine `events` zu erwarten", "looking records nothing; expect no `events`"
        )
    return None


class Fragment(Part):
    """People and steps shared by several files."""

    kind: Literal["fragment"]
    title: Line
    note: str | None = None
    parameters: dict[Known, Any] = Field(default_factory=dict)
    """Name -> value where the file that uses it gives none; null: it must."""
    actors: dict[PersonName, Person] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(default=(), max_length=500)


class Replay(Part):
    """A case, or with `each` one case for each line of a table."""

    kind: Literal["replay"]
    title: Line
    english: Line | None = None
    basis: Line | None = None
    """The source of the requirement: facts of the report, paragraphs, rules."""
    note: str | None = None
    start: Instant
    parameters: dict[Known, Any] = Field(default_factory=dict)
    """Name -> value; written `${name}` below."""
    each: tuple[dict[Known, Any], ...] = Field(default=(), max_length=500)
    """One case for each: values of parameters."""
    use: Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])] = ()
    """Fragments whose people take part and whose steps come first."""
    actors: dict[PersonName, Person] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=500)


@dataclass(frozen=True)
class Case:
    file: str
    title: str
    replay: Replay
    root: Node
    """The file with everything put in: where each value stands."""
    own: tuple[bool, ...]
    """For each step, whether it stands in the file itself and not in a fragment."""
    lost: frozenset[str] = frozenset()
    """Names given or people entered by what has faults."""

    def place(self, step: int) -> Place:
        return self.node(step).place

    def node(self, step: int) -> Node:
        node: Node = self.root.value["steps"].value[step]
        return node
