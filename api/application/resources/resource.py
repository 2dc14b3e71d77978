"""A resource of the API: how one kind of resource is named, asked, shown, listed, and to whom it is known.

What may be done, by whom and when stands in the machine's table; a resource only leads there.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from api.application.resources.representation import Fields, Representation
from workflow.engine.access import Actor, Role
from workflow.engine.commands import Command
from workflow.engine.machine import Machine, Option
from workflow.organisation.house_rules import Context
from workflow.views.queries import Views, Wanted

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NAME = re.compile(r"[^\s:/\x00-\x1f\x7f-\x9f\ud800-\udfff][^:/\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,119}")
After = tuple[str, ...]
"""Where a page begins: the sort key of the last row of the page before."""


class Page(NamedTuple):
    """Rows of a list, and where the next page begins; None after the last."""

    rows: list[Fields]
    next: After | None


@dataclass(frozen=True)
class Filter:
    """What a list may be asked for: a field of its rows, and the values of which it is to have one."""

    name: str
    en: str
    values: tuple[str, ...] = ()
    """All that it may be; none for free text."""


class Listing(NamedTuple):
    """What is asked of a list: values by filter, the order (`-` before it for the opposite one), and which page."""

    filters: Mapping[str, Sequence[str]] = MappingProxyType({})
    sort: str = ""
    limit: int = 50
    after: After | None = None

    def want(self, column: str | None = None) -> Wanted:
        """For a view; `column` is the one of the list's own order."""
        order = self.sort.removeprefix("-")
        filters = {name: found[0] if len(found) == 1 else list(found) for name, found in self.filters.items()}
        return Wanted(filters, column if order in {"", "id"} else order, self.sort.startswith("-"))

    def covers(self, row: Fields) -> bool:
        """Whether a row has, in each field asked for, one of the values; a field that is a list, among its own."""
        for name, wanted in self.filters.items():
            there = row[name] if isinstance(row[name], list) else [row[name]]
            if not any(value is not None and str(value) in wanted for value in there):
                return False
        return True


Lister = Callable[[Views, Actor, Listing], Page]


Show = Callable[[Any, Context], Any]
"""State, context -> what of the state the person may know: all of it, a part in the same shape, or None."""
Tell = Callable[[Any, Fields, Context], bool]
"""What is shown of the state, an event's data, context -> whether the person may know of the event."""


def show_if_known(state: Any, context: Context) -> Any:
    return state if state.known_to(context.actor) else None


def show_to_own_authority(state: Any, context: Context) -> Any:
    """To those of the state's authority, and whoever acts for all."""
    return state if context.actor.authority in {None, state.authority} else None


@dataclass(frozen=True)
class Knowledge:
    """Who may know what of the streams of a category; the one rule for reading, lists, history and feed alike."""

    show: Show = show_if_known
    tell: Tell | None = None
    """None where all events of what is shown may be known."""
    others: Callable[[Any], Iterable[str]] = lambda _: ()
    """Streams besides its own that `show` looks at."""


def find_any_allowed(options: Iterable[Sequence[Option]]) -> list[Option]:
    """One option for each action, from those of every part: allowed if it is for any of them."""
    return [next((o for o in same if o.allowed), same[0]) for same in zip(*options, strict=True)]


@dataclass(frozen=True)
class Resource:
    name: str
    """Also the category of its streams and, where it has one, the name of its machine."""
    plural: str
    """In paths."""
    en: str
    de: str
    commands: Mapping[str, type[Command]]
    """Action -> command, `create` among them."""
    representation: type[Representation]
    """What is answered of its state, besides kind, id and version."""
    options: Callable[[Any, Context, str | None], list[Option]]
    """Every action on it, or on the part named, and whether it may be done now."""
    knowledge: Knowledge = Knowledge()
    examples: Mapping[str, Fields] = field(default_factory=dict)
    """Action -> an example of its body; those of the commands, unless others are given."""
    audience: str = "of the own authority and up to the own clearance, and what one takes part in"
    """Whom `knowledge` lets know of it, in words."""
    machine: Machine[Any] | None = None
    creates: str = "create"
    """The action that makes a new one."""
    naming: Literal["uuid", "body", "caller", "path"] = "uuid"
    """Where its key comes from: made by the engine, a field of the command, the caller's authority, only the path."""
    key: str | None = None
    """Field of the command that names it."""
    identify: Callable[[Fields, Context], str | None] | None = None
    """Key of a new thing that people name in the body, where it is not that name as it stands; None where the body
    says none."""
    spell: Callable[[str, Context], str] | None = None
    """The key that a path means, where it has several spellings."""
    row: type[Representation] | None = None
    """A row in lists; None where lists show the whole."""
    part: str | None = None
    """What its parts are called in commands, such as `case`."""
    list_view: Lister | None = None
    """A list from a view; None where the log itself tells which there are."""
    sorts: tuple[str, ...] = ("id",)
    """Fields that the list may be ordered by, its own order first."""
    filters: tuple[Filter, ...] = ()
    body_limit: int = 2**20
    """Bytes that the body of a change may have."""
    evidence: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Action -> fields of its body that a server with a store of files makes itself and takes from nobody."""
    unseen: frozenset[str] = frozenset()
    """Actions that a person may do without knowing of the thing; then only its state is answered."""
    parts: str | None = None
    """Field that lists its parts; `part` with an `s` unless said otherwise."""
    example_roles: frozenset[Role] = frozenset({Role.CASE_WORKER})
    """Roles of whoever makes one in the examples of the API."""
    example_key: str | None = None
    """Key of the one in the examples, where people name it in the path."""
    example_steps: tuple[str, ...] = ()
    """Actions done with it in the examples once it is there."""
    by_time: frozenset[str] = field(default_factory=frozenset)
    """Actions that only the lapse of time, or another thing, takes."""

    @property
    def orders(self) -> tuple[str, ...]:
        """What `sort` may be; only views can be read backwards."""
        return (*self.sorts, *(f"-{one}" for one in self.sorts if self.list_view is not None))

    def count_cursor_parts(self, sort: str) -> int:
        """How many parts say where a page in that order begins."""
        return 1 if (sort.removeprefix("-") or self.sorts[0]) == "id" else 2

    def is_key(self, text: str) -> bool:
        """Whether anything of it could have this key; asked before a database sees it."""
        return (UUID if self.naming == "uuid" else NAME).fullmatch(text) is not None

    def __post_init__(self) -> None:
        own = {action: dict(command.EXAMPLE) for action, command in self.commands.items()}
        object.__setattr__(self, "examples", own | dict(self.examples))
        if self.parts is None and self.part is not None:
            object.__setattr__(self, "parts", f"{self.part}s")
        if self.machine is not None:
            timed = {row.action for row in self.machine.table} - set(self.commands)
            object.__setattr__(self, "by_time", frozenset(timed))
