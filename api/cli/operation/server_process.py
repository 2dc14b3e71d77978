"""Running the application in uvicorn: one process, or several on PostgreSQL."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import ModuleType

import uvicorn
from fastapi import FastAPI

from api import pages
from api.cli.shared.garbage import collect_seldom, leave_out_what_is_there
from api.server.app import create_app
from api.server.http.connection import Connection
from api.server.observability import logs
from api.settings import Settings, from_environment
from workflow.text import Text

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows, where descriptors have no limit that counts here
    resource = None

KEEP_ALIVE = 30
WORKER_SECONDS = 30
"""Within which one of several processes has to answer, or it is ended and another begun; five were few under load."""
SPARE_FILES = 200
"""Descriptors that are left for databases, stored files and child processes."""
SWITCH_SECONDS = 0.0005
"""For which a thread that computes holds the interpreter while another wants it. A tenth of Python's own: a read gives
it away some twenty times and waited for each thread that computes each time, a second in all beside large bodies.
"""


def application() -> FastAPI:
    """The application of one process, by the environment; the engine is opened in its lifespan, after any fork.

    What it consists of is kept out of the collection of garbage: looking through it stopped every caller for 120 ms,
    once in some 2,000 commands.
    """
    collect_seldom()
    logs.set_up(os.environ.get("EVA_QUIET", ""))
    sys.setswitchinterval(SWITCH_SECONDS)
    made = create_app(from_environment(os.environ), pages.ROUTERS)
    leave_out_what_is_there()
    return made


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_start: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_start is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._on_start(f"http://{f'[{host}]' if ':' in host else host}:{port}")


def allow_connections(wanted: int) -> int:
    """How many connections the system allows of those wanted; its soft limit of descriptors is raised for them."""
    if resource is None:
        return wanted
    soft: int
    hard: int
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + SPARE_FILES:
        soft = wanted + SPARE_FILES if hard == resource.RLIM_INFINITY else min(wanted + SPARE_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - SPARE_FILES))


def find_address_fault(host: str, port: int) -> Text | None:
    """Why nobody can listen at an address now, as far as trying tells."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as tried:
                if os.name == "posix":  # elsewhere it would let two listen at once
                    tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except OSError as wrong:
        if wrong.errno == errno.EADDRINUSE:
            return Text(
                f"an {host}:{port} lauscht schon ein anderes Programm; mit --port einen anderen Port wählen",
                f"another program listens at {host}:{port}; choose another port with --port",
            )
        return Text(
            f"an {host}:{port} kann nicht gelauscht werden ({wrong})", f"cannot listen at {host}:{port} ({wrong})"
        )
    return None


def run(settings: Settings, on_start: Callable[[str], None] | None = None) -> bool:
    """Serve until stopped by a signal; whether it started, and ended in order. Requests under way are finished first.

    `on_start` is called with the address as soon as it answers, where one process serves.

    SIGTERM is how a service is stopped, so the status is then 0; uvicorn by itself would end by the signal.
    """
    config = uvicorn.Config(
        "api.cli.operation.server_process:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.drain_seconds,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_worker_healthcheck=WORKER_SECONDS,
        limit_concurrency=allow_connections(settings.most_connections),
        http=Connection,
        ws="none",
    )
    logs.set_up(os.environ.get("EVA_QUIET", ""))
    if settings.workers > 1:
        from uvicorn.supervisors import Multiprocess  # noqa: PLC0415 - for several processes only

        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return True
    server = _Server(config, on_start)

    def stop(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)  # before uvicorn listens, and once more when it passes the signal on in the end
    server.run()
    return server.started and not getattr(server.lifespan, "shutdown_failed", False)
