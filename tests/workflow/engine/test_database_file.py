"""A database file that was moved, removed or replaced takes nothing more; on a read-only disk it can be read."""

import contextlib
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.engine.small import ANNA, SMALL, Add
from workflow.engine.engine import Engine
from workflow.engine.store import database_file
from workflow.engine.store.log import Log
from workflow.errors import StoreReplaced, StoreUnavailable


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=SMALL)
    add(made, 3)
    yield made
    made.close()


def add(engine: Engine, times: int = 1) -> None:
    for _ in range(times):
        engine.handle(Add(), ANNA, "counter:a")


def count(path: Path) -> int:
    log = Log(f"sqlite:///{path}", read_only=True)
    try:
        return log.verify().position
    finally:
        log.close()


@pytest.mark.parametrize("how", ["moved", "removed", "folder moved", "replaced by a copy", "replaced by nothing"])
def test_a_file_that_is_gone_takes_nothing_more(engine: Engine, tmp_path: Path, how: str) -> None:
    path, away = tmp_path / "eva.db", tmp_path / "away.db"
    if how == "folder moved":
        tmp_path.rename(tmp_path.with_name("other"))
    elif how == "removed":
        path.unlink()
    else:
        path.rename(away)
    if how == "replaced by a copy":
        shutil.copy(away, path)
    elif how == "replaced by nothing":
        path.touch()
    for _ in range(3):
        with pytest.raises(StoreReplaced):
            add(engine)
    with pytest.raises(StoreReplaced):
        engine.log.check_writable()
    if how == "folder moved":
        tmp_path.with_name("other").rename(tmp_path)
    if how in {"moved", "removed"}:
        assert not path.exists()  # nothing began there anew
    if how == "moved":
        away.rename(path)
        add(engine)
        assert engine.log.verify().position == 4


def store_away(path: Path) -> None:
    """Move what lies in the write-ahead log into the file, as SQLite does now and then by itself."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("by", ["another log", "an older copy", "what is no database"])
def test_a_file_that_was_written_over_takes_nothing_more(engine: Engine, tmp_path: Path, by: str) -> None:
    path, other = tmp_path / "eva.db", tmp_path / "other.db"
    store_away(path)
    add(engine)
    if by == "another log":
        another = Engine(f"sqlite:///{other}", catalogue=SMALL)
        add(another, 20)
        another.close()
    elif by == "an older copy":
        shutil.copy(path, other)
    else:
        other.write_text("nothing of the kind" * 1000)
    add(engine, 3)
    store_away(path)
    add(engine, 3)
    path.write_bytes(other.read_bytes())
    for _ in range(3):
        with pytest.raises(StoreReplaced):
            add(engine)


def test_a_file_that_was_written_over_before_the_first_commit_takes_nothing(engine: Engine, tmp_path: Path) -> None:
    path, older = tmp_path / "eva.db", tmp_path / "older.db"
    store_away(path)
    shutil.copy(path, older)
    add(engine, 2)
    engine.close()
    store_away(path)
    opened = Engine(f"sqlite:///{path}", catalogue=SMALL)
    path.write_bytes(older.read_bytes())
    with pytest.raises(StoreReplaced, match="written over"):
        opened.handle(Add(), ANNA, "counter:b")
    opened.close()


def test_a_file_that_cannot_be_read_for_a_moment_was_not_written_over(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many open files, for example: the database tells that itself, and nobody is sent to the backup."""
    file = engine.log._database.file
    assert file is not None
    for _ in range(2):
        store_away(tmp_path / "eva.db")
        add(engine)

    def fail(_: str) -> sqlite3.Connection:
        raised = sqlite3.OperationalError("unable to open database file")
        raised.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise raised

    store_away(tmp_path / "eva.db")
    monkeypatch.setattr(file, "_open", fail)
    file.check_content()


