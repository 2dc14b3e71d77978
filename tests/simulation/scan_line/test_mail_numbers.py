"""The mail of a scan centre against scipy's distributions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulation.calendar import Calendar
from simulation.random_streams import Streams
from simulation.rollout.demand import compute_mail_rate
from simulation.scan_line.arrivals import MOST_PAGES, draw_day_counts, draw_items, get_rates, poisson_quantile, tabulate
from simulation.scan_line.centre import get_clients
from simulation.scenario.programme import Scenario


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0.001, 4000))
def test_poisson_quantile_is_scipys(u: Any, mean: Any) -> None:
    found, expected = poisson_quantile(u, mean), stats.poisson.ppf(u, mean)
    # At a step of the distribution function the two may round to different sides.
    on_step = np.isclose(stats.poisson.cdf(min(found, expected), mean), u, rtol=1e-9, atol=1e-11)
    assert found == expected or (abs(found - expected) == 1 and on_step)


def test_pages_have_the_mean_and_median_of_the_scenario(nrw: Scenario) -> None:
    items = nrw.spec.scan.items
    tabulated = tabulate(items, 0.15)
    assert tabulated.pages.mean() == pytest.approx(items.pages_mean.value, rel=0.03)
    assert np.median(tabulated.pages) == pytest.approx(items.pages_median.value, abs=0.5)
    assert tabulated.pages.min() == 1
    assert tabulated.pages.max() <= MOST_PAGES


@pytest.mark.parametrize("variation", [0.05, 0.5, 1.2])
def test_spread_has_mean_one_and_the_given_variation(nrw: Scenario, variation: float) -> None:
    spread = tabulate(nrw.spec.scan.items, variation).days
    assert spread.mean() == pytest.approx(1, abs=1e-12)
    assert spread.std() == pytest.approx(variation, rel=0.02)


def test_volumes_follow_the_weekdays_and_the_paper_share(nrw: Scenario) -> None:
    calendar = Calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    rate = compute_mail_rate(nrw, calendar, "ministry")
    days = calendar.is_working & (np.arange(calendar.days) >= calendar.get_day(nrw.spec.as_of.value))
    monday, friday = (rate[days & (calendar.weekdays == d)].mean() for d in (0, 4))
    assert monday / friday == pytest.approx(1.3 / 0.8, rel=0.02)
    assert (rate[~calendar.is_working] == 0).all()
    years = [rate[days & (np.arange(calendar.days) // 365.25 == y)].mean() for y in (5, 6, 7, 8)]
    assert years == sorted(years, reverse=True)


def test_items_of_an_authority_do_not_depend_on_the_others(nrw: Scenario) -> None:
    """Adding an authority to a centre leaves the others' items as they were."""
    calendar = Calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    centre = next(c for c in nrw.spec.scan.centres if c.id == "detmold")
    clients = get_clients(nrw, centre, calendar, np.zeros(len(nrw.authorities)), Streams(7, 3))
    tabulated, asked = tabulate(nrw.spec.scan.items, 0.15), get_rates(nrw.spec.scan.items)
    counts = draw_day_counts(clients, tabulated)
    first = type(clients)(*[values[:1] for values in vars(clients).values()])
    alone = draw_day_counts(first, tabulated)
    assert (alone[0] == counts[0]).all()
    day = int(np.flatnonzero(counts[0])[0])
    few = draw_items(centre, first, alone, range(day, day + 1), tabulated, asked)
    all_items = draw_items(centre, clients, counts, range(day, day + 1), tabulated, asked)
    cut = int(counts[0, day] * centre.deliveries[0].share.value)
    assert len(few.pages) < len(all_items.pages)
    assert (few.pages[:cut] == all_items.pages[:cut]).all()
    assert (few.service[:, :cut] == all_items.service[:, :cut]).all()


def test_a_shock_multiplies_the_mail_of_its_kind_on_its_days(nrw: Scenario) -> None:
    centre = next(c for c in nrw.spec.scan.centres if c.id == "rheinland")
    calendar = Calendar(nrw.spec.horizon.start, nrw.spec.horizon.end)
    live, streams = np.zeros(len(nrw.authorities)), Streams(7, 3)
    factors = np.ones(calendar.days)
    factors[1900:1990] = 1.5
    usual, shocked = (get_clients(nrw, centre, calendar, live, streams, s) for s in ({}, {"ministry": factors}))
    kinds = [a.kind for a in nrw.authorities if a.scan_centre == "rheinland"]
    for row, kind in enumerate(kinds):
        expected = usual.expected[row] * (factors if kind == "ministry" else 1)
        np.testing.assert_allclose(shocked.expected[row], expected)
