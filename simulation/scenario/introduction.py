"""The section `rollout` of a scenario: what the introduction of the products takes, and who is there to do it.

The three-phase procedure model (dreiphasiges Vorgehensmodell, F089) is work: each phase takes so many person-days,
and lasts as long as those who are there need for them.
"""

from typing import Annotated, Literal

from pydantic import Field

from simulation.scenario.fields import AuthorityKind, Dated, Slug, Steps, Text
from simulation.scenario.figures import Figure, NotNegative, Positive, Share, Strict
from simulation.scenario.units import (
    CALENDAR_DAYS,
    DAYS,
    FACTOR,
    HOURS,
    MONTHS,
    PEOPLE,
    PER_USER_DAY,
    PERSON_DAYS,
    PIECES,
    PROJECTS,
    SHARE,
)

AtLeastOne = Annotated[float, Field(ge=1, le=1000)]


class Effort(Strict):
    """Person-days of a phase: for a project, for each of its authorities, and for each 1,000 of its users."""

    per_project: Annotated[Figure[NotNegative], PERSON_DAYS]
    per_authority: Annotated[Figure[NotNegative], PERSON_DAYS]
    per_thousand_users: Annotated[Figure[NotNegative], PERSON_DAYS]


class StaffCouncil(Strict):
    """Co-determination (Mitbestimmung, F222): how long the staff council of a department has a project before it.

    It begins when a share of the preparation is done. A council deals with few projects at once; others wait.
    """

    days_per_project: Annotated[Figure[NotNegative], DAYS]
    days_per_authority: Annotated[Figure[NotNegative], DAYS]
    days_per_thousand_users: Annotated[Figure[NotNegative], DAYS]
    after: Annotated[Figure[Share], SHARE]
    at_once: Annotated[Figure[AtLeastOne], PROJECTS]


class Training(Strict):
    """Training before go-live, given by a shared pool of trainers; e-learning takes a share of it off them."""

    trainers: Annotated[Steps, PEOPLE]
    hours_per_user: Annotated[Figure[Positive], HOURS]
    group_size: Annotated[Figure[Positive], PEOPLE]
    hours_per_trainer_day: Annotated[Figure[Positive], HOURS]
    trainers_per_authority: Annotated[Figure[AtLeastOne], PEOPLE]
    registrations_per_user: Annotated[Figure[Positive], PIECES]
    e_learning: Annotated[Figure[Annotated[float, Field(ge=0, le=0.95)]], SHARE]
    e_learning_from: Dated


class Provisioning(Strict):
    """Setting up an authority at the central IT provider (IT.NRW): slots are busy with its users.

    A large authority uses several slots at once, each with its part of the users.
    """

    slots: Annotated[Steps, PIECES]
    slots_per_authority: Annotated[Figure[AtLeastOne], PIECES]
    users_per_slot: Annotated[Figure[Positive], PEOPLE]
    setup_days: Annotated[Figure[NotNegative], DAYS]
    users_per_slot_day: Annotated[Figure[Positive], PEOPLE]


class Provider(Strict):
    """An IT provider that runs the products for some kinds of authorities, with few introductions at once."""

    id: Slug
    title: Text
    kinds: Annotated[list[AuthorityKind], Field(min_length=1, max_length=8)]
    introductions_at_once: Annotated[Figure[AtLeastOne], PROJECTS]


class Releases(Strict):
    """Releases of the products at fixed intervals (F225); some projects need something of the next one."""

    first: Dated
    every_months: Annotated[Figure[Annotated[float, Field(ge=0.25, le=24)]], MONTHS]
    needed: Annotated[Figure[Share], SHARE]


class Management(Strict):
    """What the programme's management does when things go otherwise than planned; `plan` mode needs none of it.

    Every `plan_again_months` it looks ahead: a project whose turn comes within `bring_forward_days` may begin, if a
    team is idle, and appointments may be kept that much early. Where projects wait for a team at that time it asks
    for one more, up to `most_teams_added`, each of which comes after `hiring_months`.
    """

    plan_again_months: Annotated[Figure[Annotated[float, Field(ge=0.25, le=24)]], MONTHS]
    bring_forward_days: Annotated[Figure[NotNegative], DAYS]
    most_teams_added: Annotated[Figure[NotNegative], PIECES]
    hiring_months: Annotated[Figure[NotNegative], MONTHS]


class Readiness(Strict):
    """What makes authorities ready before their turn, such as a demo system: from a day on it saves shares of the work
    of projects that are planned to begin later, for authorities of `kinds` and those of `authorities`, all where
    neither is said.
    """

    id: Slug
    title: Text
    start: Dated = Field(alias="from")
    kinds: Annotated[list[AuthorityKind], Field(max_length=8)] = Field([])
    authorities: Annotated[list[Slug], Field(max_length=300)] = Field([])
    preparation: Annotated[Figure[Share], SHARE]
    training: Annotated[Figure[Share], SHARE]