def test_a_file_into_which_commits_are_moved_goes_on(engine: Engine, tmp_path: Path) -> None:
    for number in range(4, 12):
        store_away(tmp_path / "eva.db")
        add(engine)
        assert engine.log.head().position == number


def test_a_reader_that_holds_an_older_state_stops_nobody(engine: Engine, tmp_path: Path) -> None:
    """Meanwhile only some pages are moved into the file: those that have not changed since that state."""
    engine.log.writer._raw().execute("PRAGMA wal_autocheckpoint=10")
    for _ in range(20):
        add(engine, 3)
        with engine.log._database.snapshot() as state:
            state.exec_driver_sql("SELECT count(*) FROM events").fetchone()
            for number in range(12):
                engine.handle(Add(), ANNA, f"counter:{number}")
    store_away(tmp_path / "eva.db")
    add(engine)
    assert engine.log.verify().position == engine.log.head().position


def test_a_copy_of_any_earlier_state_of_the_file_is_told(engine: Engine, tmp_path: Path) -> None:
    path, copies = tmp_path / "eva.db", []
    for _ in range(5):
        copies.append(path.read_bytes())
        add(engine)
        store_away(path)
        add(engine)
    for earlier in copies:
        now = path.read_bytes()
        path.write_bytes(earlier)
        with pytest.raises(StoreReplaced, match="written over"):
            add(engine)
        path.write_bytes(now)
        add(engine)  # put back, it goes on


def test_a_file_that_others_opened_in_between_has_another_number(engine: Engine, tmp_path: Path) -> None:
    """The last connection to close moves commits into the file, and nobody is left to count."""
    path = tmp_path / "eva.db"
    engine.close()
    copy = path.read_bytes()
    for _ in range(2):
        again = Engine(f"sqlite:///{path}", catalogue=SMALL)
        add(again, 2)
        again.close()
    last = Engine(f"sqlite:///{path}", catalogue=SMALL)
    path.write_bytes(copy)
    with pytest.raises(StoreReplaced, match="written over"):
        add(last)
    last.close()


def test_a_copy_from_before_the_start_is_told_though_a_reader_held_back(engine: Engine, tmp_path: Path) -> None:
    """Then the number of the start could not be moved into the file at once."""
    path = tmp_path / "eva.db"
    add(engine)
    with engine.log._database.snapshot() as state:
        state.exec_driver_sql("SELECT count(*) FROM events").fetchone()
        copy = path.read_bytes()
        add(engine)
        started = Engine(f"sqlite:///{path}", catalogue=SMALL)
    add(started)
    path.write_bytes(copy)
    with pytest.raises(StoreReplaced, match="written over"):
        add(started)
    started.close()


