"""The summary: deadlines with their probability, what the gap is made of, and what everything rests on."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.key_figures import describe_deadline, list_assumptions, wilson_interval
from simulation.scenario.figures import find_figures
from simulation.scenario.load import load
from simulation.scenario.units import AUTHORITIES, SEATS
from tests.conftest import SMALL

SCENARIO = load(SMALL / "small.yaml")
DEADLINE = SCENARIO.spec.deadlines[0]


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


@given(st.integers(1, 200))
def test_the_interval_narrows_with_more_runs(trials: int) -> None:
    few, many = wilson_interval(trials, 2 * trials), wilson_interval(10 * trials, 20 * trials)
    assert many[1] - many[0] < few[1] - few[0]


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=50))
def test_a_deadline_holds_in_the_share_of_runs_that_reach_its_target(values: list[float]) -> None:
    found = describe_deadline(DEADLINE, np.array(values))
    target = DEADLINE.target.value
    held = sum(value >= target - 0.5 for value in values)
    assert found["probability"] == round(held / len(values), 4)
    assert found["low"] <= found["probability"] <= found["high"]
    assert found["p10"] <= found["p90"]


@pytest.mark.parametrize(("short", "holds"), [(0.0, 1.0), (0.5, 1.0), (0.51, 0.0)])
def test_half_a_seat_below_the_target_still_holds(short: float, holds: float) -> None:
    """People are whole; the model's are not."""
    value = np.array([DEADLINE.target.value - short])
    assert describe_deadline(DEADLINE, value)["probability"] == holds


def test_a_deadline_says_its_unit_in_both_languages() -> None:
    for deadline in SCENARIO.spec.deadlines:
        found = describe_deadline(deadline, np.array([1.0]))
        unit = AUTHORITIES if deadline.measure.startswith("authorities") else SEATS
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


def test_what_waited_is_told_for_every_pool(result: Forecast) -> None:
    assert set(result.summary["waited_days"]) == {"teams", "trainers", "slots"}
    assert all(days >= 0 for days in result.summary["waited_days"].values())


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
