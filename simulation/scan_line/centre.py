"""A scan centre (Scanstelle) over the horizon: month by month its mail goes through the scan line.

Only one month of items is in memory at a time, whatever the horizon. Times are hours since the start of the horizon.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.calendar import Calendar
from simulation.levers.apply import apply_changes, list_mail_changes, split_days
from simulation.random_streams import Streams, compiled
from simulation.rollout.demand import compute_mail_rate
from simulation.scan_line.arrivals import (
    Clients,
    Items,
    Room,
    Tables,
    are_valid,
    draw_day_counts,
    draw_items,
    get_rates,
    parse_clock,
)
from simulation.scan_line.kernel import CHECK, PREPARE, SCAN
from simulation.scan_line.line import ScanLine, Served
from simulation.scan_line.paper_store import PaperStore
from simulation.scenario.fields import AuthorityKind
from simulation.scenario.programme import Authority, Scenario
from simulation.scenario.scanning import ScanCentre, Shift, Station


class MonthFigures(NamedTuple):
    """What is reported of a centre per month; NaN where nothing was there to measure.

    `turnaround_…_hours`: working hours from delivery to release, of the items released; `utilisation_…` and
    `within_target`: shares. An item is measured against the target once: when it is released in time, or when its time
    is up, released or not. `within_target` is the share of those in time among the `items_measured` of the month.
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
    items_measured: float
    within_target: float
    boxes_stored: float


@dataclass(frozen=True)
class OpenHours:
    """The hours in which a centre works, for turnaround in working hours (Servicestunden).

    For every working day, in their order, when it opens (`begin`), for how long (`length`), and the open hours before
    it (`before`); `latest`: for every day the number of the last working day up to it, -1 before the first.
    """

    begin: NDArray[np.float64]
    length: NDArray[np.float64]
    before: NDArray[np.float64]
    latest: NDArray[np.int64]

    def measure_turnaround(self, served: Served) -> NDArray[np.float64]:
        """Working hours from arrival to release of the items released, in their order."""
        found: NDArray[np.float64] = _measure_turnaround(
            served.arrival, served.left, served.excluded, self.begin, self.length, self.before, self.latest
        )
        return found

    def count_overdue(self, arrivals: NDArray[np.float64], now: float, target: float) -> int:
        """How many of the ascending arrivals lie more working hours than the target before `now`."""
        return bisect_left(arrivals, True, key=lambda arrival: self._get_age(arrival, now) <= target)

    def _get_age(self, arrival: float, now: float) -> float:
        one, at, kept = np.array([arrival]), np.array([now]), np.zeros(1, np.bool_)
        return float(_measure_turnaround(one, at, kept, self.begin, self.length, self.before, self.latest)[0])


def get_stations(centre: ScanCentre) -> tuple[Station, ...]:
    return centre.prepare, centre.scan, centre.check, centre.release


def get_open_hours(centre: ScanCentre, calendar: Calendar) -> OpenHours:
    """From the first shift's start to the last shift's end on working days, at most around the clock."""
    days = calendar.working_days
    opens, closes = np.full(len(days), np.inf), np.full(len(days), -np.inf)
    for shift in (shift for station in get_stations(centre) for shift in station.shift):
        starts, ends = get_shift_hours(shift)
        worked = _find_days_worked(shift, calendar)[days]
        opens[worked], closes[worked] = np.minimum(opens[worked], starts), np.maximum(closes[worked], ends)
    begin = np.where(np.isfinite(opens), days * 24.0 + opens, days * 24.0)
    length = np.where(np.isfinite(opens), np.minimum(closes - opens, 24.0), 0.0)
    length[:-1] = np.minimum(length[:-1], np.maximum(np.diff(begin), 0.0))
    before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    return OpenHours(begin, length, before, calendar.working_days_before[1:] - 1)


def get_shift_hours(shift: Shift) -> tuple[float, float]:
    """Start and end in hours of the day on which the shift starts; past midnight the end is above 24."""
    begin, end = parse_clock(shift.start), parse_clock(shift.end)
    return begin, end if end > begin else end + 24


def _find_days_worked(shift: Shift, calendar: Calendar) -> NDArray[np.bool_]:
    """Whether a shift is worked, on each day of the calendar, working day or not."""
    worked = np.zeros(calendar.days, bool)
    first = calendar.get_day(shift.starting) if shift.starting else 0
    last = calendar.get_day(shift.ending + timedelta(1)) if shift.ending else calendar.days
    worked[first:last] = True
    return worked


def get_capacity(station: Station, calendar: Calendar) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """When the staff of a station changes, in hours, and how many work from then on: on working days its shifts."""
    levels = np.zeros(calendar.days, np.int64)
    for step in station.capacity:
        levels[calendar.get_day(step.start) :] = step.value.value
    times: list[NDArray[Any]] = [np.zeros(1)]
    changes: list[NDArray[Any]] = [np.zeros(1, np.int64)]
    for shift in station.shift:
        begin, end = get_shift_hours(shift)
        days = calendar.working_days[_find_days_worked(shift, calendar)[calendar.working_days]]
        times += [days * 24 + begin, days * 24 + end]
        changes += [levels[days], -levels[days]]
    at, place = np.unique(np.concatenate(times), return_inverse=True)
    gained = np.zeros(len(at), np.int64)
    np.add.at(gained, place, np.concatenate(changes))
    return at, np.cumsum(gained)


