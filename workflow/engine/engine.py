"""The engine: load, decide, append, in one transaction. Nobody else commits events.

Commands are decided one after another against the newest state, gathered from many threads, and made durable together;
each caller has its answer only after the commit. Whatever a decision looked at is still true when it is stored,
because storing needs the log's head to be where it was (`workflow.engine.store.log`). A command id makes a repeated
command answer with its first result (rule 25). Time passes only through the clock handed in.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa

from workflow.engine.access import SYSTEM, Actor
from workflow.engine.aggregate import Catalogue
from workflow.engine.commands import Command
from workflow.engine.decider import Decider, Entropy
from workflow.engine.events import Event, decode
from workflow.engine.group_commit import Call, GroupCommit
from workflow.engine.memory import Entry
from workflow.engine.pending import Pending, stamp
from workflow.engine.store.hash_chain import Head, Recorded
from workflow.engine.store.log import HeadMoved, Log
from workflow.engine.store.tables import TimerRow
from workflow.errors import EvaError, InvalidCommand, NotFound, StoreBusy, StoreUnavailable

TIMERS: sa.Table = TimerRow.__table__  # type: ignore[attr-defined]
ATTEMPTS = 20
PATIENCE = 3
"""How often one may be overtaken before one goes first."""


class Done(NamedTuple):
    """What a command led to."""

    stream: str
    version: int
    state: Any
    events: tuple[Recorded, ...]
    """All that were stored together, other streams' too."""
    repeated: bool = False
    """Whether this is the answer to an earlier command of the same id; `state` is then today's."""


class Fired(NamedTuple):
    """What passing time led to."""

    done: list[Done]
    refused: list[tuple[str, str, str]]
    """(stream, timer, why); tried again a day later."""


def wall_clock() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


