"""The staff of a scenario as persons: unit, role, working days, absences, and who deputises for whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from numpy.random import Generator

from simulation.casework.people.presence import Presence, list_presence
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario, Unit
from workflow.engine.access import Actor, Role
from workflow.organisation.working_days import is_working

PART_TIME_DAYS = 3
"""Days of the week on which part-time staff work."""
AFTERWARDS = timedelta(days=90)
"""Presence is known for so long after the horizon, so that no work seems never to end."""


@dataclass(eq=False)
class Person:
    """`absences`: first and last day of each. `deputy`: who acts for them now, None while they are there."""

    id: str
    unit: str
    approver: bool
    actor: Actor
    presence: Presence
    absences: list[tuple[date, date]]
    away: bool = False
    deputy: "Person | None" = None
    busy: float = 0.0
    """Seconds worked."""
    waiting: int = 0
    """Tasks that lie there."""
    done: int = 0
    for_others: int = 0
    lain: float = 0.0
    """Seconds of presence that things waited because something else was being worked on."""

    def acting_for(self, owner: "Person") -> Actor:
        """As whom this person does what is another's: in their name (i. V.)."""
        return self.actor if owner is self else replace(self.actor, on_behalf_of=owner.id)


@dataclass(eq=False)
class Team:
    """A unit with its people."""

    unit: Unit
    people: list[Person] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    """Ids of the records that it keeps."""

    @property
    def approvers(self) -> list[Person]:
        return [person for person in self.people if person.approver]

    @property
    def clerks(self) -> list[Person]:
        """Who drafts: everybody who does not sign finally, or all where everybody does."""
        return [person for person in self.people if not person.approver] or self.people


def hire(scenario: CaseworkScenario, streams: Streams) -> dict[str, Team]:
    """The people of every unit."""
    return {unit.id: Team(unit, list(_staff(unit, scenario, streams))) for unit in scenario.staff.units}


def _staff(unit: Unit, scenario: CaseworkScenario, streams: Streams) -> Iterator[Person]:
    start, end = scenario.horizon.start, scenario.horizon.end
    for number in range(unit.staff.value + unit.extra_approvers):
        place, approver = f"{unit.id}-{number + 1:02d}", not unit.approvers.value <= number < unit.staff.value
        name = unit.names[number] if number < len(unit.names) else place
        random = streams.generator(place, "presence")
        part_time = random.random() < scenario.staff.part_time.value and not approver
        weekdays = set(random.permutation(5)[:PART_TIME_DAYS].tolist()) if part_time else set(range(5))
        absences = list(_draw_absences(scenario, random))
        away = {first + timedelta(n) for first, last in absences for n in range((last - first).days + 1)}
        presence = list_presence(scenario.staff.hours, start, end + AFTERWARDS, weekdays, away)
        roles = frozenset({Role.CASE_WORKER, *({Role.APPROVER} if approver else ()), *_list_scan_roles(unit, scenario)})
        yield Person(name, unit.id, approver, Actor(name, roles, scenario.authority), presence, absences)


def _list_scan_roles(unit: Unit, scenario: CaseworkScenario) -> Iterator[Role]:
    if scenario.scan is not None and unit.id == scenario.scan.operators:
        yield Role.SCAN_OPERATOR
    if scenario.scan is not None and unit.id == scenario.scan.inspectors:
        yield Role.SCAN_INSPECTOR


def _draw_absences(scenario: CaseworkScenario, random: Generator) -> Iterator[tuple[date, date]]:
    """Absences in turn with presence, both of geometric length, as if it had been so for long before the start."""
    staff, end = scenario.staff, scenario.horizon.end
    share, mean = staff.absent.value, max(staff.absence_days.value, 1.0)
    if share <= 0:
        return
    days = _list_working_days(scenario.horizon.start, end)
    away, position = bool(random.random() < share), 0
    while position < len(days):
        length = int(random.geometric(min(1.0, 1 / mean if away else share / (mean * max(1 - share, 0.01)))))
        if away:
            yield days[position], days[min(position + length, len(days)) - 1]
        away, position = not away, position + length


def _list_working_days(start: date, end: date) -> list[date]:
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return [day for day in days if is_working(day)]


def list_stand_ins(person: Person, teams: dict[str, Team]) -> list[Person]:
    """Who may deputise, the nearest first: of the same unit, for approvers then those of the units above and beside."""
    team = teams[person.unit]
    own = [one for one in team.people if one.approver or not person.approver]
    own = _rotate(own, person)
    if not person.approver:
        return own
    parent = team.unit.parent
    above = teams[parent].approvers if parent else []
    beside = [one for other in teams.values() if other.unit.parent == parent for one in other.approvers]
    below = [one for other in teams.values() if other.unit.parent == person.unit for one in other.approvers]
    return list(dict.fromkeys([*own, *_rotate(beside, person), *above, *below]))


def _rotate(people: Sequence[Person], person: Person) -> list[Person]:
    """Those after a person, then those before, without the person: neighbours deputise for each other."""
    at = next((number for number, one in enumerate(people) if one is person), 0)
    return [one for one in [*people[at + 1 :], *people[:at]] if one is not person]
