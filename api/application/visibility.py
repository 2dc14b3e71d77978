"""What a person may know: states, events, and whose deputy they are."""

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from api.application import run, sessions
from api.application.resources.file_plans import NUMBERS
from api.application.resources.representation import Fields
from api.application.resources.resource import Knowledge, Page, Resource
from api.application.webhooks import webhook
from workflow.engine.access import Actor, Protection, Role
from workflow.engine.aggregate import Context
from workflow.engine.engine import Engine
from workflow.engine.events import secret_fields
from workflow.engine.memory import Entry
from workflow.engine.store.hash_chain import Recorded
from workflow.errors import Forbidden, NotFound
from workflow.organisation.staff.deputies import deputises

OVERSEERS = {Role.ADMIN, Role.AUDITOR}
"""Roles that see who holds which token."""
Around = dict[str, Entry | None]
"""Streams as they were when first looked up, so that one question sees one state and asks the database once."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
OTHERS = {"file-number": NUMBERS, run.CATEGORY: Knowledge(), webhook.CATEGORY: Knowledge()}
"""By category, of streams that are no resource here."""


OF_PERSONS = {"token", sessions.CATEGORY}
"""Categories that tell of persons only; all others without a resource are indexes, which name things of every need."""


def _oversees(actor: Actor, category: str) -> bool:
    """Whether somebody may know of what is no resource: overseers of all authorities, of indexes if fully cleared."""
    cleared = category in OF_PERSONS or actor.clearance.covers(Protection.VERY_HIGH)
    return actor.authority is None and bool(actor.roles & OVERSEERS) and cleared


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
    """The one rule of who may know what, for a single thing, its history, the feed and the answer to a command."""

    def __init__(self, engine: Engine, resources: Mapping[str, Resource]) -> None:
        self._engine = engine
        self._knowledge = {name: resource.knowledge for name, resource in resources.items()} | OTHERS

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

    def context(self, stream: str, actor: Actor, around: Around | None = None) -> Context[Any]:
        """What a guard may look at when nothing is decided: what is around, and what it looks up stays there."""
        known = {} if around is None else around

        def load(other: str) -> object | None:
            if other not in known:
                known[other] = self.get_entry(other)
            entry = known[other]
            return None if entry is None else entry.state

        return Context(stream, actor, self._engine.clock(), self._engine.rules, load, self._no_id)

    def check_deputy(self, actor: Actor) -> None:
        """Raise `Forbidden` where the actor acts on behalf of somebody whose deputy they are not now."""
        check_deputy(self.context("", actor))

    def list_others(self, stream: str, state: Any) -> list[str]:
        """Other streams on which it depends what of this one may be known."""
        return list(self._knowledge[stream.partition(":")[0]].others(state))

    def show(self, stream: str, state: Any, actor: Actor, around: Around | None = None) -> Any:
        """What of a state the person may know, None for nothing; whoever claims to be a deputy must be one now."""
        context = self.context(stream, actor, around)
        check_deputy(context)
        knowledge = self._knowledge.get(stream.partition(":")[0])
        if knowledge is None:
            return state if _oversees(actor, stream.partition(":")[0]) else None
        return None if state is None else knowledge.show(state, context)

    def events(
        self, rows: Iterable[Recorded], actor: Actor, around: Around | None = None, known: Mapping[str, Any] = NOTHING
    ) -> Iterator[Recorded]:
        """Those of some events that the person may know of; `known`: what they are shown of some streams."""
        shown = dict(known)
        around = {} if around is None else around
        for row in rows:
            if row.stream not in shown:
                state = self.context(row.stream, actor, around).load(row.stream)
                shown[row.stream] = None if state is None else self.show(row.stream, state, actor, around)
            if shown[row.stream] is not None and self._tells(row, shown[row.stream], actor, around):
                yield row

    def read_history(self, stream: str, actor: Actor, limit: int, after: int) -> Page:
        """Events of a stream behind a version that the person may know of, oldest first, so many at most."""
        found, around = list[Fields](), Around()
        while rows := self._engine.log.read(stream, after=after, most=limit):
            for row in self.events(rows, actor, around):
                if len(found) == limit:
                    return Page(found, (str(found[-1]["version"]),))
                found.append(describe_event(row))
            after = rows[-1].version
        return Page(found, None)

    def _tells(self, row: Recorded, shown: Any, actor: Actor, around: Around) -> bool:
        knowledge = self._knowledge.get(row.stream.partition(":")[0])
        if knowledge is None or knowledge.tell is None:
            return True
        return knowledge.tell(shown, read_data(row) or {}, self.context(row.stream, actor, around))

    @staticmethod
    def _no_id() -> str:
        raise TypeError("nothing is made where nothing is decided")
