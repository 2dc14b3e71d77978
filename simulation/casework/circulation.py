"""A routing slip under way: who has it, what they do with it, and what its owner does when it comes back."""

import math
from collections.abc import Callable
from typing import NamedTuple

from numpy.random import Generator

from simulation.casework.people.draws import draw_lying, draw_touch
from simulation.casework.people.staff import Person
from simulation.casework.people.trace import SlipNote, StationNote
from simulation.casework.people.worklists import Task
from simulation.casework.workplace import Workplace
from simulation.scenario.casework import StationTimes, WorkKind
from workflow.engine.commands import Command
from workflow.engine.pending import Done
from workflow.routing_slips.create import Revise
from workflow.routing_slips.delivery_actions import Dispatch
from workflow.routing_slips.events import Kind, StationSpec
from workflow.routing_slips.owner_actions import FileSlip, Insert, Recall, Start
from workflow.routing_slips.routing_slip import DECIDING, RoutingSlip, Station
from workflow.routing_slips.station_actions import (
    Acknowledge,
    Approve,
    Comment,
    Delegate,
    Forward,
    Open,
    Refuse,
    Sign,
    StationCommand,
)

WORDS: dict[Kind, type[StationCommand]] = {
    Kind.CO_SIGN: Sign, Kind.FINAL_SIGN: Sign, Kind.APPROVE: Approve, Kind.ACKNOWLEDGE: Acknowledge,
    Kind.DISPATCH: Dispatch, Kind.COMMENT: Comment,
}  # fmt: skip
PASSED_ON = frozenset({Kind.CO_SIGN, Kind.COMMENT})
"""Stations whose addressee may not be competent."""
LOOKED_AT = 120.0
"""Seconds it takes to see that a thing is not one's own."""


class Origin(NamedTuple):
    """Of which matter a slip is, and whose."""

    kind: WorkKind
    unit: str
    key: str
    """The matter, and which of its slips."""
    owner: Person
    on_filed: Callable[[Person], None]
    """What comes after the slip, with the person who filed it."""


class Circulation:
    """One slip, from its start to its filing."""

    def __init__(self, workplace: Workplace, origin: Origin, slip: RoutingSlip) -> None:
        self.workplace, self.origin, self.slip = workplace, origin, slip
        self.stream = f"routing-slip:{slip.id}"
        self.note = SlipNote(origin.kind.id, origin.unit, self.workplace.env.now, self.workplace.get_month())
        self._tasks: dict[str, StationTask] = {}
        self._state, self._brought = "", 0
        random = self.draw("slip")
        choices = self.workplace.scenario.handling.choices
        self._inserts = random.random() < choices.insert.value
        if random.random() < choices.recall.value:
            hours = random.exponential(choices.recall_hours.value)
            self._expect_recall(self.workplace.env.now + 3600 * hours)
        self.other = self.workplace.planner(origin.owner, random).find_other

    def draw(self, purpose: str) -> Generator:
        return self.workplace.streams.generator(self.origin.key, purpose)

    def follow(self, done: Done) -> None:
        """Bring it to whose turn it is now, after something has happened to it."""
        slip: RoutingSlip = done.state
        self.slip = slip
        active = {station.id: station for station in slip.active()}
        for gone in [key for key in self._tasks if key not in active]:
            del self._tasks[gone]
        if any(not self._is_with(station) or station.escalated for station in active.values()):
            self._see_to(active)
        if slip.state != self._state:
            self._state = slip.state
            self._go_on(slip.state)

    def _is_with(self, station: Station) -> bool:
        """Whether the one whose turn it is has it before them."""
        known = self._tasks.get(station.id)
        return known is not None and known.owner.id == station.actor

    def _see_to(self, active: dict[str, Station]) -> None:
        for number, station in enumerate(self.slip.ordered()):
            if station.id in active and not self._is_with(station):
                self._bring(station, number)
            elif station.id in active and station.escalated:
                self.workplace.worklists.hurry(self._tasks[station.id])

    def _bring(self, station: Station, number: int) -> None:
        times: StationTimes = getattr(self.workplace.scenario.handling.stations, station.kind.value)
        self._brought += 1
        random = self.draw(f"{self.slip.run}/{number}/{self._brought if station.delegated_from else 0}")
        days = draw_lying(times.lies, random) * self.origin.kind.urgency.value
        touch = draw_touch(times.touch, random) * self.workplace.get_slowness()
        person = self.workplace.worklists.people[station.actor]
        task = StationTask(self, station, person, touch, random)
        self._tasks[station.id] = task
        self.workplace.worklists.put(task, self.workplace.count_seconds(days + self.workplace.transport_days))

    def _go_on(self, state: str) -> None:
        workplace, owner = self.workplace, self.origin.owner
        if state == "returned":
            touch = draw_touch(workplace.scenario.handling.revise, self.draw(f"revise/{self.slip.run}"))
            task = ReviseTask(self, owner, touch * workplace.get_slowness(), self.origin.kind.urgency.value)
            workplace.worklists.put(task, workplace.count_seconds(workplace.transport_days))
        elif state == "completed":
            self.note.month_completed = workplace.get_month()
            self.note.turnaround = self.note.under_way = workplace.count_days(self.note.started, workplace.env.now)
            touch = draw_touch(workplace.scenario.handling.file, self.draw("file"))
            filing = FileTask(self, owner, touch, self.origin.kind.urgency.value)
            workplace.worklists.put(filing, workplace.count_seconds(workplace.transport_days + workplace.registry_days))

    def is_at(self, task: "StationTask") -> bool:
        """Whether a station still waits for the one who has the task."""
        late = task.kind is Kind.ACKNOWLEDGE and self.slip.state in {"completed", "filed"}
        return self._tasks.get(task.station) is task and (self.slip.state == "circulating" or late)

    def do(self, command: Command, person: Person, owner: Person) -> bool:
        """Whether the engine allowed what a person does for the owner of a task; what follows from it is seen to."""
        done = self.workplace.office.attempt(command, person.acting_for(owner), self.stream)
        if done is not None:
            self.follow(done)
        return done is not None

    def insert_once(self, task: "StationTask", person: Person) -> None:
        """Where a slip gets another station, the first that co-signs puts it behind itself."""
        if self._inserts and task.kind is Kind.CO_SIGN and self.slip.run == 1:
            self._inserts = False
            asked = StationSpec(kind=Kind.COMMENT, actor=self.other().id)
            self.do(Insert(stations=(asked,), after=task.station), person, task.owner)

    def _expect_recall(self, at: float) -> None:
        at = self.origin.owner.presence.get_next(at)
        if not math.isinf(at):
            self.workplace.env.timeout(at - self.workplace.env.now).callbacks.append(lambda _: self._recall())

    def _recall(self) -> None:
        """The owner asks what is allowed, and takes it back where nobody has opened it."""
        owner, untouched = self.origin.owner, self.slip.run == 1 and self.slip.state == "circulating"
        if untouched and not owner.away and "recall" in self.workplace.office.list_allowed(self.slip, owner):
            self.do(Recall(reason="Anlage vergessen"), owner, owner)


