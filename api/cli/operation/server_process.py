"""Running the application in uvicorn: one process, or several on PostgreSQL."""

import os

import uvicorn
from fastapi import FastAPI

from api import pages
from api.server.app import create_app
from api.server.observability import logs
from api.settings import Settings, from_environment

KEEP_ALIVE = 30


def application() -> FastAPI:
    """The application of one process, by the environment; the engine is opened in its lifespan, after any fork."""
    logs.set_up(access=os.environ.get("EVA_QUIET") != "1")
    return create_app(from_environment(os.environ), pages.ROUTERS)


def run(settings: Settings) -> bool:
    """Serve until stopped by a signal; whether it started. Requests under way are finished first."""
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
        ws="none",
    )
    logs.set_up(access=os.environ.get("EVA_QUIET") != "1")
    if settings.workers > 1:
        from uvicorn.supervisors import Multiprocess  # noqa: PLC0415 - for several processes only

        socket = config.bind_socket()
        Multiprocess(config, sockets=[socket]).run()
        return True
    server = uvicorn.Server(config)
    server.run()
    return server.started
