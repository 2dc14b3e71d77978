"""Whatever is asked of the commands on scenarios and logs: it is done, or every fault is told in a line with its place,
the exit status is 2, and nothing is written.

Found by chance, not by thinking: hypothesis spoils options, changes, lists of changes, cost files and logs. Nothing is
computed here: a question that gets as far as its workers counts as understood.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.cli.main import main
from simulation import workers
from tests.conftest import SMALL, Done

PLACED = re.compile(r"([^\n]+:\d+:\d+|--set [^\n]*): \S.*")
"""`FILE:LINE:COLUMN: what is wrong`, or the change that is wrong."""
ABSURD = [
    "nan",
    "x",
    "-1",
    "\x00",
    "inf",
    "",
    "9" * 30,
    "ä",
    "0",
    "--",
    "a" * 300,
    "1e308",
    "0x10",
    "5.5",
    "١",
    "../..",
]
EACH = 4
"""Every option is tried with each so-many-th of these, the next with those after."""
ASKED: dict[str, list[str]] = {
    "forecast": ["small/small.yaml"],
    "compare": ["small/small.yaml", "--set", "rollout.teams+=1", "--scan-replications", "0"],
    "capacity": ["small/small.yaml", "--centre", "centre", "--within", "24", "--share", "90%"],
    "sensitivity": ["small/small.yaml"],
    "reach": ["small/small.yaml", "--deadline", "all-2022", "--probability", "80%"],
    "levers": ["small/small.yaml"],
    "check": ["small/small.yaml"],
    "fit": ["log.csv"],
    "casework": ["office.yaml"],
}
OPTIONS = {
    "forecast": ["--changes", "--engine", "--mode", "--out", "--replications", "--scan-replications", "--seed", "--set",
                 "--until-error", "--workers"],
    "compare": ["--outcome", "--until-sure", "--replications", "--out", "--set", "--changes"],
    "capacity": ["--centre", "--confidence", "--share", "--within", "--year", "--out"],
    "sensitivity": ["--few", "--outcome", "--samples", "--trajectories", "--out"],
    "reach": ["--budget", "--cost", "--deadline", "--levers", "--probability", "--out"],
    "levers": ["--set"],
    "check": [],
    "fit": ["--from", "--out"],
    "casework": ["--authority", "--days", "--log", "--out", "--relieve", "--replications", "--seed", "--workers"],
}  # fmt: skip
LOG = "case,activity,timestamp,resource\n" + "".join(
    f"{case},{activity},2021-03-0{case}T{hour}:00:00+01:00,{who}\n"
    for case in range(1, 6)
    for activity, hour, who in (("co_sign", "09", "anna"), ("final_sign", "10", "bert"))
)


OFFICE = "kind: casework\nextends: casework/small-office.yaml\nname: office\n"


class UnderstoodError(BaseException):
    """The question has come to its workers."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the small scenario and a log; no worker ever begins."""

    @contextmanager
    def refuse(_workers: int, _prepare: object) -> Iterator[workers.Workers]:
        raise UnderstoodError
        yield

    monkeypatch.setattr(workers, "ENGINES", dict.fromkeys(workers.ENGINES, refuse))
    monkeypatch.setenv("EVA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("EVA_LANG", "en")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SMALL, tmp_path / "small")
    (tmp_path / "office.yaml").write_text(OFFICE, encoding="utf-8")
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    return tmp_path


spoiling = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def ask(folder: Path, capsys: pytest.CaptureFixture[str], *words: object) -> Done:
    """Run `eva`, and hold what it did against what every command promises."""
    before = list_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["eva", *map(str, words)])
        with pytest.raises((SystemExit, UnderstoodError)) as left:
            main()
    out, err = capsys.readouterr()
    status = int(left.value.code or 0) if isinstance(left.value, SystemExit) else 0
    lines = [line for line in err.splitlines() if not line.startswith("warning: ")]
    assert status in {0, 2}, err
    if status == 2:
        assert out == ""
        assert lines
        assert [line for line in lines if not PLACED.fullmatch(line)] == []
        assert list_files(folder) == before
    return Done(status, out, err)


def list_files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*") if "cache" not in path.parts)


