"""With German chosen, every fault that a planner or tester can meet is told in German: of options, scenarios, lists,
changes, cost files, event logs and replay files.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli.main import main
from api.replay.file.check import load_checked
from simulation.event_logs.read import read_event_log
from simulation.inputs.faults import UnusableInput
from simulation.levers.load import load
from simulation.loading.load_casework import load_casework
from tests.api.replay.conftest import HEAD
from tests.api.replay.test_format import BODIES, FAULTS, SLIP, steps
from tests.conftest import SMALL, Done
from tests.german import find_english
from tests.simulation.scenario.test_check_a_scenario import SPOILT, Spoilt, spoil


def read_german(read: Callable[[Path], object], path: Path) -> list[str]:
    """The faults of a file in German, without its name."""
    with pytest.raises(UnusableInput) as unusable:
        read(path)
    return [fault.tell("de").removeprefix(f"{path}:") for fault in unusable.value.faults]


def list_english(lines: list[str]) -> list[str]:
    return [line for line in lines if find_english(line)]


@pytest.mark.parametrize("case", SPOILT, ids=lambda case: ascii(f"{case.new[:30]} {case.says}"))
def test_every_fault_of_a_scenario_and_its_lists(small: Path, case: Spoilt) -> None:
    spoil(small, case)
    assert list_english(read_german(load, small)) == []


@pytest.mark.parametrize("step", [one for one, _ in FAULTS] + [f"{{{SLIP % one}}}" for one, _ in BODIES])
def test_every_fault_of_a_replay_file(tmp_path: Path, step: str) -> None:
    path = tmp_path / "probe.yaml"
    path.write_text(HEAD + steps(step), encoding="utf-8")
    assert list_english(read_german(load_checked, path)) == []


CHANGES = [
    "{lever: rollout.temas, by: 1}", "{lever: rollout.teams, by: -9}", "{lever: rollout.teams, by: 1, from: 2050-01}",
    "{lever: scan.centre.opens, to: 2021-01-04}", "{lever: scan.centre.prepare, by: 1, until: 2020-05}",
    "{project: p-pilot, start: +1 month}", "{project: p-region, start: +99 months}", "{lever: rollout.teams}",
    "{authorities: finance, scan_from: 2022-01-01}", "{authority: police, scan_centre: nowhere}",
    "{authority: police, scan_centre: centre}", "{lever: risks.rework, factor: 2, from: 2022-01}",
    "{lever: scan.centre.check.shifts, to: 07:00-07:00}", "{lever: rollout.teams, to: 0}", "{by: 1}",
    "{lever: rollout.teams, to: 2022-01-01}", "{lever: scan.centre.opens, factor: 2}", "{project: p-pilot, start: x}",
    "{lever: scan.centre.opens, by: 9999 days}", "{lever: adoption.half_weeks, to: 90}", "7", "[]",
    "{lever: scan.items.pages_mean, to: 1}", "{authority: police, scan_from: 2021-01-01}",
]  # fmt: skip


@pytest.mark.parametrize("entry", CHANGES)
def test_every_fault_of_a_change(small: Path, entry: str) -> None:
    path = small.with_name("what-if.yaml")
    path.write_text(f"kind: rollout\nextends: small.yaml\nchanges: [{entry}]\n", encoding="utf-8")
    assert list_english(read_german(load, path)) == []


OFFICE = [
    "staff: {total: {value: 21, basis: assumed, source: none, low: 21, high: 21}}", "timer_minutes: 0", "kind: rollout",
    "work: {kinds: []}", "horizon: {start: 2020-01-01, end: 2029-12-31}", "extends: nowhere.yaml", "chanel: digital",
    "staff: {units: [{id: a, parent: b}]}", "hours: {opens: 12}",
]  # fmt: skip


@pytest.mark.parametrize("line", OFFICE)
def test_every_fault_of_an_office(tmp_path: Path, line: str) -> None:
    path = tmp_path / "office.yaml"
    given = {"kind": "kind: casework", "extends": "extends: casework/small-office.yaml", "name": "name: office"}
    key = line.partition(":")[0]
    path.write_text("\n".join(({**given, key: line}).values()) + "\n", encoding="utf-8")
    assert list_english(read_german(load_casework, path)) == []


LOGS = ["", "a,b\n1,2\n", "case,activity,timestamp\n1,,\n", '"a', "<log>", "<log><trace><event/></trace></log>",
        "<log/>",
        "{", '{"objects": 1, "events": []}', '{"objects": [], "events": [{"id": "e"}]}', '{"payload_digest": 1}',
        "case,activity,timestamp\n"]  # fmt: skip


@pytest.mark.parametrize("text", LOGS)
def test_every_fault_of_an_event_log(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log"
    path.write_text(text, encoding="utf-8")
    assert list_english(read_german(read_event_log, path)) == []


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `eva` in German in a folder with the small scenario, a log of nothing and a spoilt cost file."""
    monkeypatch.setenv("EVA_LANG", "de")
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SMALL, tmp_path / "small")
    (tmp_path / "datei").write_text("mine", encoding="utf-8")
    times = "".join(f"{n},sign,yesterday,anna\n" for n in range(3))
    (tmp_path / "log.csv").write_text(f"case,activity,timestamp,resource\n{times}", encoding="utf-8")
    levers = "rollout.temas: {step: 1, most: 1, cost: -1}, rollout.teams: {most: 999, cost: x, colour: red}"
    (tmp_path / "costs.yaml").write_text(f"kind: costs\nunit: {{de: Euro}}\nlevers: {{{levers}}}\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("lever;from;until;by;factor;to\nrollout.teams;;;1.000;;\n", encoding="utf-8")

    def run(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["eva", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return run


ASKED = [
    "forecast --nope", "forecast --set", "forecast --replications x", "forecast --replications 0",
    "forecast --quiet=3", "forecast --engine foo", "forecast small/small.yaml --out datei/x", "forecast nowhere.yaml",
    "levers one two", "fit", "forecast small/small.yaml --until-error x",
    "forecast small/small.yaml --changes list.csv", "fit log.csv", "forecast small/small.yaml small/small.yaml",
    "none", "token", "token creat", "token create --user x --role y",
    "reach small/small.yaml --deadline all-2022 --probability 80% --cost costs.yaml", "levers --of nowhere",
    "reach small/small.yaml --deadline all-2022 --probability 80% --levers scan.centre.opens",
    "reach small/small.yaml --deadline nope --probability 80%", "compare small/small.yaml",
    "compare small/small.yaml --set rollout.teams+=1 --outcome luck", "sensitivity small/small.yaml --samples 3",
    "capacity small/small.yaml --centre x --within 24 --share 90%", "casework small/small.yaml", "check small",
    "capacity small/small.yaml --centre centre --within 24 --share x",
    "casework casework/small-office.yaml --relieve x", "casework casework/small-office.yaml --log datei",
    "casework casework/small-office.yaml --authority Ä", "replay", "replay small", "replay datei --sandbox x",
    "replay datei --min-coverage 200", "levers small/small.yaml --set=x",
    "levers small/small.yaml --set=scan.centre.check.shifts=1", "check datei", "replay import-bpmn datei --start x",
    "replay record --url x --token x --sandbox x --out datei", "separators --batch ä", "diagram nothing",
    "forecast small/small.yaml --together --mode plan", "casework casework/small-office.yaml --out datei",
]  # fmt: skip


@pytest.mark.parametrize("words", ASKED)
def test_every_fault_of_a_command(german: Callable[..., Done], words: str) -> None:
    done = german(*words.split())
    assert (done.status, done.out) == (2, "")
    assert list_english(done.err.splitlines()) == []
