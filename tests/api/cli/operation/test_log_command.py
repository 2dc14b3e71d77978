"""`eva log` and `eva diagram` from outside: what they say, how they end, and that a planted fault is found."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanning.catalogue import MACHINES
from tests.german import find_english

ROOT = Path(__file__).parents[4]
HISTORIES = sorted((ROOT / "tests" / "histories").glob("*.jsonl"))
EXPORT = ROOT / "tests" / "histories" / "0.1.0-api.jsonl"
LINES = EXPORT.read_text(encoding="utf-8").splitlines()
LAST = json.loads(LINES[-1])


@pytest.fixture
def log(eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`eva log` on a database of its own."""
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    return lambda *arguments: eva("log", *arguments)


@pytest.fixture
def filled(log: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with a recorded history in it."""
    assert log("restore", EXPORT).status == 0
    return log


def sql(tmp_path, statement):
    connection = sqlite3.connect(tmp_path / "eva.db")
    with connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


def said(done):
    """The one line on stderr."""
    (line,) = done.err.splitlines()
    return line


def written(tmp_path, lines):
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_whole_log_verifies_and_tells_its_head(filled: Callable[..., Any]) -> None:
    done = filled("verify")
    assert (done.status, done.out) == (0, f"ok: {len(LINES)} events, head {LAST['hash']}\n")
    assert done.err.startswith("not checked here: views, timers, subscribers, schema (eva views check)")
    assert filled("head").out == f"{len(LINES)} {LAST['hash']}\n"
    assert json.loads(filled("head", "--json").out) == {"position": len(LINES), "hash": LAST["hash"]}
    assert json.loads(filled("verify", "--json").out) == {
        "ok": True, "position": len(LINES), "hash": LAST["hash"],
        "not_checked": ["views", "timers", "subscribers", "schema"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE events SET payload = replace(payload, 'petra', 'peter') WHERE position = 10", 10),
        ("UPDATE events SET actor = 'peter' WHERE position = 7", 7),
        ("UPDATE events SET payload = NULL, salt = NULL WHERE position = 12", 12),
        ("DELETE FROM events WHERE position = 20", 20),
    ],
)
def test_a_planted_change_is_named_by_its_position(
    filled: Callable[..., Any], tmp_path: Path, statement: str, position: int
) -> None:
    sql(tmp_path, statement)
    done = filled("verify")
    assert (done.status, done.out) == (1, "")
    assert said(done).startswith(f"eva log verify: position {position}: ")
    done = filled("verify", "--json")
    assert done.status == 1
    assert json.loads(done.out)["first_bad_position"] == position


def test_a_tail_cut_off_shows_only_against_a_head_kept_elsewhere(filled: Callable[..., Any], tmp_path: Path) -> None:
    assert filled("verify", "--head", LAST["hash"]).status == 0
    sql(tmp_path, f"DELETE FROM events WHERE position > {len(LINES) - 3}")
    assert filled("verify").status == 0
    done = filled("verify", "--head", LAST["hash"])
    assert (done.status, done.out) == (1, "")
    assert said(done).startswith(
        f"eva log verify: position {len(LINES) - 2}: the head kept elsewhere is not in this log"
    )
    assert filled("verify", "--head", json.loads(LINES[4])["hash"]).status == 0


@pytest.mark.parametrize("path", HISTORIES, ids=lambda p: p.stem)
def test_export_and_restore_give_the_same_log(log: Callable[..., Any], tmp_path: Path, path: Path) -> None:
    assert log("restore", path).status == 0
    out = tmp_path / "export.jsonl"
    done = log("export", "--out", out)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert out.read_bytes() == path.read_bytes()
    assert log("export").out.encode() == path.read_bytes()
    other = f"sqlite:///{tmp_path}/other.db"
    restored = log("restore", out, "--database", other)
    assert (restored.status, restored.out) == (0, log("verify").out)
    assert log("head", "--database", other) == log("head")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.usefixtures("filled")
def test_an_export_is_utf_8_whatever_the_terminal_speaks() -> None:
    assert any(not line.isascii() for line in LINES)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "api.cli.main", "log", "export"]
    done = subprocess.run(command, capture_output=True, env=environment, cwd=ROOT, check=True)
    assert done.stdout == EXPORT.read_bytes()


@pytest.mark.usefixtures("filled")
def test_a_reader_who_goes_away_is_no_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "api.cli.main", "log", "export"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_database_with_events_is_not_restored_into(filled: Callable[..., Any]) -> None:
    before = filled("head").out
    done = filled("restore", EXPORT)
    assert (done.status, done.out) == (2, "")
    assert "the log is not empty; restore into a new database" in said(done)
    assert filled("head").out == before


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        ('{"position": 5,, }', 16, "Expecting property name enclosed in double quotes"),
        ("", 1, "Expecting value"),
        ("[]", 1, "an object with the fields of an event is expected"),
        ('{"position": 5}', 1, "an object with the fields of an event is expected"),
        ("[" * 100_000, 1, "nested too deep"),
        (json.dumps({**json.loads(LINES[4]), "version": "1"}), 1, "version must be a whole number"),
        (json.dumps({**json.loads(LINES[4]), "version": 2**63}), 1, "version is too large"),
        (json.dumps({**json.loads(LINES[4]), "actor": None}), 1, "actor must be a text"),
        (json.dumps({**json.loads(LINES[4]), "actor": "\ud800"}), 1, "not UTF-8"),
    ],
    ids=["comma", "empty", "list", "few", "deep", "text", "large", "null", "surrogate"],
)
def test_a_broken_line_is_told_with_its_place_and_nothing_is_written(
    log: Callable[..., Any], tmp_path: Path, line: str, column: int, why: str
) -> None:
    path = written(tmp_path, [*LINES[:4], line, *LINES[5:]])
    done = log("restore", path)
    assert (done.status, done.out) == (2, "")
    assert said(done).startswith(f"{path}:5:{column}: ")
    assert why in said(done)
    assert log("head").out == f"0 {'0' * 64}\n"
    assert log("restore", EXPORT).status == 0, "the same database takes the whole export"


def test_bytes_that_are_no_text_are_told_with_their_line(log: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(LINES[0].encode() + b'\n{"\xff": 1}\n')
    done = log("restore", path)
    assert done.status == 2
    assert said(done).startswith(f"{path}:2:1: not UTF-8")


@pytest.mark.parametrize(
    ("lines", "position"),
    [
        ([*LINES[:8], json.dumps({**json.loads(LINES[8]), "actor": "peter"}), *LINES[9:]], 9),
        ([*LINES[:5], *LINES[6:]], 6),
    ],
    ids=["changed", "missing"],
)
def test_an_export_that_does_not_verify_leaves_nothing(
    log: Callable[..., Any], tmp_path: Path, lines: list[str], position: int
) -> None:
    done = log("restore", written(tmp_path, lines))
    assert (done.status, done.out) == (1, "")
    assert f"position {position}: " in said(done)
    assert log("head").out == f"0 {'0' * 64}\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"position": 5,, }', "kein JSON"),
        ("[]", "erwartet wird ein Objekt mit den Feldern eines Ereignisses"),
        (json.dumps({**json.loads(LINES[4]), "version": "1"}), "version muss eine ganze Zahl sein"),
        (json.dumps({**json.loads(LINES[4]), "stream": "x"}), "eine Spalte wurde geändert, oder das Ereignis davor"),
    ],
    ids=["comma", "list", "text", "column"],
)
def test_what_is_wrong_is_told_in_german(
    eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, why: str
) -> None:
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    monkeypatch.setenv("EVA_LANG", "de")
    told = said(eva("log", "restore", written(tmp_path, [*LINES[:4], line, *LINES[5:]])))
    assert why in told
    assert find_english(told.partition(": ")[2]) == []


def test_an_event_of_a_later_release_leaves_nothing(log: Callable[..., Any], tmp_path: Path) -> None:
    from workflow.engine.store.hash_chain import GENESIS, Recorded, event_hash

    first = Recorded(**{**json.loads(LINES[0]), "type": "token.lent"})
    later = first._replace(hash=event_hash(GENESIS, first))
    done = log("restore", written(tmp_path, [json.dumps(later._asdict())]))
    assert (done.status, done.out) == (1, "")
    assert "unknown event type" in said(done)
    assert log("head").out == f"0 {'0' * 64}\n"


def test_what_is_not_there_is_told(log: Callable[..., Any], tmp_path: Path) -> None:
    for arguments in (("verify",), ("head",), ("export",), ("restore", tmp_path / "none.jsonl")):
        done = log(*arguments)
        assert (done.status, done.out) == (2, "")
        assert "there is no" in said(done)
    assert not (tmp_path / "eva.db").exists()
    (tmp_path / "eva.db").write_text("this is no database, but long enough to be taken for one\n" * 100)
    done = log("verify")
    assert done.status == 2
    assert said(done).startswith("eva: ")


def test_an_export_that_cannot_be_written_is_told(filled: Callable[..., Any], tmp_path: Path) -> None:
    done = filled("export", "--out", tmp_path / "none" / "export.jsonl")
    assert (done.status, done.out) == (2, "")
    assert said(done).startswith("eva: ")


@pytest.mark.parametrize("name", MACHINES)
def test_the_diagram_of_a_machine_has_every_state_and_step(eva: Callable[..., Any], name: str) -> None:
    done = eva("diagram", name)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("stateDiagram-v2\n")
    machine, lines = MACHINES[name], done.out.splitlines()
    assert f"    [*] --> {machine.initial}" in lines
    arrows = {line.strip().partition(":")[0] for line in lines}
    assert {f"{row.source} --> {row.target}" for row in machine.table if row.source != row.target} <= arrows
    assert {f"{state} --> [*]" for state in machine.ends} <= arrows
    assert all(state in done.out for state in machine.states)


def test_an_unknown_machine_is_told_with_those_that_there_are(eva: Callable[..., Any]) -> None:
    done = eva("diagram", "toaster")
    assert (done.status, done.out) == (2, "")
    assert "'toaster'" in said(done)
    assert all(name in said(done) for name in MACHINES)
    assert set(MACHINES) >= {"record", "routing-slip", "station", "mail-folder"}
