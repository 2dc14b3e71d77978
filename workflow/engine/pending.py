"""A command on its way to be decided: what is asked, the ids it makes, and what comes of it."""

import uuid
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple

from workflow.engine.access import Actor
from workflow.engine.commands import Command
from workflow.engine.fields import utc
from workflow.engine.store.hash_chain import Recorded

_NAMESPACE = uuid.NAMESPACE_URL.bytes


class Pending(NamedTuple):
    """A command waiting to be decided; `timer` instead of `command` for one that time has brought."""

    command: Command | None
    actor: Actor
    stream: str
    expected_version: int | None
    command_id: str | None
    """None: the decider draws one, so nobody can have used it before."""
    digest: str
    now: datetime
    timer: str | None = None


class Done(NamedTuple):
    stream: str
    version: int
    state: Any
    events: tuple[Recorded, ...]
    """All that were stored together, other streams' too."""
    repeated: bool = False
    """Whether this is the answer to an earlier command of the same id; `state` is then today's."""


def stamp(time: datetime) -> str:
    """A time as the log keeps it: UTC, always with microseconds, so that text order is time order.

    `ValueError` for a time without its zone.
    """
    if time.tzinfo is not UTC:
        time = utc(time)
    return time.isoformat(timespec="microseconds")[:-6] + "Z"


stamp_again = lru_cache(maxsize=4096)(stamp)
"""For timers, which are set for the beginning of the same days again and again."""


class Ids:
    """UUIDs that follow from the command id (RFC 9562, version 5), so that a repeated command makes the same ones."""

    __slots__ = ("_command_id", "_count", "minted")

    def __init__(self, command_id: str) -> None:
        self._command_id = command_id
        self._count = 0
        self.minted: set[str] = set()

    def __call__(self) -> str:
        self._count += 1
        digest = sha1(_NAMESPACE + f"{self._command_id}/{self._count}".encode(), usedforsecurity=False).hexdigest()
        variant = "89ab"[int(digest[16], 16) & 3]
        made = f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
        self.minted.add(made)
        return made
