"""`eva views check` names every planted difference, `eva views rebuild` mends what follows from the log."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.application.catalogue import ALL
from scanning.batch_actions.batch import CreateBatch
from scanning.batches.values import NewItem
from tests.scanning.conftest import PEOPLE
from tests.workflow.conftest import Office
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import Recorded
from workflow.views.queries import Views

ROOT = Path(__file__).parents[4]
HISTORIES = sorted((ROOT / "tests" / "histories").glob("*.jsonl"))
TABLES = ("view_records", "view_words", "view_slips", "view_slip_counts", "view_inbox", "view_mail", "view_list")


@pytest.fixture
def views(eva: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`eva views` on a restored database of its own."""
    monkeypatch.setenv("EVA_DATABASE_URL", f"sqlite:///{tmp_path}/eva.db")
    return lambda *words: eva("views", *words)


def read_rows(history: Path) -> list[Recorded]:
    return [Recorded(**json.loads(line)) for line in history.read_text(encoding="utf-8").splitlines()]


def plant(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "eva.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def fill(url: str) -> None:
    """A log with a row in every view, and timers."""
    engine = Engine(url, catalogue=ALL)
    engine.restore(read_rows(ROOT / "tests" / "histories" / "0.1.0.jsonl"))
    engine.close()
    office = Office(url, catalogue=ALL)
    slip = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-20"})
    office.do("mueller", "start", slip)
    batch = CreateBatch(items=(NewItem(title="Antrag", sheets=1),))
    office.engine.handle(batch, PEOPLE["otto"], "scan-batch")
    Views(office.engine).catch_up()
    office.engine.close()


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: path.stem)
def test_what_was_restored_differs_in_nothing(
    views: Callable[..., Any], eva: Callable[..., Any], history: Path
) -> None:
    assert eva("log", "restore", history).status == 0
    done = views("check")
    assert (done.status, done.err) == (0, "")
    events = len(history.read_text(encoding="utf-8").splitlines())
    assert done.out == f"ok: views, timers and subscribers agree with a log of {events} events\n"


FORGED = {
    "a state": ("view_list", "UPDATE view_list SET state = 'forged'", "by the log"),
    "a title": ("view_records", "UPDATE view_records SET title = title || '!'", "title is"),
    "a number": ("view_slip_counts", "UPDATE view_slip_counts SET count = count + 1", "counted"),
    "a protection": ("view_mail", "UPDATE view_mail SET protection = protection + 1", "protection is"),
    "an inbox": ("view_inbox", "UPDATE view_inbox SET user = 'eve'", "user is 'eve'"),
    "a foreign row": ("view_words", "INSERT INTO view_words VALUES ('forged', 'record:none')", "no such row"),
    "a row before all": ("view_words", "INSERT INTO view_words VALUES ('forged', '')", "no such row"),
    "a row behind all": ("view_words", "INSERT INTO view_words VALUES ('forged', 'zzz')", "no such row"),
    "a timer put off": ("timers", "UPDATE timers SET at = '2999-01-01T00:00:00.000000Z'", "stands at 2999"),
    "a timer put off, as if refused": ("timers", "UPDATE timers SET at = '2999-01-01T00:00:00.000001Z', refused = 'x'",
                                       "stands at 2999"),
    "no timers": ("timers", "DELETE FROM timers", "is missing"),
    "a timer more": ("timers", "INSERT INTO timers VALUES ('record:x', 'k', '2999', NULL)", "asks for no such timer"),
    "a position": ("subscribers", "UPDATE subscribers SET position = 10000 WHERE name = 'views'", "log ends at"),
    "a subscriber": ("subscribers", "INSERT INTO subscribers VALUES ('eve', 0)", "no subscriber"),
}  # fmt: skip


@pytest.mark.parametrize(("where", "statement", "words"), FORGED.values(), ids=FORGED)
def test_a_forgery_is_named_and_mended(
    views: Callable[..., Any], tmp_path: Path, where: str, statement: str, words: str
) -> None:
    fill(os.environ["EVA_DATABASE_URL"])
    plant(tmp_path, statement)
    done = views("check")
    assert (done.status, done.err) == (1, "")
    assert done.out
    assert all(line.startswith(where) for line in done.out.splitlines()), done.out
    assert words in done.out
    told = json.loads(views("check", "--json").out)
    assert not told["ok"]
    assert {difference["where"] for difference in told["differences"]} == {where}
    assert views("rebuild").status == 0
    assert views("check").status == 0


