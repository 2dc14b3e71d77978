"""The summary: deadlines with their probability, what the gap is made of, and what everything rests on."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.key_figures import (
    describe_deadline,
    list_assumptions,
    measure_scan_error,
    wilson_interval,
)
from simulation.forecast.replication import ScanRun
from simulation.forecast.simulated_rollout import get_long_calendar
from simulation.scan_line.centre import MonthFigures
from simulation.scenario.figures import find_figures
from simulation.scenario.model import Deadline
from simulation.scenario.units import AUTHORITIES, PEOPLE
from tests.conftest import load_small

SCENARIO = load_small()
DEADLINE = SCENARIO.spec.deadlines[0]


CALENDAR = get_long_calendar(SCENARIO.spec)


def describe(deadline: Deadline, values: list[float], met: list[float] | None = None) -> dict[str, Any]:
    return describe_deadline(deadline, np.array(values), np.array(met or [np.inf] * len(values)), CALENDAR)


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(SCENARIO, replications=3, seed=9)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_between_nothing_and_all(case: tuple[int, int]) -> None:
    held, trials = case
    low, high = wilson_interval(held, trials)
    assert 0 <= low <= held / trials + 1e-12
    assert held / trials - 1e-12 <= high <= 1
    assert high - low > 0


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n) | st.sampled_from([0, n]), st.just(n))))
def test_the_interval_is_that_of_the_library(case: tuple[int, int]) -> None:
    expected = binomtest(*case).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson_interval(*case) == pytest.approx((expected.low, expected.high), abs=1e-14)


@given(st.integers(1, 200))
def test_the_interval_narrows_with_more_runs(trials: int) -> None:
    few, many = wilson_interval(trials, 2 * trials), wilson_interval(10 * trials, 20 * trials)
    assert many[1] - many[0] < few[1] - few[0]


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=50))
def test_a_deadline_holds_in_the_share_of_runs_that_reach_its_target(values: list[float]) -> None:
    found = describe(DEADLINE, values)
    target = DEADLINE.target.value
    held = sum(value >= target - 0.5 for value in values)
    assert found["probability"] == round(held / len(values), 4)
    assert found["low"] <= found["probability"] <= found["high"]
    assert found["p10"] <= found["p90"]


@pytest.mark.parametrize(("short", "holds"), [(0.0, 1.0), (0.5, 1.0), (0.51, 0.0)])
def test_half_a_seat_below_the_target_still_holds(short: float, holds: float) -> None:
    """People are whole; the model's are not."""
    assert describe(DEADLINE, [DEADLINE.target.value - short])["probability"] == holds


def test_a_deadline_says_its_unit_in_both_languages() -> None:
    for deadline in SCENARIO.spec.deadlines:
        found = describe(deadline, [1.0])
        unit = AUTHORITIES if deadline.measure.startswith("authorities") else PEOPLE
        assert (found["unit_de"], found["unit_en"]) == (unit.de, unit.en)
        assert (found["title_de"], found["title_en"]) == (deadline.title.de, deadline.title.en)


def test_the_summary_has_the_keys_that_users_rely_on(result: Forecast) -> None:
    keys = {"scenario", "scenario_hash", "seed", "replications", "version", "wall_seconds", "items_simulated",
            "deadlines", "assumptions"}  # fmt: skip
    assert keys <= result.summary.keys()
    assert result.summary["scenario"] == "small"
    assert result.summary["scenario_hash"] == SCENARIO.digest
    assert (result.summary["seed"], result.summary["replications"]) == (9, 3)
    assert json.loads(json.dumps(result.summary, allow_nan=False)) == result.summary


def test_the_precision_of_the_scan_centres_is_the_error_of_the_worst_known_one() -> None:
    figures = np.zeros((4, 2, 3, len(MonthFigures._fields)))
    figures[:, 0, :, 0] = 100.0
    figures[:, 1, 0, 0] = [10.0, 20.0, 30.0, 40.0]
    runs = [ScanRun(one, np.zeros(3)) for one in figures]
    assert measure_scan_error(runs) == pytest.approx(np.std([10, 20, 30, 40], ddof=1) / 2 / 25, abs=1e-4)
    assert measure_scan_error(runs[:1]) is None
    assert measure_scan_error([ScanRun(np.zeros_like(one.figures), np.zeros(3)) for one in runs]) is None


def test_every_figure_date_and_list_is_an_assumption_with_its_basis() -> None:
    listed = {entry["name"]: entry for entry in list_assumptions(SCENARIO)}
    for path, figure, unit in find_figures(SCENARIO.spec):
        entry = listed[path]
        assert (entry["value"], entry["basis"], entry["unit"]) == (figure.value, figure.basis, unit.en)
        assert (entry["low"], entry["high"]) == (figure.low, figure.high)
    assert listed["as_of"]["value"] == SCENARIO.spec.as_of.value.isoformat()
    for centre in SCENARIO.spec.scan.centres:
        assert listed[f"scan.centres.{centre.id}.opens"]["unit"] == "date"


def test_cells_of_the_list_are_counted_by_what_they_stand_on() -> None:
    listed = [entry for entry in list_assumptions(SCENARIO) if entry["name"].startswith("authorities.")]
    for group in ("identity", "project", "users", "go_live", "protection", "scan"):
        counted = sum(e["value"] for e in listed if e["name"].startswith(f"authorities.{group}."))
        assert counted == len(SCENARIO.authorities)


def test_a_deadline_says_when_it_is_met_and_in_how_many_runs_never() -> None:
    found = describe(DEADLINE, [0.0] * 10, [float(day) for day in range(9)] + [np.inf])
    assert [found[f"met_p{percent}"] for percent in (10, 50, 90)] == ["2021-01-01", "2021-01-05", "2021-01-09"]
    assert found["never_share"] == 0.1
    late = describe(DEADLINE, [0.0] * 2, [3.0, np.inf])
    assert (late["met_p50"], late["met_p90"], late["never_share"]) == ("2021-01-04", None, 0.5)


def test_a_deadline_has_an_id_and_a_name(result: Forecast) -> None:
    assert [d["id"] for d in result.summary["deadlines"]] == [d.id for d in SCENARIO.spec.deadlines]
    assert all(d["name"] == d["title_en"] for d in result.summary["deadlines"])


def test_progress_is_told_after_every_replication() -> None:
    told: list[tuple[int, int]] = []
    done = forecast(SCENARIO, replications=3, on_progress=lambda number, items: told.append((number, items)))
    assert [number for number, _ in told] == [1, 2, 3]
    items = [count for _, count in told]
    assert items == sorted(items)
    assert items[-1] == done.summary["items_simulated"]


def test_an_unknown_table_is_a_key_error(result: Forecast) -> None:
    with pytest.raises(KeyError):
        result["nothing"]
