"""From "this resource, this action, this JSON body" to the engine, for HTTP and for replays alike.

Reading gives what the person may know of, and `NotFound` for all else; acting asks the machine through the engine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import to_json

from api.application.body import Body, parse_object
from api.application.resources import RESOURCES
from api.application.resources.representation import Fields
from api.application.resources.resource import After, Listing, Page, Resource
from api.application.visibility import Around, Visibility, describe_event
from workflow.engine.access import Actor
from workflow.engine.commands import Command, parse
from workflow.engine.engine import Engine
from workflow.engine.fields import clean
from workflow.engine.machine import Option
from workflow.engine.memory import Entry
from workflow.engine.pending import Done
from workflow.errors import Forbidden, InvalidCommand, NotFound
from workflow.text import Text
from workflow.views.queries import Views

MOST_RENDERED = 2000
MOST_EVENTS = 1000
"""Of a history, in one answer."""
MOST_LOADED = 500
"""Things looked at for one page of a list without a view; the page may then hold fewer than asked for."""


def format_command_id(user: str, key: str) -> str:
    """The id of a command that somebody sends under an idempotency key, which is each user's own."""
    return f"key:{user}:{key}"


class PreparedCommand(NamedTuple):
    """A command ready for the engine: the arguments of `Engine.handle`."""

    resource: Resource
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
        return str(self.resource["state"])


