"""One worker's folder: who may work in it, what is left there, and how far the work is."""

import json
import threading
from pathlib import Path

import pytest

from api.server.jobs.lock import Busy, Lock
from api.server.jobs.process import clear, read_progress
from api.server.jobs.worker import UNUSABLE, hash_files, main
from tests.german import find_english


def test_one_works_in_a_folder_and_nobody_else(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "run")
    with pytest.raises(Busy):
        Lock(tmp_path / "run")
    Lock(tmp_path / "other").release()
    lock.release()
    Lock(tmp_path / "run").release()


def test_who_waits_gets_the_folder_once_it_is_let_go(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    with pytest.raises(Busy):
        Lock.wait(tmp_path, 0.1)
    threading.Timer(0.2, lock.release).start()
    Lock.wait(tmp_path, 30).release()


def test_what_an_earlier_attempt_left_goes_but_for_the_lock(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "users.csv").write_text("x")
    (tmp_path / "progress.json").write_text("{}")
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    lock.release()


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b'{"done": 1'])
def test_progress_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "progress.json").write_bytes(content)
    assert read_progress(tmp_path) is None


def test_progress_as_the_worker_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(json.dumps({"done": 3, "total": 40}))
    assert read_progress(tmp_path) == {"done": 3, "total": 40}


def test_every_file_of_a_run_has_its_hash(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"")
    (tmp_path / "a.csv").write_bytes(b"eva")
    (tmp_path / "charts").mkdir()
    found = hash_files(tmp_path)
    assert list(found) == ["a.csv", "b.csv"], "files only, in order"
    assert found["b.csv"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "text", ["kind: rollout\nname: [", "kind: rollout\nextends: nowhere.yaml\n", "", "kind: replay"]
)
def test_a_scenario_that_cannot_be_used_is_not_tried_again(tmp_path: Path, text: str) -> None:
    job = {
        "scenario": None,
        "text": text,
        "replications": 1,
        "scan_replications": 1,
        "seed": 1,
        "mode": "plan",
        "processes": 1,
        "cache": None,
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    assert main(tmp_path) == UNUSABLE
    reason = json.loads((tmp_path / "fault.json").read_text(encoding="utf-8"))
    assert find_english(reason["de"]) == []
    assert find_english(reason["en"]) != []
    assert "/work" not in reason["en"]
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("alone")
def test_a_job_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert main(tmp_path) == UNUSABLE
    reason = json.loads((tmp_path / "fault.json").read_text(encoding="utf-8"))
    assert reason == {
        "de": "das Betriebssystem meldet: Datei oder Ordner gibt es nicht",
        "en": "No such file or directory",
    }
