"""The store by its named methods: reading, positions of subscribers, timers; on SQLite in memory and on disk."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflow.engine import small
from tests.workflow.engine.small import ANNA, Add, Erase, House, Open, Put
from tests.workflow.engine.tampering import tampering
from workflow.engine.engine import Engine
from workflow.engine.store.hash_chain import GENESIS, Head, Recorded, event_hash, next_hash, quote_shared
from workflow.engine.store.timers import Due
from workflow.engine.subscribers import Policy, Reaction, follow, run
from workflow.errors import Corrupted, Forbidden, InvalidCommand, StoreUnavailable

MANY = 12


@pytest.fixture(params=["memory", "file"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    yield from small.opened("sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/small.db")


@pytest.fixture
def memory() -> Iterator[House]:
    yield from small.opened()


@pytest.fixture(scope="module")
def full() -> Iterator[House]:
    """Twelve events of three counters and a box; only read by the tests."""
    house = House()
    for number in range(MANY - 1):
        house.add("abc"[number % 3], by=number + 1, command_id=f"add-{number}")
    house.engine.handle(Put(text="Brief"), ANNA, "box:a")
    yield house
    house.engine.close()


def test_an_empty_log_reads_as_empty(house: House) -> None:
    log = house.engine.log
    assert log.head() == Head(0, GENESIS)
    assert (list(log.read_all()), log.read("counter:a"), log.streams(), log.read_command("x")) == ([], [], [], [])
    assert log.versions("counter:a", "counter:b") == [0, 0]
    assert log.verify() == Head(0, GENESIS)


@pytest.mark.parametrize("after", [0, 1, 5, MANY - 1, MANY, MANY + 7])
@pytest.mark.parametrize("most", [None, 0, 1, 5, MANY, 1000])
def test_the_log_reads_from_a_position_and_no_further_than_asked(full: House, after: int, most: int | None) -> None:
    found = [row.position for row in full.engine.log.read_all(after, most)]
    assert found == list(range(after + 1, MANY + 1))[:most]


def test_pages_are_read_one_after_the_other_and_nothing_is_left_out(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.engine.store.log.PAGE", 5)
    assert [row.position for row in full.engine.log.read_all()] == list(range(1, MANY + 1))
    assert [row.position for row in full.engine.log.read_all(3, 6)] == list(range(4, 10))


def test_a_stream_reads_in_order_or_by_its_last_event(full: House) -> None:
    rows = full.engine.log.read("counter:a")
    assert [row.version for row in rows] == [1, 2, 3, 4]
    assert full.engine.log.read("counter:a", latest_only=True) == rows[-1:]
    assert full.engine.log.read("counter:", latest_only=True) == []


def test_the_writers_own_reading_is_the_same(full: House) -> None:
    for latest in (False, True):
        assert full.engine.log.writer.read("counter:b", latest) == full.engine.log.read("counter:b", latest)


def test_events_of_types_come_the_latest_first(full: House) -> None:
    assert [row.position for row in full.engine.log.read_types("test.letter_put", "test.door_shut")] == [MANY]
    positions = [row.position for row in full.engine.log.read_types("test.counter_added")]
    assert positions == list(range(MANY - 1, 0, -1))


def test_versions_come_in_the_order_asked(full: House) -> None:
    assert full.engine.log.versions("counter:c", "box:a", "nobody:x", "counter:a") == [3, 1, 0, 4]
    assert full.engine.log.versions() == []
    assert full.engine.log.versions_at_once("counter:a") is None, "in memory there is no connection for it"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["box:a", "counter:a", "counter:b", "counter:c"]),
        ({"category": "counter"}, ["counter:a", "counter:b", "counter:c"]),
        ({"category": "counter", "most": 2}, ["counter:a", "counter:b"]),
        ({"category": "counter", "after": "a"}, ["counter:b", "counter:c"]),
        ({"category": "counter", "after": "c"}, []),
        ({"category": "count"}, []),
        ({"changed_since": MANY - 2}, ["box:a", "counter:b"]),
        ({"category": "counter", "changed_since": MANY - 2}, ["counter:b"]),
        ({"changed_since": MANY}, []),
    ],
)
def test_streams_by_category_key_and_change(full: House, asked: dict[str, object], found: list[str]) -> None:
    assert full.engine.log.streams(**asked) == found  # type: ignore[arg-type]


def test_versions_at_once_follow_other_writers_and_survive_a_broken_connection(tmp_path: Path) -> None:
    for house in small.opened(f"sqlite:///{tmp_path}/small.db"):
        other = House(house.url, seed=2)
        assert house.engine.log.versions_at_once("counter:a", "counter:b") == [0, 0]
        other.add()
        assert house.engine.log.versions_at_once("counter:a", "counter:b") == [1, 0]
        quick = house.engine.log._quick
        assert quick is not None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            quick.execute("DELETE FROM events")
        quick.close()
        with pytest.raises(StoreUnavailable):
            house.engine.log.versions_at_once("counter:a")
        assert house.engine.log.versions_at_once("counter:a") == [1], "with a new connection"
        other.engine.close()


def test_a_row_that_cannot_be_read_is_named_after_all_before_it(memory: House) -> None:
    for _ in range(4):
        memory.add()
    with tampering(memory.engine) as connection:
        connection.execute(sa.text("UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE position = 3"))
    read: list[int] = []

    def read_on() -> None:
        read.extend(row.position for row in memory.engine.log.read_all())

    with pytest.raises(Corrupted) as wrong:
        read_on()
    assert (wrong.value.position, read) == (3, [1, 2])
    with tampering(memory.engine) as connection:
        connection.execute(sa.text("UPDATE events SET actor = 'anna' WHERE position = 3"))


def test_only_an_empty_log_is_restored_into(memory: House, full: House) -> None:
    memory.add()
    with pytest.raises(StoreUnavailable, match="not empty"):
        memory.engine.restore(full.engine.log.read_all())
    assert memory.engine.log.head().position == 1


def test_a_restored_log_goes_on_where_the_other_stood(full: House) -> None:
    for house in small.opened(seed=9):
        assert house.engine.restore(full.engine.log.read_all()) == full.engine.log.head()
        assert house.add("a", by=1).version == 5
        again = house.engine.handle(Add(by=1), ANNA, "counter:a", command_id="add-0")
        assert (again.repeated, again.version) == (True, 1)


def test_the_hash_written_is_the_hash_checked(full: House) -> None:
    before = GENESIS
    for row in full.engine.log.read_all():
        shared = quote_shared(*row[5:10])
        assert next_hash(before, row[:5], shared, row.ordinal, row.payload_digest) == row.hash
        assert event_hash(before, row) == row.hash
        before = row.hash


@pytest.mark.parametrize("name", ['qu"ote', "back\\slash", "ümlaut", "\u2028", "a:b/c"])
def test_names_that_json_escapes_are_hashed_as_any_library_writes_them(memory: House, name: str) -> None:
    memory.add(name, command_id=name if name.isprintable() else None)
    memory.engine.log.verify()


def test_check_writable_leaves_the_log_as_it_was_and_fails_where_nothing_can_be_written(house: House) -> None:
    house.add()
    head = house.engine.log.head()
    for _ in range(2):
        house.engine.log.check_writable()
    assert house.engine.log.head() == head
    if not house.engine.log.in_memory:
        path = house.url.removeprefix("sqlite:///")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with tampering_at_once(house.engine), pytest.raises(StoreUnavailable):
            house.engine.log.check_writable()
        holder.execute("ROLLBACK")
        holder.close()
        house.engine.log.check_writable()


class tampering_at_once:  # noqa: N801 - used as a context manager
    """Writers of an engine do not wait for others."""

    def __init__(self, engine: Engine) -> None:
        self._writers = engine.log._database.writers

    def __enter__(self) -> None:
        sa.event.listen(self._writers, "checkout", self._hurry)

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self._writers, "checkout", self._hurry)
        self._writers.dispose()

    @staticmethod
    def _hurry(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=0")


# Projections


def test_a_projection_begins_at_nought_and_keeps_its_own_position(house: House) -> None:
    one, two = house.engine.projection("one"), house.engine.projection("two")
    assert (one.position(), two.position()) == (0, 0)
    one.keep(5)
    two.keep(7)
    one.keep(6)
    assert (one.position(), two.position(), house.engine.projection("one").position()) == (6, 7, 6)


def test_tables_and_position_change_together_or_not_at_all(house: House) -> None:
    tables = house.engine.projection("letters")
    with tampering(house.engine) as connection:
        connection.execute(sa.text("CREATE TABLE letters (text TEXT)"))

    def advance(position: int, to: int, fail: bool) -> None:
        with tables.advancing(position, to) as connection:
            if connection is not None:
                connection.execute(sa.text("INSERT INTO letters VALUES (:text)"), {"text": str(to)})
            if fail:
                raise RuntimeError("in between")

    def rows() -> list[str]:
        with tables.reading() as connection:
            return [row[0] for row in connection.execute(sa.text("SELECT text FROM letters ORDER BY 1"))]

    advance(0, 3, fail=False)
    with pytest.raises(RuntimeError):
        advance(3, 4, fail=True)
    assert (tables.position(), rows()) == (3, ["3"])
    advance(0, 5, fail=False)  # somebody else has been at 3 since
    assert (tables.position(), rows()) == (3, ["3"])
    advance(3, 5, fail=False)
    assert (tables.position(), rows()) == (5, ["3", "5"])


def test_a_rebuild_is_at_the_head_it_was_given(house: House) -> None:
    for _ in range(3):
        house.add()
    tables = house.engine.projection("letters")
    with tables.rebuilding() as (connection, head):
        assert (head, connection.execute(sa.text("SELECT count(*) FROM events")).scalar_one()) == (3, 3)
    assert tables.position() == 3


def test_rows_made_of_erased_contents_leave_the_files_when_the_projection_follows(tmp_path: Path) -> None:
    for house in small.opened(f"sqlite:///{tmp_path}/small.db"):
        tables = house.engine.projection("letters")
        with tampering(house.engine) as connection:
            connection.execute(sa.text("CREATE TABLE letters (text TEXT)"))
        house.engine.handle(Put(text="Kanarienvogel"), ANNA, "box:a")
        with tables.advancing(0, 1) as connection_or_none:
            assert connection_or_none is not None
            connection_or_none.execute(sa.text("INSERT INTO letters VALUES ('Kanarienvogel')"))
        house.engine.handle(Erase(up_to=1), ANNA, "box:a")
        with tables.advancing(1, house.engine.log.head().position) as connection_or_none:
            assert connection_or_none is not None
            connection_or_none.execute(sa.text("DELETE FROM letters"))
        assert [path.name for path in tmp_path.iterdir() if b"Kanarienvogel" in path.read_bytes()] == []


# Timers


def set_timers(house: House, *timers: Due) -> None:
    """These timers and no others, as if events had called for them."""
    with house.engine.log._database.write() as connection:
        connection.execute(sa.text("DELETE FROM timers"))
        for timer in timers:
            connection.execute(sa.text("INSERT INTO timers VALUES (:stream, :key, :at, NULL)"), timer._asdict())


def test_timers_are_due_by_time_then_stream_then_key(memory: House) -> None:
    timers = memory.engine.log.timers
    assert timers.next() is None
    wanted = [Due("a", "x", "2030-01-02"), Due("a", "y", "2030-01-02"), Due("b", "x", "2030-01-02"),
              Due("a", "z", "2030-01-03")]  # fmt: skip
    set_timers(memory, *reversed(wanted))
    assert (timers.due("2030-01-03", 10), timers.due("2030-01-02", 10)) == (wanted, wanted[:3])
    assert timers.due("2030-01-03", 2) == wanted[:2]
    assert timers.next() == "2030-01-02"
    set_timers(memory)
    assert timers.due("9999", 10) == []


@pytest.mark.parametrize("change", ["drop", "postpone"])
def test_a_timer_that_was_set_anew_is_neither_dropped_nor_postponed(memory: House, change: str) -> None:
    timers = memory.engine.log.timers
    old, new = Due("a", "x", "2030-01-02"), Due("a", "x", "2030-02-02")
    set_timers(memory, new)
    timers.drop(old) if change == "drop" else timers.postpone(old, "2040", "why")
    assert timers.due("9999", 10) == [new]
    timers.drop(new) if change == "drop" else timers.postpone(new, "2040", "why")
    assert [timer.at for timer in timers.due("9999", 10)] == ([] if change == "drop" else ["2040"])


# Policies


def shuts(event: Recorded, _engine: Engine) -> list[Reaction]:
    """Whoever opens a door is counted; the count goes on to be counted itself, up to three."""
    if event.type == "test.door_opened":
        return [Reaction(Add(by=1), ANNA, "counter:doors"), Reaction(Add(by=2), ANNA, "counter:twice")]
    return []


def chain(event: Recorded, engine: Engine) -> list[Reaction]:
    """Every count is followed by another, until the counter stands at 5."""
    return [Reaction(Add(by=1), ANNA, event.stream)] if len(engine.log.read(event.stream)) < 5 else []


def test_a_policy_answers_each_event_once_by_a_command_id_of_its_own(memory: House) -> None:
    policy = Policy("doors", shuts)
    memory.engine.handle(Open(), ANNA, "door:a")
    assert run(policy, memory.engine) == []
    assert run(policy, memory.engine) == []
    assert (memory.total("doors"), memory.total("twice")) == (1, 2)
    ids = [row.command_id for row in memory.engine.log.read_all(1)]
    assert ids == ["policy:doors:1:0", "policy:doors:1:1"]
    memory.engine.projection("doors").keep(0)  # as if it had stopped before it kept its position
    run(policy, memory.engine)
    assert (memory.total("doors"), memory.total("twice")) == (1, 2)


def test_a_policy_reads_no_more_than_its_limit_at_once(memory: House) -> None:
    for name in "abc":
        memory.engine.handle(Open(), ANNA, f"door:{name}")
    positions = []
    for _ in range(3):
        run(Policy("doors", shuts), memory.engine, limit=2)
        positions.append(memory.engine.projection("doors").position())
    assert positions == [2, 4, 6]
    assert memory.total("doors") == 3


def test_following_goes_on_until_nothing_is_left_of_its_own_reactions_too(memory: House) -> None:
    memory.add("a")
    assert follow(Policy("chain", chain), memory.engine) == []
    assert memory.engine.load("counter:a").version == 5
    assert memory.engine.projection("chain").position() == memory.engine.log.head().position == 5


def test_a_reaction_that_is_refused_is_told_and_the_next_goes_on(memory: House) -> None:
    def too_much(event: Recorded, _engine: Engine) -> list[Reaction]:
        if event.stream != "counter:a":
            return []
        return [Reaction(Add(by=1000), ANNA, "counter:b"), Reaction(Add(by=1), ANNA, "counter:c")]

    memory.add("a")
    (refused,) = follow(Policy("much", too_much), memory.engine)
    assert (refused.position, refused.reaction.stream) == (1, "counter:b")
    assert isinstance(refused.why, Forbidden)
    assert memory.total("c") == 1


def test_two_policies_do_not_share_a_position(memory: House) -> None:
    memory.engine.handle(Open(), ANNA, "door:a")
    for name in ("one", "two"):
        follow(Policy(name, shuts), memory.engine)
    assert memory.total("doors") == 2


@pytest.mark.parametrize("url", ["mysql://x", "nonsense", "oracle://host/db", ""])
def test_a_url_of_no_known_database_is_refused_with_its_place(url: str) -> None:
    with pytest.raises(InvalidCommand) as refused:
        House(url)
    assert refused.value.faults[0][0] == "/database"