class Rollout(Strict):
    """Work of the three phases, and teams, trainers and slots that all projects share.

    `team_size` people make a team. A project has at most `teams_per_project`; each further one adds the share
    `further_team` of a team's pace. New teams and trainers reach their pace over `ramp_up_months`. Nobody
    goes live before `lead_days` of an introduction are over, whoever helps.
    """

    teams: Annotated[Steps, PIECES]
    team_size: Annotated[Figure[Positive], PEOPLE]
    teams_per_project: Annotated[Figure[AtLeastOne], PIECES]
    further_team: Annotated[Figure[Share], SHARE]
    ramp_up_months: Annotated[Figure[Annotated[float, Field(ge=0, le=36)]], MONTHS]
    preparation: Effort
    introduction: Effort
    lead_days: Annotated[Figure[Positive], DAYS]
    staff_council: StaffCouncil
    training: Training
    provisioning: Provisioning
    providers: Annotated[list[Provider], Field(max_length=10)]
    releases: Releases
    management: Management
    readiness: Annotated[list[Readiness], Field(max_length=30)] = Field([])


class Duration(Strict):
    """How much more work than planned: at first, how fast that falls, and a spread between projects.

    The first projects take `programme` times the planned work; with every doubling of the projects that are done the
    excess falls by the share `learning` (F091: later projects are standardised and short).
    """

    programme: Annotated[Figure[Annotated[float, Field(ge=0.2, le=5)]], FACTOR]
    learning: Annotated[Figure[Annotated[float, Field(ge=0, le=0.9)]], SHARE]
    spread: Annotated[Figure[Share], SHARE]


class Delay(Strict):
    """Something that hits with a probability and then costs time (gamma distributed, shape 2)."""

    probability: Annotated[Figure[Share], SHARE]
    mean_days: Annotated[Figure[Annotated[float, Field(ge=0, le=1000)]], DAYS]


class Protection(Strict):
    """High protection need (Schutzbedarf hoch): released at a date, with an analysis that may take longer."""

    released: Dated
    analysis: Delay


class Shortage(Strict):
    """What share of the planned teams, trainers and provisioning pace is really there."""

    teams: Annotated[Figure[Annotated[float, Field(ge=0, le=2)]], SHARE]
    trainers: Annotated[Figure[Annotated[float, Field(ge=0, le=2)]], SHARE]
    provisioning: Annotated[Figure[Annotated[float, Field(ge=0.05, le=2)]], SHARE]


Capacity = Literal["teams", "trainers", "slots"]


class Reach(Strict):
    """How far something has come, such as 10 of 103 services: its effects are this share of what stands there."""

    count: Annotated[Figure[NotNegative], PIECES]
    of: Annotated[Figure[Positive], PIECES]

    @property
    def share(self) -> float:
        return self.count.value / self.of.value


Effect = Figure[Annotated[float, Field(ge=0, le=20)]]


class Event(Strict):
    """What happens on a date and hits all whom it concerns at once.

    It happens with `probability`, begins up to `late_days` after its date (evenly) and lasts for `months`. It takes
    the shares `lost` of capacities away, or lets nobody go live. Of kinds of authorities it multiplies the paper `mail`
    and the routing `slips`, takes a share off the paper that comes digitally instead (`replaces`), and brings `digital`
    items on top; `reach` scales all of these. Events of one `cause` happen together: they share the draw. One that is
    `yearly` comes back every year.
    """

    id: Slug
    title: Text
    cause: Slug | None = None
    start: Dated = Field(alias="from")
    yearly: bool = False
    probability: Annotated[Figure[Share], SHARE]
    late_days: Annotated[Figure[NotNegative], CALENDAR_DAYS]
    months: Annotated[Figure[Annotated[float, Field(ge=0, le=60)]], MONTHS]
    lost: Annotated[dict[Capacity, Figure[Share]], SHARE] = Field({})
    no_go_lives: bool = False
    mail: Annotated[dict[AuthorityKind, Effect], FACTOR] = Field({})
    slips: Annotated[dict[AuthorityKind, Effect], FACTOR] = Field({})
    replaces: Annotated[dict[AuthorityKind, Figure[Share]], SHARE] = Field({})
    digital: Annotated[dict[AuthorityKind, Effect], PER_USER_DAY] = Field({})
    reach: Reach | None = None


class Risks(Strict):
    """Everything that makes the forecast differ from the plan; `plan` mode leaves it out.

    `rework`: the share of its introduction that a project does again for each quarter that it waited after its
    preparation. `release_slip`: a release that comes late, for all who need it.
    """

    duration: Duration
    staff_council: Annotated[Figure[Share], SHARE]
    release_slip: Delay
    rework: Annotated[Figure[Share], SHARE]
    protection: Protection
    shortage: Shortage
    events: Annotated[list[Event], Field(max_length=50)]
