"""The hash rule: how each event is bound to all before it. The same rule stands in docs/reference/log.md.

    payload_digest = SHA-256(salt, then payload), hexadecimal; salt as its 32 hexadecimal characters
    hash           = SHA-256(JSON array of: hash before, position, stream, version, type, schema_version, time, actor,
                     on_behalf_of, command_id, command_digest, ordinal, payload_digest)

JSON without spaces, non-ASCII characters as they are, UTF-8. There are only strings, integers and null in it, so any
JSON library writes the same bytes. The hash before position 1 is 64 zeros. Payload and salt may be removed later (for
erasure by law) without breaking the chain; the salt keeps a guessable payload from being confirmed by its digest.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from workflow.errors import Corrupted

GENESIS = "0" * 64
ERASED = "log.payloads_erased"
SALT = 32
"""Length of a salt in characters."""


class Recorded(NamedTuple):
    """An event as it stands in the log; fields are the columns of `events`."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    time: str
    actor: str
    on_behalf_of: str | None
    command_id: str
    command_digest: str
    ordinal: int
    payload: str | None
    salt: str | None
    payload_digest: str
    hash: str


_KINDS = (int, str, int, str, int, str, str, str, str, str, int, str, str, str, str)
_NULLABLE = {"on_behalf_of", "payload", "salt"}


class Head(NamedTuple):
    """Position and hash of the last event: a checkpoint that, kept elsewhere, shows a cut or rewritten log."""

    position: int
    hash: str


def payload_digest(salt: str, payload: str) -> str:
    return sha256((salt + payload).encode()).hexdigest()


Envelope = tuple[int, str, int, str, int, str, str, str | None, str, str, int]
"""Position to ordinal: the columns before the payload."""


def event_hash(before: str, event: Recorded) -> str:
    return sha256(hashed(before, event[:11], event.payload_digest).encode()).hexdigest()


def hashed(before: str, envelope: Envelope, digest: str) -> str:
    """The JSON array that is hashed; written by hand for speed, equal to what any JSON library writes."""
    position, stream, version, type_, schema, time, actor, absent, command_id, command_digest, ordinal = envelope
    shared = quote_shared(time, actor, absent, command_id, command_digest)
    return (
        f"[{quoted(before)},{position},{quoted(stream)},{version},{quoted(type_)},{schema},{shared},{ordinal},"
        f"{quoted(digest)}]"
    )


def quote_shared(time: str, actor: str, absent: str | None, command_id: str, command_digest: str) -> str:
    """The part of what is hashed that all events of a command have in common."""
    return (
        f"{quoted(time)},{quoted(actor)},{'null' if absent is None else quoted(absent)},{quoted(command_id)},"
        f"{quoted(command_digest)}"
    )


def next_hash(before: str, own: tuple[int, str, int, str, int], shared: str, ordinal: int, digest: str) -> str:
    """As `event_hash` for the one who appends; `own` are the columns from position to schema version.

    `shared` comes from `quote_shared`. The hashes and the type, which the engine makes itself, need no escaping.
    """
    position, stream, version, type_, schema = own
    text = f'["{before}",{position},{quoted(stream)},{version},"{type_}",{schema},{shared},{ordinal},"{digest}"]'
    return sha256(text.encode()).hexdigest()


def verify(events: Iterable[Recorded], head: str | None = None) -> Head:
    """Check a whole log from position 1; the head found.

    `head` is a hash kept elsewhere, of the last or any earlier event. `Corrupted` names the first bad position.
    """
    before, expected, erased, listed = GENESIS, 1, [], set[int]()
    seen_head = head is None or head == GENESIS
    versions: dict[str, int] = {}
    for event in events:
        _check(event, before, expected, versions)
        if event.payload is None:
            erased.append(event.position)
        elif event.type == ERASED:
            listed.update(_positions(event))
        before, expected = event.hash, expected + 1
        seen_head = seen_head or before == head
    for position in erased:
        if position not in listed:
            raise Corrupted(
                position,
                "the payload is missing, and no later event says that it was erased",
                "die Nutzdaten fehlen, und kein späteres Ereignis sagt, dass sie gelöscht wurden",
            )
    if not seen_head:
        raise Corrupted(
            expected,
            "the head kept elsewhere is not in this log: it was cut or rewritten",
            "der andernorts verwahrte Kopf steht nicht in diesem Protokoll: es wurde gekürzt oder umgeschrieben",
        )
    return Head(expected - 1, before)


def _check(event: Recorded, before: str, expected: int, versions: dict[str, int]) -> None:
    if event.position != expected:
        raise Corrupted(
            expected, f"missing; position {event.position} follows", f"fehlt; Position {event.position} folgt"
        )
    # Number 1 and text "1" stand alike in what is hashed, and text could move from the payload to its salt: what is
    # not of the written form is refused before anything is hashed.
    for name, kind, value in zip(Recorded._fields, _KINDS, event, strict=True):
        if type(value) is not kind and not (value is None and name in _NULLABLE):
            raise Corrupted(
                event.position,
                f"{name} is no longer {'a number' if kind is int else 'text'}",
                f"{name} ist {'keine Zahl' if kind is int else 'kein Text'} mehr",
            )
    if event.salt is not None and len(event.salt) != SALT:
        raise Corrupted(
            event.position, f"the salt does not have {SALT} characters", f"das Salz hat nicht {SALT} Zeichen"
        )
    if (event.payload is None) != (event.salt is None):
        raise Corrupted(
            event.position,
            "payload and salt are erased together or not at all",
            "Nutzdaten und Salz werden zusammen gelöscht oder gar nicht",
        )
    if event.payload is not None and payload_digest(str(event.salt), event.payload) != event.payload_digest:
        raise Corrupted(event.position, "payload or salt were changed", "Nutzdaten oder Salz wurden geändert")
    if event_hash(before, event) != event.hash:
        raise Corrupted(
            event.position,
            "a column was changed, or the event before it",
            "eine Spalte wurde geändert, oder das Ereignis davor",
        )
    version = versions.get(event.stream, 0) + 1
    if event.version != version:
        raise Corrupted(
            event.position,
            f"{event.stream} jumps from version {version - 1} to {event.version}",
            f"{event.stream} springt von Version {version - 1} auf {event.version}",
        )
    versions[event.stream] = version


def _positions(event: Recorded) -> Iterator[int]:
    for first, last in json.loads(str(event.payload))["positions"]:
        yield from range(first, last + 1)
