"""Whatever is handed in is answered with a clear reason, in bounded time and memory, and its bytes are kept."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scanning.limits import Limits
from scanning.readers import confinement
from scanning.readers.process_pool import ReaderPool, say_that_network_stays
from scanning.rejection import FileRejected, RejectionReason
from scanning.storage.content_store import ContentStore
from scanning.text_recognition import tesseract
from tests.scanning.file_fixtures import NOW
from tests.scanning.inspection.hostile import FILES
from tests.scanning.papers import pdf_file, png_file

MEMORY_MB = 256 + 16
"""How much a reader may grow on a hostile file, and what its libraries take on first use."""


def resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_for_its_reason_and_kept(name: str, reader_pool: Any, store: ContentStore) -> None:
    maker, reason = FILES[name]
    data = maker()
    incoming = store.receive((data,), 2**30)
    with pytest.raises(FileRejected) as rejected:
        reader_pool.inspect(incoming.path, name)
    assert rejected.value.reason == reason, rejected.value
    assert rejected.value.de != str(rejected.value)
    digest = store.quarantine(incoming, name, rejected.value, NOW)
    assert digest == rejected.value.sha256 == sha256(data).hexdigest()
    ((kept, notes),) = store.quarantined()
    assert kept == digest
    assert notes[0]["name"] == name
    assert notes[0]["reason"] == reason
    assert (store.root / "quarantine" / digest[:2] / digest[2:4] / digest).read_bytes() == data
    assert not list((store.root / "incoming").iterdir())


def test_there_are_all_kinds() -> None:
    assert len(FILES) >= 39
    assert {reason for _, reason in FILES.values()} >= set(RejectionReason) - {
        "too_big", "too_many_pages", "too_slow", "reader_failed", "interrupted", "not_archivable",
    }  # fmt: skip


def test_no_file_takes_more_memory_than_allowed(store: ContentStore) -> None:
    """Each in a reader of its own, so that its highest mark is the file's."""
    for name, (maker, _) in FILES.items():
        if not name.startswith(("bomb", "huge", "text-bomb", "nested", "declares")):
            continue
        incoming = store.receive((maker(),), 2**30)
        with ReaderPool(1) as pool:
            child = pool._get_child()
            before = resident_mb(child.process.pid)
            child.run({"task": "inspect", "path": str(incoming.path), "name": name}, 60)
            assert resident_mb(child.process.pid) - before < MEMORY_MB, name
            child.end()


def test_a_good_file_after_each_bad_one_is_read(reader_pool: Any, tmp_path: Path) -> None:
    good = tmp_path / "gut.pdf"
    good.write_bytes(pdf_file(2))
    bad = tmp_path / "schlecht.pdf"
    bad.write_bytes(FILES["bomb.pdf"][0]())
    for _ in range(3):
        with pytest.raises(FileRejected):
            reader_pool.inspect(bad, bad.name)
        assert reader_pool.inspect(good, good.name).pages == 2


def test_too_big_is_refused_while_it_arrives(store: ContentStore) -> None:
    sent = []

    def endless():
        while True:
            sent.append(1)
            yield bytes(1000)

    with pytest.raises(FileRejected, match="bigger"):
        store.receive(endless(), 10_000, "gross.pdf", NOW)
    assert len(sent) == 11
    ((_, notes),) = store.quarantined()
    assert notes[0]["reason"] == "too_big"
    assert notes[0]["size"] == 11_000


def test_too_many_pages(store: ContentStore) -> None:
    incoming = store.receive((pdf_file(3),), 2**30)
    with ReaderPool(1, Limits(pages=2)) as few, pytest.raises(FileRejected) as rejected:
        few.inspect(incoming.path, "viele.pdf")
    assert rejected.value.reason == "too_many_pages"


def test_a_reader_that_hangs_is_ended_and_replaced(store: ContentStore) -> None:
    """Planted: a reader that is stopped from outside answers nothing."""
    incoming = store.receive((png_file(),), 2**30)
    with ReaderPool(1, Limits(seconds=0.5)) as pool:
        child = pool._get_child()
        os.kill(child.process.pid, signal.SIGSTOP)
        pool._return_child(child, True)
        with pytest.raises(FileRejected) as rejected:
            pool.inspect(incoming.path, "a.png")
        assert rejected.value.reason == "too_slow"
        assert child.process.poll() is not None
    with ReaderPool(1) as pool:
        assert pool.inspect(incoming.path, "a.png").pages == 1


def test_a_reader_that_dies_says_so_and_is_replaced(store: ContentStore) -> None:
    incoming = store.receive((png_file(),), 2**30)
    with ReaderPool(1) as pool:
        child = pool._get_child()
        child.process.kill()
        pool._return_child(child, True)
        with pytest.raises(FileRejected) as rejected:
            pool.inspect(incoming.path, "a.png")
        assert rejected.value.reason == "reader_failed"
        assert pool.inspect(incoming.path, "a.png").pages == 1


