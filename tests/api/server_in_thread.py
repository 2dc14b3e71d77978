"""A server of our own for a test: the whole application on a database and a data folder of its own."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from api import pages
from api.server.app import create_app
from api.server.auth.authenticator import issue
from api.server.dependencies.services import Services, open_services
from api.server.http.connection import Connection
from api.settings import Settings
from tests.patience import PATIENT
from tests.workflow.conftest import HEAD
from workflow.engine.access import Protection, Role
from workflow.organisation.staff.actions import Register
from workflow.organisation.staff.member import stream

KINDS = "ministry independent upper_authority district_government police state_enterprise institution finance"
LITTLE = "{value: 0.01, low: 0.01, high: 0.01, basis: assumed, source: test}"
QUICK = "\n".join(
    ["extends: nrw/plan-2021.yaml", "name: little-mail", "mail:", "  items_per_user_day:"]
    + [f"    {kind}: {LITTLE}" for kind in KINDS.split()]
)
"""The shipped scenario with next to no mail, which is what takes the time."""
MORE_TEAMS = QUICK + "\nchanges: [{lever: rollout.teams, by: +4, from: 2022-01-01}]\n"
COMPUTED_BEFORE = {"replications": 2, "seed": 7}
"""How often and how most tests play `QUICK` and `MORE_TEAMS`: only the first of a run of all tests computes them."""


@dataclass
class Served:
    """Where it is, and how to be somebody there."""

    url: str
    services: Services
    app: FastAPI
    port: int
    clients: list[httpx.Client] = field(default_factory=list)
    keys: int = 0

    def bearer(self, user: str, *roles: str, authority: str | None = None, clearance: str = "normal") -> str:
        """A token for a person."""
        named = tuple(Role(role) for role in roles)
        return issue(self.services.engine, user, named, authority, Protection(clearance), 1).bearer

    def enter_staff(self, *users: str) -> None:
        """Enter approvers of mwide, who are to take part in something; who is entered already stays as they are."""
        entered = self.services.engine.log.versions(*(stream(user) for user in users))
        for user, version in zip(users, entered, strict=True):
            if version == 0:
                command = Register(user=user, roles=(Role.APPROVER,), authority="mwide")
                self.services.engine.handle(command, HEAD, stream(user))

    def client(self, user: str, *roles: str, **known: Any) -> httpx.Client:
        """Somebody's client; it sends an Idempotency-Key with every change."""

        def key(request: httpx.Request) -> None:
            if request.method in {"POST", "PUT"} and "idempotency-key" not in request.headers:
                self.keys += 1
                request.headers["idempotency-key"] = f"k-{self.keys}"

        made = httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {self.bearer(user, *roles, **known)}"},
            event_hooks={"request": [key]}, timeout=PATIENT,
        )  # fmt: skip
        self.clients.append(made)
        return made


@contextmanager
def serving(folder: Path, at: int = 0, **settings: Any) -> Iterator[Served]:
    """Serve from a thread until the block ends."""
    patient = {"request_seconds": 10 * PATIENT, "cache": Path(os.environ["EVA_CACHE"]), **settings}
    told = Settings(database_url=f"sqlite:///{folder / 'eva.db'}", data=folder / "data", **patient)
    services = open_services(told)
    app = create_app(told, pages.ROUTERS, services)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=at,
            log_level="warning",
            lifespan="on",
            timeout_graceful_shutdown=3,
            http=Connection,
            limit_concurrency=told.most_connections,
            proxy_headers=False,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    served = Served(f"http://127.0.0.1:{port}", services, app, port)
    try:
        yield served
    finally:
        for client in served.clients:
            client.close()
        server.should_exit = True
        thread.join(PATIENT)
        services.close()
