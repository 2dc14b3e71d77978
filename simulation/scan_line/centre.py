"""A scan centre (Scanstelle) over the horizon: month by month its mail goes through the scan line.

Only one month of items is in memory at a time, whatever the horizon. Times are hours since the start of the horizon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.random_streams import Streams, compiled
from simulation.rollout.demand import compute_mail_rate
from simulation.scan_line.arrivals import Clients, Items, Tables, draw_day_counts, draw_items, get_rates, parse_clock
from simulation.scan_line.kernel import CHECK, PREPARE, SCAN
from simulation.scan_line.line import ScanLine, Served
from simulation.scenario.programme import Authority, Scenario
from simulation.scenario.scanning import ScanCentre, Station


class MonthFigures(NamedTuple):
    """What is reported of a centre per month; NaN where nothing was there to measure.

    `turnaround_…_hours`: working hours from delivery to release; `utilisation_…` and `within_target`: shares.
    """

    items_in: float
    items_out: float
    items_excluded: float
    rescans: float
    pages_out: float
    backlog_end: float
    utilisation_prepare: float
    utilisation_scan: float
    utilisation_check: float
    turnaround_p50_hours: float
    turnaround_p95_hours: float
    within_target: float
    boxes_stored: float


@dataclass(frozen=True)
class OpenHours:
    """The hours in which a centre works, for turnaround in working hours (Servicestunden).

    `opens`, `closes`: hours of the day; `is_working`: shape (days,); `working_days_before`: shape (days + 1,).
    """

    opens: float
    closes: float
    is_working: NDArray[np.bool_]
    working_days_before: NDArray[np.int64]

    def measure_turnaround(self, served: Served) -> NDArray[np.float64]:
        """Working hours from arrival to release of the items released, in their order."""
        found: NDArray[np.float64] = _measure_turnaround(
            served.arrival, served.left, served.excluded, self.opens, self.closes - self.opens, self.is_working,
            self.working_days_before,
        )  # fmt: skip
        return found


def get_stations(centre: ScanCentre) -> tuple[Station, ...]:
    return centre.prepare, centre.scan, centre.check, centre.release


def get_open_hours(centre: ScanCentre, calendar: Calendar) -> OpenHours:
    """From the first shift's start to the last shift's end on working days."""
    opens = min(parse_clock(s.shift.start) for s in get_stations(centre))
    closes = max(parse_clock(s.shift.end) for s in get_stations(centre))
    return OpenHours(opens, closes, calendar.is_working, calendar.working_days_before)


def get_capacity(station: Station, calendar: Calendar) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """When the staff of a station changes, in hours, and how many work from then on: on working days its shift."""
    begin, end = parse_clock(station.shift.start), parse_clock(station.shift.end)
    levels = np.zeros(calendar.days, np.int64)
    for step in station.capacity:
        levels[calendar.get_day(step.start) :] = step.value.value
    days = calendar.working_days
    times = np.stack([days * 24 + begin, days * 24 + end], axis=1).ravel()
    values = np.stack([levels[days], np.zeros_like(days)], axis=1).ravel()
    return times, values


def get_clients(
    scenario: Scenario, centre: ScanCentre, calendar: Calendar, go_live_days: NDArray[np.float64], streams: Streams
) -> Clients:
    """The authorities whose mail the centre scans, and how much is expected from each on every day.

    An authority's mail comes from its planned connection, but not before the centre opens, nor (where the centre
    feeds the E-Postmappe, F062) before the authority is live.
    """
    members = [(n, a) for n, a in enumerate(scenario.authorities) if a.scan_centre == centre.id]
    by_kind = {kind: compute_mail_rate(scenario, calendar, kind) for kind in {a.kind for _, a in members}}
    expected = np.zeros((len(members), calendar.days))
    for row, (n, authority) in enumerate(members):
        start = get_connection_day(authority, centre, calendar, go_live_days[n])
        if start < calendar.days:
            expected[row, int(start) :] = by_kind[authority.kind][int(start) :] * authority.users_e_laufmappe
    items = scenario.spec.scan.items
    sampled = [items.sample_high.value if a.protection == "high" else items.sample_normal.value for _, a in members]
    return Clients(
        expected,
        np.array([streams.key(a.id, "mail") for _, a in members]).reshape(-1, 2),
        np.array([streams.key(a.id, "items") for _, a in members]).reshape(-1, 2),
        np.array(sampled),
    )


def get_connection_day(authority: Authority, centre: ScanCentre, calendar: Calendar, go_live_day: float) -> float:
    """Day number from which an authority's mail goes to the centre; `inf` if never."""
    if authority.scan_from is None:
        return float("inf")
    days = [float((d - calendar.start).days) for d in (authority.scan_from, centre.opens.value)]
    return max(0.0, *days, go_live_day if centre.needs_go_live else 0.0)


