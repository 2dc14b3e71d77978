"""The process that is compared with Prosimos is the same for both, and a comparison that cannot be made says so."""

import json
import math
import random
from importlib import import_module
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from simulation.casework.people.presence import count_day
from simulation.casework.simulate import simulate
from simulation.casework.workplace import Run
from simulation.loading.load_casework import load_casework

ROOT = Path(__file__).parents[3]


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The benchmark's modules, which are not installed."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.peer.process"), import_module("benchmarks.peer.compare")


def test_both_have_the_same_tasks_times_arrivals_and_hours(peer: tuple[Any, Any], tmp_path: Path) -> None:
    process = peer[0]
    process.write_casework(tmp_path / "peer.yaml")
    process.write_prosimos(tmp_path / "peer.bpmn", tmp_path / "peer.json")
    spec, told = load_casework(tmp_path / "peer.yaml")[0].scenario, json.loads((tmp_path / "peer.json").read_text())
    (kind,) = spec.work.kinds
    assert count_day(spec.staff.hours) == process.DAY_SECONDS
    arrivals = told["arrival_time_distribution"]["distribution_params"]
    assert arrivals[0]["value"] == process.DAY_SECONDS / kind.per_day.value
    assert all(getattr(spec.handling.choices, name).value == 0 for name in process.CHOICES)
    outcome = simulate(spec, 1, Run(1))
    assert len(outcome.trace.case_days["case"]) > 0.9 * process.DAYS * process.PER_DAY
    assert outcome.refused == {}
    for station in process.STATIONS:
        (task,) = (one for one in told["task_resource_distribution"] if one["task_id"] == station)
        mean, variance = (one["value"] for one in task["resources"][0]["distribution_params"][:2])
        touches = [note.touch for note in outcome.trace.stations if note.kind == station]
        assert abs(fmean(touches) - mean) < 4 * math.sqrt(variance / len(touches))
    names = [one["task_id"] for one in told["task_resource_distribution"]]
    assert names == [name for name, _, _ in process.TASKS]


def test_without_prosimos_it_is_said_that_nothing_was_measured(
    peer: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = peer[1]
    monkeypatch.setattr(compare, "_find_prosimos", lambda: "no index has it")
    found = compare.casework_vs_peer()
    assert found["value"] == 0
    assert "not measured: prosimos==2.1.0 cannot be had here (no index has it)" in found["detail"]


def test_means_that_lie_apart_are_told(peer: tuple[Any, Any]) -> None:
    compare, draw = peer[1], random.Random(1)
    one, other = ([draw.gauss(1.0, 0.2) for _ in range(500)] for _ in range(2))
    assert compare._agree(one, other)
    assert not compare._agree(one, [value + 0.1 for value in other])