class ResourceService:
    """Asks an engine in the name of persons; safe to call from any thread."""

    def __init__(self, engine: Engine, views: Views, resources: Mapping[str, Resource] = RESOURCES) -> None:
        self.engine = engine
        self.views = views
        self.resources = resources
        self.visibility = Visibility(engine, resources)
        self._rendered: dict[str, tuple[int, bytes]] = {}

    def create(self, name: str, body: Body, actor: Actor, *, command_id: str | None = None) -> Answer:
        return self.execute(self.prepare(name, None, None, body, actor, command_id=command_id))

    def act(
        self,
        name: str,
        key: str,
        action: str,
        body: Body,
        actor: Actor,
        *,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Answer:
        return self.execute(self.prepare(name, key, action, body, actor, expected_version, command_id))

    def show(self, name: str, key: str, actor: Actor) -> Answer:
        """The resource as it is now; `NotFound` also where the person may not know of it."""
        resource = self.get_resource(name)
        entry = self.get_entry(resource, key, actor)
        return Answer(resource.name, key, entry.version, self.represent(resource, key, entry.version, entry.state))

    def render(self, resource: Resource, key: str, entry: Entry, actor: Actor, around: Around | None = None) -> bytes:
        """The resource as JSON, which is kept for as long as it does not change; `NotFound` as `show`.

        `around` are streams at hand that it depends on who may know it. A part shown to somebody is not kept.
        """
        stream = f"{resource.name}:{key}"
        shown = self.visibility.show(stream, entry.state, actor, around)
        if shown is None:
            raise NotFound(resource.name, key)
        if shown is not entry.state:
            return to_json(self.represent(resource, key, entry.version, shown))
        known = self._rendered.get(stream)
        if known is not None and known[0] == entry.version:
            return known[1]
        text = to_json(self.represent(resource, key, entry.version, entry.state))
        if len(self._rendered) >= MOST_RENDERED:
            self._rendered.clear()
        self._rendered[stream] = (entry.version, text)
        return text

    def load_and_render(self, resource: Resource, key: str, actor: Actor) -> tuple[int, bytes]:
        """Version and JSON of the resource; `NotFound` as `show`."""
        entry = self.visibility.get_entry(f"{resource.name}:{key}") if resource.is_key(key) else None
        if entry is None:
            raise NotFound(resource.name, key)
        return entry.version, self.render(resource, key, entry, actor)

    def actions(self, name: str, key: str, actor: Actor, part: str | None = None) -> list[Option]:
        """Every action of the machine: whether it may be done now, and if not, why; `part` names a case or item."""
        resource = self.get_resource(name)
        state = self.get_entry(resource, key, actor).state
        try:
            return resource.options(state, self.visibility.context(f"{resource.name}:{key}", actor), part)
        except InvalidCommand as wrong:
            raise NotFound(resource.part or "part", str(part)) from wrong

    def history(self, name: str, key: str, actor: Actor, *, limit: int = MOST_EVENTS, after: int = 0) -> Page:
        """Events behind a version, oldest first, so many at most; `data` is None where it was erased."""
        resource = self.get_resource(name)
        self.get_entry(resource, key, actor)
        return self.visibility.read_history(f"{resource.name}:{key}", actor, limit, after)

    def list(
        self, name: str, actor: Actor, *, filters: Mapping[str, str | Sequence[str]] | None = None, sort: str = "",
        limit: int = 50, after: After | None = None,
    ) -> Page:  # fmt: skip
        """A page of those that the person may know of; a filter has one value, or several of which one must be true."""
        resource = self.get_resource(name)
        self.visibility.check_deputy(actor)
        wanted = {name: (found,) if isinstance(found, str) else found for name, found in (filters or {}).items()}
        asked = Listing(wanted, sort, limit, after)
        if resource.list_view is not None:
            return resource.list_view(self.views, actor, asked)
        return self._list_from_log(resource, actor, asked)

    def get_resource(self, name: str) -> Resource:
        """The resource of a name in singular, such as `record`."""
        resource = self.resources.get(name)
        if resource is None:
            raise NotFound("resource", name)
        return resource

    def prepare(
        self,
        name: str,
        key: str | None,
        action: str | None,
        body: Body,
        actor: Actor,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> PreparedCommand:
        """The command that a body means, checked for form; without `key`, one that makes a new thing."""
        resource = self.get_resource(name)
        if action is None:
            action = resource.creates
        model = resource.commands.get(action)
        if model is None or (key is not None and resource.naming == "uuid" and action == resource.creates):
            raise self._no_such(resource, key, action, actor)
        if resource.naming != "uuid":
            key, body = self._name(resource, key, action, body, actor)
        command = parse(model, body or b"{}")
        if key is None:
            return PreparedCommand(resource, command, actor, resource.name, None, command_id)
        if not resource.is_key(key):
            raise NotFound(resource.name, key)
        return PreparedCommand(resource, command, actor, f"{resource.name}:{key}", expected_version, command_id)

    def execute(self, prepared: PreparedCommand) -> Answer:
        return self.answer(prepared, self.engine.handle(
            prepared.command, prepared.actor, prepared.stream,
            expected_version=prepared.expected_version, command_id=prepared.command_id,
        ))  # fmt: skip

    async def execute_soon(self, prepared: PreparedCommand) -> Done:
        return await self.engine.handle_soon(
            prepared.command, prepared.actor, prepared.stream,
            expected_version=prepared.expected_version, command_id=prepared.command_id,
        )  # fmt: skip

    def answer(self, prepared: PreparedCommand, done: Done) -> Answer:
        """What the person is told; of a repeated command, what they were told the first time."""
        key, actor = done.stream.partition(":")[2], prepared.actor
        state = self.visibility.get_state_at(done.stream, done.version) if done.repeated else done.state
        around: Around = {done.stream: Entry(done.state, done.version, {})}
        shown = self.visibility.show(done.stream, state, actor, around)
        if done.repeated and self.visibility.show(done.stream, done.state, actor, around) is None:
            shown = None  # what they were told once they may not know any more
        if shown is None:  # who keeps backups need not know what is in them
            fields = {
                "kind": prepared.resource.name,
                "id": key,
                "version": done.version,
                "state": prepared.resource.representation.read(state)["state"],
            }
            return Answer(prepared.resource.name, key, done.version, fields, [], done.repeated)
        fields = self.represent(prepared.resource, key, done.version, shown)
        known = {} if done.repeated else {done.stream: shown}  # of a repeated command, what they may know by now
        events = [describe_event(row) for row in self.visibility.events(done.events, actor, around, known)]
        return Answer(prepared.resource.name, key, done.version, fields, events, done.repeated)

    def get_entry(self, resource: Resource, key: str, actor: Actor) -> Entry:
        """State, as far as the person may know it, and version; `NotFound` where they may know nothing of it."""
        if not resource.is_key(key):
            raise NotFound(resource.name, key)
        stream = f"{resource.name}:{key}"
        entry = self.visibility.get_entry(stream)
        shown = None if entry is None else self.visibility.show(stream, entry.state, actor)
        if entry is None or shown is None:
            raise NotFound(resource.name, key)
        return entry._replace(state=shown)

    @staticmethod
    def represent(resource: Resource, key: str, version: int, state: Any) -> Fields:
        return {"kind": resource.name, "id": key, "version": version, **resource.representation.read(state)}

    def _list_from_log(self, resource: Resource, actor: Actor, asked: Listing) -> Page:
        found, after = list[Fields](), asked.after[0] if asked.after else ""
        keys = self.engine.log.streams(resource.name, after=after, most=MOST_LOADED + 1)
        for stream in keys[:MOST_LOADED]:
            key = stream.partition(":")[2]
            entry = self.visibility.get_entry(stream)
            shown = None if entry is None else self.visibility.show(stream, entry.state, actor)
            if entry is not None and shown is not None:
                row = self.represent(resource, key, entry.version, shown)
                found += [row] if asked.covers(row) else []
            if len(found) == asked.limit:
                return Page(found, None if stream == keys[-1] else (key,))
        return Page(found, (keys[MOST_LOADED - 1].partition(":")[2],) if len(keys) > MOST_LOADED else None)

    def _no_such(self, resource: Resource, key: str | None, action: str, actor: Actor) -> Exception:
        """An action that people cannot ask for: unknown, or one that time takes."""
        if key is not None:
            self.get_entry(resource, key, actor)
        if resource.machine is not None and action in resource.by_time:
            return Forbidden(*resource.machine.refuse_by_time(action))
        return NotFound("action", action)

    def _name(self, resource: Resource, key: str | None, action: str, body: Body, actor: Actor) -> tuple[str, Body]:
        """Key and body of a thing that people name: one says both, or the actor's authority says the key."""
        data = parse_object(body)
        context = self.visibility.context(resource.name, actor)
        key = None if key is None else _spell(key)
        written = key
        if key is not None and resource.spell is not None and resource.is_key(key):
            key = resource.spell(key, context)
        if resource.naming == "caller":
            key = key or str(actor.authority)
            if key != actor.authority:
                raise NotFound(resource.name, key)
        elif resource.naming == "path":
            key = key or ""
        elif key is None:
            named = resource.identify(data, context) if resource.identify else None
            key = _spell(named or str(data.get(str(resource.key)) or ""))
            data |= {str(resource.key): named} if named else {}
            if not resource.is_key(key):
                raise InvalidCommand([(f"/{resource.key}", Text("ein Name ist nötig", "a name is needed"))])
        elif _spell(str(data.setdefault(str(resource.key), key))) not in {key, written}:
            says = Text(f"ist nicht {key}, wie es der Pfad sagt", f"is not {key}, as the path says")
            raise InvalidCommand([(f"/{resource.key}", says)])
        else:
            data[str(resource.key)] = key
        if resource.is_key(key):
            stream = f"{resource.name}:{key}"
            there = self.visibility.get_entry(stream)
            hidden = there is not None and self.visibility.show(stream, there.state, actor) is None
            if (there is None and action != resource.creates) or (hidden and action != resource.creates):
                raise NotFound(resource.name, key)
        return key, data


def _spell(key: str) -> str:
    """A name as commands spell it, so that what it names has one stream; unchanged where it can be none."""
    try:
        return clean(key)
    except ValueError:
        return key
