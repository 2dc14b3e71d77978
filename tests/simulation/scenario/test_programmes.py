"""The programmes beside the rollout: each gives every figure that the report states of it, in lists and in a run."""

import re
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
from simulation.scenario.figures import FACT
from simulation.scenario.model import Milestone
from simulation.scenario.programme import Scenario, count_reported
from tests.conftest import ROOT

FOLDER = ROOT / "scenarios" / "programmes"
FACTS = ROOT / "docs" / "reference" / "facts.md"
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
"""The facts with a number or date that the report gives for each. Of F264 the money, the five regions with their
offices and the project still under review are no counts of these lists.
"""
CALLED = {
    "efab": r"eFAB|driver's log",
    "gpo": r"\bGPO\b|funding process|Standard-software",
    "model-regions": r"Modellregion|Digitale Modell|expressions of interest|implementation phase\.",
    "my-nrw": r"my\.NRW|LM1|SAP|Personalakte|personnel|Mitbestimmung|PersNRW|Staatskanzlei since|releases every",
    "nrw-connect": r"NRW connect|collaboration platform|state network \(LVN\)|extern: second",
    "scan-connection": r"incoming-mail scan centre|scan centre|Posteingangsscan",
    "sormas-x": r"SORMAS|health offices",
    "specialist-systems": r"specialist systems|Fachverfahren",
    "training": r"ILIAS|seminar topics|training|instruction of all staff|registrations",
}
"""By what the list of facts speaks of each; more than its own name, so that a fact that only means it is found too."""
NOT_COUNTED = {
    "F050": "the tax administration, which the plan counts as authorities without a central E-Akte",
    "F062": "what the scan centre connects to: no number",
    "F074": "names Rheinland: no number",
    "F075": "the day on which Rheinland opens, a figure of `scan.centres` of the plan, which this programme keeps",
    "F121": "training of the model ministry: a figure of the plan (F136) and of nrw/model-ministry.yaml",
    "F127": "what the model ministry hands on: no number",
    "F136": "as F121",
    "F154": "TETRAEDER, played in a replay file",
    "F188": "where the E-Akte runs: no number of a rollout",
    "F208": "that demand rises; the figures are unreadable",
    "F214": "a demonstration version, before the projects that gpo.yaml lists",
    "F270": "what the state wants: no number",
    "F298": "growth of tools whose years are lost",
}
"""Facts that speak of a programme and are no figure of its lists, with the reason."""


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


@pytest.mark.parametrize("name", NAMES)
def test_the_list_of_figures_is_complete(name: str) -> None:
    """Against the list of facts, by the names that the report has for each: a fact is reproduced or says why not."""
    facts = re.findall(r"^\| (F\d+) \|[^|]*\| (.*) \|$", FACTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(facts) >= 150
    found = {key for key, text in facts if re.search(CALLED[name], text)}
    assert found - FIGURES[name] - set(NOT_COUNTED) == set()
    assert not FIGURES[name] & set(NOT_COUNTED)


def test_every_programme_has_its_figures() -> None:
    assert sorted(FIGURES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_module_names_a_programme(name: str) -> None:
    title = read(name).spec.title.de.split(":")[0]
    rooms = ("workflow", "scanning", "simulation", "api")
    texts = {path: path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert [path for path, text in texts.items() if f"{name}.yaml" in text or title in text] == []


PROGRAMMES = re.compile(
    r"my[._-]?NRW|\bGPO\b|eFAB|SORMAS|NRW.?connect|\bILIAS\b|Modellregion|model[-_]regions|scan[-_]connection|Landesmaster"
    r"|\bLM1\b|SAP-CC|Sicherheitsunterweisung|IT-Fortbildung",
    re.IGNORECASE,
)


def test_no_module_says_a_programmes_name_in_any_spelling() -> None:
    """As code, comment or text; adding one is a file."""
    rooms = ("workflow", "scanning", "simulation", "api")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(paths) > 500
    found = {str(path): PROGRAMMES.findall(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: names for path, names in found.items() if names} == {}
    assert all(PROGRAMMES.search((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in NAMES[:1])


def test_a_milestone_that_the_lists_miss_is_warned_of(tmp_path: Path) -> None:
    text = (FOLDER / "efab.yaml").read_text(encoding="utf-8").replace("base.yaml", "programmes/base.yaml")
    until = "date: 2021-12-31\n    measure: authorities_live\n    at_least: {value: "
    assert text.count(f"{until}1") == 1
    other = tmp_path / "late.yaml"
    other.write_text(text.replace(f"{until}1", f"{until}9"), encoding="utf-8")
    _, warnings = load_with_warnings(other)
    assert [one.wrong.en for one in warnings] == ["the lists give 2 (authorities_live) on 2021-12-31"]
    assert warnings[0].expected.en == "at least 9"
