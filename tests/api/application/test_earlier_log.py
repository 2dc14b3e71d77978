"""No empty or other log begins where there was one: heads kept beside the data, backups, stored files."""

import json
from pathlib import Path

import pytest

from api.application.catalogue import ALL
from api.application.earlier_log import FILE, Traces
from api.server.background.head_loop import HeadLoop
from scanning.storage.backup import copy_log_and_files
from scanning.storage.content_store import ContentStore
from tests.workflow.conftest import Office
from workflow.engine.engine import Engine
from workflow.errors import StoreReplaced


@pytest.fixture
def traces(tmp_path: Path) -> Traces:
    return Traces(f"sqlite:///{tmp_path}/eva.db", tmp_path / "data", tmp_path / "backup")


def office(traces: Traces, records: int = 2) -> Office:
    opened = Office(traces.database, catalogue=ALL)
    for _ in range(records):
        opened.record()
    return opened


def check(traces: Traces) -> None:
    engine = Engine(traces.database, catalogue=ALL)
    try:
        traces.check(engine.log)
    finally:
        engine.close()


def test_the_same_log_goes_on(traces: Traces) -> None:
    for _ in range(2):
        opened = office(traces)
        traces.check(opened.engine.log)
        traces.keep(opened.engine.log, opened.engine.clock())
        opened.record()
        traces.check(opened.engine.log)
        opened.engine.close()
    seen = traces.read_seen()
    assert seen is not None
    assert seen.position == 10


@pytest.mark.parametrize("records", [0, 1, 3], ids=["empty", "shorter", "another"])
def test_a_log_that_is_not_the_one_is_refused(traces: Traces, tmp_path: Path, records: int) -> None:
    opened = office(traces)
    traces.keep(opened.engine.log, opened.engine.clock())
    opened.engine.close()
    (tmp_path / "eva.db").unlink()
    other = Office(traces.database, catalogue=ALL, seed=2)
    for _ in range(records):
        other.record()
    other.engine.close()
    with pytest.raises(StoreReplaced, match="4"):
        check(traces)
    (tmp_path / "data" / FILE).unlink()  # meant to be so
    check(traces)


def test_an_empty_log_beside_a_backup_is_refused(traces: Traces, tmp_path: Path) -> None:
    opened = office(traces)
    store = ContentStore(tmp_path / "data" / "content")
    copy_log_and_files(opened.engine.log, store, tmp_path / "backup", opened.now, list)
    opened.engine.close()
    (tmp_path / "eva.db").unlink()
    assert "has 4 events" in str(traces.find())
    with pytest.raises(StoreReplaced, match="backup"):
        check(traces)
    assert traces._replace(backup=None).find() is None


def test_stored_files_without_any_database_tell_of_one(traces: Traces, tmp_path: Path) -> None:
    ContentStore(tmp_path / "data" / "content").put(b"scan")
    with pytest.raises(StoreReplaced, match="stored files"):
        check(traces)
    (tmp_path / "data" / FILE).write_text(
        json.dumps({"sqlite:///other.db": {"position": 1, "hash": "0" * 64, "time": "2021-06-01T00:00:00Z"}})
    )
    check(traces)  # another database is known to own them


def test_databases_in_one_folder_do_not_disturb_each_other(traces: Traces, tmp_path: Path) -> None:
    opened = office(traces)
    traces.keep(opened.engine.log, opened.engine.clock())
    opened.engine.close()
    other = traces._replace(database=f"sqlite:///{tmp_path}/other.db")
    check(other)
    assert other.read_seen() is None


def test_a_file_of_heads_that_cannot_be_read_is_told(traces: Traces, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for text in ("{", "[]", '{"x": {"position": -1}}'):
        (tmp_path / "data" / FILE).write_text(text)
        with pytest.raises(StoreReplaced, match="cannot be read"):
            traces.find()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://eva:secret@db:5432/eva", "postgresql://db:5432/eva"),
        ("postgresql://eva@/eva?host=/run/pg", "postgresql:///eva?host=/run/pg"),
        ("sqlite:////srv/eva.db?timeout=1", "sqlite:////srv/eva.db"),
        ("sqlite:///eva.db", f"sqlite:///{Path('eva.db').absolute()}"),
    ],
)
def test_a_database_has_one_name_without_its_password(url: str, name: str) -> None:
    assert Traces(url, Path()).name == name


def test_the_loop_keeps_the_head_and_never_a_shorter_one(traces: Traces, tmp_path: Path) -> None:
    opened = office(traces)
    loop = HeadLoop(opened.engine, traces)
    loop.once()
    assert json.loads((tmp_path / "data" / FILE).read_text())[traces.name]["position"] == 4
    opened.record()
    loop.close()
    kept = (tmp_path / "data" / FILE).read_bytes()
    assert json.loads(kept)[traces.name]["position"] == 6
    assert loop.why_not() is None
    opened.engine.close()
    (tmp_path / "eva.db").unlink()
    shorter = office(traces, 1)
    loop = HeadLoop(shorter.engine, traces)
    loop.once()
    assert loop.why_not() == "StoreReplaced"
    loop.close()
    assert (tmp_path / "data" / FILE).read_bytes() == kept
    shorter.engine.close()
