"""Work lists: in which order a person takes tasks up, and who does so while the person is away."""

import heapq
import math
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import simpy

from simulation.casework.people.office import Office
from simulation.casework.people.presence import Presence, get_timestamp
from simulation.casework.people.staff import Person, Team, list_stand_ins
from workflow.organisation.staff.actions import AppointDeputy

SLICE = 3600.0
"""Seconds after which somebody turns to what is more urgent, with the rest of a longer piece of work still to do."""


class Task:
    """Something for one person to do: `touch` seconds of work in all."""

    def __init__(self, owner: Person, touch: float, urgency: float = 1.0) -> None:
        self.owner = owner
        self.urgency = urgency
        self.touch = self.left = touch
        self.came = self.arrived = 0.0
        """When it came into being, and when it was there to be taken up."""
        self.began: float | None = None
        self.is_listed = False

    def is_wanted(self) -> bool:
        """Whether it still has to be done."""
        return True

    def begin(self, person: Person) -> None:
        """What is done when it is taken up first."""

    def finish(self, person: Person) -> None:
        """What is done when the work on it is over."""
        raise NotImplementedError


class Worklists:
    """The tasks of all staff; everybody is a process of their own."""

    def __init__(self, office: Office, teams: dict[str, Team], office_hours: Presence) -> None:
        self.office, self.env, self.teams, self.office_hours = office, office.env, teams, office_hours
        self.people = {person.id: person for team in teams.values() for person in team.people}
        self._queues: dict[str, list[tuple[float, float, int, Task]]] = {name: [] for name in self.people}
        self._idle: dict[str, simpy.Event | None] = dict.fromkeys(self.people)
        self._count = 0
        self._share = office.scenario.staff.for_casework.value
        for person in self.people.values():
            self.env.process(self._work(person))
            if person.absences:
                self.env.process(self._be_away(person))

    def put(self, task: Task, lies: float = 0.0) -> None:
        """Bring a task to its owner, who looks at it after so many seconds of office hours."""
        task.came = self.env.now
        ready = self.office_hours.find_end(self.env.now, lies)
        if math.isinf(ready):
            return  # after everything that is simulated
        if ready <= self.env.now:
            self._lay(task)
        else:
            self.env.timeout(ready - self.env.now).callbacks.append(lambda _: self._lay(task))

    def hurry(self, task: Task) -> None:
        """It is looked at now, before all else."""
        task.urgency = 0.0
        if not task.is_listed and task.began is None:
            self._lay(task)

    def _lay(self, task: Task) -> None:
        if not task.is_listed and task.began is None:
            task.arrived = self.env.now
            self._queue(task)

    def _queue(self, task: Task) -> None:
        person, seen = task.owner, {task.owner.id}
        while person.away and person.deputy is not None and person.deputy.id not in seen:
            person = person.deputy
            seen.add(person.id)
        self._count += 1
        task.is_listed = True
        heapq.heappush(self._queues[person.id], (task.urgency, task.arrived, self._count, task))
        person.waiting += 1
        idle = self._idle[person.id]
        if idle is not None:
            self._idle[person.id] = None
            idle.succeed()

    def _work(self, person: Person) -> Generator[simpy.Event, None, None]:
        queue = self._queues[person.id]
        while True:
            if not queue:
                self._idle[person.id] = idle = self.env.event()
                yield idle
            there = person.presence.get_next(self.env.now)
            if math.isinf(there):
                return
            if there > self.env.now:
                yield self.env.timeout(there - self.env.now)
            if queue:
                yield from self._do(person, self._take(queue, person))

    def _take(self, queue: list[tuple[float, float, int, Task]], person: Person) -> Task:
        task = heapq.heappop(queue)[3]
        task.is_listed = False
        person.waiting -= 1
        return task

    def _do(self, person: Person, task: Task) -> Generator[simpy.Event, None, None]:
        if not task.is_wanted():
            return
        if not self._may(person, task.owner):
            self._queue(task)
            return
        if task.began is None:
            task.began = self.env.now
            person.lain += person.presence.count(task.arrived, self.env.now)
            task.begin(person)
        part = min(task.left, SLICE)
        end = person.presence.find_end(self.env.now, part / self._share)
        if math.isinf(end):
            return
        yield self.env.timeout(end - self.env.now)
        person.busy += part
        task.left -= part
        if task.left > 0 or not self._may(person, task.owner):
            self._queue(task)
        elif task.is_wanted():
            person.done += 1
            person.for_others += person is not task.owner
            task.finish(person)

    def _may(self, person: Person, owner: Person) -> bool:
        """Whether a person is the owner, or stands in for them now, perhaps as the deputy of a deputy."""
        seen: set[str] = set()
        while person is not owner:
            if not owner.away or owner.deputy is None or owner.id in seen:
                return False
            seen.add(owner.id)
            owner = owner.deputy
        return True

    def _be_away(self, person: Person) -> Generator[simpy.Event, None, None]:
        for first, last in person.absences:
            starts, ends = get_timestamp(first, "00:00"), get_timestamp(last + timedelta(1), "00:00")
            if starts > self.env.now:
                yield self.env.timeout(starts - self.env.now)
            person.away, person.deputy = True, self._appoint(person, ends)
            self._sort_again(person)
            yield self.env.timeout(ends - self.env.now)
            deputy, person.away, person.deputy = person.deputy, False, None
            if deputy is not None:
                self._sort_again(deputy)

    def _appoint(self, person: Person, ends: float) -> Person | None:
        """Whoever is there and nearest becomes deputy; None where nobody can."""
        until = datetime.fromtimestamp(ends, UTC)
        for one in list_stand_ins(person, self.teams):
            if not one.away:
                command = AppointDeputy(user=person.id, deputy=one.id, since=self.office.get_now(), until=until)
                if self.office.attempt(command, self.office.admin, f"staff:{person.id}"):
                    return one
        return None

    def _sort_again(self, person: Person) -> None:
        """Who has to do what waits for a person may have changed."""
        queue = self._queues[person.id]
        waiting = [entry[3] for entry in sorted(queue, key=lambda entry: entry[:3])]
        queue.clear()
        person.waiting = 0
        for task in waiting:
            self._queue(task)
