"""Items of a scan centre: their times, their work and their shares follow from the scenario alone."""

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.scan_line.arrivals import (
    MOST_PAGES,
    Clients,
    Items,
    Room,
    Tables,
    are_valid,
    draw_day_counts,
    draw_items,
    get_rates,
    parse_clock,
    tabulate,
)
from simulation.scan_line.centre import (
    get_capacity,
    get_clients,
    get_connection_day,
    get_open_hours,
    open_late,
)
from simulation.scan_line.line import Served, are_ascending, are_positive
from simulation.scan_line.paper_store import PaperStore
from simulation.scenario.figures import replace_figures
from tests.conftest import load_small

SCENARIO = load_small()
SPEC = SCENARIO.spec
ITEMS = SPEC.scan.items
CENTRE = SPEC.scan.centres[0]
CALENDAR = Calendar(SPEC.horizon.start, SPEC.horizon.end)
DAYS = 60


def clients(expected: float, sampled: float = 0.0, count: int = 3) -> Clients:
    streams = Streams(5, 0)
    names = [f"client-{n}" for n in range(count)]
    return Clients(
        np.full((count, DAYS), expected),
        np.array([streams.key(name, "mail") for name in names]),
        np.array([streams.key(name, "items")[0] for name in names]),
        np.full(count, sampled),
    )


def draw(members: Clients, tabulated: Tables, asked: Any) -> Items:
    counts = draw_day_counts(members, tabulated)
    return draw_items(CENTRE, members, counts, range(DAYS), tabulated, asked)


TABULATED = tabulate(ITEMS, 0.2)


def change(**values: float) -> Any:
    """The items of the scenario with some figures changed."""
    return replace_figures(SPEC, {f"scan.items.{name}": value for name, value in values.items()}).scan.items


@pytest.mark.parametrize(("clock", "hours"), [("00:00", 0), ("07:30", 7.5), ("23:59", 23 + 59 / 60)])
def test_a_time_of_day_in_hours(clock: str, hours: float) -> None:
    assert parse_clock(clock) == pytest.approx(hours)


def test_volumes_have_their_mean_and_days_without_mail_have_none() -> None:
    counts = draw_day_counts(clients(40.0, count=20), TABULATED)
    assert counts.mean() == pytest.approx(40, rel=0.03)
    assert not draw_day_counts(clients(0.0), TABULATED).any()


def test_daily_volumes_spread_more_than_poisson_where_the_scenario_says_so() -> None:
    even, spread = (draw_day_counts(clients(100.0, count=30), tabulate(ITEMS, v)) for v in (0.0, 0.3))
    assert even.var() == pytest.approx(100, rel=0.15)
    assert spread.var() == pytest.approx(100 + 0.09 * 100**2, rel=0.2)


def test_items_come_with_the_deliveries_in_the_order_of_time() -> None:
    items = draw(clients(20.0), TABULATED, get_rates(ITEMS))
    assert (np.diff(items.arrival) >= 0).all()
    deliveries = {round(parse_clock(d.at), 6) for d in CENTRE.deliveries}
    assert {round(hour, 6) for hour in np.unique(items.arrival % 24)} <= deliveries


def test_each_delivery_brings_its_share() -> None:
    items = draw(clients(400.0), TABULATED, get_rates(ITEMS))
    for delivery in CENTRE.deliveries:
        share = np.isclose(items.arrival % 24, parse_clock(delivery.at)).mean()
        assert share == pytest.approx(delivery.share.value, abs=0.01)


