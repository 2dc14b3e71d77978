"""The log: append-only, tamper-evident, in order, durable, on SQLite and PostgreSQL alike."""

import json
import threading
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.conftest import PEOPLE, Office, check
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine
from workflow.engine.store import hash_chain
from workflow.engine.store.hash_chain import GENESIS, Head, Recorded, event_hash, hashed, verify
from workflow.engine.subscribers import Policy, Reaction, run
from workflow.errors import (
    Corrupted,
    DuplicateCommand,
    EvaError,
    InvalidCommand,
    NotFound,
    StaleVersion,
    StoreUnavailable,
)
from workflow.records.work_actions import Work
from workflow.views.queries import Views

MUELLER = PEOPLE["mueller"]


def a_log(office: Office) -> list[Recorded]:
    """A log with several streams, deputies, notes with umlauts and quotes, and an erased file."""
    record, case = office.due()
    slip = office.slip("co_sign schmidt", "final_sign weber", title='Ümläute "und" \\ Zeilen\nund 😀')
    office.do("mueller", "start", slip)
    office.deputy("schmidt", "klein")
    office.do("klein", "sign", slip)
    office.do("registrar", "offer", record)
    office.do("archivist", "appraise", record, decision="V")
    office.do("registrar", "delete", record, case=case)
    office.do("registrar2", "delete", record, case=case)
    return list(office.engine.log.read_all())


@pytest.fixture(scope="module")
def log() -> list[Recorded]:
    office = Office("sqlite://")
    rows = a_log(office)
    office.engine.close()
    return rows


def test_an_untouched_log_verifies_and_tells_its_head(log: list[Recorded]) -> None:
    assert verify(log) == Head(len(log), log[-1].hash)
    assert verify([]) == Head(0, GENESIS)


def test_the_hash_rule_as_published_with_another_json_library_and_own_code(log: list[Recorded]) -> None:
    """docs/reference/log.md, written again from its text."""
    before = "0" * 64
    for row in log:
        told = [before, *row[:11], row.payload_digest]
        assert hashed(before, row[:11], row.payload_digest) == json.dumps(
            told, ensure_ascii=False, separators=(",", ":")
        )
        before = sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        assert row.hash == before
        if row.payload is not None:
            assert row.payload_digest == sha256((row.salt + row.payload).encode()).hexdigest()


@given(st.data())
def test_every_changed_character_is_found_and_named(log: list[Recorded], data: Any) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    row = log[at]
    fields = [name for name in Recorded._fields if getattr(row, name) is not None]
    field = data.draw(st.sampled_from(fields))
    value = getattr(row, field)
    if isinstance(value, int):
        changed = data.draw(st.integers(0, 2**40).filter(lambda n: n != value))
    else:
        place = data.draw(st.integers(0, max(0, len(value) - 1)))
        char = data.draw(st.characters(codec="utf-8").filter(lambda c: c != value[place : place + 1]))
        changed = value[:place] + char + value[place + 1 :]
    tampered = [*log[:at], row._replace(**{field: changed}), *log[at + 1 :]]
    with pytest.raises(Corrupted) as found:
        verify(tampered)
    assert found.value.position == row.position


@given(st.data())
def test_every_deletion_swap_and_insertion_is_found(log: list[Recorded], data: Any) -> None:
    at = data.draw(st.integers(0, len(log) - 2))
    other = data.draw(st.integers(0, len(log) - 1).filter(lambda n: n != at))
    swapped = list(log)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    renumbered = list(log)
    renumbered[at] = log[other]._replace(position=at + 1)
    for tampered in ([*log[:at], *log[at + 1 :]], swapped, [*log[:at], log[other], *log[at:]], renumbered):
        with pytest.raises(Corrupted) as found:
            verify(tampered)
        assert found.value.position <= max(at, other) + 2


def rehashed(rows: list[Recorded]) -> list[Recorded]:
    """What an operator could do who knows the rule."""
    done, before = [], GENESIS
    for row in rows:
        fresh = row if row.payload is None else row._replace(
            payload_digest=hash_chain.payload_digest(str(row.salt), row.payload)
        )  # fmt: skip
        before = event_hash(before, fresh)
        done.append(fresh._replace(hash=before))
    return done


def test_a_cut_tail_and_a_rehashed_chain_are_found_with_a_head_kept_elsewhere(office: Office) -> None:
    record = office.record()
    for _ in range(5):
        office.do("mueller", "work", record)
    log = list(office.engine.log.read_all())
    head = log[-1].hash
    cut, forged = log[:-3], rehashed([log[0]._replace(actor="niemand"), *log[1:]])
    verify(cut)  # by itself it looks whole: that is why heads are kept elsewhere
    verify(forged)
    for tampered in (cut, forged):
        with pytest.raises(Corrupted, match="kept elsewhere"):
            verify(tampered, head)
    assert verify(log, head) == verify(log, log[3].hash) == Head(len(log), head)


