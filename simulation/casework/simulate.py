"""One replication: the staff work off what arrives between the first and the last day of the horizon."""

import gc
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean

import simpy

from simulation.casework.matters import Matter
from simulation.casework.people.draws import draw_figures
from simulation.casework.people.presence import get_timestamp
from simulation.casework.people.staff import Person, Team
from simulation.casework.people.trace import Trace
from simulation.casework.scanning.centre import ScanCentre
from simulation.casework.scanning.place import Place, Tally
from simulation.casework.workplace import Run, Workplace
from simulation.event_logs.traces import read_traces
from simulation.mining.flow import Flow, discover
from simulation.random_streams import Streams
from simulation.scenario.casework import CaseworkScenario, WorkKind
from workflow.engine.store.hash_chain import Head
from workflow.organisation.working_days import ONE_DAY, count_working, is_working

MADE_BETWEEN = 200_000
"""Objects that are made between two looks of the garbage collector; Python's own figure is 700."""


@dataclass(frozen=True)
class Outcome:
    """What a replication leaves."""

    scenario: CaseworkScenario
    """With the figures that were drawn."""
    trace: Trace
    people: list[Person]
    by_hour: dict[int, int]
    commands: int
    refused: dict[str, int]
    head: Head
    working_days: int
    available: dict[str, float]
    """Person -> seconds for casework within the horizon."""
    flow: Flow | None = None
    """Of the routing slips, where the log was mined."""
    scanned: Tally = field(default_factory=Tally)


def run_arrivals(workplace: Workplace) -> Generator[simpy.Event, None, None]:
    """Work arrives on working days, in office hours, by chance around its mean."""
    day = workplace.scenario.horizon.start
    while day <= workplace.scenario.horizon.end:
        if is_working(day):
            for at, kind, team, key in _draw_day(workplace, day):
                if at > workplace.env.now:
                    yield workplace.env.timeout(at - workplace.env.now)
                Matter(workplace, kind, team, key).arrive()
        day += ONE_DAY


def _draw_day(workplace: Workplace, day: date) -> list[tuple[float, WorkKind, Team, str]]:
    found = []
    weekdays = [figure.value for figure in workplace.scenario.work.weekdays]
    factor = weekdays[day.weekday()] / fmean(weekdays)
    opens = get_timestamp(day, workplace.scenario.staff.hours.opens)
    for kind in workplace.scenario.work.kinds:
        random = workplace.streams.generator(f"{kind.id}/{day}", "arrivals")
        teams, weights = _reached(workplace, kind)
        for number in range(int(random.poisson(kind.per_day.value * factor))):
            at = workplace.office_hours.find_end(opens, float(random.random()) * workplace.count_seconds(1))
            team = teams[int(random.choice(len(teams), p=weights))]
            found.append((at, kind, team, f"{kind.id}/{day}-{number + 1}"))
    return sorted(found, key=lambda one: (one[0], one[3]))


def _reached(workplace: Workplace, kind: WorkKind) -> tuple[list[Team], list[float]]:
    named = kind.units or [one.unit.id for one in workplace.teams.values() if one.unit.parent] or list(workplace.teams)
    teams = [workplace.teams[name] for name in named]
    staff = sum(team.unit.staff.value for team in teams)
    return teams, [team.unit.staff.value / staff for team in teams]


def run_month_ends(workplace: Workplace) -> Generator[simpy.Event, None, None]:
    """At the end of each month: what is under way, and what of it is overdue."""
    day = workplace.scenario.horizon.start
    while day <= workplace.scenario.horizon.end:
        first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(first - ONE_DAY, workplace.scenario.horizon.end)
        yield workplace.env.timeout(get_timestamp(last, "23:30") - workplace.env.now)
        _count_open(workplace, last)
        day = first


def _count_open(workplace: Workplace, today: date) -> None:
    counts: dict[str, list[int]] = {name: [0, 0] for name in workplace.teams}
    for stream, circulation in list(workplace.circulations.items()):
        if circulation.slip.state in {"filed", "withdrawn", "cancelled"} and not circulation.slip.active():
            del workplace.circulations[stream]
        elif circulation.slip.state in {"circulating", "returned"}:
            deadlines = [one.plan.deadline for one in circulation.slip.active() if one.holds_up]
            late = any(deadline is not None and deadline < today for deadline in deadlines)
            counts[circulation.note.unit][0] += 1
            counts[circulation.note.unit][1] += late
    month = today.isoformat()[:7]
    workplace.trace.month_ends += [(month, unit, under_way, late) for unit, (under_way, late) in counts.items()]


@contextmanager
def _collect_seldom() -> Iterator[None]:
    """Nearly everything that is made stays: to look for what may go took a tenth of the time, and found little.

    From the entry of the staff on, when Python would look through all that the process has loaded before.
    """
    before = gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_collect_seldom()
def simulate(scenario: CaseworkScenario, seed: int, run: Run) -> Outcome:
    """Play a scenario through once; the same seed and replication give the same log, to the hash."""
    streams = Streams(seed, run.replication)
    drawn = draw_figures(scenario, streams)
    workplace = Workplace(drawn, streams, run)
    office = workplace.office
    try:
        office.on_change = workplace.follow
        office.open(workplace.teams)
        scanning = _open_scan_centre(workplace)
        for process in (office.run_timers(), run_arrivals(workplace), run_month_ends(workplace)):
            office.env.process(process)
        office.env.run(until=workplace.ends)
        for note in workplace.trace.slips:
            if note.turnaround is None:
                note.under_way = workplace.count_days(note.started, workplace.ends)
        head = office.engine.log.head()
        flow = discover(read_traces(office.engine.log, ["routing-slip"])) if run.mined else None
    finally:
        office.close()
    people = list(workplace.worklists.people.values())
    share = drawn.staff.for_casework.value
    available = {one.id: one.presence.count(workplace.begins, workplace.ends) * share for one in people}
    days = count_working(scenario.horizon.start, scenario.horizon.end)
    return Outcome(
        drawn,
        workplace.trace,
        people,
        dict(office.by_hour),
        office.commands,
        dict(office.refused),
        head,
        days,
        available,
        flow,
        scanning.tally if scanning else Tally(),
    )


def _open_scan_centre(workplace: Workplace) -> Place | None:
    """The scan centre of the scenario at work, where it has one and works without paper folders."""
    scan = workplace.scenario.scan
    if scan is None or workplace.on_paper:
        return None
    place = Place(workplace.scenario, scan, workplace.streams, workplace.office, workplace.worklists, workplace.teams,
                  workplace.office_hours, workplace.count_seconds(1))  # fmt: skip
    ScanCentre(place).start()
    return place
