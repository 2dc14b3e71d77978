"""The rollout: 45 projects through three phases, as SimPy processes on shared teams, trainers and provisioning slots.

A project prepares (with a rollout team), introduces (every authority is trained by shared trainers and set up at the
central IT provider, then goes live) and is looked after in operation (F089, Y01: the report names three phases but
not what is in them). Appointments of the plan are kept or missed, never brought forward. What the plan dates before
the scenario's `as_of` happened as planned; risks act after it. Time is in working days of the horizon.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import networkx as nx
import numpy as np
import simpy
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.rollout.resource_pool import Grant, Pool
from simulation.rollout.risks import Luck, compute_capacity_levels
from simulation.scenario.programme import Authority, Project, Scenario


@dataclass(frozen=True)
class Outcome:
    """One replayed rollout. Times in working days.

    `phases`: shape (projects, 6), start and end of preparation, introduction and operation; `go_live`: shape
    (authorities,); `critical`: shape (projects,), whether the project lay on the critical path to the last go-live;
    `waited`: working days that projects and authorities waited for a shared resource, in sum per pool.
    """

    phases: NDArray[np.float64]
    go_live: NDArray[np.float64]
    critical: NDArray[np.bool_]
    waited: dict[str, float]


class Rollout:
    def __init__(self, scenario: Scenario, calendar: Calendar, luck: Luck) -> None:
        self.scenario, self.calendar, self.luck = scenario, calendar, luck
        self.env = simpy.Environment()
        levels = compute_capacity_levels(scenario.spec, calendar, luck)
        self.pools = {name: Pool(self.env, changes) for name, changes in levels.items()}
        self.waited = dict.fromkeys(self.pools, 0.0)
        self.as_of = calendar.get_time(scenario.spec.as_of.value) if luck.risky else 0.0
        self.lead = scenario.spec.rollout.lead_days.value
        self.introduced = {p.id: self.env.event() for p in scenario.projects}
        self.phases = np.full((len(scenario.projects), 6), np.inf)
        self.go_live = np.full(len(scenario.authorities), np.inf)
        self.binding: nx.DiGraph[str] = nx.DiGraph()
        self.members: dict[str, list[tuple[int, Authority]]] = {p.id: [] for p in scenario.projects}
        for index, authority in enumerate(scenario.authorities):
            self.members[authority.project].append((index, authority))

    def run(self) -> Outcome:
        """Run to the end: every project ends, however late."""
        for index, project in enumerate(self.scenario.projects):
            self.binding.add_node(project.id)
            self.env.process(self._project(index, project))
        self.env.run(until=self.env.all_of(self.introduced.values()))
        self._plan_operation()
        return Outcome(self.phases, self.go_live, self._critical(), self.waited)

    def _until(self, time: float) -> Any:
        return self.env.timeout(max(time - self.env.now, 0.0))

    def _all(self, processes: Iterable[Generator[Any, Any, None]]) -> Any:
        return self.env.all_of([self.env.process(process) for process in processes])

    def _stretched(self, begin: float, planned_begin: float, planned_end: float, factor: float) -> float:
        """When work planned from `planned_begin` to `planned_end` ends if begun at `begin`: only what lies after
        the known past takes longer, and nothing ends before its planned day.
        """
        length = planned_end - planned_begin
        known = min(max(self.as_of - planned_begin, 0.0), length) if begin <= planned_begin else 0.0
        left = length - known
        return max(begin + known + left * factor, planned_end)

    def _project(self, index: int, project: Project) -> Generator[Any, Any, None]:
        time, row = self.calendar.get_time, self.phases[index]
        yield self._until(time(project.preparation_start))
        team = yield from self._team(project, project.preparation_start, project.preparation_end)
        row[0] = self.env.now
        yield self._until(self._preparation_end(project, row[0]))
        row[1] = self.env.now
        # Between the phases the team serves others; were it kept, projects waiting for each other could hold all teams.
        self._give_back(team)
        yield from self._dependencies(project)
        yield self._until(time(project.introduction_start))
        team = yield from self._team(project, project.introduction_start, project.introduction_end)
        row[2] = self.env.now
        yield self._all(self._introduce(i, a, project, row[2]) for i, a in self.members[project.id])
        yield self._until(time(project.introduction_end))
        row[3] = self.env.now
        self._give_back(team)
        self.introduced[project.id].succeed()

    def _team(self, project: Project, start: date, end: date) -> Generator[Any, Any, Grant | None]:
        """Take a team for a phase. A phase that ended in the known past needs none: no scenario can delay it."""
        if self.calendar.get_time(end) <= self.as_of:
            return None
        grant: Grant = yield from self._take("teams", project.id, int(self.calendar.get_time(start)))
        return grant

    def _give_back(self, team: Grant | None) -> None:
        if team is not None:
            self.pools["teams"].release(team)

    def _dependencies(self, project: Project) -> Generator[Any, Any, None]:
        for needed in project.depends_on:
            if not self.introduced[needed].triggered:
                self._bind(needed, project.id)
            yield self.introduced[needed]

    def _preparation_end(self, project: Project, begin: float) -> float:
        start, end = self.calendar.get_time(project.preparation_start), self.calendar.get_time(project.preparation_end)
        luck = self.luck.projects[project.id]
        delay = luck.preparation_delay if end > self.as_of else 0.0
        return self._stretched(begin, start, end, luck.factor) + delay

    def _introduce(self, index: int, authority: Authority, project: Project, begin: float) -> Generator[Any, Any, None]:
        """Train and provision one authority; it goes live when both are done and its appointment has come."""
        planned_begin = self.calendar.get_time(project.introduction_start)
        planned = self.calendar.get_time(authority.go_live)
        if planned <= self.as_of:
            yield self._until(planned)
            self.go_live[index] = planned
            return
        luck = self.luck.projects[project.id]
        lead = min(self.lead, planned - planned_begin)
        start = self._stretched(begin, planned_begin, planned - lead, luck.factor)
        ready = self._stretched(begin, planned_begin, planned, luck.factor) + luck.introduction_delay
        yield self._until(start)
        yield self._all([self._train(authority, int(planned)), self._provision(authority, int(planned))])
        released = self.luck.protection_released if authority.protection == "high" else 0.0
        yield self._until(max(ready, released))
        self.go_live[index] = self.env.now

    def _train(self, authority: Authority, priority: int) -> Generator[Any, Any, None]:
        training = self.scenario.spec.rollout.training
        groups = authority.users_e_laufmappe / training.group_size.value
        trainer_days = groups * training.hours_per_user.value / training.hours_per_trainer_day.value
        blocks = max(1, min(training.trainers_per_authority.value, int(np.ceil(trainer_days))))
        yield self._all(self._work("trainers", authority, priority, trainer_days / blocks) for _ in range(blocks))

    def _provision(self, authority: Authority, priority: int) -> Generator[Any, Any, None]:
        provisioning = self.scenario.spec.rollout.provisioning
        users = authority.users_e_laufmappe
        parts = max(1, min(provisioning.slots_per_authority.value, round(users / provisioning.users_per_slot.value)))
        days = provisioning.setup_days.value + users / parts / provisioning.users_per_slot_day.value
        pace = self.luck.provisioning_pace if self.env.now >= self.as_of else 1.0
        yield self._all(self._work("slots", authority, priority, days / pace) for _ in range(parts))

    def _work(self, pool: str, authority: Authority, priority: int, days: float) -> Generator[Any, Any, None]:
        grant = yield from self._take(pool, authority.project, priority)
        yield self.env.timeout(days)
        self.pools[pool].release(grant)

    def _take(self, pool: str, project: str, priority: int) -> Generator[Any, Any, Grant]:
        asked = self.env.now
        grant: Grant = yield from self.pools[pool].request(project, priority)
        self.waited[pool] += self.env.now - asked
        if grant.freed_by is not None:
            self._bind(grant.freed_by, project)
        return grant

    def _bind(self, before: str, after: str) -> None:
        if before != after:
            self.binding.add_edge(before, after)

    def _plan_operation(self) -> None:
        for row, project in zip(self.phases, self.scenario.projects, strict=True):
            start, end = self.calendar.get_time(project.operation_start), self.calendar.get_time(project.operation_end)
            row[4] = max(row[3], start)
            row[5] = row[4] + end - start

    def _critical(self) -> NDArray[np.bool_]:
        """The project that ended last, and all whose waits led to it."""
        ids = [p.id for p in self.scenario.projects]
        last = ids[int(np.argmax(self.phases[:, 3]))]
        on_path = {last} | nx.ancestors(self.binding, last)
        return np.array([name in on_path for name in ids])