def get_clients(
    scenario: Scenario,
    centre: ScanCentre,
    calendar: Calendar,
    go_live_days: NDArray[np.float64],
    streams: Streams,
    mail: Mapping[str, NDArray[np.float64]] = MappingProxyType({}),
) -> Clients:
    """The authorities whose mail the centre scans, and how much is expected from each on every day.

    An authority's mail comes from its planned connection, but not before the centre opens, nor (where the centre
    feeds the E-Postmappe, F062) before the authority is live. `mail`: factors per day
    by kind of authority.
    """
    members = [(n, a) for n, a in enumerate(scenario.authorities) if a.scan_centre == centre.id]
    by_kind = {
        kind: compute_changed_rate(scenario, calendar, kind) * mail.get(kind, np.ones(1))[: calendar.days]
        for kind in {a.kind for _, a in members}
    }
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
        np.array([streams.key(a.id, "items")[0] for _, a in members], np.uint64),
        np.array(sampled),
    )


def compute_changed_rate(scenario: Scenario, calendar: Calendar, kind: AuthorityKind) -> NDArray[np.float64]:
    """`compute_mail_rate`, in every period with the changes of mail that hold in it."""
    changes = list_mail_changes(scenario)
    rate = np.zeros(calendar.days)
    last = calendar.start + timedelta(calendar.days - 1)
    for first, until in split_days(changes, calendar.start, last):
        changed = replace(scenario, spec=apply_changes(scenario.spec, changes, first))
        days = slice((first - calendar.start).days, (until - calendar.start).days + 1)
        rate[days] = compute_mail_rate(changed, calendar, kind)[days]
    return rate


def open_late(scenario: Scenario, late: NDArray[np.float64]) -> Scenario:
    """The scenario with the opening of each centre moved by so many calendar days, shape (centres,)."""
    centres = [
        centre.model_copy(update={"opens": centre.opens.model_copy(update={
            "value": centre.opens.value + timedelta(round(float(days)))
        })})
        for centre, days in zip(scenario.spec.scan.centres, late, strict=True)
    ]  # fmt: skip
    scan = scenario.spec.scan.model_copy(update={"centres": centres})
    return replace(scenario, spec=scenario.spec.model_copy(update={"scan": scan}))


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
    months = list(pairwise(calendar.month_starts))
    room = Room(max(int(counts[:, first:last].sum()) for first, last in months))
    checked = are_valid(tabulated, rates)
    overdue = 0
    for first, last in months:
        items = draw_items(centre, clients, counts, range(first, last), tabulated, rates, room)
        until = 24.0 * last
        served = line.advance(
            items.arrival, items.service, items.excluded, items.rescans, items.pages, until=until, checked=checked
        )
        pages = paper.add(served)
        turnaround = hours.measure_turnaround(served)
        before, overdue = overdue, hours.count_overdue(served.waiting, until, target)
        measured = len(turnaround) + overdue - before
        boxes = paper.count_boxes(last)
        yield _summarise_month(items, served, turnaround, target, measured, pages, boxes), len(items.arrival)


def _summarise_month(
    items: Items,
    served: Served,
    turnaround: NDArray[np.float64],
    target: float,
    measured: int,
    pages: int,
    boxes: float,
) -> MonthFigures:
    """The figures of a month. `turnaround`: working hours of the items released; `target`: in the same; `measured`:
    items released or grown overdue in the month, without those that were overdue before.
    """
    out = len(turnaround)
    with np.errstate(invalid="ignore", divide="ignore"):
        used = served.busy_hours / served.staffed_hours
    middle, slow = _find_quantiles(turnaround, (0.5, 0.95))
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
        items_measured=measured,
        within_target=float((turnaround <= target).sum()) / measured if measured else np.nan,
        boxes_stored=boxes,
    )


def _find_quantiles(values: NDArray[np.float64], shares: tuple[float, ...]) -> list[float]:
    """Those of numpy's `inverted_cdf`, NaN where there are no values, which are put into another order: numpy looks for
    more places than are asked for, in a copy.
    """
    if not len(values):
        return [np.nan] * len(shares)
    places = [max(0, math.ceil(len(values) * share - 1)) for share in shares]
    values.partition(places)
    return [float(values[place]) for place in places]


@compiled
def _measure_turnaround(
    arrival: Any, left: Any, excluded: Any, begin: Any, length: Any, before: Any, latest: Any
) -> Any:
    found, n = np.empty(len(left)), 0
    for k in range(len(left)):
        if not excluded[k]:
            found[n] = 0.0
            for time, sign in ((left[k], 1.0), (arrival[k], -1.0)):
                day = latest[min(int(time / 24), len(latest) - 1)]
                if day >= 0 and time < begin[day]:  # still the hours of the day before, perhaps past midnight
                    day -= 1
                if day >= 0:
                    found[n] += sign * (before[day] + min(time - begin[day], length[day]))
            n += 1
    return found[:n]
