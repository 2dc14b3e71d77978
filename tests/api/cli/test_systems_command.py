"""`eva systems`: all 217 systems of the report, each with a command that works or a reason why there is none."""

import json
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli.systems.page import render
from api.cli.systems.systems import System, read_systems

ROOT = Path(__file__).parents[3]
SYSTEMS = read_systems()
WORKING = [one for one in SYSTEMS if one.command]
COMMANDS = sorted({str(one.command) for one in WORKING})
COUNTS = {
    "not at all": 130,
    "workflow feature": 30,
    "adoption programme": 25,
    "intake channel": 19,
    "demand driver": 13,
}  # fmt: skip


def test_all_217_systems_of_the_report_stand_there_once() -> None:
    assert Counter(one.appears_as for one in SYSTEMS) == COUNTS
    assert len({one.name for one in SYSTEMS}) == 217


@pytest.mark.parametrize("system", WORKING, ids=lambda one: one.name)
def test_every_link_leads_to_a_file_that_speaks_of_the_system(system: System) -> None:
    texts = [(ROOT / place).read_text(encoding="utf-8") for place in system.places]
    assert str(system.look_for) in texts[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(command: str, eva: Callable[..., Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(command)
    done = eva(*words)
    assert program == "eva"
    assert done.status == 0, done.err
    assert done.out.strip()


def test_what_is_not_shown_says_why_in_both_languages() -> None:
    for one in SYSTEMS:
        if one.command is None:
            assert one.why_not, one.name
            assert one.why_not.de.endswith("."), one.name
            assert one.why_not.en.endswith("."), one.name


def test_one_system_by_its_name(eva: Callable[..., Any]) -> None:
    done = eva("systems", "e-postmappe", "--json")
    (shown,) = json.loads(done.out)
    assert shown["name"] == "E-Postmappe"
    assert shown["appears_as"] == "workflow feature"
    assert shown["where"] == "docs/machines/mail-folder.md"
    assert shown["command"] == "eva diagram mail-folder"
    assert shown["why_not"] is None


def test_a_part_of_a_name_finds_all_that_hold_it(eva: Callable[..., Any]) -> None:
    found = {one["name"] for one in json.loads(eva("systems", "scanstelle", "--json").out)}
    assert found == {"Scanstelle Rheinland", "Scanstelle Detmold"}


def test_the_list_and_a_reason_in_german(eva: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "command, or why not" in eva("systems").out
    monkeypatch.setenv("EVA_LANG", "de")
    shown = eva("systems", "DOMEA").out
    assert "nicht abgebildet" in shown
    assert "Altsystem" in shown


def test_an_unknown_name_is_refused_with_the_nearest(eva: Callable[..., Any]) -> None:
    done = eva("systems", "Servicekonto NRW")
    assert (done.status, done.out) == (2, "")
    assert done.err == "eva systems: the report has no system `Servicekonto NRW`; `Servicekonto.NRW`?\n"


def test_the_page_is_written_from_the_file() -> None:
    page = (ROOT / "docs" / "reference" / "systems.md").read_text(encoding="utf-8")
    assert page == render(SYSTEMS)
    assert all(f"| {one.name} |" in page for one in SYSTEMS)
