"""Views and policies far behind: one follows, page by page, the others wait so long and no longer."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.application.catalogue import ALL
from workflow.engine import subscribers
from workflow.engine.access import Actor, Role
from workflow.engine.engine import Engine
from workflow.engine.memory import Entry
from workflow.engine.subscribers import Policy, follow
from workflow.records.closing_actions import Change
from workflow.records.work_actions import CreateRecord, Work
from workflow.views import following
from workflow.views.queries import Views
from workflow.views.rows import TABLES

WHO = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
RECORDS, PAGE = 25, 10


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A log of records, each created and later worked on, that nobody has looked at."""
    monkeypatch.setattr(following, "PAGE", PAGE)
    made = Engine(f"sqlite:///{tmp_path}/eva.db", catalogue=ALL)
    create = CreateRecord(title="Akte", file_plan_code="43.21")
    streams = [made.handle(create, WHO, "record").stream for _ in range(RECORDS)]
    for stream in streams:
        made.handle(Work(note="gelesen"), WHO, stream)
    yield made
    made.close()


def pages(views: Views, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """From where to where pages are followed from now on."""
    found: list[tuple[int, int]] = []
    follow_page = views._follow_page

    def noted(position: int, to: int, known: Mapping[str, Entry]) -> int:
        found.append((position, to))
        return follow_page(position, to, known)

    monkeypatch.setattr(views, "_follow_page", noted)
    return found


def test_of_many_who_ask_one_follows_and_nothing_is_done_twice(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    views, head = Views(engine, patience=60), engine.log.head().position
    followed = pages(views, monkeypatch)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(views.catch_up) for _ in range(8)]
        assert sum(one.result() for one in asked) == head
    assert followed == [(at, min(at + PAGE, head)) for at in range(0, head, PAGE)]
    rows = views.everything()
    views.rebuild()
    assert views.everything() == rows


def test_after_each_page_the_rows_are_those_of_that_position(engine: Engine) -> None:
    views, columns = Views(engine, patience=0.0), list(TABLES["view_records"].columns.keys())
    for position in range(PAGE, engine.log.head().position, PAGE):
        assert views.catch_up(go_on=iter([True, False]).__next__) == PAGE
        found = [dict(zip(columns, row, strict=True)) for row in views.everything()["view_records"]]
        shown = {row["stream"]: row["state"] for row in found}
        wanted = {row.stream: "created" for row in engine.log.read_all(0, position) if row.type == "record.created"}
        wanted |= {row.stream: "in_work" for row in engine.log.read_all(0, position) if row.type == "record.worked"}
        assert shown == wanted
        assert views._tables.position() == position


def test_a_stream_that_has_moved_on_is_shown_as_it_was_without_reading_it_from_the_beginning(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, stream = Views(engine), next(engine.log.read_all()).stream
    views.catch_up()
    before = engine.log.head().position
    for title in ("eins", "zwei", "drei"):
        engine.handle(Change(title=title), WHO, stream)
    asked: list[int] = []
    read = engine.log.read
    monkeypatch.setattr(engine.log, "read", lambda name, *_, after=0: asked.append(after) or read(name, after=after))  # type: ignore[func-returns-value]
    for position, title in ((before + 1, "eins"), (before + 2, "zwei"), (before + 3, "drei")):
        views._follow_page(position - 1, position, engine.all_remembered())
        assert [row[3] for row in views.everything()["view_records"] if row[0] == stream] == [title]
    assert asked == [0, 3], "first, there was no page before in which it was; last, it is as it is now"


def test_what_changes_while_a_page_is_looked_for_costs_no_reading(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server changes the same streams again and again while the views follow."""
    views, stream = Views(engine), next(engine.log.read_all()).stream
    views.catch_up()
    engine.handle(Change(title="eins"), WHO, stream)
    read_marks = views._marks.read

    def read_while_others_write(*arguments: Any) -> Any:
        engine.handle(Change(title="zwei"), WHO, stream)
        return read_marks(*arguments)

    monkeypatch.setattr(views._marks, "read", read_while_others_write)
    monkeypatch.setattr(engine.log, "read", lambda *_, **__: pytest.fail("read the stream from the log"))
    assert views.catch_up() == 1
    assert [row[3] for row in views.everything()["view_records"] if row[0] == stream] == ["eins"]


def test_whoever_is_impatient_sees_the_views_as_they_stand(engine: Engine) -> None:
    views = Views(engine, patience=0.01)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with views._tables.following(None):
            held.set()
            let_go.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    assert views.records(WHO) == []
    let_go.set()
    holder.join()
    assert len(views.records(WHO)) == RECORDS


def test_where_the_views_are_behind_nobody_waits_for_them(engine: Engine) -> None:
    views = Views(engine, patience=60)
    views.behind = 0
    with views._tables.following(None), ThreadPoolExecutor(1) as pool:
        assert pool.submit(views.records, WHO).result(30) == [], "not after sixty seconds, but at once"
    assert len(views.records(WHO)) == RECORDS
    assert views.behind is None


def test_a_policy_reads_pages_and_goes_on_where_it_was_stopped(engine: Engine) -> None:
    seen: list[int] = []
    policy = Policy("reader", lambda event, _: seen.append(event.position) or [])  # type: ignore[func-returns-value]
    head = engine.log.head().position
    reads: list[int] = []
    read_all = engine.log.read_all
    engine.log.read_all = lambda after=0, most=None: reads.append(after) or read_all(after, most)  # type: ignore[method-assign,func-returns-value,assignment]
    assert follow(policy, engine, go_on=lambda: False) == []
    assert not seen
    follow(policy, engine)
    assert seen == list(range(1, head + 1))
    assert reads == list(range(0, head, subscribers.PAGE))
    assert engine.projection("reader").position() == head


def test_of_two_processes_at_the_same_page_one_writes_it(durable_url: str) -> None:
    """The second waits for the first and then finds the position moved."""
    first, second = Engine(durable_url, catalogue=ALL), Engine(durable_url, catalogue=ALL)
    entered = threading.Event()

    def advance() -> bool:
        with second.projection("views").advancing(0, 3) as connection:
            entered.set()
            return connection is not None

    try:
        with ThreadPoolExecutor(1) as pool:
            with first.projection("views").advancing(0, 3) as connection:
                assert connection is not None
                late = pool.submit(advance)
                assert not entered.wait(0.5)
            assert late.result() is False
        assert second.projection("views").position() == 3
    finally:
        first.close()
        second.close()