def simulate_months(
    scenario: Scenario, centre: ScanCentre, calendar: Calendar, clients: Clients, tabulated: Tables
) -> Iterator[tuple[MonthFigures, int]]:
    """For each month of the horizon its figures, and how many items were simulated."""
    counts = draw_day_counts(clients, tabulated)
    rates = get_rates(scenario.spec.scan.items)
    hours = get_open_hours(centre, calendar)
    line = ScanLine([get_capacity(s, calendar) for s in get_stations(centre)])
    paper = PaperStore(scenario, calendar)
    target = centre.target_hours.value
    for first, last in pairwise(calendar.month_starts):
        items = draw_items(centre, clients, counts, range(first, last), tabulated, rates)
        until = 24.0 * last
        served = line.advance(items.arrival, items.service, items.excluded, items.rescans, items.pages, until=until)
        pages = paper.add(served)
        turnaround = hours.measure_turnaround(served)
        yield _summarise_month(items, served, turnaround, target, pages, paper.count_boxes(last)), len(items.arrival)


class PaperStore:
    """Scanned paper, kept for its period in boxes and then destroyed (rule 24: never before the period is over)."""

    def __init__(self, scenario: Scenario, calendar: Calendar) -> None:
        items, paper = scenario.spec.scan.items, scenario.spec.scan.paper
        self._pages = np.zeros(calendar.days + 1)
        self._kept_days = round(paper.kept_days.value)
        self._pages_per_box = items.pages_per_sheet.value * paper.sheets_per_box.value

    def add(self, served: Served) -> int:
        """Store the paper of the items released; return their pages."""
        return int(_add_by_day(self._pages, served.left, served.excluded, served.tag))

    def count_boxes(self, day: int) -> float:
        return float(self._pages[max(0, day - self._kept_days) : day].sum() / self._pages_per_box)


def _summarise_month(
    items: Items, served: Served, turnaround: NDArray[np.float64], target: float, pages: int, boxes: float
) -> MonthFigures:
    """The figures of a month. `turnaround`: working hours of the items released; `target`: in the same."""
    out = len(turnaround)
    with np.errstate(invalid="ignore", divide="ignore"):
        used = served.busy_hours / served.staffed_hours
    middle, slow = np.quantile(turnaround, (0.5, 0.95), method="inverted_cdf") if out else (np.nan, np.nan)
    return MonthFigures(
        items_in=len(items.arrival),
        items_out=out,
        items_excluded=len(served.left) - out,
        rescans=float(served.rescans.sum()),
        pages_out=pages,
        backlog_end=served.in_system,
        utilisation_prepare=used[PREPARE],
        utilisation_scan=used[SCAN],
        utilisation_check=used[CHECK],
        turnaround_p50_hours=middle,
        turnaround_p95_hours=slow,
        within_target=float((turnaround <= target).mean()) if out else np.nan,
        boxes_stored=boxes,
    )


@compiled
def _measure_turnaround(
    arrival: Any, left: Any, excluded: Any, opens: float, length: float, is_working: Any, before: Any
) -> Any:
    found, n = np.empty(len(left)), 0
    for k in range(len(left)):
        if not excluded[k]:
            found[n] = 0.0
            for time, sign in ((left[k], 1.0), (arrival[k], -1.0)):
                day = min(int(time / 24), len(is_working) - 1)
                today = min(max(time - 24 * day - opens, 0.0), length) if is_working[day] else 0.0
                found[n] += sign * (before[day] * length + today)
            n += 1
    return found[:n]


@compiled
def _add_by_day(pages_by_day: Any, left: Any, excluded: Any, pages: Any) -> Any:
    total = 0
    for k in range(len(left)):
        if not excluded[k]:
            pages_by_day[min(int(left[k] / 24), len(pages_by_day) - 1)] += pages[k]
            total += pages[k]
    return total
