"""An action as one block: what is asked for, in which states, by whom, and what is then recorded.

A command class holds its fields, its rows of the machine's table, how it is called in German and English, an example,
and `build`, which makes the events. Everything else that speaks of the action (API, pages, replay, diagram, list of
who may do what) reads it from there. Malformed commands are refused before anything is looked at.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple, TypeVar

from pydantic import ValidationError, ValidationInfo, field_validator

from workflow.engine.access import Actor, Role
from workflow.engine.events import Event, Model
from workflow.engine.naming.faults import describe_unreadable, list_faults
from workflow.engine.naming.given import checks_of
from workflow.errors import Forbidden, InvalidCommand
from workflow.text import InvalidValue, Text

OUTSIDE: Mapping[str, bool] = {"outside": True}
"""Context in which pydantic reads what somebody sends: some things only the server itself may say."""
MOST_ELEMENTS = 2000
"""Of all lists of a body together; the longest list of a command has half of it."""
Emitted = tuple[str, Event]
"""An event and the stream it belongs to. All that one command emits is stored together or not at all."""
Built = Event | list[Emitted]
"""What a command makes: one event of the stream that was asked, or events with their streams."""


def _nothing(command: "Command", _question: Any) -> Built:
    raise TypeError(f"{command.ACTION} records nothing by itself")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a machine's table; `en` and `de` say what happened, `basis` why it is so."""

    source: str
    action: str
    target: str
    roles: frozenset[Role]
    event: str
    guards: tuple[str, ...]
    en: str
    de: str
    basis: str
    build: Callable[[Any, Any], Built] = field(default=_nothing, repr=False)
    """(command, question) -> what is recorded when the row is taken."""
    when: Callable[[Any], bool] | None = field(default=None, repr=False)
    """Whether an event was recorded by this row, and not by one of the same source and event with another target."""

    def emit(self, stream: str, command: "Command", question: Any) -> list[Emitted]:
        """What is recorded when the row is taken, with the streams it belongs to; `stream` is the one asked."""
        built = self.build(command, question)
        return built if isinstance(built, list) else [(stream, built)]

    @property
    def by_time(self) -> bool:
        """Whether only the lapse of time, or another row's consequence, takes it."""
        return self.roles == {Role.SYSTEM}


def rows(
    sources: str,
    target: str | None,
    roles: Iterable[Role],
    event: type[Event],
    *guards: str,
    en: str,
    de: str,
    basis: str,
    build: Callable[[Any, Any], Built] = _nothing,
    when: Callable[[Any], bool] | None = None,
) -> tuple[Row, ...]:
    """One row for each source state, for the `ROWS` of a command, which adds its action.

    `sources` are states separated by spaces; `target` None stays in the state. `build` takes the place of the
    command's own method where its rows record different things. `when` tells events of this row from the same events
    of a row with another target.
    """
    who = frozenset(roles)
    return tuple(
        Row(source, "", target or source, who, event.TYPE, guards, en, de, basis, build, when)
        for source in sources.split()
    )


class Option(NamedTuple):
    """One action as a person sees it: allowed, or why not."""

    action: str
    allowed: bool
    why_not_en: str | None
    why_not_de: str | None


class Permission(NamedTuple):
    """Who may do what no row speaks of, such as creating, and how a refusal is worded."""

    roles: frozenset[Role]
    en: str
    de: str
    basis: str

    def check(self, actor: Actor) -> None:
        """`Forbidden` where none of the actor's roles may."""
        if actor.roles.isdisjoint(self.roles):
            raise Forbidden(self.en, self.de)

    def option(self, action: str, actor: Actor) -> Option:
        if actor.roles.isdisjoint(self.roles):
            return Option(action, False, self.en, self.de)
        return Option(action, True, None, None)


