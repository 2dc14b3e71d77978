"""How long another client's read takes while some keep the server busy in the ways that `tests.api.server.test_stalls`
names: one server process on loopback, and clients of every stall for a few seconds each.

The slowest of the reads counts, and every one has to be answered with 200; the server has to say that it is ready.
"""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx

from api.application.catalogue import ALL
from api.server.auth.authenticator import issue
from benchmarks.http import Server, process
from workflow.engine.access import Protection, Role
from workflow.engine.engine import Engine

SECONDS = 4.0
PAUSE = 0.02
"""Between two reads."""
PLAN = (Path(__file__).parents[1] / "scenarios" / "nrw" / "plan-2021.yaml").read_bytes()
SLIP = json.dumps({"title": "x", "stations": [{"parallel": [{"kind": "none"}] * 200}] * 200}).encode()
Stall = Callable[[Server, threading.Event, int], None]


def _ask(server: Server, stop: threading.Event, method: str, path: str, body: bytes, media: str) -> None:
    headers = {"authorization": f"Bearer {server.token}", "content-type": media, "idempotency-key": "k"}
    while not stop.is_set():
        with contextlib.suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", server.port, 30)) as made:
            while not stop.is_set():
                made.request(method, path, body, headers)
                answer = made.getresponse()
                answer.read()
                if answer.status in {429, 503}:
                    stop.wait(0.1)


def _hold(server: Server, stop: threading.Event, sent: bytes, more: bytes = b"") -> None:
    while not stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 5) as made:
            made.sendall(sent)
            while not stop.is_set():
                if more:
                    made.sendall(more)
                else:
                    stop.wait(0.2)


def nothing(_server: Server, stop: threading.Event, _: int) -> None:
    stop.wait()


def checks(server: Server, stop: threading.Event, _: int) -> None:
    _ask(server, stop, "POST", "/scenarios/check", PLAN, "application/yaml")


def clocks(server: Server, stop: threading.Event, number: int) -> None:
    sandbox = server.records[number % len(server.records)]
    _ask(server, stop, "POST", f"/sandboxes/{sandbox}/clock", b'{"advance":"P50Y"}', "application/json")


def stations(server: Server, stop: threading.Event, _: int) -> None:
    _ask(server, stop, "POST", "/routing-slips", SLIP, "application/json")


def bodies(server: Server, stop: threading.Event, number: int) -> None:
    head = f"POST /records HTTP/1.1\r\nauthorization: Bearer {server.token}\r\nidempotency-key: {number}\r\n"
    _hold(server, stop, head.encode() + b"content-type: application/json\r\ncontent-length: 9000\r\n\r\n{")


def heads(server: Server, stop: threading.Event, _: int) -> None:
    _hold(server, stop, b"GET / HTTP/1.1\r\nx: ", b"a" * 65_536)


def logins(server: Server, stop: threading.Event, _: int) -> None:
    _hold(server, stop, b"POST /login HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n"
                        b"content-length: 900\r\n\r\n")  # fmt: skip


STALLS: dict[str, tuple[Stall, int]] = {
    "nothing": (nothing, 1),
    "scenario checks": (checks, 60),
    "sandbox clocks": (clocks, 50),
    "large routes": (stations, 20),
    "slow bodies": (bodies, 45),
    "endless heads": (heads, 10),
    "unfinished logins": (logins, 520),
}
"""What some do, and how many of them at once."""


@contextlib.contextmanager
def served(url: str) -> Iterator[tuple[Server, str]]:
    """A server with a token of whoever stalls, who has sandboxes with slips that time concerns, and one of a reader."""
    engine = Engine(url, catalogue=ALL)
    roles = (Role.CASE_WORKER, Role.PLANNER)
    token, reader = (issue(engine, user, roles, "mwide", Protection.NORMAL, 1).bearer for user in ("viel", "leser"))
    engine.close()
    with process("eva", url, "/health/ready") as port:
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            sandboxes = [client.post("/sandboxes", json={}).json()["id"] for _ in range(8)]
        yield Server(port, token, sandboxes), reader


def measure(server: Server, reader: str, stall: str) -> tuple[float, int, bool]:
    """Seconds of the slowest read, how many there were, and whether the server was ready; those who stall are another
    process.
    """
    command = [sys.executable, "-m", "benchmarks.stalls", stall, str(server.port), server.token, *server.records]
    slowest, reads, headers = 0.0, 0, {"authorization": f"Bearer {reader}"}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as others,  # noqa: S603 - our own
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60) as client,
    ):
        assert others.stdout is not None  # noqa: S101 - opened above
        others.stdout.readline()  # they are all there
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            begun = time.perf_counter()
            if client.get("/records").status_code != 200:
                raise RuntimeError("a read was refused")
            slowest, reads = max(slowest, time.perf_counter() - begun), reads + 1
            time.sleep(PAUSE)
        ready = client.get("/health/ready").status_code == 200
        others.kill()
    return slowest, reads, ready


def stalls() -> list[dict[str, Any]]:
    """`stall_read_ms` of each stall, on SQLite."""
    Path("out").mkdir(exist_ok=True)
    found = []
    with (
        tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder,
        served(f"sqlite:///{Path(folder, 'eva.db').resolve()}") as (server, reader),
    ):
        for name, (_, clients) in STALLS.items():
            slowest, reads, ready = measure(server, reader, name)
            found.append({
                "name": f"stall_read_ms: {name}", "value": 1000 * slowest, "unit": "ms", "target": 1000,
                "detail": f"slowest of {reads} reads beside {clients} clients; "
                          f"{'ready' if ready else 'says that it is not ready'}",
            })  # fmt: skip
    return found


def main(stall: str, port: int, token: str, sandboxes: list[str]) -> None:
    """Stall a server until this process is ended; a line on stdout says that all clients are there."""
    work, clients = STALLS[stall]
    server, stop = Server(port, token, sandboxes), threading.Event()
    for number in range(clients):
        threading.Thread(target=work, args=(server, stop, number), daemon=True).start()
    time.sleep(1)
    print("begun", flush=True)
    stop.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:])