class StationTask(Task):
    """What somebody does at a station."""

    def __init__(self, at: Circulation, station: Station, owner: Person, touch: float, random: Generator) -> None:
        super().__init__(owner, touch, at.origin.kind.urgency.value)
        self.at, self.station, self.kind = at, station.id, station.kind
        self._refuses, self._forwards, self._delegates = random.random(3).tolist()
        self._number = int(random.integers(1 << 30))

    def is_wanted(self) -> bool:
        return self.at.is_at(self)

    def begin(self, person: Person) -> None:
        choices = self.at.workplace.scenario.handling.choices
        if (self._delegates < choices.delegate.value and self._hand_on(person, Delegate, "Vertretung im Referat")) or (
            self._forwards < choices.forward.value
            and self.kind in PASSED_ON
            and self._hand_on(person, Forward, "nicht zuständig")
        ):
            self.left = LOOKED_AT
        elif self.kind is not Kind.ACKNOWLEDGE:
            self.at.do(Open(station=self.station), person, self.owner)

    def _hand_on(self, person: Person, command: type[Delegate] | type[Forward], reason: str) -> bool:
        """Whether somebody of the own unit could take it, and the engine let them."""
        weighty = self.kind in {Kind.FINAL_SIGN, Kind.APPROVE}
        team = self.at.workplace.teams[self.owner.unit]
        free = {one.id for one in team.people if not one.away and (one.approver or not weighty)}
        free -= {person.id, self.owner.id, self.at.origin.owner.id}
        if not free:
            return False
        to = sorted(free)[self._number % len(free)]
        return self.at.do(command(station=self.station, to=to, reason=reason), person, self.owner)

    def finish(self, person: Person) -> None:
        at, choices = self.at, self.at.workplace.scenario.handling.choices
        self._note(person)
        at.insert_once(self, person)
        if self.kind in DECIDING and self._refuses < choices.refuse.value:
            at.note.refusals += 1
            at.do(Refuse(station=self.station, reason="Bedenken, siehe Vermerk"), person, self.owner)
            return
        given = {"note": "Stellungnahme"} if self.kind is Kind.COMMENT else {}
        at.do(WORDS[self.kind](station=self.station, **given), person, self.owner)

    def _note(self, person: Person) -> None:
        at, workplace = self.at, self.at.workplace
        waited = workplace.office_hours.count(self.came, self.came if self.began is None else self.began)
        deputy = person is not self.owner
        at.note.stations += 1
        at.note.touch += self.touch
        at.note.by_deputy += deputy
        workplace.trace.stations.append(StationNote(self.kind, self.owner.unit, person.id, waited, self.touch, deputy))


class ReviseTask(Task):
    """The owner revises what came back, and lets it circulate anew."""

    def __init__(self, at: Circulation, owner: Person, touch: float, urgency: float) -> None:
        super().__init__(owner, touch, urgency)
        self.at = at

    def is_wanted(self) -> bool:
        return self.at.slip.state == "returned"

    def finish(self, person: Person) -> None:
        at = self.at
        at.note.touch += self.touch
        revise = Revise(note=f"Fassung {at.slip.run + 1}")
        if at.do(revise, person, self.owner) and at.do(Start(), person, self.owner):
            at.note.reruns += 1


class FileTask(Task):
    """The owner files the route protocol, and goes on with the case."""

    def __init__(self, at: Circulation, owner: Person, touch: float, urgency: float) -> None:
        super().__init__(owner, touch, urgency)
        self.at = at

    def finish(self, person: Person) -> None:
        if self.at.do(FileSlip(), person, self.owner):
            self.at.origin.on_filed(person)
