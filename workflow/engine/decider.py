"""Deciding a batch: each command against the state that the ones before it leave, nothing kept until it is stored."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflow.engine.aggregate import Catalogue, Context, Emitted, Kind
from workflow.engine.clock import EARLIEST, SteadyClock
from workflow.engine.commands import Command
from workflow.engine.events import Event, PayloadsErased, decode, encode
from workflow.engine.memory import NOTHING, Entry, Memory
from workflow.engine.pending import Done, Ids, Pending, stamp, stamp_again
from workflow.engine.store.hash_chain import Head, Recorded, next_hash, payload_digest, quote_shared
from workflow.engine.store.log import Log
from workflow.engine.store.writer import Batch
from workflow.errors import DuplicateCommand, Forbidden, InvalidCommand, NotFound, StaleVersion
from workflow.text import Text

DRAWN_AT_ONCE = 1024

Entropy = Callable[[int], bytes]


class Decider:
    """What is known of the log: its head and the states folded so far. Used by one thread at a time, but for
    `current`.
    """

    def __init__(
        self, log: Log, catalogue: Catalogue[Any], rules: object, entropy: Entropy, clock: SteadyClock
    ) -> None:
        self.log = log
        self.catalogue = catalogue
        self.rules = rules
        self.entropy = entropy
        self.clock = clock
        self.memory = Memory()
        self.head = log.head()
        self.latest = self._read_latest()
        """Time of the last event."""
        self._careful = False
        self._drawn, self._used = "", 0

    def random(self, count: int) -> str:
        """`count` random bytes as hexadecimal text.

        Drawn many at a time: each draw from the system lets go of the interpreter, which is then anybody's.
        """
        if len(self._drawn) < self._used + 2 * count:
            self._drawn, self._used = self.entropy(max(DRAWN_AT_ONCE, count)).hex(), 0
        self._used += 2 * count
        return self._drawn[self._used - 2 * count : self._used]

    def begin(self) -> "Work":
        careful, self._careful = self._careful, False
        return Work(self, self.head, self.latest, careful)

    def careful(self) -> None:
        """In the next batch, look for repeated commands first: that may be why the last was not stored."""
        self._careful = True

    def commit(self, work: "Work") -> None:
        self.head, self.latest = work.head, work.latest
        self.memory.put(work.changed)
        if work.batch.erased:
            self.log.writer.clear_erased()

    def refresh(self) -> None:
        head = self.log.head()
        self.memory.forget(self.log.streams(changed_since=self.head.position))
        self.head = head
        self.latest = self._read_latest()

    def reset(self) -> None:
        """After a failure, trust nothing."""
        self.memory = Memory()

    def _read_latest(self) -> datetime:
        last = next(self.log.read_all(self.head.position - 1, 1), None) if self.head.position else None
        latest = datetime.fromisoformat(last.time) if last else EARLIEST
        self.clock.not_before(latest)
        return latest

    def behind(self) -> bool:
        return self.log.head() != self.head

    def current(self, stream: str) -> Entry:
        """A stream as committed now; for readers in any thread."""
        known = self.memory.get(stream)
        (version,) = self.log.versions(stream)
        if known is not None and known.version == version:
            return known
        entry = self._read_on(stream, known or NOTHING)
        self.memory.put({stream: entry})
        return entry

    def _read_on(self, stream: str, known: Entry) -> Entry:
        """A stream by what came after it was known; read anew where something of it was erased since."""
        kind = self.catalogue.kind(stream)
        rows = self.log.read(stream, kind.latest_only, after=known.version)
        if kind.latest_only or not known.version:
            return self.fold(kind, rows)
        if not rows or any(row.payload is None or row.type == PayloadsErased.TYPE for row in rows):
            return self.fold(kind, self.log.read(stream))
        return self.fold(kind, rows, known)

    def fold(self, kind: Kind, rows: list[Recorded], before: Entry = NOTHING) -> Entry:
        """A stream after some events, which follow what was known of it before."""
        if not rows:
            return before
        there = (row for row in rows if row.payload is not None)
        events = (decode(row.type, row.schema_version, str(row.payload), row.position) for row in there)
        state = kind.evolve.fold(events, before.state)
        return Entry(state, rows[-1].version, self.timers(kind, state))

    def timers(self, kind: Kind, state: object) -> dict[str, str]:
        if kind.due is None or state is None:
            return {}
        return {timer.key: stamp_again(timer.at) for timer in kind.due(state, self.rules)}

    def repeated(self, pending: Pending) -> Done | None:
        """The first result of a command done before; `DuplicateCommand` where it was another command."""
        rows = self.log.read_command(pending.command_id) if pending.command_id else []
        if not rows:
            return None
        if rows[0].command_digest != pending.digest:
            raise DuplicateCommand(rows[0].command_id)
        stream = pending.stream if ":" in pending.stream else rows[0].stream
        version = max((row.version for row in rows if row.stream == stream), default=0)
        return Done(stream, version, self.current(stream).state, tuple(rows), True)


class _Change:
    """A stream while the events of one command are folded into it."""

    __slots__ = ("kind", "state", "timers", "version")

    def __init__(self, kind: Kind, before: Entry) -> None:
        self.kind = kind
        self.state, self.version, self.timers = before


class Work:
    def __init__(self, decider: Decider, head: Head, latest: datetime, careful: bool) -> None:
        self._decider = decider
        self._careful = careful
        self.head = head
        self.latest = latest
        self.batch = Batch([], [], [], [])
        self.changed: dict[str, Entry] = {}
        self._minted: set[str] = set()
        self._done: dict[str, tuple[str, Done]] = {}
        """Command id -> digest and what it led to."""

    def entry(self, stream: str) -> Entry:
        entry = self.changed.get(stream) or self._decider.memory.get(stream)
        if entry is None and stream.rpartition(":")[2] in self._minted:
            return NOTHING
        if entry is None:
            kind = self._decider.catalogue.kind(stream)
            entry = self._decider.fold(kind, self._decider.log.writer.read(stream, kind.latest_only))
            self._decider.memory.put({stream: entry})
        return entry

    def decide(self, pending: Pending) -> Done:
        """Decide one command and add its events to the batch; raises without having added anything.

        Time does not go back in the log: where another process, or a virtual clock, was ahead, its time holds.
        """
        if pending.now < self.latest:
            pending = pending._replace(now=self.latest)
        if (before := self._done_before(pending)) is not None:
            return before
        entry = self.entry(pending.stream) if ":" in pending.stream else NOTHING
        if pending.expected_version is not None and pending.expected_version != entry.version:
            raise StaleVersion(pending.stream, pending.expected_version, entry.version)
        kind = self._decider.catalogue.kind(pending.stream)
        if pending.command is not None and pending.command.ACTION == "create" and ":" in pending.stream:
            says = Text(
                f"{pending.stream} gibt es schon; in der Kategorie anlegen",
                f"{pending.stream} is there already; create in its category",
            )
            raise InvalidCommand([("", says)])
        command_id = pending.command_id or self._decider.random(16)
        ids = Ids(command_id)
        context = Context(pending.stream, pending.actor, pending.now, self._decider.rules, self._load, ids)
        absent = pending.actor.on_behalf_of
        if absent is not None and not self._decider.catalogue.deputises(pending.actor.user, absent, context):
            raise Forbidden(
                f"{pending.actor.user} is no deputy of {absent} now", f"{pending.actor.user} vertritt {absent} nicht"
            )
        command = pending.command or self._timed(kind, entry, pending)
        emitted = kind.decide(entry.state, command, context)
        if not emitted:
            raise InvalidCommand([("", Text("Es würde nichts geschehen", "nothing would happen"))])
        # A stream named by an id made just now need not be looked for. Should a repeated command have made it before,
        # its command id is taken: the batch is then not stored but decided anew, repeated commands first.
        self._minted = ids.minted
        done = self._record(pending, command_id, emitted)
        self._done[command_id] = pending.digest, done
        self.latest = pending.now
        return done

    def _done_before(self, pending: Pending) -> Done | None:
        """The same command id earlier in this very batch, or, when careful, in the log."""
        if pending.command_id is None:
            return None
        done = self._done.get(pending.command_id)
        if done is None:
            return self._decider.repeated(pending) if self._careful else None
        digest, first = done
        if digest != pending.digest:
            raise DuplicateCommand(pending.command_id)
        return first._replace(repeated=True)

    def _load(self, stream: str) -> object | None:
        known = self.changed.get(stream) or self._decider.memory.get(stream) or self.entry(stream)
        return known.state  # type: ignore[no-any-return]  # whatever the aggregate's kind makes

    def _timed(self, kind: Kind, entry: Entry, pending: Pending) -> Command:
        timers = kind.due(entry.state, self._decider.rules) if kind.due and entry.state is not None else []
        found = next((t.command() for t in timers if t.key == pending.timer and t.at <= pending.now), None)
        if found is None:
            raise NotFound("timer", f"{pending.stream} {pending.timer}")
        return found

    def _record(self, pending: Pending, command_id: str, emitted: list[Emitted]) -> Done:
        """Fold the events and add their rows; the fold comes first, so that one that fails leaves nothing behind."""
        erased: list[int] = []
        for stream, event in emitted:
            positions = self._to_erase(stream, event) if event.DELETES else []
            if positions:
                erased += positions
                emitted = [*emitted, (stream, PayloadsErased(positions=_ranges(positions), basis=event.TYPE))]
        streams, versions = self._folded(emitted)
        timers = {stream: self._decider.timers(change.kind, change.state) for stream, change in streams.items()}
        rows = self._rows(pending, command_id, emitted, versions)
        self.batch.rows.extend(rows)
        self.batch.erased.extend(erased)
        entries = {}
        for stream, change in streams.items():
            old, new = change.timers, timers[stream]
            entries[stream] = Entry(change.state, change.version, new)
            if old != new:
                self.batch.timers_gone.extend((stream, key) for key in old if key not in new)
                self.batch.timers_new.extend((stream, k, at) for k, at in new.items() if old.get(k) != at)
        self.changed.update(entries)
        self.head = Head(rows[-1].position, rows[-1].hash)
        target = pending.stream if ":" in pending.stream else emitted[0][0]
        final = entries.get(target) or self.entry(target)
        return Done(target, final.version, final.state, tuple(rows))

    def _folded(self, emitted: list[Emitted]) -> tuple[dict[str, "_Change"], list[int]]:
        """Each stream after the events, and the version that each event makes."""
        streams: dict[str, _Change] = {}
        versions = []
        for stream, event in emitted:
            change = streams.get(stream)
            if change is None:
                change = streams[stream] = _Change(self._decider.catalogue.kind(stream), self.entry(stream))
            change.state = change.kind.evolve(change.state, event)
            change.version += 1
            versions.append(change.version)
        return streams, versions

    def _rows(self, pending: Pending, command_id: str, emitted: list[Emitted], versions: list[int]) -> list[Recorded]:
        rows: list[Recorded] = []
        position, before = self.head
        shared = (stamp(pending.now), pending.actor.user, pending.actor.on_behalf_of, command_id, pending.digest)
        quoted = quote_shared(*shared)
        salts = self._decider.random(16 * len(emitted))
        for ordinal, (stream, event) in enumerate(emitted):
            payload, salt = encode(event), salts[32 * ordinal : 32 * ordinal + 32]
            position += 1
            own = (position, stream, versions[ordinal], event.TYPE, event.SCHEMA)
            digest = payload_digest(salt, payload)
            before = next_hash(before, own, quoted, ordinal, digest)
            rows.append(Recorded._make((*own, *shared, ordinal, payload, salt, digest, before)))
        return rows

    def _to_erase(self, stream: str, event: Event) -> list[int]:
        """Positions whose payload a deletion takes along: those stored, and those earlier in this batch."""
        stored = [*self._decider.log.writer.read(stream), *(row for row in self.batch.rows if row.stream == stream)]
        found = []
        for row in stored:
            if row.payload is None or row.type == PayloadsErased.TYPE:
                continue
            if event.erases(decode(row.type, row.schema_version, row.payload, row.position)):
                found.append(row.position)
        return found


def _ranges(positions: list[int]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1] = (found[-1][0], position)
        else:
            found.append((position, position))
    return tuple(found)
