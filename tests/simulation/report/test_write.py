"""Files of a forecast are written all together or not at all."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.forecast.forecast import Forecast, forecast
from simulation.forecast.tables import WRITTEN
from simulation.levers.load import load
from simulation.report.write import check_place, write_forecast
from tests.conftest import SMALL


@pytest.fixture(scope="module")
def result() -> Forecast:
    return forecast(load(SMALL / "small.yaml"), replications=1)


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take seconds and are tested elsewhere."""

    def write_report(_forecast: Forecast, folder: Path, language: str, *_: object) -> None:
        (folder / "charts").mkdir()
        (folder / "charts" / "users.svg").write_text(language)
        (folder / "report.html").write_text(language)

    monkeypatch.setattr("simulation.report.html.write_report", write_report)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.usefixtures("no_report")
def test_all_files_are_there_and_no_draft_is_left(result: Forecast, tmp_path: Path) -> None:
    write_forecast(result, tmp_path / "deep" / "out", "en")
    tables = {f"{name}.{form}" for name in WRITTEN for form in ("csv", "parquet")}
    assert set(content(tmp_path / "deep" / "out")) == tables | {
        "summary.json",
        "report.html",
        "assumptions.csv",
        "charts/users.svg",
    }
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]
    assert json.loads((tmp_path / "deep" / "out" / "summary.json").read_text(encoding="utf-8")) == result.summary


@pytest.mark.usefixtures("no_report")
def test_lines_end_the_same_on_every_system(result: Forecast, tmp_path: Path) -> None:
    write_forecast(result, tmp_path / "out")
    for name in WRITTEN:
        data = (tmp_path / "out" / f"{name}.csv").read_bytes()
        assert data.endswith(b"\n")
        assert b"\r" not in data


def fail_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the rename number `step` fail as a full disk does; gives how many were tried before the failure."""
    rename, done = Path.rename, [0]

    def renamed(self: Path, target: Path) -> Path:
        done[0] += 1
        if done[0] == step:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    return lambda: done[0]


@pytest.mark.usefixtures("no_report")
@pytest.mark.parametrize("step", [1, 2, 7, 13, 20, 26])
def test_an_interrupted_move_leaves_the_older_forecast_whole(
    result: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    out = tmp_path / "out"
    write_forecast(result, out, "de")
    (out / "notes.txt").write_text("mine")
    before = content(out)
    fail_at(step, monkeypatch)
    with pytest.raises(OSError, match="No space"):
        write_forecast(result, out, "en")
    assert content(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.usefixtures("no_report")
@pytest.mark.parametrize("step", [1, 5, 13])
def test_an_interrupted_first_move_leaves_nothing(
    result: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    fail_at(step, monkeypatch)
    with pytest.raises(OSError, match="No space"):
        write_forecast(result, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_report")
def test_an_interrupt_while_moving_is_undone_too(
    result: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        if self.name == "summary.json" and self.parent.name == "new":
            monkeypatch.undo()
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        write_forecast(result, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_place_for_a_forecast(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileExistsError, match="not a folder"):
        check_place(tmp_path / "out")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_table_of_something_else_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.csv").write_text("a,b\n")
    with pytest.raises(FileExistsError, match=f"{name}.csv"):
        check_place(tmp_path)
    (tmp_path / "summary.json").write_text("{}")
    check_place(tmp_path)


def test_a_full_disk_is_noticed_before_anything_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=1000))
    with pytest.raises(OSError, match="50 MB"):
        check_place(tmp_path / "new" / "out")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _place, _mode: False)
    with pytest.raises(PermissionError, match="cannot be written"):
        check_place(tmp_path / "out")
