"""What can go wrong in the engine, as one tree. HTTP gives each a status in `api/`, never here.

EvaError
├── NotAllowed            the state does not permit the action; names state, allowed actions and why
│   └── GuardFailed       the state would, but a named condition is not met
├── Forbidden             the person may not
├── NotFound              there is no such thing, or the person may not know of it
├── StaleVersion          the caller's expected version is not the current one
├── DuplicateCommand      the command id was used for another command
├── InvalidCommand        the command itself is malformed; lists each place as a JSON Pointer
├── Corrupted             the log does not verify, or holds what no release wrote
└── StoreUnavailable      the database does not answer; nothing was changed
    ├── StoreReplaced     the database is not the one that it was: moved, removed, another, or shorter
    ├── StoreFull         the disk or quota is full; nothing was changed
    └── StoreBusy         too many commands are waiting; try again
"""

from collections.abc import Sequence

from workflow.text import Text

MOST_FAULTS = 50
"""That are told of one command."""
LONGEST_FAULT = 500
"""Characters of a pointer, and of what is wrong there."""


class EvaError(Exception):
    """Base of all; `str()` is one English sentence, `text` the same in both languages.

    What a library says of it may follow in brackets, in the language of the library.
    """

    def __init__(self, en: str, de: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)

    @property
    def translated(self) -> bool:
        """Whether it can be told in German."""
        return self.text.de != self.text.en

    @property
    def de(self) -> str:
        """The sentence in German."""
        return self.text.de


class NotAllowed(EvaError):
    """The state does not permit the action (409)."""

    def __init__(self, machine: str, state: str, action: str, allowed: Sequence[str], en: str, de: str) -> None:
        super().__init__(en, de)
        self.machine = machine
        self.state = state
        self.action = action
        self.allowed_actions = tuple(allowed)


class GuardFailed(NotAllowed):
    """A named guard of the row says no (409)."""

    def __init__(
        self, machine: str, state: str, action: str, allowed: Sequence[str], guard: str, en: str, de: str
    ) -> None:
        super().__init__(machine, state, action, allowed, en, de)
        self.guard = guard


class Forbidden(EvaError):
    """Role, authority or clearance do not suffice (403); `guard` names the condition about the person, if any."""

    def __init__(self, en: str, de: str, guard: str = "") -> None:
        super().__init__(en, de)
        self.guard = guard


class NotFound(EvaError):
    """Unknown, or not to be known of (404)."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"there is no {kind} {key!r}", f"{kind} {key!r} gibt es nicht")
        self.kind = kind
        self.key = key


class StaleVersion(EvaError):
    """The stream has moved on since the caller read it (412); `expected` is -1 for a version that none can be."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        en, de = (f"{expected}", f"{expected}") if expected >= 0 else ("the one that is asked for", "der verlangten")
        super().__init__(
            f"{stream} is at version {actual}, not {en}", f"{stream} steht bei Version {actual}, nicht {de}"
        )
        self.stream = stream
        self.expected = expected
        self.actual = actual


class DuplicateCommand(EvaError):
    """A command id was used before, for another command or by another person (422)."""

    def __init__(self, command_id: str) -> None:
        super().__init__(
            f"command id {command_id!r} was used for another command",
            f"Die Kommandonummer {command_id!r} wurde schon für ein anderes Kommando verwendet",
        )
        self.command_id = command_id


class InvalidCommand(EvaError):
    """A malformed command (422); `faults` pairs a JSON Pointer with what is wrong there, so many and so long at most
    that a short command has no long answer.
    """

    def __init__(self, faults: Sequence[tuple[str, Text]]) -> None:
        told = [
            (pointer[:LONGEST_FAULT], Text(wrong.de[:LONGEST_FAULT], wrong.en[:LONGEST_FAULT]))
            for pointer, wrong in faults[:MOST_FAULTS]
        ]
        if len(faults) > MOST_FAULTS:
            more = f"{len(faults) - MOST_FAULTS:,}"
            told.append(("", Text(f"und {more} weitere Fehler", f"and {more} more faults")))
        lines = [
            "; ".join(f"{pointer or '/'}: {wrong.get(language)}" for pointer, wrong in told)
            for language in ("en", "de")
        ]
        super().__init__(*lines)
        self.faults = tuple((pointer, wrong.en) for pointer, wrong in told)
        self.texts = tuple(told)


class Corrupted(EvaError):
    """The log is not what was written; `position` is the first bad one."""

    def __init__(self, position: int, en: str, de: str) -> None:
        super().__init__(f"position {position}: {en}", f"Position {position}: {de}")
        self.position = position
        self.wrong = Text(de, en)


class StoreUnavailable(EvaError):
    """The database does not answer (503)."""


class StoreReplaced(StoreUnavailable):
    """The database is not the one that was opened, or that was served before (503)."""


class StoreFull(StoreUnavailable):
    """No space is left (507)."""


class StoreBusy(StoreUnavailable):
    """The queue of waiting commands is full (503)."""
