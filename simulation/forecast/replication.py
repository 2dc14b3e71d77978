"""One replication of a scenario, from the rollout through users and work to every item in the scan centres.

This is what a worker runs. It imports no table or chart library, so that workers start fast.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar, get_calendar
from simulation.forecast.counterfactuals import VariantsRun, simulate_variants
from simulation.forecast.found_draws import FoundDraws
from simulation.forecast.measures import build_courses, count_users_from_go_live, find_days_met, get_due_days
from simulation.forecast.simulated_rollout import SimulatedRollout, prepare, simulate_rollout
from simulation.peak_memory import read_peak_megabytes
from simulation.rollout.adoption import compute_using_share, count_users
from simulation.rollout.demand import compute_month_work
from simulation.rollout.portfolio import convert_to_days
from simulation.rollout.simulate import simulate_each_on_time
from simulation.scan_line.arrivals import tabulate
from simulation.scan_line.centre import MonthFigures, get_clients, simulate_months
from simulation.scenario.programme import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RolloutRun:
    """The rollout of one replication. Days are day numbers, `inf` for what lies beyond `get_long_calendar`, to whose
    months `months` refers.

    `users`: (2, months), from go-live, at month ends; `active`: of these, who really work with the product; `live`:
    (months,) authorities; `departments`: (departments, months) users of the E-Laufmappe from go-live; `go_live`:
    (authorities,); `phases`: (projects, 6); `slack`: (projects,) working days by which a project may
    end later before the programme does; `use`, `capacity`: (3, months) teams, trainers and slots at work and there;
    `work`: (6, months) in the order of `MonthWork`,
    storage without scanned pages; `measured`, `met`: (deadlines,) value on the day, and the day it is met;
    `waited`: (pools,) working days; `drawn`: (figures,) what was drawn, in the order of `find_figures`.
    """

    users: Floats
    active: Floats
    live: Floats
    departments: Floats
    go_live: Floats
    phases: Floats
    slack: Floats
    use: Floats
    capacity: Floats
    work: Floats
    measured: Floats
    met: Floats
    waited: Floats
    drawn: Floats


@dataclass(frozen=True)
class ScanRun:
    """The scan centres of one replication: (centres, months of the horizon, figures) in the order of `MonthFigures`;
    `storage_gb`: (months,) that their pages take.
    """

    figures: Floats
    storage_gb: Floats

    @property
    def items(self) -> int:
        return int(np.nansum(self.figures[:, :, MonthFigures._fields.index("items_in")]))


@dataclass(frozen=True)
class MovesRun:
    """`moves`: (projects,) calendar days by which the last go-live of one replication comes earlier if this project
    were on time: the same run again, but this project meets neither more work than planned nor any delay of its own.
    """

    moves: Floats


class Wanted(NamedTuple):
    """A replication by its number, and what of it is wanted."""

    number: int
    rollout: bool = True
    scan: bool = True
    moves: bool = False
    variants: bool = False


class Replication(NamedTuple):
    """What was wanted of a replication."""

    number: int
    rollout: RolloutRun | None
    scan: ScanRun | None
    moves: MovesRun | None
    peak_megabytes: float
    variants: VariantsRun | None = None


def list_departments(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(a.department for a in scenario.authorities))


def get_month_end_days(calendar: Calendar) -> Floats:
    return np.array(calendar.month_starts[1:], dtype=float) - 1


def sum_by_department(scenario: Scenario, people: Floats) -> Floats:
    members: dict[str, list[int]] = {name: [] for name in list_departments(scenario)}
    for n, authority in enumerate(scenario.authorities):
        members[authority.department].append(n)
    return np.stack([people[numbers].sum(axis=0) for numbers in members.values()])


def load_model(scenario: Scenario, seed: int) -> None:
    """What every run of a scenario needs first, with the modules of runs: a worker's beginning."""
    prepare(scenario, seed)


