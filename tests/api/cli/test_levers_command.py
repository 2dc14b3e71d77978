"""`eva levers`: names, values, bounds and basis, in both languages and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_levers_are_listed_with_value_bounds_and_basis(eva: Callable[..., Any], small: Path) -> None:
    done = eva("levers", small)
    assert done.status == 0
    line = next(line for line in done.out.splitlines() if line.startswith("rollout.teams"))
    for word in ("rollout teams", "2", "pieces", "1000000", "assumed"):
        assert word in line
    assert "risks.rework" not in done.out
    assert "risks.rework" in eva("levers", small, "--all").out


def test_in_a_narrow_terminal_a_lever_stands_above_what_is_said_of_it(
    eva: Callable[..., Any], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    lines = eva("levers", small).out.splitlines()
    assert "mail.items_per_user_day" in lines or "rollout.teams" in lines
    assert max(map(len, lines)) <= 80


def test_json_has_both_languages_and_the_change(eva: Callable[..., Any], small: Path) -> None:
    listed = json.loads(eva("levers", small, "--set", "rollout.teams+=2@2021-03-01", "--json").out)
    by_id = {one["lever"]: one for one in listed}
    assert by_id["scan.centre.opens"]["name_de"].endswith("Eröffnung")
    assert by_id["scan.centre.opens"]["name_en"].endswith("opening")
    assert by_id["rollout.teams"]["value"] == 2  # on the reference date; the change comes a day later
    assert by_id["scan.centre.prepare.shifts"]["value"] == "07:00-15:30"
    assert all({"path", "unit", "unit_de", "lowest", "highest", "basis", "source"} <= set(one) for one in listed)


def test_german_is_the_default(eva: Callable[..., Any], small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVA_LANG", "de")
    out = eva("levers", small).out
    assert "Rollout-Teams" in out
    assert "Annahme" in out


def test_what_a_change_has_made_is_the_planners_own(
    eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", "de")
    listed = tmp_path / "changes.csv"
    listed.write_text("lever,from,until,by,factor,to\nscan.rheinland.opens,,,+3 months,,\n", encoding="utf-8")
    for option in (("--changes", listed), ("--set", "scan.rheinland.opens+=3 Monate")):
        out = eva("levers", *option, "--of", "rheinland.opens").out
        assert "2022-03-" in out
        assert "eigene Angabe (was wäre, wenn)" in " ".join(out.split())
    assert "Bericht" in eva("levers", "--of", "rheinland.opens").out


def test_a_wrong_change_ends_the_command(eva: Callable[..., Any], small: Path) -> None:
    done = eva("levers", small, "--set", "rollout.temas+=1")
    assert done.status == 2
    assert "--set rollout.temas+=1: unknown lever" in done.err


def test_every_step_of_a_capacity_is_told_and_those_that_no_longer_count(
    eva: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVA_LANG", "de")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    steps = "2 (ab 01.12.2021), 4 (ab 01.03.2022), 15 (ab 01.07.2022), 24 (ab 01.07.2023), 26 (ab 01.01.2024)"
    assert steps in " ".join(eva("levers", "--of", "rheinland.prepare").out.split())
    done = eva("levers", "--set", "scan.rheinland.prepare=4@2022-03-01", "--of", "rheinland.prepare", "--json")
    assert json.loads(done.out)[0]["steps"][1] == {"from": "2022-03-01", "value": 4}
    assert "Hinweis: scan.rheinland.prepare: 4 ab 01.03.2022; diese Schritte des Plans gelten dann nicht" in done.err
