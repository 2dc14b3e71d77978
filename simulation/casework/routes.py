"""Routes as a scenario writes them become routes of persons."""

from collections.abc import Iterator
from datetime import date

from numpy.random import Generator

from simulation.casework.people.staff import Person, Team
from simulation.scenario.casework import RouteStep
from workflow.routing_slips.events import Kind, ParallelSpec, Spec, StationSpec

MOST_OF_EVERYBODY = 40
"""Persons of a unit who are told of something in one slip."""


class RoutePlanner:
    """Finds who is meant, for one routing slip of `owner`."""

    def __init__(self, teams: dict[str, Team], owner: Person, random: Generator) -> None:
        self._teams, self._owner, self._random = teams, owner, random
        self._own = teams[owner.unit]
        self._used = {owner.id}

    def plan(self, steps: list[RouteStep], deadline: date, side_by_side: bool = True) -> tuple[Spec, ...]:
        """The stations; without `side_by_side` (paper) those of a parallel block one after another."""
        found: list[Spec] = []
        for step in steps:
            if step.parallel is None:
                found += self._stations(step, deadline)
                continue
            inner = [one for part in step.parallel for one in self._stations(part, deadline)]
            found += [ParallelSpec(parallel=tuple(inner))] if side_by_side and len(inner) > 1 else inner
        return tuple(found)

    def find_other(self) -> Person:
        """Somebody of another unit who is not in the route yet; of the own one where there is no other."""
        others = [team for team in self._teams.values() if team is not self._own] or [self._own]
        return self._pick([one for team in self._draw(others) for one in team.clerks])

    def _stations(self, step: RouteStep, deadline: date) -> Iterator[StationSpec]:
        boss = self._teams[self._own.unit.parent or self._own.unit.id].approvers[0]
        for person in self._find(step):
            told = boss.id if boss is not person else None
            yield StationSpec(kind=Kind(str(step.kind)), actor=person.id, deadline=deadline, escalate_to=told)

    def _find(self, step: RouteStep) -> list[Person]:
        if step.who == "everybody":
            return [one for one in self._own.people if one is not self._owner][:MOST_OF_EVERYBODY]
        if step.who == "colleague":
            return [self._pick([one for one in self._own.people if one is not self._owner] or [self._owner])]
        if step.who == "other_clerk":
            return [self.find_other()]
        return [self._pick_approver(self._find_team(step))]

    def _find_team(self, step: RouteStep) -> Team:
        parent = self._own.unit.parent
        if step.unit is not None:
            return self._teams[step.unit]
        if step.who == "parent_head" and parent is not None:
            return self._teams[parent]
        if step.who == "top":
            return next(team for team in self._teams.values() if team.unit.parent is None)
        if step.who == "other_head":
            return self._draw([team for team in self._teams.values() if team is not self._own and team.unit.parent])[0]
        return self._own

    def _pick_approver(self, team: Team) -> Person:
        """The one for whom least waits, of those who may sign for a unit."""
        free = [one for one in team.approvers if one.id not in self._used] or team.approvers
        chosen = min(free, key=lambda one: one.waiting)
        self._used.add(chosen.id)
        return chosen

    def _draw(self, teams: list[Team]) -> list[Team]:
        return [teams[int(self._random.integers(len(teams)))]] if teams else [self._own]

    def _pick(self, people: list[Person]) -> Person:
        free = [one for one in people if one.id not in self._used] or people
        chosen = free[int(self._random.integers(len(free)))]
        self._used.add(chosen.id)
        return chosen