def test_a_payload_that_is_gone_without_an_erasure_on_record_is_found(log: list[Recorded]) -> None:
    present = next(row for row in log if row.payload is not None and row.type == "slip.created")
    tampered = [row._replace(payload=None, salt=None) if row is present else row for row in log]
    with pytest.raises(Corrupted, match="no later event says") as found:
        verify(tampered)
    assert found.value.position == present.position


def columns_of(engine: Engine) -> list[str]:
    return [c["name"] for c in sa.inspect(engine.log._database.readers).get_columns("events")]


def test_a_change_of_any_column_in_the_database_is_found(durable_url: str) -> None:
    office = Office(durable_url)
    a_log(office)
    engine = office.engine
    assert columns_of(engine) == list(Recorded._fields)
    for column in columns_of(engine):
        (row,) = engine.log.read_all(6, 1)
        value = getattr(row, column)
        wrong = 10**6 if isinstance(value, int) else ("x" if value is None else value + "x")
        change = sa.text(f"UPDATE events SET {column} = :v WHERE position = :p")
        with engine.log._database.write() as connection:
            connection.execute(change, {"v": wrong, "p": 7})
        with pytest.raises(Corrupted) as found:
            engine.log.verify()
        assert found.value.position == 7, column
        with engine.log._database.write() as connection:
            connection.execute(change, {"v": value, "p": 10**6 if column == "position" else 7})
    check(office)
    engine.close()


def test_a_log_restores_into_another_database_and_goes_on(url: str, durable_url: str) -> None:
    office = Office(durable_url)
    rows = a_log(office)
    restored = Office(url, seed=2)
    if url != durable_url:
        assert restored.engine.restore(rows) == office.engine.log.head()
        assert list(restored.engine.log.read_all()) == rows
        restored.now = office.now
        restored.record()
        check(restored)
        with pytest.raises(StoreUnavailable, match="not empty"):
            restored.engine.restore(rows)
    office.engine.close()
    restored.engine.close()


def test_a_damaged_export_restores_nothing(log: list[Recorded]) -> None:
    office = Office("sqlite://")
    with pytest.raises(Corrupted):
        office.engine.restore([*log[:4], log[4]._replace(actor="x"), *log[5:]])
    assert office.engine.log.head() == Head(0, GENESIS)
    office.engine.close()


