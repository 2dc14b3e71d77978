"""A scan centre's monthly figures against closed forms computed from the scenario alone."""

from datetime import date

import numpy as np
import pytest
from numpy import ndarray

from simulation.calendar import Calendar
from simulation.forecast.replication import Wanted, replicate
from simulation.levers.apply import change_scenario
from simulation.levers.load import load
from simulation.scan_line.arrivals import MOST_PAGES
from simulation.scan_line.centre import MonthFigures, get_open_hours
from simulation.scan_line.line import Served
from simulation.scenario.programme import Scenario
from simulation.scenario.scanning import ScanCentre, Shift, Station
from tests.conftest import SMALL

COLUMN = {name: n for n, name in enumerate(MonthFigures._fields)}


@pytest.fixture(scope="module")
def detmold(nrw: Scenario) -> tuple[ndarray, ndarray, list[date]]:
    """Figures of Detmold in mode `plan`, by month, and the months' working days."""
    calendar = Calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    number = next(n for n, c in enumerate(nrw.spec.scan.centres) if c.id == "detmold")
    scan = replicate(nrw, "plan", 1, Wanted(0, rollout=False)).scan
    assert scan
    found = scan.figures[number]
    starts = np.array(calendar.month_starts)
    working = calendar.working_days_before[starts[1:]] - calendar.working_days_before[starts[:-1]]
    return found, working, calendar.list_month_ends()


def mean_pages(items):
    """Mean of the rounded lognormal, by adding up its probabilities (not by the table that is simulated)."""
    sigma = np.sqrt(2 * np.log(items.pages_mean.value / items.pages_median.value))
    sizes = np.arange(1, MOST_PAGES + 1)
    rng = np.random.default_rng(1).lognormal(np.log(items.pages_median.value), sigma, 2_000_000)
    return np.clip(np.rint(rng), sizes[0], sizes[-1]).mean()


def test_utilisation_is_the_work_asked_for_by_the_hours_staffed(
    nrw: Scenario, detmold: tuple[ndarray, ndarray, list[date]]
) -> None:
    """Within a few percent: what waits at a month's end is little against a month."""
    found, working, ends = detmold
    items, centre = nrw.spec.scan.items, next(c for c in nrw.spec.scan.centres if c.id == "detmold")
    pages, out = mean_pages(items), items.excluded.value
    sheets = pages / items.pages_per_sheet.value
    seconds = {
        "prepare": items.handling_seconds.value + (1 - out) * 3600 * sheets / items.prepared_sheets_per_hour.value,
        "scan": (1 - out) * (1 + items.rescanned.value) * 3600 * pages / items.scanned_pages_per_hour.value,
        "check": (1 - out) * (1 + items.rescanned.value)
        * (3600 / items.indexed_items_per_hour.value
           + items.sample_normal.value * pages * items.seconds_per_sampled_page.value),
    }  # fmt: skip
    month = ends.index(date(2022, 5, 31))
    for name, asked in seconds.items():
        station = getattr(centre, name)
        hours = int(station.shift[0].end[:2]) + int(station.shift[0].end[3:]) / 60
        hours -= int(station.shift[0].start[:2]) + int(station.shift[0].start[3:]) / 60
        staffed = working[month] * hours * station.capacity[-1].value.value
        expected = found[month, COLUMN["items_in"]] * asked / 3600 / staffed
        assert found[month, COLUMN[f"utilisation_{name}"]] == pytest.approx(expected, rel=0.02), name


def test_mail_is_what_the_scenario_says_of_its_clients(
    nrw: Scenario, detmold: tuple[ndarray, ndarray, list[date]]
) -> None:
    """Items of a year = users x items a day x weekday pattern x paper share x working days."""
    found, working, ends = detmold
    mail, users = nrw.spec.mail, sum(a.users_e_laufmappe for a in nrw.authorities if a.scan_centre == "detmold")
    year = [n for n, end in enumerate(ends) if end.year == 2020]
    share = mail.paper_share.value * (1 - mail.paper_decline_per_year.value) ** -1.0
    invoices = next(c for c in mail.channels if c.id == "e-invoice")
    # The channel opened in April and takes its share over two years: a seventh of it on average over 2020.
    months = np.clip((np.arange(12) + 0.5 - 3) / invoices.ramp_months.value, 0, 1).mean()
    share *= 1 - invoices.replaces.value * months
    expected = users * mail.items_per_user_day["district_government"].value * share * working[year].sum()
    assert found[year, COLUMN["items_in"]].sum() == pytest.approx(expected, rel=0.02)


