"""The engine: load, decide, append, in one transaction. Nobody else commits events.

Commands are decided one after another against the newest state, gathered from many threads, and made durable together;
each caller has its answer only after the commit. Whatever a decision looked at is still true when it is stored,
because storing needs the log's head to be where it was (`workflow.engine.store.log`). A command id makes a repeated
command answer with its first result (rule 25). Time passes only through the clock handed in.
"""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from workflow.engine.access import SYSTEM, Actor
from workflow.engine.aggregate import Catalogue
from workflow.engine.clock import SteadyClock
from workflow.engine.command_queue import LARGEST, Call, CommandQueue
from workflow.engine.commands import Command
from workflow.engine.decider import Decider, Entropy
from workflow.engine.events import Event, decode, encode
from workflow.engine.memory import NOTHING, Entry
from workflow.engine.pending import Done, Pending, stamp
from workflow.engine.store.hash_chain import ERASED, Head, Recorded
from workflow.engine.store.log import Log
from workflow.engine.store.persons.seen import Seen
from workflow.engine.store.projection import Projection
from workflow.engine.store.timers import Due, ReadStream
from workflow.engine.store.writer import HeadMoved
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreBusy, StoreUnavailable
from workflow.text import Text

S = TypeVar("S")
ATTEMPTS = 20
STREAMS_AT_ONCE = 200
PATIENCE = 3
"""How often one may be overtaken before one goes first."""


