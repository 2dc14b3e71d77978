"""The API against servers that do nothing: commands and reads against empty routes of the same application, and against
an empty GET of a bare FastAPI application.

Each server is one process on loopback, with 32 clients, all sides in turns in one run; the medians of the turns' ratios
count. The empty routes stand in the same application behind the same middleware, so they pay for HTTP, headers, log and
metrics, and for nothing else; the bare application pays for FastAPI alone. The client is a second process that writes
prepared bytes, so that it costs all sides the same.
"""

import asyncio
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn
import uvloop
from fastapi import FastAPI

from api.application.catalogue import ALL
from api.cli.operation.server_process import application
from api.server.auth.authenticator import issue
from api.server.http.connection import Connection
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.records.work_actions import CreateRecord

CLIENTS = 32
ROUNDS = 7
SECONDS = 1.2


class Client(asyncio.Protocol):
    """One connection that sends the next request once the last is answered."""

    def __init__(self, requests: Iterator[bytes], until: float) -> None:
        self.requests = requests
        self.until = until
        self.times: list[float] = []
        self.wrong: list[bytes] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.find(b"content-length: ")
        length = int(head[start + 16 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        self.times.append(time.perf_counter() - self._begun)
        if not head.startswith((b"http/1.1 200", b"http/1.1 201")):
            self.wrong.append(self._buffer)
        self._buffer = b""
        self._next()

    def _next(self) -> None:
        self._begun = time.perf_counter()
        if self._begun >= self.until:
            self.transport.close()
            self.done.set_result(None)
            return
        self.transport.write(next(self.requests))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed by the server"))


class Measured(NamedTuple):
    """Requests a second and the times of all, in seconds and in order."""

    rate: float
    times: list[float]

    @property
    def p99(self) -> float:
        return self.times[int(len(self.times) * 0.99)]


def measure(port: int, requests: Callable[[int], Iterator[bytes]], clients: int = CLIENTS,
            seconds: float = SECONDS) -> Measured:  # fmt: skip
    """Load for a while; raises where anything was not answered with 200 or 201."""

    async def run() -> Measured:
        loop = asyncio.get_running_loop()
        begun = time.perf_counter()
        made = [await loop.create_connection(lambda n=n: Client(requests(n), begun + seconds), "127.0.0.1", port)
                for n in range(clients)]  # fmt: skip
        await asyncio.gather(*(client.done for _, client in made))
        took = time.perf_counter() - begun
        wrong = [answer for _, client in made for answer in client.wrong]
        if wrong:
            raise RuntimeError(wrong[0].decode())
        times = sorted(t for _, client in made for t in client.times)
        return Measured(len(times) / took, times)

    return uvloop.run(run())


def request(method: str, path: str, token: str, body: bytes = b"", key: str = "") -> bytes:
    """A request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "host: eva", f"authorization: Bearer {token}"]
    if key:
        lines.append(f"idempotency-key: {key}")
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server(NamedTuple):
    """A server process, and what to ask it with."""

    port: int
    token: str
    records: list[str]


@contextlib.contextmanager
def served(url: str) -> Iterator[Server]:
    """A server on a database, with a token and some records."""
    engine = Engine(url, catalogue=ALL)
    token = issue(engine, "mueller", (Role.CASE_WORKER,), "mwide", Protection.NORMAL, 1).bearer
    who = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
    records = [
        engine.handle(CreateRecord(title="Förderantrag", file_plan_code="43.21"), who, "record").state.id
        for _ in range(CLIENTS)
    ]
    engine.close()
    with process("eva", url, "/health/ready") as port:
        yield Server(port, token, records)


@contextlib.contextmanager
def process(kind: str, url: str, ready: str) -> Iterator[int]:
    """A server process of a kind, up to its first answer; the port that it listens on."""
    port = find_free_port()
    environment = {**os.environ, "EVA_DATABASE_URL": url, "EVA_PORT": str(port), "EVA_RATE": "1e6", "EVA_BURST": "1e7"}
    command = [sys.executable, "-m", "benchmarks.http", kind, str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        try:
            await_server(port, ready)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_server(port: int, path: str) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the server does not start")


def numbered(server: Server, keys: Iterator[int], client: int) -> Iterator[bytes]:
    path = f"/records/{server.records[client]}/actions/work"
    while True:
        key = next(keys)
        yield request(
            "POST", path, server.token, b'{"note":"Unterlagen nachgefordert, Nummer %d"}' % key, f"bench-{key}"
        )


def _same(one: bytes) -> Callable[[int], Iterator[bytes]]:
    def endless(_: int) -> Iterator[bytes]:
        while True:
            yield one

    return endless


def _in_turns(url: str) -> dict[str, list[Measured]]:
    keys = count()
    found: dict[str, list[Measured]] = {"post": [], "command": [], "get": [], "read": [], "bare": []}
    with served(url) as server, process("bare", url, "/nothing") as bare_port:
        nothing_post = _same(request("POST", "/nothing", server.token, b"{}"))
        nothing_get = _same(request("GET", "/nothing", server.token))
        reads = [request("GET", f"/records/{record}", server.token) for record in server.records]
        for turn in range(ROUNDS + 1):
            sides = {
                "post": lambda: measure(server.port, nothing_post),
                "command": lambda: measure(server.port, lambda n: numbered(server, keys, n)),
                "get": lambda: measure(server.port, nothing_get),
                "read": lambda: measure(server.port, lambda n: _same(reads[n])(n)),
                "bare": lambda: measure(bare_port, nothing_get),
            }
            for name, side in sides.items():
                measured = side()
                if turn:  # the first warms up
                    found[name].append(measured)
    return found


def _told(name: str, found: dict[str, list[Measured]], ours: str, bare: str, target: float) -> dict[str, Any]:
    ratios = sorted(a.rate / b.rate for a, b in zip(found[ours], found[bare], strict=True))
    rate = {side: statistics.median(m.rate for m in found[side]) for side in (ours, bare)}
    p99 = {side: 1000 * statistics.median(m.p99 for m in found[side]) for side in (ours, bare)}
    return {
        "name": name, "value": statistics.median(ratios), "unit": "ratio", "target": target,
        "detail": f"{ours} {rate[ours]:,.0f}/s (p99 {p99[ours]:.0f} ms), empty {bare} {rate[bare]:,.0f}/s "
                  f"(p99 {p99[bare]:.0f} ms), {CLIENTS} clients, {len(ratios)} turns, "
                  f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
    }  # fmt: skip


def http() -> list[dict[str, Any]]:
    """All ratios on SQLite, from one run."""
    Path("out").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="out", prefix="bench-") as folder:
        found = _in_turns(f"sqlite:///{Path(folder, 'eva.db').resolve()}")
    return [
        _told("api_commands_vs_empty_post", found, "command", "post", 0.5),
        _told("api_reads_vs_empty_get", found, "read", "get", 0.7),
        _told("api_commands_vs_bare_app", found, "command", "bare", 0.35),
        _told("api_reads_vs_bare_app", found, "read", "bare", 0.6),
    ]


def main(kind: str, port: int) -> None:
    """A server: the application as it is with two operations that do nothing, or one with nothing else."""
    app = application() if kind == "eva" else FastAPI()

    @app.post("/nothing", include_in_schema=False)
    async def nothing_posted() -> dict[str, str]:
        return {}

    @app.get("/nothing", include_in_schema=False)
    async def nothing_got() -> dict[str, str]:
        return {}

    http = Connection if kind == "eva" else "auto"
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, http=http, proxy_headers=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
