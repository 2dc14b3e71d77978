"""A server that is killed while it computes: its workers end with it, and the next server computes the run anew."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from api.server.jobs.process import read_progress
from tests.api.server_in_thread import QUICK
from tests.patience import PATIENT

LONG = {"text": QUICK, "replications": 30, "mode": "plan"}
ROOT = Path(__file__).parents[4]


@contextmanager
def eva_serve(folder):
    """`eva serve` as a process of its own; gives its process and address."""
    environment = {
        **os.environ,
        "EVA_DATA": str(folder / "data"),
        "EVA_QUIET": "requests",
        "EVA_REQUEST_SECONDS": str(PATIENT),
    }
    log = (folder / "server.log").open("ab")
    command = [
        sys.executable,
        "-m",
        "api.cli.main",
        "serve",
        "--port",
        "0",
        "--database",
        f"sqlite:///{folder / 'eva.db'}",
    ]
    begun = log.tell()
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield server, _address(server, folder / "server.log", begun)
    finally:
        with suppress(ProcessLookupError):
            server.kill()
        server.wait(PATIENT)
        log.close()


def _address(server, log, begun, seconds=PATIENT):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = re.search(r"http://127\.0\.0\.1:[1-9][0-9]*", log.read_bytes()[begun:].decode())
        if found:
            return found[0]
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def token(folder):
    """By the command, as an operator does."""
    command = [sys.executable, "-m", "api.cli.main", "token", "create", "--user", "petra", "--role", "planner"]
    told = subprocess.run(
        [*command, "--database", f"sqlite:///{folder / 'eva.db'}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {"authorization": f"Bearer {told.stdout.split()[0]}"}


def workers(folder):
    """Processes that compute in a folder, by what the system says."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (entry / "cmdline").read_bytes().decode()
            if "api.server.jobs.worker" in line and str(folder) in line:
                found.append(int(entry.name))
    return found


def until(done, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := done():
            return answer
        time.sleep(0.1)
    raise AssertionError("never")


def test_killed_while_computing(tmp_path: Path) -> None:
    with eva_serve(tmp_path) as (server, url):
        headers = {**token(tmp_path), "idempotency-key": "one"}
        asked = httpx.post(f"{url}/runs", json=LONG, headers=headers, timeout=PATIENT)
        assert asked.status_code == 202, asked.text
        at = asked.headers["location"]
        folder = tmp_path / "data" / "runs" / asked.json()["id"]
        until(lambda: read_progress(folder))
        assert len(workers(tmp_path)) == 1
        server.send_signal(signal.SIGKILL)
        server.wait(PATIENT)
        until(lambda: not workers(tmp_path))
    with eva_serve(tmp_path) as (server, url):
        again = httpx.post(f"{url}/runs", json=LONG, headers=headers, timeout=PATIENT)
        assert again.headers.get("location") == at, again.text or "the same key is the same run, also after the crash"
        run = until(
            lambda: (r := httpx.get(f"{url}{at}", headers=headers, timeout=PATIENT).json())["state"] == "finished" and r
        )
        events = [event["type"] for event in until(lambda: history(tmp_path, run["id"]))]
        assert events == ["run.requested", "run.started", "run.requeued", "run.started", "run.finished"]
        third = httpx.post(
            f"{url}/runs", json=LONG, headers=headers | {"idempotency-key": "two"}, timeout=PATIENT
        ).json()["id"]
        until(lambda: workers(tmp_path))
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENT) in {0, -signal.SIGTERM}, "uvicorn ends by the signal once all is closed"
        assert workers(tmp_path) == []
        assert [event["type"] for event in history(tmp_path, third)][-1] == "run.requeued"


def history(folder, run):
    """The run's events, read from the database by the engine's own log."""
    from workflow.engine.store.log import Log

    log = Log(f"sqlite:///{folder / 'eva.db'}")
    try:
        return [{"type": row.type} for row in log.read(f"run:{run}")]
    finally:
        log.close()
