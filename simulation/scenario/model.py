"""The sections and keys of a rollout scenario. Every number carries its basis.

The shape follows the three-phase procedure model (dreiphasiges Vorgehensmodell, F089) and the scan process by BSI
TR-03138 (RESISCAN). `eva schema scenario` publishes it as JSON Schema; `docs/reference/scenario.md` explains it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulation.scenario.fields import AuthorityKind, Dated, FileName, Slug, Steps, Text
from simulation.scenario.figures import Count, Factor, Figure, NotNegative, Positive, Share, Strict
from simulation.scenario.scanning import Scan
from simulation.scenario.units import DAYS, FACTOR, HOURS, MEGABYTES, MONTHS, PEOPLE, PER_USER_DAY, PIECES, SHARE, WEEKS


class Horizon(Strict):
    """First and last day of the simulated time."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> "Horizon":
        if self.end <= self.start:
            raise ValueError(f"the horizon ends on {self.end}, before it starts on {self.start}")
        if (self.end - self.start).days > 366 * 30:
            raise ValueError("a horizon of more than 30 years")
        if self.start.day != 1:
            raise ValueError("the horizon starts on the first day of a month")
        return self


class PlanRow(Strict):
    """The plan's users at the end of a year (C29: year end is the reading used)."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    e_akte: Annotated[Figure[Count], PEOPLE]
    e_laufmappe: Annotated[Figure[Count], PEOPLE]


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


class Training(Strict):
    """Training before go-live, given by a shared pool of trainers."""

    trainers: Annotated[Steps, PEOPLE]
    hours_per_user: Annotated[Figure[Positive], HOURS]
    group_size: Annotated[Figure[Positive], PEOPLE]
    hours_per_trainer_day: Annotated[Figure[Positive], HOURS]
    trainers_per_authority: Annotated[Figure[Annotated[int, Field(ge=1, le=1000)]], PEOPLE]
    registrations_per_user: Annotated[Figure[Positive], PIECES]


class Provisioning(Strict):
    """Setting up an authority at the central IT provider (IT.NRW): a slot is busy for set-up and users.

    A large authority uses several slots at once, each with its part of the users.
    """

    slots: Annotated[Steps, PIECES]
    slots_per_authority: Annotated[Figure[Annotated[int, Field(ge=1, le=1000)]], PIECES]
    users_per_slot: Annotated[Figure[Positive], PEOPLE]
    setup_days: Annotated[Figure[NotNegative], DAYS]
    users_per_slot_day: Annotated[Figure[Positive], PEOPLE]


class Rollout(Strict):
    """Resources that the projects share, and the lead of an authority's introduction before its go-live."""

    teams: Annotated[Steps, PIECES]
    training: Training
    provisioning: Provisioning
    lead_days: Annotated[Figure[Positive], DAYS]


class Duration(Strict):
    """How much longer phases take than planned: a factor for the whole programme and a spread between projects."""

    programme: Annotated[Figure[Annotated[float, Field(ge=1, le=5)]], FACTOR]
    spread: Annotated[Figure[Share], SHARE]


class Delay(Strict):
    """An event that hits a project with a probability and then costs time (gamma distributed, shape 2)."""

    probability: Annotated[Figure[Share], SHARE]
    mean_days: Annotated[Figure[Annotated[float, Field(ge=0, le=1000)]], DAYS]


class Protection(Strict):
    """High protection need (Schutzbedarf hoch): released at a date, with an analysis that may take longer."""

    released: Dated
    analysis: Delay


class Reorganisation(Strict):
    """A reorganisation of the IT provider: part of its provisioning slots is lost for some months."""

    start: Dated = Field(alias="from")
    months: Annotated[Figure[Annotated[float, Field(ge=0, le=60)]], MONTHS]
    lost: Annotated[Figure[Share], SHARE]


class Shortage(Strict):
    """What share of planned teams, trainers and provisioning pace is really there."""

    teams: Annotated[Figure[Share], SHARE]
    trainers: Annotated[Figure[Share], SHARE]
    provisioning: Annotated[Figure[Annotated[float, Field(ge=0.05, le=1)]], SHARE]


class Risks(Strict):
    """Everything that makes the forecast differ from the plan; `plan` mode leaves it out."""

    duration: Duration
    staff_council: Delay
    release_slip: Delay
    protection: Protection
    reorganisation: Reorganisation
    shortage: Shortage


class Adoption(Strict):
    """Growth of real use inside an authority after go-live: logistic, through half and nine tenths of its seats."""

    half_weeks: Annotated[Figure[Positive], WEEKS]
    ninety_weeks: Annotated[Figure[Positive], WEEKS]
    spread: Annotated[Figure[Share], SHARE]


class Work(Strict):
    """What a user does with the products, and what it stores."""

    records_per_user_day: Annotated[Figure[NotNegative], PER_USER_DAY]
    slips_per_user_day: Annotated[Figure[NotNegative], PER_USER_DAY]
    slips_per_user_day_mature: Annotated[Figure[NotNegative], PER_USER_DAY]
    maturing_months: Annotated[Figure[Positive], MONTHS]
    megabytes_per_record: Annotated[Figure[NotNegative], MEGABYTES]
    megabytes_per_slip: Annotated[Figure[NotNegative], MEGABYTES]
    megabytes_per_scanned_page: Annotated[Figure[NotNegative], MEGABYTES]


class Channel(Strict):
    """A digital channel that opens on a date and takes a share of the paper mail, growing over its ramp."""

    id: Slug
    title: Text
    opens: Dated
    kinds: Annotated[list[AuthorityKind], Field(min_length=1, max_length=8)]
    replaces: Annotated[Figure[Share], SHARE]
    ramp_months: Annotated[Figure[Positive], MONTHS]


class Mail(Strict):
    """Incoming mail (Posteingang): volume by kind of authority, weekday pattern, share on paper."""

    items_per_user_day: Annotated[dict[AuthorityKind, Figure[NotNegative]], PER_USER_DAY]
    weekdays: Annotated[list[Figure[Factor]], Field(min_length=5, max_length=5), FACTOR]
    day_spread: Annotated[Figure[Share], SHARE]
    paper_share: Annotated[Figure[Share], SHARE]
    paper_decline_per_year: Annotated[Figure[Share], SHARE]
    paper_share_year: Annotated[int, Field(ge=2000, le=2100)]
    channels: Annotated[list[Channel], Field(max_length=50)]


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


class RolloutScenario(Strict):
    """The content of the YAML file of a rollout scenario; authorities and projects stand in CSV files beside it."""

    kind: Literal["rollout"]
    name: Slug
    title: Text
    notice: Text | None = None
    """Shown at the top of the report, such as that the lists are a reconstruction."""
    as_of: Dated
    horizon: Horizon
    authorities: FileName
    projects: FileName
    plan: Annotated[list[PlanRow], Field(max_length=50)]
    early_users: Annotated[list[EarlyUsers], Field(max_length=100)]
    checkpoints: Annotated[list[Checkpoint], Field(max_length=100)]
    rollout: Rollout
    risks: Risks
    adoption: Adoption
    work: Work
    mail: Mail
    scan: Scan
    deadlines: Annotated[list[Deadline], Field(max_length=50)]
