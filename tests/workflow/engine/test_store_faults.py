"""What bites in this stack: each guard has a test here that fails without it (kill, disk full, busy, settings)."""

import ast
import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.patience import PATIENT
from tests.postgresql import serving_postgresql
from tests.workflow.conftest import PEOPLE, Office, check
from workflow.catalogue import WORKFLOW
from workflow.engine.command_queue import CommandQueue
from workflow.engine.engine import Engine
from workflow.engine.store import database as database_module
from workflow.engine.store.database import Database, translate
from workflow.engine.store.migrate import migrate
from workflow.engine.store.tables import EventRow, TimerRow
from workflow.errors import EvaError, StoreBusy, StoreFull, StoreUnavailable
from workflow.records.work_actions import CreateRecord, Work
from workflow.views.queries import Views

ROOT = Path(__file__).parents[3]
MUELLER = PEOPLE["mueller"]


def hammered(url: str, stream: str, prefix: str, seconds: float, fault: str = "") -> list[str]:
    """Ids acknowledged before the process was killed."""
    command = [sys.executable, "-m", "tests.workflow.engine.hammer", url, stream, prefix, *([fault] if fault else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        acknowledged = (first + process.stdout.read()).split("\n")
    return [key for key in acknowledged[:-1] if key]


def lost_and_doubled(url: str, stream: str, acknowledged: list[str]) -> tuple[int, int]:
    engine = Engine(url, catalogue=WORKFLOW)
    stored = [row.command_id for row in engine.log.read(stream)]
    engine.close()
    return len(set(acknowledged) - set(stored)), len(stored) - len(set(stored))


CYCLES = int(os.environ.get("EVA_KILL_CYCLES", "2"))


def test_kill_9_loses_and_doubles_nothing(durable_url: str) -> None:
    office = Office(durable_url)
    record = office.record()
    office.engine.close()
    draw, acknowledged = random.Random(7), []
    for cycle in range(CYCLES):
        acknowledged += hammered(durable_url, record, f"c{cycle}", draw.uniform(0.05, 0.4))
        engine = Engine(durable_url, catalogue=WORKFLOW)  # whoever got no answer sends again, with the same id
        for key in acknowledged[-3:] + [f"c{cycle}-{n}" for n in range(5)]:
            engine.handle(Work(note=key), MUELLER, record, command_id=key)
        views = Views(engine)
        views.catch_up()
        followed = views.everything()
        views.rebuild()
        assert views.everything() == followed
        engine.log.verify()
        engine.close()
    assert len(acknowledged) > 3 * CYCLES
    assert lost_and_doubled(durable_url, record, acknowledged) == (0, 0)


def test_the_kill_test_finds_an_acknowledgement_before_the_commit(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/eva.db"
    office = Office(url)
    record = office.record()
    office.engine.close()
    acknowledged = hammered(url, record, "f", 0.3, "ack_before_commit")
    assert lost_and_doubled(url, record, acknowledged)[0] > 0


def test_disk_full_changes_nothing_and_passes(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    pages = office.engine.log.writer._raw().execute("PRAGMA page_count").fetchone()[0]
    office.engine.log.writer._raw().execute(f"PRAGMA max_page_count={pages + 2}")

    def until_full() -> None:
        for _ in range(200):
            office.do("mueller", "work", record, note="x" * 2000)
            done.append(office.engine.load(record).version)

    done = [1]
    with pytest.raises(StoreFull):
        until_full()
    before = office.engine.load(record).version
    assert before == done[-1]
    office.engine.log.verify()
    # A new connection has no such limit: space is there again.
    office.do("mueller", "work", record)
    assert office.engine.load(record).version == before + 1
    check(office)
    office.engine.close()


def test_an_explicit_rollback_does_not_hide_the_full_disk(tmp_path: Path) -> None:
    """SQLite rolls back by itself when it is full; ROLLBACK then says that no transaction is active."""
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    db = office.engine.log.writer._raw()
    db.execute(f"PRAGMA max_page_count={db.execute('PRAGMA page_count').fetchone()[0]}")

    def until_full() -> None:
        for _ in range(50):
            office.slip("co_sign schmidt", note="y" * 9000)

    with pytest.raises(StoreFull, match="disk is full"):
        until_full()
    office.engine.close()


def test_a_deferred_reader_that_writes_is_busy_and_immediate_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/eva.db"
    office = Office(url)

    def both(begin: str) -> list[str]:
        """Two connections read, then write; the errors."""
        one, two = (sqlite3.connect(tmp_path / "eva.db", isolation_level=None, timeout=1) for _ in "12")
        failed = []
        try:
            one.execute(begin)
            one.execute("SELECT count(*) FROM timers").fetchall()
            if begin == "BEGIN":
                two.execute(begin)
                two.execute("SELECT count(*) FROM timers").fetchall()
            one.execute("INSERT INTO timers (stream, key, at) VALUES ('a', hex(randomblob(4)), 'x')")
            one.execute("COMMIT")
            if begin != "BEGIN":
                two.execute(begin)
            two.execute("INSERT INTO timers (stream, key, at) VALUES ('b', hex(randomblob(4)), 'x')")
            two.execute("COMMIT")
        except sqlite3.OperationalError as wrong:
            failed.append(str(wrong))
        one.close()
        two.close()
        return failed

    assert both("BEGIN") == ["database is locked"]
    assert both("BEGIN IMMEDIATE") == []
    begun = []
    sa.event.listen(
        office.engine.log._database.writers, "before_cursor_execute", lambda *a: begun.append(a[2]), named=False
    )
    with office.engine.log._database.write() as connection:
        connection.execute(sa.text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(tmp_path / "eva.db", isolation_level=None, timeout=0).execute("BEGIN IMMEDIATE")
    assert begun[0] == "BEGIN IMMEDIATE"
    office.engine.close()


def test_writers_and_views_from_many_threads_are_never_busy(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    views, failed = Views(office.engine), []

    def client(number: int) -> None:
        try:
            for _ in range(15):
                office.engine.handle(Work(), MUELLER, record)
                views.inbox(PEOPLE["schmidt"])
        except EvaError as wrong:
            failed.append((number, wrong))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    check(office)
    office.engine.close()


def test_readers_cannot_write(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    with pytest.raises(StoreUnavailable, match="readonly"), office.engine.log._database.read() as connection:
        connection.execute(sa.text("DELETE FROM events"))
    office.engine.close()


def test_settings_that_would_lose_commits_are_refused(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = tuple(s.replace("FULL", "NORMAL") for s in database_module._SQLITE_SETTINGS)
    monkeypatch.setattr(database_module, "_SQLITE_SETTINGS", weak)
    with pytest.raises(StoreUnavailable, match="synchronous=1"):
        Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=WORKFLOW)
    options = database_module._POSTGRESQL_OPTIONS
    monkeypatch.setattr(database_module, "_POSTGRESQL_OPTIONS", options + " -c synchronous_commit=off")
    with pytest.raises(StoreUnavailable, match="synchronous_commit=off"):
        Engine(postgresql, catalogue=WORKFLOW)


def test_settings_of_each_connection(durable_url: str) -> None:
    office = Office(durable_url)
    raw = office.engine.log.writer._raw()
    if office.engine.log._database.is_sqlite:
        found = {n: raw.execute(f"PRAGMA {n}").fetchone()[0] for n in ("journal_mode", "synchronous", "foreign_keys")}
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    else:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")
        assert [raw.execute(f"SHOW {n}").fetchone()[0] for n in names] == ["5s", "2s", "10s", "on"]
    office.engine.close()


@pytest.mark.parametrize(
    ("wrong", "kind", "german"),
    [
        (sqlite3.OperationalError("unable to open database file"), StoreUnavailable, "Die Datenbank antwortet nicht"),
        (psycopg.OperationalError("server closed the connection"), StoreUnavailable, "Die Datenbank antwortet nicht"),
        (psycopg.errors.LockNotAvailable("canceling statement"), StoreBusy, "Die Datenbank ist ausgelastet"),
    ],
)
def test_what_a_driver_says_only_follows_the_sentence(wrong: Exception, kind: type[Exception], german: str) -> None:
    told = translate(wrong)
    assert type(told) is kind
    assert told.text.de == f"{german} ({wrong})"
    assert told.text.en.endswith(f" ({wrong})")


def test_a_database_that_is_gone_is_unavailable_and_comes_back_by_itself() -> None:
    with serving_postgresql() as server:
        office = Office(server.get_uri())
        record = office.record()
        pid = server.get_pid()
        os.kill(pid, signal.SIGQUIT)  # as `pg_ctl stop -m immediate`
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                office.do("mueller", "work", record)
        server.ensure_postgres_running()
        office.do("mueller", "work", record)
        assert office.types(record) == ["record.created", "record.worked"]
        check(office)
        office.engine.close()


def test_a_lost_answer_to_a_commit_is_looked_up_not_guessed(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after the commit: the command was done, and its caller is told so."""
    import psycopg

    office = Office(postgresql)
    record = office.record()
    writer = office.engine.log.writer
    original = writer._append

    def breaks_after(batch):
        original(batch)
        monkeypatch.setattr(writer, "_append", original)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(writer, "_append", breaks_after)
    office.do("mueller", "work", record)
    assert office.types(record) == ["record.created", "record.worked"]
    check(office)
    office.engine.close()


@pytest.mark.parametrize("wrong", ["SerializationFailure", "DeadlockDetected"])
def test_what_postgresql_asks_to_try_again_is_decided_again(
    postgresql: str, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    import psycopg

    office = Office(postgresql)
    record = office.record()
    writer, calls = office.engine.log.writer, []
    original = writer._append

    def fails_twice(batch):
        calls.append(batch)
        if len(calls) < 3:
            raise getattr(psycopg.errors, wrong)("try again")
        original(batch)

    monkeypatch.setattr(writer, "_append", fails_twice)
    office.do("mueller", "work", record)
    assert (len(calls), office.types(record)) == (3, ["record.created", "record.worked"])
    check(office)
    office.engine.close()


def test_after_a_failed_fsync_nothing_is_acknowledged_until_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a second fsync after a failed one says the truth, nobody knows (fsyncgate)."""
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    writer = office.engine.log.writer
    original = writer._append

    def broken(_batch):
        wrong = sqlite3.OperationalError("disk I/O error")
        wrong.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise wrong

    monkeypatch.setattr(writer, "_append", broken)
    with pytest.raises(StoreUnavailable):
        office.do("mueller", "work", record)
    monkeypatch.setattr(writer, "_append", original)
    with pytest.raises(StoreUnavailable, match="restart"):
        office.do("mueller", "work", record)
    assert office.types(record) == ["record.created"]  # reading goes on
    office.engine.close()
    restarted = Office(f"sqlite:///{tmp_path}/eva.db")
    restarted.do("mueller", "work", record)
    check(restarted)
    restarted.engine.close()


def test_clearing_what_was_erased_does_not_break_into_a_commit(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    stop, failed = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                office.slip({"kind": "co_sign", "actor": "schmidt"})
                office.do("mueller", "set_resubmission", record, due="2022-01-03")
        except EvaError as wrong:
            failed.append(wrong)

    def clear() -> None:
        try:
            while not stop.is_set():
                office.engine.log.writer.clear_erased()
        except BaseException as wrong:  # noqa: BLE001 - whatever it is, it must not be
            failed.append(wrong)

    threads = [threading.Thread(target=work) for work in (write, write, clear)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    check(office)
    office.engine.close()


def test_a_clock_without_a_time_zone_is_refused() -> None:
    from datetime import datetime

    engine = Engine("sqlite://", catalogue=WORKFLOW, clock=lambda: datetime(2021, 6, 1, 8))  # noqa: DTZ001 - the fault itself
    with pytest.raises(ValueError, match="time zone"):
        engine.handle(CreateRecord(title="x", file_plan_code="1"), MUELLER, "record")
    with pytest.raises(ValueError, match="time zone"):
        engine.advance(datetime(2022, 1, 1))  # noqa: DTZ001
    assert engine.log.head().position == 0
    engine.close()


def test_a_newer_schema_is_refused_and_left_alone(durable_url: str) -> None:
    Office(durable_url).engine.close()
    database = Database(durable_url)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer than this release"):
        Engine(durable_url, catalogue=WORKFLOW)
    database.close()


def test_a_migration_that_breaks_off_leaves_nothing_behind(durable_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(durable_url)
    from alembic import op

    original, calls = op.create_table, []

    def breaks(name, *columns, **options):
        calls.append(name)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return original(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", breaks)
    monkeypatch.setattr("workflow.engine.store.migrate._FRESH", [])
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(database)
    assert [t for t in sa.inspect(database.readers).get_table_names() if t != "alembic_version"] == []
    monkeypatch.setattr(op, "create_table", original)
    migrate(database)
    database.close()
    office = Office(durable_url)
    office.record()
    check(office)
    office.engine.close()


def test_the_migrated_schema_is_the_one_the_tables_declare(durable_url: str) -> None:
    from sqlmodel import SQLModel

    Office(durable_url).engine.close()
    database = Database(durable_url)
    found = sa.inspect(database.readers)
    for table in SQLModel.metadata.sorted_tables:
        columns = {c["name"]: c["nullable"] for c in found.get_columns(table.name)}
        assert columns == {c.name: c.nullable for c in table.columns}, table.name
        assert {i["name"] for i in found.get_indexes(table.name) if not i.get("duplicates_constraint")} >= {
            i.name for i in table.indexes
        }
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
    database.close()


def test_sqlmodel_tables_validate_nothing_so_nobody_makes_them_from_input() -> None:
    assert TimerRow(stream=5, key=None, at=-1).at == -1  # the pitfall itself
    names = {"EventRow", "TimerRow", "SubscriberRow", "RecordView", "SlipView", "InboxView", "MailView", "WordView",
             "ListView"}  # fmt: skip
    for path in (ROOT / "workflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in names, path
    assert EventRow.__tablename__ == "events"


def test_a_full_queue_is_said_at_once() -> None:
    running, may_end = threading.Event(), threading.Event()

    def slow(calls) -> None:
        running.set()
        may_end.wait(PATIENT)
        for call in calls:
            call.result = call.argument

    group = CommandQueue(slow, most_blocked=2)
    threads = [threading.Thread(target=group.run, args=(n,)) for n in range(3)]
    threads[0].start()
    running.wait(PATIENT)
    for thread in threads[1:]:
        thread.start()
    while len(group._queue) < 2:
        time.sleep(0.001)
    with pytest.raises(StoreBusy):
        group.run(99)
    may_end.set()
    for thread in threads:
        thread.join(PATIENT)
        assert not thread.is_alive()


def test_an_interrupted_caller_leaves_nobody_waiting() -> None:
    """Ctrl-C reaches the main thread while it waits for its turn; whoever waits behind it is answered all the same."""
    running, may_end = threading.Event(), threading.Event()

    def slow(calls) -> None:
        running.set()
        may_end.wait(PATIENT)
        for call in calls:
            call.result = call.argument

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def once_it_waits(group, waiting: int, thread: int) -> None:
        while len(group._queue) < waiting:
            time.sleep(0.001)
        time.sleep(0.05)
        signal.pthread_kill(thread, signal.SIGUSR1)

    for place in range(3):  # first of those who wait, so the next to lead; in the midst; last
        running.clear()
        may_end.clear()
        group, answers = CommandQueue(slow), []
        call = lambda n, g=group, a=answers: a.append(g.run(n))  # noqa: E731
        threads = [threading.Thread(target=call, args=(n,), daemon=True) for n in range(4)]
        threads[0].start()
        running.wait(PATIENT)
        for n in range(1, place + 1):
            threads[n].start()
            while len(group._queue) < n:
                time.sleep(0.001)
        before = signal.signal(signal.SIGUSR1, interrupt)
        killer = threading.Thread(target=once_it_waits, args=(group, place + 1, threading.get_ident()))
        killer.start()
        with pytest.raises(KeyboardInterrupt):
            group.run(99)
        killer.join()
        signal.signal(signal.SIGUSR1, before)
        for n in range(place + 1, 4):
            threads[n].start()
        while len(group._queue) < 4:
            time.sleep(0.001)
        may_end.set()
        for thread in threads:
            thread.join(PATIENT)
        assert sorted(answers) == [0, 1, 2, 3]


def test_callers_that_block_and_callers_that_await_wait_for_each_other_and_all_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    monkeypatch.setattr(office.engine._queue, "_largest", 7)  # so that a caller's commands fall into two batches
    answers: list = []

    async def awaited() -> None:
        calls = [office.engine.handle_soon(Work(note="viele"), MUELLER, record) for _ in range(10)]
        answers.extend(await asyncio.gather(*calls))

    def many(_: int) -> None:
        asyncio.run(awaited())

    def one(_: int) -> None:
        answers.append(office.engine.handle(Work(note="eins"), MUELLER, record))

    threads = [threading.Thread(target=many if n % 2 else one, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENT)
        assert not thread.is_alive()
    assert sorted(answer.version for answer in answers) == list(range(2, 2 + 12 * 10 + 12))
    check(office)
    office.engine.close()


def test_commands_of_many_threads_share_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    sizes, original = [], office.engine.log.append

    def counted(batch):
        sizes.append(len(batch.rows))
        time.sleep(0.005)
        original(batch)

    monkeypatch.setattr(office.engine.log, "append", counted)
    threads = [threading.Thread(target=lambda: office.engine.handle(Work(), MUELLER, record)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sizes) == 40
    assert len(sizes) < 20
    alone = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=WORKFLOW, group=False)
    alone.handle(CreateRecord(title="allein", file_plan_code="1"), MUELLER, "record")
    alone.close()
    check(office)
    office.engine.close()
