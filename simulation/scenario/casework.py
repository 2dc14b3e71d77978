"""The sections and keys of a casework scenario: the staff of one authority, the work that reaches them, the routes.

Where times and probabilities come from: `docs/reference/domain.md`, section 6. Every number carries its basis.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simulation.scenario.fields import Clock, Line, Slug, Text
from simulation.scenario.figures import (
    Basis,
    Count,
    Factor,
    Figure,
    Lying,
    NotNegative,
    Positive,
    Share,
    Strict,
    Touch,
    replace_figures,
)
from simulation.scenario.model import Horizon, KnownWork
from simulation.scenario.scanning import ScanWork
from simulation.scenario.units import (
    DAYS,
    FACTOR,
    HOURS,
    PEOPLE,
    PER_DAY,
    SHARE,
    WEEKS,
)
from workflow.engine.fields import Name
from workflow.text import InvalidValue

Kind = Literal["co_sign", "approve", "comment", "acknowledge", "final_sign", "dispatch"]
"""Kinds of station whose time a person needs."""


class Hours(Strict):
    """Presence on a working day, in German time."""

    opens: Clock
    break_starts: Clock
    break_ends: Clock
    closes: Clock
    basis: Basis
    source: Line

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        times = [self.opens, self.break_starts, self.break_ends, self.closes]
        if sorted(times) != times or self.opens == self.break_starts or self.break_ends == self.closes:
            raise InvalidValue(
                "opens, break_starts, break_ends und closes folgen aufeinander",
                "opens, break_starts, break_ends and closes come one after another",
            )
        return self


class Unit(Strict):
    """A part of the authority: its staff, of whom the first ones may sign finally (Zeichnungsbefugte), and whom it
    belongs to.
    """

    id: Slug
    title: Text
    parent: Slug | None = None
    staff: Annotated[Figure[Count], PEOPLE]
    approvers: Annotated[Figure[Count], PEOPLE]
    extra_approvers: Annotated[int, Field(ge=0, le=100)] = 0
    """Approvers in addition to the staff; nobody else is another person because of them, and no more work comes."""
    names: Annotated[list[Name], Field(max_length=500)] = Field([])
    """What the staff are called, approvers first; who has no name here is called by unit and number."""

    @model_validator(mode="after")
    def _has_somebody_to_sign(self) -> "Unit":
        if not 1 <= self.approvers.value <= self.staff.value:
            raise InvalidValue(
                "mindestens eine Person und höchstens alle zeichnen (approvers)",
                "one or more of the staff are approvers",
            )
        if len(self.names) > self.staff.value:
            names, staff = len(self.names), f"{self.staff.value:g}"
            raise InvalidValue(f"{names} Namen für {staff} Personen", f"{names} names for {staff} staff")
        return self


class Staff(Strict):
    """Who works here, and when."""

    total: Annotated[Figure[Count], PEOPLE]
    units: Annotated[list[Unit], Field(min_length=1, max_length=500)]
    hours: Hours
    for_casework: Annotated[Figure[Share], SHARE]
    """Share of the time present that is there for records and routing slips."""
    part_time: Annotated[Figure[Share], SHARE]
    """Share of the staff who work three days a week."""
    absent: Annotated[Figure[Share], SHARE]
    """Share of the working days that somebody is away."""
    absence_days: Annotated[Figure[Positive], DAYS]
    """Mean length of one absence."""
    new_to_it: Annotated[Figure[Factor], FACTOR]
    """By how much work takes longer at the start of the horizon."""
    learning_weeks: Annotated[Figure[Positive], WEEKS]
    """In so many weeks that falls to a third."""


class StationTimes(Strict):
    """Times at a kind of station."""

    touch: Touch
    lies: Lying


class Stations(Strict):
    """Times by kind of station."""

    co_sign: StationTimes
    approve: StationTimes
    comment: StationTimes
    acknowledge: StationTimes
    final_sign: StationTimes
    dispatch: StationTimes


class Choices(Strict):
    """How often people do something else than sign."""

    refuse: Annotated[Figure[Share], SHARE]
    insert: Annotated[Figure[Share], SHARE]
    forward: Annotated[Figure[Share], SHARE]
    delegate: Annotated[Figure[Share], SHARE]
    recall: Annotated[Figure[Share], SHARE]
    """Share of the routing slips that their owner takes back."""
    recall_hours: Annotated[Figure[Positive], HOURS]
    """Mean time until the owner notices."""
    misdirect: Annotated[Figure[Share], SHARE]
    """Share of the mail that is given back."""


class Handling(Strict):
    """What work takes: at stations and apart from them."""

    stations: Stations
    sight: Touch
    """A head looks at an item of mail and assigns it."""
    open: Touch
    """The clerk looks at a new matter, and where needed opens record and case."""
    revise: Touch
    file: Touch
    choices: Choices


Who = Literal["head", "colleague", "parent_head", "top", "other_head", "other_clerk", "everybody"]
"""Whom a station is for, seen from the unit that drafts: its own approver, somebody else of it, the approver of the
unit it belongs to, of the topmost unit, of any other unit, somebody of any other unit; everybody of the unit."""


class RouteStep(Strict):
    """A station of a route, or several side by side."""

    kind: Kind | None = None
    who: Who | None = None
    unit: Slug | None = None
    """Instead of `who`: an approver of that unit."""
    parallel: Annotated[list["RouteStep"], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _is_one_or_several(self) -> "RouteStep":
        if self.parallel is not None:
            if self.kind or self.who or self.unit:
                raise InvalidValue("`parallel` steht allein", "`parallel` stands alone")
            if any(step.parallel for step in self.parallel):
                raise InvalidValue("kein `parallel` in `parallel`", "no `parallel` within `parallel`")
        elif self.kind is None or (self.who is None) == (self.unit is None):
            raise InvalidValue(
                "nötig sind `kind` und entweder `who` oder `unit`, oder `parallel`",
                "give `kind` and either `who` or `unit`, or `parallel`",
            )
        if self.who == "everybody" and self.kind != "acknowledge":
            raise InvalidValue(
                "alle können nur zur Kenntnis nehmen: `kind: acknowledge`",
                "everybody can only take note: `kind: acknowledge`",
            )
        return self

    def leaves(self) -> Iterator["RouteStep"]:
        if self.parallel is None:
            yield self
        for inner in self.parallel or ():
            yield from inner.leaves()


class WorkKind(Strict):
    """A kind of case: how often it comes, how it reaches the authority, what is done, and the route of its slips."""

    id: Slug
    title: Text
    per_day: Annotated[Figure[NotNegative], PER_DAY]
    """Cases on a working day, before weekdays and random variation."""
    channel: Literal["mail", "digital", "none"] = "none"
    """`mail`, `digital`: comes in through the mail folder of the unit; `none`: begins in the unit itself."""
    units: Annotated[list[Slug], Field(min_length=1, max_length=500)] | None = None
    """Which units it reaches, in proportion to their staff; without it all that belong to another unit."""
    new_record: Annotated[Figure[Share], SHARE]
    further_slip: Annotated[Figure[Share], SHARE]
    """Probability that after one slip the case needs another."""
    draft: Touch
    urgency: Annotated[Figure[Factor], FACTOR]
    """By what everything lies shorter (below 1) or longer."""
    deadline_days: Annotated[Figure[Count], DAYS]
    """Working days from the start of the slip until every station is due."""
    subjects: Annotated[list[Line], Field(max_length=500)] = Field([])
    """What the cases are about, one after another and then again; without any they are called by kind and day."""
    route: Annotated[list[RouteStep], Field(min_length=1, max_length=30)]

    @model_validator(mode="after")
    def _ends_well(self) -> "WorkKind":
        kinds = [step.kind for top in self.route for step in top.leaves()]
        if kinds.count("final_sign") > 1:
            raise InvalidValue("ein Laufweg hat höchstens ein `final_sign`", "a route has at most one `final_sign`")
        if "final_sign" in kinds:
            last = kinds.index("final_sign")
            if any(kind in {"co_sign", "approve"} for kind in kinds[last + 1 :]):
                raise InvalidValue(
                    "jedes co_sign und approve steht vor `final_sign`",
                    "every co_sign and approve comes before `final_sign`",
                )
        return self


class IncomingWork(Strict):
    """What reaches the authority."""

    weekdays: Annotated[list[Figure[Factor]], Field(min_length=5, max_length=5), FACTOR]
    """How arrivals divide among the days of a week, Monday to Friday; only their relation counts."""
    kinds: Annotated[list[WorkKind], Field(min_length=1, max_length=50)]


class PaperFolders(Strict):
    """The same work with paper folders: they are carried, go from one to the next, and are kept by an office."""

    transport_days: Annotated[Figure[NotNegative], DAYS]
    """From one person to the next."""
    registry_days: Annotated[Figure[NotNegative], DAYS]
    """Until the registry has opened or put away a file."""


class CaseworkScenario(Strict):
    """The content of the YAML file of a casework scenario."""

    kind: Literal["casework"]
    name: Slug
    title: Text
    notice: Text | None = None
    authority: Slug
    horizon: Horizon
    timer_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    """How often the engine looks for timers that are due."""
    known_work: Annotated[list[KnownWork], Field(max_length=20)] = Field([])
    staff: Staff
    work: IncomingWork
    handling: Handling
    paper: PaperFolders | None = None
    scan: ScanWork | None = None

    @property
    def roots(self) -> list[Unit]:
        return [unit for unit in self.staff.units if unit.parent is None]

    def with_values(self, values: dict[str, float]) -> "CaseworkScenario":
        """With other values for the figures of these paths."""
        changed: CaseworkScenario = replace_figures(self, values)
        return changed


def dump(scenario: CaseworkScenario) -> dict[str, Any]:
    """As it stands in a file."""
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
