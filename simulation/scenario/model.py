"""The sections and keys of a rollout scenario. Every number carries its basis.

The shape follows the three-phase procedure model (dreiphasiges Vorgehensmodell, F089) and the scan process by BSI
TR-03138 (RESISCAN). `eva schema scenario` publishes it as JSON Schema; `docs/reference/scenario.md` explains it.
"""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import Discriminator, Field, Tag, model_validator

from simulation.scenario.changes import ChangeEntry
from simulation.scenario.fields import (
    MOST_IN_ID,
    MOST_IN_LINE,
    AuthorityKind,
    Dated,
    FileName,
    Line,
    Slug,
    Source,
    Text,
)
from simulation.scenario.figures import Basis, Count, Figure, NotNegative, Positive, Share, Strict
from simulation.scenario.introduction import Risks, Rollout
from simulation.scenario.scanning import Mail, Scan
from simulation.scenario.units import MEGABYTES, MONTHS, PEOPLE, PER_USER_DAY, PIECES, SHARE, WEEKS
from workflow.text import InvalidValue


class Horizon(Strict):
    """First and last day of the simulated time."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> "Horizon":
        if self.end <= self.start:
            raise InvalidValue(
                f"der Horizont endet am {self.end}, bevor er am {self.start} beginnt",
                f"the horizon ends on {self.end}, before it starts on {self.start}",
            )
        if (self.end - self.start).days > 366 * 30:
            raise InvalidValue("ein Horizont von mehr als 30 Jahren", "a horizon of more than 30 years")
        if self.start.day != 1:
            raise InvalidValue(
                "der Horizont beginnt am ersten Tag eines Monats", "the horizon starts on the first day of a month"
            )
        return self


class PlanRow(Strict):
    """The plan's users at the end of a year (C29: year end is the reading used)."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    e_akte: Annotated[Figure[Count], PEOPLE]
    e_laufmappe: Annotated[Figure[Count], PEOPLE]


class Pipeline(Strict):
    """Users of projects that have begun by a day and are not live: what is in preparation (F103, C04)."""

    day: date = Field(alias="date")
    users: Annotated[Figure[Count], PEOPLE]


class KnownWork(Strict):
    """Records or routing slips that an authority is known to have made by a date: more than one number, and so far
    as the wording goes not more than another.
    """

    authority: Slug
    day: date = Field(alias="date")
    measure: Literal["records", "routing_slips"]
    at_least: Annotated[Figure[Count], PIECES]
    at_most: Annotated[Figure[Count], PIECES]


class EarlyUsers(Strict):
    """Users of both products in an authority before its go-live (pilot)."""

    authority: Slug
    start: date = Field(alias="from")
    users: Annotated[Figure[Count], PEOPLE]


class Checkpoint(Strict):
    """A user count that was known when the scenario was written; the reconstruction must meet it."""

    day: date = Field(alias="date")
    users: Annotated[Figure[Count], PEOPLE]
    tolerance: Annotated[float, Field(ge=0, le=0.2)]


class Adoption(Strict):
    """Growth of real use inside an authority after go-live: logistic, through half and nine tenths of its seats."""

    half_weeks: Annotated[Figure[Positive], WEEKS]
    ninety_weeks: Annotated[Figure[Positive], WEEKS]
    spread: Annotated[Figure[Share], SHARE]


class Telework(Strict):
    """People who have the means to work remotely, and how many do so at once at most (F183 to F185)."""

    able: Annotated[Figure[Positive], PEOPLE]
    at_once: Annotated[Figure[Positive], PEOPLE]


class Work(Strict):
    """What a user does with the products, and what it stores.

    `trial`: what share of that somebody does who tries the products before their authority is live.
    """

    records_per_user_day: Annotated[Figure[NotNegative], PER_USER_DAY]
    slips_per_user_day: Annotated[Figure[NotNegative], PER_USER_DAY]
    slips_per_user_day_mature: Annotated[Figure[NotNegative], PER_USER_DAY]
    maturing_months: Annotated[Figure[Positive], MONTHS]
    trial: Annotated[Figure[Share], SHARE]
    megabytes_per_record: Annotated[Figure[NotNegative], MEGABYTES]
    megabytes_per_slip: Annotated[Figure[NotNegative], MEGABYTES]
    megabytes_per_scanned_page: Annotated[Figure[NotNegative], MEGABYTES]
    telework: Telework | None = None


Measure = Literal["seats_e_akte", "seats_e_laufmappe", "authorities_live", "authorities_fully_digital"]
"""What a deadline measures: seats of authorities that are live (as the plan counts them, whether or not everybody
uses them yet), authorities that are live, authorities whose staff use them and whose mail comes digitally."""


class Deadline(Strict):
    """A date by which a measure must reach its target."""

    id: Slug
    title: Text
    day: date = Field(alias="date")
    measure: Measure
    target: Annotated[Figure[Count], PIECES]


MOST_IN_A_GROUP = 2000
FILE_TAG, LIST_TAG = "(a file)", "(a list)"
"""By which a fault in a list says that it was read as one; left out of what a reader sees."""
Members = Annotated[int, Field(ge=1, le=MOST_IN_A_GROUP)]