def test_computing_time_is_bounded(store: ContentStore) -> None:
    """The smallest limit there is ends a reader that works for longer than a second."""
    out = io.BytesIO()
    Image.frombytes("L", (7000, 7000), os.urandom(7000 * 7000)).save(out, "PNG", compress_level=1)
    incoming = store.receive((out.getvalue(),), 2**30)
    with ReaderPool(1, Limits(cpu_seconds=0)) as pool, pytest.raises(FileRejected) as rejected:
        pool.inspect(incoming.path, "rauschen.png")
    assert rejected.value.reason == "too_slow"


def test_a_reader_has_no_network_no_children_and_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for a job that needs them, planted in the table of jobs."""
    monkeypatch.setenv("EVA_DATABASE_URL", "postgresql://user:secret@host/db")
    job = (
        "import scanning.readers.child_process as w, sys, os, socket, subprocess, pathlib\n"
        "from scanning.readers.tasks import Task\n"
        "from workflow.engine.events import Model\n"
        "class Result(Model):\n"
        "    environment: bool\n    network: str\n    child: str\n    memory: str\n    system: str\n"
        "def tries(limits, **job):\n"
        "    found = {'environment': 'EVA_DATABASE_URL' in os.environ}\n"
        "    for name, act in (('network', lambda: socket.socket()), ('child', lambda: subprocess.run(['true'])),\n"
        "                      ('memory', lambda: bytearray(4 << 30)), ('system', lambda: os.system('true'))):\n"
        "        try:\n            act()\n        except (PermissionError, MemoryError) as no:\n"
        "            found[name] = type(no).__name__\n"
        "        else:\n            found[name] = 'done'\n"
        "    return Result(**found)\n"
        "w.TASKS['tries'] = Task('tries', Result, tries)\n"
        "w.main(w.Limits())\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", job], input=b'{"task": "tries"}\n', capture_output=True, check=True, cwd=Path.cwd(),
        env={"PATH": "/usr/bin"},
    )  # fmt: skip
    _, told = answer.stdout.splitlines()
    assert json.loads(told)["done"] == {
        "environment": False, "network": "PermissionError", "child": "PermissionError", "memory": "MemoryError",
        "system": "PermissionError",
    }  # fmt: skip
    with ReaderPool(1) as pool:
        child = pool._get_child()
        environment = Path(f"/proc/{child.process.pid}/environ").read_bytes()
        assert b"secret" not in environment
        child.end()


WITHOUT_NAMESPACES = """#!/bin/sh
exec unshare --user --map-root-user sh -c 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"' - {python} "$@"
"""
"""A Python on a system that lets nobody leave the network."""


@pytest.fixture
def without_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(WITHOUT_NAMESPACES.format(python=sys.executable), encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.usefixtures("without_namespaces")
def test_where_the_system_lets_no_reader_leave_the_network_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    say_that_network_stays.cache_clear()
    (tmp_path / "scan.png").write_bytes(png_file())
    for _ in range(2):
        with ReaderPool(1) as pool:
            pool.inspect(tmp_path / "scan.png", "scan.png")
    assert [(one.name, one.levelname) for one in caplog.records] == [("eva.readers", "WARNING")]
    assert "keep the network" in caplog.text


def test_where_a_reader_leaves_the_network_nothing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    say_that_network_stays.cache_clear()
    (tmp_path / "scan.png").write_bytes(png_file())
    with ReaderPool(1) as pool:
        pool.inspect(tmp_path / "scan.png", "scan.png")
    assert not caplog.records


@pytest.mark.usefixtures("without_namespaces")
def test_a_program_that_would_have_the_network_is_not_run(tmp_path: Path) -> None:
    bounds = [str(2**32), "5", "9999"]
    command = [sys.executable, "-I", confinement.__file__, *bounds, "/bin/touch", str(tmp_path / "ran")]
    done = subprocess.run(command, check=False)
    assert done.returncode == confinement.NO_NETWORK_LEFT
    assert not (tmp_path / "ran").exists()
    found = tesseract.find_obstacle()
    assert found is not None
    assert ("nicht vom Netz trennen" in found.de) == (shutil.which("tesseract") is not None)


def test_what_the_store_kept_can_be_told_from_what_it_did_not(store: ContentStore) -> None:
    """Positive control: a quarantine that drops bytes would be noticed."""

    class Dropping(ContentStore):
        def quarantine(self, incoming, *_):
            incoming.path.unlink()
            return incoming.sha256

    dropping = Dropping(store.root)
    incoming = dropping.receive((b"MZ",), 100)
    dropping.quarantine(incoming, "x", FileRejected(RejectionReason.UNKNOWN_TYPE), NOW)
    assert not list(dropping.quarantined())
