"""A backup streams, goes on from the one before or leaves it alone, and holds what is needed to restore."""

import json
import os
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.application.catalogue import ALL
from api.server.background.maintenance import MaintenanceLoop, Plan
from api.server.observability.metrics import Metrics
from scanning.sealing import certificate_authority
from scanning.storage import backup, fixity
from scanning.storage.backup import copy_log_and_files, read_head, read_log
from scanning.storage.content_store import ContentStore
from tests.scanning.file_fixtures import NOW
from tests.workflow.conftest import Office
from workflow.errors import Corrupted, StoreReplaced


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def office(tmp_path: Path, records: int = 2, seed: int = 1, name: str = "eva") -> Office:
    opened = Office(f"sqlite:///{tmp_path}/{name}.db", catalogue=ALL, seed=seed)
    for _ in range(records):
        opened.record()
    return opened


def copy(office: Office, data: Path, target: Path) -> int:
    store = ContentStore(data / "content")
    return copy_log_and_files(office.engine.log, store, target, office.now, list).position


def test_a_later_backup_goes_on_from_the_one_before(tmp_path: Path, data: Path) -> None:
    opened, target = office(tmp_path), tmp_path / "backup"
    assert read_head(target) is None
    assert copy(opened, data, target) == 4
    opened.record()
    assert copy(opened, data, target) == 6
    assert read_head(target) == opened.engine.log.head()
    assert list(read_log(target)) == list(opened.engine.log.read_all())
    assert not [path for path in target.iterdir() if path.name.startswith(".")]
    opened.engine.close()


@pytest.mark.parametrize("records", [0, 1, 5], ids=["empty", "shorter", "longer"])
def test_another_log_never_takes_the_place_of_a_backup(tmp_path: Path, data: Path, records: int) -> None:
    opened, target = office(tmp_path), tmp_path / "backup"
    copy(opened, data, target)
    kept = (target / "log.jsonl").read_bytes()
    runs = sorted((target / "runs").iterdir())
    other = office(tmp_path, records, seed=2, name="other")
    with pytest.raises(StoreReplaced, match="position 4"):
        copy(other, data, target)
    assert (target / "log.jsonl").read_bytes() == kept
    assert sorted((target / "runs").iterdir()) == runs
    assert not [path for path in target.iterdir() if path.name.startswith(".")]
    for one in (opened, other):
        one.engine.close()


def test_a_log_that_does_not_verify_leaves_the_backup_before(tmp_path: Path, data: Path) -> None:
    import sqlite3

    opened, target = office(tmp_path), tmp_path / "backup"
    copy(opened, data, target)
    kept = (target / "log.jsonl").read_bytes()
    with sqlite3.connect(tmp_path / "eva.db") as db:
        db.execute("UPDATE events SET actor = 'eve' WHERE position = 2")
    db.close()
    with pytest.raises(Corrupted):
        copy(opened, data, target)
    assert (target / "log.jsonl").read_bytes() == kept
    opened.engine.close()


@pytest.mark.parametrize("text", ["{", "x\n", '{"position": 1}\n', "[]\n"])
def test_a_backup_that_cannot_be_read_is_left_alone(tmp_path: Path, data: Path, text: str) -> None:
    opened, target = office(tmp_path), tmp_path / "backup"
    target.mkdir()
    (target / "log.jsonl").write_text(text)
    with pytest.raises(StoreReplaced, match="cannot be read"):
        copy(opened, data, target)
    assert (target / "log.jsonl").read_text() == text
    opened.engine.close()


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_the_last_line_is_found_whatever_the_block(
    tmp_path: Path, data: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = office(tmp_path)
    copy(opened, data, tmp_path / "backup")
    monkeypatch.setattr(backup, "BLOCK", block)
    assert read_head(tmp_path / "backup") == opened.engine.log.head()
    (tmp_path / "backup" / "log.jsonl").write_bytes(b"")
    assert read_head(tmp_path / "backup") is None
    opened.engine.close()


def test_a_backup_needs_the_memory_of_a_page_whatever_the_length(tmp_path: Path, data: Path) -> None:
    """12 MB of events, in pages; before, all of them were held three times over."""
    opened = office(tmp_path, 1)
    record = opened.engine.log.streams("record")[0]
    for _ in range(1200):
        opened.do("mueller", "work", record, note="x" * 9_000)
    copy(opened, data, tmp_path / "warm")
    tracemalloc.start()
    try:
        copy(opened, data, tmp_path / "backup")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    whole = (tmp_path / "backup" / "log.jsonl").stat().st_size
    assert whole > 10_000_000
    assert peak < whole / 2, f"{peak:,} bytes for a log of {whole:,}"
    opened.engine.close()


def test_what_seals_are_verified_with_is_in_the_backup(tmp_path: Path, data: Path) -> None:
    opened, target = office(tmp_path), tmp_path / "backup"
    certificate_authority.make_certificates(data / "seal", NOW)
    (tmp_path / "anker.pem").write_bytes(b"PEM")
    (data / "seal.json").write_text(json.dumps({"provider": "pkcs12", "roots": [str(tmp_path / "anker.pem")],
                                                "passphrase_file": "/geheim"}))  # fmt: skip
    copy(opened, data, target)
    for name in certificate_authority.FILES:
        assert (target / "seal" / name).read_bytes() == (data / "seal" / name).read_bytes()
        assert (target / "seal" / name).stat().st_mode & 0o077 == 0
    assert (target / "roots" / "anker.pem").read_bytes() == b"PEM"
    assert (target / "seal.json").read_bytes() == (data / "seal.json").read_bytes()
    opened.engine.close()


def test_a_folder_of_backups_is_restored_by_the_command(eva: Callable[..., Any], tmp_path: Path, data: Path) -> None:
    opened = office(tmp_path)
    copy(opened, data, tmp_path / "backup")
    head = opened.engine.log.head()
    opened.engine.close()
    done = eva("log", "restore", tmp_path / "backup", "--database", f"sqlite:///{tmp_path}/new.db")
    assert (done.status, done.out) == (0, f"ok: 4 events, head {head.hash}\n")
    assert eva("log", "restore", tmp_path, "--database", f"sqlite:///{tmp_path}/newer.db").status == 2


def test_a_scheduled_run_on_a_full_disk_tells_what_it_found(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The result cannot be kept; it is told, shown as a metric, and not found anew each half minute."""
    from api.server.background import maintenance

    opened, metrics = office(tmp_path), Metrics()
    ContentStore(data / "content").put(b"orphan")
    caplog.set_level("INFO")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(maintenance, "write_atomically", full)
    monkeypatch.setattr(fixity, "write_atomically", full)
    loop = MaintenanceLoop(opened.engine, data, Plan(fixity=timedelta(days=1)), metrics)
    loop.once()
    loop.once()
    messages = [record.getMessage() for record in caplog.records if record.name == "eva.care"]
    assert messages.count("fixity") == 1
    assert messages.count("a result could not be kept") == 1
    shown = metrics.render().decode()
    assert 'eva_fixity_files{found="untracked"} 1.0' in shown
    assert 'eva_held_files{where="quarantine"} 0.0' in shown
    opened.engine.close()
