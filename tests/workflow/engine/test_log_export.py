"""A log outside its database: as lines of JSON, in a backup taken under load, written by two processes at once."""

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.conftest import PEOPLE, Office, check
from tests.workflow.engine.test_log import a_log
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import PATIENCE, Engine
from workflow.engine.store.hash_chain import Recorded, verify
from workflow.errors import Corrupted, StoreBusy
from workflow.records.work_actions import Work

ROOT = Path(__file__).parents[3]
MUELLER = PEOPLE["mueller"]


@pytest.fixture(scope="module")
def log() -> list[Recorded]:
    office = Office("sqlite://")
    rows = a_log(office)
    office.engine.close()
    return rows


def written(rows: list[Recorded]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def read(export: bytes) -> list[Recorded]:
    """As a careful reader does: what is no UTF-8, no JSON or no row is refused before anything is verified."""
    return [Recorded(*json.loads(line)) for line in export.decode().split("\n")[:-1]]


def found(rows: list[Recorded], export: bytes) -> bool:
    """Whether a changed export is refused, by its reader or by the chain; what reads the same is no change."""
    try:
        again = read(export)
        if again == rows and [[type(v) for v in row] for row in again] == [[type(v) for v in row] for row in rows]:
            return True
        verify(again, rows[-1].hash)
    except (Corrupted, ValueError, TypeError):
        return True
    return False


@given(st.data())
def test_every_changed_byte_of_an_export_is_found(log: list[Recorded], data: Any) -> None:
    export = written(log)
    assert read(export) == log
    at = data.draw(st.integers(0, len(export) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != export[at]))
    assert found(log, export[:at] + bytes([byte]) + export[at + 1 :])
    assert found(log, export[:at] + export[at + 1 :])
    assert found(log, export[:at] + bytes([byte]) + export[at:])


@given(st.data())
def test_every_order_but_the_right_one_is_found(log: list[Recorded], data: Any) -> None:
    order = data.draw(st.permutations(range(len(log))).filter(lambda p: p != list(range(len(log)))))
    with pytest.raises(Corrupted) as wrong:
        verify([log[n] for n in order])
    assert wrong.value.position == next(n for n, m in enumerate(order) if n != m) + 1


@given(st.data())
def test_every_gap_is_found(log: list[Recorded], data: Any) -> None:
    first = data.draw(st.integers(0, len(log) - 2))
    length = data.draw(st.integers(1, len(log) - 1 - first))
    with pytest.raises(Corrupted) as wrong:
        verify(log[:first] + log[first + length :])
    assert wrong.value.position == first + 1


def test_text_cannot_move_between_salt_and_payload(log: list[Recorded]) -> None:
    row = next(row for row in log if row.payload is not None)
    moved = row._replace(salt=str(row.salt) + str(row.payload)[0], payload=str(row.payload)[1:])
    with pytest.raises(Corrupted, match="32") as wrong:
        verify([moved if one is row else one for one in log])
    assert wrong.value.position == row.position


@pytest.mark.parametrize("column", ["position", "version", "schema_version", "ordinal", "actor", "salt", "payload"])
def test_another_type_is_another_value(log: list[Recorded], column: str) -> None:
    """Text "1" and number 1 stand alike in the JSON that is hashed by hand; SQLite keeps either."""
    row = next(row for row in log if row.payload is not None)
    value = getattr(row, column)
    changed = row._replace(**{column: str(value) if isinstance(value, int) else value.encode()})
    with pytest.raises(Corrupted) as wrong:
        verify([changed if one is row else one for one in log])
    assert wrong.value.position == row.position


@pytest.mark.parametrize("broken", ["CAST(x'61ff' AS TEXT)", "x'61ff'"])
@pytest.mark.parametrize("column", ["actor", "payload", "stream", "hash"])
def test_bytes_that_are_no_text_are_named_by_their_position(tmp_path: Path, column: str, broken: str) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    for _ in range(5):
        office.do("mueller", "work", record)
    with sqlite3.connect(tmp_path / "eva.db") as db:
        db.execute(f"UPDATE events SET {column} = {broken} WHERE position = 4")
    db.close()
    with pytest.raises(Corrupted) as wrong:
        office.engine.log.verify()
    assert wrong.value.position == 4
    office.engine.close()


WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from tests.workflow.conftest import PEOPLE
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.records.work_actions import Work
url, name, *records = sys.argv[1:]
engine = Engine(url, catalogue=WORKFLOW)
def send(n):
    key = f"{name}-{n}"
    engine.handle(Work(note=key), PEOPLE["mueller"], records[n % len(records)], command_id=key)
    return key
with ThreadPoolExecutor(8) as pool:
    for half in (range(75), range(75, 150)):
        print("ready", flush=True)
        sys.stdin.readline()
        acknowledged = list(pool.map(send, half))
        print(*acknowledged, flush=True)
engine.close()
"""


def test_two_processes_write_one_log_and_neither_starves(durable_url: str) -> None:
    """Nobody is ever told `StoreBusy`: whoever was overtaken goes first."""
    office = Office(durable_url)
    records = [office.record() for _ in range(3)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, durable_url, name, *records],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in "ab"
    ]
    acknowledged: list[str] = []
    for _ in range(2):  # both at once, and once more on top of what the other has written
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            assert writer.stdout is not None
            acknowledged += writer.stdout.readline().split()
    for writer in writers:
        writer.communicate()
    assert len(set(acknowledged)) == 300
    stored = [row.command_id for row in office.engine.log.read_all() if row.type == "record.worked"]
    assert sorted(stored) == sorted(acknowledged)
    assert sum(one[0] != other[0] for one, other in pairwise(stored)) > 1
    assert office.engine.log.verify().position == 2 * len(records) + 300
    office.engine._decider.refresh()
    check(office)
    office.engine.close()


def test_whoever_was_overtaken_goes_first(durable_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rival appends between each look at the log and each attempt to store; it would never end."""
    office = Office(durable_url)
    record = office.record()
    rival = Engine(durable_url, catalogue=WORKFLOW)
    decider, rivals = office.engine._decider, []
    begin = decider.begin
    with ThreadPoolExecutor(1) as pool:

        def overtaken():
            work = begin()
            rivals.append(pool.submit(rival.handle, Work(note="rival"), MUELLER, record))
            wait(rivals[-1:], timeout=0.5)
            return work

        monkeypatch.setattr(decider, "begin", overtaken)
        office.do("mueller", "work", record, note="mine")
        monkeypatch.undo()
        assert len(rivals) == PATIENCE + 1
        assert all(one.result(10).version for one in rivals)
    worked = [row for row in office.engine.log.read(record) if row.type == "record.worked"]
    notes = [json.loads(str(row.payload))["note"] for row in worked]
    assert notes == [*["rival"] * PATIENCE, "mine", "rival"]
    rival.close()
    office.engine._decider.refresh()
    check(office)
    office.engine.close()


def loaded(office: Office, stop: threading.Event) -> list[threading.Thread]:
    """Writers that go on until told to stop."""
    records = [office.record() for _ in range(4)]

    def write(number: int) -> None:
        while not stop.is_set():
            office.engine.handle(Work(note="x" * 200), MUELLER, records[number])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    return threads


def is_a_prefix(restored: Engine, live: Engine) -> int:
    """Head of a restored log, which verifies and stands in the live one."""
    head = restored.log.verify()
    (row,) = live.log.read_all(head.position - 1, 1)
    assert row is not None
    assert row.hash == head.hash
    return head.position


def test_an_online_backup_of_sqlite_under_load_is_a_prefix_of_the_log(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    stop = threading.Event()
    threads = loaded(office, stop)
    found = []
    for turn in range(4):
        copy = tmp_path / f"copy{turn}.db"
        source, target = sqlite3.connect(tmp_path / "eva.db"), sqlite3.connect(copy)
        if turn % 2:
            source.execute("VACUUM INTO ?", (str(tmp_path / f"copy{turn}v.db"),))
            copy = tmp_path / f"copy{turn}v.db"
        else:
            source.backup(target)
        source.close()
        target.close()
        restored = Engine(f"sqlite:///{copy}", catalogue=WORKFLOW)
        found.append(is_a_prefix(restored, office.engine))
        restored.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert found == sorted(found)
    assert found[-1] > 8
    assert office.engine.log.head().position > found[0]
    restored = Office(f"sqlite:///{copy}", seed=9)  # and goes on from there
    restored.record()
    check(restored)
    restored.engine.close()
    office.engine.close()


def test_a_dump_of_postgresql_under_load_is_a_prefix_of_the_log(
    postgresql: str, postgresql_server: Any, tmp_path: Path
) -> None:
    tools = Path(postgresql_server.bin_path)
    office = Office(postgresql)
    stop = threading.Event()
    threads = loaded(office, stop)
    try:
        subprocess.run([tools / "pg_dump", "--dbname", postgresql, "-f", tmp_path / "dump.sql"], check=True)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    postgresql_server.psql("CREATE DATABASE restored;")
    url = postgresql_server.get_uri().replace("/postgres?", "/restored?")
    subprocess.run(
        [tools / "psql", "--dbname", url, "-v", "ON_ERROR_STOP=1", "-f", tmp_path / "dump.sql"],
        capture_output=True,
        check=True,
    )
    restored = Office(url, seed=9)
    assert 8 <= is_a_prefix(restored.engine, office.engine) <= office.engine.log.head().position
    restored.record()
    check(restored)
    restored.engine.close()
    office.engine.close()


def test_an_export_under_load_restores_as_a_prefix(durable_url: str) -> None:
    office = Office(durable_url)
    stop = threading.Event()
    threads = loaded(office, stop)
    export = written(list(office.engine.log.read_all()))
    stop.set()
    for thread in threads:
        thread.join()
    restored = Office("sqlite://", seed=9)
    head = restored.engine.restore(read(export))
    assert is_a_prefix(restored.engine, office.engine) == head.position
    restored.engine.close()
    office.engine.close()


def test_the_prefix_check_finds_a_copy_without_its_write_ahead_log(tmp_path: Path) -> None:
    """Why a live database is not copied by `cp`: what is committed lies in the file beside it."""
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    record = office.record()
    office.engine.log.writer.clear_erased()
    for _ in range(5):
        office.do("mueller", "work", record)
    (tmp_path / "cp.db").write_bytes((tmp_path / "eva.db").read_bytes())
    copied = Engine(f"sqlite:///{tmp_path}/cp.db", catalogue=WORKFLOW)
    assert is_a_prefix(copied, office.engine) < office.engine.log.head().position
    copied.close()
    office.engine.close()


def test_the_sequence_trap_that_the_log_avoids_is_real(postgresql: str) -> None:
    """Positive control of the readers' tests: with numbers from a sequence a reader skips what commits later."""
    with psycopg.connect(postgresql, autocommit=True) as one, psycopg.connect(postgresql) as slow:
        one.execute("CREATE TABLE feed (position BIGINT GENERATED ALWAYS AS IDENTITY, what TEXT)")
        slow.execute("INSERT INTO feed (what) VALUES ('slow')")
        one.execute("INSERT INTO feed (what) VALUES ('quick')")
        seen = one.execute("SELECT position FROM feed ORDER BY position").fetchall()
        slow.commit()
        later = one.execute("SELECT position FROM feed WHERE position > %s", seen[-1]).fetchall()
    assert seen == [(2,)]
    assert later == []  # position 1 is never read


def test_a_slow_writer_keeps_the_next_position_from_being_seen_before_its_own(postgresql: str) -> None:
    """The same with the log: whoever comes second waits for the first, or is told that the database is busy."""
    office = Office(postgresql)
    record = office.record()
    head = office.engine.log.head()
    (last,) = office.engine.log.read_all(head.position - 1)
    assert last is not None
    with psycopg.connect(postgresql) as slow:
        row = last._replace(position=head.position + 1, version=last.version + 1, command_id="slow")
        slow.execute(f"INSERT INTO events VALUES ({', '.join(['%s'] * len(row))})", row)
        with pytest.raises(StoreBusy):
            office.do("mueller", "work", record)
        assert list(office.engine.log.read_all(head.position)) == []
        slow.rollback()
    office.do("mueller", "work", record)
    check(office)
    office.engine.close()
