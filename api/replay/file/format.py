"""The format of a replay file as models; `eva schema replay` publishes it, `reading` loads it.

Kinds of file: `replay`, a case to be replayed, and `fragment`, steps and people that several files share.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simulation.inputs.durations import parse_duration
from simulation.inputs.faults import Place
from simulation.inputs.yaml_file import Node
from workflow.engine.access import Protection, Role
from workflow.engine.fields import BERLIN, Name

NAME = r"^[A-Za-zÄÖÜäöüß][A-Za-z0-9ÄÖÜäöüß_.-]{0,79}$"
NOON = 12
KINDS_OF_STEP = ("create", "do", "look", "advance", "until", "backup", "use")
STATUSES = (400, 401, 403, 404, 409, 412, 413, 415, 422)


def _human(role: Role) -> Role:
    if role is Role.SYSTEM:
        raise ValueError("nobody is the system; time acts by `advance`")
    return role


def _aware(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        raise ValueError("a day without time and zone; write such as 2021-06-01T08:00:00+02:00")  # noqa: TRY004 - pydantic
    return value


def _zoned(value: object) -> object:
    """Midnight without its zone would be taken for the day."""
    if isinstance(value, str) and len(value) > 10 and datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("a time without its zone; write such as 2021-06-01T08:00:00+02:00")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def to_instant(value: date | datetime) -> datetime:
    """An instant in UTC; a day means its noon in Germany, when everything due on it has happened."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, NOON, tzinfo=BERLIN).astimezone(UTC)


def to_bound(value: date | datetime, *, end: bool = False) -> datetime:
    """The instant at which a day begins, or with `end` is over; a time as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    day = value + timedelta(days=1) if end else value
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


Known = Annotated[str, Field(pattern=NAME)]
"""A name that the file gives to a resource or parameter."""
PersonName = Name
"""Of a person, as it is entered as staff; blanks, umlauts and @ included."""
Reference = Annotated[str, Field(pattern=r"^[^\s/][^/]*(/[^\s/][^/]*)*$", max_length=200)]
"""A name, or with `/` a part of what it names: `mappe/2`, `akte/process`."""
Instant = Annotated[AwareDatetime, BeforeValidator(_aware), AfterValidator(lambda time: time.astimezone(UTC))]
Until = Annotated[AwareDatetime | date, Field(union_mode="left_to_right"), BeforeValidator(_zoned)]
"""A day, or a time with its zone."""
Iso8601 = Annotated[str, AfterValidator(_duration)]
"""A duration such as `P2D`."""
HumanRole = Annotated[Role, AfterValidator(_human)]
Line = Annotated[str, Field(min_length=1, max_length=300)]


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
            raise ValueError("says nothing; name what it includes or excludes")
        both = sorted(set(self.includes) & set(self.excludes))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both included and excluded")
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
        BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...] | Some | None),
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
            found = " and ".join(kinds) or "none"
            raise ValueError(f"a step is exactly one of {', '.join(KINDS_OF_STEP)}; found {found}")
        wrong = _misfits(self, kinds[0])
        if wrong:
            raise ValueError(wrong)
        return self


def _misfits(step: Step, kind: str) -> str | None:
    """What does not belong into a step of a kind, or is missing."""
    if kind in {"create", "do", "look"} and step.as_ is None:
        return f"`{kind}` needs `as`: who does it"
    if kind == "do" and step.on is None:
        return "`do` needs `on`: with what"
    alien = {
        "create": ("on",), "do": (), "look": ("on", "id", "with_"), "advance": ("on", "as_", "for_", "id", "with_"),
        "until": ("on", "as_", "for_", "id", "with_"), "backup": ("on", "as_", "for_", "id", "with_"),
        "use": ("on", "as_", "for_", "id", "expect"),
    }[kind]  # fmt: skip
    for name in alien:
        if getattr(step, name):
            return f"`{name.rstrip('_')}` does not belong to `{kind}`"
    expect = step.expect
    if expect is None:
        return "`look` needs `expect`: what is to be seen" if kind == "look" else None
    if kind in {"advance", "until", "backup"} and expect.model_fields_set - {"events"}:
        return "when time passes or a backup runs only `events` can be expected; `look` at a resource afterwards"
    if expect.error is not None and (expect.events or expect.fields or expect.timers):
        return "what is refused records nothing; expect either `error` or `events`, `fields`, `timers`"
    if kind == "look" and expect.events is not None:
        return "looking records nothing; expect no `events`"
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
    use: Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])] = ()
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
    """Names given or people entered by what has faults and was left out, so that the rest can be checked."""

    def place(self, step: int) -> Place:
        return self.node(step).place

    def node(self, step: int) -> Node:
        node: Node = self.root.value["steps"].value[step]
        return node