def replicate(scenario: Scenario, mode: str, seed: int, wanted: Wanted, found: FoundDraws | None = None) -> Replication:
    """Simulate the scenario once. In mode `plan` nothing is drawn but the mail itself.

    `found`: the draws that agree with what is known; without them they are looked for here.
    """
    number, risky = wanted.number, mode == "risk"
    run = simulate_rollout(scenario, mode, seed, number, found)
    rollout = _summarise_rollout(run, risky=risky) if wanted.rollout else None
    scan = _simulate_centres(run) if wanted.scan else None
    moves = _simulate_on_time(run, number, risky=risky) if wanted.moves else None
    peak = read_peak_megabytes() if wanted.scan else 0.0  # asking takes a while
    variants = simulate_variants(scenario, seed, number, run) if wanted.variants and risky else None
    return Replication(number, rollout, scan, moves, peak, variants)


def _simulate_on_time(run: SimulatedRollout, number: int, *, risky: bool) -> MovesRun:
    """In mode `plan` every project is on time, and nothing moves."""
    end, moves = find_end(run.calendar, run.outcome.go_live), np.zeros(len(run.outcome.phases))
    if risky:
        model, change, move = run.prepared
        moves[:] = [end - find_end(run.calendar, go) for go in simulate_each_on_time(model, number, change, move)]
    return MovesRun(moves)


def find_end(calendar: Calendar, go_live: Floats) -> float:
    """The day of the last go-live, of times in working days; the end of the calendar for what comes later."""
    return min(float(convert_to_days(calendar, go_live).max()), float(calendar.days))


def _summarise_rollout(run: SimulatedRollout, *, risky: bool) -> RolloutRun:
    scenario, outcome, calendar, go_live = run.scenario, run.outcome, run.calendar, run.go_live
    streams, ends = run.streams if risky else None, get_month_end_days(calendar)
    starts = np.array(calendar.month_starts, dtype=float)
    days = np.concatenate([ends, (starts[:-1] + starts[1:]) / 2])
    seats = outcome.portfolio.seats
    using = compute_using_share(scenario, calendar, go_live, days, streams)
    people = count_users(scenario, calendar, using, days, seats)
    courses = build_courses(scenario, calendar, go_live, streams, seats)
    work = compute_month_work(
        scenario,
        calendar,
        go_live,
        people[:, :, len(ends) :],
        np.zeros(len(ends)),
        outcome.trained,
        outcome.demand,
    )
    live = (go_live[:, None] <= ends[None, :]).astype(float)
    present = count_users(scenario, calendar, live, ends, seats)[1]
    deadlines = scenario.spec.deadlines
    return RolloutRun(
        users=count_users_from_go_live(courses, ends),
        active=people[:, :, : len(ends)].sum(axis=1),
        live=courses["authorities_live"].count_on(ends),
        departments=sum_by_department(scenario, present),
        go_live=go_live,
        phases=convert_to_days(calendar, outcome.phases),
        slack=outcome.slack,
        use=outcome.use,
        capacity=outcome.capacity,
        work=np.stack(work),
        measured=np.array(
            [courses[d.measure].count_on(day) for d, day in zip(deadlines, get_due_days(scenario.spec), strict=True)]
        ),
        met=find_days_met(scenario.spec, courses),
        waited=np.array(list(outcome.waited.values())),
        drawn=run.prepared.model.figures.list_values(outcome.drawn),
    )


def _simulate_centres(run: SimulatedRollout) -> ScanRun:
    scenario, spec = run.with_lists, run.scenario.spec
    calendar = get_calendar(spec.horizon.start, spec.horizon.end)
    tabulated = tabulate(spec.scan.items, spec.mail.day_spread.value)
    figures = np.full((len(spec.scan.centres), len(calendar.month_starts) - 1, len(MonthFigures._fields)), np.nan)
    for n, centre in enumerate(spec.scan.centres):
        clients = get_clients(scenario, centre, calendar, run.go_live, run.streams, run.outcome.demand.paper)
        for month, (row, _) in enumerate(simulate_months(scenario, centre, calendar, clients, tabulated)):
            figures[n, month] = row
    pages = np.nan_to_num(figures[:, :, MonthFigures._fields.index("pages_out")]).sum(axis=0)
    return ScanRun(figures, pages * spec.work.megabytes_per_scanned_page.value / 1000)
