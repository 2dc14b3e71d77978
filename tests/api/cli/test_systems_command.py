"""`eva systems`: all 217 systems of the report, each with a command that works or a reason why there is none."""

import json
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli.systems.command import render_one
from api.cli.systems.page import render
from api.cli.systems.systems import System, find_systems, read_systems

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


@pytest.mark.parametrize("system", [one for one in WORKING if "--of" in str(one.command)], ids=lambda one: one.name)
def test_a_command_on_levers_shows_those_of_the_system_alone(system: System, eva: Callable[..., Any]) -> None:
    _, *words = shlex.split(str(system.command))
    listed = json.loads(eva(*words, "--json").out)
    assert 0 < len(listed) < 60
    assert all(words[-1].casefold() in (one["lever"] + one["name_de"] + one["name_en"]).casefold() for one in listed)
    assert eva(*words[:-1], "no such lever").err == "--of:1:1: no lever with `no such lever`\n"


def test_a_programme_is_checked_against_what_the_report_says_of_it(eva: Callable[..., Any]) -> None:
    told = eva("check", "programmes/efab.yaml").out.splitlines()
    assert told[0].endswith("ok, 5 authorities in 2 projects")
    assert told[1:] == [
        "  2021-08-31  Still in acceptance in August 2021: 0 (F158)",
        "  2021-12-31  Start after the summer break: 2 (F158)",
        "  2022-12-31  At most the five district governments: 5 (F158 F142)",
    ]


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
    assert "workflow feature (30)" in eva("systems").out
    monkeypatch.setenv("EVA_LANG", "de")
    assert "Teil der Vorgangsbearbeitung (30)" in eva("systems").out
    shown = eva("systems", "DOMEA").out
    assert "nicht abgebildet" in shown
    assert "Altsystem" in shown


@pytest.mark.parametrize("chosen", ["de", "en"])
def test_the_list_fits_a_terminal_of_80_columns_and_breaks_no_command(
    eva: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setenv("EVA_LANG", chosen)
    lines = eva("systems").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.strip() for line in lines} >= set(COMMANDS)


@pytest.mark.parametrize("chosen", ["de", "en"])
def test_each_by_its_name_says_what_it_is_and_where_or_why_not(monkeypatch: pytest.MonkeyPatch, chosen: str) -> None:
    monkeypatch.setenv("EVA_LANG", chosen)
    for system in SYSTEMS:
        shown = render_one(system, chosen)
        told, says = " ".join(shown.split()), system.what or system.why_not
        assert says, system.name
        for part in (system.name, says.get(chosen), system.report_lines, *system.places, system.command or ""):
            assert part in told, system.name
        assert max(map(len, shown.splitlines())) <= 80, system.name
        assert system in find_systems(system.name)


def test_my_nrw_as_a_planner_asks_for_it(eva: Callable[..., Any]) -> None:
    assert eva("systems", "my.NRW").out.splitlines() == [
        "my.NRW",
        "  personnel administration on SAP in more than 500 authorities; begun in",
        "  May 2019, in the area from 2022 (inferred)",
        "  report    lines 1039-1123",
        "  here as   adoption programme",
        "  lives in  scenarios/programmes/my-nrw.yaml",
        "  to see    eva check programmes/my-nrw.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Servicekonot", ["Servicekonto.NRW", "Servicekonto Postkorb"]),
        ("Soforthife", ["Soforthilfe NRW"]),
        ("my NRV", ["my.NRW"]),
    ],
)  # fmt: skip
def test_an_unknown_name_is_refused_with_near_ones(eva: Callable[..., Any], name: str, near: list[str]) -> None:
    done = eva("systems", name)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"eva systems: the report has no system `{name}`; near: ")
    assert all(f"`{one}`" in done.err for one in near)


def test_a_name_like_none_is_refused_with_where_all_stand(eva: Callable[..., Any], monkeypatch: Any) -> None:
    assert eva("systems", "xyz").err == "eva systems: the report has no system `xyz`; all: `eva systems`\n"
    monkeypatch.setenv("EVA_LANG", "de")
    assert eva("systems", "xyz").err == "eva systems: der Bericht hat kein System `xyz`; alle: `eva systems`\n"


def test_words_of_a_name_in_any_order(eva: Callable[..., Any]) -> None:
    assert eva("systems", "rheinland scanstelle").out.startswith("Scanstelle Rheinland\n")


def test_the_page_is_written_from_the_file() -> None:
    page = (ROOT / "docs" / "reference" / "systems.md").read_text(encoding="utf-8")
    assert page == render(SYSTEMS)
    assert all(f"| {one.name} |" in page for one in SYSTEMS)
