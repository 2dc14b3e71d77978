"""What a person may know: states, events, and whose deputy they are."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from api.application.resources.representation import Fields
from api.application.resources.resource import Resource
from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.engine.events import secret_fields
from workflow.engine.memory import Entry
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import Forbidden, NotFound
from workflow.organisation.staff.deputies import deputises

OVERSEERS = {Role.ADMIN, Role.AUDITOR}
"""Roles that see who holds which token, and counters."""


def read_data(row: Recorded) -> Fields | None:
    """What an event says; None where it was erased."""
    if row.payload is None:
        return None
    data: Fields = json.loads(row.payload)
    for name in secret_fields(row.type):
        data.pop(name, None)
    return data


def describe_event(row: Recorded) -> Fields:
    return {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "type": row.type,
        "schema_version": row.schema_version,
        "time": row.time,
        "actor": row.actor,
        "on_behalf_of": row.on_behalf_of,
        "data": read_data(row),
    }


def check_deputy(context: Context[Any]) -> None:
    """Raise `Forbidden` where the actor acts on behalf of somebody whose deputy they are not now."""
    user, absent = context.actor.user, context.actor.on_behalf_of
    if absent is not None and not deputises(user, absent, context):
        raise Forbidden(f"{user} is no deputy of {absent} now", f"{user} vertritt {absent} nicht")


class Visibility:
    def __init__(self, engine: Engine, resources: Mapping[str, Resource]) -> None:
        self._engine = engine
        self._resources = resources

    def get_entry(self, stream: str) -> Entry | None:
        """State and version as committed, None where there is none."""
        try:
            return self._engine.load(stream)
        except NotFound:
            return None

    def get_state_at(self, stream: str, version: int) -> Any:
        """State as it was at a version; of what was erased since, that of now."""
        now = self._engine.load(stream)
        return now.state if now.version == version else self._engine.load_at(stream, version)

    def context(self, stream: str, actor: Actor) -> Context[Any]:
        """What a guard may look at when nothing is decided."""
        return Context(stream, actor, self._engine.clock(), self._engine.rules, self._state, self._no_id)

    def permits(self, resource: Resource, key: str, state: Any, actor: Actor) -> bool:
        """Whether the person may know of it; whoever claims to be a deputy must be one now."""
        context = self.context(f"{resource.name}:{key}", actor)
        check_deputy(context)
        return state is not None and resource.knows(state, context)

    def events(self, rows: Iterable[Recorded], own: str, actor: Actor) -> list[Fields]:
        """Those of some events that the person may know of; `own` is a stream that they do."""
        known = {own: True}
        found = []
        for row in rows:
            if row.stream not in known:
                known[row.stream] = self.permits_stream(row.stream, actor)
            if known[row.stream]:
                found.append(describe_event(row))
        return found

    def permits_stream(self, stream: str, actor: Actor) -> bool:
        category, _, key = stream.partition(":")
        resource = self._resources.get(category)
        if resource is not None:
            entry = self.get_entry(stream)
            return entry is not None and self.permits(resource, key, entry.state, actor)
        if category == "file-number":
            return actor.authority in {None, key.partition("/")[0]}
        return actor.authority is None and bool(actor.roles & OVERSEERS)

    def _state(self, stream: str) -> object | None:
        entry = self.get_entry(stream)
        return None if entry is None else entry.state

    @staticmethod
    def _no_id() -> str:
        raise TypeError("nothing is made where nothing is decided")
