"""States already folded, by stream: what loading an aggregate costs nothing for, when it was loaded before."""

import threading
from collections.abc import Iterable
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """A stream's state after `version`; `timers` as they stand in the database, key -> time. None: no such stream."""

    state: Any
    version: int
    timers: dict[str, str]


NOTHING = Entry(None, 0, {})


class Memory:
    """A bounded map of streams; those unchanged for longest go first. Never goes back to an older version."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Lock()
        self.get = self._entries.get
        """stream -> what is known of it, or None."""

    def copy(self) -> dict[str, Entry]:
        """What is known just now of every stream."""
        return self._entries.copy()

    def put(self, entries: dict[str, Entry]) -> None:
        with self._lock:
            for stream, entry in entries.items():
                known = self._entries.pop(stream, None)
                newer = known if known is not None and known.version > entry.version else entry
                self._entries[stream] = newer
            while len(self._entries) > self._size:
                del self._entries[next(iter(self._entries))]

    def forget(self, streams: Iterable[str]) -> None:
        with self._lock:
            for stream in streams:
                self._entries.pop(stream, None)
