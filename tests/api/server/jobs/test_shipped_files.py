"""Files that come with `eva` are found by name and by path from any folder, and never hide a file of the user's."""

from pathlib import Path

import pytest

from api.server.jobs.checks import check
from api.server.jobs.shipped_files import DEFAULT_SCENARIO, HANDED_IN, MOST_STEPS, load, load_replay, locate, shipped
from scenarios import FOLDER
from simulation.inputs.faults import UnusableInput
from simulation.levers.load import load_with_warnings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("scenarios", FOLDER),
        ("scenarios/replays", FOLDER / "replays"),
        ("replays/akte", FOLDER / "replays" / "akte"),
        ("nrw/plan-2021.yaml", DEFAULT_SCENARIO),
        ("scenarios/nrw/plan-2021.yaml", DEFAULT_SCENARIO),
        ("nrw-plan-2021", DEFAULT_SCENARIO),
        ("akte-anlegen", FOLDER / "replays" / "akte" / "anlegen.yaml"),
    ],
)
def test_shipped_files_are_found_by_name_and_by_path(named: str, found: Path) -> None:
    assert locate(Path(named)) == found
    assert found.exists()


@pytest.mark.parametrize(
    "named", ["nowhere.yaml", "scenarios/nowhere.yaml", "akte", "../scenarios", "/nowhere", "x" * 999, "nul\0"]
)
def test_what_is_nowhere_stays_as_it_was_named(named: str) -> None:
    assert locate(Path(named)) == Path(named)


def test_a_file_of_the_user_comes_first(tmp_path: Path) -> None:
    (tmp_path / "scenarios" / "replays").mkdir(parents=True)
    assert locate(Path("scenarios/replays")) == Path("scenarios/replays")
    assert locate(Path("scenarios/nrw")) == FOLDER / "nrw"


def test_every_shipped_file_loads_under_its_name() -> None:
    for name, one in shipped().items():
        assert locate(Path(name)) == one.path
        assert (FOLDER / one.file).read_text(encoding="utf-8") == one.text()
    assert {one.kind for one in shipped().values()} == {"rollout", "replay"}


def test_a_scenario_of_the_caller_may_extend_a_shipped_one() -> None:
    scenario, _ = load(None, "extends: nrw/plan-2021.yaml\nname: mine\n")
    assert len(scenario.authorities) == 258


@pytest.mark.parametrize("target", ["/etc/passwd", "../pyproject.toml", "nrw/../../pyproject.toml"])
def test_a_scenario_of_the_caller_reads_nothing_outside_the_folder(target: str) -> None:
    with pytest.raises(UnusableInput) as unusable:
        load(None, f"extends: {target}\n")
    assert [fault.place.file for fault in unusable.value.faults] == [HANDED_IN]
    assert str(FOLDER) not in str(unusable.value.faults[0])


def test_a_scenario_of_the_caller_is_named_without_the_path_of_this_machine() -> None:
    with pytest.raises(UnusableInput) as unusable:
        load(None, "extends: nrw/nowhere.yaml\n")
    assert str(FOLDER.parent) not in str(unusable.value)


def test_a_replay_with_too_many_steps_in_all_is_refused_before_it_is_laid_out() -> None:
    text = "kind: replay\neach: [" + "{a: 1}," * MOST_STEPS + "]\nsteps: [{advance: P1D}, {advance: P1D}]\n"
    with pytest.raises(UnusableInput, match="4,000 steps in all cases together"):
        load_replay(text)


def test_what_is_right_and_yet_looks_like_a_slip_is_told_of_a_replay_too() -> None:
    text = (
        "kind: replay\ntitle: x\nstart: 2021-06-01T08:00:00+02:00\nactors: {a: {roles: [case_worker]}}\nsteps:\n"
        '  - {create: record, as: a, id: akte, with: {title: x, file_plan_code: "1"}}\n'
    )
    checked = check(text)
    assert checked.faults == []
    (warning,) = checked.warnings
    assert (warning.place.line, warning.place.file) == (6, HANDED_IN)
    assert warning.wrong == ("id `akte` wird nicht benutzt", "id `akte` is not used")


def test_a_scenario_in_any_folder_may_extend_a_shipped_one_but_its_own_file_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: nrw/plan-2021.yaml\n", encoding="utf-8")
    assert len(load_with_warnings(mine)[0].authorities) == 258
    (tmp_path / "nrw").mkdir()
    (tmp_path / "nrw" / "plan-2021.yaml").write_text("kind: rollout\n", encoding="utf-8")
    with pytest.raises(UnusableInput):
        load_with_warnings(mine)
