"""Where simulated staff work: the authority's people, its engine, its calendar, and how far a replication has come."""

import math
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from numpy.random import Generator as Random

from simulation.casework.people.office import IN_MEMORY, Office
from simulation.casework.people.presence import count_day, get_timestamp, list_presence
from simulation.casework.people.staff import AFTERWARDS, Person, hire
from simulation.casework.people.trace import SlipNote, Trace
from simulation.casework.people.worklists import Worklists
from simulation.casework.routes import RoutePlanner
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario
from workflow.engine.fields import BERLIN
from workflow.engine.pending import Done
from workflow.organisation.working_days import ONE_DAY, is_working
from workflow.records.files import File
from workflow.routing_slips.routing_slip import RoutingSlip


class UnderWay(Protocol):
    """A routing slip under way."""

    note: SlipNote
    slip: RoutingSlip

    def follow(self, done: Done) -> None: ...


class Run(NamedTuple):
    """What is to be simulated."""

    replication: int
    on_paper: bool = False
    url: str = IN_MEMORY
    """Where the log is kept; in memory unless said."""
    mined: bool = False
    """Whether its log is looked through for which step follows which."""
    write_file: Callable[[str, str], File] | None = None
    """Writes a file that a matter of this title needs, by its name; without it there is nothing behind the hashes."""
    open_office: Callable[[CaseworkScenario, Streams, str, float], Office] = Office


class Workplace:
    """Everything that those who work need to know."""

    def __init__(self, scenario: CaseworkScenario, streams: Streams, run: Run) -> None:
        self.scenario, self.streams, self.on_paper = scenario, streams, run.on_paper
        self.write_file = run.write_file
        horizon, hours = scenario.horizon, scenario.staff.hours
        self.begins = get_timestamp(horizon.start, "00:00")
        self.ends = get_timestamp(horizon.end + ONE_DAY, "00:00")
        self.office_hours = list_presence(hours, horizon.start, horizon.end + AFTERWARDS)
        self._day = count_day(hours)
        self.teams = hire(scenario, streams)
        self.office = run.open_office(scenario, streams, run.url, self.begins)
        self.env = self.office.env
        self.worklists = Worklists(self.office, self.teams, self.office_hours)
        self.trace = Trace()
        self.circulations: dict[str, UnderWay] = {}
        paper = scenario.paper if run.on_paper else None
        self.transport_days = paper.transport_days.value if paper else 0.0
        self.registry_days = paper.registry_days.value if paper else 0.0

    def planner(self, owner: Person, random: Random) -> RoutePlanner:
        return RoutePlanner(self.teams, owner, random)

    def count_seconds(self, days: float) -> float:
        """Seconds of office hours in so many working days."""
        return days * self._day

    def count_days(self, start: float, end: float) -> float:
        """Working days between two moments."""
        return self.office_hours.count(start, end) / self._day

    def get_slowness(self) -> float:
        """By what everything takes longer while people learn."""
        if self.on_paper:
            return 1.0
        weeks = (self.env.now - self.begins) / (7 * 86_400)
        staff = self.scenario.staff
        return 1.0 + staff.new_to_it.value * math.exp(-weeks / staff.learning_weeks.value)

    def get_today(self) -> date:
        return datetime.fromtimestamp(self.env.now, BERLIN).date()

    def get_month(self) -> str:
        return self.get_today().isoformat()[:7]

    def get_deadline(self, working_days: int) -> date:
        return _count_on(self.get_today(), working_days)

    def follow(self, done: Done) -> None:
        """After a timer: a slip that was reminded of or escalated is looked at."""
        circulation = self.circulations.get(done.stream)
        if circulation is not None:
            circulation.note.escalations += sum(row.type == "slip.escalated" for row in done.events)
            circulation.follow(done)


@lru_cache(maxsize=1024)
def _count_on(day: date, working_days: int) -> date:
    """So many working days later."""
    while working_days > 0:
        day += ONE_DAY
        working_days -= is_working(day)
    return day
