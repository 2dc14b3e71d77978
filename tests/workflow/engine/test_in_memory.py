"""Engines in memory: each alone with its log, nothing of it on the disk. And what states are made of."""

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.engine.small import ANNA, SMALL, START, Add, Open, Put
from workflow.engine.aggregate import dataclass, replace
from workflow.engine.engine import Engine
from workflow.engine.store import migrate
from workflow.errors import StoreFull


def _open(most_bytes: int | None = None) -> Engine:
    return Engine("sqlite://", SMALL, clock=lambda: START, most_bytes=most_bytes)


def test_the_next_database_of_a_process_has_the_schema_of_the_first(tmp_path: Path) -> None:
    def dump(name: str) -> list[str]:
        Engine(f"sqlite:///{tmp_path}/{name}", SMALL).close()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            return list(connection.iterdump())

    repeated = migrate._FRESH[:]
    migrate._FRESH.clear()
    first = dump("first.db")
    assert dump("second.db") == first
    assert len(first) > 20
    assert repeated in ([], first[1:-1])


def test_two_engines_in_memory_share_nothing() -> None:
    one, other = _open(), _open()
    one.handle(Add(), ANNA, "counter:a")
    assert other.log.head().position == 0
    assert other.log.streams() == []
    other.handle(Add(by=7), ANNA, "counter:a")
    one.close()
    assert other.load("counter:a").state.total == 7
    other.close()


def test_an_engine_in_memory_starts_empty_after_another_was_closed() -> None:
    first = _open()
    first.handle(Add(), ANNA, "counter:a")
    first.close()
    second = _open()
    assert second.log.streams() == []
    second.close()


def test_nothing_of_an_engine_in_memory_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = _open()
    engine.handle(Put(text="x" * 100_000), ANNA, "box:a")
    engine.handle(Add(to=tuple("bcdefgh")), ANNA, "counter:a")
    engine.handle(Open(), ANNA, "door:front")
    assert list(tmp_path.iterdir()) == []
    engine.log.verify()
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_what_did_not_fit_leaves_no_part_of_it_behind() -> None:
    engine = _open(most_bytes=200_000)
    engine.handle(Add(by=3), ANNA, "counter:a")
    with pytest.raises(StoreFull):
        engine.handle(Put(text="x" * 300_000), ANNA, "box:a")
    assert engine.log.streams() == ["counter:a"]
    engine.handle(Add(by=4), ANNA, "counter:a")
    assert engine.load("counter:a").state.total == 7
    assert engine.log.verify().position == 2
    engine.close()


@dataclass(frozen=True)
class _State:
    name: str
    count: int = 0
    parts: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Frozen:
    name: str
    count: int = 0
    parts: tuple[int, ...] = ()


states = st.tuples(st.text(max_size=2), st.integers(0, 2), st.tuples(st.integers(0, 1)))


@given(states, states)
def test_states_are_equal_and_hash_as_frozen_ones_do(
    one: tuple[str, int, tuple[int]], other: tuple[str, int, tuple[int]]
) -> None:
    assert (_State(*one) == _State(*other)) == (_Frozen(*one) == _Frozen(*other))
    assert hash(_State(*one)) == hash(_Frozen(*one))
    assert repr(_State(*one)) == repr(_Frozen(*one)).replace("_Frozen", "_State")


@given(states, st.integers())
def test_a_changed_copy_leaves_the_state_as_it_was(values: tuple[str, int, tuple[int]], count: int) -> None:
    before = _State(*values)
    after = replace(before, count=count)
    assert before == _State(*values)
    assert after == _State(values[0], count, values[2])