class Engine:
    """Decides and stores; safe to call from any thread."""

    def __init__(
        self,
        url: str,
        catalogue: Catalogue[Any],
        *,
        clock: Callable[[], datetime] = wall_clock,
        rules: Any = None,
        entropy: Entropy = os.urandom,
        group: bool = True,
    ) -> None:
        self.log = Log(url)
        self.clock = clock
        self.catalogue = catalogue
        self.rules = catalogue.rules if rules is None else rules
        self._decider = Decider(self.log, self.catalogue, self.rules, entropy)
        self._commit: GroupCommit[Pending, Done] = GroupCommit(self._run, largest=256 if group else 1)

    def close(self) -> None:
        """Give all connections back."""
        self.log.close()

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
        if command_id is not None and not (1 <= len(command_id) <= 200 and command_id.isprintable()):
            raise InvalidCommand([("/command_id", "1 to 200 printable characters")])
        digest = _digest(command, actor, stream)
        return self._commit(Pending(command, actor, stream, expected_version, command_id, digest, self.clock()))

    def handle_many(self, asked: Sequence[tuple[Command, Actor, str, int | None, str]]) -> list[Done | BaseException]:
        """As `handle` for many commands, each with a command id, made durable together; what became of each."""
        now = self.clock()
        pending = []
        refused: dict[int, BaseException] = {}
        for number, (command, actor, stream, expected, command_id) in enumerate(asked):
            if not 1 <= len(command_id) <= 200 or not command_id.isprintable():
                refused[number] = InvalidCommand([("/command_id", "1 to 200 printable characters")])
                continue
            digest = _digest(command, actor, stream)
            pending.append(Pending(command, actor, stream, expected, command_id, digest, now))
        outcomes = iter(self._commit.many(pending))
        return [refused[n] if n in refused else next(outcomes) for n in range(len(asked))]

    def load(self, stream: str) -> Entry:
        """State and version of a stream as committed; `NotFound` where there is none."""
        entry = self._decider.current(stream)
        if entry.state is None:
            raise NotFound(*stream.split(":", 1)) if ":" in stream else NotFound(stream, "")
        return entry

    def remembered(self, stream: str) -> Entry | None:
        """A stream as this process knows it without asking the database; others may have changed it since."""
        return self._decider.memory.get(stream)

    def fresh(self, *streams: str) -> list[Entry] | None:
        """Streams as committed now, where all are remembered and a quick look shows that they are still so; else None,
        and `load` is the way.
        """
        known = [self._decider.memory.get(stream) for stream in streams]
        if any(entry is None for entry in known):
            return None
        if self.log.database.in_memory:
            return [entry for entry in known if entry is not None]
        found = self.log.versions(*streams)
        entries = [entry for entry in known if entry is not None]
        return entries if found == [entry.version for entry in entries] else None

    def load_at(self, stream: str, version: int) -> Any:
        """State of a stream as it was at a version; where some of it was erased since, as it is now."""
        rows = self.log.stream(stream)
        if any(row.payload is None for row in rows):
            return self.load(stream).state
        return self._decider.fold(self._decider.kind(stream), rows[:version]).state

    def history(self, stream: str) -> list[tuple[Recorded, Event | None]]:
        """Every event of a stream, oldest first; None for an erased payload."""
        return [(row, _decoded(row)) for row in self.log.stream(stream)]

    def erase_leftovers(self) -> None:
        """Clear the write-ahead log of what was erased."""
        self.log.compact()

    def restore(self, events: Iterable[Recorded]) -> Head:
        """Fill an empty database from an exported log: verified, then timers are set anew from the states."""
        head = self.log.restore(events)
        self._decider.refresh()
        self.rebuild_timers()
        return head

    def rebuild_timers(self) -> None:
        """Derive every timer again from the states."""
        streams = sorted(self.log.streams_since(0))
        rows = [
            {"stream": stream, "key": key, "at": at}
            for stream in streams
            for key, at in self._decider.current(stream).timers.items()
        ]
        with self.log.database.write(unhurried=True) as connection:
            connection.execute(sa.delete(TIMERS))
            if rows:
                connection.execute(sa.insert(TIMERS), rows)

    def next_timer(self) -> datetime | None:
        """When the next timer is due."""
        with self.log.database.read() as connection:
            found = connection.execute(sa.select(sa.func.min(TIMERS.c.at))).scalar()
        return datetime.fromisoformat(found) if found else None

    def fire(self, until: datetime | None = None, limit: int = 1000) -> Fired:
        """Fire timers that are due, up to `limit`, each once even if several processes do so."""
        now = until or self.clock()
        fired = Fired([], [])
        for stream, key, at in self._due(now, limit):
            self._fire_one(stream, key, at, now, fired)
        return fired

    def advance(self, until: datetime) -> Fired:
        """Let virtual time pass: every timer fires at its own time, in order, what it sets off included."""
        fired = Fired([], [])
        while due := self._due(until, 1):
            stream, key, at = due[0]
            self._fire_one(stream, key, at, datetime.fromisoformat(at), fired)
        return fired

    def _due(self, now: datetime, limit: int) -> list[tuple[str, str, str]]:
        columns = (TIMERS.c.stream, TIMERS.c.key, TIMERS.c.at)
        query = sa.select(*columns).where(TIMERS.c.at <= stamp(now)).order_by(TIMERS.c.at, *columns[:2]).limit(limit)
        with self.log.database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def _fire_one(self, stream: str, key: str, at: str, now: datetime, fired: Fired) -> None:
        command_id = f"timer:{stream}:{key}:{at}"
        pending = Pending(None, SYSTEM, stream, None, command_id, sha256(command_id.encode()).hexdigest(), now, key)
        try:
            fired.done.append(self._commit(pending))
        except StoreUnavailable:
            raise
        except EvaError as no:
            if isinstance(no, NotFound) and no.kind == "timer":
                self._drop_timer(stream, key, at)  # the reason is gone since we looked
                return
            fired.refused.append((stream, key, str(no)))
            self._postpone(stream, key, at, str(no))

    def _drop_timer(self, stream: str, key: str, at: str) -> None:
        with self.log.database.write() as connection:
            connection.execute(
                sa.delete(TIMERS).where(TIMERS.c.stream == stream, TIMERS.c.key == key, TIMERS.c.at == at)
            )

    def _postpone(self, stream: str, key: str, at: str, why: str) -> None:
        later = stamp(datetime.fromisoformat(at) + timedelta(days=1))
        with self.log.database.write() as connection:
            mine = (TIMERS.c.stream == stream, TIMERS.c.key == key, TIMERS.c.at == at)
            connection.execute(sa.update(TIMERS).where(*mine).values(at=later, refused=why))

    def _run(self, calls: list[Call[Pending, Done]]) -> None:
        """Decide a batch and store it; when somebody else has appended meanwhile, decide it anew.

        Whoever was overtaken a few times goes first, so that no process starves beside a busier one.
        """
        for attempt in range(ATTEMPTS):
            try:
                if attempt < PATIENCE:
                    self._attempt(calls)
                else:
                    with self.log.going_first():
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
                call.result = Done(*work.decide(call.argument))
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

    def _repeat(self, call: Call[Pending, Done]) -> None:
        """A refusal of a command that was done before is not a refusal: it gets its first answer."""
        pending = call.argument
        try:
            before = self._decider.repeated(pending)
        except EvaError as wrong:
            call.error = wrong
        else:
            if before is not None:
                call.result, call.error = Done(*before), None


def _decoded(row: Recorded) -> Event | None:
    if row.payload is None:
        return None
    return decode(row.type, row.schema_version, row.payload, row.position)


def _digest(command: Command, actor: Actor, stream: str) -> str:
    """What makes two commands the same: who, for whom, where and what."""
    parts = (actor.user, actor.on_behalf_of or "", stream, command.ACTION, command.model_dump_json())
    return sha256("\n".join(parts).encode()).hexdigest()
