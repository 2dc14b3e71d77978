"""Standard errors of quantiles against simulation, the stop rule, and how many digits a figure has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.forecast.forecast import LEAST_FOR_ERROR, forecast, list_planned_months
from simulation.forecast.precision import (
    estimate_mean_error,
    estimate_quantile_errors,
    get_order_weights,
    get_quantiles,
    measure_largest_error,
    round_to_precision,
)
from simulation.levers.load import load
from tests.conftest import SMALL

SHARES = (0.1, 0.5, 0.9)


@pytest.mark.parametrize("runs", [20, 200])
def test_the_error_of_a_quantile_is_its_spread_over_many_samples(runs: int) -> None:
    rng = np.random.default_rng(1)
    samples = np.sort(rng.gamma(2.0, 100.0, (runs, 4000)), axis=0)
    spread = get_quantiles(samples, SHARES).std(axis=1)
    estimated = estimate_quantile_errors(samples, SHARES).mean(axis=1)
    assert estimated == pytest.approx(spread, rel=0.15)


def test_the_error_of_a_mean_is_the_textbooks() -> None:
    assert estimate_mean_error(np.array([[1.0], [2.0], [3.0]]))[0] == pytest.approx(1 / np.sqrt(3))
    assert np.isinf(estimate_mean_error(np.array([[1.0]]))[0])


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_one_of_the_ordered_values_is_the_quantile(runs: int, share: float) -> None:
    weights = get_order_weights(runs, share)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


def test_what_is_certain_has_no_error() -> None:
    assert estimate_quantile_errors(np.full((50, 3), 7.0), SHARES).max() < 1e-9
    assert measure_largest_error(np.full((50, 3), 7.0)) < 1e-9


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [(102_345, 700, 102_000), (102_346, 40, 102_350), (102_345, 0.1, 102_345), (7.6, None, 8), (-1234, 600, -1000)],
)
def test_a_figure_has_no_more_digits_than_its_error_leaves(value: float, error: float | None, shown: float) -> None:
    assert round_to_precision(value, error) == shown


def test_more_runs_are_made_until_the_error_is_small_enough() -> None:
    scenario = load(SMALL / "small.yaml")
    enough = forecast(scenario, replications=4, scan_replications=1, until_error=0.99)
    error = enough.summary["largest_error"]
    assert enough.summary["replications"] == LEAST_FOR_ERROR
    assert 0 < error < 0.99
    more = forecast(scenario, replications=4, scan_replications=1, until_error=error * 0.9)
    assert more.summary["replications"] in {2**n * LEAST_FOR_ERROR for n in range(1, 4)}
    assert more.summary["largest_error"] <= error * 0.9
    assert more.summary["scan_replications"] == 1
    assert list_planned_months(scenario) == [11, 23]
