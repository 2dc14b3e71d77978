"""Fixtures: `eva serve` as a process of its own on SQLite and PostgreSQL, with a token for whoever is needed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.application.catalogue import ALL
from api.server.auth.authenticator import issue
from tests.api import server_in_thread
from tests.patience import PATIENT
from tests.warm_start import WarmProcess
from tests.workflow.conftest import postgresql, postgresql_server
from workflow.engine.access import Protection, Role
from workflow.engine.engine import Engine

ROOT = Path(__file__).parents[2]
__all__ = ["postgresql", "postgresql_server"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A server process on a database, which may be stopped, killed and started again."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        self.url, self.folder, self.port = url, folder, free_port()
        self.settings = {"EVA_RATE": "1e6", "EVA_BURST": "1e7", "EVA_TIMER_SECONDS": "0.2",
                         "EVA_REQUEST_SECONDS": str(PATIENT), **settings}  # fmt: skip
        self.process: Any = None
        self.module = ""
        """One to start in place of `eva serve`."""
        self.numbers = iter(range(10**9))
        self.people: list[Person] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, within: float = PATIENT) -> float:
        """Start; seconds until it was ready."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("EVA_") or k == "EVA_CACHE"},
            "EVA_DATABASE_URL": self.url, "EVA_PORT": str(self.port), "EVA_DATA": str(self.folder / "data"),
            "PYTHONPATH": str(ROOT), **self.settings,
        }  # fmt: skip
        begun = time.monotonic()
        with (self.folder / "log.txt").open("ab") as log:
            if self.module:
                command = [sys.executable, "-m", self.module]
                self.process = subprocess.Popen(command, env=environment, stderr=log, stdout=log, cwd=self.folder)
            else:
                self.process = WarmProcess(["serve"], environment, self.folder, *2 * [log.fileno()])
        while time.monotonic() - begun < within:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "log.txt").read_text())
            try:
                if httpx.get(f"{self.base}/health/ready", timeout=PATIENT).status_code == 200:
                    return time.monotonic() - begun
            except httpx.HTTPError:
                time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"not ready in time: {(self.folder / 'log.txt').read_text()}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        for person in self.people:
            person.http.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENT)

    def token(self, user: str, *roles: str, authority: str | None = "mwide", clearance: str = "normal",
              days: float = 1) -> str:  # fmt: skip
        engine = Engine(self.url, catalogue=ALL)
        found = issue(engine, user, tuple(map(Role, roles)), authority, Protection(clearance), days)
        engine.close()
        return found.bearer

    def client(self, user: str, *roles: str, **how: Any) -> "Person":
        self.people.append(Person(self, self.token(user, *roles, **how)))
        return self.people[-1]

    def log(self) -> str:
        return (self.folder / "log.txt").read_text()


class Person:
    """Somebody with a token, doing things by HTTP."""

    def __init__(self, served: Served, token: str) -> None:
        self.served, self.token = served, token
        self.http = httpx.Client(base_url=served.base, timeout=PATIENT, headers={"authorization": f"Bearer {token}"})

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.http.get(path, **how)

    def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> httpx.Response:
        key = key or f"k{next(self.served.numbers)}-{time.monotonic_ns()}"
        return self.http.post(path, json={} if body is None else body, headers={"idempotency-key": key, **headers})

    def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def did(self, path: str, action: str, body: Any = None) -> dict[str, Any]:
        answer = self.post(f"{path}/actions/{action}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def serving(url: str, folder: Path, **settings: str):
    """A server that is stopped in the end, and must not have had a fault."""
    served = Served(url, folder, **settings)
    try:
        served.start()
        yield served
    finally:
        served.stop()
    assert '"logger": "eva.fault"' not in served.log()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server on SQLite for all tests that do not need one of their own."""
    folder = tmp_path_factory.mktemp("served")
    with serving(f"sqlite:///{folder}/eva.db", folder) as served:
        yield served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server_in_thread.Served]:
    """A server in a thread, of a module's own, with nothing in it."""
    with server_in_thread.serving(tmp_path_factory.mktemp("served")) as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A server of the test's own, on SQLite and on PostgreSQL."""
    url = f"sqlite:///{tmp_path}/eva.db" if request.param == "sqlite" else request.getfixturevalue("postgresql")
    with serving(url, tmp_path) as served:
        yield served
