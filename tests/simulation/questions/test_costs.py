"""Cost files of planners: what a step is, and every way in which a file can be wrong."""

from datetime import date
from pathlib import Path

import pytest

from simulation.inputs.faults import UnusableInput
from simulation.questions.mixes.costs import StepCost, get_start, make_costs, read_costs
from tests.conftest import load_small

SCENARIO = load_small()
HEAD = "kind: costs\nunit: {de: Euro, en: euros}\nlevers:\n"


def written(tmp_path: Path, *levers: str, head: str = HEAD) -> Path:
    path = tmp_path / "costs.yaml"
    path.write_text(head + "".join(f"  {one}\n" for one in levers), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cost", "steps", "expected"),
    [
        ({"most": 3, "cost": 1}, 2, "rollout.teams+=2"),
        ({"step": 0.5, "most": 3, "cost": 1}, 3, "rollout.teams+=1.5"),
        ({"step": -1.0, "most": 3, "cost": 1}, 2, "rollout.teams-=2"),
        ({"most": 3, "cost": 1, "from": date(2021, 3, 1)}, 1, "rollout.teams+=1@2021-03-01"),
        ({"step": "-3 months", "most": 3, "cost": 0}, 2, "rollout.teams-=6 months"),
        ({"step": "+10 days", "most": 3, "cost": 0}, 4, "rollout.teams+=40 days"),
    ],
)
def test_steps_are_written_as_one_change(cost: dict[str, object], steps: int, expected: str) -> None:
    assert StepCost.model_validate(cost).write("rollout.teams", steps) == expected


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        (date(2021, 1, 1), date(2021, 7, 1)),
        (date(2021, 3, 31), date(2021, 7, 1)),
        (date(2021, 4, 1), date(2021, 10, 1)),
        (date(2021, 8, 31), date(2022, 1, 1)),
        (date(2021, 12, 31), date(2022, 4, 1)),
    ],
)
def test_a_decision_acts_from_the_quarter_after_next(as_of: date, start: date) -> None:
    assert get_start(as_of) == start


def test_without_a_file_every_step_costs_one_and_there_are_as_many_as_what_is_there() -> None:
    costs = make_costs(SCENARIO, ["rollout.teams", "rollout.trainers", "rollout.slots"])
    told = {name: (one.step, one.most, one.cost, one.start) for name, one in costs.levers.items()}
    start = date(2021, 7, 1)  # known as of February
    assert told == {
        "rollout.teams": (1, 3, 1, start),  # three from 2022 on
        "rollout.trainers": (1, 4, 1, start),
        "rollout.slots": (1, 2, 1, start),
    }


@pytest.mark.parametrize("lever", ["scan.centre.opens", "rollout.staff_council_days"])
def test_what_is_no_capacity_needs_a_step_in_a_file(lever: str) -> None:
    with pytest.raises(UnusableInput, match="has no step of its own"):
        make_costs(SCENARIO, [lever])


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    costs = read_costs(written(tmp_path, "rollout.teams: {step: 2, most: 3, cost: 12.5, from: 2021-03-01}"), SCENARIO)
    assert costs.unit.en == "euros"
    one = costs.levers["rollout.teams"]
    assert (one.step, one.most, one.cost, one.start) == (2, 3, 12.5, date(2021, 3, 1))


def test_faults_of_form_and_of_levers_are_told_at_once(tmp_path: Path) -> None:
    lines = ("rollout.temas: {most: 3, cost: 1}", "rollout.teams: {most: 0, cost: 1}", "rollout.slots: {most: 1}")
    with pytest.raises(UnusableInput) as wrong:
        read_costs(written(tmp_path, *lines), SCENARIO)
    assert [fault.place.line for fault in wrong.value.faults] == [4, 5, 6]


@pytest.mark.parametrize(
    ("lever", "place", "says"),
    [
        ("rollout.temas: {most: 3, cost: 1}", ":4:3", "rollout.temas"),
        ("rollout.teams: {most: 0, cost: 1}", ":4:25", "at least 1"),
        ("rollout.teams: {most: 201, cost: 1}", ":4:25", "at most 200"),
        ("rollout.teams: {most: 1, cost: -1}", ":4:34", "at least 0"),
        ("rollout.teams: {most: 1, cost: 1, colour: red}", ":4:37", "unknown key `colour`; one of step"),
        ("rollout.teams: {step: -1, most: 5, cost: 1}", ":4:3", ""),  # five fewer than the two that there are
    ],
)
def test_every_fault_of_a_file_has_its_place(lever: str, place: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput) as wrong:
        read_costs(written(tmp_path, lever), SCENARIO)
    assert f"costs.yaml{place}" in str(wrong.value)
    assert says in str(wrong.value)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput) as wrong:
        read_costs(
            written(tmp_path, "rollout.temas: {most: 1, cost: 1}", "rollout.slost: {most: 1, cost: 1}"), SCENARIO
        )
    assert [fault.place.line for fault in wrong.value.faults] == [4, 5]
