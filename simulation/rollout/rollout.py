"""The rollout: projects go through three phases as SimPy processes, as fast as those who are there do the work.

A project prepares (with a rollout team, while its concept lies before the staff council of its department),
introduces (the team goes from authority to authority; each is trained by trainers and set up in slots of the IT
provider that all projects share, then goes live) and is looked after in operation (F089, Y01: the report names three
phases but not what is in them). Time is in working days of the horizon.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.rollout.conditions import Conditions, list_levels
from simulation.rollout.effort import compute_work, list_work
from simulation.rollout.model import Model
from simulation.rollout.outcome import Handover
from simulation.rollout.portfolio import Portfolio
from simulation.rollout.resource_pool import Bookings, Grant, Level, Pool
from simulation.rollout.risks import Luck
from simulation.scenario.model import RolloutScenario

QUARTER = 63.0
"""Working days of a quarter."""
FOREVER = 1e9
"""A time after all others, for what never comes."""
Steps = Generator[Any, Any, None]


class CountingEnvironment(simpy.Environment):
    """SimPy's, which says at the end how many events it had: it numbers them."""

    def count_events(self) -> int:
        return next(self._eid)


@dataclass(frozen=True)
class Setting:
    """What one run is made of. `risky`: not in mode `plan`; `known`: what the plan dates before `as_of` happened so;
    `last`: projects that are planned to begin later are left out.
    """

    spec: RolloutScenario
    portfolio: Portfolio
    conditions: Conditions
    luck: Luck
    risky: bool = True
    known: bool = True
    last: float = FOREVER


