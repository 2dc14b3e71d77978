"""`eva compare`, `capacity`, `reach` and `sensitivity`: what they refuse, what they say, and how they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHANGE = "rollout.teams+=2@2021-07-01"


@pytest.fixture(autouse=True)
def own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is kept of a test, and none uses what another kept."""
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["capacity", "--centre", "nowhere", "--within", 24, "--share", "95%"],
         "--centre:1:1: unknown scan centre `nowhere`; one of centre"),
        (["capacity", "--centre", "centre", "--within", 24, "--share", "195%"],
         "--share:1:1: `195%` is no share; such as 80% (= 0.8)"),
        (["capacity", "--centre", "centre", "--within", 24, "--share", "0.9", "--confidence", "sure"],
         "--confidence:1:1: `sure` is no share"),
        (["reach", "--deadline", "x", "--probability", "50"], "`50` is no share; such as 50% (= 0.5)"),
        (["capacity", "--centre", "centre", "--within", "1.000"], "--within:1:1: `1.000` can be read in two ways"),
        (["capacity", "--centre", "nowhere", "--within", "0,5", "--share", "97,5 %"], "--centre:1:1: unknown scan"),
        (["capacity", "--centre", "centre", "--within", 24], "Missing option '--share'"),
        (["capacity", "--centre", "centre", "--share", "95%", "--within", 0], "--within"),
        (["reach", "--deadline", "nothing", "--probability", "80%"], "nothing"),
        (["reach", "--deadline", "nothing", "--probability", "0"], "--probability:1:1: `0` is no share"),
        (["reach", "--deadline", "x", "--probability", "80%", "--levers", "rollout.temas"], "rollout.temas"),
        (["reach", "--deadline", "x", "--probability", "80%", "--cost", "none.yaml"], "none.yaml"),
        (["sensitivity", "--samples", 60], "--samples:1:1: 60 is no power of two; such as 64"),
        (["sensitivity", "--few", 1], "--few"),
        (["compare"], "SCENARIO:1:1: one scenario; a second one, --set or --changes to compare it with"),
        (["compare", "--set", "rollout.temas+=1"], "rollout.temas"),
        (["compare", "--set", CHANGE, "--changes", "none.csv"], "none.csv"),
        (["compare", "--set", CHANGE, "--until-sure", "2"], "--until-sure:1:1: `2` is no share"),
        (["compare", "--set", CHANGE, "--replications", 4, "--scan-replications", 0, "--outcome", "luck"], "luck"),
        (["compare", "--set", CHANGE, "--out", ""], "--out:1:1: empty; name a folder, or . for the current one"),
        (["sensitivity", "--out", " "], "--out:1:1: empty"),
        (["forecast", "--out", ""], "--out:1:1: empty"),
        (["forecast", "--replications", 5, "--scan-replications", 10],
         "--scan-replications:1:1: 10 of 5 replications; expected at most 5"),
        (["reach", "--deadline", "users-2021", "--probability", "80%", "--levers", ""], "--levers:1:1: empty"),
        (["reach", "--deadline", "users-2021", "--probability", "80%", "--levers", " , "], "--levers:1:1: empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_in_a_line(
    arguments: list[Any], says: str, eva: Callable[..., Any], small: Path, tmp_path: Path
) -> None:
    command, *others = arguments
    done = eva(command, small, *others, "--workers" if command != "x" else "", 1)
    assert done.status == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert not list(tmp_path.glob("out-*/*.html"))


def test_a_place_that_is_no_folder_is_told_before_anything_is_computed(
    eva: Callable[..., Any], small: Path, tmp_path: Path, own_runs: Path
) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = eva("compare", small, "--set", CHANGE, "--out", tmp_path / "file")
    assert done.status == 2
    assert "file" in done.err
    assert not own_runs.exists()
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_comparison_is_written_said_and_printed_as_json(
    eva: Callable[..., Any], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("compare", small, "--set", CHANGE, "--replications", 6, "--scan-replications", 0, "--workers", 1)
    done = eva(*asked, "--out", tmp_path / "one")
    assert done.status == 0
    *sentences, page = done.out.splitlines()
    assert page == f"page: {tmp_path / 'one' / 'compare.html'}"
    assert sentences
    monkeypatch.setenv("EVA_LANG", "de")
    german = eva(*asked, "--out", tmp_path / "two")
    assert german.out.splitlines()[-1] == f"Seite: {tmp_path / 'two' / 'compare.html'}"
    assert german.out.splitlines()[0] != sentences[0]
    as_json = eva(*asked, "--out", tmp_path / "three", "--json")
    first = json.loads((tmp_path / "one" / "compare.json").read_text(encoding="utf-8"))
    assert first["computed"] == 12  # six runs of both
    assert json.loads(as_json.out) == first | {"computed": 0}
    quiet = eva(*asked, "--out", tmp_path / "four", "--quiet")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")
    written = {one.name for one in (tmp_path / "one").iterdir()}
    assert written == {one.name for one in (tmp_path / "four").iterdir()}
    for name in written - {"compare.html"}:
        if name.endswith(".csv"):
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "four" / name).read_bytes()


def test_runs_are_kept_unless_told_otherwise(eva: Callable[..., Any], small: Path, own_runs: Path) -> None:
    asked = (
        "compare",
        small,
        "--set",
        CHANGE,
        "--replications",
        4,
        "--scan-replications",
        0,
        "--workers",
        1,
        "--quiet",
    )
    assert eva(*asked, "--no-cache").status == 0
    assert not list(own_runs.rglob("*.*"))
    assert eva(*asked).status == 0
    assert list(own_runs.rglob("*.*"))