class Fired(NamedTuple):
    done: list[Done]
    refused: list[tuple[str, str, Text]]
    """(stream, timer, why); tried again a day later."""


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Engine:
    """Decides and stores; safe to call from any thread."""

    def __init__(
        self, url: str, catalogue: Catalogue[Any], *, clock: Callable[[], datetime] = wall_clock, rules: Any = None,
        entropy: Entropy = os.urandom, group: bool = True, most_bytes: int | None = None,
    ) -> None:  # fmt: skip
        self.log = Log(url, most_bytes)
        self.deliveries = self.log.deliveries
        self.seen = Seen(self.log.database)
        self.clock = SteadyClock(clock)
        self.catalogue = catalogue
        self.rules = catalogue.rules if rules is None else rules
        self._decider = Decider(self.log, self.catalogue, self.rules, entropy, self.clock)
        self._queue: CommandQueue[Pending, Done] = CommandQueue(self._run, largest=LARGEST if group else 1)
        self._when_appended: list[Callable[[], None]] = []

    def close(self) -> None:
        """Finish the commands that wait, then give all connections back."""
        self._queue.close()
        self.log.close()

    def when_appended(self, call: Callable[[], None]) -> None:
        """Have a function called, in any thread, each time that this engine has stored something."""
        self._when_appended.append(call)

    def handle(
        self,
        command: Command,
        actor: Actor,
        stream: str,
        *,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Done:
        """Decide a command and store what follows.

        `stream` is that of the aggregate, or only its category for a command that creates one. Raises what
        `workflow.errors` lists; then nothing was stored, except that after `StoreUnavailable` the same `command_id`
        should be sent again to be sure.
        """
        return self._queue.run(self._pending(command, actor, stream, expected_version, command_id))

    async def handle_soon(
        self,
        command: Command,
        actor: Actor,
        stream: str,
        *,
        expected_version: int | None = None,
        command_id: str | None = None,
    ) -> Done:
        """As `handle`, for an event loop, which goes on meanwhile.

        A caller that goes away does not take its command along: what became of it is asked for with the same id.
        """
        return await self._queue.run_soon(self._pending(command, actor, stream, expected_version, command_id))

    def _pending(
        self, command: Command, actor: Actor, stream: str, expected_version: int | None, command_id: str | None
    ) -> Pending:
        if command_id is not None and not (1 <= len(command_id) <= 200 and command_id.isprintable()):
            raise InvalidCommand(
                [("/command_id", Text("1 bis 200 druckbare Zeichen", "1 to 200 printable characters"))]
            )
        digest = _digest(command, actor, stream)
        return Pending(command, actor, stream, expected_version, command_id, digest, self.clock())

    def load(self, stream: str) -> Entry:
        """State and version of a stream as committed; `NotFound` where there is none."""
        entry = self._decider.current(stream)
        if entry.state is None:
            raise NotFound(*stream.split(":", 1)) if ":" in stream else NotFound(stream, "")
        return entry

    def remembered(self, stream: str) -> Entry | None:
        """A stream as this process knows it without asking the database; others may have changed it since."""
        return self._decider.memory.get(stream)

    def all_remembered(self) -> dict[str, Entry]:
        """Streams as `remembered`, all of one moment."""
        return self._decider.memory.copy()

    def fresh(self, *streams: str) -> list[Entry] | None:
        """Streams as committed now, where all are remembered and a quick look shows that they are still so; else None,
        and `load` is the way.
        """
        known = [self._decider.memory.get(stream) for stream in streams]
        if any(entry is None for entry in known):
            return None
        if self.log.in_memory:
            return [entry for entry in known if entry is not None]
        found = self.log.versions_at_once(*streams)
        entries = [entry for entry in known if entry is not None]
        return entries if found == [entry.version for entry in entries] else None

    def find(self, stream: str, kind: type[S]) -> S | None:
        """State of a stream as committed; None where there is none of that kind."""
        state = self._decider.current(stream).state
        return state if isinstance(state, kind) else None

    def load_at(self, stream: str, version: int, earlier: Entry = NOTHING) -> Any:
        """State of a stream as it was at a version; where some of it was erased since, as it is now.

        `earlier` is the stream as it was at that version or before, so that it is not folded from the beginning.
        """
        rows = self.log.read(stream, after=earlier.version)
        if any(row.payload is None or row.type == ERASED for row in rows):
            return self.load(stream).state
        return self._decider.fold(self.catalogue.kind(stream), rows[: version - earlier.version], earlier).state

    def history(self, stream: str) -> list[tuple[Recorded, Event | None]]:
        """Every event of a stream, oldest first; None for an erased payload."""
        return [(row, _decoded(row)) for row in self.log.read(stream)]

    def projection(self, name: str) -> Projection:
        return self.log.projection(name)

    def restore(self, events: Iterable[Recorded]) -> Head:
        """Fill an empty database from an exported log: verified, then timers are set anew from the states."""
        head = self.log.restore(events)
        self._decider.refresh()
        self.rebuild_timers()
        return head

    def rebuild_timers(self) -> None:
        """Set all timers anew from the states, some streams at a time; beside a working server too."""
        after: str | None = ""
        while after is not None:
            after = self.log.timers.rebuild(after, self._list_timers, STREAMS_AT_ONCE)

    def _list_timers(self, stream: str, read: ReadStream) -> list[Due]:
        kind = self.catalogue.kind(stream)
        found = self.timers_of(stream, read(stream)) if kind.due is not None else {}
        return [Due(stream, key, at) for key, at in found.items()]

    def timers_of(self, stream: str, events: list[Recorded]) -> dict[str, str]:
        """Timers that a stream's events ask for: key -> time as the log keeps it."""
        return self._decider.fold(self.catalogue.kind(stream), events).timers

    def next_timer(self) -> datetime | None:
        found = self.log.timers.next()
        return datetime.fromisoformat(found) if found else None

    def fire(self, until: datetime | None = None, limit: int = 1000) -> Fired:
        """Fire timers that are due, up to `limit`, each once even if several processes do so."""
        now = until or self.clock()
        fired = Fired([], [])
        for timer in self.log.timers.due(stamp(now), limit):
            self._fire_one(timer, now, fired)
        return fired

    def advance(self, until: datetime) -> Fired:
        """Let virtual time pass: every timer fires at its own time, in order, what it sets off included."""
        fired = Fired([], [])
        while due := self.log.timers.due(stamp(until), 1):
            self._fire_one(due[0], datetime.fromisoformat(due[0].at), fired)
        return fired

    def _fire_one(self, timer: Due, now: datetime, fired: Fired) -> None:
        command_id = timer.command_id
        digest = sha256(command_id.encode()).hexdigest()
        try:
            done = self._queue.run(Pending(None, SYSTEM, timer.stream, None, command_id, digest, now, timer.key))
            if done.repeated:  # it fired before and is due again at the same moment, at which time would stand still
                self.log.timers.drop(timer)
                return
            fired.done.append(done)
        except StoreUnavailable:
            raise
        except EvaError as no:
            if isinstance(no, NotFound) and no.kind == "timer":
                self.log.timers.drop(timer)  # the reason is gone since we looked
                return
            fired.refused.append((timer.stream, timer.key, no.text))
            self.log.timers.postpone(timer, stamp(datetime.fromisoformat(timer.at) + timedelta(days=1)), str(no))

    def _run(self, calls: list[Call[Pending, Done]]) -> None:
        """Decide a batch and store it; when somebody else has appended meanwhile, decide it anew.

        Whoever was overtaken a few times goes first, so that no process starves beside a busier one.
        """
        for attempt in range(ATTEMPTS):
            try:
                if attempt < PATIENCE:
                    self._attempt(calls)
                else:
                    with self.log.writer.going_first():
                        self._decider.refresh()
                        self._attempt(calls)
            except HeadMoved:
                self._decider.refresh()
            except EvaError as wrong:
                self._decider.reset()
                for call in calls:
                    call.error = wrong
                return
            else:
                return
        for call in calls:
            call.error = StoreBusy("other writers were always faster", "Andere Schreiber waren stets schneller")

    def _attempt(self, calls: list[Call[Pending, Done]]) -> None:
        work = self._decider.begin()
        refused = False
        for call in calls:
            call.result = call.error = None
            try:
                call.result = work.decide(call.argument)
            except Exception as no:  # noqa: BLE001 - a fault in one decision must not take the others of the batch along
                call.error = no
                refused = True
        if refused and self._decider.behind():
            raise HeadMoved  # whoever was refused may have been refused on old grounds
        for call in calls:
            if call.error is not None:
                self._repeat(call)
        if work.batch.rows:
            try:
                self.log.append(work.batch)
            except HeadMoved:
                self._decider.careful()
                raise
            self._decider.commit(work)
            for notify in self._when_appended:
                notify()

    def _repeat(self, call: Call[Pending, Done]) -> None:
        """A refusal of a command that was done before is not a refusal: it gets its first answer."""
        pending = call.argument
        try:
            before = self._decider.repeated(pending)
        except EvaError as wrong:
            call.error = wrong
        else:
            if before is not None:
                call.result, call.error = before, None


def _decoded(row: Recorded) -> Event | None:
    if row.payload is None:
        return None
    return decode(row.type, row.schema_version, row.payload, row.position)


def _digest(command: Command, actor: Actor, stream: str) -> str:
    """What makes two commands the same: who, for whom, where and what."""
    parts = (actor.user, actor.on_behalf_of or "", stream, command.ACTION, encode(command))
    return sha256("\n".join(parts).encode()).hexdigest()