def test_boxes_hold_the_sheets_of_the_paper_period(nrw: Scenario, detmold: tuple[ndarray, ndarray, list[date]]) -> None:
    found, _, ends = detmold
    paper, items = nrw.spec.scan.paper, nrw.spec.scan.items
    month = ends.index(date(2022, 12, 31))
    half_year = found[month - 5 : month + 1, COLUMN["pages_out"]].sum() * paper.kept_days.value / 184
    expected = half_year / items.pages_per_sheet.value / paper.sheets_per_box.value
    assert found[month, COLUMN["boxes_stored"]] == pytest.approx(expected, rel=0.03)


def test_excluded_and_rescanned_items_have_their_shares(
    nrw: Scenario, detmold: tuple[ndarray, ndarray, list[date]]
) -> None:
    found, items = detmold[0], nrw.spec.scan.items
    total = {name: np.nansum(found[:, COLUMN[name]]) for name in ("items_in", "items_out", "items_excluded", "rescans")}
    assert total["items_excluded"] / total["items_in"] == pytest.approx(items.excluded.value, rel=0.01)
    again = items.rescanned.value
    assert total["rescans"] / total["items_out"] == pytest.approx(again + again**2, rel=0.03)


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([("07:00", "17:00")], [4.0, 10.0]),
        ([("07:00", "12:00"), ("12:00", "17:00")], [4.0, 10.0]),
        ([("07:00", "17:00"), ("20:00", "02:00")], [13.0, 19.0]),  # Friday until 02:00 on Saturday: one centre, one day
    ],
)
def test_turnaround_counts_working_hours_only(shifts: list[tuple[str, str]], expected: list[float]) -> None:
    """Friday 15:00 to Monday 09:00 in a centre open from 7 to 17 are two plus two hours; Monday 09:00 to Tuesday 09:00
    are ten. With a late shift the day has nineteen hours, until two in the night.
    """
    hours_of = [Shift.model_validate({"from": begin, "to": end}) for begin, end in shifts]
    station = Station.model_construct(shift=hours_of, capacity=[])
    centre = ScanCentre.model_construct(prepare=station, scan=station, check=station, release=station)
    calendar = Calendar(date(2021, 6, 7), date(2021, 6, 20))
    hours = get_open_hours(centre, calendar)
    friday, monday, tuesday = 4 * 24 + 15.0, 7 * 24 + 9.0, 8 * 24 + 9.0
    nothing = np.zeros(0)
    served = Served(
        np.array([1, 1, 1]), np.array([friday, monday, friday]), np.array([monday, tuesday, monday + 1]),
        np.array([False, False, True]), np.zeros(3, np.int8), nothing, nothing, nothing, 0, nothing,
    )  # fmt: skip
    assert hours.measure_turnaround(served).tolist() == pytest.approx(expected)
    ages = [expected[0], expected[0] - 1]
    arrivals = np.array([friday, friday + 1])
    assert [hours.count_overdue(arrivals, monday, target) for target in (ages[0] + 0.1, ages[0] - 0.1, 0.1)] == [
        0,
        1,
        2,
    ]
    assert hours.count_overdue(nothing, monday, 1.0) == 0


@pytest.fixture(scope="module")
def stopped() -> dict[str, ndarray]:
    """Monthly figures of a centre whose checks stop for half a year, month by month."""
    changes = ["scan.centre.check=0@2021-07-01", "scan.centre.check=60@2022-01-01"]
    done = replicate(change_scenario(load(SMALL / "small.yaml"), changes), "plan", 1, Wanted(0, rollout=False)).scan
    assert done
    return {name: done.figures[0, :, n] for name, n in COLUMN.items()}


def test_what_is_due_and_not_released_is_not_within_the_target(stopped: dict[str, ndarray]) -> None:
    silent = slice(7, 12)
    assert stopped["items_in"][silent].min() > 0
    assert stopped["items_out"][silent].max() == 0
    assert (stopped["within_target"][silent] == 0).all()
    assert stopped["items_measured"][silent].min() > 0


def test_every_item_is_measured_against_the_target_once(stopped: dict[str, ndarray]) -> None:
    """Also one that was overdue for months and then is released: the year after it does not miss the target again."""
    left = stopped["items_in"].sum() - stopped["items_excluded"].sum()
    assert np.nansum(stopped["items_out"]) == pytest.approx(left, rel=0.01)
    assert np.nansum(stopped["items_measured"]) == pytest.approx(left, rel=0.01)
    assert np.nansum(stopped["within_target"] * stopped["items_measured"]) <= np.nansum(stopped["items_out"])
    assert stopped["within_target"][-1] > 0.9
