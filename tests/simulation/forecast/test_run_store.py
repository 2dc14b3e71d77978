"""Runs that were computed before are found again, whole and for the same question only, in bounded room."""

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from polars.testing import assert_frame_equal

from simulation.forecast import collect, found_draws, run_store
from simulation.forecast.collect import Collection
from simulation.forecast.forecast import forecast
from simulation.forecast.found_draws import FoundDraws, find_draws
from simulation.forecast.replication import Replication, RolloutRun, Wanted, replicate
from simulation.forecast.run_store import RunStore, make_key, make_room
from simulation.inputs.faults import UnusableInput
from simulation.levers.apply import change_scenario
from simulation.rollout import conditioning, simulate
from simulation.scenario.programme import Scenario
from tests.conftest import load_small

SCENARIO = load_small()


@dataclass(frozen=True)
class Tiny:
    one: NDArray[np.float64]
    two: NDArray[np.float64]


def make(number: int) -> Tiny:
    return Tiny(np.array([number, np.inf]), np.full((2, 2), number / 3))


def test_what_is_kept_comes_back_to_the_bit(tmp_path: Path) -> None:
    store = RunStore(tmp_path, "key", Tiny)
    runs = {number: make(number) for number in range(250)}
    store.keep(runs)
    found = store.load(1000)
    assert sorted(found) == list(range(250))
    for number, run in found.items():
        for field in fields(Tiny):
            np.testing.assert_array_equal(getattr(run, field.name), getattr(runs[number], field.name))
    assert sorted(store.load(120)) == list(range(120))
    assert RunStore(tmp_path, "other", Tiny).load(1000) == {}


@given(st.binary(max_size=200), st.integers(0, 3000))
def test_a_spoiled_block_counts_as_not_there(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("kept")
    store = RunStore(folder, "key", Tiny)
    store.keep({number: make(number) for number in range(3)})
    (path,) = store.folder.iterdir()
    path.write_bytes(path.read_bytes()[:at] + junk)
    found = store.load(10)
    assert found == {} or sorted(found) == [0, 1, 2]


def test_the_folder_is_bounded_and_the_newest_stay(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "runs.npz").write_bytes(b"x" * 1000)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    make_room(tmp_path, 2500, tmp_path / "new")
    assert {entry.name for entry in tmp_path.iterdir()} == {"new", "middle"}
    make_room(tmp_path, 10, tmp_path / "new")
    assert {entry.name for entry in tmp_path.iterdir()} == {"new"}


def test_a_key_is_of_scenario_mode_seed_and_program(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {make_key("a", "risk", 1), make_key("b", "risk", 1), make_key("a", "plan", 1), make_key("a", "risk", 2)}
    assert len(keys) == 4
    assert make_key("a", "risk", 1) in keys
    monkeypatch.setattr(run_store, "hash_program", lambda: "another state of the program")
    assert make_key("a", "risk", 1) not in keys


def test_a_forecast_from_kept_runs_is_the_same_and_computes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = forecast(SCENARIO, replications=4, scan_replications=2)
    kept = forecast(SCENARIO, replications=4, scan_replications=2, kept=tmp_path)
    monkeypatch.setattr(collect, "open_workers", None)
    again = forecast(SCENARIO, replications=4, scan_replications=2, kept=tmp_path)
    fewer = forecast(SCENARIO, replications=3, scan_replications=1, kept=tmp_path)
    for name, table in fresh.tables.items():
        assert_frame_equal(table, kept[name], check_exact=True)
        assert_frame_equal(table, again[name], check_exact=True)
    assert fewer.summary["replications"] == 3
    assert {**fresh.summary, "wall_seconds": 0} == {**again.summary, "wall_seconds": 0}


def test_whoever_watches_is_told_of_each_rollout_once(tmp_path: Path) -> None:
    """Of those that were kept first, and of none again when more are asked for."""
    forecast(SCENARIO, replications=2, scan_replications=1, kept=tmp_path)
    told: list[RolloutRun] = []
    collection = Collection(SCENARIO, "risk", 2021, kept=tmp_path, watch=told.extend)
    collection.extend(3, 1)
    assert len(told) == 3
    collection.extend(5, 1)
    assert {id(run) for run in told} == {id(run) for run in collection.rollouts.values()}
    assert len(told) == 5


def test_only_what_is_missing_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def collection() -> Collection:
        return Collection(SCENARIO, "risk", 1, kept=tmp_path)

    collection().extend(3, 1)
    asked: list[tuple[int, bool, bool, bool, bool]] = []

    def watch(scenario: Scenario, mode: str, seed: int, wanted: Wanted, found: FoundDraws | None) -> Replication:
        asked.append(wanted)
        return replicate(scenario, mode, seed, wanted, found)

    monkeypatch.setattr(collect, "replicate", watch)
    extended = collection()
    extended.extend(5, 2)
    assert [tuple(one) for one in asked] == [
        (1, False, True, False, False), (3, True, False, False, False), (4, True, False, False, False),
    ]  # fmt: skip
    assert sorted(extended.rollouts) == [0, 1, 2, 3, 4]
    assert sorted(extended.scans) == [0, 1]


def test_draws_that_agree_with_the_past_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = find_draws(SCENARIO, 7, 5, tmp_path)
    found_draws._REMEMBERED.clear()
    simulate._RECENT.clear()
    monkeypatch.setattr(conditioning, "count_past", None)
    changed = change_scenario(SCENARIO, ["rollout.teams+=1"])
    again = find_draws(changed, 7, 5, tmp_path)
    for field in fields(fresh):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(fresh, field.name))
    simulate._RECENT.clear()  # a worker, which is handed what was found
    replicate(changed, "risk", 7, Wanted(4, scan=False), again)


def test_a_copy_of_a_scenario_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is sent several, and asks for the model with every run."""
    model, copy = simulate.get_model(SCENARIO, 7), replace(SCENARIO)
    assert simulate.get_model(copy, 7) is model
    monkeypatch.setattr(simulate, "_remove_names", None)
    assert simulate.get_model(copy, 7) is model
    assert simulate.get_model(SCENARIO, 7) is model


def test_a_scenario_that_contradicts_what_is_known_is_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = conditioning.KeptDraws(lambda _number: False, most_tried=5)
    monkeypatch.setattr(found_draws, "get_kept", lambda _model: (nothing, nothing))
    with pytest.raises(UnusableInput, match="none of 5 draws"):
        find_draws(SCENARIO, 8, 1)


def test_an_interrupted_forecast_keeps_what_it_had(tmp_path: Path) -> None:
    def stop(done: int, _items: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Collection(SCENARIO, "risk", 1, kept=tmp_path).extend(5, 1, on_progress=stop)
    key = make_key(SCENARIO.digest, "risk", 1)
    assert sorted(RunStore(tmp_path, key, RolloutRun).load(10)) == [0, 1]


def test_another_scenario_finds_nothing_of_this_one(tmp_path: Path) -> None:
    Collection(SCENARIO, "risk", 1, kept=tmp_path).extend(1, 1)
    other: Scenario = replace(SCENARIO, digest="f" * 64)
    key = make_key(other.digest, "risk", 1)
    assert RunStore(tmp_path, key, RolloutRun).load(10) == {}