def in_threads(count: int, work) -> None:
    failed = []

    def run_one(number: int) -> None:
        try:
            work(number)
        except BaseException as wrong:  # noqa: BLE001
            failed.append(wrong)

    threads = [threading.Thread(target=run_one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]


def test_64_clients_on_hot_streams_lose_no_update(durable_url: str) -> None:
    office = Office(durable_url)
    streams = [office.record() for _ in range(8)]
    accepted: list[tuple[str, int]] = []
    refused = []

    def client(number: int) -> None:
        for turn in range(12):
            stream = streams[(number + turn) % 8]
            base = office.engine.load(stream).version
            try:
                done = office.engine.handle(Work(), MUELLER, stream, expected_version=base)
            except StaleVersion:
                refused.append(stream)
            else:
                assert done.version == base + 1
                accepted.append((stream, base))

    in_threads(64, client)
    assert len(accepted) == len(set(accepted)) == sum(office.engine.load(s).version for s in streams) - 8
    assert refused
    del accepted[:]

    def careless(number: int) -> None:
        for turn in range(12):
            stream = streams[(number + turn) % 8]
            base = office.engine.load(stream).version
            office.engine.handle(Work(), MUELLER, stream)
            accepted.append((stream, base))

    in_threads(64, careless)
    assert len(set(accepted)) < len(accepted)  # without the version, two do act on the same state: the count finds it
    check(office)
    office.engine.close()


def test_several_engines_on_one_database_keep_one_order_and_readers_miss_nothing(durable_url: str) -> None:
    """PostgreSQL hands out sequence numbers before it commits, so a reader could skip events that commit later."""
    office = Office(durable_url)
    engines = [office.engine, Engine(durable_url, catalogue=WORKFLOW), Engine(durable_url, catalogue=WORKFLOW)]
    records = [office.record() for _ in range(6)]
    stop, seen = threading.Event(), []

    def reader() -> None:
        position = 0
        while not stop.is_set() or list(office.engine.log.read_all(position)):
            page = list(office.engine.log.read_all(position, 50))
            seen.extend(row.position for row in page)
            position = page[-1].position if page else position

    watching = threading.Thread(target=reader)
    watching.start()

    def writer(number: int) -> None:
        for turn in range(15):
            engines[number % 3].handle(Work(note=f"{number}/{turn}"), MUELLER, records[(number + turn) % 6])

    try:
        in_threads(16, writer)
    finally:
        stop.set()
        watching.join()
    head = office.engine.log.verify()
    assert seen == list(range(1, head.position + 1))
    assert sum(row.type == "record.worked" for row in office.engine.log.read_all()) == 16 * 15
    for engine in engines:
        engine.close()


def test_16_simultaneous_sends_of_one_command_act_once(durable_url: str) -> None:
    office = Office(durable_url)
    record = office.record()
    second = Engine(durable_url, catalogue=WORKFLOW)
    for key in map(str, range(10)):
        answers = []

        def send(number: int, key: str = key, answers: list = answers) -> None:
            engine = second if number % 4 == 0 else office.engine
            answers.append(engine.handle(Work(note=key), MUELLER, record, command_id=key))

        in_threads(16, send)
        assert len({answer.events for answer in answers}) == 1
        assert sum(not answer.repeated for answer in answers) == 1
    assert office.types(record).count("record.worked") == 10
    in_threads(16, lambda _: office.engine.handle(Work(note="ohne Nummer"), MUELLER, record))
    assert office.types(record).count("record.worked") == 26  # without an id of their own they are sixteen commands
    second.close()
    restarted = Engine(durable_url, catalogue=WORKFLOW)
    assert restarted.handle(Work(note="3"), MUELLER, record, command_id="3").repeated
    for other, actor in ((Work(note="anders"), MUELLER), (Work(note="3"), PEOPLE["klein"])):
        with pytest.raises(DuplicateCommand):
            restarted.handle(other, actor, record, command_id="3")
    restarted.close()
    office.engine.close()


def test_a_repeated_creation_answers_with_the_first_stream(durable_url: str) -> None:
    office = Office(durable_url)
    from workflow.records.work_actions import CreateRecord

    command = CreateRecord(title="einmal", file_plan_code="1")
    first = office.engine.handle(command, MUELLER, "record", command_id="neu")
    again = office.engine.handle(command, MUELLER, "record", command_id="neu")
    assert (again.stream, again.repeated, office.engine.log.head().position) == (first.stream, True, 2)
    office.engine.close()


def test_a_repeated_command_that_would_now_be_refused_has_its_first_answer(office: Office) -> None:
    from workflow.records.closing_actions import Close

    record = office.record()
    office.do("mueller", "work", record)
    first = office.engine.handle(Close(), MUELLER, record, command_id="zda")
    assert office.engine.handle(Close(), MUELLER, record, command_id="zda").events == first.events


def test_nothing_is_created_in_a_stream_that_is_there(office: Office) -> None:
    from workflow.records.work_actions import CreateRecord

    record = office.record()
    with pytest.raises(InvalidCommand, match="there already"):
        office.engine.handle(CreateRecord(title="x", file_plan_code="1"), MUELLER, record)
    with pytest.raises(NotFound):
        office.engine.handle(Work(), MUELLER, "record")
    with pytest.raises(NotFound, match="no category"):
        office.engine.handle(Work(), MUELLER, "nothing:1")


def test_a_fault_in_one_decision_takes_no_other_of_the_batch_along(office: Office) -> None:
    record = office.record()
    slip = office.slip("co_sign schmidt")
    results = []

    def send(number: int) -> None:
        stream = slip if number % 2 else record  # Work is no command of a routing slip
        try:
            results.append(office.engine.handle(Work(), MUELLER, stream))
        except EvaError as no:
            results.append(no)

    in_threads(16, send)
    assert sum(isinstance(r, EvaError) for r in results) == 8
    assert office.types(record).count("record.worked") == 8


def test_timers_fire_once_though_two_engines_look(durable_url: str) -> None:
    office = Office(durable_url)
    record, _ = office.closed(years=1)
    second = Engine(durable_url, catalogue=WORKFLOW, clock=lambda: office.now)
    office.now = office.now.replace(year=2030)
    both = [office.engine, second]
    in_threads(8, lambda n: both[n % 2].fire())
    while both[0].fire().done:
        pass
    assert office.state(record).state == "due"
    assert office.types(record).count("record.moved_to_registry") == 2
    assert office.types(record).count("record.fell_due") == 2
    check(office)
    second.close()
    office.engine.close()


def test_a_timer_survives_a_restart(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path}/eva.db")
    slip = office.slip({"kind": "resubmit", "actor": "klein", "until": "2021-07-01"}, "co_sign schmidt")
    office.do("mueller", "start", slip)
    office.engine.close()
    restarted = Office(f"sqlite:///{tmp_path}/eva.db")
    assert restarted.later(days=31) == ["slip.station_done", "slip.station_activated"]
    restarted.engine.close()


def test_a_policy_told_twice_acts_once(office: Office) -> None:
    record = office.record()

    def react(event: Recorded, _: Engine) -> list[Reaction]:
        return [Reaction(Work(note="gesehen"), MUELLER, event.stream)] if event.type == "record.created" else []

    policy = Policy("marker", react)
    assert run(policy, office.engine) == []
    with office.engine.log._database.write() as connection:  # as if it had died before it kept its position
        connection.execute(sa.text("DELETE FROM subscribers"))
    assert run(policy, office.engine) == []
    assert office.types(record).count("record.worked") == 1


def test_a_policy_goes_on_past_a_refusal_and_tells_it(office: Office) -> None:
    record = office.record()
    office.do("mueller", "work", record)
    office.do("mueller", "close", record)

    def react(event: Recorded, _: Engine) -> list[Reaction]:
        return [Reaction(Work(), MUELLER, event.stream)] if event.type == "record.created" else []

    (refused,) = run(Policy("marker", react), office.engine)
    assert "not possible in state closed" in str(refused.why)


def test_views_follow_and_equal_a_rebuild_and_keep_to_clearance(url: str) -> None:
    office = Office(url)
    record = office.record(title="Windpark Mönchengladbach")
    office.slip("co_sign schmidt", "final_sign weber")
    slip = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-20"}, title="Eilig")
    office.do("mueller", "start", slip)
    hidden = office.record(who="secret", protection="high", title="Geheimnis")
    views = Views(office.engine)
    assert [row["title"] for row in views.records(MUELLER)] == ["Windpark Mönchengladbach"]
    assert {row["stream"] for row in views.records(PEOPLE["secret"])} == {record, hidden}
    assert views.records(PEOPLE["stranger"]) == []
    assert [row["stream"] for row in views.records(MUELLER, "mönchen")] == [record]
    assert [row["stream"] for row in views.records(MUELLER, "43.21-0001 windpark")] == [record]
    assert views.records(MUELLER, "wind aachen") == []
    assert [row["title"] for row in views.inbox(PEOPLE["schmidt"])] == ["Eilig"]
    assert views.counts(MUELLER) == {"draft": 1, "circulating": 1}
    first = views.cockpit(MUELLER, limit=1)
    rest = views.cockpit(MUELLER, limit=5, after=(first[0]["deadline"], first[0]["stream"]))
    assert [row["title"] for row in first + rest] == ["Eilig", "Bescheid zur Mitzeichnung"]
    assert [row["stream"] for row in views.overdue(MUELLER, "2021-06-21")] == [slip]
    assert views.overdue(MUELLER, "2021-06-20") == []
    check(office)
    office.engine.close()


def test_search_finds_the_same_however_common_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office("sqlite://")
    for n in range(30):
        office.record(title=f"Windpark {n:02d} {'Küste' if n % 3 == 0 else 'Berg'}")
    views = Views(office.engine)
    asked = ("wind", "wind küste", "windpark 07", "berg 0", "43.21-0004", "küste berg", "nichts", "")
    rare = [[row["file_number"] for row in views.records(MUELLER, text, limit=7)] for text in asked]
    monkeypatch.setattr("workflow.views.queries.COMMON", 5)
    assert rare == [[row["file_number"] for row in views.records(MUELLER, text, limit=7)] for text in asked]
    assert [len(found) for found in rare] == [7, 7, 1, 7, 1, 0, 0, 7]
    office.engine.close()


def test_the_same_seed_gives_the_same_log_byte_for_byte() -> None:
    import os
    import subprocess
    import sys

    script = (
        "import os\nfrom tests.workflow.conftest import Office\nfrom tests.workflow.engine.test_log import a_log\n"
        "from hashlib import sha256\noffice = Office('sqlite://', seed=int(os.environ['EVA_SEED']))\n"
        "print(sha256(repr(a_log(office)).encode()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    seen = []
    for hash_seed, zone, seed in (("0", "UTC", 1), ("1", "Pacific/Kiritimati", 1), ("0", "UTC", 2)):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone, "EVA_SEED": str(seed)}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=env, cwd=root, check=True
        )
        seen.append(done.stdout)
    assert seen[0] == seen[1] != seen[2]  # and another seed would be seen


def test_a_clock_that_jumps_changes_no_order_and_fires_nothing_twice(office: Office) -> None:
    """An hour back, 400 days on, ten seconds back again: times are in the order of positions."""
    slip = office.slip({"kind": "co_sign", "actor": "schmidt", "deadline": "2021-06-20"})
    office.do("mueller", "start", slip)
    fired = []
    for jump in (timedelta(hours=-1), timedelta(days=400), timedelta(seconds=-10), timedelta(seconds=20)):
        office.now += jump
        fired += [row.type for done in office.engine.fire().done for row in done.events]
        office.record()
    assert fired == ["slip.reminded", "slip.escalated"]
    rows = list(office.engine.log.read_all())
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert [row.time for row in rows] == sorted(row.time for row in rows)
    assert all(row.time.endswith("Z") for row in rows)
