"""A casework scenario may name people and subjects; what does not fit is told with its place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.loading.load_casework import load_casework
from tests.conftest import ROOT, Done

SMALL = ROOT / "scenarios" / "casework" / "small-office.yaml"
DEMO = ROOT / "scenarios" / "casework" / "demo-authority.yaml"


@pytest.fixture
def named(tmp_path: Path) -> Callable[[str, str], Path]:
    """The small office with text put behind a unit's id."""

    def write(unit: str, names: str) -> Path:
        text = SMALL.read_text(encoding="utf-8")
        for folder in ("nrw", "casework"):
            (tmp_path / folder).mkdir()
        shutil.copy(ROOT / "scenarios" / "nrw" / "model-ministry.yaml", tmp_path / "nrw")
        path = tmp_path / "casework" / "named.yaml"
        path.write_text(text.replace(f"id: {unit},", f"id: {unit}, names: {names},"), encoding="utf-8")
        return path

    return write


def test_names_are_read_in_order(named: Callable[[str, str], Path]) -> None:
    loaded, _ = load_casework(named("fach", "[vogel, mueller]"))
    units = {unit.id: unit.names for unit in loaded.scenario.staff.units}
    assert units == {"leitung": [], "zentrale": [], "fach": ["vogel", "mueller"]}


@pytest.mark.parametrize(
    ("unit", "names", "says"),
    [
        ("leitung", "[a, b, c]", "3 names for 2 staff"),
        ("fach", "[vogel, vogel]", "`vogel` is somebody else's name already"),
        ("fach", "['a:b']", "names"),
        ("fach", "vogel", "names"),
    ],
)
def test_names_that_do_not_fit_are_told_with_their_place(
    named: Callable[[str, str], Path], eva: Callable[..., Done], unit: str, names: str, says: str
) -> None:
    path = named(unit, names)
    done = eva("check", path)
    assert done.status == 2
    assert says in done.err
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if f"id: {unit}," in text)
    assert f"{path}:{line}:" in done.err


def test_the_demonstration_names_everybody_once() -> None:
    loaded, doubts = load_casework(DEMO)
    spec = loaded.scenario
    names = [name for unit in spec.staff.units for name in unit.names]
    assert len(names) == len(set(names)) == spec.staff.total.value
    assert all(name == name.lower() and " " not in name for name in names)
    assert all(kind.subjects for kind in spec.work.kinds)
    assert doubts == []
