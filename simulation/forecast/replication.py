"""One replication of a scenario, from the rollout through users and work to every item in the scan centres.

This is what a worker runs. It imports no table or chart library, so that workers start fast.
"""

import resource
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.adoption import compute_using_share, count_users
from simulation.rollout.demand import compute_month_work
from simulation.rollout.risks import draw_luck, draw_scenario, get_planned_luck
from simulation.rollout.rollout import Rollout
from simulation.scan_line.arrivals import tabulate
from simulation.scan_line.centre import MonthFigures, get_clients, get_connection_day, simulate_months
from simulation.scenario.programme import Scenario

FULLY_USED = 0.95
"""Share of seats in use from which an authority counts as working digitally (an assumption of the measure)."""


@dataclass(frozen=True)
class Replication:
    """The results of one replication. Days are day numbers of the horizon, `inf` for what lies beyond it.

    `users`: (2, months) at month ends; `seats`: the same, but every seat of a live authority counts; `departments`:
    (departments, months), E-Laufmappe users in the order of `list_departments`; `go_live`: (authorities,) days;
    `phases`: (projects, 6) days; `critical`: (projects,); `scan`: (centres, months, figures) in the
    order of `MonthFigures`; `work`: (4, months) in the order of `MonthWork`;
    `measures`: (deadlines,) value on the day; `waited`: working days per pool.
    """

    users: NDArray[np.float64]
    seats: NDArray[np.float64]
    departments: NDArray[np.float64]
    go_live: NDArray[np.float64]
    phases: NDArray[np.float64]
    critical: NDArray[np.bool_]
    scan: NDArray[np.float64]
    work: NDArray[np.float64]
    measures: NDArray[np.float64]
    items: int
    waited: dict[str, float]
    peak_megabytes: float


def list_departments(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(a.department for a in scenario.authorities))


def get_month_end_days(calendar: Calendar) -> NDArray[np.float64]:
    return np.array(calendar.month_starts[1:], dtype=float) - 1


def sum_by_department(scenario: Scenario, people: NDArray[np.float64]) -> NDArray[np.float64]:
    names = list_departments(scenario)
    member = np.array([[a.department == name for a in scenario.authorities] for name in names], dtype=float)
    result: NDArray[np.float64] = member @ people
    return result


def replicate(scenario: Scenario, mode: str, seed: int, replication: int) -> Replication:
    """Simulate the scenario once. In mode `plan` nothing is drawn but the mail itself."""
    streams, risky = Streams(seed, replication), mode == "risk"
    if risky:
        scenario = replace(scenario, spec=draw_scenario(scenario.spec, streams))
    calendar = Calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)
    luck = draw_luck(scenario, calendar, streams) if risky else get_planned_luck(scenario, calendar)
    outcome = Rollout(scenario, calendar, luck).run()
    go_live = convert_to_days(calendar, outcome.go_live)
    share_streams = streams if risky else None

    def count(at_days: NDArray[np.float64], use: Streams | None) -> NDArray[np.float64]:
        return count_users(scenario, calendar, compute_using_share(scenario, calendar, go_live, at_days, use), at_days)

    ends = get_month_end_days(calendar)
    at_ends, seats = count(ends, share_streams), count(ends, None)
    scan, items = _simulate_centres(scenario, calendar, go_live, streams)
    pages = np.nan_to_num(scan[:, :, MonthFigures._fields.index("pages_out")]).sum(axis=0)
    starts = np.array(calendar.month_starts, dtype=float)
    middles = count((starts[:-1] + starts[1:]) / 2, share_streams)
    return Replication(
        users=at_ends.sum(axis=1),
        seats=seats.sum(axis=1),
        departments=sum_by_department(scenario, at_ends[1]),
        go_live=go_live,
        phases=convert_to_days(calendar, outcome.phases),
        critical=outcome.critical,
        scan=scan,
        work=np.stack(compute_month_work(scenario, calendar, go_live, middles, pages)),
        measures=_measure_deadlines(scenario, calendar, go_live, share_streams),
        items=items,
        waited=outcome.waited,
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def convert_to_days(calendar: Calendar, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times in working days as day numbers, `inf` beyond the horizon."""
    numbers = np.append(calendar.working_days.astype(float), np.inf)
    index = np.minimum(np.ceil(np.where(np.isfinite(times), times, 1e9) - 1e-9), len(numbers) - 1)
    result: NDArray[np.float64] = numbers[index.astype(np.int64)]
    return result


def _simulate_centres(
    scenario: Scenario, calendar: Calendar, go_live: NDArray[np.float64], streams: Streams
) -> tuple[NDArray[np.float64], int]:
    spec = scenario.spec
    tabulated = tabulate(spec.scan.items, spec.mail.day_spread.value)
    figures = np.full((len(spec.scan.centres), len(calendar.month_starts) - 1, len(MonthFigures._fields)), np.nan)
    items = 0
    for n, centre in enumerate(spec.scan.centres):
        clients = get_clients(scenario, centre, calendar, go_live, streams)
        for month, (row, simulated) in enumerate(simulate_months(scenario, centre, calendar, clients, tabulated)):
            figures[n, month] = row
            items += simulated
    return figures, items


def _measure_deadlines(
    scenario: Scenario, calendar: Calendar, go_live: NDArray[np.float64], streams: Streams | None
) -> NDArray[np.float64]:
    days = np.array([float((d.day - calendar.start).days) for d in scenario.spec.deadlines])
    share = compute_using_share(scenario, calendar, go_live, days, streams)
    live = compute_using_share(scenario, calendar, go_live, days, None)
    seats = count_users(scenario, calendar, live, days).sum(axis=1)
    centres = {centre.id: centre for centre in scenario.spec.scan.centres}
    connected = [  # without a scan centre an authority sees itself to its mail coming digitally
        get_connection_day(a, centres[a.scan_centre], calendar, day) if a.scan_centre in centres else day
        for a, day in zip(scenario.authorities, go_live, strict=True)
    ]
    digital = (share >= FULLY_USED) & (np.array(connected)[:, None] <= days[None, :])
    by_measure = {
        "seats_e_akte": seats[0],
        "seats_e_laufmappe": seats[1],
        "authorities_live": live.sum(axis=0),
        "authorities_fully_digital": digital.sum(axis=0),
    }
    return np.array([by_measure[d.measure][n] for n, d in enumerate(scenario.spec.deadlines)])
