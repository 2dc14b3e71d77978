"""The desk: between "this resource, this action, this JSON body" and the engine, for HTTP and for replays alike.

Reading gives what the person may know of, and `NotFound` for all else; acting asks the machine through the engine.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import to_json

from api.application.resources import NOUNS
from api.application.resources.resource import After, Fields, Noun, Page
from api.application.visibility import Sight, shown
from workflow.engine.access import Actor
from workflow.engine.commands import Command, parse
from workflow.engine.engine import Done, Engine
from workflow.engine.machine import Option
from workflow.engine.memory import Entry
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.views.queries import Views

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NAME = re.compile(r"[^\s:/\x00-\x1f\x7f-\x9f\ud800-\udfff][^:/\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,119}")
MOST_RENDERED = 2000
MOST_LOADED = 500
"""Things looked at for one page of a list without a view; the page may then hold fewer than asked for."""

Body = Mapping[str, object] | str | bytes


class Asked(NamedTuple):
    """A command ready for the engine: the arguments of `Engine.handle`."""

    noun: Noun
    command: Command
    actor: Actor
    stream: str
    expected_version: int | None = None
    command_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """A resource at a version, and what has just happened to it."""

    kind: str
    id: str
    version: int
    resource: Fields
    """JSON-able but for enums, dates and times, which pydantic and `json.dumps(default=str)` write."""
    events: list[Fields] = field(default_factory=list)
    repeated: bool = False
    """Whether this is the answer to an earlier command of the same id."""

    @property
    def state(self) -> str:
        """State of the resource as a whole."""
        return str(self.resource["state"])


class Desk:
    """Asks an engine in the name of persons; safe to call from any thread."""

    def __init__(self, engine: Engine, views: Views, nouns: Mapping[str, Noun] = NOUNS) -> None:
        self.engine = engine
        self.views = views
        self.nouns = nouns
        self.sight = Sight(engine, nouns)
        self._rendered: dict[str, tuple[int, bytes]] = {}

    def create(self, resource: str, body: Body, actor: Actor, *, command_id: str | None = None) -> Answer:
        """Make a new one; raises what `workflow.errors` lists."""
        return self.done(self.asked(resource, None, None, body, actor, command_id=command_id))

    def act(
        self,
        resource: str,
        key: str,
        action: str,
        body: Body,
        actor: Actor,
        *,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Answer:
        """Do an action; raises what `workflow.errors` lists."""
        return self.done(self.asked(resource, key, action, body, actor, expected_version, command_id))

    def show(self, resource: str, key: str, actor: Actor) -> Answer:
        """The resource as it is now; `NotFound` also where the person may not know of it."""
        noun = self.noun(resource)
        entry = self.entry(noun, key, actor)
        return Answer(noun.name, key, entry.version, self.fields(noun, key, entry.version, entry.state))

    def shown(self, noun: Noun, key: str, entry: Entry, actor: Actor) -> bytes:
        """The resource as JSON, which is kept for as long as it does not change; `NotFound` as `show`."""
        if not self.sight.may(noun, key, entry.state, actor):
            raise NotFound(noun.name, key)
        stream = f"{noun.name}:{key}"
        known = self._rendered.get(stream)
        if known is not None and known[0] == entry.version:
            return known[1]
        text = to_json(self.fields(noun, key, entry.version, entry.state))
        if len(self._rendered) >= MOST_RENDERED:
            self._rendered.clear()
        self._rendered[stream] = (entry.version, text)
        return text

    def actions(self, resource: str, key: str, actor: Actor, part: str | None = None) -> list[Option]:
        """Every action of the machine: whether it may be done now, and if not, why; `part` names a case or item."""
        noun = self.noun(resource)
        state = self.entry(noun, key, actor).state
        try:
            return noun.options(state, self.sight.context(f"{noun.name}:{key}", actor), part)
        except InvalidCommand as wrong:
            raise NotFound(noun.part or "part", str(part)) from wrong

    def history(self, resource: str, key: str, actor: Actor) -> list[Fields]:
        """Every event, oldest first; `data` is None where it was erased."""
        noun = self.noun(resource)
        self.entry(noun, key, actor)
        return [shown(row) for row in self.engine.log.stream(f"{noun.name}:{key}")]

    def list(
        self,
        resource: str,
        actor: Actor,
        *,
        filters: Mapping[str, str] | None = None,
        limit: int = 50,
        after: After | None = None,
    ) -> Page:
        """A page of those that the person may know of."""
        noun = self.noun(resource)
        if noun.list_view is not None:
            return noun.list_view(self.views, actor, filters or {}, limit, after)
        return self._listed(noun, actor, limit, after[0] if after else "")

    def noun(self, resource: str) -> Noun:
        """The noun of a resource name, in singular."""
        noun = self.nouns.get(resource)
        if noun is None:
            raise NotFound("resource", resource)
        return noun

    def asked(
        self,
        resource: str,
        key: str | None,
        action: str | None,
        body: Body,
        actor: Actor,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Asked:
        """The command that a body means, checked for form; without `key`, one that makes a new thing."""
        noun = self.noun(resource)
        if action is None:
            action = noun.creates
        model = noun.commands.get(action)
        if model is None or (key is not None and noun.naming == "uuid" and action == noun.creates):
            raise self._no_such(noun, key, action, actor)
        if noun.naming != "uuid":
            key, body = self._named(noun, key, action, body, actor)
        command = parse(model, body or b"{}")
        if key is None:
            return Asked(noun, command, actor, noun.name, None, command_id)
        if not self._well_formed(noun, key):
            raise NotFound(noun.name, key)
        return Asked(noun, command, actor, f"{noun.name}:{key}", expected_version, command_id)

    def done(self, asked: Asked) -> Answer:
        """Let the engine do it."""
        return self.answer(asked, self.engine.handle(
            asked.command, asked.actor, asked.stream,
            expected_version=asked.expected_version, command_id=asked.command_id,
        ))  # fmt: skip

    def answer(self, asked: Asked, done: Done) -> Answer:
        """What the person is told; of a repeated command, what they were told the first time."""
        key = done.stream.partition(":")[2]
        state = self.sight.at(done.stream, done.version) if done.repeated else done.state
        if not self.sight.may(asked.noun, key, state, asked.actor):  # who keeps backups need not know what is in them
            fields = {
                "kind": asked.noun.name,
                "id": key,
                "version": done.version,
                "state": asked.noun.represent(state)["state"],
            }
            return Answer(asked.noun.name, key, done.version, fields, [], done.repeated)
        fields = self.fields(asked.noun, key, done.version, state)
        events = self.sight.events(done.events, done.stream, asked.actor)
        return Answer(asked.noun.name, key, done.version, fields, events, done.repeated)

    def entry(self, noun: Noun, key: str, actor: Actor) -> Entry:
        """State and version; `NotFound` where there is none that the person may know of."""
        if not self._well_formed(noun, key):
            raise NotFound(noun.name, key)
        entry = self.sight.entry(f"{noun.name}:{key}")
        if entry is None or not self.sight.may(noun, key, entry.state, actor):
            raise NotFound(noun.name, key)
        return entry

    @staticmethod
    def fields(noun: Noun, key: str, version: int, state: Any) -> Fields:
        """A state as it is shown."""
        return {"kind": noun.name, "id": key, "version": version, **noun.represent(state)}

    def _listed(self, noun: Noun, actor: Actor, limit: int, after: str) -> Page:
        found: list[Fields] = []
        keys = self.engine.log.streams_of(noun.name, after, MOST_LOADED + 1)
        for stream in keys[:MOST_LOADED]:
            key = stream.partition(":")[2]
            entry = self.sight.entry(stream)
            if entry is not None and self.sight.may(noun, key, entry.state, actor):
                found.append(self.fields(noun, key, entry.version, entry.state))
            if len(found) == limit:
                return Page(found, None if stream == keys[-1] else (key,))
        return Page(found, (keys[MOST_LOADED - 1].partition(":")[2],) if len(keys) > MOST_LOADED else None)

    @staticmethod
    def _well_formed(noun: Noun, key: str) -> bool:
        """Whether anything could have this key; asked before a database sees it."""
        return (UUID if noun.naming == "uuid" else NAME).fullmatch(key) is not None

    def _no_such(self, noun: Noun, key: str | None, action: str, actor: Actor) -> Exception:
        """An action that people cannot ask for: unknown, or one that time takes."""
        if key is not None:
            self.entry(noun, key, actor)
        if action in noun.by_time:
            return Forbidden(f"{action} happens by itself", f"{action} geschieht von selbst")
        return NotFound("action", action)

    def _named(self, noun: Noun, key: str | None, action: str, body: Body, actor: Actor) -> tuple[str, Body]:
        """Key and body of a thing that people name: one says both, or the actor's authority says the key."""
        data = mapping(body)
        if noun.naming == "caller":
            key = key or str(actor.authority)
            if key != actor.authority:
                raise NotFound(noun.name, key)
        elif noun.naming == "path":
            key = key or ""
        elif key is None:
            key = str(data.get(str(noun.key)) or "")
            if not self._well_formed(noun, key):
                raise InvalidCommand([(f"/{noun.key}", "a name is needed")])
        elif data.setdefault(str(noun.key), key) != key:
            raise InvalidCommand([(f"/{noun.key}", f"is not {key}, as the path says")])
        if self._well_formed(noun, key):
            there = self.sight.entry(f"{noun.name}:{key}")
            hidden = there is not None and not self.sight.may(noun, key, there.state, actor)
            if (there is None and action != noun.creates) or (hidden and action != noun.creates):
                raise NotFound(noun.name, key)
        return key, data


def mapping(body: Body) -> dict[str, object]:
    """A body as a mapping; parsed twice on purpose: faults of form are told by `parse`."""
    if isinstance(body, Mapping):
        return dict(body)
    try:
        found = json.loads(body or b"{}", object_pairs_hook=_once)
    except (ValueError, RecursionError) as wrong:
        raise InvalidCommand([("", str(wrong))]) from wrong
    if not isinstance(found, dict):
        raise InvalidCommand([("", "an object is expected")])
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