class AuthorityGroup(Strict):
    """`count` authorities of one kind in one project, with `users_each`.

    `considered`: of how many they were chosen. With `scan_centre` their mail is scanned from their go-live on.
    """

    id: Slug
    title: Text
    kind: AuthorityKind
    department: Line
    project: Slug
    count: Annotated[Figure[Members], PIECES]
    users_each: Annotated[Figure[Count], PEOPLE]
    considered: Annotated[Figure[Count] | None, PIECES] = None
    first_go_live: Dated
    last_go_live: Dated
    protection: Literal["normal", "high"] = "normal"
    scan_centre: Slug | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "AuthorityGroup":
        if self.last_go_live.value < self.first_go_live.value:
            first, last_day = self.first_go_live.value, self.last_go_live.value
            raise InvalidValue(
                f"Produktivstart zuletzt am {last_day}, zuerst am {first}",
                f"goes live last on {last_day}, first on {first}",
            )
        if self.considered and self.considered.value < self.count.value:
            chosen, considered = self.count.value, self.considered.value
            raise InvalidValue(f"{chosen} ausgewählt von {considered}", f"{chosen} chosen of {considered}")
        last = self.number_member(self.count.value)
        for name, text, most in (("id", last.id, MOST_IN_ID), ("title.de", last.name, MOST_IN_LINE)):
            if len(text) > most:
                number = self.count.value
                raise InvalidValue(
                    f"{name} der letzten von {number} hat {len(text)} Zeichen, höchstens {most}",
                    f"{name} of the last of {number} has {len(text)} characters, at most {most}",
                )
        return self

    def number_member(self, number: int) -> "Numbered":
        """The id and name of a member, counted from 1; the only one has those of its group."""
        if self.count.value == 1:
            return Numbered(self.id, self.title.de)
        return Numbered(f"{self.id}-{number}", f"{self.title.de} {number}")


class Numbered(NamedTuple):
    """One of a group."""

    id: str
    name: str


class Phase(Strict):
    """First and last day."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class ListedProject(Strict):
    """A rollout project with its three phases as planned."""

    id: Slug
    title: Text
    preparation: Phase
    introduction: Phase
    operation: Phase
    depends_on: Annotated[list[Slug], Field(max_length=50)] = Field([])
    basis: Basis
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> "ListedProject":
        phases = (self.preparation, self.introduction, self.operation)
        days = [day for phase in phases for day in (phase.start, phase.end)]
        for before, after in pairwise(days):
            if after < before:
                raise InvalidValue(
                    f"die Phasen sind nicht in ihrer Reihenfolge: {after} folgt auf {before}",
                    f"its phases are not in order: {after} comes after {before}",
                )
        return self


Reported = Literal[
    "authorities", "authorities_live", "considered", "users", "projects_begun", "projects_in_preparation",
    "projects_in_introduction", "projects_done", "releases",
]  # fmt: skip
"""What is counted on a day: authorities listed, live or considered; users of live ones; projects by phase; releases."""


class Milestone(Strict):
    """What the sources say of the programme on a day; the lists must give it. `project`: of this project alone."""

    id: Slug
    title: Text
    day: date = Field(alias="date")
    measure: Reported
    project: Slug | None = None
    at_least: Annotated[Figure[Count], PIECES]
    at_most: Annotated[Figure[Count] | None, PIECES] = None


Groups = Annotated[list[AuthorityGroup], Field(min_length=1, max_length=200), Tag(LIST_TAG)]
ListedProjects = Annotated[list[ListedProject], Field(min_length=1, max_length=200), Tag(LIST_TAG)]
BesideFile = Annotated[FileName, Tag(FILE_TAG)]
BY_FORM = Discriminator(lambda given: LIST_TAG if isinstance(given, list) else FILE_TAG)


Changes = Annotated[list[ChangeEntry], Field(max_length=200)]


class OnlyChanges(Strict):
    """The changes of a scenario's file, which are checked by themselves."""

    changes: Changes = Field([])


class RolloutScenario(Strict):
    """The content of the YAML file of a rollout scenario; authorities and projects stand in CSV files beside it, or
    here where only totals are known.
    """

    kind: Literal["rollout"]
    name: Slug
    title: Text
    notice: Text | None = None
    """Shown at the top of the report, such as that the lists are a reconstruction."""
    as_of: Dated
    horizon: Horizon
    authorities: Annotated[BesideFile | Groups, BY_FORM]
    projects: Annotated[BesideFile | ListedProjects, BY_FORM]
    reconstruction: Literal["fixed", "ensemble"] = "fixed"
    """`fixed`: the lists are the list. `ensemble`: sizes, cut and order are drawn in every run, all totals kept."""
    plan: Annotated[list[PlanRow], Field(max_length=50)]
    early_users: Annotated[list[EarlyUsers], Field(max_length=100)]
    checkpoints: Annotated[list[Checkpoint], Field(max_length=100)]
    pipeline: Pipeline | None = None
    known_work: Annotated[list[KnownWork], Field(max_length=20)] = Field([])
    milestones: Annotated[list[Milestone], Field(max_length=50)] = Field([])
    rollout: Rollout
    risks: Risks
    adoption: Adoption
    work: Work
    mail: Mail
    scan: Scan
    deadlines: Annotated[list[Deadline], Field(max_length=50)]
    changes: Changes = Field([])
    """What a what-if says; a scenario that is loaded holds them as lines, see `Scenario.changes`."""
