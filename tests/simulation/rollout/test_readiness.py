"""Measures of readiness save what they say of whom they concern, from their day on, and nothing of anybody else."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simulation.inputs.faults import UnusableInput
from simulation.levers.apply import apply_changes, change_scenario, list_figure_changes
from simulation.levers.load import load, load_with_warnings
from simulation.rollout.effort import compute_work
from simulation.rollout.model import Model
from simulation.scenario.introduction import Readiness
from tests.conftest import NRW, ROOT

Floats = NDArray[np.float64]
READY = ROOT / "scenarios" / "nrw" / "readiness.yaml"
FACTS = {
    "demo-system": {"F046", "F114"},
    "emulator": {"F046", "F114"},
    "equipment": {"F132", "F133"},
    "model-authorities": {"F142"},
    "already-digital": {"F109", "F157"},
}
DUESSELDORF = "br-duesseldorf"


@pytest.fixture(scope="module")
def plan() -> Model:
    return Model(load(NRW), 2021)


def work_of(model: Model, measures: list[Readiness]) -> tuple[Floats, Floats]:
    """Preparation of projects and training of authorities with some measures."""
    rollout = model.scenario.spec.rollout.model_copy(update={"readiness": measures})
    work = compute_work(rollout, model.portfolio, model.calendar, model.scenario.authorities)
    return work.preparation, work.training


def read_measures() -> dict[str, Readiness]:
    return {one.id: one for one in load(READY).spec.rollout.readiness}


def begins_later(model: Model, measure: Readiness) -> NDArray[np.bool_]:
    begins = model.portfolio.windows[model.portfolio.project, 0]
    return begins >= model.calendar.get_time(measure.start.value)


def test_the_measures_of_the_report_stand_with_their_facts() -> None:
    measures = read_measures()
    assert set(measures) == set(FACTS)
    for name, facts in FACTS.items():
        one = measures[name]
        told = f"{one.start.source} {one.preparation.source} {one.training.source}"
        assert all(fact in told for fact in facts), name


def test_without_measures_the_work_is_that_of_the_plan(plan: Model) -> None:
    work = compute_work(plan.scenario.spec.rollout, plan.portfolio, plan.calendar, plan.scenario.authorities)
    preparation, training = work_of(plan, [])
    np.testing.assert_array_equal(preparation, work.preparation)
    np.testing.assert_array_equal(training, work.training)


@pytest.mark.parametrize("name", ["demo-system", "emulator", "equipment"])
def test_a_measure_for_all_saves_its_share_of_what_begins_later(plan: Model, name: str) -> None:
    measure = read_measures()[name]
    before, after = work_of(plan, []), work_of(plan, [measure])
    later = begins_later(plan, measure)
    assert later.any()
    assert not later.all()
    expected = np.where(later, 1 - measure.training.value, 1.0)
    np.testing.assert_allclose(after[1] / before[1], expected)
    share = after[0] / before[0]
    assert set(np.round(share, 9).tolist()) == {1.0, round(1 - measure.preparation.value, 9)}


def test_model_authorities_save_in_district_governments_alone(plan: Model) -> None:
    measure = read_measures()["model-authorities"]
    before, after = work_of(plan, []), work_of(plan, [measure])
    kinds = {
        project.id: {a.kind for a in plan.scenario.authorities if a.project == project.id}
        for project in plan.scenario.projects
    }
    changed = after[0] < before[0]
    for number, project in enumerate(plan.scenario.projects):
        assert changed[number] <= ("district_government" in kinds[project.id]), project.id
    np.testing.assert_array_equal(after[1], before[1])


def test_br_duesseldorf_begins_with_its_preparation_largely_done(plan: Model) -> None:
    measure = read_measures()["already-digital"]
    number = next(n for n, a in enumerate(plan.scenario.authorities) if a.id == DUESSELDORF)
    before, after = work_of(plan, []), work_of(plan, [measure])
    concerned = np.zeros(len(plan.scenario.authorities), dtype=bool)
    concerned[number] = begins_later(plan, measure)[number]
    np.testing.assert_allclose(after[1] / before[1], np.where(concerned, 1 - measure.training.value, 1.0))
    project = plan.portfolio.project[number]
    others = np.arange(len(before[0])) != project
    np.testing.assert_array_equal(after[0][others], before[0][others])


def test_several_measures_multiply(plan: Model) -> None:
    measures = read_measures()
    both = work_of(plan, [measures["demo-system"], measures["emulator"]])[1]
    one, none = work_of(plan, [measures["demo-system"]])[1], work_of(plan, [])[1]
    np.testing.assert_allclose(both / none, (one / none) ** 2)


def test_what_a_measure_saves_is_a_lever() -> None:
    changed = change_scenario(load(READY), ["rollout.readiness.emulator.training=0.12"])
    spec = apply_changes(changed.spec, list_figure_changes(changed), date(2021, 9, 1))
    found = {one.id: one.training.value for one in spec.rollout.readiness}
    assert found["emulator"] == pytest.approx(0.12)


def test_an_authority_that_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = READY.read_text(encoding="utf-8").replace("plan-2021.yaml", "nrw/plan-2021.yaml")
    other.write_text(text.replace(DUESSELDORF, "br-nirgendwo"), encoding="utf-8")
    with pytest.raises(UnusableInput) as unusable:
        load_with_warnings(other)
    (fault,) = unusable.value.faults
    assert fault.wrong.en == "`br-nirgendwo` is no authority"
    assert fault.place.file == str(other)