@pytest.mark.parametrize("table", TABLES)
def test_an_emptied_view_is_told_row_by_row(views: Callable[..., Any], tmp_path: Path, table: str) -> None:
    fill(os.environ["EVA_DATABASE_URL"])
    with closing(sqlite3.connect(tmp_path / "eva.db")) as db:
        rows = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert rows
    plant(tmp_path, f"DELETE FROM {table}")
    lines = views("check").out.splitlines()
    assert len([line for line in lines if line.startswith(f"{table} ")]) == rows
    assert views("rebuild").status == 0


SCHEMA = {
    "a trigger": ("eve", "CREATE TRIGGER eve AFTER INSERT ON events BEGIN DELETE FROM timers; END", "on events"),
    "a view": ("eve", "CREATE VIEW eve AS SELECT * FROM events", "a view"),
    "a table": ("eve", "CREATE TABLE eve (x TEXT)", "a table that no release makes"),
    "an index": ("view_words", "CREATE UNIQUE INDEX eve ON view_words (word, stream)", "index eve"),
    "an index gone": ("timers", "DROP INDEX timers_by_time", "index timers_by_time"),
    "a column": ("timers", "ALTER TABLE timers ADD COLUMN eve TEXT", "column eve"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "statement", "words"), SCHEMA.values(), ids=SCHEMA)
def test_what_no_release_makes_is_named_and_left_to_the_operator(
    views: Callable[..., Any], tmp_path: Path, name: str, statement: str, words: str
) -> None:
    fill(os.environ["EVA_DATABASE_URL"])
    plant(tmp_path, statement)
    done = views("check")
    assert done.status == 1
    assert done.out.startswith(f"schema {name}: ")
    assert words in done.out
    if name == "eve":
        assert views("rebuild").status == 1  # a rebuild drops nothing that somebody else has made


def test_a_table_that_is_gone_is_named_not_run_into(views: Callable[..., Any], tmp_path: Path) -> None:
    fill(os.environ["EVA_DATABASE_URL"])
    plant(tmp_path, "DROP TABLE view_words")
    done = views("check")
    assert (done.status, done.out) == (1, "schema view_words: the table is missing\n")


def test_differences_are_told_in_german_too(
    views: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(os.environ["EVA_DATABASE_URL"])
    plant(tmp_path, "UPDATE view_slip_counts SET count = count + 1", "DELETE FROM view_words",
          "CREATE TABLE eve (x TEXT)", "UPDATE view_list SET state = 'forged'",
          "CREATE VIEW adam AS SELECT 1")  # fmt: skip
    monkeypatch.setenv("EVA_LANG", "de")
    told = views("check").out
    for words in (" gezählt\n", ": die Zeile fehlt\n", "eve: eine Tabelle, von keiner Version angelegt\n",
                  "state ist 'forged', nach dem Protokoll '",
                  "adam: eine Sicht, von keiner Version angelegt\n"):  # fmt: skip
        assert words in told
    (first, *_) = json.loads(views("check", "--json").out)["differences"]
    assert first["what_de"] != first["what"]


def test_the_same_on_postgresql(eva: Callable[..., Any], postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVA_DATABASE_URL", postgresql)
    fill(os.environ["EVA_DATABASE_URL"])
    assert eva("views", "check").status == 0
    with psycopg.connect(postgresql) as db:
        db.execute("UPDATE view_list SET state = 'forged'")
        db.execute("DELETE FROM timers")
        db.execute("CREATE FUNCTION eve() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        db.execute("CREATE TRIGGER eve BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION eve()")
        db.execute("CREATE RULE eve AS ON DELETE TO timers DO INSTEAD NOTHING")
        db.execute("CREATE VIEW eve AS SELECT 1")
    done = eva("views", "check")
    assert done.status == 1
    kinds = {line.partition(" ")[0] for line in done.out.splitlines()}
    assert kinds == {"schema", "view_list", "timers"}
    assert {"a rule on timers that no release makes", "a trigger on events that no release makes",
            "a view that no release makes"} <= {line.partition(": ")[2] for line in done.out.splitlines()}  # fmt: skip
    with psycopg.connect(postgresql) as db:
        db.execute("DROP TRIGGER eve ON events")
        db.execute("DROP RULE eve ON timers")
        db.execute("DROP VIEW eve")
    assert eva("views", "rebuild").status == 0


def test_there_must_be_a_database(views: Callable[..., Any], tmp_path: Path) -> None:
    for word in ("check", "rebuild"):
        assert views(word).status == 2
    assert not (tmp_path / "eva.db").exists()
