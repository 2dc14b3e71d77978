"""One year of a scan centre with any staff: the share of items released in time, in the runs of a forecast.

The mail is that of the forecast, item by item; only the staff differs. A year begins with an empty line, so that what
is asked of its staff is that year's mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar, get_calendar
from simulation.forecast.found_draws import FoundDraws
from simulation.forecast.simulated_rollout import simulate_rollout
from simulation.questions.runs import Setting
from simulation.questions.staffing.least_staff import Staff
from simulation.scan_line.arrivals import Clients, Tables, are_valid, draw_day_counts, draw_items, get_rates, tabulate
from simulation.scan_line.centre import get_capacity, get_clients, get_open_hours, get_stations
from simulation.scan_line.line import ScanLine
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import ScanCentre, Station

STATIONS = ("prepare", "scan", "check")
"""Release runs by machine; its places stay as the scenario has them."""


class CentreRuns(NamedTuple):
    """What all years of a centre share. `found`: the draws that agree with what is known; `hours`: working hours within
    which an item counts as in time.
    """

    scenario: Scenario
    setting: Setting
    found: FoundDraws | None
    centre: str
    hours: float


class YearTask(NamedTuple):
    """A year in one run with some staff. It is left as soon as its share in time is sure to lie below `least_share`."""

    year: int
    number: int
    staff: Staff
    least_share: float = 0.0


@dataclass(frozen=True)
class YearRun:
    """`items`: that arrived; `share`: in time, of the items released or overdue at the year's end, as the forecast
    measures it. 1 where there were none. Where the year was left (`whole` is false) the share is at most this.
    """

    items: int
    share: float
    whole: bool


@dataclass(frozen=True)
class CentreRun:
    """What of a run a centre's mail depends on: drawn figures, and which clients it has when."""

    scenario: Scenario
    centre: ScanCentre
    clients: Clients
    counts: NDArray[np.int64]
    tabulated: Tables


_SIMULATED: dict[tuple[str, str, int, str], CentreRun] = {}
MOST_REMEMBERED = 24


def simulate_year(runs: CentreRuns, task: YearTask) -> YearRun:
    run, calendar = _get_run(runs, task.number), _get_horizon(runs.scenario)
    first, last = find_days(calendar, task.year)
    line = ScanLine(_staff_line(run.centre, calendar, task.staff, first))
    hours, rates = get_open_hours(run.centre, calendar), get_rates(run.scenario.spec.scan.items)
    checked = are_valid(run.tabulated, rates)
    coming = int(run.counts[:, first:last].sum())
    released = late = items = 0
    waiting = np.empty(0)
    for start, end in _split_weeks(first, last):
        mail = draw_items(run.centre, run.clients, run.counts, range(start, end), run.tabulated, rates)
        until = 24.0 * end
        served = line.advance(
            mail.arrival, mail.service, mail.excluded, mail.rescans, mail.pages, until=until, checked=checked
        )
        turnaround = hours.measure_turnaround(served)
        items += len(mail.arrival)
        released += len(turnaround)
        late += int((turnaround > runs.hours).sum())
        waiting = served.waiting
        if late > (1 - task.least_share) * coming:
            return YearRun(items, 1.0 - late / coming, whole=False)
    overdue = hours.count_overdue(waiting, 24.0 * last, runs.hours)
    total = released + overdue
    return YearRun(items, 1.0 - (late + overdue) / total if total else 1.0, whole=True)


def simulate_task(runs: CentreRuns, task: YearTask) -> tuple[int, YearRun]:
    """With the number of the run, for workers that answer in any order."""
    return task.number, simulate_year(runs, task)


def measure_load(runs: CentreRuns, task: YearTask) -> tuple[int, float, NDArray[np.float64]]:
    """(number, items of the year, expected hours of work at each station, shape (3,)) of the run."""
    run, calendar = _get_run(runs, task.number), _get_horizon(runs.scenario)
    first, last = find_days(calendar, task.year)
    items = run.scenario.spec.scan.items
    counts = run.counts[:, first:last].sum(axis=1).astype(float)
    pages, kept = float(run.tabulated.pages.mean()), 1 - items.excluded.value
    again = 1 + items.rescanned.value
    sampled = run.clients.sampled
    of_item = np.array([
        np.full(len(counts), items.handling_seconds.value / 3600
                + kept * pages / items.pages_per_sheet.value / items.prepared_sheets_per_hour.value),
        np.full(len(counts), kept * again * pages / items.scanned_pages_per_hour.value),
        kept * again * (1 / items.indexed_items_per_hour.value
                        + sampled * pages * items.seconds_per_sampled_page.value / 3600),
    ])  # fmt: skip
    return task.number, float(counts.sum()), of_item @ counts


def count_staffed_hours(scenario: Scenario, centre: ScanCentre, year: int) -> NDArray[np.float64]:
    """Hours of one person, or scanner, at each station in a year, shape (3,)."""
    calendar = _get_horizon(scenario)
    first, last = find_days(calendar, year)
    found = []
    for name in STATIONS:
        times, servers = get_capacity(_staff(getattr(centre, name), 1, calendar, first), calendar)
        edges = np.clip(np.append(times, 24.0 * last), 24.0 * first, 24.0 * last)
        found.append(float(np.dot(np.diff(edges), servers)))
    return np.array(found)


def find_days(calendar: Calendar, year: int) -> tuple[int, int]:
    """Day numbers of the first day of a year and of the day after its last, within the horizon."""
    return calendar.get_day(date(year, 1, 1)), calendar.get_day(date(year + 1, 1, 1))


def _get_horizon(scenario: Scenario) -> Calendar:
    return get_calendar(scenario.spec.horizon.start, scenario.spec.horizon.end)


def _split_weeks(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Four weeks at a time: so many items are in memory at once."""
    yield from pairwise([*range(first, last, 28), last])


def _get_run(runs: CentreRuns, number: int) -> CentreRun:
    key = (runs.scenario.digest, f"{runs.setting.mode}/{runs.setting.seed}", number, runs.centre)
    if key not in _SIMULATED:
        while len(_SIMULATED) >= MOST_REMEMBERED:
            _SIMULATED.pop(next(iter(_SIMULATED)))
        _SIMULATED[key] = _simulate_run(runs, number)
    return _SIMULATED[key]


def _simulate_run(runs: CentreRuns, number: int) -> CentreRun:
    run = simulate_rollout(runs.scenario, runs.setting.mode, runs.setting.seed, number, runs.found)
    scenario = run.with_lists
    centre = next(c for c in scenario.spec.scan.centres if c.id == runs.centre)
    clients = get_clients(scenario, centre, _get_horizon(scenario), run.go_live, run.streams, run.outcome.demand.paper)
    tabulated = tabulate(scenario.spec.scan.items, scenario.spec.mail.day_spread.value)
    return CentreRun(scenario, centre, clients, draw_day_counts(clients, tabulated), tabulated)


def _staff_line(
    centre: ScanCentre, calendar: Calendar, staff: Staff, first: int
) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    changed = {
        name: _staff(getattr(centre, name), count, calendar, first) for name, count in zip(STATIONS, staff, strict=True)
    }
    with_staff = centre.model_copy(update=changed)
    return [get_capacity(station, calendar) for station in get_stations(with_staff)]


def _staff(station: Station, count: int, calendar: Calendar, first: int) -> Station:
    """The station with `count` from the first day of the year on."""
    step = station.capacity[0]
    figure = step.value.model_copy(update={"value": count})
    start = calendar.start + timedelta(first)
    return station.model_copy(update={"capacity": [step.model_copy(update={"start": start, "value": figure})]})
