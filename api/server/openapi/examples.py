"""Examples for the description of the API: what a small office in memory answers, so that they are always true."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

from pydantic_core import to_json

from api.application.answers import describe_option
from api.application.catalogue import ALL
from api.application.feed.cloud_events import describe_cloud_event
from api.application.resources import RESOURCES
from api.application.resources.records import describe_row
from api.application.resources.resource import Listing, Resource
from api.application.resources.routing_slips import list_slips
from api.application.service import ResourceService
from api.server.routes.state_machines import describe_machine
from scanning.catalogue import MACHINES
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.engine import Engine
from workflow.organisation.staff.actions import Register
from workflow.organisation.staff.member import stream
from workflow.views.cockpit import describe_clients
from workflow.views.queries import Views

Answered = dict[str, Any]
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
MUELLER = Actor("mueller", frozenset({Role.CASE_WORKER}), "mwide")
SCHMIDT = Actor("schmidt", frozenset({Role.APPROVER}), "mwide")
ADMIN = Actor("admin", frozenset({Role.ADMIN}), "mwide", Protection.HIGH)


@dataclass(frozen=True)
class Examples:
    """Answers by the name of a resource, or by path for operations that are described where their route is."""

    resources: dict[str, Answered]
    options: dict[str, Answered]
    history: dict[str, Answered]
    pages: dict[str, Answered]
    paths: dict[str, Answered]

    def get(self, path: str, tag: str) -> Answered | None:
        """Of the operation at a path; what is tagged with a resource answers that resource, changed."""
        changed = next((name for name, one in RESOURCES.items() if one.plural == tag), None)
        return self.paths.get(path) if changed is None else self.changed(changed)

    def changed(self, resource: str) -> Answered:
        return {**self.resources[resource], "events": self.history[resource]["events"]}


@cache
def play_examples() -> Examples:
    """Play a small office through, once."""
    draw = Random(1)  # noqa: S311 - only to be the same each time
    engine = Engine("sqlite://", clock=lambda: NOW, entropy=draw.randbytes, catalogue=ALL)
    try:
        return _play(engine)
    finally:
        engine.close()


def _play(engine: Engine) -> Examples:
    views = Views(engine)
    service = ResourceService(engine, views)
    keys = {}
    for user in ("mueller", "schmidt", "klein", "weber"):  # whom the examples name
        person = Register(user=user, roles=(Role.CASE_WORKER, Role.APPROVER), authority="mwide")
        engine.handle(person, ADMIN, stream(user))
    for name, resource in service.resources.items():
        keys[name] = _create(service, resource)
        for action in resource.example_steps:
            service.act(name, keys[name], action, resource.examples[action], MUELLER, command_id=f"example-{action}")
    shown, options, history, pages = {}, {}, {}, {}
    for name, key in keys.items():
        shown[name] = _plain(service.show(name, key, ADMIN).resource)
        found = service.actions(name, key, MUELLER)[:3]
        options[name] = {"actions": [describe_option(option, "en") for option in found]}
        history[name] = _plain({"events": service.history(name, key, ADMIN, limit=1).rows})
        pages[name] = _plain({"items": service.list(name, ADMIN, limit=1).rows, "next": None})
    return Examples(shown, options, history, pages, _paths(engine, views))


def _create(service: ResourceService, resource: Resource) -> str:
    roles = resource.example_roles
    clearance = Protection.HIGH if Role.ADMIN in roles else Protection.NORMAL
    actor = MUELLER if roles == MUELLER.roles else Actor("admin", roles, "mwide", clearance)
    body, number = resource.examples[resource.creates], f"example-{resource.name}"
    if resource.example_key is None:
        return service.create(resource.name, body, actor, command_id=number).id
    return service.act(resource.name, resource.example_key, resource.creates, body, actor, command_id=number).id


def _paths(engine: Engine, views: Views) -> dict[str, Answered]:
    shown = next(iter(RESOURCES))
    first = next(row for row in engine.log.read_all() if row.stream.startswith(f"{shown}:"))
    small = min(MACHINES.values(), key=lambda machine: len(machine.table))
    rows = list_slips(views, MUELLER, Listing(limit=1)).rows
    waiting = views.waiting(MUELLER, NOW.date().isoformat())
    clients = {"by_client": describe_clients(views.clients(MUELLER))}
    inbox = [describe_row(row) for row in views.inbox(SCHMIDT, limit=1)]
    made: dict[str, Callable[[], Any]] = {
        "/events": lambda: {
            "items": [describe_cloud_event(first, MUELLER)], "next": first.position, "head": first.position,
        },
        "/cockpit": lambda: {"by_state": views.counts(MUELLER), **waiting, **clients, "items": rows, "next": None},
        "/inbox": lambda: {"items": inbox, "next": None},
        "/me": lambda: {"user": "mueller", "roles": ["case_worker"], "authority": "mwide", "clearance": "normal",
                        "on_behalf_of": None},
        "/state-machines": lambda: {"items": list(MACHINES), "next": None},
        "/state-machines/{name}": lambda: describe_machine(small),
        "/health/live": lambda: {"status": "up"},
        "/health/ready": lambda: {"status": "ready", "why": None},
    }  # fmt: skip
    return {path: _plain(make()) for path, make in made.items()}


def _plain(content: Any) -> Any:
    return json.loads(to_json(content))