class Command(Model):
    """Base; `action` is the name in the machine's table and in the API, `en` and `de` are what a button says,
    `example` is a body that the API takes.
    """

    ACTION: ClassVar[str] = ""
    LABEL: ClassVar[Text] = Text("", "")
    """What a button says."""
    ROWS: ClassVar[tuple[Row, ...]] = ()
    """Of the machine's table; rows of the same source are tried in order."""
    PERMISSION: ClassVar[Permission | None] = None
    """Who may, for a command without rows."""
    EXAMPLE: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def __init_subclass__(
        cls, action: str = "", en: str = "", de: str = "", example: Mapping[str, Any] = {}, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if action:
            cls.ACTION, cls.LABEL, cls.EXAMPLE = action, Text(de, en), example
            cls.ROWS = tuple(
                replace(row, action=action, build=cls.build if row.build is _nothing else row.build) for row in cls.ROWS
            )

    @field_validator("*", mode="after")
    @classmethod
    def _check_given(cls, value: Any, info: ValidationInfo) -> Any:
        check = checks_of(cls).get(str(info.field_name))
        if check is not None:
            check(value)
        return value

    def build(self, question: Any) -> Built:
        return _nothing(self, question)

    def get(self, field: str) -> Any:
        """A field's value, None where commands of this kind have no such field.

        Quicker than `getattr` with a default, for which pydantic raises an error first.
        """
        return self.__dict__.get(field)

    @classmethod
    def open_to(cls) -> frozenset[Role]:
        """Who may ever do it, the lapse of time aside."""
        permitted = cls.PERMISSION.roles if cls.PERMISSION else frozenset()
        return permitted.union(*(row.roles for row in cls.ROWS)) - {Role.SYSTEM}

    @classmethod
    def sources(cls) -> str:
        """Why it is so, each source once."""
        permitted = [cls.PERMISSION.basis] if cls.PERMISSION else []
        return "; ".join(dict.fromkeys(permitted + [row.basis for row in cls.ROWS if not row.by_time]))


C = TypeVar("C", bound=Command)


def by_action(commands: Iterable[type[Command]]) -> dict[str, type[Command]]:
    """What people may ask, by action; what only the lapse of time takes is left out."""
    return {command.ACTION: command for command in commands if command.open_to()}


def parse(model: type[C], body: Mapping[str, object] | str | bytes) -> C:
    """A command from JSON text or a mapping; `InvalidCommand` names each fault by JSON Pointer."""
    try:
        if isinstance(body, str | bytes):
            found = json.loads(body, object_pairs_hook=take_keys_once)
            text: str | bytes = body
        else:
            found = body
            text = _write_json(body)
        if len(text) > MOST_ELEMENTS:  # a shorter one cannot hold more
            _check_number(found)
        return model.model_validate_json(text, context=dict(OUTSIDE))
    except ValidationError as wrong:
        raise InvalidCommand(list_faults(wrong.errors(include_url=False, include_input=False), found)) from wrong
    except (ValueError, TypeError, RecursionError) as wrong:
        raise InvalidCommand([("", describe_unreadable(wrong))]) from wrong


def _check_number(found: object) -> None:
    """`ValueError` where lists have more elements in all than any command needs, before each is looked at in full."""
    left, number = [found], 0
    while left:
        part = left.pop()
        if isinstance(part, list | tuple):
            number += len(part)
            if number > MOST_ELEMENTS:
                most = f"{MOST_ELEMENTS:,}"
                raise InvalidValue(
                    f"mehr als {most.replace(',', '.')} Einträge in allen Listen zusammen",
                    f"more than {most} elements in all lists together",
                )
            left += part
        elif isinstance(part, Mapping):
            left += part.values()


def take_keys_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """JSON lets a key stand twice and readers take either; two readers must not see two commands."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(n for n in names if names.count(n) > 1)
        raise InvalidValue(f"der Schlüssel {twice!r} steht zweimal", f"key {twice!r} stands twice")
    return found


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a command")


_write_json = json.JSONEncoder(default=_plain, allow_nan=False).encode