def test_no_item_is_lost_between_counts_and_arrivals() -> None:
    members = clients(7.3)
    counts = draw_day_counts(members, TABULATED)
    items = draw_items(CENTRE, members, counts, range(DAYS), TABULATED, get_rates(ITEMS))
    assert len(items.arrival) == counts.sum()
    assert np.bincount((items.arrival // 24).astype(int), minlength=DAYS).tolist() == counts.sum(axis=0).tolist()


def test_items_in_room_that_was_used_before_are_the_same_items() -> None:
    members, rates = clients(40.0), get_rates(ITEMS)
    counts = draw_day_counts(members, TABULATED)
    room = Room(int(counts.sum()))
    parts = [range(30), range(30, 31), range(31, DAYS)]
    for days in parts:
        fresh = draw_items(CENTRE, members, counts, days, TABULATED, rates)
        again = draw_items(CENTRE, members, counts, days, TABULATED, rates, room)
        for name, values in vars(fresh).items():
            np.testing.assert_array_equal(getattr(again, name), values)
        assert again.service.flags.c_contiguous


@given(spread=st.floats(0, 3), seconds=st.floats(0, 100), mean=st.floats(1, 9), expected=st.floats(0, 30))
def test_what_is_called_valid_needs_no_look_at_each_item(
    spread: float, seconds: float, mean: float, expected: float
) -> None:
    """The line takes the items of such tables as they are; of others it is asked to look at each."""
    asked = change(time_spread=spread, handling_seconds=seconds, pages_mean=mean)
    tabulated, rates = tabulate(asked, 0.2), get_rates(asked)
    items = draw(clients(expected, sampled=0.5), tabulated, rates)
    if are_valid(tabulated, rates):
        assert are_positive(items.service)
        assert are_ascending(items.arrival)
        assert (items.rescans >= 0).all()


@pytest.mark.parametrize("spread", [0.0, 1e-308, 1e-200, 1e-9])
def test_hardly_any_spread_is_none(spread: float) -> None:
    np.testing.assert_allclose(tabulate(ITEMS, spread).days, 1.0, rtol=1e-8)


def test_no_time_at_all_is_not_valid() -> None:
    rates = get_rates(ITEMS)
    assert are_valid(TABULATED, rates)
    assert not are_valid(replace(TABULATED, times=np.append(TABULATED.times, 0.0)), rates)
    assert not are_valid(replace(TABULATED, times=np.append(TABULATED.times, np.inf)), rates)
    assert not are_valid(TABULATED, rates._replace(release=0.0))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_excluded_items_have_their_share_and_are_never_rescanned(share: float) -> None:
    items = draw(clients(300.0), TABULATED, get_rates(change(excluded=share)))
    assert items.excluded.mean() == pytest.approx(share, abs=0.01)
    assert not items.rescans[items.excluded].any()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_rescans_are_geometric_up_to_five(share: float) -> None:
    items = draw(clients(300.0), TABULATED, get_rates(change(rescanned=share, excluded=0.0)))
    for times in range(3):
        assert (items.rescans > times).mean() == pytest.approx(share ** (times + 1), abs=0.015)
    assert items.rescans.max(initial=0) <= 5


def test_work_grows_with_pages_and_checking_with_the_sample() -> None:
    exact = change(time_spread=0.05, excluded=0.0)
    flat = Tables(TABULATED.pages, np.ones_like(TABULATED.times), np.ones_like(TABULATED.days))
    plain, looked = (draw(clients(50.0, sampled), flat, get_rates(exact)) for sampled in (0.0, 1.0))
    rates = get_rates(exact)
    np.testing.assert_allclose(plain.service[0], rates.handling + plain.pages * rates.prepared_page)
    np.testing.assert_allclose(plain.service[1], plain.pages * rates[2])
    np.testing.assert_allclose(plain.service[2], rates.indexed_item)
    np.testing.assert_allclose(looked.service[2] - plain.service[2], looked.pages * rates[4])
    np.testing.assert_allclose(plain.service[3], rates.release)


def test_pages_are_whole_and_within_what_the_line_takes() -> None:
    items = draw(clients(200.0), TABULATED, get_rates(ITEMS))
    assert items.pages.min() >= 1
    assert items.pages.max() <= MOST_PAGES


def test_equal_mean_and_median_mean_that_every_item_has_as_many_pages() -> None:
    tabulated = tabulate(change(pages_mean=4.0, pages_median=4.0), 0.0)
    assert set(tabulated.pages.tolist()) == {4}
    assert set(tabulated.days.tolist()) == {1.0}


def test_staff_is_there_in_its_shift_on_working_days_only() -> None:
    times, servers = get_capacity(CENTRE.prepare, CALENDAR)
    begin, end = parse_clock(CENTRE.prepare.shift[0].start), parse_clock(CENTRE.prepare.shift[0].end)
    assert (np.diff(times) >= 0).all()
    assert not servers[0]
    times, servers = times[1:], servers[1:]  # before the first shift nobody is there
    assert len(times) == 2 * len(CALENDAR.working_days)
    assert np.allclose(times[::2] % 24, begin)
    assert np.allclose(times[1::2] % 24, end)
    assert not servers[1::2].any()
    first = CENTRE.prepare.capacity[0]
    day = int(np.searchsorted(CALENDAR.working_days, CALENDAR.get_day(first.start)))
    assert servers[2 * day] == first.value.value


@given(st.floats(0, 24 * 14), st.floats(0, 24 * 30))
def test_turnaround_is_the_open_time_between_arrival_and_release(arrival: float, length: float) -> None:
    hours = get_open_hours(CENTRE, CALENDAR)
    left = arrival + length
    found = hours.measure_turnaround(served([arrival], [left]))[0]
    stations = (CENTRE.prepare, CENTRE.scan, CENTRE.check, CENTRE.release)
    opens = min(parse_clock(station.shift[0].start) for station in stations)
    closes = max(parse_clock(station.shift[0].end) for station in stations)
    expected = sum(
        max(0.0, min(left, 24 * day + closes) - max(arrival, 24 * day + opens))
        for day in range(int(arrival // 24), int(left // 24) + 1)
        if CALENDAR.is_working[day]
    )
    assert found == pytest.approx(expected, abs=1e-6)


def served(arrival: list[float], left: list[float], pages: list[int] | None = None) -> Served:
    n = len(left)
    return Served(
        np.array(pages or [1] * n), np.array(arrival), np.array(left), np.zeros(n, bool), np.zeros(n, np.int8),
        np.empty((4, 0)), np.zeros(4), np.zeros(4), 0, np.empty(0),
    )  # fmt: skip


def test_paper_is_kept_for_its_period_and_then_leaves_the_shelves() -> None:
    paper = PaperStore(SCENARIO, CALENDAR)
    kept = round(SPEC.scan.paper.kept_days.value)
    per_box = ITEMS.pages_per_sheet.value * SPEC.scan.paper.sheets_per_box.value
    assert paper.add(served([0.0], [24.0 * 10 + 5], [1000])) == 1000
    assert paper.count_boxes(10) == 0
    assert paper.count_boxes(11) == pytest.approx(1000 / per_box)
    assert paper.count_boxes(10 + kept) == pytest.approx(1000 / per_box)
    assert paper.count_boxes(11 + kept) == 0


def test_mail_comes_from_the_latest_of_connection_opening_and_go_live() -> None:
    authority = next(a for a in SCENARIO.authorities if a.scan_from is not None)
    assert authority.scan_from
    planned = CALENDAR.get_day(authority.scan_from)
    with_go_live = CENTRE.model_copy(update={"needs_go_live": True})
    without = CENTRE.model_copy(update={"needs_go_live": False})
    assert get_connection_day(authority, with_go_live, CALENDAR, planned + 50.0) == planned + 50
    assert get_connection_day(authority, without, CALENDAR, planned + 50.0) == planned
    assert get_connection_day(authority, with_go_live, CALENDAR, math.inf) == math.inf
    alone = authority.model_copy(update={"scan_centre": None, "scan_from": None})
    assert get_connection_day(alone, without, CALENDAR, 0.0) == math.inf


def test_a_centre_that_opens_late_gets_its_mail_late() -> None:
    late = open_late(SCENARIO, np.array([20.4]))
    opens = late.spec.scan.centres[0].opens.value
    assert opens == CENTRE.opens.value + timedelta(20)
    assert open_late(SCENARIO, np.zeros(1)).spec == SPEC
    first = get_connection_day(SCENARIO.authorities[0], late.spec.scan.centres[0], CALENDAR, 0.0)
    assert first >= (opens - CALENDAR.start).days or SCENARIO.authorities[0].scan_from is None


def test_a_shock_of_mail_hits_the_kinds_that_it_concerns_and_no_other() -> None:
    go_live = np.zeros(len(SCENARIO.authorities))
    members = [a for a in SCENARIO.authorities if a.scan_centre == CENTRE.id]
    factor = np.where(np.arange(CALENDAR.days) < 200, 1.0, 2.0)
    plain = get_clients(SCENARIO, CENTRE, CALENDAR, go_live, Streams(5, 0))
    shocked = get_clients(SCENARIO, CENTRE, CALENDAR, go_live, Streams(5, 0), {members[0].kind: factor})
    for row, authority in enumerate(members):
        hit = factor if authority.kind == members[0].kind else 1.0
        np.testing.assert_allclose(shocked.expected[row], plain.expected[row] * hit)
    np.testing.assert_array_equal(plain.item_keys, shocked.item_keys)