def test_two_that_count_at_once_are_never_taken_for_a_copy(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "eva.db"
    other = Engine(f"sqlite:///{path}", catalogue=SMALL)
    read = database_file._get_number
    wrong: list[Exception] = []

    def count_often() -> None:
        try:
            for _ in range(3):
                store_away(path)
                add(other)
        except (StoreReplaced, StoreUnavailable) as told:
            wrong.append(told)

    between = threading.Thread(target=count_often)

    def read_and_be_overtaken(connection: sqlite3.Connection) -> int:
        number = read(connection)
        if connection is engine.log.writer._connection and not between.ident:
            between.start()
            between.join(3)  # as long as whoever counts holds the right to write, it has to wait
        return number

    monkeypatch.setattr(database_file, "_get_number", read_and_be_overtaken)
    store_away(path)
    add(engine)
    between.join()
    for one in (other, engine, other):
        store_away(path)
        add(one)
    assert not wrong
    other.close()


def test_what_is_taken_away_while_it_is_stored_is_not_acknowledged(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = engine.log.writer._append

    def interrupted(batch: Any) -> None:
        append(batch)
        (tmp_path / "eva.db").rename(tmp_path / "away.db")

    monkeypatch.setattr(engine.log.writer, "_append", interrupted)
    with pytest.raises(StoreReplaced):
        engine.handle(Add(), ANNA, "counter:a", command_id="once")
    monkeypatch.undo()
    (tmp_path / "away.db").rename(tmp_path / "eva.db")
    assert engine.handle(Add(), ANNA, "counter:a", command_id="once").repeated
    assert engine.log.verify().position == 4


def test_a_write_ahead_log_taken_away_is_noticed_and_what_it_held_is_saved(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "eva.db-wal").unlink()
    with pytest.raises(StoreReplaced, match="-wal"):
        add(engine)
    with pytest.raises(StoreUnavailable, match="restart"):
        add(engine)
    shutil.copy(tmp_path / "eva.db", tmp_path / "copy.db")  # as it would be found after a kill
    assert count(tmp_path / "copy.db") >= 3


def test_connections_that_come_later_begin_no_other_database(engine: Engine, tmp_path: Path) -> None:
    engine.log._database.readers.dispose()
    (tmp_path / "eva.db").rename(tmp_path / "away.db")
    with pytest.raises(StoreReplaced):
        engine.log.head()
    assert not (tmp_path / "eva.db").exists()


def test_odd_paths_are_files_of_that_name(tmp_path: Path) -> None:
    for name in ("mit leer.db", "frage#1.db", "ä.db"):
        made = Engine(f"sqlite:///{tmp_path}/{name}", catalogue=SMALL)
        add(made)
        made.close()
        assert (tmp_path / name).is_file()
        assert count(tmp_path / name) == 1


def test_a_reader_changes_nothing_and_reads_beside_a_writer(engine: Engine, tmp_path: Path) -> None:
    assert count(tmp_path / "eva.db") == 3
    log = Log(f"sqlite:///{tmp_path}/eva.db", read_only=True)
    add(engine)
    assert log.verify().position == 4
    with pytest.raises(StoreUnavailable):
        log.check_writable()
    log.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, where one can be mounted."""
    folder, mount = tmp_path / "disk", shutil.which("mount") or ""
    folder.mkdir()
    if not mount or subprocess.run([mount, "-t", "tmpfs", "none", folder], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "-l", folder], check=False)


@pytest.mark.parametrize("left", [False, True], ids=["closed", "as after a crash"])
def test_a_log_on_a_read_only_disk_is_verified_whole(engine: Engine, tmp_path: Path, disk: Path, left: bool) -> None:
    """With what lies in a write-ahead log that nobody brought into the file."""
    if left:
        for name in ("eva.db", "eva.db-wal"):
            shutil.copy(tmp_path / name, disk / name)
    else:
        engine.close()
        shutil.copy(tmp_path / "eva.db", disk / "eva.db")
    subprocess.run([shutil.which("mount") or "mount", "-o", "remount,ro", str(disk)], check=True)
    before = sorted(disk.iterdir())
    assert count(disk / "eva.db") == 3
    assert sorted(disk.iterdir()) == before
    with pytest.raises(StoreUnavailable):
        Engine(f"sqlite:///{disk}/eva.db", catalogue=SMALL)


def test_what_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "eva.db").write_text("kein SQLite, aber lang genug, um eins zu sein" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        count(tmp_path / "eva.db")


def test_a_read_only_log_on_postgresql_writes_nothing(postgresql: str) -> None:
    engine = Engine(postgresql, catalogue=SMALL)
    add(engine)
    log = Log(postgresql, read_only=True)
    assert log.verify().position == 1
    with pytest.raises(StoreUnavailable, match="read-only"):
        log.check_writable()
    log.close()
    engine.close()


def test_a_file_named_as_sqlite_names_it(tmp_path: Path) -> None:
    made = Engine(f"sqlite:///file:{tmp_path}/uri.db?uri=true", catalogue=SMALL)
    add(made)
    made.close()
    with sqlite3.connect(tmp_path / "uri.db") as db:
        assert db.execute("SELECT count(*) FROM events").fetchone() == (1,)
    db.close()