class Rollout:
    """One run; after `run` its results stand in `phases`, `go_live` (times), `handovers` and the pools."""

    def __init__(self, model: Model, setting: Setting, beside: "Rollout | None" = None) -> None:
        """`beside`: another programme that has the same trainers, slots, staff councils and IT providers."""
        self.model, self.setting = model, setting
        spec, portfolio = setting.spec, setting.portfolio
        self.env: CountingEnvironment = beside.env if beside else CountingEnvironment()
        self.work = list_work(compute_work(spec.rollout, portfolio, model.calendar, model.scenario.authorities))
        self.members = portfolio.members
        capacity = setting.conditions.capacity
        self.teams = Pool(self.env, list_levels(capacity["teams"]))
        self.trainers: Bookings = Bookings(capacity["trainers"], beside.trainers if beside else None)
        self.slots: Bookings = Bookings(capacity["slots"], beside.slots if beside else None)
        at_once = np.full(len(capacity["slots"]), spec.rollout.staff_council.at_once.value)
        known = beside.council_of if beside else {}
        self.councils = [Bookings(at_once, known.get(name)) for name in model.departments]
        self.council_of: dict[str, Bookings] = dict(zip(model.departments, self.councils, strict=True)) | known
        self.provider_of: dict[str, Pool] = dict(beside.provider_of) if beside else {}
        self.providers = [
            self.provider_of.setdefault(
                p.id, Pool(self.env, [Level(0.0, max(1, round(p.introductions_at_once.value)))])
            )
            for p in spec.rollout.providers
        ]
        self.waited_for_provider = 0.0
        """Working days that own projects waited for a place."""
        self.as_of = model.as_of if setting.known and setting.risky else -1.0
        reacts = setting.risky and setting.known  # of the past the report knows no early go-live
        self.early = spec.rollout.management.bring_forward_days.value if reacts else 0.0
        self.introduced = [self.env.event() for _ in self.members]
        self.done = 0
        self._phases = [[math.inf] * 6 for _ in self.members]
        self._go_live = [math.inf] * len(portfolio.go_live)
        self._luck = Luck(*(of.tolist() for of in setting.luck))
        self.handovers: list[Handover] = []
        self.windows = portfolio.windows.tolist()
        self.planned = portfolio.go_live.tolist()

        for project, window in enumerate(self.windows):
            if window[0] <= setting.last:
                self.env.process(self._project(project))
        if self.setting.risky and self.setting.spec.rollout.management.most_teams_added.value >= 1:
            self.env.process(self._manage())

    @property
    def phases(self) -> NDArray[np.float64]:
        """Start and end of preparation, introduction and operation, shape (projects, 6)."""
        return np.array(self._phases)

    @property
    def go_live(self) -> NDArray[np.float64]:
        """Shape (authorities,)."""
        return np.array(self._go_live)

    def run(self, until: float | None = None) -> None:
        """Run to the end, or until a time, and later on from there."""
        end = until or float(len(self.setting.conditions.next_go_live))
        if end > self.env.now:
            self.env.run(end)

    def _until(self, time: float) -> Any:
        return self.env.timeout(max(time - self.env.now, 0.0))

    def _project(self, project: int) -> Steps:
        window, row = self.windows[project], self._phases[project]
        if window[3] <= self.as_of:
            yield from self._repeat_past(project)
        else:
            yield from self._prepare(project, row, window)
            yield from self._wait_for_others(project)
            yield self._until(window[2] - self.early)
            yield from self._introduce(project, row, window)
        row[4] = max(row[3], window[4])
        row[5] = row[4] + window[5] - window[4]
        self.done += 1
        self.introduced[project].succeed()

    def _repeat_past(self, project: int) -> Steps:
        """A project that ended in the known past: as recorded, with the team and the training that it took."""
        window, row = self.windows[project], self._phases[project]
        yield self._until(window[0])
        team = self.teams.take(project)
        for authority in self.members[project]:
            self._go_live[authority] = self.planned[authority]
            lead = max(self.planned[authority] - self.setting.spec.rollout.lead_days.value, window[0])
            self._train_and_set_up(authority, lead, 1.0)
        yield self._until(window[3])
        self.teams.release(team)
        row[:4] = window[:4]

    def _prepare(self, project: int, row: list[float], window: list[float]) -> Steps:
        spec, luck, work = self.setting.spec.rollout, self._luck, self.work
        yield self._until(self._plan_start(window[0]))
        if window[0] <= self.as_of:
            team = self.teams.take(project)
        else:
            team = yield from self._request_team(project, window[0])
        row[0] = self.env.now
        days = work.preparation[project] * luck.preparation[project] * self._overrun() / self._pace(team)
        council = self.councils[self._find(self.model.department_of, project)]
        consent = council.book(
            row[0] + spec.staff_council.after.value * days, work.council[project] * luck.council[project], 1.0
        )
        yield self.env.timeout(days + luck.analysis[project])
        self.teams.release(team)
        yield self._until(min(max(consent, window[1] - self.early), FOREVER))
        row[1] = self.env.now

    def _plan_start(self, planned: float) -> float:
        """From when a project may ask for a team: from its planned start, or from the first day on which the
        programme is planned again within the days by which it may be brought forward.
        """
        if self.early <= 0 or planned <= self.as_of:
            return planned
        months = self.setting.spec.rollout.management.plan_again_months.value
        every = months * QUARTER / 3
        return min(planned, math.ceil((planned - self.early) / every) * every)

    def _wait_for_others(self, project: int) -> Steps:
        """Wait for what the project depends on, for a release that it needs, and for its protection need's."""
        for needed in self.model.needed[project]:
            waited = not self.introduced[needed].triggered
            yield self.introduced[needed]
            gap = 0.0 if waited else self.env.now - self._phases[needed][3]
            self.handovers.append(Handover(self.env.now, needed, project, gap))
        if self._luck.needs_release[project]:
            releases = self.setting.conditions.releases
            following = int(np.searchsorted(releases, self.env.now))
            if following < len(releases):
                yield self._until(float(releases[following]))

    def _introduce(self, project: int, row: list[float], window: list[float]) -> Steps:
        provider = self._find(self.model.provider_of, project)
        place: Grant | None = None
        if provider >= 0:
            asked = self.env.now
            place = yield self.providers[provider].request(project, window[2])
            self.waited_for_provider += self.env.now - asked
        team = yield from self._request_team(project, window[2])
        row[2] = self.env.now
        pace, again = self._pace(team), self._measure_rework(row[2] - window[2])
        lead = self.setting.spec.rollout.lead_days.value
        factor = self._luck.introduction[project] * self._overrun() * again
        for authority in self.members[project]:
            yield from self._introduce_one(authority, factor / pace, again, row[2] + lead)
        yield self._until(min(max(self._go_live[authority] for authority in self.members[project]), FOREVER))
        row[3] = self.env.now
        self.teams.release(team)
        if place is not None:
            self.providers[provider].release(place)

    def _introduce_one(self, authority: int, factor: float, again: float, first: float) -> Steps:
        """The team's work for one authority; it goes live when that, its training and its set-up are done, from
        `first` on.
        """
        conditions, planned, begin = self.setting.conditions, self.planned[authority], self.env.now
        if planned <= self.as_of:
            self._go_live[authority] = planned
            self._train_and_set_up(authority, begin, 1.0)
            return
        ready = self._train_and_set_up(authority, begin, again)
        yield self.env.timeout(self.work.introduction[authority] * factor)
        released = conditions.protection_released if self.model.high[authority] else 0.0
        ready = max(ready, self.env.now, released, planned - self.early, first, self.as_of + 1)
        self._go_live[authority] = self._find_go_live(ready)

    def _train_and_set_up(self, authority: int, begin: float, again: float) -> float:
        """When an authority that is begun at `begin` is trained and set up."""
        work = self.work
        classroom = work.classroom if begin >= work.e_learning_from else 1.0
        trained = self.trainers.book(begin, work.training[authority] * classroom * again, work.trainers[authority])
        return max(trained, self.slots.book(begin, work.provisioning[authority], work.slots[authority]))

    def _find_go_live(self, ready: float) -> float:
        days = self.setting.conditions.next_go_live
        day = math.ceil(min(ready, FOREVER) - 1e-9)
        found = int(days[day]) if day < len(days) else len(days)
        return float(found) if found < len(days) else math.inf

    def _request_team(self, project: int, priority: float) -> Generator[Any, Any, Grant]:
        most = round(self.setting.spec.rollout.teams_per_project.value) if self.setting.risky else 1
        grant: Grant = yield self.teams.request(project, priority, max(1, most))
        if grant.freed_by is not None and grant.freed_by != project:
            self.handovers.append(Handover(self.env.now, grant.freed_by, project, 0.0))
        return grant

    def _pace(self, team: Grant) -> float:
        return 1 + (team.units - 1) * self.setting.spec.rollout.further_team.value

    def _overrun(self) -> float:
        """How much more work than planned a project takes that begins now (F091: later ones less)."""
        if not self.setting.risky:
            return 1.0
        duration = self.setting.spec.risks.duration
        learnt = (1 - duration.learning.value) ** math.log2(1 + self.done)
        return float(1 + (duration.programme.value - 1) * learnt)

    def _measure_rework(self, slip: float) -> float:
        """The factor on an introduction that begins `slip` working days late."""
        if not self.setting.risky:
            return 1.0
        return 1 + self.setting.spec.risks.rework.value * min(max(slip, 0.0) / QUARTER, 4.0)

    def _find(self, of: NDArray[np.int64], project: int) -> int:
        """What `of` says of the first authority of a project."""
        return int(of[self.members[project][0]])

    def _manage(self) -> Steps:
        """Add a team when projects wait for one at a time of planning, as long as more may be added."""
        management = self.setting.spec.rollout.management
        left = int(management.most_teams_added.value)
        yield self._until(self.model.as_of)
        while left:
            yield self.env.timeout(management.plan_again_months.value * QUARTER / 3)
            if self.teams.waiting:
                self.teams.add(1, management.hiring_months.value * QUARTER / 3)
                left -= 1