@pytest.mark.parametrize("command", ASKED)
def test_what_is_in_order_is_understood(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert ask(folder, capsys, command, *ASKED[command]).status == 0


TRIED = [(one, option) for one, of in OPTIONS.items() for option in of]


@pytest.mark.parametrize("number", range(len(TRIED)), ids=lambda number: "".join(TRIED[number]))
def test_any_value_of_any_option(folder: Path, capsys: pytest.CaptureFixture[str], number: int) -> None:
    command, option = TRIED[number]
    for value in ABSURD[number % EACH :: EACH]:
        done = ask(folder, capsys, command, *ASKED[command], option, value)
        if done.status == 2 and option not in {"--changes", "--cost", "--from", "--set"}:
            assert done.err.startswith(f"{option}:1:1: "), "the option is the place"
        for written in ("out", "fitted.yaml"):
            shutil.rmtree(folder / written, ignore_errors=True)


@pytest.mark.parametrize("command", ASKED)
@pytest.mark.parametrize("path", ["none.yaml", "small", "", "\x00", "a" * 300, "/dev/null", "file/x", "file"])
def test_any_path_in_place_of_the_input(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, path: str
) -> None:
    assert ask(folder, capsys, command, path, *ASKED[command][1:]).status == 2


@pytest.mark.parametrize("command", [one for one, of in OPTIONS.items() if "--out" in of])
@pytest.mark.parametrize("path", ["file/x/y", "\x00", "a" * 300])
def test_a_place_that_cannot_be_written_is_told_first(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, path: str
) -> None:
    done = ask(folder, capsys, command, *ASKED[command], "--out", path)
    assert (done.status, done.err.startswith("--out:1:1: ")) == (2, True)
    assert (folder / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("path", ["file", "file/x", "small", "\x00", "a" * 300, "none/log.db"])
def test_a_log_that_cannot_be_begun_is_told_first(folder: Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    done = ask(folder, capsys, "casework", *ASKED["casework"], "--log", path)
    assert (done.status, done.err.startswith("--log:1:1: ")) == (2, True)
    assert (folder / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("authority", ["", "Amt", "a b", "ä", "\x00", "a" * 300])
def test_an_authority_has_an_id_as_in_scenarios(
    folder: Path, capsys: pytest.CaptureFixture[str], authority: str
) -> None:
    done = ask(folder, capsys, "casework", *ASKED["casework"], "--authority", authority)
    assert (done.status, done.err.startswith("--authority:1:1: ")) == (2, True)


@pytest.mark.parametrize("words", [["--nope"], ["--set"], ["--replications", "x"]])
@pytest.mark.parametrize("command", ["forecast", "compare"])
def test_an_option_that_is_none_is_its_own_place(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, words: list[str]
) -> None:
    done = ask(folder, capsys, command, "small/small.yaml", *words)
    assert (done.status, done.err.startswith(f"{words[0]}:1:1: ")) == (2, True)


AMOUNTS = ["0", "1", "-1", "2.5", "1e99", "nan", "", "x", "9" * 12, "2022-02-30", "2022-06-01", "9999-12-31",
           "3 months", "600 months", "9999 days", "07:00-15:00", "25:00-26:00", "07:00-07:00", "high",
           "centre", "1,5", "½"]  # fmt: skip
PERIODS = ["", "@2022-01-01", "@2021-01-01", "@2022-13", "@2022-05..2022-03", "@..2022", "@9999-12", "@", "@@",
           "@2022-01-01..", "@0001-01-01", "@2033-01"]  # fmt: skip
LEVERS = ["rollout.teams", "rollout.trainers", "rollout.slots", "mail.items_per_user_day",
          "scan.centre.opens", "scan.centre.check.shifts", "scan.centre.prepare", "project.two.start",
          "authority.ministry.protection",
          "authority.ministry.scan_centre", "rollout.temas", "", "a" * 400]  # fmt: skip
CHANGES = st.builds("".join, st.tuples(*map(st.sampled_from, (LEVERS, ["=", "+=", "-=", "*="], AMOUNTS, PERIODS))))


@given(CHANGES | st.text(max_size=30))
@spoiling
def test_any_change(folder: Path, capsys: pytest.CaptureFixture[str], change: str) -> None:
    ask(folder, capsys, "levers", *ASKED["levers"], f"--set={change}")


CELLS = st.sampled_from([*LEVERS, *AMOUNTS, "2022-01", '"', ";", "\t"])


@given(st.lists(CELLS, min_size=4, max_size=7), st.sampled_from(["lever,from,until,by,factor,to", "lever,to", "x", ""]))
@spoiling
def test_any_list_of_changes(folder: Path, capsys: pytest.CaptureFixture[str], cells: list[str], heading: str) -> None:
    (folder / "list.csv").write_text(f"{heading}\n{','.join(cells)}\n", encoding="utf-8")
    ask(folder, capsys, "compare", *ASKED["compare"], "--changes", "list.csv")


STEPS = st.sampled_from([None, True, -1, 0, 1, 1e300, 1e-300, "", "x", "nan", [], {}, "+3 months", "-9999 days", 201])
COST = st.fixed_dictionaries(
    {"step": STEPS, "most": STEPS | st.just(2), "cost": STEPS},
    optional={"from": st.sampled_from([None, "2022-01-01", "2021-01-01", "9999-12-31", "2021-02-30", 5])},
)


@given(st.dictionaries(st.sampled_from(LEVERS), COST | STEPS, max_size=3), STEPS)
@example({"rollout.teams": {"step": 1, "most": 2, "cost": 1}}, "Euro")
@spoiling
def test_any_cost_file(folder: Path, capsys: pytest.CaptureFixture[str], levers: dict[str, Any], unit: Any) -> None:
    content = {"kind": "costs", "unit": {"de": unit, "en": "euros"}, "levers": levers}
    (folder / "costs.yaml").write_text(json.dumps(content), encoding="utf-8")
    ask(folder, capsys, "reach", *ASKED["reach"], "--cost", "costs.yaml")


JSON_LOG = {
    "objects": [{"id": "o", "type": "slip", "attributes": [{"name": "kind", "value": "x"}]},
                {"id": "p", "type": "person"}],
    "events": [
        {"id": "e", "type": "signed", "time": "2021-03-01T09:00:00+01:00",
         "attributes": [{"name": "result", "value": "ok"}], "relationships": [{"objectId": "o", "qualifier": "slip"},
                                                                             {"objectId": "p", "qualifier": "actor"}]},
    ],
}  # fmt: skip
XES_LOG = (
    '<log><trace><string key="concept:name" value="a"/><event><string key="concept:name" value="sign"/>'
    '<date key="time:timestamp" value="2021-03-01T09:00:00+01:00"/></event></trace></log>'
)
ODD = [None, True, -1, 1e300, "", "x", "nan", [], {}, [[]], "\x00", "2021-02-30", "0001-01-01T00:00:00+23:00"]


def list_places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inner for found in [(*path, key), *list_places(value, (*path, key))]]


@given(st.sampled_from(list_places(JSON_LOG)), st.sampled_from(ODD))
@example(("events", 0, "id"), "all on the first of a month")
@example(("events", 0, "type"), 1.5)
@example(("events", 0, "time"), "0001-01-01T00:00:00+23:00")
@spoiling
def test_any_value_in_a_log_of_objects(
    folder: Path, capsys: pytest.CaptureFixture[str], path: tuple[Any, ...], value: Any
) -> None:
    content = json.loads(json.dumps(JSON_LOG))
    inner = content
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    (folder / "log.json").write_text(json.dumps(content), encoding="utf-8")
    ask(folder, capsys, "fit", "log.json")


@given(
    st.sampled_from([LOG, json.dumps(JSON_LOG), XES_LOG]),
    st.integers(0, 300),
    st.integers(0, 30),
    st.binary(max_size=4),
)
@example('{"objects":' + "[" * 100_000, 0, 0, b"")
@example(f'case,activity,timestamp\n"{"x" * 200_000}",a,2021-01-01\n', 0, 0, b"")
@example("case,activity,timestamp\na,b,9999-12-31T23:59:59-23:00\n", 0, 0, b"")
@spoiling
def test_a_log_cut_or_overwritten_anywhere(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, begin: int, count: int, noise: bytes
) -> None:
    data = bytearray(text.encode("utf-8"))
    data[begin : begin + count] = noise
    (folder / "log").write_bytes(data)
    ask(folder, capsys, "fit", "log")


NO_EVENT = [b'{"payload_digest": 1}', b'{"payload_digest": "", "stream": 5}', b"[1]", b"\xff", b""]


@pytest.mark.parametrize("line", NO_EVENT)
def test_lines_that_are_no_events_of_the_log(folder: Path, capsys: pytest.CaptureFixture[str], line: bytes) -> None:
    (folder / "log").write_bytes(line)
    assert ask(folder, capsys, "fit", "log").status == 2


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["levers", "one", "two"], "eva levers"),
        (["token", "create", "--nope"], "--nope"),
        (["fit"], "LOG"),
        (["none"], "eva"),
    ],
)
def test_what_is_no_option_has_its_argument_or_command_as_place(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], place: str
) -> None:
    assert ask(folder, capsys, *words).err.startswith(f"{place}:1:1: ")
