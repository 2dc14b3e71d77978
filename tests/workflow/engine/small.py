"""A catalogue of the engine's own tests: a counter, a door with a machine, and a letter box that is emptied.

Nothing here knows a record or a routing slip, so that these tests show what the engine does by itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from workflow.engine.access import Actor, Role
from workflow.engine.aggregate import Catalogue, Context, Evolver, Kind, Timer, replace
from workflow.engine.commands import Command, Emitted, rows
from workflow.engine.engine import Engine
from workflow.engine.events import Event
from workflow.engine.machine import Guard, Machine
from workflow.errors import Forbidden, NotFound

START = datetime(2030, 1, 1, tzinfo=UTC)
ANNA = Actor("anna", frozenset({Role.CASE_WORKER}))
BERT = Actor("bert", frozenset({Role.APPROVER}))


@dataclass(frozen=True)
class Rules:
    """How far a counter goes, and after how many days an open door shuts by itself."""

    most: int = 100
    shuts_after: int = 1


class Added(Event, type="test.counter_added"):
    by: int


class Add(Command, action="add"):
    by: int = 1
    to: tuple[str, ...] = ()
    """Further counters that get as much."""


class Create(Command, action="create"):
    pass


@dataclass(frozen=True)
class Counter:
    total: int = 0
    steps: int = 0


evolve_counter: Evolver[Counter] = Evolver()


@evolve_counter.birth(Added)
def _first(event: Added) -> Counter:
    return Counter(event.by, 1)


@evolve_counter.on(Added)
def _further(counter: Counter, event: Added) -> Counter:
    if event.by == 13:
        raise ValueError("13 cannot be folded")
    return Counter(counter.total + event.by, counter.steps + 1)


def decide_counter(_counter: Counter | None, command: Command, context: Context[Rules]) -> list[Emitted]:
    if isinstance(command, Create):
        return [(f"counter:{context.new_id()}", Added(by=0))]
    assert isinstance(command, Add)
    if command.by == 0:
        return []
    if command.by < 0:
        raise Forbidden("a counter does not go back", "ein Zähler geht nicht zurück")
    targets = (context.stream, *(f"counter:{name}" for name in command.to))
    for target in targets:
        there = context.find(target, Counter) or Counter()
        if there.total + command.by > context.rules.most:
            raise Forbidden(f"{target} would be over {context.rules.most}", "der Zähler wäre zu hoch")
    return [(target, Added(by=command.by)) for target in targets]


class Opened(Event, type="test.door_opened"):
    until: datetime


class Shut(Event, type="test.door_shut"):
    by: str


class Locked(Event, type="test.door_locked"):
    by: str


@dataclass(frozen=True)
class Door:
    state: str
    until: datetime | None = None
    locked_by: str | None = None


@dataclass(frozen=True)
class Question:
    door: Door | None
    command: Any
    context: Context[Rules]

    def asking(self, action: str) -> Self:  # noqa: ARG002
        return type(self)(self.door, None, self.context)


EVERYBODY = (Role.CASE_WORKER, Role.APPROVER)


class Open(Command, action="open", en="Open", de="Öffnen"):
    ROWS = rows("shut", "open", EVERYBODY, Opened, en="opened", de="geöffnet", basis="house rule 1") + rows(
        "locked", "open", (Role.APPROVER,), Opened, "own_key", en="unlocked", de="aufgeschlossen", basis="house rule 2"
    )

    def build(self, question: Question) -> Event:
        return Opened(until=question.context.now + timedelta(days=question.context.rules.shuts_after))


class ShutDoor(Command, action="shut", en="Shut", de="Schließen"):
    reason: str = ""
    ROWS = rows("open", "shut", (*EVERYBODY, Role.SYSTEM), Shut, "reasoned", en="shut", de="geschlossen", basis="-")

    def build(self, question: Question) -> Event:
        return Shut(by=question.context.actor.user)


class Lock(Command, action="lock", en="Lock", de="Abschließen"):
    ROWS = rows("shut", "locked", (Role.APPROVER,), Locked, en="locked", de="abgeschlossen", basis="house rule 2")

    def build(self, question: Question) -> Event:
        return Locked(by=question.context.actor.user)


MACHINE: Machine[Question] = Machine(
    "door",
    {"shut": "zu", "open": "offen", "locked": "abgeschlossen"},
    "shut",
    frozenset({"locked"}),
    {
        "own_key": Guard(
            lambda ask: ask.door is not None and ask.door.locked_by == ask.context.actor.user,
            "only who locked it has the key", "Den Schlüssel hat nur, wer abgeschlossen hat", personal=True,
        ),
        "reasoned": Guard(
            lambda ask: ask.command is None or ask.command.reason != "because", "say why", "Eine Begründung fehlt",
        ),
    },
    commands=(Open, ShutDoor, Lock),
)  # fmt: skip

evolve_door: Evolver[Door] = Evolver()


@evolve_door.birth(Opened)
def _born(event: Opened) -> Door:
    return Door("open", event.until)


@evolve_door.on(Opened)
def _opened(door: Door, event: Opened) -> Door:
    return replace(door, state="open", until=event.until, locked_by=None)


@evolve_door.on(Shut)
def _shut(door: Door, _event: Shut) -> Door:
    return replace(door, state="shut", until=None)


@evolve_door.on(Locked)
def _locked(door: Door, event: Locked) -> Door:
    return replace(door, state="locked", locked_by=event.by)


def decide_door(door: Door | None, command: Command, context: Context[Rules]) -> list[Emitted]:
    ask = Question(door, command, context)
    row = MACHINE.step(door.state if door else "shut", command.ACTION, context.actor.roles, ask)
    return row.emit(context.stream, command, ask)


def due_door(door: Door, _rules: Rules) -> list[Timer]:
    if door.until is None:
        return []
    reason = "because" if door.until.hour == 13 else "time is up"
    return [Timer("shut", door.until, partial(ShutDoor, reason=reason))]


class LetterPut(Event, type="test.letter_put"):
    number: int
    text: str


class LettersErased(Event, type="test.letters_erased"):
    up_to: int
    DELETES = True

    def erases(self, earlier: Event) -> bool:
        return isinstance(earlier, LetterPut) and earlier.number <= self.up_to


class Put(Command, action="put"):
    text: str


class Erase(Command, action="erase"):
    up_to: int


@dataclass(frozen=True)
class LetterBox:
    letters: tuple[str, ...] = ()
    count: int = 0


evolve_box: Evolver[LetterBox] = Evolver()


@evolve_box.birth(LetterPut)
def _first_letter(event: LetterPut) -> LetterBox:
    return LetterBox((event.text,), event.number)


@evolve_box.on(LetterPut)
def _next_letter(box: LetterBox, event: LetterPut) -> LetterBox:
    return LetterBox((*box.letters, event.text), event.number)


@evolve_box.birth(LettersErased)
def _nothing_left(event: LettersErased) -> LetterBox:
    return LetterBox((), event.up_to)


@evolve_box.on(LettersErased)
def _fewer_letters(box: LetterBox, event: LettersErased) -> LetterBox:
    kept = box.count - event.up_to
    return LetterBox(box.letters[-kept:] if kept > 0 else (), box.count)


def decide_box(box: LetterBox | None, command: Command, context: Context[Rules]) -> list[Emitted]:
    if isinstance(command, Put):
        return [(context.stream, LetterPut(number=(box.count if box else 0) + 1, text=command.text))]
    assert isinstance(command, Erase)
    if box is None:
        raise NotFound("box", context.stream)
    return [(context.stream, LettersErased(up_to=command.up_to))]


def deputises(user: str, absent: str, _context: Context[Rules]) -> bool:
    return (user, absent) == ("anna", "bert")


SMALL: Catalogue[Rules] = Catalogue(
    {
        "counter": Kind(evolve_counter, decide_counter),
        "door": Kind(evolve_door, decide_door, due_door),
        "box": Kind(evolve_box, decide_box),
    },
    Rules(),
    deputises,
)


class House:
    """An engine with a clock that the test sets."""

    def __init__(self, url: str = "sqlite://", rules: Rules | None = None, seed: int = 1) -> None:
        self.url = url
        self.now = START
        self.engine = Engine(
            url, SMALL, clock=lambda: self.now, rules=rules, entropy=random.Random(seed).randbytes
        )  # fmt: skip

    def add(self, name: str = "a", by: int = 1, **more: Any) -> Any:
        return self.engine.handle(Add(by=by), ANNA, f"counter:{name}", **more)

    def total(self, name: str = "a") -> int:
        found = self.engine.find(f"counter:{name}", Counter)
        return found.total if found else 0

    def types(self, stream: str) -> list[str]:
        return [row.type for row in self.engine.log.read(stream)]


def opened(url: str = "sqlite://", **more: Any) -> Iterator[House]:
    """For fixtures: a house whose log verifies when the test ends."""
    house = House(url, **more)
    yield house
    house.engine.log.verify()
    house.engine.close()
