"""Intervals cover as often as they say: exactly, by adding up every possible outcome, or over samples."""

import numpy as np
import pytest
from scipy import stats

from simulation.casework.people.presence import count_day
from simulation.fitting.calendar import find_hours, list_working_days
from simulation.fitting.estimates import compare_families, estimate_rate, estimate_share, estimate_times
from simulation.fitting.observations import read_time
from tests.simulation.fitting.test_fit import BASE


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_interval_of_a_share_covers_it(share: float) -> None:
    covering = [hits for hits in range(301) if estimate_share(hits, 300)[1] <= share <= estimate_share(hits, 300)[2]]
    assert stats.binom.pmf(covering, 300, share).sum() == pytest.approx(0.95, abs=0.04)


def test_a_share_of_nothing_is_unknown() -> None:
    assert estimate_share(0, 0)[:3] == (0.5, 0.0, 1.0)
    assert estimate_share(0, 20)[0:2] == (0, 0)
    assert estimate_share(20, 20)[2] == 1


@pytest.mark.parametrize("mean", [3.0, 40.0])
def test_the_interval_of_a_rate_covers_it_at_least_so_often(mean: float) -> None:
    covering = [n for n in range(200) if estimate_rate(n, 10)[1] <= mean / 10 <= estimate_rate(n, 10)[2]]
    assert 0.95 <= stats.poisson.pmf(covering, mean).sum() < 0.99


def test_times_are_found_though_many_are_cut_off() -> None:
    """Median 2, deviation 1; whatever lasts longer than 3 is only known to."""
    random = np.random.default_rng(5)
    covered = np.zeros(2)
    for _ in range(24):
        drawn = 2 * np.exp(random.standard_normal(120))
        found = estimate_times(list(drawn[drawn <= 3]), [3.0] * int((drawn > 3).sum()))
        assert found is not None
        for n, (one, known) in enumerate(((found.median, 2.0), (found.spread, 1.0))):
            covered[n] += one.low <= known <= one.high
    assert (covered >= 19).all(), covered
    assert estimate_times([1.0] * 7) is None


def test_the_least_aic_tells_the_family() -> None:
    random = np.random.default_rng(1)
    for family, drawn in (("expon", random.exponential(2.0, 400)), ("lognorm", np.exp(random.standard_normal(400))),
                          ("gamma", random.gamma(4.0, 1.0, 400)),
                          ("weibull_min", random.weibull(4.0, 400))):  # fmt: skip
        aic = compare_families(drawn, np.array([]))
        assert min(aic, key=lambda name: aic[name]) == family
    assert aic["weibull_min"] == pytest.approx(
        4 - 2 * stats.weibull_min.logpdf(drawn, *stats.weibull_min.fit(drawn, floc=0)).sum()
    )


def test_hours_and_days_are_those_at_which_something_happens() -> None:
    moments = [read_time(f"2020-12-{day:02d}T{hour:02d}:10:00") for day in range(21, 32) for hour in range(6, 20)]
    assert [day.day for day in list_working_days(moments)] == [21, 22, 23, 24, 28, 29, 30, 31]
    hours = find_hours(moments, BASE.staff.hours)
    assert (hours.opens, hours.closes, count_day(hours)) == ("06:00", "19:15", 13.25 * 3600)
    inside = [read_time(f"2020-12-21T{hour:02d}:10:00") for hour in range(8, 17)]
    assert find_hours(inside, BASE.staff.hours) == BASE.staff.hours
    assert read_time("2020-07-01T08:00:00") == read_time("2020-07-01T06:00:00Z")  # without a zone it is German
