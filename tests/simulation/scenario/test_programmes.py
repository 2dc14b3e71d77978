"""The programmes beside the rollout: each gives every figure that the report states of it, in lists and in a run."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulation.levers.load import load_with_warnings
from simulation.rollout.model import Model
from simulation.rollout.portfolio import convert_to_days
from simulation.rollout.simulate import simulate_plan
from simulation.scenario.checks import count_reported
from simulation.scenario.figures import FACT
from simulation.scenario.model import Milestone
from simulation.scenario.programme import Scenario
from tests.conftest import ROOT

FOLDER = ROOT / "scenarios" / "programmes"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != "base")
NAMES = [path.stem for path in FILES]
FIGURES = {
    "efab": {"F142", "F158"},
    "gpo": {"F210", "F211", "F215"},
    "model-regions": {"F264", "F265", "F266"},
    "my-nrw": {"F028", "F141", "F218", "F219", "F220", "F221", "F222", "F223", "F224", "F225"},
    "nrw-connect": {"F205", "F206"},
    "scan-connection": {"F078", "F079", "F105"},
    "sormas-x": {"F271"},
    "specialist-systems": {"F045"},
    "training": {"F116", "F119", "F126"},
}
"""The facts with a number or date that the report gives for each."""


@cache
def read(name: str) -> Scenario:
    scenario, warnings = load_with_warnings(FOLDER / f"{name}.yaml")
    assert [str(one) for one in warnings] == []
    return scenario


@cache
def play(name: str) -> Scenario:
    """The lists as a run without risks gives them."""
    scenario = read(name)
    model = Model(scenario, 2021)
    outcome = simulate_plan(model)

    def name_day(time: float) -> date:
        number = convert_to_days(model.calendar, np.array([time]))[0]
        return model.calendar.start + timedelta(int(number)) if np.isfinite(number) else date.max

    members = [
        a.model_copy(update={"go_live": name_day(time)})
        for a, time in zip(scenario.authorities, outcome.go_live, strict=True)
    ]
    return replace(scenario, authorities=tuple(members))


MILESTONES = [(name, one) for name in NAMES for one in read(name).spec.milestones]
BY_MILESTONE = pytest.mark.parametrize(("name", "one"), MILESTONES, ids=lambda v: getattr(v, "id", v))


def holds(scenario: Scenario, one: Milestone) -> bool:
    found = count_reported(scenario, one)
    return one.at_least.value <= found and (one.at_most is None or found <= one.at_most.value)


@BY_MILESTONE
def test_the_lists_give_what_the_report_says(name: str, one: Milestone) -> None:
    assert holds(read(name), one), count_reported(read(name), one)


@BY_MILESTONE
def test_a_run_without_risks_gives_it_too(name: str, one: Milestone) -> None:
    assert holds(play(name), one), count_reported(play(name), one)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_report_is_a_milestone(name: str) -> None:
    sources = " ".join(one.at_least.source for one in read(name).spec.milestones)
    assert FIGURES[name] <= set(FACT.findall(sources))


def test_every_programme_has_its_figures() -> None:
    assert sorted(FIGURES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_module_names_a_programme(name: str) -> None:
    title = read(name).spec.title.de.split(":")[0]
    rooms = ("workflow", "scanning", "simulation", "api")
    texts = {path: path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert [path for path, text in texts.items() if f"{name}.yaml" in text or title in text] == []


def test_a_milestone_that_the_lists_miss_is_warned_of(tmp_path: Path) -> None:
    text = (FOLDER / "efab.yaml").read_text(encoding="utf-8").replace("base.yaml", "programmes/base.yaml")
    until = "date: 2021-12-31\n    measure: authorities_live\n    at_least: {value: "
    assert text.count(f"{until}1") == 1
    other = tmp_path / "late.yaml"
    other.write_text(text.replace(f"{until}1", f"{until}9"), encoding="utf-8")
    _, warnings = load_with_warnings(other)
    assert [one.wrong for one in warnings] == ["the lists give 2 (authorities_live) on 2021-12-31"]
    assert warnings[0].expected == "at least 9"
